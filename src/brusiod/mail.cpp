#include "brusiod/mail.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "brusiod/run_program.hpp"

namespace brusio::brusiod {
namespace {

using base::fail;

constexpr std::size_t address_bytes_max = 254;
constexpr std::size_t subject_bytes_max = 500;
constexpr std::size_t text_bytes_max = std::size_t{64} << 10U;
constexpr std::size_t line_bytes_max = 998;  // RFC 5322, 2.1.1
constexpr std::size_t encoded_text_max =
    45;  // of one encoded word: at most 75 characters with all around it (RFC 2047)

// Narrower than RFC 5322: nothing that begins another address, a name, a comment, a group, a route or a line.
bool is_one_address(std::string_view text) {
    const auto at = text.find('@');
    const auto usable = [](char c) {
        return c > ' ' && c < 0x7F && std::string_view("\"(),:;<>[\\]`|").find(c) == std::string_view::npos;
    };
    return text.size() <= address_bytes_max && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos && text.front() != '-' && std::ranges::all_of(text, usable);
}

bool has_controls(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group = (group << 8U) | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text.push_back(i <= bytes.size() ? digits[(group >> (18 - 6 * i)) & 0x3FU] : '=');
        }
    }
    return text;
}

// RFC 2047: words that do not break a character, one on each line.
std::string header_text(std::string_view text) {
    // What looks like an encoded word must not be read as one.
    if (base::is_ascii(text) && text.size() < 70 && text.find("=?") == std::string_view::npos) {
        return std::string(text);
    }
    std::string words;
    while (!text.empty()) {
        auto end = std::min(text.size(), encoded_text_max);
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
        words += fmt::format("{}=?UTF-8?B?{}?=", words.empty() ? "" : "\n ", base64(text.substr(0, end)));
        text.remove_prefix(end);
    }
    return words;
}

// "Mon, 23 Nov 2026 12:00:00 +0000", in English whatever the locale is.
std::string header_date(std::chrono::sys_seconds at) {
    constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(at - day);
    return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", days[std::chrono::weekday(day).c_encoding()],
                       static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}

// Nothing that is not text, and every line, also the last, with its end.
base::result<std::string> body_of(std::string_view given) {
    if (given.size() > text_bytes_max) return fail("a mail has at most 64 KiB of text");
    auto text = base::without_controls(given);
    if (!text.ends_with('\n')) text.push_back('\n');
    for (std::string_view rest = text; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        if (line.size() > line_bytes_max) return fail("a line of a mail has at most {} bytes", line_bytes_max);
        rest.remove_prefix(line.size() + 1);
    }
    return text;
}

}  // namespace

base::result<std::string> mail_message(const mail& m, std::chrono::sys_seconds at) {
    if (!is_one_address(m.to)) return fail("\"{}\" is not an address to write to", base::clean_line(m.to));
    if (!m.from.empty() && !is_one_address(m.from)) {
        return fail("\"{}\" is not an address to write from", base::clean_line(m.from));
    }
    if (has_controls(m.subject) || !base::valid_utf8(m.subject) || m.subject.size() > subject_bytes_max) {
        return fail("the subject of a mail is one line of UTF-8 of at most {} bytes", subject_bytes_max);
    }
    const auto body = body_of(m.text);
    if (!body) return std::unexpected(body.error());
    std::string message = fmt::format("To: {}\n", m.to);
    if (!m.from.empty()) message += fmt::format("From: {}\n", m.from);
    message += fmt::format("Subject: {}\nDate: {}\n", header_text(m.subject), header_date(at));
    message +=
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
        "Auto-Submitted: auto-generated\n\n";
    return message + *body;
}

mail_sender::mail_sender(std::vector<std::string> command, mail_limits limits)
    : limits_(limits), command_(std::move(command)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    // Signals are for the main thread; and a program that does not read all must not end this one (SIGPIPE).
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

mail_sender::~mail_sender() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        more_.notify_one();
    }
    ::eventfd_write(stop_, 1);
    thread_.join();
    if (stop_ >= 0) ::close(stop_);
}

void mail_sender::set_command(std::vector<std::string> command) {
    const std::lock_guard lock(mutex_);
    command_ = std::move(command);
}

base::result<void> mail_sender::send(const mail& m, done then) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto message = mail_message(m, now);
    if (!message) return std::unexpected(message.error());
    const std::lock_guard lock(mutex_);
    if (stopping_) return fail("the mail was not sent: the server is shutting down");
    if (jobs_.size() + (sending_ ? 1 : 0) >= limits_.waiting) return fail("too many mails wait to be sent");
    jobs_.push_back({std::move(*message), std::move(then)});
    more_.notify_one();
    return {};
}

void mail_sender::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        more_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) break;
        const auto next = std::move(jobs_.front());
        jobs_.pop_front();
        const auto command = command_;
        sending_ = true;
        lock.unlock();
        next.then(run_program(command, next.message, limits_.within, stop_));
        lock.lock();
        sending_ = false;
    }
    const auto unsent = std::move(jobs_);
    lock.unlock();
    for (const auto& job : unsent) job.then(fail("the mail was not sent: the server is shutting down"));
}

}  // namespace brusio::brusiod
