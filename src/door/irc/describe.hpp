// The tables of docs/protocol/irc.md, made from the tables that the server works by. Markdown; for the documentation
// only.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace brusio::door::irc {

struct described {
    std::string_view name;  // as in <!-- table: name -->
    std::string (*table)();
};
std::span<const described> described_tables();

// The page with each section `<!-- table: NAME -->` … `<!-- end -->` filled with its table. An error when a section has
// no end or an unknown name, or when a table has no section.
base::result<std::string> with_tables(std::string_view page);

// What nobody has written words for: "capability draft/x". Empty when all is described.
std::string undescribed();

}  // namespace brusio::door::irc
