// The chat state machine alone (Google Benchmark): no sockets, no threads, no store. What is counted includes making
// the command, which copies its text from a prepared one. Effects are dropped in batches, as a chat thread would hand
// them on.
//
//   brusio-chat-bench [--benchmark_filter=mix]
//
// items_per_second are commands (for ask_names, people listed); the issue asks for 300,000 commands a second.
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "chat/chat.hpp"

namespace brusio::chat {
namespace {

constexpr std::size_t batch = 64;
constexpr std::int64_t start_ms = 1'750'000'000'000;

channel_name lobby() { return {"#piazza", "#piazza"}; }
identity who(std::size_t n, std::string_view stem = "Mario Rossi") {
    return base::make_identity(std::string(stem) + " " + std::to_string(n)).value();
}
nick_name nick(const identity& who) { return {who.nick, who.nick_fold}; }
session_id session(std::size_t n) { return {1, n + 1}; }
message text() { return {speech::text, std::string(100, 'x'), {}, {}}; }
log_in arrival(std::size_t n) {
    origin from;
    from.username = "~user";
    from.host = "host" + std::to_string(n) + ".example";
    from.address = "192.0.2.1";
    return {session(n), who(n), std::move(from), lobby(), {}};
}

state chat_with(std::size_t people, bool remembers) {
    state chat({.lobby = lobby(), .reserved = {who(0, "brusio.localhost")}, .remembers = remembers});
    std::vector<effect> out;
    for (std::size_t i = 0; i < people; ++i) {
        out.clear();
        chat.apply({.at_ms = start_ms, .what = arrival(i)}, out);
    }
    return chat;
}

// Applies prepared commands round and round, a batch each iteration; with a memory, the store commits after each batch.
void run(benchmark::State& measured, state& chat, const std::vector<command>& commands, bool remembers) {
    std::vector<effect> out;
    std::size_t next = 0;
    std::int64_t now = start_ms;
    std::int64_t applied = 0;
    for (auto _ : measured) {
        out.clear();
        ++now;
        message_id last;
        for (std::size_t i = 0; i < batch; ++i) {
            chat.apply({.at_ms = now, .what = commands[next]}, out);
            if (++next == commands.size()) next = 0;
        }
        applied += batch;
        if (remembers) {
            for (const auto& e : out) {
                if (const auto* r = std::get_if<remember>(&e)) last = r->id;
            }
            chat.apply({.at_ms = now, .what = store_answer{store_verdict::committed, last}}, out);
        }
        benchmark::DoNotOptimize(out.data());
    }
    measured.SetItemsProcessed(applied);
}

// Everybody says something, one after the other.
std::vector<command> words(std::size_t people) {
    std::vector<command> commands;
    commands.reserve(people);
    for (std::size_t i = 0; i < people; ++i) commands.emplace_back(say{session(i), lobby(), 0, text()});
    return commands;
}

void say_to_lobby(benchmark::State& measured, std::size_t people, bool remembers) {
    auto chat = chat_with(people, remembers);
    run(measured, chat, words(people), remembers);
}

// The same with bans and mutes that nobody matches, each of which has to be tried: `wild` ones to their end, the others
// until the first letter that differs.
void say_past_masks(benchmark::State& measured, std::size_t people, std::size_t masks, bool wild) {
    auto chat = chat_with(people, false);
    std::vector<effect> out;
    chat.apply({.at_ms = start_ms, .what = become_operator{session(0), "root"}}, out);
    for (std::size_t i = 0; i < masks; ++i) {
        const auto name = "other" + std::to_string(i);
        const auto mask = (i % 4 == 0 ? "$m:" : "") + (wild ? "*" + name + "*!*@*.example" : name + "!*@*");
        chat.apply({.at_ms = start_ms, .what = change_modes{session(0), lobby(), {{true, 'b', mask, mask}}}}, out);
    }
    run(measured, chat, words(people), false);
}

// 80 % say, 10 % tell, 5 % rename, 5 % leave and log in again; everyone is in the lobby. Each person changes between
// two names of their own, so that the commands can be repeated for ever.
void mix(benchmark::State& measured, std::size_t people, bool remembers) {
    auto chat = chat_with(people, remembers);
    std::mt19937 random(1);
    const auto any = [&] { return std::uniform_int_distribution<std::size_t>(0, people - 1)(random); };
    std::vector<command> commands;
    while (commands.size() < 100'000) {
        const auto n = any();
        const auto kind = std::uniform_int_distribution<int>(0, 99)(random);
        if (kind < 80) {
            commands.emplace_back(say{session(n), lobby(), 0, text()});
        } else if (kind < 90) {
            commands.emplace_back(tell{session(n), nick(who(any())), text()});
        } else if (kind < 95) {
            commands.emplace_back(rename{session(n), who(n, kind % 2 == 0 ? "Mario Rossi" : "Mario Bianchi")});
        } else {
            commands.emplace_back(leave{session(n), "end of input"});
            commands.emplace_back(arrival(n));
        }
    }
    run(measured, chat, commands, remembers);
}

void ask_names_slices(benchmark::State& measured, std::size_t people, std::uint32_t limit) {
    auto chat = chat_with(people, false);
    std::vector<effect> out;
    std::int64_t listed = 0;
    std::int64_t slices = 0;
    ask_names question{session(0), lobby(), {}, limit};
    for (auto _ : measured) {
        out.clear();
        chat.apply({.at_ms = start_ms, .what = question}, out);
        const auto& answer = std::get<names_are>(out.front());
        listed += static_cast<std::int64_t>(answer.people.size());
        ++slices;
        question.after = answer.more ? answer.asked.after : user_id{};
    }
    measured.SetItemsProcessed(listed);
    measured.counters["slices_per_second"] =
        benchmark::Counter(static_cast<double>(slices), benchmark::Counter::kIsRate);
}

// What is alive on the heap, with the allocator's own overhead.
std::size_t heap_bytes() {
    const auto now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

// The time is that of a log-in into the lobby, with a new identity worked out (ICU) each time.
void log_in_everyone(benchmark::State& measured, std::size_t people) {
    std::size_t bytes = 0;
    for (auto _ : measured) {
        const auto before = heap_bytes();
        const auto chat = chat_with(people, false);
        bytes = heap_bytes() - before;
        benchmark::DoNotOptimize(chat.users());
    }
    measured.SetItemsProcessed(measured.iterations() * static_cast<std::int64_t>(people));
    measured.counters["bytes_per_user"] = static_cast<double>(bytes) / static_cast<double>(people);
}

void save_and_load(benchmark::State& measured, std::size_t people) {
    const auto chat = chat_with(people, false);
    const settings options{.lobby = lobby()};
    std::size_t bytes = 0;
    for (auto _ : measured) {
        const auto saved = chat.save();
        bytes = saved.size();
        benchmark::DoNotOptimize(state::load(options, saved)->users());
    }
    measured.counters["saved_bytes_per_user"] = static_cast<double>(bytes) / static_cast<double>(people);
}

BENCHMARK_CAPTURE(say_to_lobby, 1000_people, 1'000, false);
BENCHMARK_CAPTURE(say_to_lobby, 1000_people_remembered, 1'000, true);
BENCHMARK_CAPTURE(mix, 10000_people, 10'000, false);
BENCHMARK_CAPTURE(mix, 10000_people_remembered, 10'000, true);
BENCHMARK_CAPTURE(say_past_masks, 1000_people_100_bans, 1'000, 100, false);
BENCHMARK_CAPTURE(say_past_masks, 1000_people_100_wild_bans, 1'000, 100, true);
BENCHMARK_CAPTURE(ask_names_slices, 10000_people_by_250, 10'000, 250);
BENCHMARK_CAPTURE(log_in_everyone, 10000_people, 10'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(save_and_load, 10000_people, 10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace brusio::chat

BENCHMARK_MAIN();
