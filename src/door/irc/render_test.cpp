#include "door/irc/render.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "door/irc/scene_test.hpp"

namespace brusio::door::irc {
namespace {

const chat::person anna{"anna", "anna!~a@h", {}, false};
const chat::person mario{"mario", "mario!~m@h", "acc", true};
const chat::session_id one{1, 1};
constexpr std::int64_t at = 1'795'422'271'123;
constexpr caps all_caps = ~caps{0};

std::string rendered(const chat::effect& what, caps shape = 0) {
    std::string out;
    render(out, what, shape, "s");
    return out;
}

struct row {
    std::string_view name;
    chat::effect what;
    caps shape;
    std::string_view lines;
};

class render_table : public testing::TestWithParam<row> {};

TEST_P(render_table, as_written) { EXPECT_EQ(rendered(GetParam().what, GetParam().shape), GetParam().lines); }

const chat::joined joined{
    .session = one, .channel_name = "#c", .who = anna, .real_name = "Anna  A.", .away = "lunch", .at_ms = at};
const chat::joined joined_account{
    .session = one, .channel_name = "#c", .who = mario, .real_name = "M", .away = {}, .at_ms = at};

INSTANTIATE_TEST_SUITE_P(
    joining, render_table,
    testing::Values(row{"plain", joined, 0, ":anna!~a@h JOIN #c\r\n"},
                    row{"extended", joined, extended_join, ":anna!~a@h JOIN #c * :Anna  A.\r\n"},
                    row{"account", joined_account, extended_join, ":mario!~m@h JOIN #c acc :M\r\n"},
                    row{"away", joined, away_notify, ":anna!~a@h JOIN #c\r\n:anna!~a@h AWAY :lunch\r\n"},
                    row{"not_away", joined_account, away_notify, ":mario!~m@h JOIN #c\r\n"},
                    row{"time", joined, server_time, "@time=2026-11-23T08:24:31.123Z :anna!~a@h JOIN #c\r\n"},
                    row{"tags", joined_account, account_tag | message_tags, "@account=acc;bot :mario!~m@h JOIN #c\r\n"},
                    row{"no_account", joined, account_tag | message_tags, ":anna!~a@h JOIN #c\r\n"}),
    [](const auto& one_row) { return std::string(one_row.param.name); });

INSTANTIATE_TEST_SUITE_P(
    leaving, render_table,
    testing::Values(row{"part", chat::parted{.channel_name = "#c", .who = anna, .reason = "bye bye"}, 0,
                        ":anna!~a@h PART #c :bye bye\r\n"},
                    row{"part_silent", chat::parted{.channel_name = "#c", .who = anna}, 0, ":anna!~a@h PART #c\r\n"},
                    row{"kick", chat::kicked{.channel_name = "#c", .by = anna, .nick = "mario", .reason = "out"}, 0,
                        ":anna!~a@h KICK #c mario :out\r\n"},
                    row{"quit", chat::left{.who = anna, .reason = "Quit: x", .at_ms = at}, server_time,
                        "@time=2026-11-23T08:24:31.123Z :anna!~a@h QUIT :Quit: x\r\n"}),
    [](const auto& one_row) { return std::string(one_row.param.name); });

chat::person called(std::string mask) { return {"x", std::move(mask), {}, false}; }

INSTANTIATE_TEST_SUITE_P(
    people, render_table,
    testing::Values(
        row{"nick", chat::renamed{.before = anna, .after = called("eva!~a@h")}, 0, ":anna!~a@h NICK eva\r\n"},
        row{"only_the_name", chat::renamed{.before = anna, .after = called("anna!~a@h")}, all_caps, ""},
        row{"away", chat::away_set{.who = anna, .text = "x y"}, away_notify, ":anna!~a@h AWAY :x y\r\n"},
        row{"back", chat::away_set{.who = anna}, away_notify, ":anna!~a@h AWAY\r\n"},
        row{"away_unasked", chat::away_set{.who = anna, .text = "x"}, all_caps & ~caps{away_notify}, ""},
        row{"real_name", chat::real_name_set{.who = anna, .text = "A A"}, setname, ":anna!~a@h SETNAME :A A\r\n"},
        row{"real_name_unasked", chat::real_name_set{.who = anna, .text = "A"}, all_caps & ~caps{setname}, ""},
        row{"host", chat::host_set{.before = anna, .after = called("anna!~a@new.host")}, chghost,
            ":anna!~a@h CHGHOST ~a new.host\r\n"},
        row{"host_unasked", chat::host_set{.before = anna, .after = called("anna!~a@n")}, 0,
            ":anna!~a@h QUIT :Changing host\r\n"},
        row{"host_shown_unasked",
            chat::host_shown{.channel_name = "#c",
                             .who = called("anna!~a@n"),
                             .real_name = "A",
                             .away = "out",
                             .has = chat::channel_operator | chat::voice},
            extended_join | away_notify,
            ":anna!~a@n JOIN #c * :A\r\n:anna!~a@n AWAY :out\r\n:s MODE #c +ov anna anna\r\n"},
        row{"host_shown", chat::host_shown{.channel_name = "#c", .who = called("anna!~a@n")}, all_caps, ""},
        row{"invited", chat::invited{.channel_name = "#c", .by = anna, .nick = "eva"}, invite_notify,
            ":anna!~a@h INVITE eva #c\r\n"},
        row{"invited_unasked", chat::invited{.channel_name = "#c", .by = anna, .nick = "eva"},
            all_caps & ~caps{invite_notify}, ""},
        row{"wallops", chat::called_out{.who = anna, .text = "fire !"}, 0, ":anna!~a@h WALLOPS :fire !\r\n"}),
    [](const auto& one_row) { return std::string(one_row.param.name); });

chat::modes_changed modes(std::vector<chat::mode_change> changes) {
    return {.channel_name = "#c", .by = anna, .changes = std::move(changes)};
}

INSTANTIATE_TEST_SUITE_P(
    channels, render_table,
    testing::Values(
        row{"topic", chat::topic_changed{.channel_name = "#c", .by = anna, .text = "a b"}, 0,
            ":anna!~a@h TOPIC #c :a b\r\n"},
        row{"no_topic", chat::topic_changed{.channel_name = "#c", .by = anna, .text = ""}, 0,
            ":anna!~a@h TOPIC #c :\r\n"},
        row{"modes",
            modes({{true, 'o', "eva", {}}, {true, 'i', {}, {}}, {false, 'k', "key", {}}, {true, 'l', "5", {}}}), 0,
            ":anna!~a@h MODE #c +oi-k+l eva key 5\r\n"}),
    [](const auto& one_row) { return std::string(one_row.param.name); });

TEST(render, effects_for_one_client_are_nothing_to_the_others) {
    for (const auto& e : std::initializer_list<chat::effect>{
             chat::refused{}, chat::logged_in{}, chat::own_modes_changed{}, chat::remember{}, chat::names_are{},
             chat::door_asked{.topic = "=PING x"}, chat::came_or_went{}, chat::channel_renamed{}}) {
        EXPECT_EQ(rendered(e, all_caps), "") << e.index();
    }
}

TEST(render, many_modes_become_lines_that_hold_their_values_whole) {
    std::vector<chat::mode_change> changes;
    for (int i = 0; i < 40; ++i) changes.push_back({i % 2 == 0, 'b', std::string(60, 'x') + std::to_string(i), {}});
    std::size_t next = 0;
    for (const auto& line : test::lines_of(rendered(modes(changes), all_caps))) {
        const auto parsed = wire::parse_irc(line).value();
        ASSERT_EQ(parsed.verb, "MODE");
        bool add = true;
        std::size_t value = 2;
        for (const char c : parsed.param(1)) {
            if (c != 'b') {
                add = c == '+';
                continue;
            }
            ASSERT_LT(next, changes.size());
            EXPECT_EQ(add, changes[next].add);
            EXPECT_EQ(parsed.param(value++), changes[next++].value);
        }
        EXPECT_EQ(value, parsed.param_count);
    }
    EXPECT_EQ(next, changes.size());
}

TEST(render, no_line_of_modes_has_more_parameters_than_a_line_can) {
    std::vector<chat::mode_change> changes;
    for (std::size_t i = 0; i < chat::changes_max; ++i) changes.push_back({true, 'v', "n" + std::to_string(i), {}});
    std::size_t values = 0;
    for (const auto& line : test::lines_of(rendered(modes(changes)))) {
        const auto parsed = wire::parse_irc(line).value();
        EXPECT_EQ(parsed.param(1), "+" + std::string(parsed.param_count - 2, 'v'));
        for (std::size_t i = 2; i < parsed.param_count; ++i) {
            EXPECT_EQ(parsed.param(i), "n" + std::to_string(values++));
        }
    }
    EXPECT_EQ(values, chat::changes_max);
}

TEST(render, times_are_written_as_server_time_has_them) {
    EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(time_text(at), "2026-11-23T08:24:31.123Z");
    EXPECT_EQ(time_text(951'782'400'007), "2000-02-29T00:00:00.007Z");
}

TEST(render, message_ids_differ_and_sort_as_their_numbers) {
    std::string last;
    for (const std::uint64_t id : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 16U,
                                   static_cast<std::uint64_t>(at) << 16U, ~std::uint64_t{0}}) {
        const auto text = msgid_text({id});
        EXPECT_EQ(text.size(), 13U);
        EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"), std::string::npos);
        if (!last.empty()) EXPECT_NE(text, last);
        last = text;
    }
}

TEST(render, prefixes_are_highest_first) {
    EXPECT_EQ(prefixes_of(chat::voice | chat::founder | chat::channel_operator, true), "~@+");
    EXPECT_EQ(prefixes_of(chat::voice | chat::channel_operator, false), "@");
    EXPECT_EQ(prefixes_of(0, true), "");
}

TEST(render, whatever_the_shape_lines_are_whole) {
    const std::string nasty = "a\r\nQUIT :x\0\x01 \xF0\x9F\x99\x82";
    const std::string long_text(5000, 'x');
    for (caps bit = 1; bit <= shape_caps; bit <<= 1U) {
        for (const auto& text : {nasty, long_text}) {
            for (const chat::effect& e : std::initializer_list<chat::effect>{
                     chat::parted{.channel_name = "#c", .who = anna, .reason = text},
                     chat::kicked{.channel_name = "#c", .by = anna, .nick = "e", .reason = text},
                     chat::left{.who = mario, .reason = text},
                     chat::topic_changed{.channel_name = "#c", .by = anna, .text = text},
                     chat::away_set{.who = mario, .text = text}, chat::real_name_set{.who = anna, .text = text},
                     chat::called_out{.who = mario, .text = text}}) {
                for (const auto& line : test::lines_of(rendered(e, bit))) EXPECT_TRUE(base::valid_utf8(line));
            }
        }
    }
}

}  // namespace
}  // namespace brusio::door::irc
