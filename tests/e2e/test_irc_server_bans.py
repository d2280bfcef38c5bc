"""UBAN: bans of the server by address, network and mask; what they do, and for how long."""

import time

import pytest

from deadline import seconds
from irc import verbs
from server import BOTH_DOORS


@pytest.fixture
def oper_server(brusiod, hash_password):
    return brusiod(f"[operator.root]\npassword = '{hash_password('secret')}'\n", listen=BOTH_DOORS)


@pytest.fixture
def root(oper_server):
    client = oper_server.irc("root", user="root")
    client.send("OPER root secret")
    client.expect("MODE")
    client.sync()
    return client


def turned_away(server, nick="mario", user="m"):
    client = server.irc()
    client.send(f"NICK {nick}", f"USER {user} 0 * :M")
    came = client.expect_closed()
    assert "001" not in verbs(came)
    return came


@pytest.mark.parametrize("target", ["127.0.0.1", "127.0.0.0/8", "0.0.0.0/1", "127.0.0.1/32", "mario", "m*!*@*",
                                    "*!*@127.0.0.1", "*!~m@*", "*@127.*", "0::ffff:127.0.0.1"])
def test_deny_ends_who_is_here_and_turns_away_who_comes(oper_server, root, target):
    mario, luca = oper_server.irc("mario", user="m"), oper_server.irc("watcher", user="w")
    mario.join("#a")
    assert root.ask(f"UBAN ADD {target} deny :no more of this")[-1].verb == "NOTICE"
    came = mario.expect_closed()
    assert "no more of this" in came[-1].text
    came = turned_away(oper_server)
    assert came[0].matches("465", "*") and "no more of this" in came[-1].text
    shown = [m.text for m in root.ask("UBAN LIST")]
    assert len(shown) == 2 and "no more of this" in shown[0] and "deny" in shown[0] and "root" in shown[0]
    assert root.ask_one(f"UBAN DEL {target}").verb == "NOTICE"
    oper_server.irc("mario", user="m")
    assert len(root.ask("UBAN LIST")) == 1
    luca.close()


@pytest.mark.parametrize("target", ["127.0.0.2", "128.0.0.0/8", "10.0.0.0/8", "0::1", "8000::/1", "luigi", "*!*@10.*",
                                    "*!m@*"])
def test_a_ban_concerns_nobody_else(oper_server, root, target):
    mario = oper_server.irc("mario", user="m")
    root.ask(f"UBAN ADD {target} :x")
    mario.expect_nothing()
    oper_server.irc("paolo")


def test_operators_are_not_ended_by_bans(oper_server, root):
    root.ask("UBAN ADD 127.0.0.1 :everybody")
    assert len(root.ask("UBAN LIST")) == 2
    assert turned_away(oper_server)
    root.ask("UBAN DEL 127.0.0.1/32")
    oper_server.irc("mario")


def test_frame_people_are_banned_too(oper_server, root):
    person = oper_server.join("Frame Person")
    root.ask("UBAN ADD 127.0.0.0/8 :not today")
    assert "not today" in person.expect_explanation()
    assert "not today" in oper_server.enter("Another").expect_explanation()


def test_mute_lets_in_and_keeps_quiet(oper_server, root):
    mario, luca = oper_server.irc("mario", user="m"), oper_server.irc("luca", user="l")
    luca.join("#a")
    root.ask("UBAN ADD *!~m@* mute :be quiet")
    mario.join("#a")
    luca.sync()
    for line in ("PRIVMSG #a :x", "PRIVMSG luca :x"):
        assert mario.ask_one(line).verb in ("404", "FAIL"), line
    assert mario.ask("NOTICE #a :x", "NOTICE luca :x") == []
    luca.expect_nothing()
    root.ask("UBAN DEL *!~m@*")
    assert mario.ask("PRIVMSG #a :x") == [] and len(luca.sync()) == 1


def test_a_mute_on_frame_people_is_explained_once_and_they_stay(oper_server, root):
    person = oper_server.join("Frame Person")
    luca = oper_server.irc("luca")
    luca.join("#piazza")
    root.ask("UBAN ADD frame_person mute")
    person.send("hello")
    name, text = person.recv_pair()
    assert name == b"brusio.localhost" and not text.startswith(b"Closing")
    luca.expect_nothing()


def test_require_account_turns_away_who_has_none(oper_server, root):
    root.ask("UBAN ADD *!~m@* require-account :log in first")
    assert turned_away(oper_server)[0].matches("FAIL", "*", "ACCOUNT_REQUIRED")
    oper_server.irc("luca", user="l")


def test_a_ban_expires(oper_server, root):
    assert "until" in root.ask("UBAN ADD *!~m@* deny 1s :for a moment")[-1].text
    turned_away(oper_server)
    deadline = time.monotonic() + seconds(5)
    while len(root.ask("UBAN LIST")) > 1:
        assert time.monotonic() < deadline
    oper_server.irc("mario", user="m")


@pytest.mark.parametrize("time_text", ["90s", "10m", "12h", "7d", "2w"])
def test_times_are_understood_and_shown(oper_server, root, time_text):
    shown = root.ask(f"UBAN ADD nobody!*@* mute {time_text} :why not")[-1].text
    assert "until" in shown and shown.endswith("why not") and "mute" in shown


def test_a_second_ban_on_the_same_target_replaces_the_first(oper_server, root):
    root.ask("UBAN ADD mario deny :one", "UBAN ADD MARIO!*@* mute :two")
    shown = [m.text for m in root.ask("UBAN LIST")]
    assert len(shown) == 2 and "two" in shown[0]


@pytest.mark.parametrize("line", ["UBAN ADD", "UBAN DEL", "UBAN"])
def test_too_little_is_461(root, line):
    assert root.ask_one(line).matches("461", "root", "UBAN")


@pytest.mark.parametrize("line", ["UBAN NONSENSE x", "UBAN ADD 127.0.0.1/33", "UBAN ADD 127.0.0.1/x", "UBAN ADD $x:y",
                                  "UBAN ADD 0::1/129", "UBAN DEL 10.1.2.3"])
def test_nonsense_is_a_fail(root, line):
    assert root.ask_one(line).matches("FAIL", "UBAN")
    assert len(root.ask("UBAN LIST")) == 1


@pytest.mark.parametrize("target", ["$a:somebody", "$a:some*"])
def test_accounts_can_be_named(oper_server, root, target):
    assert root.ask_one(f"UBAN ADD {target} deny :x").verb == "NOTICE"
    oper_server.irc("somebody")  # a nick is no account
    assert root.ask_one(f"UBAN DEL {target}").verb == "NOTICE"


def test_hosts_with_cidr_text_in_a_channel_ban_do_not_match_addresses(oper_server):
    """Channel masks see the shown host only, so a ban cannot be used to find out an address."""
    anna, mario = oper_server.irc("anna"), oper_server.irc("mario")
    anna.join("#a")
    for mask in ("*!*@127.0.0.1", "*!*@127.*", "*!*@127.0.0.0/8"):
        anna.ask(f"MODE #a +b {mask}")
    mario.join("#a")
