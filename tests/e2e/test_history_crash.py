"""The server is killed in the middle of load. Whatever anybody has received, or whose sender got an echo, is in the
history afterwards: once, and in the same order for all."""

import random
import threading
import time

import pytest

from deadline import seconds
from remembering import CAPS, log_in
from server import BOTH_DOORS


@pytest.fixture
def rounds(request):
    return 100 if request.config.getoption("--long") else 5


class Talker(threading.Thread):
    """Says numbered things as fast as they are echoed, and notes what it hears, in order."""

    def __init__(self, client, number, targets):
        super().__init__(daemon=True)
        self.client, self.number, self.targets = client, number, targets
        self.heard = []  # (where, msgid, text)

    def run(self):
        client = self.client
        try:
            for n in range(10**6):
                target = self.targets[n % len(self.targets)]
                text = f"{self.number}-{n}"
                client.send(f"PRIVMSG {target} :{text}")
                while True:
                    message = client.next(timeout=20)
                    if message.verb != "PRIVMSG":
                        continue
                    where = message.param(0)
                    if not where.startswith("#"):
                        where = "direct"
                    self.heard.append((where, message.tags["msgid"], message.text))
                    if message.text == text:
                        break
        except (EOFError, OSError):
            pass


def history(client, target):
    """All of it, page by page."""
    entries, reference = [], "*"
    while True:
        command = f"CHATHISTORY LATEST {target} * 100" if reference == "*" else f"CHATHISTORY BEFORE {target} msgid={reference} 100"
        came = client.ask(command)
        page = [(m.tags["msgid"], m.text) for m in came if m.verb == "PRIVMSG"]
        assert not [m for m in came if m.verb == "FAIL"], came
        entries = page + entries
        if len(page) < 100:
            return entries
        reference = page[0][0]


def check(what, heard, kept):
    """`heard`: what each one heard there, in order; `kept`: the history."""
    order = {entry: at for at, entry in enumerate(kept)}
    assert len(order) == len(kept), f"{what}: something is in the history twice"
    for one in heard:
        missing = [entry for entry in one if entry not in order]
        assert not missing, f"{what}: heard, but not in the history: {missing[:5]}"
        places = [order[entry] for entry in one]
        assert places == sorted(places), f"{what}: another order than in the history"


def test_what_was_seen_is_there_after_a_crash(brusiod, add_account, rounds, tmp_path):
    dice = random.Random(4)
    for name in ("anna", "bruno"):
        add_account(tmp_path / "server0", name)
    server = brusiod(listen=BOTH_DOORS)
    heard = {}  # (where, who) → what they heard
    for number in range(rounds):
        anna, bruno = log_in(server, "anna"), log_in(server, "bruno")
        others = [server.irc(nick, caps=CAPS) for nick in ("carla", "dario")]
        for client in (anna, bruno, *others):
            client.join("#piazza")
            client.join("#circolo")
        if number == 0:
            came = anna.ask("PRIVMSG ChanServ :REGISTER #circolo")
            assert any(m.nick == "ChanServ" for m in came), came
        frank = server.join("frank")
        for client in (anna, bruno, *others):
            client.sync()
        talkers = [Talker(anna, f"a{number}", ["#piazza", "#circolo", "bruno"]),
                   Talker(bruno, f"b{number}", ["#piazza", "anna", "#circolo"]),
                   Talker(others[0], f"c{number}", ["#piazza"]), Talker(others[1], f"d{number}", ["#circolo", "#piazza"])]
        for talker in talkers:
            talker.start()
        for _ in range(20):
            frank.send(f"f{number}")
        time.sleep(dice.uniform(0.02, 0.5))
        server.crash()
        for talker in talkers:
            talker.join(seconds(30))
            for where in ("#piazza", "#circolo", "direct"):
                said = [(msgid, text) for at, msgid, text in talker.heard if at == where]
                heard.setdefault(where, []).append(said)
        assert sum(len(t.heard) for t in talkers) > 0
        server = brusiod(after=server, listen=BOTH_DOORS)
    anna, bruno = log_in(server, "anna"), log_in(server, "bruno")
    for client in (anna, bruno):
        for channel in ("#piazza", "#circolo"):
            client.join(channel)
    for where in ("#piazza", "#circolo"):
        kept = history(anna, where)
        assert kept == history(bruno, where)
        check(where, heard[where], kept)
    kept = history(anna, "bruno")
    assert kept == history(bruno, "anna")
    check("direct", heard["direct"], kept)
