#include "base/identity.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"

namespace brusio::base {
namespace {

// ICU fails here only when its data files are missing: a broken installation, not an expected failure.
void require(UErrorCode status) {
    if (U_FAILURE(status)) std::abort();
}

std::string normalized(const icu::Normalizer2* form, std::string_view text) {
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    UErrorCode status = U_ZERO_ERROR;
    form->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())), sink, nullptr, status);
    require(status);
    return out;
}

std::string nfkc(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* form = icu::Normalizer2::getNFKCInstance(status);
    require(status);
    return normalized(form, text);
}

const USpoofChecker* spoof_checker() {
    static const USpoofChecker* const checker = [] {
        UErrorCode status = U_ZERO_ERROR;
        auto* opened = uspoof_open(&status);
        require(status);
        return opened;
    }();
    return checker;
}

std::string skeleton_of(std::string_view text) {
    char buffer[512];
    UErrorCode status = U_ZERO_ERROR;
    auto n = uspoof_getSkeletonUTF8(spoof_checker(), 0, text.data(), static_cast<int32_t>(text.size()), buffer,
                                    sizeof buffer, &status);
    if (status != U_BUFFER_OVERFLOW_ERROR) {
        require(status);
        return {buffer, static_cast<std::size_t>(n)};
    }
    std::string large(static_cast<std::size_t>(n), '\0');
    status = U_ZERO_ERROR;
    n = uspoof_getSkeletonUTF8(spoof_checker(), 0, text.data(), static_cast<int32_t>(text.size()), large.data(), n,
                               &status);
    require(status);
    return large;
}

// Folded. That may make a letter which looks like another one again (ꓟ like M, but m like rn), so it is looked at
// twice.
std::string look(std::string_view text) {
    const auto skeleton = skeleton_of(text);
    auto folded = fold(skeleton);
    return folded == skeleton ? folded : fold(skeleton_of(folded));
}

// What the characters of a name are to the nick that is made of it. IRC's special characters count as letters, and `-`,
// with which no nick begins either, as a digit.
enum class nick_part : std::uint8_t { letter, digit, mark, other };

nick_part part_of_nick(UChar32 c) {
    if (c < 0x80) {
        if ((c >= '0' && c <= '9') || c == '-') return nick_part::digit;
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            std::string_view("[]\\`_^{|}").contains(static_cast<char>(c));
        return letter ? nick_part::letter : nick_part::other;
    }
    const auto category = U_MASK(u_charType(c));
    if ((category & U_GC_L_MASK) != 0) return nick_part::letter;
    if ((category & U_GC_N_MASK) != 0) return nick_part::digit;
    return (category & U_GC_M_MASK) != 0 ? nick_part::mark : nick_part::other;
}

// NFKC without the characters that are not shown. What was on either side of one may belong together then.
std::string shown_characters(std::string_view name) {
    if (is_ascii(name)) return std::string(name);
    const auto whole = nfkc(name);
    std::string shown;
    const auto* s = reinterpret_cast<const uint8_t*>(whole.data());
    const auto length = static_cast<int32_t>(whole.size());
    for (int32_t i = 0; i < length;) {
        const int32_t start = i;
        UChar32 c = 0;
        U8_NEXT(s, i, length, c);
        if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) continue;
        shown.append(whole, static_cast<std::size_t>(start), static_cast<std::size_t>(i - start));
    }
    return shown.size() == whole.size() ? shown : nfkc(shown);
}

