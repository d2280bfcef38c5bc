// The keys of [history] and [accounts].
#include "base/text.hpp"
#include "brusiod/config_values.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;
using view = std::string_view;

constexpr std::size_t mail_words_max = 32;

// ---- [history] ----

outcome read_durability(document& d, const config_value& v, view key) {
    using enum durability_mode;
    return read_choice<durability_mode>(v, key, {{"commit", commit}, {"async", async}}, d.result.history.durability);
}

constexpr key_row history_rows[] = {
    {"enabled", [](document& d, const config_value& v, view key) { return read(v, key, d.result.history.enabled); }},
    {"keep", [](document& d, const config_value& v,
                view key) { return read_lifetime(v, key, "forever", d.result.history.keep); }},
    {"keep_direct", [](document& d, const config_value& v,
                       view key) { return read_lifetime(v, key, "forever", d.result.history.keep_direct); }},
    {"durability", &read_durability},
    {"replay_lines", [](document& d, const config_value& v,
                        view key) { return read_count(v, key, 0, 1000, d.result.history.replay_lines); }},
    {"unregistered_grace", [](document& d, const config_value& v,
                              view key) { return read_duration(v, key, d.result.history.unregistered_grace); }},
};

// ---- [accounts] ----

template <bool account_settings::* Flag>
outcome account_flag(document& d, const config_value& v, view key) {
    return read(v, key, d.result.accounts.*Flag);
}

outcome read_email(document& d, const config_value& v, view key) {
    using enum email_mode;
    return read_choice<email_mode>(v, key, {{"none", none}, {"required", required}}, d.result.accounts.email);
}

// It is run without a shell, so each argument is an element, and nothing looks the program up.
outcome read_mail_command(document& d, const config_value& v, view key) {
    constexpr view example = R"(["/usr/sbin/sendmail", "-t", "-i"])";
    std::vector<std::string> words;
    auto done = read_texts(d, v, key, example, [&](const std::string& word) -> outcome {
        if (word.find('\0') != std::string::npos) return fail("{} cannot have a NUL character", key);
        words.push_back(word);
        return {};
    });
    if (!done || words.size() != v.list.size()) return done;  // what is wrong was said with its line
    if (words.size() > mail_words_max)
        return fail("{} has at most {} words, not {}", key, mail_words_max, words.size());
    if (!words.empty() && !words.front().starts_with('/')) {
        return fail("{} must begin with the absolute path of a program, as in {}, not with \"{}\"", key, example,
                    base::clean_line(words.front()));
    }
    d.result.accounts.mail_command = std::move(words);
    return {};
}

outcome read_always_on(document& d, const config_value& v, view key) {
    using enum always_on_mode;
    return read_choice<always_on_mode>(v, key, {{"opt-in", opt_in}, {"opt-out", opt_out}, {"off", off}},
                                       d.result.accounts.always_on);
}

constexpr key_row account_rows[] = {
    {"registration", &account_flag<&account_settings::registration>},
    {"before_connect", &account_flag<&account_settings::before_connect>},
    {"plaintext", &account_flag<&account_settings::plaintext>},
    {"email", &read_email},
    {"mail_command", &read_mail_command},
    {"password_min", [](document& d, const config_value& v,
                        view key) { return read_count(v, key, 1, 128, d.result.accounts.password_min); }},
    {"always_on", &read_always_on},
    {"always_on_expires", [](document& d, const config_value& v,
                             view key) { return read_lifetime(v, key, "never", d.result.accounts.always_on_expires); }},
    {"channels", &account_flag<&account_settings::channels>},
    {"channels_per_account",
     [](document& d, const config_value& v, view key) {
         return read_count(v, key, 1, 10'000, d.result.accounts.channels_per_account);
     }},
};

}  // namespace

std::span<const key_row> history_keys() { return history_rows; }
std::span<const key_row> account_keys() { return account_rows; }

}  // namespace brusio::brusiod
