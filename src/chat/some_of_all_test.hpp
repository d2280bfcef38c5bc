// A few names, channels and masks, drawn at random: few, so that they meet.
#pragma once

#include <random>

#include "chat/scene_test.hpp"

namespace brusio::chat::test {

class some_of_all {
  public:
    explicit some_of_all(unsigned seed) : random_(seed) {
        for (const auto& n : names_) identities_.push_back(who(n));
    }
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  protected:
    template <class T>
    const T& one_of(const std::vector<T>& all) {
        return all[below(all.size())];
    }
    bool once_in(std::size_t n) { return below(n) == 0; }
    session_id any_session() { return {once_in(6) ? 2U : 1U, 1 + below(6)}; }
    // Half of the time the one that goes with a session, so that enough people get in.
    const identity& any_identity(std::uint64_t n) { return once_in(2) ? one_of(identities_) : identities_[n * 5 % 22]; }
    channel_name any_room() { return room(one_of(rooms_)); }
    nick_name any_nick() { return nick(any_identity(1 + below(6)).nick); }
    std::string any_mask() { return whole_mask(one_of(masks_)).value(); }
    message any_message() {
        return {static_cast<speech>(below(6)), std::string(below(30), 'x'), {}, once_in(4) ? "+typing=done" : ""};
    }
    origin any_origin(session_id s) {
        auto o = from(s.counter);
        o.secure = once_in(3);
        return o;
    }
    list_action any_action() { return static_cast<list_action>(below(5)); }

    // Many of them equal or alike, so that collisions are the rule.
    const std::vector<std::string> names_{"Anna",
                                          "ANNA",
                                          "\u0391nna",
                                          "\u0410nna",
                                          "\u0391\u039D\u039D\u0391",
                                          "Mario",
                                          "rnario",
                                          "m\u0430rio",
                                          "Mario Rossi",
                                          "mario_rossi",
                                          "MARIO_ROSSI",
                                          "zo\u00EB",
                                          "ZO\u00CB",
                                          "Zoe",
                                          "Il",
                                          "ll",
                                          "I1",
                                          "7 nani",
                                          "_7_nani",
                                          "Bruno",
                                          "Carla",
                                          "brusio.localhost",
                                          "brusi\u043E.localhost",
                                          "brusio localhost"};
    const std::vector<std::string> rooms_{"#piazza", "#PIAZZA", "#bar", "#Bar", "#caff\u00E8", "#x"};
    const std::vector<std::string> masks_{"*!~u2@*", "*!*@h1.example", "anna!*@*",  "*!*@VIP.example",
                                          "mario*",  "$m:*!~u?@h2*",   "$m:anna",   "$a:x",
                                          "$m:$a:x", "*?!*@h3.*",      "?*!*@h3.*", "*"};
    const std::vector<char> letters_{'v', 'v', 'h', 'o', 'o', 'a', 'q', 'b', 'b', 'e', 'I', 'k',
                                     'l', 'W', 'C', 'i', 'M', 'm', 'n', 'R', 's', 't', 'x'};
    const std::vector<char> own_letters_{'i', 'i', 'w', 'w', 'B', 'R', 'o', 'Z', 'x'};
    std::mt19937 random_;
    std::vector<identity> identities_;
};

}  // namespace brusio::chat::test
