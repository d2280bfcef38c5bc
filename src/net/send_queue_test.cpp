#include "net/send_queue.hpp"

#include <random>

#include <gtest/gtest.h>

namespace brusio::net {
namespace {

TEST(send_queue, bytes_come_out_as_they_went_in) {
    std::mt19937 random(7);
    for (int round = 0; round < 100; ++round) {
        send_queue q;
        std::string in;
        std::string out;
        turn_buffer turn;
        for (int i = 0; i < 60; ++i) {
            std::string piece(random() % 3 == 0 ? random() % 9000 : random() % 50, static_cast<char>('a' + i % 26));
            switch (random() % 3) {
                case 0:
                    q.append(std::string_view(piece));
                    break;
                case 1:
                    q.append(std::make_shared<const std::string>(piece));
                    break;
                default:
                    turn.bytes = "xx" + piece + "yy";
                    q.append(turn_range{&turn, 2, static_cast<std::uint32_t>(piece.size() + 2)});
            }
            in += piece;
            while (random() % 2 == 0 && !q.empty()) {
                const auto front = q.front();
                const auto n = 1 + random() % front.size();
                out += front.substr(0, n);
                q.pop(n);
            }
            ASSERT_EQ(q.bytes(), in.size() - out.size());
        }
        while (!q.empty()) {
            out += q.front();
            q.pop(q.front().size());
        }
        EXPECT_EQ(out, in);
        EXPECT_TRUE(q.front().empty());
    }
}

TEST(send_queue, large_bodies_are_not_copied) {
    const auto large = std::make_shared<const std::string>(by_reference_bytes, 'x');
    turn_buffer turn{{}, large};
    send_queue a;
    send_queue b;
    a.append(large);
    b.append(turn_range{&turn, 0, static_cast<std::uint32_t>(large->size())});
    EXPECT_EQ(a.front().data(), large->data());
    EXPECT_EQ(b.front().data(), large->data());
}

}  // namespace
}  // namespace brusio::net
