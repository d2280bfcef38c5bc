// The encoder of commands and effects: what goes to another node or into a log comes back the same, and nothing else
// does.
#include "chat/values.hpp"

#include <random>
#include <type_traits>

#include <gtest/gtest.h>

#include "base/archive.hpp"

namespace brusio::chat {
namespace {

template <class... Ts>
constexpr std::size_t count(const std::variant<Ts...>* /*type*/) {
    return sizeof...(Ts);
}
template <class V>
constexpr std::size_t kinds = count(static_cast<const V*>(nullptr));

// An archive that fills a value with random content, member by member.
class scribbler {
  public:
    explicit scribbler(unsigned seed) : random_(seed) {}
    template <class... Ts>
    void operator()(Ts&... values) {
        (fill(values), ...);
    }

    // The value with its i-th alternative.
    template <class V>
    V alternative(std::size_t i) {
        return alternative<V>(i, std::make_index_sequence<kinds<V>>{});
    }

  private:
    std::uint64_t number() { return std::uniform_int_distribution<std::uint64_t>{}(random_); }
    template <class T>
        requires std::is_integral_v<T>
    void fill(T& value) {
        // Often an edge: nothing, one, all bits.
        const auto kind = number() % 6;
        value = static_cast<T>(kind == 0 ? 0 : kind == 1 ? 1 : kind == 2 ? ~std::uint64_t{0} : number());
    }
    void fill(bool& value) { value = number() % 2 == 0; }
    template <class T>
        requires std::is_enum_v<T>
    void fill(T& value) {
        value = static_cast<T>(number() % 2);
    }
    void fill(std::string& value) {
        value.resize(number() % 40);
        for (auto& c : value) c = static_cast<char>(number());
    }
    template <class T>
    void fill(std::vector<T>& value) {
        value.resize(number() % 5);
        for (auto& x : value) fill(x);
    }
    template <class T>
    void fill(std::optional<T>& value) {
        value.reset();
        if (number() % 2 == 0) fill(value.emplace());
    }
    template <class... Ts>
    void fill(std::variant<Ts...>& value) {
        value = alternative<std::variant<Ts...>>(number() % sizeof...(Ts));
    }
    template <class T>
        requires std::is_aggregate_v<T>
    void fill(T& value) {
        boost::pfr::for_each_field(value, [this](auto& field) { this->fill(field); });
    }
    template <class V, std::size_t... I>
    V alternative(std::size_t i, std::index_sequence<I...> /*all*/) {
        V value;
        (void)((i == I ? (fill(value.template emplace<I>()), true) : false) || ...);
        return value;
    }

