// The settings parser: any bytes give settings that keep their promises, or one sentence with file and line.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "brusiod/config.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace brusio;
    const auto s = brusiod::parse_settings({reinterpret_cast<const char*>(data), size}, "/etc/f.toml");
    if (!s) {
        require(s.error().text.starts_with("/etc/f.toml:"));
        require(base::clean_line(s.error().text) == s.error().text);  // safe to print
        return 0;
    }
    require(!s->server_name.empty() && s->workers <= 64 && s->lobby.starts_with('#') && s->lobby.size() <= 64);
    require(!s->listeners.empty() && brusiod::check_distinct(s->listeners).has_value());
    require(s->limits.message_bytes <= 9'999'999'999U && s->limits.login_timeout.count() >= 0);
    require(s->tls.certificate.empty() == s->tls.key.empty());
    for (const auto& l : s->listeners) {
        require(brusiod::check_door(l.door).has_value() && l.where.size() > 0);
        require(!l.tls || !s->tls.key.empty());
    }
    require(brusiod::changes_needing_restart(*s, *s).empty());
    return 0;
}
