// brusio-irc-tables FILE: fills the tables of docs/protocol/irc.md from the code.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "door/irc/describe.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: brusio-irc-tables FILE\n", stderr);
        return 2;
    }
    std::ifstream in(argv[1], std::ios::binary);
    const std::string page((std::istreambuf_iterator<char>(in)), {});
    const auto filled = brusio::door::irc::with_tables(page);
    if (!in || !filled) {
        std::fprintf(stderr, "%s: %s\n", argv[1], in ? filled.error().text.c_str() : "cannot be read");
        return 1;
    }
    if (*filled == page) return 0;
    std::ofstream out(argv[1], std::ios::binary);
    out << *filled;
    out.close();
    if (out) return 0;
    std::fprintf(stderr, "%s: cannot be written\n", argv[1]);
    return 1;
}
