"""draft/metadata-2 and draft/metadata-3: what people and channels say of themselves, and who is told of it."""

import pytest

from irc import only
from logging_in import log_in
from server import IRC_ONLY
from services import register

SECOND, THIRD = ("batch", "draft/metadata-2"), ("batch", "draft/metadata-3")
BOTH = pytest.mark.parametrize("caps", [SECOND, THIRD], ids=["second", "third"])


def batch(came, target, kind="metadata"):
    """What is in the one batch of these lines: [[verb, parameters behind one's own nick or METADATA's]…]."""
    opened = only(came, "BATCH")
    assert len(opened) == 2 and opened[0].params[1:] == [kind, *target], came
    reference = opened[0].params[0][1:]
    assert opened[1].params == ["-" + reference]
    inside = [m for m in came if m.tags.get("batch") == reference]
    assert came.index(opened[1]) - came.index(opened[0]) == len(inside) + 1
    return [[m.verb, *(m.params if m.verb == "METADATA" else m.params[1:])] for m in inside]


def told(client):
    return [[m.verb, *m.params] for m in client.sync()]


def test_the_capabilities_tell_their_limits(irc_server):
    came = irc_server.irc().ask("CAP LS 302")
    offered = dict(word.partition("=")[::2] for m in came for word in m.text.split())
    assert offered["draft/metadata-2"] == "before-connect,max-subs=50,max-keys=50,max-value-bytes=300"
    assert offered["draft/metadata-3"] == "before-connect,max-subs=50,max-keys=50,max-key-bytes=64,max-value-bytes=300"


def test_both_drafts_together_are_refused(irc_server):
    client = irc_server.irc()
    assert client.ask_one("CAP REQ :batch draft/metadata-2 draft/metadata-3").params[1] == "NAK"
    assert client.ask_one("CAP REQ :batch draft/metadata-2").params[1] == "ACK"
    assert client.ask_one("CAP REQ :draft/metadata-3").params[1] == "NAK"


@BOTH
def test_what_one_says_of_oneself(irc_server, caps):
    anna, mario = irc_server.irc("anna", caps=caps), irc_server.irc("mario", caps=caps)
    assert batch(anna.welcome, ["anna"]) == []
    assert anna.ask_one("METADATA * SET url :http://example.org a").params == ["anna", "anna", "url", "*",
                                                                             "http://example.org a"]
    assert batch(mario.ask("METADATA ANNA LIST"), ["anna"]) == [["761", "anna", "url", "*", "http://example.org a"]]
    got = batch(mario.ask("METADATA anna GET avatar url"), ["anna"])
    assert [line[:3] for line in got] == [["766", "anna", "avatar"], ["761", "anna", "url"]]
    assert [m.params[1:] for m in mario.ask("WHOIS anna") if m.verb == "760"] == [["anna", "url", "*",
                                                                                 "http://example.org a"]]
    assert mario.ask_one("METADATA anna SET url x").params[:4] == ["METADATA", "KEY_NO_PERMISSION", "anna", "url"]
    assert mario.ask_one("METADATA luca LIST").params[:3] == ["METADATA", "INVALID_TARGET", "luca"]
    assert [line[:3] for line in batch(anna.ask("METADATA * CLEAR"), ["anna"])] == [["766", "anna", "url"]]
    assert batch(anna.ask("METADATA * LIST"), ["anna"]) == []


def test_changes_are_told_to_who_subscribes(irc_server):
    anna = irc_server.irc("anna")
    second, third = irc_server.irc("second", caps=SECOND), irc_server.irc("third", caps=THIRD)
    assert second.ask_one("METADATA * SUB url").params == ["second", "url"]
    assert [[m.verb, *m.params[1:3]] for m in third.ask("METADATA * SUB url")] == [["770", "url"], ["774", "*ALL", "0"]]
    anna.ask("CAP REQ :batch draft/metadata-3")
    for client in anna, second, third:
        client.join("#a")
    for client in anna, second, third:
        client.sync()
    anna.ask("METADATA * SET url x", "METADATA #a SET url y", "METADATA #a SET avatar z", "METADATA * SET url")
    assert told(second) == [["METADATA", "anna", "url", "*", "x"], ["METADATA", "#a", "url", "*", "y"],
                            ["METADATA", "anna", "url", "*"]]
    assert [line[:4] for line in told(third)] == [["761", "third", "anna", "url"], ["761", "third", "#a", "url"],
                                                  ["766", "third", "anna", "url"]]
    assert second.ask_one("METADATA #a SET url w").params[:4] == ["METADATA", "KEY_NO_PERMISSION", "#a", "url"]


