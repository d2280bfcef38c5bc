#include "door/irc/response.hpp"

#include <gtest/gtest.h>

namespace brusio::door::irc {
namespace {

constexpr std::string_view server = "s";

// What is sent of an answer that comes in these parts.
std::string answered(std::initializer_list<std::string_view> parts) {
    labeled l("x", "l1");
    std::string out;
    for (const auto part : parts) out += l.pass(part, server);
    return out + l.end(server);
}

TEST(labeled, nothing_is_acknowledged) {
    EXPECT_EQ(answered({}), "@label=x :s ACK\r\n");
    EXPECT_EQ(answered({"", ""}), "@label=x :s ACK\r\n");
}

TEST(labeled, one_line_carries_the_label) {
    EXPECT_EQ(answered({":s PONG s :1\r\n"}), "@label=x :s PONG s :1\r\n");
    EXPECT_EQ(answered({"@time=t;+a=b :s PONG s :1\r\n"}), "@label=x;time=t;+a=b :s PONG s :1\r\n");
}

TEST(labeled, more_lines_become_a_batch) {
    const std::string_view batch =
        "@label=x :s BATCH +l1 labeled-response\r\n"
        "@batch=l1 :s 1 :a\r\n"
        "@batch=l1;time=t :s 2 :b\r\n"
        "@batch=l1 :s 3 :c\r\n"
        ":s BATCH -l1\r\n";
    EXPECT_EQ(answered({":s 1 :a\r\n", "@time=t :s 2 :b\r\n:s 3 :c\r\n"}), batch);
    EXPECT_EQ(answered({":s 1 :a\r\n@time=t :s 2 :b\r\n:s 3 :c\r\n"}), batch);
}

TEST(labeled, one_batch_carries_the_label_itself) {
    EXPECT_EQ(answered({"@time=t :a BATCH +m1 draft/multiline #c\r\n"
                        "@batch=m1 :a PRIVMSG #c :1\r\n",
                        "@batch=m1;draft/multiline-concat :a PRIVMSG #c :2\r\n"
                        ":a BATCH -m1\r\n"}),
              "@label=x;time=t :a BATCH +m1 draft/multiline #c\r\n"
              "@batch=m1 :a PRIVMSG #c :1\r\n"
              "@batch=m1;draft/multiline-concat :a PRIVMSG #c :2\r\n"
              ":a BATCH -m1\r\n");
}

TEST(labeled, a_batch_among_others_is_nested) {
    const std::string_view inner =
        ":s BATCH +i1 draft/isupport\r\n"
        "@batch=i1 :s 005 a X :y\r\n"
        ":s BATCH -i1\r\n";
    const std::string_view nested =
        "@batch=l1 :s BATCH +i1 draft/isupport\r\n"
        "@batch=i1 :s 005 a X :y\r\n"
        "@batch=l1 :s BATCH -i1\r\n";
    const std::string open = "@label=x :s BATCH +l1 labeled-response\r\n";
    EXPECT_EQ(answered({":s 351 :v\r\n", inner}),
              open + "@batch=l1 :s 351 :v\r\n" + std::string(nested) + ":s BATCH -l1\r\n");
    EXPECT_EQ(answered({inner, ":s 351 :v\r\n"}),
              open + std::string(nested) + "@batch=l1 :s 351 :v\r\n" + ":s BATCH -l1\r\n");
}

TEST(labeled, words_that_only_look_like_a_batch_are_text) {
    EXPECT_EQ(answered({"@+batch=q :a PRIVMSG b :BATCH +x\r\n"}), "@label=x;+batch=q :a PRIVMSG b :BATCH +x\r\n");
    EXPECT_EQ(answered({"@time=t;+a=;+batch=q :a PRIVMSG b :1\r\n", ":a PRIVMSG b :2\r\n"}),
              "@label=x :s BATCH +l1 labeled-response\r\n"
              "@batch=l1;time=t;+a=;+batch=q :a PRIVMSG b :1\r\n"
              "@batch=l1 :a PRIVMSG b :2\r\n"
              ":s BATCH -l1\r\n");
}

TEST(labeled, the_label_comes_back_as_it_was_escaped) {
    labeled l("a\\:b\\s", "l1");
    EXPECT_EQ(l.end(server), "@label=a\\:b\\s :s ACK\r\n");
}

TEST(labeled, lines_pass_as_soon_as_there_are_two) {
    labeled l("x", "l1");
    EXPECT_EQ(l.pass(":s 1 :a\r\n", server), "");
    EXPECT_NE(l.pass(":s 2 :b\r\n", server), "");
    EXPECT_EQ(l.pass(":s 3 :c\r\n", server), "@batch=l1 :s 3 :c\r\n");
}

}  // namespace
}  // namespace brusio::door::irc
