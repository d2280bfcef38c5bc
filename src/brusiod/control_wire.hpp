// control_wire: what both ends of the control socket share: its frames, and its address. Any thread.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/archive.hpp"
#include "brusiod/control.hpp"

namespace brusio::brusiod {

inline constexpr std::size_t control_length_bytes = 4;
inline constexpr std::size_t control_text_max = std::size_t{64} << 10U;        // of one answer
inline constexpr std::size_t control_reply_bytes_max = control_text_max + 64;  // encoded

// A whole frame. `body` is shorter than 4 GiB.
std::string control_frame(std::string_view body);
template <class Value>
std::string encode_frame(const Value& value) {
    return control_frame(base::encode(value));
}

// The body's length, of at least four bytes.
std::uint32_t control_length(std::string_view frame);

// What the asker sees on standard error.
std::string shown_sentence(std::string_view sentence);

// A socket's address has room for 107 bytes; a folder's path may be longer. So the folder is opened, and the address
// goes by its descriptor.
class control_address {
  public:
    // An errno when the folder cannot be opened.
    static std::expected<control_address, int> of(const std::filesystem::path& path);
    ~control_address();
    control_address(control_address&& other) noexcept;
    control_address(const control_address&) = delete;
    control_address& operator=(const control_address&) = delete;

    const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }
    socklen_t size() const { return sizeof address_; }
    int folder() const { return folder_; }
    const std::string& name() const { return name_; }  // in the folder

  private:
    control_address() = default;
    int folder_ = -1;
    std::string name_;
    sockaddr_un address_{};
};

}  // namespace brusio::brusiod