@BOTH
def test_who_enters_is_told_after_the_names(irc_server, caps):
    anna, mario = irc_server.irc("anna", caps=caps), irc_server.irc("mario", caps=caps)
    anna.join("#a")
    anna.ask("METADATA #a SET url x", "METADATA * SET url y")
    mario.ask("METADATA * SUB url")
    mario.send("JOIN #a")
    mario.expect("366")
    mario.expect("BATCH")
    came = [mario.received[-1], *mario.sync()]
    values = [["#a", "url", "*", "x"], ["anna", "url", "*", "y"]]
    assert [line[1:] for line in batch(came, ["#a"])] == values
    assert [line[1:] for line in batch(mario.ask("METADATA #a SYNC"), ["#a"])] == values
    if caps == THIRD:
        assert [line[1:] for line in batch(mario.ask("METADATA *ALL SYNC"), ["*ALL"])] == values


@BOTH
def test_answers_have_their_label(irc_server, caps):
    anna = irc_server.irc("anna", caps=(*caps, "labeled-response"))
    assert anna.ask_one("@label=a METADATA * SET url x").tags["label"] == "a"
    opened, value, _ = anna.ask("@label=b METADATA * LIST")
    assert opened.matches("BATCH", None, "metadata", "anna") and opened.tags["label"] == "b"
    assert value.tags["batch"] == opened.params[0][1:] and "label" not in value.tags
    failed = anna.ask_one("@label=c METADATA * SNEEZE")
    assert failed.verb == "FAIL" and failed.tags["label"] == "c"


@BOTH
def test_before_the_log_in(irc_server, caps):
    client = irc_server.irc()
    client.ask("CAP LS 302", "CAP REQ :" + " ".join(caps))
    assert client.ask_one("METADATA * SET display-name :a b c").params == ["*", "*", "display-name", "*", "a b c"]
    assert client.ask_one("METADATA * SUB url").params == ["*", "url"]
    assert batch(client.ask("METADATA * GET display-name"), ["*"]) == [["761", "*", "display-name", "*", "a b c"]]
    assert client.ask_one("METADATA anna LIST").params[:2] == ["METADATA", "INVALID_TARGET"]
    client.send("NICK anna", "USER a 0 * :Anna", "CAP END")
    client.expect(("376", "422"))
    assert batch(client.skipped, ["anna"]) == [["METADATA" if caps == SECOND else "761", "anna", "display-name", "*",
                                                "a b c"]]
    assert batch(client.ask("METADATA * SUBS"), [], "metadata-subs") == [["772", "url"]]


def test_an_accounts_is_kept(brusiod):
    server = brusiod(listen=IRC_ONLY)
    anna = server.irc("anna", caps=THIRD)
    register(anna)
    anna.ask_one("METADATA * SET url x")
    server.stop()
    back = log_in(brusiod(after=server, listen=IRC_ONLY), "anna", caps=THIRD)
    assert batch(back.welcome, ["anna"]) == [["761", "anna", "url", "*", "x"]]


@BOTH
def test_what_many_say_is_one_batch(irc_server, caps):
    """More than come in one go inside of the server."""
    watcher = irc_server.irc("watcher", caps=caps)
    watcher.ask("METADATA * SUB url")
    people = [irc_server.irc(f"n{i}", caps=SECOND) for i in range(120)]
    for person in people:
        person.send("METADATA * SET url x", "JOIN #a")
    for person in people:
        person.expect("366")
    watcher.send("JOIN #a")
    watcher.expect("366")
    first = watcher.expect("BATCH")
    watcher.expect("BATCH", "-" + first.params[0][1:])
    assert len(watcher.skipped) == 120
    came = watcher.ask("METADATA #a SYNC")
    assert len(batch(came, ["#a"])) == 120 and len(came) == 122
