// CHATHISTORY's answers.
#include "door/irc/reading.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "door/irc/commands.hpp"
#include "door/irc/playback.hpp"
#include "door/irc/render.hpp"
#include "door/irc/response.hpp"
#include "door/references.hpp"

namespace brusio::door::irc {
namespace {

constexpr unsigned rounds_max = 10;
constexpr std::uint32_t targets_read_max = 10'000;  // of one who reads them from the end

constexpr std::string_view cannot = "Messages could not be retrieved";

}  // namespace

// ── batches ─────────────────────────────────────────────────────────────────────────────────────────────────────────

batch_of_lines::batch_of_lines(irc_conversation& talk, std::string& out, std::string_view type,
                               std::string_view parameter, bool end)
    : talk_(talk), out_(out) {
    if (!talk.has(batch)) return;
    reference_ = fmt::format("h{}", ++talk.shared().last_batch);
    wire::irc_line line(out);
    if (end && (talk.has(chathistory) || talk.has(message_tags))) line.tag("draft/chathistory-end");
    line.source(talk.options().server_name).verb("BATCH").param("+" + reference_).param(type);
    if (!parameter.empty()) line.param(parameter);
    line.end();
}

void batch_of_lines::add(std::string_view lines) {
    if (reference_.empty()) {
        out_ += lines;
    } else {
        put_into_batch(out_, reference_, lines);
    }
}

void batch_of_lines::close() {
    if (reference_.empty()) return;
    wire::irc_line(out_).source(talk_.options().server_name).verb("BATCH").param("-" + reference_).end();
}

// ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

bool page_reader::take(store::page p) {
    more_ = p.more;
    if (p.entries.empty()) return false;
    if (backwards_) std::ranges::reverse(p.entries);
    for (const auto& e : p.entries) {
        std::string lines;
        render_entry(lines, e, talk_.enabled(), talk_.options().server_name);
        if (lines.empty()) continue;
        if (!e.redacted) ++counted_;
        shown_.push_back({e.id, std::move(lines)});
    }
    if (!more_ || counted_ >= wanted_ || ++rounds_ == rounds_max) return false;
    auto next = page_behind(query_, p.entries.back(), wanted_ - counted_);
    if (!next) return false;
    query_ = std::move(*next);
    return true;
}

std::vector<std::string> page_reader::lines() {
    std::size_t bytes = 0;
    std::size_t n = 0;
    while (n < shown_.size() && (n == 0 || bytes + shown_[n].lines.size() <= history_bytes_max)) {
        bytes += shown_[n++].lines.size();
    }
    if (n < shown_.size()) more_ = true;
    shown_.resize(n);
    if (backwards_) std::ranges::reverse(shown_);
    std::vector<std::string> all;
    all.reserve(n);
    for (auto& s : shown_) all.push_back(std::move(s.lines));
    return all;
}

namespace {

// ── CHATHISTORY ─────────────────────────────────────────────────────────────────────────────────────────────────────

class page_task final : public past_task {
  public:
    page_task(irc_conversation& talk, history_request r, const chat::past_granted::part& part)
        : talk_(talk), request_(std::move(r)), name_(part.name) {
        if (auto first = page_of(request_, timeline_of(part), talk.has(event_playback))) {
            reader_.emplace(talk, std::move(*first));
        }
    }

    std::optional<store::question> begin(std::string& out) override {
        if (reader_) return reader_->query();
        batch_of_lines(talk_, out, "chathistory", name_, true).close();
        return std::nullopt;
    }

    std::optional<store::question> go_on(const base::result<store::reply>& what, std::string& out) override {
        const auto* page = what ? std::get_if<store::page>(&*what) : nullptr;
        if (page == nullptr) {
            const std::array context{request_.verb, cut(request_.target, 100)};
            write_fail(out, talk_, "CHATHISTORY", "MESSAGE_ERROR", context, cannot);
            return std::nullopt;
        }
        if (reader_->take(*page)) return reader_->query();
        const auto lines = reader_->lines();
        batch_of_lines to(talk_, out, "chathistory", name_, reader_->at_end());
        for (const auto& one : lines) to.add(one);
        to.close();
        return std::nullopt;
    }

  private:
    irc_conversation& talk_;
    history_request request_;
    std::string name_;
    std::optional<page_reader> reader_;
};

class targets_task final : public past_task {
  public:
    targets_task(irc_conversation& talk, const history_request& r, const chat::past_granted& e)
        : talk_(talk), limit_(r.limit), verb_(r.verb) {
        for (const auto& part : e.parts) {
            if (part.channel) {
                query_.channels.push_back({part.channel, part.name, part.from});
            } else {
                query_.owner = part.owner;
            }
        }
        const auto& from = *r.from;
        backwards_ = r.to.last < from.first;
        nothing_ = !backwards_ && from.last >= r.to.first;
        query_.after = backwards_ ? r.to.last : from.last;
        query_.before = backwards_ ? from.first : r.to.first;
        query_.limit = backwards_ ? targets_read_max : limit_ + 1;
    }

    std::optional<store::question> begin(std::string& out) override {
        if (!nothing_) return query_;
        batch_of_lines(talk_, out, "draft/chathistory-targets", {}, true).close();
        return std::nullopt;
    }

    std::optional<store::question> go_on(const base::result<store::reply>& what, std::string& out) override {
        const auto* found = what ? std::get_if<store::targets>(&*what) : nullptr;
        if (found == nullptr) {
            const std::array context{verb_, std::string("*")};
            write_fail(out, talk_, "CHATHISTORY", "MESSAGE_ERROR", context, cannot);
            return std::nullopt;
        }
        std::span<const store::targets::one> all = found->all;
        const bool more = all.size() > limit_;
        if (more) all = backwards_ ? all.last(limit_) : all.first(limit_);
        batch_of_lines to(talk_, out, "draft/chathistory-targets", {}, !more);
        for (const auto& one : all) {
            std::string line;
            wire::irc_line(line)
                .source(talk_.options().server_name)
                .verb("CHATHISTORY")
                .param("TARGETS")
                .param(one.name)
                .param(time_text(time_of(one.latest)))
                .end();
            to.add(line);
        }
        to.close();
        return std::nullopt;
    }

  private:
    irc_conversation& talk_;
    std::uint32_t limit_;
    std::string verb_;
    store::targets_query query_;
    bool backwards_ = false;
    bool nothing_ = false;
};

}  // namespace

std::unique_ptr<past_task> history_task(irc_conversation& talk, const chat::past_granted& e, std::string_view line,
                                        std::string& out) {
    const auto parsed = wire::parse_irc(line);
    if (!parsed) return nullptr;
    auto r = parse_history(*parsed);
    if (!r) return nullptr;  // it was refused when it was heard
    if (r->what == history_verb::targets) return std::make_unique<targets_task>(talk, *r, e);
    const auto& unknown = r->from && !r->from->unknown.empty() ? r->from->unknown : r->to.unknown;
    if (e.parts.empty() || !unknown.empty()) {
        const std::array context{r->verb, cut(r->target, 100), unknown.empty() ? std::string("*") : unknown};
        write_fail(out, talk, "CHATHISTORY", "MESSAGE_ERROR", context, "There is no such message");
        return nullptr;
    }
    return std::make_unique<page_task>(talk, std::move(*r), e.parts.front());
}

}  // namespace brusio::door::irc
