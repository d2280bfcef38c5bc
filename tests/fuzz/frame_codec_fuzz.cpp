// The frame codec: whatever comes, in whatever pieces, is split the same way, and what was split is written back the
// same.
#include <cstdlib>
#include <string>
#include <vector>

#include "wire/frame.hpp"

namespace {

using brusio::wire::split_frame;

struct outcome {
    std::vector<std::string> bodies;
    bool broken = false;
    bool operator==(const outcome&) const = default;
};

constexpr std::uint64_t limit = 16384;

outcome in_pieces(std::string_view input, std::size_t piece) {
    outcome o;
    std::string pending;
    for (std::size_t at = 0; at < input.size() && !o.broken; at += piece) {
        pending += input.substr(at, piece);
        for (;;) {
            const auto s = split_frame(pending, limit);
            o.broken = !s;
            if (!s || !s->complete) break;
            if (s->body.size() > limit || s->consumed > pending.size()) std::abort();
            o.bodies.emplace_back(s->body);
            pending.erase(0, s->consumed);
        }
    }
    return o;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = in_pieces(input, input.size() + 1);
    if (in_pieces(input, data[0] % 32U + 1) != whole) std::abort();
    std::string written;
    for (const auto& body : whole.bodies) brusio::wire::append_frame(written, body);
    if (in_pieces(written, written.size() + 1) != outcome{whole.bodies, false}) std::abort();
    return 0;
}
