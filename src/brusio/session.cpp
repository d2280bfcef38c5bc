#include "brusio/session.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "base/text.hpp"
#include "brusio/line_view.hpp"
#include "wire/frame.hpp"

namespace brusio::client {
namespace {

constexpr std::chrono::seconds leave_patience{2};
constexpr std::chrono::milliseconds hold_time{1000};
constexpr std::chrono::seconds pause_max{30};
// A connection that lived this long was a good one: the next pauses begin small again.
constexpr std::chrono::seconds good_connection{30};

}  // namespace

session::session(session_options options, session_view& view, clock::time_point now)
    : options_(std::move(options)), view_(view) {
    connect(now);
}

session::~session() = default;

void session::connect(clock::time_point now) {
    try_at_.reset();
    reader_ = {};
    held_.reset();
    last_.reset();
    announced_ = false;
    connection_ = std::make_unique<connection>(options_.where, options_.tls, now);
}

int session::fd() const { return connection_ ? connection_->fd() : -1; }
short session::events() const { return connection_ ? connection_->events() : short{0}; }

std::optional<clock::time_point> session::deadline() const {
    std::optional<clock::time_point> first;
    const auto consider = [&](std::optional<clock::time_point> other) {
        if (other && (!first || *other < *first)) first = other;
    };
    consider(leave_until_);
    consider(try_at_);
    if (held_) consider(hold_until_);
    if (connection_) consider(connection_->deadline());
    return first;
}

bool session::connected() const { return connection_ && connection_->now_in() == connection::stage::open; }
std::size_t session::unsent() const { return connection_ ? connection_->unsent() : 0; }

void session::say(std::string_view line) {
    if (!connected()) return;
    std::string frame;
    wire::append_frame(frame, line);
    connection_->send(frame);
}

void session::finish() {
    finishing_ = true;
    if (connected()) connection_->finish();
}

void session::leave(clock::time_point now) {
    if (ended_) return;
    if (!connected()) return end(exit_code::left, {});
    finish();
    leave_until_ = now + leave_patience;
}

void session::advance(clock::time_point now) {
    if (ended_) return;
    if (leave_until_ && now >= *leave_until_) return end(exit_code::left, {});
    if (try_at_ && now >= *try_at_) connect(now);
    if (!connection_) return;
    std::string received;
    connection_->advance(now, received);
    const bool open = connected();
    if ((open || !received.empty()) && !announced_) {
        announced_ = true;
        ever_connected_ = true;
        connected_at_ = now;
        if (open) {
            say(options_.name);
            if (finishing_) connection_->finish();
            view_.on_connected();
        }
    }
    reader_.append(received);
    read_pairs(now);
    if (!ended_ && connection_->now_in() == connection::stage::ended) connection_ended(now);
}

void session::read_pairs(clock::time_point now) {
    for (;;) {
        auto next = reader_.next();
        if (!next) {
            release_held();
            return end(exit_code::failed, next.error().text);
        }
        if (!*next) break;
        show(std::move(**next), now);
    }
    if (held_ && now >= hold_until_) release_held();
}

void session::show(pair message, clock::time_point now) {
    release_held();
    last_.reset();
    if (!message.explains()) return view_.on_pair(message);
    last_ = message;
    held_ = std::move(message);
    hold_until_ = now + hold_time;
}

void session::release_held() {
    if (!held_) return;
    view_.on_pair(*held_);
    held_.reset();
}

void session::connection_ended(clock::time_point now) {
    const auto failure = connection_->failure();
    const bool all_said = finishing_ && connection_->finished();
    const bool cut = reader_.in_the_middle();
    connection_.reset();
    if (last_ && !leave_until_) {
        const auto text = std::string_view(last_->body).substr(explanation_word.size());
        return end(exit_code::refused, fmt::format("{} closed the connection: {}", shown_name(last_->name),
                                                   base::clean_line(base::trim(text))));
    }
    release_held();
    if (leave_until_) return end(exit_code::left, {});
    std::string why = failure;
    if (why.empty()) {
        if (all_said && !cut) return end(exit_code::left, {});
        why = cut ? "the connection broke off in the middle of a message" : "the server closed the connection";
    }
    if (options_.reconnect && ever_connected_ && !finishing_) return try_again(why, now);
    end(exit_code::failed, why);
}

void session::try_again(const std::string& why, clock::time_point now) {
    if (announced_ && now - connected_at_ >= good_connection) pause_ = std::chrono::seconds{1};
    view_.on_notice(fmt::format("{}; trying again in {} s", why, pause_.count()));
    try_at_ = now + pause_;
    pause_ = std::min(pause_ * 2, pause_max);
}

void session::end(exit_code code, std::string sentence) {
    connection_.reset();
    try_at_.reset();
    ended_ = ending{code, std::move(sentence)};
}

int poll_timeout(clock::time_point now, std::initializer_list<std::optional<clock::time_point>> deadlines) {
    std::optional<clock::time_point> first;
    for (const auto& one : deadlines) {
        if (one && (!first || *one < *first)) first = one;
    }
    if (!first) return -1;
    if (*first <= now) return 0;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*first - now).count();
    return static_cast<int>(std::min<decltype(wait)>(wait, std::numeric_limits<int>::max()));
}

void complain(std::string_view sentence) {
    if (sentence.empty()) return;
    const bool closed = sentence.ends_with('.') || sentence.ends_with('?') || sentence.ends_with('!');
    fmt::print(stderr, "brusio: {}{}\n", sentence, closed ? "" : ".");
}

}  // namespace brusio::client
