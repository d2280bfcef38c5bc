#include <random>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "door/irc/render.hpp"
#include "door/irc/scene_test.hpp"
#include "wire/irc_tags.hpp"

namespace brusio::door::irc {
namespace {

constexpr caps whole = message_tags | server_time | batch | multiline;

// The longest that there can be.
const chat::person longest{
    std::string(32, 'n'), std::string(32, 'n') + "!" + std::string(20, 'u') + "@" + std::string(63, 'h'), {}, false};
const std::string longest_channel = "@#" + std::string(63, 'c');
const chat::person anna{"anna", "anna!~a@h", {}, false};

std::string rendered(const chat::message& what, caps shape, const chat::person& who = anna,
                     std::string_view target = "#c") {
    std::string out;
    render_message(out, {{7}, 0, &who, target, &what}, shape);
    return out;
}
chat::message formatted(std::string body, std::vector<std::uint32_t> breaks = {}) {
    return {.kind = chat::speech::text, .body = std::move(body), .breaks = std::move(breaks), .formatted = true};
}
chat::message foreign(std::string body, chat::speech kind = chat::speech::text) {
    return {.kind = kind, .body = std::move(body)};
}

struct told {
    std::vector<std::string> texts;
    std::vector<std::string> tags;
    bool batched = false;
};

told read(std::string_view bytes) {
    told t;
    for (const auto& line : test::lines_of(bytes)) {
        EXPECT_TRUE(base::valid_utf8(line)) << line;
        const auto m = wire::parse_irc(line).value();
        if (m.verb == "BATCH") {
            t.batched = true;
            t.tags.emplace_back(m.tags);
            continue;
        }
        EXPECT_EQ(m.param_count, 2U) << line;
        t.texts.emplace_back(m.param(1));
        t.tags.emplace_back(m.tags);
    }
    return t;
}
std::vector<std::string> texts(const chat::message& what, caps shape, const chat::person& who = anna,
                               std::string_view target = "#c") {
    return read(rendered(what, shape, who, target)).texts;
}

// A multiline batch put together again, as a client does it.
std::string joined(std::string_view bytes) {
    std::string text;
    bool first = true;
    for (const auto& line : test::lines_of(bytes)) {
        const auto m = wire::parse_irc(line).value();
        if (m.verb == "BATCH") continue;
        if (!first && !wire::find_tag(m.tags, "draft/multiline-concat")) text += '\n';
        text += m.param(1);
        first = false;
    }
    return text;
}

using strings = std::vector<std::string>;

TEST(render_message, one_line_stays_one) {
    EXPECT_EQ(rendered(formatted("hello  you"), 0), ":anna!~a@h PRIVMSG #c :hello  you\r\n");
    EXPECT_EQ(rendered(formatted("hello"), whole),
              "@time=1970-01-01T00:00:00.000Z;msgid=222222222222b :anna!~a@h PRIVMSG #c :hello\r\n");
    EXPECT_EQ(rendered(formatted(":)"), 0), ":anna!~a@h PRIVMSG #c ::)\r\n");
}

TEST(render_message, each_kind_has_its_form) {
    const std::vector<std::pair<chat::speech, std::string>> forms{
        {chat::speech::text, ":anna!~a@h PRIVMSG #c :x\r\n"},
        {chat::speech::action,
         ":anna!~a@h PRIVMSG #c :\x01"
         "ACTION x\x01\r\n"},
        {chat::speech::notice, ":anna!~a@h NOTICE #c :x\r\n"},
        {chat::speech::ctcp, ":anna!~a@h PRIVMSG #c :\x01x\x01\r\n"},
        {chat::speech::ctcp_answer, ":anna!~a@h NOTICE #c :\x01x\x01\r\n"},
        {chat::speech::tags, ""},
    };
    for (const auto& [kind, form] : forms) EXPECT_EQ(rendered(foreign("x", kind), 0), form);
}

TEST(render_message, tags_alone_reach_only_who_knows_of_tags) {
    chat::message m = foreign({}, chat::speech::tags);
    m.tags = "+typing=active;+a";
    EXPECT_EQ(rendered(m, 0), "");
    EXPECT_EQ(rendered(m, message_tags), "@msgid=222222222222b;+typing=active;+a :anna!~a@h TAGMSG #c\r\n");
}

TEST(render_message, clients_tags_go_with_every_line_but_into_the_batch_once) {
    auto m = formatted("1\n2");
    m.tags = "+x=y";
    EXPECT_EQ(rendered(m, message_tags),
              "@msgid=222222222222b;+x=y :anna!~a@h PRIVMSG #c :1\r\n@+x=y :anna!~a@h PRIVMSG #c :2\r\n");
    EXPECT_EQ(rendered(m, message_tags | batch | multiline),
              "@msgid=222222222222b;+x=y :anna!~a@h BATCH +m222222222222b draft/multiline #c\r\n"
              "@batch=m222222222222b :anna!~a@h PRIVMSG #c :1\r\n"
              "@batch=m222222222222b :anna!~a@h PRIVMSG #c :2\r\n"
              ":anna!~a@h BATCH -m222222222222b\r\n");
}

TEST(render_message, lines_fit_whoever_speaks_wherever) {
    const auto body = std::string(3000, 'x');
    for (const caps shape : {caps{0}, whole}) {
        for (const auto kind : {chat::speech::text, chat::speech::action, chat::speech::notice}) {
            const auto all = test::lines_of(rendered(foreign(body, kind), shape, longest, longest_channel));
            EXPECT_GE(all.size(), 3000U / 400);
            std::string back;
            std::size_t longest_line = 0;
            for (const auto& line : all) {
                longest_line = std::max(longest_line, line.size() - (line.starts_with('@') ? line.find(' ') + 1 : 0));
                for (const char c : line.substr(line.find(" :", line.find("@#")) + 1)) back += c == 'x' ? "x" : "";
            }
            if (kind == chat::speech::text) EXPECT_EQ(longest_line, 510U);
            EXPECT_EQ(back.size(), body.size());
        }
    }
}

TEST(render_message, long_lines_are_cut_at_words_and_never_within_a_character) {
    std::string words;
    while (words.size() < 2000) words += "perché ";
    for (const auto& text : texts(foreign(words), 0, longest)) {
        EXPECT_TRUE(text.ends_with("perché ")) << text;
        EXPECT_TRUE(text.starts_with("perché")) << text;
    }
    std::string faces;
    while (faces.size() < 2000) faces += "🙂";
    for (const auto& text : texts(foreign("x" + faces), 0)) EXPECT_TRUE(text.ends_with("🙂"));
}

TEST(render_message, without_multiline_blank_lines_are_left_out) {
    EXPECT_EQ(texts(foreign("a\n\nb\n"), 0), (strings{"a", "b"}));
    EXPECT_EQ(texts(foreign("a\n\nb"), whole), (strings{"a", "", "b"}));
    EXPECT_EQ(texts(foreign("a\nb"), multiline), (strings{"a", "b"})) << "it takes batch as well";
}

TEST(render_message, what_is_blank_is_still_a_message) {
    for (const std::string_view body : {"", "\n", "\n\n", "\x01", "\x01\n\x01"}) {
        for (const caps shape : {caps{0}, whole}) {
            EXPECT_EQ(texts(foreign(std::string(body)), shape), (strings{" "}));
            EXPECT_FALSE(read(rendered(foreign(std::string(body)), shape)).batched);
        }
    }
    EXPECT_EQ(texts(foreign("", chat::speech::action), 0), (strings{"\x01"
                                                                    "ACTION  \x01"}));
}

TEST(render_message, an_action_is_never_a_batch) {
    const auto t = read(rendered(foreign("a\nb", chat::speech::action), whole));
    EXPECT_FALSE(t.batched);
    EXPECT_EQ(t.texts, (strings{"\x01"
                                "ACTION a\x01",
                                "\x01"
                                "ACTION b\x01"}));
    EXPECT_TRUE(read(rendered(foreign("a\nb", chat::speech::notice), whole)).batched);
}

TEST(render_message, its_sender_s_cuts_are_kept) {
    const auto m = formatted("one two\nthree", {4, 10});
    EXPECT_EQ(texts(m, whole), (strings{"one ", "two", "th", "ree"}));
    EXPECT_EQ(joined(rendered(m, whole)), m.body);
    const auto lines = test::lines_of(rendered(m, whole));
    EXPECT_EQ(lines[2], "@batch=m222222222222b;draft/multiline-concat :anna!~a@h PRIVMSG #c :two");
    EXPECT_EQ(lines[3], "@batch=m222222222222b :anna!~a@h PRIVMSG #c :th");
    EXPECT_EQ(texts(m, 0), (strings{"one ", "two", "th", "ree"}));
}

TEST(render_message, cuts_in_odd_places_do_no_harm) {
    const std::string body = "ab\ncd";
    for (const std::vector<std::uint32_t>& breaks : std::initializer_list<std::vector<std::uint32_t>>{
             {0}, {2}, {3}, {5}, {9}, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6}}) {
        EXPECT_EQ(joined(rendered(formatted(body, breaks), whole)), body);
    }
}

TEST(render_message, after_a_hundred_lines_a_line_feed_is_a_blank) {
    std::string body;
    for (int i = 0; i < 120; ++i) body += (i == 0 ? "" : "\n") + std::to_string(i);
    const auto all = texts(foreign(body), whole);
    ASSERT_EQ(all.size(), multiline_lines_max);
    EXPECT_EQ(all[98], "98");
    EXPECT_TRUE(all[99].starts_with("99 100 101 "));
    EXPECT_EQ(texts(foreign(body), 0).size(), multiline_lines_max);
}

// ── CTCP ────────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(render_message, foreign_text_cannot_become_ctcp) {
    const std::string padding(1200, 'x');
    for (const auto& body :
         {std::string("\x01VERSION\x01"), std::string("\x01\x01VERSION\x01"), "a\n\x01VERSION\x01" + padding,
          std::string("\n\n\x01\x01"
                      "ACTION x\x01"),
          std::string(800, '\x01') + "VERSION\x01"}) {
        for (const auto kind : {chat::speech::text, chat::speech::notice}) {
            for (const caps shape : {caps{0}, whole}) {
                for (const bool already : {false, true}) {
                    auto m = foreign(body, kind);
                    m.formatted = already;
                    for (const auto& text : texts(m, shape)) EXPECT_FALSE(text.starts_with('\x01')) << text;
                }
            }
        }
    }
}

