"""NickServ, ChanServ and HistServ: how they are reached, what they answer, and what must stay secret."""

import re

import pytest

from irc import verbs
from logging_in import LONG_ENOUGH, log_in
from server import BOTH_DOORS
from services import make_token, register, says

ECHOING = ("echo-message", "labeled-response", "batch", "message-tags", "account-notify", "server-time")
SECOND = "another-long-password"


@pytest.fixture
def server(brusiod):
    return brusiod(listen=BOTH_DOORS, args=("--log-messages",))


@pytest.fixture
def anna(server):
    return register(server.irc("anna"))


# ── how they are reached ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["PRIVMSG NickServ :{}", "privmsg nickserv :{}", "NS {}", "NICKSERV {}", "ns :{}",
                                 "PRIVMSG NickServ@brusio.localhost :{}", "PRIVMSG NickServ :  {}"])
def test_all_ways_to_ask_are_the_same(anna, way):
    came = anna.ask(way.format("info"))
    assert came and {(m.verb, m.nick, m.params[0]) for m in came} == {("NOTICE", "NickServ", "anna")}
    assert "Account anna" in came[0].text


@pytest.mark.parametrize("service, commands", [
    ("NS", "REGISTER IDENTIFY GROUP GHOST RECOVER PASSWORD CERT DROP INFO SESSIONS TOKEN"),
    ("CS", "REGISTER OP AMODE TRANSFER DROP INFO ACCESS"),
    ("HS", "DELETE FORGET"),
])
def test_help_lists_and_explains_every_command(anna, service, commands):
    listed = "\n".join(m.text for m in anna.ask(f"{service} HELP"))
    for command in commands.split():
        assert re.search(rf"^  {command}\b", listed, re.M), listed
        came = [m.text for m in anna.ask(f"{service} help {command.lower()}")]
        assert len(came) >= 2 and came[0].startswith(command), came


def test_a_message_without_words_is_no_mystery(anna):
    assert any("HELP" in text for text in says(anna, "ChanServ", " "))
    assert any("HELP" in m.text for m in anna.ask("CS"))


@pytest.mark.parametrize("line, names", [
    ("NS FROBNICATE", "FROBNICATE"), ("CS FROBNICATE #x", "FROBNICATE"), ("HS FROBNICATE", "FROBNICATE"),
    ("NS HELP FROBNICATE", "FROBNICATE"),
])
def test_an_unknown_command_is_answered_with_where_help_is(anna, line, names):
    came = [m.text for m in anna.ask(line)]
    assert any("HELP" in text for text in came), came
    assert any(names in text for text in came), came


@pytest.mark.parametrize("line, sentence", [
    ("NS REGISTER", "Write REGISTER"), ("NS IDENTIFY", "Write IDENTIFY"), ("NS GHOST", "Write GHOST"),
    ("NS RECOVER", "Write RECOVER"), ("NS PASSWORD one", "Write PASSWORD"), ("NS CERT", "Write CERT"),
    ("NS CERT FOO", "Write CERT"), ("NS CERT DEL", "Write CERT DEL"), ("NS CERT ADD zz", "64 hexadecimal digits"),
    ("NS CERT ADD", "no certificate"), ("NS TOKEN", "Write TOKEN"), ("NS TOKEN ADD", "Write TOKEN ADD"),
    ("NS TOKEN ADD a soon", "90d"), ("NS TOKEN ADD a 0s", "90d"), ("NS TOKEN ADD a -5d", "90d"),
    ("NS TOKEN ADD a 99999999999999999999d", "90d"), ("NS TOKEN DEL", "TOKEN DEL"), ("NS TOKEN DEL nope", "no nope"),
    ("NS SET", "Write SET"), ("NS SET ALWAYS-ON maybe", "SET ALWAYS-ON"), ("NS LOGOFF x", "number"),
    ("NS LOGOFF 99999", "no session"), ("NS DROP", "Write DROP"), ("NS DROP mario", "DROP anna"),
    ("NS INFO nobody", "no account nobody"), ("NS GHOST nobody", "nobody"), ("NS UNGROUP anna", "anna"),
    ("NS GHOST #x", "no nick"),
    ("CS REGISTER", "Write REGISTER"), ("CS REGISTER x", "no channel"), ("CS REGISTER #nope", "#nope"),
    ("CS OP", "Write OP"), ("CS OP #nope", "#nope"), ("CS AMODE #nope +o anna", "#nope"),
    ("CS TRANSFER #nope", "Write TRANSFER"), ("CS DROP #nope", "#nope"), ("CS INFO #nope", "#nope"),
    ("CS SET #nope HISTORY", "Write SET"), ("CS SET #nope HISTORY perhaps", "HISTORY"),
    ("HS DELETE", "Write DELETE"), ("HS DELETE #nope x", "message"), ("HS DELETE #nope", "Write DELETE"),
])
def test_wrong_parameters_get_one_clear_sentence(anna, line, sentence):
    came = [m.text for m in anna.ask(line)]
    assert len(came) == 1 and re.search(sentence, came[0]), came
    assert not re.search(r"error \d|errno|exception|null", came[0], re.I)


def test_without_an_account_what_needs_one_says_so(server, anna):
    mario = server.irc("mario")
    for line in ("NS GROUP", "NS SESSIONS", "NS TOKEN LIST", "NS TOKEN ADD x", "NS CERT LIST", "NS PASSWORD a b",
                 "NS LOGOUT", "NS DROP mario", "NS SET ALWAYS-ON on", "NS INFO", "NS GHOST anna"):
        came = [m.text for m in mario.ask(line)]
        assert len(came) == 1 and "not logged in" in came[0], (line, came)


