// MODE, of channels and of oneself.
#include <algorithm>
#include <array>

#include "door/irc/commands.hpp"
#include "wire/irc_text.hpp"

namespace brusio::door::irc {
namespace {

// What MODE's letters ask for, one change each; lists without a value are questions.
class mode_reader {
  public:
    mode_reader(request& r, const chat::channel_name& channel) : r_(r), channel_(channel) {}

    void read() {
        for (std::size_t i = 1; i < r_.params(); ++i) values_.push_back(r_.param(i));
        if (r_.params() == wire::irc_max_params) {  // the last one took all that a line had more
            values_.back() = values_.back().substr(0, values_.back().find(' '));
        }
        const auto letters = values_.front();
        values_.erase(values_.begin());
        for (std::size_t i = 0; i < letters.size();) {
            const auto lead = static_cast<unsigned char>(letters[i]);
            const auto letter = letters.substr(i, lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4);
            i += letter.size();
            if (letter == "+" || letter == "-") {
                add_ = letter == "+";
            } else if (letter.size() == 1) {
                take(letter.front());
            } else if (told_.find(letter) == std::string::npos) {
                told_ += letter;
                r_.numeric_text(numeric::err_unknownmode, {letter}, "is unknown mode char to me");
            }
        }
        if (!changes_.empty()) r_.ask(chat::change_modes{r_.session(), channel_, std::move(changes_)});
        for (const char letter : questions_) r_.ask(chat::ask_list{r_.session(), channel_, letter});
    }

  private:
    std::optional<std::string_view> next_value() {
        if (values_.empty()) return std::nullopt;
        const auto value = values_.front();
        values_.erase(values_.begin());
        return value;
    }

    // Once for each letter, however often it comes.
    void missing(char letter, std::string_view text) {
        if (told_.find(letter) != std::string::npos) return;
        told_ += letter;
        bad(letter, "*", text);
    }

    void bad(char letter, std::string_view value, std::string_view text) {
        r_.numeric_text(numeric::err_invalidmodeparam, {channel_.name, {&letter, 1}, cut(value, 100)}, text);
    }

    void take(char letter) {
        const auto* row = chat::find_channel_mode(letter);
        const bool rank = chat::find_rank(letter) != nullptr;
        if (row == nullptr && !rank) {
            if (told_.find(letter) == std::string::npos) {
                told_ += letter;
                changes_.push_back({add_, letter, {}, {}});
            }
            return;
        }
        if (rank || row->kind == chat::mode_kind::list) return take_named(letter, rank);
        const bool wants =
            row->kind == chat::mode_kind::always_with_value || (row->kind == chat::mode_kind::value_when_set && add_);
        if (!wants) {
            changes_.push_back({add_, letter, {}, {}});
            return;
        }
        const auto value = next_value();
        if (!value && add_) return missing(letter, "You must give a value");
        if (with_value_++ >= chat::changes_max) return;
        changes_.push_back({add_, letter, std::string(value.value_or("*")), {}});
    }

    void take_named(char letter, bool rank) {
        const auto value = next_value();
        if (!value || value->empty()) {
            if (rank) return missing(letter, "You must name a member");
            if (questions_.find(letter) == std::string::npos) questions_ += letter;
            return;
        }
        if (with_value_++ >= chat::changes_max) return;
        if (rank) {
            auto nick = nick_of(*value);
            changes_.push_back({add_, letter, std::move(nick.name), std::move(nick.fold)});
            return;
        }
        auto mask = chat::whole_mask(*value);
        if (!mask) return bad(letter, *value, "That is no mask: write nick!user@host, $a:account or $m:mask");
        auto fold = folded_mask(*mask);
        changes_.push_back({add_, letter, std::move(*mask), std::move(fold)});
    }

    request& r_;
    const chat::channel_name& channel_;
    std::vector<std::string_view> values_;
    std::vector<chat::mode_change> changes_;
    std::string questions_;
    std::string told_;  // letters that were answered already
    std::size_t with_value_ = 0;
    bool add_ = true;
};

void own_modes(request& r) {
    chat::change_own_modes command{r.session(), nick_of(r.param(0)), {}};
    bool add = true;
    for (const char c : r.param(1)) {
        if (c == '+' || c == '-') {
            add = c == '+';
        } else if (command.changes.size() < 64) {
            command.changes.push_back({add, c, {}, {}});
        }
    }
    r.ask(std::move(command));
}

void hear_mode(request& r) {
    if (!is_channel(r.param(0))) return own_modes(r);
    const auto channel = channel_of(r.param(0));
    if (!channel) return r.numeric_text(numeric::err_nosuchchannel, {cut(r.param(0), 100)}, "No such channel");
    if (r.params() == 1) return r.ask(chat::ask_modes{r.session(), *channel});
    mode_reader(r, *channel).read();
}

constexpr std::array rows{
    command_row{"MODE", 1, allowed::after_log_in, false, hear_mode, nullptr,
                "MODE <channel or nick> [<modes> {<value>}]",
                "Shows or changes modes: of a channel with +o nick, -m and the like, of yourself with +i. HELP CMODES "
                "and HELP UMODES "
                "list them."},
};

}  // namespace

std::span<const command_row> mode_commands() { return rows; }

}  // namespace brusio::door::irc