TEST(render_message, foreign_text_cannot_become_ctcp_where_a_long_line_is_cut) {
    for (std::size_t before = 440; before < 500; ++before) {
        const auto body = std::string(before, 'x') + "\x01VERSION\x01" + std::string(300, 'y');
        for (const auto& text : texts(foreign(body), 0)) EXPECT_FALSE(text.starts_with('\x01')) << before;
    }
    for (const auto& text : texts(formatted("ab\x01VERSION\x01", {2}), whole)) EXPECT_FALSE(text.starts_with('\x01'));
}

TEST(render_message, a_ctcp_stays_one_whatever_is_in_it) {
    for (const auto kind : {chat::speech::action, chat::speech::ctcp}) {
        for (const auto& text : texts(foreign("PING \x01 x\x01\n\x01" + std::string(900, 'y'), kind), 0)) {
            EXPECT_TRUE(text.starts_with('\x01') && text.ends_with('\x01'));
            EXPECT_EQ(std::ranges::count(text, '\x01'), 2);
        }
    }
}

TEST(render_message, a_dropped_byte_does_not_move_the_cuts_into_characters) {
    const auto m = formatted(
        "\x01"
        "è\nèè",
        {3, 6});
    for (const caps shape : {caps{0}, whole}) {
        for (const auto& text : texts(m, shape)) EXPECT_TRUE(base::valid_utf8(text));
    }
}

