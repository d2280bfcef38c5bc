#include "door/irc/describe.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace brusio::door::irc {
namespace {

std::string all_sections() {
    std::string page;
    for (const auto& t : described_tables()) {
        page += "<!-- table: " + std::string(t.name) + " -->\n<!-- end -->\n";
    }
    return page;
}

TEST(irc_page, is_what_the_tables_give) {
    std::ifstream in(BRUSIO_IRC_PAGE, std::ios::binary);
    ASSERT_TRUE(in) << BRUSIO_IRC_PAGE;
    const std::string page((std::istreambuf_iterator<char>(in)), {});
    const auto filled = with_tables(page);
    ASSERT_TRUE(filled) << filled.error().text;
    EXPECT_TRUE(*filled == page) << "run ./dev docs";
}

TEST(irc_page, every_capability_and_token_has_words) { EXPECT_EQ(undescribed(), ""); }

TEST(irc_page, filling_it_twice_changes_nothing) {
    const auto once = with_tables("a\n" + all_sections() + "z\n").value();
    EXPECT_NE(once.find("| `JOIN <channel>"), std::string::npos);
    EXPECT_NE(once.find("| 001 | `RPL_WELCOME` |"), std::string::npos);
    EXPECT_NE(once.find("| 433 | `ERR_NICKNAMEINUSE` |"), std::string::npos);
    EXPECT_TRUE(once.starts_with("a\n<!-- table: commands -->\n| command |"));
    EXPECT_TRUE(once.ends_with("<!-- end -->\nz\n"));
    EXPECT_EQ(with_tables(once).value(), once);
}

TEST(irc_page, a_wrong_section_is_an_error) {
    EXPECT_EQ(with_tables("<!-- table: x -->\n<!-- end -->").error().text, "there is no table x");
    EXPECT_EQ(with_tables("<!-- table: commands -->\n").error().text, "the section commands has no end");
    EXPECT_EQ(with_tables("").error().text, "there is no section for commands");
}

}  // namespace
}  // namespace brusio::door::irc
