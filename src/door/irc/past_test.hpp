// A store in memory for tests: remembers entries, and answers questions about them as plainly as store/questions.hpp
// says it.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/identity.hpp"
#include "base/result.hpp"
#include "store/questions.hpp"

namespace brusio::door::test {

class remembered_past {
  public:
    void take(const chat::record& what) {
        if (const auto* e = std::get_if<chat::entry_record>(&what)) {
            all.push_back(*e);
        } else if (const auto* r = std::get_if<chat::redaction_record>(&what)) {
            for (auto& one : all) {
                if (one.what.id != r->of) continue;
                one.what.what = {.kind = one.what.what.kind};
                one.what.redacted = true;
                one.what.redacted_by = r->by;
                one.what.redacted_why = r->reason;
                one.what.redacted_ms = r->at_ms;
            }
        }
    }

    base::result<store::reply> answer(const store::question& q) {
        asked.push_back(q);
        if (fails) return base::fail("the disk is full");
        return std::visit([&](const auto& one) { return base::result<store::reply>(read(one)); }, q);
    }

    std::vector<chat::entry_record> all;
    std::vector<store::question> asked;
    bool fails = false;

  private:
    using entries = std::vector<chat::entry>;

    static bool is_in(const chat::entry_record& e, const store::timeline& of) {
        if (e.what.id < of.from) return false;
        if (of.channel) return e.channel == of.channel;
        return std::ranges::any_of(e.sides, [&](const chat::conversation_side& s) {
            const bool any = !of.peer && of.peer_fold.empty();
            return s.owner == of.owner && (any || (of.peer && s.peer == of.peer) ||
                                           (!of.peer_fold.empty() && s.peer_nick.fold == of.peer_fold));
        });
    }

    entries within(const store::page_query& q, chat::message_id after, chat::message_id before) const {
        entries out;
        for (const auto& e : all) {
            const bool there = is_in(e, q.of) && (q.events || !chat::is_event(e.what.kind));
            if (there && e.what.id > after && (!before || e.what.id < before)) out.push_back(e.what);
        }
        return out;
    }

    static store::page take(entries from, std::size_t n, bool last) {
        store::page p{std::move(from), false};
        p.more = p.entries.size() > n;
        if (p.more && last) p.entries.erase(p.entries.begin(), p.entries.end() - static_cast<std::ptrdiff_t>(n));
        if (p.more) p.entries.resize(n);
        return p;
    }

    store::page read(const store::page_query& q) const {
        const std::size_t n = q.limit;
        switch (q.which) {
            case store::span::latest:
                return take(within(q, q.after, {}), n, true);
            case store::span::before:
                return take(within(q, {}, q.before), n, true);
            case store::span::after:
                return take(within(q, q.after, {}), n, false);
            case store::span::around: {
                auto p = take(within(q, {}, std::max(q.after, chat::message_id{1})), n / 2, true);
                const auto behind = take(within(q, {q.after.value - 1}, {}), n - p.entries.size(), false);
                p.entries.insert(p.entries.end(), behind.entries.begin(), behind.entries.end());
                p.more = p.more || behind.more;
                return p;
            }
            case store::span::between:
                break;
        }
        if (q.after <= q.before) return take(within(q, q.after, q.before), n, false);
        return take(within(q, q.before, q.after), n, true);
    }

    store::targets read(const store::targets_query& q) const {
        std::map<std::string, store::targets::one> found;
        for (const auto& e : all) {
            if (chat::is_event(e.what.kind)) continue;
            for (const auto& c : q.channels) {
                if (e.channel == c.id && e.what.id >= c.from) found[c.name] = {c.name, e.what.id};
            }
            for (const auto& s : e.sides) {
                if (q.owner && s.owner == q.owner) found[s.peer_nick.fold] = {s.peer_nick.name, e.what.id};
            }
        }
        store::targets out;
        for (auto& [key, one] : found) {
            if (one.latest > q.after && (!q.before || one.latest < q.before)) out.all.push_back(one);
        }
        std::ranges::sort(out.all, {}, &store::targets::one::latest);
        if (out.all.size() > q.limit) out.all.resize(q.limit);
        return out;
    }

    store::page read(const store::entry_query& q) const {
        store::page p;
        for (const auto& e : all) {
            if (e.what.id == q.id && is_in(e, q.of)) p.entries.push_back(e.what);
        }
        return p;
    }

    static bool says(const std::string& body, const store::search_term& t) {
        std::string wanted;
        for (const auto& word : t.words) wanted += (wanted.empty() ? "" : " ") + word;
        return (base::fold(body).find(base::fold(wanted)) != std::string::npos) != t.without;
    }

    store::found read(const store::search_query& q) const {
        store::found out;
        std::uint32_t looked = 0;
        for (auto e = all.rbegin(); e != all.rend(); ++e) {
            const auto& what = e->what;
            if (chat::is_event(what.kind) || what.redacted || what.id <= q.after || (q.before && what.id >= q.before) ||
                std::ranges::none_of(q.in, [&](const auto& t) { return is_in(*e, t); })) {
                continue;
            }
            if (looked++ == q.look_at || out.entries.size() == q.limit) {
                out.go_on_before = {what.id.value + 1};
                break;
            }
            if (!q.from_fold.empty() && base::fold(what.who.nick()) != q.from_fold) continue;
            if (std::ranges::all_of(q.terms, [&](const auto& t) { return says(what.what.body, t); })) {
                out.entries.push_back(what);
            }
        }
        return out;
    }

    store::credentials read(const store::credentials_query& /*q*/) const { return {}; }
    store::dropped read(const store::dropped_query& /*q*/) const { return {}; }
};

}  // namespace brusio::door::test
