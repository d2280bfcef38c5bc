"""HistServ DELETE: taking back what was said."""

import pytest

from server import BOTH_DOORS
from services import register, says, texts

CAPS = ("message-tags", "echo-message", "draft/message-redaction", "batch", "draft/chathistory", "server-time")


@pytest.fixture
def server(brusiod):
    return brusiod(listen=BOTH_DOORS)


def said(client, target, text):
    return next(m.tags["msgid"] for m in client.ask(f"PRIVMSG {target} :{text}") if m.verb == "PRIVMSG")


def kept(client, target):
    return [m.text for m in client.ask(f"CHATHISTORY LATEST {target} * 50") if m.verb == "PRIVMSG"]


def test_delete_takes_back_ones_own_message_for_all(server):
    anna, mario = server.irc("anna", caps=CAPS), server.irc("mario", caps=CAPS)
    for client in (anna, mario):
        client.join("#piazza")
    msgid = said(anna, "#piazza", "unwise words")
    came = anna.ask(f"HS DELETE #piazza {msgid} sorry")
    assert "The message is taken back" in texts(came, "HistServ")
    gone = [m for m in mario.sync() if m.verb == "REDACT"]
    assert [m.params for m in gone] == [["#piazza", msgid, "sorry"]]
    assert "unwise words" not in kept(mario, "#piazza")
    assert not any("unwise" in m.raw.decode() for m in mario.ask("SEARCH unwise"))
    assert "no such message" in " ".join(says(anna, "HistServ", f"DELETE #piazza {msgid[:-1]}")).lower()


def test_delete_reaches_a_private_message(server):
    anna, mario = register(server.irc("anna", caps=CAPS)), server.irc("mario", caps=CAPS)
    msgid = said(anna, "mario", "psst")
    mario.sync()
    assert "may not" in " ".join(says(mario, "HistServ", f"DELETE anna {msgid}"))
    assert says(anna, "HistServ", f"DELETE mario {msgid}")
    assert [m.verb for m in mario.sync()] == ["REDACT"]


def test_delete_is_for_ones_own_and_for_the_channels_operators(server):
    anna, mario, sara = (register(server.irc(nick, caps=CAPS)) for nick in ("anna", "mario", "sara"))
    for client in (anna, mario, sara):
        client.ask("JOIN #club")
    sara.ask("JOIN #altro")  # sara is operator elsewhere only
    first, second = said(mario, "#club", "one"), said(mario, "#club", "two")
    for line in (f"HS DELETE #club {first}", f"REDACT #club {first}", f"HS DELETE #altro {first}",
                 f"REDACT #altro {first}"):
        sara.ask(line)
    assert kept(mario, "#club") == ["one", "two"]
    assert "taken back" in " ".join(says(anna, "HistServ", f"DELETE #club {first}"))
    assert kept(mario, "#club") == ["two"]
    stranger = register(server.irc("nino", caps=CAPS))
    assert "taken back" not in " ".join(says(stranger, "HistServ", f"DELETE #club {second}"))
