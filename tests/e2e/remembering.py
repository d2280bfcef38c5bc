"""What tests of the memory share: people with accounts, the past as a client reads it, and brusiod's own commands."""

import base64
import json
import os
import subprocess

from deadline import seconds

CAPS = ("message-tags", "server-time", "echo-message", "batch", "labeled-response", "draft/chathistory")
PASSWORD = "correct horse battery"


def log_in(server, name, nick=None, caps=CAPS):
    """An IRC client that is logged into its account from the start."""
    client = server.irc()
    client.send("CAP LS 302", "CAP REQ :sasl " + " ".join(caps), f"NICK {nick or name}", f"USER {name} 0 * :{name}",
                "AUTHENTICATE PLAIN")
    client.expect("AUTHENTICATE", "+")
    client.send("AUTHENTICATE " + base64.b64encode(f"\0{name}\0{PASSWORD}".encode()).decode())
    client.expect("903")
    client.send("CAP END")
    client.expect(("376", "422"))
    client.nick = nick or name
    client.welcome = list(client.received)
    client.sync()
    return client


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


def run_command(server, *words, answer="", user=None, timeout=60):
    """`brusiod data export anna` and the like, on this server's data, whether it runs or not."""
    command = [server.binary, *map(str, words), "--data", server.directory / "data"]
    return subprocess.run(command, input=answer, capture_output=True, text=True, timeout=seconds(timeout), check=False,
                          user=user)


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