# ── as targets of other commands ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("nick", ["NickServ", "ChanServ", "HistServ"])
def test_a_service_is_no_user_but_whois_knows_it(anna, nick):
    came = anna.ask(f"WHOIS {nick.upper()}")
    assert verbs(came)[0] == "311" and verbs(came)[-1] == "318" and came[0].params[1] == nick
    assert anna.ask_one(f"NICK {nick}").verb in ("432", "433")
    assert anna.ask_one(f"INVITE {nick} #piazza").verb in ("401", "403", "442")
    for quiet in (f"NOTICE {nick} :HELP", f"PRIVMSG {nick} :\x01VERSION\x01", f"NOTICE {nick} :\x01PING 1\x01",
                  f"PRIVMSG {nick} :\x01ACTION waves\x01"):
        came = anna.ask(quiet)
        assert not any("There is no command" in m.text or "What it does" in m.text for m in came), (quiet, came)


def test_nobody_can_come_as_a_service(server):
    for nick in ("NickServ", "chanserv", "HISTSERV", "ChаnServ"):  # the last with a Cyrillic а
        client = server.irc()
        client.send(f"NICK {nick}", "USER u 0 * :u")
        assert client.expect(("432", "433", "001")).verb != "001", nick
    frank = server.enter("NickServ")
    assert frank.expect_explanation()


def test_a_frame_client_reaches_no_service_by_accident(server, anna):
    frank = server.join("frank")
    frank.send("/msg NickServ REGISTER " + LONG_ENOUGH)
    answer = frank.recv_answer()
    assert LONG_ENOUGH not in answer
    assert not any(LONG_ENOUGH in line for line in server.log())


# ── what must stay secret ───────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_told_to_a_service_is_echoed_logged_or_remembered(server):
    anna = server.irc("anna", caps=ECHOING)
    mario = server.irc("mario", caps=ECHOING)
    secrets = [LONG_ENOUGH, "a-second-secret-word", "a-wrong-secret-word", "notice-secret-word", "ctcp-secret-word",
               "typo-secret-word"]
    came = anna.ask(f"@label=a PRIVMSG NickServ :REGISTER {LONG_ENOUGH}",
                    "@label=b PRIVMSG NickServ,mario :IDENTIFY a-wrong-secret-word",
                    "@label=c NS IDENTIFY anna a-wrong-secret-word",
                    f"@label=d PRIVMSG NickServ@brusio.localhost :PASSWORD {LONG_ENOUGH} a-second-secret-word",
                    "@label=e NOTICE NickServ :IDENTIFY notice-secret-word",
                    "@label=f PRIVMSG NickServ :\x01ACTION ctcp-secret-word\x01",
                    "@label=g PRIVMSG ChanServ :IDENTIFY typo-secret-word",
                    "@label=h NS typo-secret-word", "@label=i NS IDENTFY anna typo-secret-word",
                    "@label=j REGISTER anna * a-wrong-secret-word")
    shown = [m for m in came if m.nick != "NickServ" or "SECRET" not in m.text.upper()]
    for m in shown:
        if m.verb == "PRIVMSG" and m.params[0] == "mario":
            continue  # said to mario, too
        assert not any(secret in m.raw.decode().lower() for secret in secrets), m
    assert {m.tags.get("label") for m in came if "label" in m.tags} >= set("acdefghij")
    # Of the mistake with two targets, mario's half is a message like any other.
    past = anna.ask("CHATHISTORY LATEST NickServ * 50", "CHATHISTORY LATEST ChanServ * 50", "SEARCH secret",
                    "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 50")
    told = [m for m in past if m.verb in ("PRIVMSG", "NOTICE", "CHATHISTORY") and "Serv" in " ".join(m.params)]
    assert told == [], told
    log = "\n".join(server.log())
    assert not any(secret in log for secret in secrets), log
    mario.sync()


def test_other_sessions_of_the_account_do_not_see_what_a_service_is_told(server, anna):
    other = log_in(server, "anna", caps=("echo-message", "znc.in/self-message", "message-tags"))
    other.sync()
    anna.ask(f"PRIVMSG NickServ :IDENTIFY anna {LONG_ENOUGH}", f"NS PASSWORD {LONG_ENOUGH} {SECOND}")
    assert not any(LONG_ENOUGH in m.raw.decode() or SECOND in m.raw.decode() for m in other.expect_closed())


def test_a_new_token_is_shown_to_the_session_that_asked_only(server, anna):
    other = log_in(server, "anna", caps=("echo-message", "znc.in/self-message"))
    token, _ = make_token(anna)
    assert not any("brt_" in m.raw.decode() for m in other.sync())
    assert not any(token in line for line in server.log())


def test_a_services_answers_are_under_their_label(server):
    anna = server.irc("anna", caps=ECHOING)
    came = anna.ask(f"@label=reg NS REGISTER {LONG_ENOUGH}")
    assert came[0].tags.get("label") == "reg", came
    one = anna.ask_one("@label=one NS FROBNICATE")
    assert one.tags["label"] == "one" and one.verb == "NOTICE"
    token = anna.ask("@label=tok NS TOKEN ADD phone")
    assert token[0].verb == "BATCH" and token[0].tags["label"] == "tok" and token[-1].verb == "BATCH"
    assert all(m.tags.get("batch") for m in token[1:-1])
    quiet = anna.ask_one("@label=q NOTICE NickServ :HELP")
    assert (quiet.verb, quiet.tags["label"]) == ("ACK", "q")
