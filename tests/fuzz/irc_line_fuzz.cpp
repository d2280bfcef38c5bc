// IRC's lines: whatever comes, in whatever pieces, is split the same way; what was read is written and read the same;
// and text made of it stays text.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "wire/irc.hpp"
#include "wire/irc_format.hpp"
#include "wire/irc_line.hpp"
#include "wire/irc_tags.hpp"
#include "wire/irc_text.hpp"

namespace {

using namespace brusio::wire;

void must(bool holds) {
    if (!holds) std::abort();
}

struct outcome {
    std::vector<std::string> lines;
    std::size_t too_long = 0;
    bool operator==(const outcome&) const = default;
};

outcome in_pieces(std::string_view input, std::size_t piece, const irc_limits& limits) {
    outcome o;
    std::string pending;
    bool skipping = false;
    for (std::size_t at = 0; at < input.size(); at += piece) {
        pending += input.substr(at, piece);
        for (;;) {
            if (skipping) {
                const auto skip = skip_irc_line(pending);
                pending.erase(0, skip.consumed);
                if (!skip.found_end) break;
                skipping = false;
            }
            const auto s = split_irc_line(pending, limits);
            must(s.consumed <= pending.size());
            if (s.what == irc_split::status::line) {
                must(s.line.size() <= limits.tags + limits.body);
                o.lines.emplace_back(s.line);
            }
            pending.erase(0, s.consumed);
            if (s.what == irc_split::status::need_more) {
                must(pending.size() <= limits.tags + limits.body + 1);
                break;
            }
            skipping = s.what == irc_split::status::too_long;
            o.too_long += skipping ? 1U : 0U;
        }
    }
    return o;
}

void check_rewritten(const irc_message& m) {
    if (m.verb.starts_with(':') || m.verb.starts_with('@')) return;  // not a word that a server would send
    std::string out;
    irc_line line(out);
    const auto tags = final_tags(m.tags);
    for (const auto& t : tags) line.escaped_tag(t.key, t.escaped_value);
    line.source(m.source).verb(m.verb);
    for (std::size_t i = 0; i + 1 < m.param_count; ++i) line.param(m.param(i));
    bool cut = false;
    if (m.param_count > 0) {
        const auto last = m.param(m.param_count - 1);
        cut = last.size() > line.room();
        line.trailing(last);
    }
    line.end();
    const auto read = parse_irc(std::string_view(out).substr(0, out.size() - 2));
    must(read.has_value());
    must(read->source == m.source && read->verb == m.verb);
    must(cut || read->param_count == m.param_count);
    for (std::size_t i = 0; i < m.param_count && !cut; ++i) must(read->param(i) == m.param(i));
    std::size_t i = 0;
    for_each_tag(read->tags, [&](auto key, auto value) {
        must(i < tags.size() && key == tags[i].key && value == tags[i].escaped_value);
        ++i;
    });
    must(i == tags.size());
}

void check_written(std::string_view any, std::size_t cut) {
    const auto part = any.substr(0, cut);
    const auto rest = any.substr(part.size());
    std::string out;
    irc_line(out).tag(part, rest).source(part).verb(rest).param(part).param(rest).trailing(any).end();
    const auto split = split_irc_line(out, {irc_line::max_tags, irc_line::max_body});
    must(split.what == irc_split::status::line && split.consumed == out.size());
    must(parse_irc(split.line).has_value());
    must(!brusio::base::valid_utf8(any) || !brusio::base::valid_utf8(part) || brusio::base::valid_utf8(out));
}

void check_text(std::string_view text, std::size_t most) {
    const auto clean = clean_for_irc(text);
    must(brusio::base::valid_utf8(clean));
    std::string joined;
    for (auto piece : split_text(text, most, cut_blank::keep)) {
        must(!piece.empty() && piece.size() <= std::max<std::size_t>(most, 4));
        joined += piece;
    }
    must(joined == text);
    for (auto piece : split_text(clean, most)) {
        must(!piece.empty() && piece.size() <= std::max<std::size_t>(most, 4) && brusio::base::valid_utf8(piece));
    }
    must(brusio::base::valid_utf8(strip_formatting(clean)));
    must(strip_formatting(text).find_first_of("\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 20000) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    // Small limits are met by small inputs.
    for (const auto limits : {irc_limits{}, irc_limits{.tags = 12, .body = 20}}) {
        const auto whole = in_pieces(input, input.size() + 1, limits);
        must(in_pieces(input, data[0] % 32U + 1, limits) == whole);
        if (size < 2000) must(in_pieces(input, 1, limits) == whole);
        for (const auto& line : whole.lines) {
            if (const auto m = parse_irc(line)) check_rewritten(*m);
        }
    }
    (void)parse_irc(input);
    check_written(input, data[0]);
    check_text(input, data[0] % 64U);
    return 0;
}
