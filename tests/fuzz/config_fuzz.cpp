// The settings parser: any bytes give settings that keep their promises, or one sentence with file and line.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "brusiod/config.hpp"
#include "brusiod/password.hpp"

namespace {

using namespace brusio;

void require(bool holds) {
    if (!holds) std::abort();
}

bool is_line(const std::string& text) { return text.size() <= 200 && base::clean_line(text) == text; }

bool has_door(const brusiod::settings& s, std::string_view door) {
    return std::ranges::find(s.listeners, door, &brusiod::listener::door) != s.listeners.end();
}

void check_irc(const brusiod::settings& s) {
    require(!s.network.empty() && is_line(s.network) && is_line(s.description));
    require(s.admin.size() <= 3 && std::ranges::all_of(s.admin, is_line));
    require(s.motd_text.empty());
    require(s.password.empty() || (!has_door(s, "frame") && brusiod::check_stored_password(s.password)));
    require(!s.lobby.empty() || !has_door(s, "frame"));
    require(s.limits.read_queue >= 5120);
    require(s.limits.channels_per_user >= 1 && s.limits.channels_per_user <= 10'000);
    require(!s.irc.sts || (s.irc.sts->count() >= 0 && s.irc.sts_port != 0 && has_door(s, "irc")));
    require(s.irc.icon.empty() || s.irc.icon.starts_with("https://"));
    for (const auto& tag : s.irc.blocked_tags) require(!tag.empty() && tag.find_first_of("+ ,;=") == std::string::npos);
    for (const auto& o : s.operators) {
        require(is_line(o.name) && !o.name.empty() && brusiod::is_password_hash(o.password_hash));
        require(brusiod::check_stored_password(o.password_hash).has_value());
    }
    for (const auto& w : s.webirc) {
        require(!w.addresses.empty() && brusiod::check_stored_password(w.password).has_value());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto s = brusiod::parse_settings({reinterpret_cast<const char*>(data), size}, "/etc/f.toml");
    if (!s) {
        require(s.error().text.starts_with("/etc/f.toml:"));
        require(base::clean_line(s.error().text) == s.error().text);  // safe to print
        return 0;
    }
    require(!s->server_name.empty() && s->workers <= 64 && s->lobby.size() <= 64);
    require(s->lobby.empty() || s->lobby.starts_with('#'));
    require(!s->listeners.empty() && brusiod::check_distinct(s->listeners).has_value());
    require(s->limits.message_bytes <= 9'999'999'999U && s->limits.login_timeout.count() >= 0);
    require(s->tls.certificate.empty() == s->tls.key.empty());
    for (const auto& l : s->listeners) {
        require(brusiod::check_door(l.door).has_value() && l.where.size() > 0);
        require(!l.tls || !s->tls.key.empty());
        require(!l.proxy_protocol || !s->proxies.empty());
    }
    check_irc(*s);
    require(brusiod::changes_needing_restart(*s, *s).empty() && brusiod::after_reload(*s, *s) == *s);
    return 0;
}
