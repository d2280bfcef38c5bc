// What every door tells chat of where its clients come from.
#pragma once

#include "door/door.hpp"

namespace brusio::door {

inline chat::ip_bits ip_bits_of(const net::peer& from) {
    chat::ip_bits bits;
    for (std::size_t i = 0; i < 8; ++i) bits.high = bits.high << 8U | from.ip[i];
    for (std::size_t i = 8; i < 16; ++i) bits.low = bits.low << 8U | from.ip[i];
    return bits;
}

// User name, real name and certificate are the door's to fill in.
inline chat::origin origin_of(const caller& from) {
    return {.host = from.host, .address = from.from.address(), .ip = ip_bits_of(from.from), .secure = from.secure};
}

}  // namespace brusio::door
