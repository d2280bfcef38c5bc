#include "brusiod/control_wire.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.hpp"

namespace brusio::brusiod {

std::string control_frame(std::string_view body) {
    std::string frame;
    frame.reserve(control_length_bytes + body.size());
    for (std::size_t i = 0; i < control_length_bytes; ++i) {
        frame.push_back(static_cast<char>((body.size() >> (8 * i)) & 0xFFU));
    }
    return frame.append(body);
}

std::uint32_t control_length(std::string_view frame) {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < control_length_bytes; ++i) {
        n |= std::uint32_t{static_cast<unsigned char>(frame[i])} << (8 * i);
    }
    return n;
}

std::string shown_sentence(std::string_view sentence) { return "brusiod: " + base::clean_line(sentence) + "\n"; }

std::expected<control_address, int> control_address::of(const std::filesystem::path& path) {
    control_address at;
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    at.name_ = path.filename().string();
    at.folder_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at.folder_ < 0) return std::unexpected(errno);
    const auto text = fmt::format("/proc/self/fd/{}/{}", at.folder_, at.name_);
    if (at.name_.empty() || text.size() >= sizeof at.address_.sun_path) return std::unexpected(ENAMETOOLONG);
    at.address_.sun_family = AF_UNIX;
    std::memcpy(at.address_.sun_path, text.c_str(), text.size() + 1);
    return at;
}

control_address::~control_address() {
    if (folder_ >= 0) ::close(folder_);
}

control_address::control_address(control_address&& other) noexcept
    : folder_(std::exchange(other.folder_, -1)), name_(std::move(other.name_)), address_(other.address_) {}

}  // namespace brusio::brusiod
