// notify: tells systemd how far the server is (the protocol of sd_notify, without libsystemd).
#pragma once

#include <string_view>

namespace brusio::brusiod {

// Sends `state`, such as "READY=1" or "STOPPING=1", to the socket in $NOTIFY_SOCKET (a path, or @name for an abstract
// one). Returns whether it was sent; false, and nothing else, when nobody asked to be told or listens. Reads the
// environment: not while another thread changes it.
bool notify_systemd(std::string_view state);

}  // namespace brusio::brusiod
