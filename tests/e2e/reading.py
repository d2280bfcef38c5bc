"""What tests of the past share: answers to CHATHISTORY and SEARCH taken apart, people who can ask for all of it."""

import datetime
import re
import time

from deadline import eventually, seconds
from logging_in import new_account

PLAIN = ("message-tags", "server-time", "batch", "labeled-response", "echo-message", "draft/chathistory")
ALL = (*PLAIN, "draft/event-playback", "draft/message-redaction", "draft/read-marker", "draft/multiline",
       "soju.im/search", "standard-replies")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
LONG_AGO, FAR_AHEAD = "timestamp=2001-01-01T00:00:00.000Z", "timestamp=2100-01-01T00:00:00.000Z"


def with_accounts(server, *names):
    """The server, once these accounts are there."""
    for name in names:
        new_account(server, name=name)
    return server


def stamp(ms):
    """Milliseconds since 1970 as server-time has them."""
    at = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def milliseconds(text):
    return int(datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
               .timestamp() * 1000 + 0.5)


def ref(message):
    return f"msgid={message.tags['msgid']}"


def when(message):
    return f"timestamp={message.tags['time']}"


class Page:
    """`items` are messages, or for a batch inside the list of its lines (its opening line first)."""

    def __init__(self, came, kind):
        assert came and came[0].verb == "BATCH" and came[0].params[0][0] == "+", f"no batch: {came}"
        assert came[0].param(1) == kind, came[0]
        self.opening, self.after = came[0], []
        self.targets = self.opening.params[2:]
        self.ended = "draft/chathistory-end" in self.opening.tags
        name = self.opening.params[0][1:]
        self.items, inner = [], {}
        for at, message in enumerate(came[1:], 1):
            if message.verb == "BATCH" and message.params[0] == "-" + name:
                self.after = came[at + 1:]
                assert not inner, f"left open: {inner}"
                return
            inside = message.tags.get("batch")
            if message.verb == "BATCH" and message.params[0][0] == "+":
                assert inside == name, message
                inner[message.params[0][1:]] = [message]
                self.items.append(inner[message.params[0][1:]])
            elif message.verb == "BATCH":
                inner.pop(message.params[0][1:])
            elif inside in inner:
                inner[inside].append(message)
            else:
                assert inside == name, f"not in the batch {name}: {message!r}"
                self.items.append(message)
        raise AssertionError(f"the batch does not end: {came}")

    @property
    def texts(self):
        return [item.text if not isinstance(item, list) else [line.text for line in item[1:]] for item in self.items]

    @property
    def verbs(self):
        return [item.verb if not isinstance(item, list) else "BATCH" for item in self.items]


def read(client, command):
    """The page that CHATHISTORY answers with; nothing may come beside it. What was heard live is dropped before."""
    client.sync()
    page = Page(client.ask(f"CHATHISTORY {command}"), "chathistory")
    assert not page.after, page.after
    return page


def texts(client, command):
    return read(client, command).texts


def targets(client, since=LONG_AGO, until=FAR_AHEAD, limit=50):
    """[(name, time)] of CHATHISTORY TARGETS."""
    client.sync()
    page = Page(client.ask(f"CHATHISTORY TARGETS {since} {until} {limit}"), "draft/chathistory-targets")
    assert not page.after and not page.targets, page.after
    assert all(m.matches("CHATHISTORY", "TARGETS") and len(m.params) == 3 for m in page.items), page.items
    return [(m.params[1], m.params[2]) for m in page.items]


def refused(client, line, *code_and_context):
    """The line is answered with exactly this FAIL, and nothing else."""
    client.sync()
    came = client.ask(line)
    assert len(came) == 1 and came[0].verb == "FAIL", f"{line}: {came}"
    verb = line.split()[1 if line.startswith("@") else 0]
    assert came[0].params[:-1] == [verb, *code_and_context], f"{line}: {came}"
    return came[0]


def tell(client, target, text, verb="PRIVMSG", tags=""):
    """Says it; returns the echo, when the clock has moved on: the next message has another time."""
    client.send(f"{tags}{verb} {target} :{text}")
    echo = client.expect(verb, None, text, source=client.nick)
    tick(echo)
    return echo


def m(first, last):
    """The messages of `talk` from one on, up to another without it."""
    return [f"m{n}" for n in range(first, last)]


def multiline(client, target, *lines):
    """One message of several lines."""
    client.send(f"BATCH +b draft/multiline {target}", *(f"@batch=b PRIVMSG {target} :{line}" for line in lines),
                "BATCH -b")


def tick(message):
    """Until the clock is past this message's millisecond."""
    end = time.monotonic() + seconds(5)
    while time.time() * 1000 < milliseconds(message.tags["time"]) + 1 and time.monotonic() < end:
        pass


def search(client, query):
    """Page of SEARCH, once the index says that it has everything."""
    def answer():
        came = client.ask(f"SEARCH {query}")
        return None if any("cannot be found yet" in m.text for m in came) else came

    client.sync()
    return Page(eventually(answer, f"SEARCH {query} finds what was said"), "soju.im/search")


def found(client, query):
    return search(client, query).texts


def everything(client, target, limit=500):
    return texts(client, f"LATEST {target} * {limit}")


def said(client, target, limit=500):
    """The texts of the messages among it."""
    items = read(client, f"LATEST {target} * {limit}").items
    return [item.text for item in items if item.verb in ("PRIVMSG", "NOTICE")]
