#include "store/sqlite/search.hpp"

#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "base/identity.hpp"
#include "base/text.hpp"
#include "store/sqlite/indexer.hpp"
#include "store/sqlite/pages.hpp"
#include "store/sqlite/words.hpp"

namespace brusio::store::sqlite {
namespace {

constexpr auto end_of_time = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t slice = 512;

std::int64_t number(chat::message_id id) { return static_cast<std::int64_t>(id.value); }

std::string folded(const std::string& text) { return base::valid_utf8(text) ? base::fold(text) : text; }

// What may be read: from which entry on, by timeline.
class readable {
  public:
    readable(connection& c, const std::vector<timeline>& in) {
        for (const auto& t : in) {
            for (auto& p : pasts_of(c, t)) {
                p.floor = std::max(p.floor, t.from ? number(t.from) - 1 : 0);
                const auto [at, is_new] = floors_.emplace(p.timeline, p.floor);
                if (!is_new) at->second = std::min(at->second, p.floor);
                pasts_.push_back(p);
            }
        }
    }
    bool has(std::int64_t id, std::int64_t timeline, std::int64_t other) const {
        return within(id, timeline) || (other != 0 && within(id, other));
    }
    const std::vector<past>& pasts() const { return pasts_; }

  private:
    bool within(std::int64_t id, std::int64_t timeline) const {
        const auto at = floors_.find(timeline);
        return at != floors_.end() && id > at->second;
    }
    std::unordered_map<std::int64_t, std::int64_t> floors_;
    std::vector<past> pasts_;
};

bool is_from(const std::string& fold, const std::string& mask, const std::string& account) {
    if (fold.empty()) return true;
    return folded(mask.substr(0, mask.find('!'))) == fold || (!account.empty() && folded(account) == fold);
}

// Looks entries up and keeps those that are meant.
class checker {
  public:
    checker(connection& c, const search_query& q, const readable& may) : c_(c), q_(q), may_(may) {}

    // False: that is enough for one answer.
    bool look_at(std::int64_t id) {
        if (looked_ >= q_.look_at || out.entries.size() >= std::min(q_.limit, page_max)) {
            out.go_on_before = {static_cast<std::uint64_t>(last_)};
            return false;
        }
        ++looked_;
        last_ = id;
        if (!meant(id)) return true;
        entry_row row;
        if (read_entry(c_, {static_cast<std::uint64_t>(id)}, row)) out.entries.push_back(std::move(row.what));
        return true;
    }
    found out;

  private:
    bool meant(std::int64_t id) {
        use row(c_["SELECT timeline, other, kind, redacted, mask, account FROM entries WHERE id = ?"], id);
        if (!row.next()) return false;
        const auto timeline = row.number();
        const auto other = row.number();
        if (!is_searched(row.as<chat::entry_kind>()) || row.flag() || !may_.has(id, timeline, other)) return false;
        if (q_.from_fold.empty()) return true;
        const auto mask = row.text();
        return is_from(q_.from_fold, mask, row.text());
    }
    connection& c_;
    const search_query& q_;
    const readable& may_;
    std::size_t looked_ = 0;
    std::int64_t last_ = 0;
};

constexpr auto* matching =
    "SELECT rowid FROM words WHERE words MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid DESC";

// Nothing has to be in it: all there is, but what has a forbidden word.
void look_at_all(connection& entries, connection& index, const readable& may, const std::string& without, reach where,
                 checker& check) {
    while (true) {
        const auto ids = ids_in(entries, may.pasts(), where, slice);
        if (ids.empty()) return;
        std::unordered_set<std::int64_t> forbidden;
        if (!without.empty()) {
            use find(index[matching], without, ids.back() - 1, ids.front() + 1);
            while (find.next()) forbidden.insert(find.number());
        }
        for (const auto id : ids) {
            if (forbidden.contains(id)) continue;
            if (!check.look_at(id)) return;
        }
        where.before = ids.back();
    }
}

}  // namespace

searcher::searcher(const shared& s)
    : s_(s),
      index_file_(s.index_files),
      entries_(s.options.file, access::read, s.options.vfs),
      index_(open_index(s, access::read)) {}

found searcher::answer(const search_query& q) {
    if (index_file_ != s_.index_files) {
        index_file_ = s_.index_files;
        index_.reset();
        index_.emplace(open_index(s_, access::read));
    }
    const auto last = s_.last_entry.load();
    const bool up_to_date = s_.indexed >= last;
    const transaction one_moment(entries_);
    const readable may(entries_, q.in);
    checker check(entries_, q, may);
    check.out.up_to_date = up_to_date;
    const reach where{number(q.after), q.before ? number(q.before) : end_of_time, true, false};
    const auto [with, without, nothing] = match_of(q.terms);
    if (nothing) return std::move(check.out);
    if (with.empty()) {
        look_at_all(entries_, *index_, may, without, where, check);
        return std::move(check.out);
    }
    const auto expression = without.empty() ? with : fmt::format("({}) NOT ({})", with, without);
    use find((*index_)[matching], expression, where.after, where.before);
    while (find.next()) {
        if (!check.look_at(find.number())) break;
    }
    return std::move(check.out);
}

}  // namespace brusio::store::sqlite
