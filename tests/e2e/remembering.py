"""What tests of the memory share: people with accounts, the past as a client reads it, and what is in the files."""

import json
import os

import logging_in
from logging_in import PASSWORD

CAPS = ("message-tags", "server-time", "echo-message", "batch", "labeled-response", "draft/chathistory")


def log_in(server, account, nick=None, caps=CAPS):
    """With an account made from the command line."""
    return logging_in.log_in(server, account, nick, PASSWORD, caps)


def say(client, target, text):
    """Says it and returns the echo: it has been stored."""
    client.send(f"PRIVMSG {target} :{text}")
    return client.expect("PRIVMSG", None, text, source=client.nick, timeout=20)


def past(client, target, count=100):
    """[(msgid, time, text)] of the latest messages, in the order of the answer."""
    came = client.ask(f"CHATHISTORY LATEST {target} * {count}")
    failed = [m for m in came if m.verb == "FAIL"]
    assert not failed, failed
    return [(m.tags["msgid"], m.tags["time"], m.text) for m in came
            if m.verb == "PRIVMSG" and "batch" in m.tags]


def texts(client, target, count=100):
    return [text for _, _, text in past(client, target, count)]


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def files_with(folder, *words):
    """The files below `folder` that have one of these words anywhere in their raw bytes, in whatever case."""
    found = set()
    for where, _, names in os.walk(os.path.realpath(folder)):
        for name in names:
            path = os.path.join(where, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                content = file.read().lower()
            found |= {(name, word) for word in words if word.lower().encode() in content}
    return sorted(found)
