// SEARCH (soju.im/search): its line, and its answer.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "door/irc/commands.hpp"
#include "door/irc/playback.hpp"
#include "door/irc/reading.hpp"
#include "door/irc/render.hpp"
#include "door/search_text.hpp"
#include "wire/irc_tags.hpp"

namespace brusio::door::irc {
namespace {

// "in=#c;text=two\swords": programs say it like tags. People type words, where a '=' is only that.
bool is_attributes(const wire::irc_message& line) {
    constexpr std::string_view known[] = {"in", "from", "after", "before", "text", "limit"};
    const auto all = line.param(0);
    const auto key = all.substr(0, all.find_first_of("=;"));
    return line.param_count == 1 && key.size() < all.size() && std::ranges::find(known, key) != std::end(known);
}

base::result<search_request> from_attributes(std::string_view all) {
    search_request r;
    for (const auto& tag : wire::final_tags(all)) {
        std::string value;
        wire::unescape_tag_value(value, tag.escaped_value);
        if (tag.key == "text") {
            if (auto added = add_search_terms(r, value); !added) return std::unexpected(std::move(added.error()));
        }
    }
    // What stands beside the text goes before what is said in it.
    for (const auto& tag : wire::final_tags(all)) {
        if (tag.key == "text") continue;
        std::string value;
        wire::unescape_tag_value(value, tag.escaped_value);
        auto set = set_search_attribute(r, tag.key, value);
        if (!set) return std::unexpected(std::move(set.error()));
        if (!*set) return base::fail("{} is no attribute of a search", cut(tag.key, 60));
    }
    if (!asks_for_something(r)) return base::fail("Say what to look for");
    return r;
}

base::result<search_request> parsed(const wire::irc_message& line) {
    if (is_attributes(line)) return from_attributes(line.param(0));
    return parse_search(fmt::to_string(fmt::join(line.params(), " ")));
}

class searching final : public past_task {
  public:
    searching(irc_conversation& talk, search_request r, const chat::past_granted& e)
        : talk_(talk), query_(std::move(r.what)) {
        for (const auto& part : e.parts) query_.in.push_back(timeline_of(part));
    }

    std::optional<store::question> begin(std::string& /*out*/) override { return query_; }

    std::optional<store::question> go_on(const base::result<store::reply>& what, std::string& out) override {
        const auto* found = what ? std::get_if<store::found>(&*what) : nullptr;
        if (found == nullptr) {
            write_fail(out, talk_, "SEARCH", "INTERNAL_ERROR", {}, "The search could not be run");
            return std::nullopt;
        }
        std::size_t shown = 0;
        std::size_t bytes = 0;
        for (const auto& e : found->entries) {
            bytes += e.what.body.size() + 200;
            if (shown > 0 && bytes > history_bytes_max) break;
            ++shown;
        }
        const bool all_shown = shown == found->entries.size();
        const auto go_on_before = all_shown ? found->go_on_before : found->entries[shown - 1].id;
        batch_of_lines to(talk_, out, "soju.im/search", {});
        for (auto i = shown; i > 0; --i) {
            std::string lines;
            render_entry(lines, found->entries[i - 1], talk_.enabled() & ~caps{event_playback | message_redaction},
                         talk_.options().server_name);
            to.add(lines);
        }
        to.close();
        tell_rest(out, *found, go_on_before, shown);
        return std::nullopt;
    }

  private:
    // A program that got as many as it asked for knows that there may be more.
    void tell_rest(std::string& out, const store::found& found, chat::message_id go_on_before,
                   std::size_t shown) const {
        const bool knows = talk_.has(search);
        if (go_on_before && (!knows || shown < query_.limit)) {
            talk_.note(out, "SEARCH", "MORE",
                       fmt::format("There may be more: search again with before:{}", msgid_text(go_on_before)));
        } else if (!knows) {
            talk_.note(out, "SEARCH", "END", shown == 0 ? "Nothing was found" : "That is all");
        }
        if (!found.up_to_date) talk_.note(out, "SEARCH", "NOT_YET", "The latest messages cannot be found yet");
    }

    irc_conversation& talk_;
    store::search_query query_;
};

}  // namespace

void hear_search(request& r) {
    auto wanted = parsed(r.line);
    if (!wanted) return r.fail("INVALID_PARAMS", {}, wanted.error().text);
    chat::ask_past question{r.session(), std::nullopt, static_cast<char>(past_asked::search) + untagged(r.whole)};
    if (!wanted->in.empty()) {
        question.of = past_named(wanted->in);
        if (!question.of) {
            return r.fail("INVALID_PARAMS", {"in=" + cut(wanted->in, 100)}, "That is no channel and no nick");
        }
    }
    r.ask(std::move(question));
}

std::unique_ptr<past_task> search_task(irc_conversation& talk, const chat::past_granted& e, std::string_view line) {
    const auto text = wire::parse_irc(line);
    if (!text) return nullptr;
    auto wanted = parsed(*text);
    if (!wanted) return nullptr;
    return std::make_unique<searching>(talk, std::move(*wanted), e);
}

}  // namespace brusio::door::irc
