#!/usr/bin/env python3
"""Keeps the arrows between the folders of src/: what each may include is a table, and anything else is an error."""
import pathlib
import re
import sys

ALLOWED = {
    "base": set(),
    "wire": {"base"},
    "net": {"base"},
    "chat": {"base"},
    "login": {"base"},
    "store": {"base", "chat/values.hpp"},
    "door": {"base", "wire", "login", "chat/values.hpp", "net/types.hpp", "store/questions.hpp"},
    "node": {"base", "chat", "store", "door", "net", "login"},
    "brusiod": {"base", "net", "node", "store", "login"},
    "brusio": {"base", "wire"},
}
# What the deterministic state machine must not even see.
NOT_IN_CHAT = re.compile(r"#include <(chrono|ctime|random|thread|mutex|atomic|fstream|iostream|filesystem|sys/.*|openssl/.*)>")
NOT_IN_WIRE = re.compile(r"#include <(thread|mutex|atomic|sys/.*|openssl/.*)>")

root = pathlib.Path(__file__).resolve().parents[2] / "src"
mistakes = []
for file in sorted(root.rglob("*.[ch]pp")):
    folder = file.relative_to(root).parts[0]
    is_test = file.stem.endswith("_test")
    for number, line in enumerate(file.read_text().splitlines(), 1):
        place = f"{file.relative_to(root.parent)}:{number}"
        if match := re.match(r'#include "([^"]+)"', line):
            target = match.group(1)
            to = target.split("/")[0]
            if not (root / target).exists():
                mistakes.append(f"{place}: {target} is not a path from src/")
            elif not is_test and to != folder and to not in ALLOWED[folder] and target not in ALLOWED[folder]:
                mistakes.append(f"{place}: {folder} may not include {target}")
        elif not is_test and ((folder == "chat" and NOT_IN_CHAT.match(line)) or (folder == "wire" and NOT_IN_WIRE.match(line))):
            mistakes.append(f"{place}: {folder} may not include {line.split()[1]}")
print("\n".join(mistakes) if mistakes else "arrows: all point the right way")
sys.exit(1 if mistakes else 0)
