// scram: the server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding. It knows the three messages
// and nothing of base64 lines (sasl.hpp) or of where verifiers are kept. Fast (microseconds: the client does the work);
// one exchange belongs to one thread at a time.
//
//     auto user = x.begin(client_first);                       // who wants in
//     auto server_first = x.challenge(verifier, make_nonce()); // or challenge_unknown
//     auto server_final = x.finish(client_final);              // nothing: wrong
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "login/verifier.hpp"

namespace brusio::login {

inline constexpr std::size_t scram_message_bytes_max = 4096;
inline constexpr std::size_t account_bytes_max = 256;  // of a user name that is worth looking up

std::string make_nonce();  // 24 characters, 144 bits

class scram_exchange {
  public:
    scram_exchange() = default;
    ~scram_exchange();
    scram_exchange(const scram_exchange&) = delete;
    scram_exchange& operator=(const scram_exchange&) = delete;

    // The client's first message: "n,,n=user,r=nonce" (or "y,,", or with an authorization identity). Gives the user
    // name, unescaped, UTF-8 without control characters, 1 to 256 bytes, not folded. An error for whatever cannot be
    // gone on with: channel binding ("p="), a mandatory extension ("m="), an authorization identity that is neither
    // empty nor (folded) the user name, anything that is not in the grammar.
    base::result<std::string> begin(std::string_view client_first);

    // The authorization identity that `begin` read, unescaped; "" when there was none.
    const std::string& authzid() const { return authzid_; }

    // The server's first message for a user whose verifier is known. "" when `begin` has not succeeded, when there has
    // been a challenge, when the verifier is not whole (use challenge_unknown then), or the nonce is empty or has
    // characters that no nonce has.
    std::string challenge(const std::string& scram_verifier, std::string_view server_nonce);

    // The same for a user who does not exist or has no SCRAM verifier: the answer does not tell, and `finish` will
    // fail. `user` is the name in the form in which accounts are looked up (folded), or the salts of Bob and bob would
    // differ. `secret_key` must be the same ever after (random bytes kept with the server's data, 16 or more), and
    // `iterations` what verifiers are made with.
    std::string challenge_unknown(std::string_view user, std::string_view secret_key, std::string_view server_nonce,
                                  std::uint32_t iterations = scram_iterations_default);

    // The client's last message: the server's "v=…" when the proof is right, and the user is who they say; nothing when
    // anything is wrong. Only once for a challenge.
    std::optional<std::string> finish(std::string_view client_final);

  private:
    enum class step : std::uint8_t { fresh, begun, challenged, over };
    std::string send_challenge(std::string_view server_nonce);

    step step_ = step::fresh;
    bool known_ = false;
    std::string gs2_header_;  // "n,,": what the client must repeat in base64
    std::string authzid_;
    std::string client_first_bare_;  // "n=user,r=nonce"
    std::string nonce_;              // the client's, then both
    std::string server_first_;
    scram_keys keys_;
};

}  // namespace brusio::login
