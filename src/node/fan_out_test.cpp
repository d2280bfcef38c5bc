// Which workers get an order for a message. The engine is not started, so that orders pile up at the workers; whether
// one more came is seen by the gate, which closes when too many wait for one of them.
#include "node/fan_out.hpp"

#include <gtest/gtest.h>

namespace brusio::node {
namespace {

constexpr std::uint32_t workers = 3;
const chat::channel_id room{1};
const chat::channel_id other_room{2};

net::engine_options not_started() {
    net::engine_options o;
    o.workers = workers;
    o.sink = [](std::vector<net::event>&&) {};
    o.log = [](net::severity, const std::string&) {};
    return o;
}

// A door of two shapes: what is rendered tells which one.
struct quiet final : door::conversation {
    void hear(std::string, std::vector<door::action>&) override {}
    void hear_broken(net::split_status, std::vector<door::action>&) override {}
    void hear_end(std::vector<door::action>&) override {}
    door::reply answer(const chat::effect&) override { return {}; }
    door::reply overhear(const chat::effect&) override { return {}; }
    std::uint32_t shape() const override { return now; }
    std::uint32_t now = 0;
};
struct plain_door final : door::door {
    std::string_view name() const override { return "plain"; }
    std::shared_ptr<const net::splitter> splitter() const override { return nullptr; }
    std::unique_ptr<brusio::door::conversation> open(chat::session_id, brusio::door::caller) override {
        return nullptr;
    }
    std::string refuse(net::refusal) const override { return {}; }
    std::string render(const chat::effect&, std::uint32_t shape) const override {
        ++rendered;
        return shape == deaf ? "" : "hello";
    }
    static constexpr std::uint32_t deaf = 7;
    mutable int rendered = 0;
};
plain_door at;

link sits_on(std::uint32_t worker, std::uint32_t slot = 0, std::uint32_t shape = 0) {
    link l;
    l.conn = {.worker = worker, .slot = slot, .generation = 1};
    l.at = &at;
    auto talk = std::make_unique<quiet>();
    talk->now = shape;
    l.talk = std::move(talk);
    return l;
}

using scene = void (*)(fan_out&);

// Fills up one worker until the gate closes, or `most` orders were given to it.
int fill(net::engine& engine, std::uint32_t worker, int most) {
    static const auto bytes = std::make_shared<const std::string>("x");
    int given = 0;
    for (; given < most && engine.gate().open(); ++given) {
        engine.multicast(worker, net::group_id{99}, bytes, {});
        engine.publish();
    }
    return given;
}

// Does a message to the room cost this worker an order, after what happens in the scene?
bool is_ordered(scene what, std::uint32_t worker) {
    int room_left = 0;
    {
        net::engine engine(not_started());
        fan_out spread(engine);
        what(spread);
        engine.publish();
        room_left = fill(engine, worker, 1'000'000);
    }
    net::engine engine(not_started());
    fan_out spread(engine);
    what(spread);
    engine.publish();
    fill(engine, worker, room_left - 1);
    EXPECT_TRUE(engine.gate().open());
    spread.send(room, chat::said{}, net::conn_id{});
    engine.publish();
    return !engine.gate().open();
}

std::vector<std::uint32_t> ordered(scene what) {
    std::vector<std::uint32_t> all;
    for (std::uint32_t w = 0; w < workers; ++w) {
        if (is_ordered(what, w)) all.push_back(w);
    }
    return all;
}

using numbers = std::vector<std::uint32_t>;

TEST(fan_out, only_workers_with_members_get_a_message) {
    EXPECT_EQ(ordered([](fan_out&) {}), numbers{});
    EXPECT_EQ(ordered([](fan_out& f) {
                  auto a = sits_on(0);
                  auto b = sits_on(2);
                  auto c = sits_on(1);
                  f.join(a, room);
                  f.join(b, room);
                  f.join(c, other_room);
              }),
              (numbers{0, 2}));
}

TEST(fan_out, a_worker_whose_last_member_has_left_gets_no_more) {
    EXPECT_EQ(ordered([](fan_out& f) {
                  auto a = sits_on(0);
                  auto b = sits_on(1);
                  auto c = sits_on(1, 1);
                  auto d = sits_on(2);
                  for (auto* l : {&a, &b, &c, &d}) f.join(*l, room);
                  f.leave(a, room);
                  f.leave(b, room);
                  f.leave(b, room);  // it is not there: nothing to count
                  f.leave(d, other_room);
              }),
              (numbers{1, 2}));
}

TEST(fan_out, a_worker_whose_last_member_is_gone_gets_no_more) {
    EXPECT_EQ(ordered([](fan_out& f) {
                  auto a = sits_on(0);
                  auto b = sits_on(1);
                  f.join(a, room);
                  f.join(a, other_room);
                  f.join(b, room);
                  f.forget(a);
                  f.forget(a);
              }),
              numbers{1});
}

TEST(fan_out, an_empty_channel_costs_nothing_and_can_be_joined_again) {
    EXPECT_EQ(ordered([](fan_out& f) {
                  auto a = sits_on(2);
                  f.join(a, room);
                  f.leave(a, room);
              }),
              numbers{});
    EXPECT_EQ(ordered([](fan_out& f) {
                  auto a = sits_on(2);
                  f.join(a, room);
                  f.leave(a, room);
                  f.join(a, room);
              }),
              numbers{2});
}

TEST(fan_out, a_message_is_rendered_once_for_each_shape_that_is_there) {
    net::engine engine(not_started());
    fan_out spread(engine);
    auto a = sits_on(0, 0, 1);
    auto b = sits_on(1, 0, 1);
    auto c = sits_on(2, 0, 2);
    for (auto* l : {&a, &b, &c}) spread.join(*l, room);
    at.rendered = 0;
    spread.send(room, chat::said{}, net::conn_id{});
    EXPECT_EQ(at.rendered, 2);
    static_cast<quiet&>(*c.talk).now = 1;
    spread.reshape(c);
    at.rendered = 0;
    spread.send(room, chat::said{}, net::conn_id{});
    EXPECT_EQ(at.rendered, 1);
    spread.send({room, other_room}, chat::left{}, {});
    EXPECT_EQ(at.rendered, 2);
}

TEST(fan_out, who_is_told_nothing_costs_no_order) {
    EXPECT_EQ(ordered([](fan_out& f) {
                  static auto a = sits_on(0, 0, plain_door::deaf);
                  static auto b = sits_on(1);
                  a.channels.clear();
                  b.channels.clear();
                  f.join(a, room);
                  f.join(b, room);
              }),
              numbers{1});
}

TEST(fan_out, whoever_changes_shape_is_reached_in_the_new_one) {
    EXPECT_EQ(ordered([](fan_out& f) {
                  auto a = sits_on(0);
                  auto b = sits_on(1, 0, plain_door::deaf);
                  f.join(a, room);
                  f.join(b, room);
                  static_cast<quiet&>(*a.talk).now = plain_door::deaf;
                  static_cast<quiet&>(*b.talk).now = 0;
                  f.reshape(a);
                  f.reshape(b);
              }),
              numbers{1});
}

}  // namespace
}  // namespace brusio::node
