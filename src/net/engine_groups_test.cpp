// A multicast to several groups at once.
#include "net/engine_scene_test.hpp"

namespace brusio::net {
namespace {

class engine_groups_test : public engine_test {
  protected:
    void to_groups(std::vector<int> numbers, std::string bytes, const std::vector<conn_id>& except = {}) {
        std::vector<group_id> groups;
        for (const auto n : numbers) groups.push_back(static_cast<group_id>(n));
        const auto b = std::make_shared<const std::string>(std::move(bytes));
        for (std::uint32_t w = 0; w < engine_->workers(); ++w) engine_->multicast(w, groups, b, except);
    }
};

TEST_F(engine_groups_test, everyone_in_any_of_the_groups_hears_it_once_and_in_its_place) {
    for (const auto workers : {1U, 2U}) {
        start(workers);
        auto [a, a_id] = member();  // all are in group 1
        auto [b, b_id] = member();
        auto [c, c_id] = member();
        auto [d, d_id] = member();
        for (const auto id : {b_id, c_id}) engine_->join(id, group_id{2});
        engine_->leave(c_id, group_id{1});
        engine_->leave(d_id, group_id{1});
        engine_->join(d_id, group_id{3});
        to_groups({1, 2}, "1");
        to_groups({1}, "2");
        to_groups({2, 1, 2, 77}, "3");
        to_groups({1, 2}, "4");
        to_groups({1, 2}, "a", {b_id});
        to_groups({1, 2}, "b");
        const std::string large(5'000, '5');
        to_groups({1, 2}, large, {a_id});
        to_groups({1, 2, 3}, "6", {b_id, d_id});
        to_groups({3}, "7");
        to_groups({}, "nobody");
        to_groups({1, 2, 3}, "8");
        engine_->publish();  // all in one turn
        EXPECT_EQ(a.read(8), "1234ab68");
        EXPECT_EQ(b.read(5'006), "1234b" + large + "8");
        EXPECT_EQ(c.read(5'007), "134ab" + large + "68");
        EXPECT_EQ(d.read(2), "78");
        engine_.reset();
        forget();
    }
}

TEST_F(engine_groups_test, who_does_not_read_loses_nothing_and_hears_nothing_twice) {
    start();
    auto [a, a_id] = member();
    engine_->join(a_id, group_id{2});
    std::string all;
    for (int i = 0; i < 3'000; ++i) {
        all += fmt::format("{:099}\n", i);
        to_groups({1, 2}, all.substr(all.size() - 100));
        engine_->publish();
    }
    EXPECT_EQ(a.read(all.size()), all);
}

}  // namespace
}  // namespace brusio::net
