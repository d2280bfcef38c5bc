// Questions about the past on one IRC conversation: lines of a client, granted by nobody in particular and answered by
// a store that says anything. What is sent is checked: whole lines of UTF-8 that are not too long, batches that open
// before they close and are closed, in each line at most one batch tag.
//
// Input: two bytes say which capabilities the client has, then records that end in LF. The first byte says what the
// rest is:
//   +     an entry of the past: kind, flags, id, then its text
//   !     what the store does next: 'f' it fails, 'm' there is more, 'e' it has nothing
//   else  a line of the client
#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>

#include "base/text.hpp"
#include "door/irc/conversation.hpp"
#include "door/irc/irc_door.hpp"
#include "wire/irc_tags.hpp"

namespace {

using namespace brusio;

void require(bool holds) {
    if (!holds) std::abort();
}

constexpr std::string_view capabilities[] = {
    "message-tags",
    "server-time",
    "batch",
    "draft/multiline",
    "account-tag",
    "draft/chathistory",
    "draft/event-playback",
    "draft/message-redaction",
    "echo-message",
    "labeled-response",
    "soju.im/search",
    "standard-replies",
    "draft/read-marker",
    "extended-join",
    "draft/channel-rename",
    "znc.in/self-message",
};

struct reader {
    std::set<std::string, std::less<>> open;

    void line(std::string_view text) {
        const auto tags = text.starts_with('@') ? text.find(' ') + 1 : 0;
        require(tags <= 8191 && text.size() - tags <= 510 && base::valid_utf8(text));
        const auto m = wire::parse_irc(text);
        require(m.has_value());
        std::size_t batches = 0;
        wire::for_each_tag(m->tags, [&](std::string_view key, std::string_view value) {
            if (key != "batch") return;
            ++batches;
            require(open.contains(value));
        });
        require(batches <= 1);
        if (m->verb != "BATCH") return;
        const auto reference = m->param(0);
        require(reference.size() > 1);
        if (reference.starts_with('+')) {
            require(open.emplace(reference.substr(1)).second);
        } else {
            require(open.erase(std::string(reference.substr(1))) == 1);
        }
    }
    void bytes(std::string_view all) {
        while (!all.empty()) {
            const auto end = all.find("\r\n");
            require(end != std::string_view::npos);
            line(all.substr(0, end));
            all.remove_prefix(end + 2);
        }
    }
};

class run {
  public:
    explicit run(unsigned wanted) : irc_(settings()) {
        door::caller from{net::peer_from("192.0.2.7").value(), "h.example", false};
        talk_ = irc_.open(session_, std::move(from));
        std::string request = "CAP REQ :";
        for (std::size_t i = 0; i < std::size(capabilities); ++i) {
            if ((wanted >> i & 1U) != 0) request.append(capabilities[i]).append(" ");
        }
        for (const auto& line : {request, std::string("NICK anna"), std::string("USER a 0 * :x")}) hear(line);
        hear("CAP END");
    }

    void step(std::string_view record) {
        if (record.starts_with('+')) return add(record.substr(1));
        if (record.starts_with('!')) {
            next_ = record.size() > 1 ? record[1] : 0;
            return;
        }
        hear(std::string(record));
        require(!waits_);
    }

    void end() { require(reader_.open.empty()); }

  private:
    static door::irc::settings settings() {
        door::irc::settings s;
        s.history.on = true;
        s.history.replay_lines = 5;
        s.now_ms = [] { return std::int64_t{1'795'422'271'123}; };
        return s;
    }

    void add(std::string_view text) {
        if (text.size() < 3 || past_.size() > 64) return;
        chat::entry e;
        e.kind = static_cast<chat::entry_kind>(static_cast<unsigned char>(text[0]) % 14);
        const auto flags = static_cast<unsigned char>(text[1]);
        e.id = {(std::uint64_t{1'795'422'271'123U} << 16U) + static_cast<unsigned char>(text[2])};
        e.at_ms = 1'795'422'271'123;
        e.who = {"anna", "anna!~a@h.example", (flags & 1U) != 0 ? "anna" : "", (flags & 2U) != 0};
        e.target = (flags & 4U) != 0 ? "#c" : "anna";
        e.redacted = (flags & 8U) != 0;
        e.redacted_why = (flags & 16U) != 0 ? "why" : "";
        e.what.formatted = (flags & 32U) != 0;
        e.what.kind = static_cast<chat::speech>(e.kind <= chat::entry_kind::tags ? static_cast<unsigned>(e.kind) : 0);
        auto body = text.substr(3);
        if (!base::valid_utf8(body)) body = "not UTF-8";
        for (const char c : body) e.what.body += c == '\t' ? '\n' : c;
        std::erase_if(e.what.body, [](char c) { return c == '\0' || c == '\r'; });
        if ((flags & 64U) != 0) e.what.breaks = {static_cast<std::uint32_t>(e.what.body.size() / 2)};
        if ((flags & 128U) != 0) e.what.tags = "+draft/reply=x;+y";
        e.detail = "bruno";
        past_.push_back(std::move(e));
    }

