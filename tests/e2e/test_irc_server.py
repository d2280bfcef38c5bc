"""What the server says of itself: VERSION, TIME, INFO, ADMIN, LINKS, STATS and HELP."""

import re
import time

import pytest

from irc import only, verbs
from server import BOTH_DOORS

NAME = "brusio.localhost"


@pytest.fixture
def anna(irc_server):
    return irc_server.irc("anna")


def test_version(anna):
    first = anna.ask("VERSION")[0]
    assert first.matches("351", "anna") and NAME in first.params and first.params[1].startswith("brusio")


def test_time(anna):
    before = int(time.time())
    message = anna.ask_one("TIME")
    assert message.matches("391", "anna", NAME)
    assert before <= int(message.params[2]) <= time.time()
    assert message.text.startswith(time.strftime("%Y-", time.gmtime(before)))


def test_info(anna):
    came = anna.ask("INFO")
    assert set(verbs(came)[:-1]) == {"371"} and verbs(came)[-1] == "374"


def test_admin(brusiod):
    server = brusiod('[server]\nadmin = ["Anna of the piazza", "Second floor", "anna@example.org"]\n',
                     listen=BOTH_DOORS)
    came = server.irc("anna").ask("ADMIN")
    assert verbs(came) == ["256", "257", "258", "259"]
    assert [m.text for m in came[1:]] == ["Anna of the piazza", "Second floor", "anna@example.org"]
    assert came[0].params[1] == NAME


def test_admin_when_nobody_is_named(anna):
    assert verbs(anna.ask("ADMIN")) in (["256", "257", "258", "259"], ["423"])


def test_links_and_the_description(brusiod):
    server = brusiod('[server]\nname = "chat.example"\ndescription = "Our own piazza"\n', listen=BOTH_DOORS)
    anna = server.irc("anna")
    came = anna.ask("LINKS")
    assert verbs(came) == ["364", "365"] and came[0].params == ["anna", "chat.example", "chat.example",
                                                                "0 Our own piazza"]
    assert only(anna.ask("WHOIS anna"), "312")[0].params[1:] == ["anna", "chat.example", "Our own piazza"]
    assert all(m.source == "chat.example" for m in anna.welcome)


@pytest.mark.parametrize("line", ["VERSION", "TIME", "INFO", "ADMIN", "MOTD"])
def test_another_server_is_402_and_this_one_is_not(anna, line):
    assert anna.ask_one(f"{line} other.example").matches("402", "anna", "other.example")
    assert "402" not in verbs(anna.ask(f"{line} {NAME}")) and "402" not in verbs(anna.ask(f"{line} *.localhost"))


def test_stats(anna):
    anna.ask("LUSERS", "LUSERS")
    up = anna.ask("STATS u")
    assert verbs(up) == ["242", "219"] and re.search(r"\d+ days \d+:\d\d:\d\d", up[0].text)
    commands = {m.params[1]: int(m.params[2]) for m in only(anna.ask("STATS m"), "212")}
    assert commands["LUSERS"] == 2 and commands["NICK"] == 1
    assert verbs(anna.ask("STATS o")) == ["219"]
    assert [m.params[1] for m in anna.ask("STATS x")] == ["x"]
    assert verbs(anna.ask("STATS")) in (["219"], ["461"])


# HELP


def commands_of(anna):
    came = anna.ask("HELP")
    assert verbs(came)[0] == "704" and verbs(came)[-1] == "706" and set(verbs(came)[1:-1]) == {"705"}
    return {word for m in only(came, "705") for word in m.text.split()}


def test_every_command_of_the_index_has_help(anna):
    commands = commands_of(anna)
    assert {"CAP", "NICK", "USER", "PASS", "PING", "PONG", "QUIT", "JOIN", "PART", "KICK", "INVITE", "TOPIC", "NAMES",
            "LIST", "MODE", "RENAME", "PRIVMSG", "NOTICE", "TAGMSG", "WHO", "WHOIS", "WHOWAS", "ISON", "USERHOST",
            "MONITOR", "AWAY", "SETNAME", "SILENCE", "MOTD", "LUSERS", "VERSION", "TIME", "INFO", "ADMIN", "LINKS",
            "STATS", "HELP", "HELPOP", "OPER", "KILL", "WALLOPS", "REHASH", "UBAN", "CHGHOST", "WEBIRC"} <= commands
    for command in sorted(commands):
        came = anna.ask(f"HELP {command.lower()}")
        assert verbs(came)[0] == "704" and verbs(came)[-1] == "706", command
        assert set(verbs(came)[1:-1]) == {"705"}, command
        assert all(m.params[1] == command for m in came), command
        assert command in came[0].text and len(came[1].text) > 5, command
        assert [m.text for m in anna.ask(f"HELPOP {command}")] == [m.text for m in came]


def test_no_listed_command_is_unknown(anna):
    for command in commands_of(anna) - {"QUIT", "NICK", "BATCH"}:
        assert "421" not in [m.verb for m in anna.ask(command) if "needs" not in m.text], command


def test_help_on_modes(anna):
    for subject, letters in (("CMODES", "beIklimnstCMRWqaohv"), ("UMODES", "iowBZR")):
        text = " ".join(m.text for m in anna.ask(f"HELP {subject}"))
        assert all(f"+{letter} " in text for letter in letters)


@pytest.mark.parametrize("verb", ["HELP", "HELPOP"])
def test_no_help_on_what_there_is_not(anna, verb):
    assert anna.ask_one(f"{verb} nonsense").matches("524", "anna", "nonsense")


@pytest.mark.parametrize("line, least", [("JOIN", 1), ("KICK #a", 2), ("TOPIC", 1), ("PART", 1), ("OPER x", 2),
                                         ("WHOIS", 1), ("MODE", 1), ("RENAME #a", 2), ("ISON", 1), ("USERHOST", 1),
                                         ("SETNAME", 1), ("MONITOR", 1)])
def test_too_few_parameters_are_461_with_the_command(anna, line, least):
    assert anna.ask_one(line).verb in ("461", "431")
