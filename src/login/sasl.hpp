// sasl: AUTHENTICATE's lines as IRCv3 (SASL 3.1, 3.2) has them, and the message of PLAIN (RFC 4616). It knows no
// numerics and no mechanisms but PLAIN's form. Values, for one thread at a time; nothing here is slow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brusio::login {

inline constexpr std::size_t sasl_chunk_bytes = 400;
inline constexpr std::size_t sasl_base64_max = 8192;  // of one response, all its chunks together

enum class sasl_state : std::uint8_t {
    more,       // a chunk of exactly 400: another will follow
    done,       // a whole response: `bytes`
    aborted,    // "*"
    too_long,   // a chunk over 400 bytes, or too many of them
    malformed,  // not base64
};

struct sasl_read {
    sasl_state state = sasl_state::more;
    std::string bytes;  // decoded, when done; may be a secret: wipe it (login/crypto.hpp)
};

// Collects the chunks of one response. After anything but `more` it is as new.
class sasl_reader {
  public:
    explicit sasl_reader(std::size_t base64_max = sasl_base64_max) : base64_max_(base64_max) {}
    ~sasl_reader();
    sasl_reader(const sasl_reader&) = delete;
    sasl_reader& operator=(const sasl_reader&) = delete;

    sasl_read take(std::string_view chunk);  // what follows AUTHENTICATE
    void reset();

  private:
    std::size_t base64_max_;
    std::string base64_;
};

// What to send after AUTHENTICATE, line by line: base64 in chunks of 400, and a "+" when there is nothing or the last
// chunk is full.
std::vector<std::string> in_chunks(std::string_view bytes);

struct plain_message {
    std::string authzid;   // empty, or the account when folded
    std::string account;   // UTF-8 without control characters, 1 to 256 bytes; not folded
    std::string password;  // 1 to 1024 bytes as given; wipe it
};
// authzid NUL account NUL password, with exactly two NULs. Nothing when it is not that, when account or password is
// empty or too long (never cut), or when the authzid is somebody else.
std::optional<plain_message> parse_plain(std::string_view bytes);

}  // namespace brusio::login