    void hear(const std::string& line) {
        std::vector<door::action> actions;
        talk_->hear(line, actions);
        for (auto& a : actions) {
            if (auto* r = std::get_if<door::reply>(&a)) {
                take(std::move(*r));
            } else if (auto* c = std::get_if<chat::command>(&a)) {
                obey(*c);
            }
        }
    }

    void take(door::reply r) {
        reader_.bytes(r.bytes);
        waits_ = waits_ || r.look_up.has_value();
        for (unsigned n = 0; r.look_up; ++n) {
            require(n < 200);
            auto then = std::move(r.then);
            r = talk_->hear_found(answer(*r.look_up));
            reader_.bytes(r.bytes);
            r.then.insert(r.then.end(), then.begin(), then.end());
        }
        waits_ = false;
        for (const auto& c : std::vector(std::move(r.then))) obey(c);
    }

    void obey(const chat::command& c) {
        if (const auto* in = std::get_if<chat::log_in>(&c)) {
            chat::logged_in e{.session = session_, .user = {1}, .who = {"anna", "anna!~a@h.example", "anna", false}};
            e.missed_since_ms = 1;
            e.last = {(std::uint64_t{1'795'422'271'123U} << 16U) + 200};
            (void)in;
            take(talk_->answer(e));
        } else if (const auto* j = std::get_if<chat::join>(&c)) {
            take(talk_->answer(chat::joined{.session = session_,
                                            .user = {1},
                                            .sessions = {session_},
                                            .channel = {j->channel.fold.size()},
                                            .channel_name = j->channel.name,
                                            .who = {"anna", "anna!~a@h.example", "anna", false},
                                            .last = {(std::uint64_t{1'795'422'271'123U} << 16U) + 200}}));
        } else if (const auto* asked = std::get_if<chat::ask_past>(&c)) {
            const auto name = !asked->of           ? std::string()
                              : asked->of->channel ? asked->of->channel->name
                                                   : asked->of->nick.name;
            if (name.find('x') != std::string::npos) {
                return take(talk_->answer(chat::past_refused{session_, asked->asked, name}));
            }
            chat::past_granted e{session_, asked->asked, {}};
            if (!asked->of || asked->of->channel)
                e.parts.push_back({.channel = {7}, .name = name.empty() ? "#c" : name});
            if (!asked->of || !asked->of->channel) e.parts.push_back({.name = name, .owner = {3}, .peer_fold = name});
            take(talk_->answer(e));
        } else if (const auto* door = std::get_if<chat::ask_door>(&c)) {
            take(talk_->answer(chat::door_asked{session_, door->topic}));
        } else if (const auto* r = std::get_if<chat::redact>(&c)) {
            take(talk_->answer(chat::redaction_refused{session_, chat::redaction_refusal::not_allowed, "#c", r->id}));
        } else if (const auto* m = std::get_if<chat::mark_read>(&c)) {
            take(talk_->answer(chat::marker_is{session_, {}, "#c", m->at_ms.value_or(0)}));
        }
    }

    base::result<store::reply> answer(const store::question& q) {
        const auto how = std::exchange(next_, 0);
        if (how == 'f') return base::fail("the disk is full");
        auto all = past_;
        if (how == 'e') all.clear();
        std::ranges::sort(all, {}, &chat::entry::id);
        if (const auto* page = std::get_if<store::page_query>(&q)) {
            require(page->limit > 0);
            if (all.size() > page->limit) all.resize(page->limit);
            return store::page{std::move(all), how == 'm'};
        }
        if (const auto* t = std::get_if<store::targets_query>(&q)) {
            store::targets out;
            for (const auto& e : all) out.all.push_back({e.target, e.id});
            if (out.all.size() > t->limit) out.all.resize(t->limit);
            return out;
        }
        if (std::holds_alternative<store::search_query>(q)) {
            std::ranges::reverse(all);
            return store::found{std::move(all), how == 'm' ? chat::message_id{9} : chat::message_id{}, how != 'u'};
        }
        return store::page{};
    }

    chat::session_id session_{1, 1};
    door::irc::irc_door irc_;
    std::unique_ptr<door::conversation> talk_;
    std::vector<chat::entry> past_;
    char next_ = 0;
    bool waits_ = false;
    reader reader_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    run r(static_cast<unsigned>(data[0]) | static_cast<unsigned>(data[1]) << 8U);
    std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
    while (!input.empty()) {
        const auto record = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(record.size() + 1, input.size()));
        if (record.find_first_of(std::string_view("\0\r", 2)) == std::string_view::npos && record.size() <= 4600) {
            r.step(record);
        }
    }
    r.end();
    return 0;
}