    std::mt19937_64 random_;
};

template <class V>
void every_alternative_comes_back() {
    scribbler random(1);
    for (std::size_t i = 0; i < kinds<V>; ++i) {
        for (int round = 0; round < 200; ++round) {
            const V value = random.alternative<V>(i);
            ASSERT_EQ(value.index(), i);
            const auto bytes = base::encode(value);
            const auto back = base::decode<V>(bytes);
            ASSERT_TRUE(back) << "alternative " << i;
            ASSERT_EQ(*back, value) << "alternative " << i;
            ASSERT_EQ(base::encode(*back), bytes) << "alternative " << i;
        }
    }
}

template <class V>
void every_cut_is_refused() {
    scribbler random(2);
    for (std::size_t i = 0; i < kinds<V>; ++i) {
        for (int round = 0; round < 20; ++round) {
            const auto bytes = base::encode(random.alternative<V>(i));
            for (std::size_t n = 0; n < bytes.size(); ++n) {
                ASSERT_FALSE(base::decode<V>(std::string_view(bytes).substr(0, n)))
                    << "alternative " << i << " at " << n;
            }
            ASSERT_FALSE(base::decode<V>(bytes + '\0')) << "alternative " << i;
        }
    }
}

template <class V>
void unknown_alternatives_are_refused() {
    for (std::size_t i = kinds<V>; i < 256; ++i) {
        EXPECT_FALSE(base::decode<V>(std::string(1, static_cast<char>(i)) + std::string(200, '\0'))) << i;
    }
}

template <class V>
void any_bytes_are_decoded_or_refused() {
    std::mt19937 random(3);  // NOLINT: the same bytes each time
    scribbler values(4);
    for (int round = 0; round < 5'000; ++round) {
        auto bytes = base::encode(values.alternative<V>(random() % kinds<V>));
        for (auto flips = 1 + random() % 3; flips > 0; --flips) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        // What is accepted has one encoding only: two nodes cannot hold different bytes for one command.
        if (const auto value = base::decode<V>(bytes)) ASSERT_EQ(base::encode(*value), bytes);
    }
}

TEST(commands, come_back) { every_alternative_comes_back<command>(); }
TEST(commands, cut_anywhere_are_refused) { every_cut_is_refused<command>(); }
TEST(commands, of_an_unknown_kind_are_refused) { unknown_alternatives_are_refused<command>(); }
TEST(commands, damaged_are_refused_or_others) { any_bytes_are_decoded_or_refused<command>(); }

TEST(effects, come_back) { every_alternative_comes_back<effect>(); }
TEST(effects, cut_anywhere_are_refused) { every_cut_is_refused<effect>(); }
TEST(effects, of_an_unknown_kind_are_refused) { unknown_alternatives_are_refused<effect>(); }
TEST(effects, damaged_are_refused_or_others) { any_bytes_are_decoded_or_refused<effect>(); }

TEST(records, come_back) { every_alternative_comes_back<record>(); }
TEST(records, cut_anywhere_are_refused) { every_cut_is_refused<record>(); }
TEST(records, of_an_unknown_kind_are_refused) { unknown_alternatives_are_refused<record>(); }
TEST(records, damaged_are_refused_or_others) { any_bytes_are_decoded_or_refused<record>(); }

TEST(stamped_commands, come_back_and_cuts_are_refused) {
    scribbler random(5);
    for (int round = 0; round < 100; ++round) {
        stamped value;
        random(value);
        const auto bytes = base::encode(value);
        ASSERT_EQ(base::decode<stamped>(bytes), value);
        for (std::size_t n = 0; n < bytes.size(); ++n) {
            ASSERT_FALSE(base::decode<stamped>(std::string_view(bytes).substr(0, n))) << n;
        }
    }
}

// Nodes of different builds speak to each other: the bytes themselves may not change unnoticed.
TEST(stamped_commands, have_these_bytes) {
    const stamped goodbye{.at_ms = 0x0102, .what = leave{{3, 4}, "ciao"}};
    const std::string_view bytes(
        "\x02\x01\0\0\0\0\0\0"  // at_ms
        "\x02"                  // leave
        "\x03\0\0\0"            // node
        "\x04\0\0\0\0\0\0\0"    // counter
        "\x04\0\0\0\0\0\0\0"    // length of the reason
        "ciao",
        33);
    EXPECT_EQ(base::encode(goodbye), bytes);
    EXPECT_EQ(base::decode<stamped>(bytes), goodbye);
}

// Each alternative has its number for ever; new ones come after the last.
TEST(stamped_commands, keep_their_numbers) {
    const std::vector<command> in_order{log_in{},
                                        rename{},
                                        leave{},
                                        set_away{},
                                        set_real_name{},
                                        change_own_modes{},
                                        monitor{},
                                        silence{},
                                        join{},
                                        part{},
                                        part_all{},
                                        kick{},
                                        invite{},
                                        set_topic{},
                                        change_modes{},
                                        rename_channel{},
                                        say{},
                                        tell{},
                                        become_operator{},
                                        kill{},
                                        call_out{},
                                        set_host{},
                                        require_account{},
                                        change_server_bans{},
                                        store_answer{},
                                        pass_time{},
                                        set_rules{},
                                        set_account{},
                                        register_account{},
                                        verify_account{},
                                        change_credential{},
                                        change_account{},
                                        ask_account{},
                                        ask_accounts{},
                                        change_registration{},
                                        ask_registration{},
                                        ask_past{},
                                        redact{},
                                        mark_read{},
                                        ask_names{},
                                        ask_who{},
                                        ask_whois{},
                                        ask_whowas{},
                                        ask_channels{},
                                        ask_counts{},
                                        ask_present{},
                                        ask_topic{},
                                        ask_modes{},
                                        ask_list{},
                                        ask_invitations{},
                                        ask_operators{},
                                        ask_door{},
                                        metadata{},
                                        subscribe{}};
    for (std::size_t i = 0; i < in_order.size(); ++i) EXPECT_EQ(in_order[i].index(), i);
}

}  // namespace
}  // namespace brusio::chat
