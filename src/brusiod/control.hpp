// control: how the commands of the command line ("brusiod account add anna") reach the server that runs on the same
// data: one request over a unix socket in the data folder, and a stream of answers. It knows sockets and bytes; it does
// not know any command.
//
// A request and each answer is a frame: four bytes of length, little endian, then the value as base/archive.hpp writes
// it. Both ends are of one version: whoever upgrades the program restarts the server.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace brusio::brusiod {

struct control_request {
    std::vector<std::string> words;  // as admin_options::words; a file's path is absolute
    std::string input;               // a password, where the command wants one
    bool operator==(const control_request&) const = default;
};

enum class control_kind : std::uint8_t { out, err, end };

struct control_reply {
    control_kind kind = control_kind::out;
    std::string text;       // of `out` and `err`
    std::uint8_t code = 0;  // of `end`: what the program exits with
    bool operator==(const control_reply&) const = default;
};

// Who asked, for whoever answers. Any thread, but of one request one at a time. After `end`, nothing does anything.
class control_client {
  public:
    control_client() = default;
    virtual ~control_client() = default;
    control_client(const control_client&) = delete;
    control_client& operator=(const control_client&) = delete;

    // To standard output, as it is. May wait while the asker reads slowly, at most as long as the server's limits say.
    // False when the asker is gone: whatever else would be written is not wanted.
    virtual bool out(std::string_view text) = 0;
    // One sentence without a full stop, to standard error. Never waits.
    virtual void err(std::string_view sentence) = 0;
    // Never waits.
    virtual void end(std::uint8_t code) = 0;
};

// The asker when no server runs: the same answers go to two files of this process.
class file_client final : public control_client {
  public:
    file_client(std::FILE* out, std::FILE* err) : out_(out), err_(err) {}
    bool out(std::string_view text) override;
    void err(std::string_view sentence) override;
    void end(std::uint8_t code) override;
    int wait_for_end();  // the code; 1 when it was 0, but not all of the output could be written

  private:
    void fail_to_write();

    std::mutex mutex_;
    std::condition_variable ended_;
    std::FILE* out_;
    std::FILE* err_;
    bool failed_ = false;
    std::optional<int> code_;
};

// Asks the server whose socket is at `path` and writes its answers to the two files as they come. The code to exit
// with; nothing when no server is there. An error when the server cannot be reached, or ends in the middle of its
// answer, or `out` cannot be written. Blocks; any thread.
base::result<std::optional<int>> ask_running_server(const std::filesystem::path& path, const control_request& request,
                                                    std::FILE* out, std::FILE* err);

struct control_limits {
    std::size_t clients = 8;                                              // at once; more are told to try again
    std::size_t request_bytes = std::size_t{64} << 10U;                   // encoded
    std::size_t queue_bytes = std::size_t{1} << 20U;                      // of answers that one client has not read
    std::chrono::milliseconds request_within = std::chrono::seconds(10);  // of connecting
    std::chrono::milliseconds read_within = std::chrono::seconds(60);     // something of what waits
};

// The server's end. It has one thread, which calls `handler` with each whole request: quick work may be done there,
// while it lasts nobody else is served; long work belongs to a thread of its own, with the client. A client that is
// dropped without an `end` is told that there was no answer, with code 1.
class control_server {
  public:
    using handler = std::function<void(control_request, std::shared_ptr<control_client>)>;

    // Makes the socket (mode 0600) in a folder that is there, in place of one that a server left behind when it was
    // killed. Answers only the server's own user and root. An error when another server answers there, or the socket
    // cannot be made. The path may be longer than what fits a socket's address.
    static base::result<std::unique_ptr<control_server>> start(const std::filesystem::path& path, handler handle,
                                                               control_limits limits = {});
    // Sends what can be sent at once, closes all connections, waits for a handler that still runs, removes the socket.
    // Clients that are still held somewhere do nothing from then on.
    virtual ~control_server() = default;
    control_server(const control_server&) = delete;
    control_server& operator=(const control_server&) = delete;

  protected:
    control_server() = default;
};

// The name in the data folder.
inline constexpr std::string_view control_socket_name = "control.sock";

}  // namespace brusio::brusiod
