// One connection as its worker sees it. Kept small: an idle one has no buffers at all.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/token_bucket.hpp"
#include "net/send_queue.hpp"
#include "net/tls.hpp"
#include "net/types.hpp"

namespace brusio::net {

struct group;

struct membership {
    group* in = nullptr;
    std::uint32_t position = 0;  // in the group's list of members
};

struct connection {
    // What the fan-out touches stands first, in one cache line.
    int fd = -1;
    bool dirty : 1 = false;     // in the worker's list for the flush at the end of this turn
    bool blocked : 1 = false;   // the socket was full: wait until it can be written again
    bool closing : 1 = false;   // takes nothing more to send; what is queued is flushed, then it is closed
    bool readable : 1 = false;  // epoll said so and we have not seen the end of it
    bool held : 1 = false;      // input waits until the log-in is decided
    bool admitted : 1 = false;
    bool throttled : 1 = false;  // over its message rate: rests for a while
    bool paused : 1 = false;     // has had its messages of this turn; the rest waits in `input` for the next
    bool exempt : 1 = false;     // from the limits of its address
    bool counted : 1 = false;    // among the connections of its address
    bool refused : 1 = false;    // open only to be told so
    bool in_ready_list : 1 = false;
    bool input_ended : 1 = false;   // the peer's end was read
    bool end_told : 1 = false;      // … and handed over
    bool input_broken : 1 = false;  // not the protocol: no more is read
    bool output_ended : 1 = false;  // we have shut our side
    bool dead : 1 = false;          // closed; freed at the end of the turn
    bool opened : 1 = false;        // `opened` was told; before, its PROXY header or the acceptor's word is awaited
    bool header_due : 1 = false;    // its PROXY header has not come yet
    bool greeted : 1 = false;       // the TLS handshake is done
    bool skipping : 1 = false;      // in the middle of a message that is too long
    turn_range range;               // of this turn, and not sent yet
    std::unique_ptr<send_queue> queue;
    tls_session tls;
    std::uint32_t stamp = 0;    // the worker's when a multicast to several groups last reached it
    std::uint16_t skipped = 0;  // bytes since the last full token, while skipping
    std::uint16_t pieces = 0;   // the same of the pieces of a message
    bool in_pieces = false;     // such a message has begun

    conn_id id;
    std::uint32_t listener = 0;
    std::vector<membership> groups;
    std::string input;  // the beginning of a message, or messages that wait
    base::token_bucket messages;
    std::int64_t deadline_ms = 0;  // 0: none. Closed then, for `deadline_why`
    std::int64_t timer_ms = 0;     // when the worker's timer looks at it next; 0: not at all
    why_closed deadline_why = why_closed::login_timeout;
    std::uint32_t discarded = 0;  // bytes of input thrown away while closing
    peer from;

    bool has_output() const { return !range.empty() || queue != nullptr; }
};

struct group {
    group_id id{};
    std::vector<connection*> members;
    turn_buffer turn;
    bool used_this_turn = false;
};

}  // namespace brusio::net