// ── any text ────────────────────────────────────────────────────────────────────────────────────────────────────────

std::string random_body(std::mt19937& dice, bool dirty) {
    static const strings parts{"a",
                               " ",
                               "\n",
                               "perché",
                               "🙂",
                               "\x02"
                               "bold",
                               "word ",
                               ":",
                               "\x03"
                               "04",
                               "\t",
                               "\n\n"};
    static const strings dirt{"\x01", std::string(1, '\0'), "\r", "\xFF", "\xC3", "\xF0\x9F", "\r\n"};
    std::string body;
    const auto length = dice() % 3000;
    const bool spaced = dice() % 2 == 0;
    while (body.size() < length) {
        if (dirty && dice() % 20 == 0) {
            body += dirt[dice() % dirt.size()];
        } else if (!spaced && dice() % 50 != 0) {
            body += dice() % 3 == 0 ? "🙂" : "xy";
        } else {
            body += parts[dice() % parts.size()];
        }
    }
    return body;
}

bool blank_only(std::string_view text) { return text.find_first_not_of('\n') == std::string_view::npos; }

TEST(render_message, a_batch_put_together_again_is_the_text) {
    std::mt19937 dice(1);
    for (int i = 0; i < 600; ++i) {
        auto body = random_body(dice, false);
        if (std::ranges::count(body, '\n') >= static_cast<std::ptrdiff_t>(multiline_lines_max)) continue;
        auto m = formatted(body);
        m.formatted = i % 2 == 0;
        // Without formatting codes, what stands for them is dropped.
        if (!m.formatted) std::erase_if(body, [](char c) { return c == '\x02' || c == '\x03'; });
        for (std::size_t at = 1; m.formatted && at < body.size(); at += 1 + dice() % 700) {
            // Between characters, where a client of ours would cut.
            if ((static_cast<unsigned char>(body[at]) & 0xC0U) != 0x80U) {
                m.breaks.push_back(static_cast<std::uint32_t>(at));
            }
        }
        const auto& who = i % 3 == 0 ? longest : anna;
        const auto bytes = rendered(m, whole, who, i % 3 == 0 ? longest_channel : "#c");
        const auto t = read(bytes);
        if (!blank_only(body)) EXPECT_EQ(joined(bytes), body);
    }
}

TEST(render_message, whatever_the_bytes_there_are_only_whole_lines_of_text) {
    std::mt19937 dice(2);
    for (int i = 0; i < 600; ++i) {
        auto m = foreign(random_body(dice, true), static_cast<chat::speech>(i % 5));
        for (const caps shape : {caps{0}, whole, caps{message_tags}}) {
            const auto t = read(rendered(m, shape, i % 3 == 0 ? longest : anna));  // checks each line
            EXPECT_FALSE(t.texts.empty());
            for (const auto& text : t.texts) EXPECT_TRUE(!text.empty() || t.batched);
        }
    }
}

}  // namespace
}  // namespace brusio::door::irc