// A nick's own nick is itself: nothing here changes text that begins with a letter and has nothing but letters, digits
// and marks.
std::string derive_nick(std::string_view name) {
    std::string source = shown_characters(name);
    const auto first = source.find_first_not_of(": ");
    source.erase(0, first == std::string::npos ? source.size() : first);
    source.resize(std::min(source.find(':'), source.size()));

    std::string nick;
    bool gap = false;  // what has no place in a nick, since the last letter: one `_`, none at either end
    const auto* s = reinterpret_cast<const uint8_t*>(source.data());
    const auto length = static_cast<int32_t>(source.size());
    for (int32_t i = 0; i < length;) {
        const int32_t start = i;
        UChar32 c = 0;
        U8_NEXT(s, i, length, c);
        const auto part = part_of_nick(c);
        if (part == nick_part::other) {
            gap = !nick.empty();
            continue;
        }
        if (part == nick_part::mark && (gap || nick.empty())) continue;  // what it belonged to is not there
        if (part == nick_part::digit && nick.empty()) nick = "_";
        const std::size_t more = (gap ? 1U : 0U) + static_cast<std::size_t>(i - start);
        if (nick.size() + more > nick_bytes_max) break;
        if (gap) nick += '_';
        gap = false;
        nick.append(source, static_cast<std::size_t>(start), static_cast<std::size_t>(i - start));
    }
    return nick;
}

bool has_forbidden_character(std::string_view name) {
    const auto* s = reinterpret_cast<const uint8_t*>(name.data());
    const auto length = static_cast<int32_t>(name.size());
    constexpr uint32_t forbidden =
        U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK | U_GC_CS_MASK | U_GC_CN_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
    for (int32_t i = 0; i < length;) {
        UChar32 c = 0;
        U8_NEXT(s, i, length, c);
        if ((U_MASK(u_charType(c)) & forbidden) != 0) return true;
    }
    return false;
}

}  // namespace

bool is_channel_name(std::string_view typed) {
    if (!typed.starts_with('#') || typed.size() > channel_bytes_max || !valid_utf8(typed)) return false;
    const auto* s = reinterpret_cast<const uint8_t*>(typed.data());
    const auto length = static_cast<int32_t>(typed.size());
    for (int32_t i = 0; i < length;) {
        UChar32 c = 0;
        U8_NEXT(s, i, length, c);
        if (c == ',' || u_isUWhiteSpace(c)) return false;
    }
    if (has_forbidden_character(typed)) return false;
    // Masks are compared with the folded name, in which other characters become wildcards, too: the full-width ones.
    constexpr std::string_view wildcards = "*?";
    if (is_ascii(typed)) return typed.find_first_of(wildcards) == std::string_view::npos;
    return fold(typed).find_first_of(wildcards) == std::string::npos;
}

std::string fold(std::string_view text) {
    if (is_ascii(text)) {
        std::string lower(text);
        for (auto& c : lower) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        return lower;
    }
    UErrorCode status = U_ZERO_ERROR;
    const auto* form = icu::Normalizer2::getNFKCCasefoldInstance(status);
    require(status);
    return normalized(form, text);
}

std::string channel_look(std::string_view name) { return look(fold(name)); }

std::string channel_cased_look(std::string_view name) { return fold(name) == name ? std::string() : look(name); }

result<identity> make_identity(std::string_view typed) {
    const auto name = trim(typed);
    if (name.empty()) return fail("a name cannot be empty");
    if (name.size() > name_bytes_max) return fail("a name has at most {} bytes", name_bytes_max);
    if (!valid_utf8(name)) return fail("a name must be UTF-8 text");
    if (has_forbidden_character(name)) return fail("a name cannot have control or invisible characters");

    identity who{.name = std::string(name),
                 .nick = derive_nick(name),
                 .name_fold = fold(name),
                 .nick_fold = {},
                 .skeleton = {},
                 .cased_skeleton = {},
                 .ascii = is_ascii(name)};
    who.nick_fold = fold(who.nick);
    if (who.nick_fold.empty()) return fail("a name needs at least one letter or digit");
    who.skeleton = look(who.nick_fold);
    if (who.nick != who.nick_fold) who.cased_skeleton = look(who.nick);
    if (who.cased_skeleton == who.skeleton) who.cased_skeleton.clear();
    return who;
}

}  // namespace brusio::base
