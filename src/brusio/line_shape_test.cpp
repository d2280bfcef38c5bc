#include "brusio/line_shape.hpp"

#include <clocale>

#include <gtest/gtest.h>

namespace brusio::client {
namespace {

class line_shapes : public testing::Test {
  protected:
    void SetUp() override {
        if (std::setlocale(LC_ALL, "C.UTF-8") == nullptr) GTEST_SKIP() << "no C.UTF-8 locale";
    }
    static line_shape at_end(std::wstring_view text) { return shape_of(L"me > ", text, text.size(), {20, 10}); }
};

TEST_F(line_shapes, one_row) {
    EXPECT_EQ(at_end(L""), (line_shape{0, 0}));
    EXPECT_EQ(at_end(std::wstring(14, L'x')), (line_shape{0, 0}));
}

TEST_F(line_shapes, a_full_row_puts_the_cursor_in_the_next) {
    EXPECT_EQ(at_end(std::wstring(15, L'x')), (line_shape{1, 1}));
    EXPECT_EQ(at_end(std::wstring(34, L'x')), (line_shape{1, 1}));
    EXPECT_EQ(at_end(std::wstring(35, L'x')), (line_shape{2, 2}));
}

TEST_F(line_shapes, the_cursor_may_stand_above_the_end) {
    EXPECT_EQ(shape_of(L"me > ", std::wstring(50, L'x'), 3, {20, 10}), (line_shape{0, 2}));
}

TEST_F(line_shapes, wide_and_combining_characters) {
    EXPECT_EQ(at_end(std::wstring(7, L'日')), (line_shape{0, 0}));
    EXPECT_EQ(at_end(std::wstring(8, L'日')), (line_shape{1, 1}));  // the eighth does not fit into the last column
    EXPECT_EQ(shape_of(L"me > ", std::wstring(8, L'日'), 7, {20, 10}), (line_shape{1, 1}));
    EXPECT_EQ(at_end(std::wstring(14, L'x') + L"\u0301"), (line_shape{0, 0}));
}

TEST_F(line_shapes, control_characters_and_line_feeds) {
    EXPECT_EQ(at_end(std::wstring(14, L'x') + L"\x01"), (line_shape{1, 1}));
    EXPECT_EQ(at_end(L"ciao\nbck:"), (line_shape{1, 1}));  // as in a search through the history
}

TEST_F(line_shapes, longer_than_the_screen) { EXPECT_EQ(at_end(std::wstring(1000, L'x')), (line_shape{9, 9})); }

}  // namespace
}  // namespace brusio::client
