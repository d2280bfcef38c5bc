// What people type to find something: whatever it is, it is understood or refused in words, and stays within bounds.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "door/references.hpp"
#include "door/search_text.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace brusio;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto r = door::parse_search(text);
    if (!r) {
        require(!r.error().text.empty() && base::valid_utf8(r.error().text));
        return 0;
    }
    require(r->what.terms.size() <= door::search_terms_max);
    require(r->what.limit > 0 && r->what.limit <= door::search_limit_max);
    for (const auto& t : r->what.terms) {
        require(!t.words.empty());
        for (const auto& word : t.words) {
            require(!word.empty() && word.find_first_of(" \t") == std::string::npos && base::valid_utf8(word));
        }
    }
    if (const auto at = door::parse_time(text)) require(door::time_of(door::first_of(*at)) <= *at);
    if (const auto id = door::parse_msgid(text)) require(id->value != 0);
    return 0;
}
