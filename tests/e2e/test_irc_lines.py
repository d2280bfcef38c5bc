"""Lines of the IRC door as such: too long, broken, not UTF-8, with NULs; the limits for tags."""

import pytest

from irc import verbs
from server import BOTH_DOORS


@pytest.fixture
def anna(irc_server):
    return irc_server.irc("anna", caps=("message-tags", "echo-message"))


def line_of(length):
    """PRIVMSG anna :xxx… with `length` bytes, CR LF included."""
    head = "PRIVMSG #a :"
    return head + "x" * (length - 2 - len(head))


def test_512_bytes_are_a_line_and_513_are_417(anna):
    anna.join("#a")
    came = anna.ask(line_of(512), "PRIVMSG #a :after")
    assert not any(m.verb == "417" for m in came) and came[-1].text == "after"
    came = anna.ask(line_of(513), "PRIVMSG #a :after")
    assert verbs(came) == ["417", "PRIVMSG"]
    assert came[0].params[0] == "anna" and came[1].text == "after"


@pytest.mark.parametrize("length", [1024, 16384, 300000])
def test_a_long_line_is_dropped_whole_however_long(anna, length):
    anna.join("#a")
    assert verbs(anna.ask("PRIVMSG #a :" + "x " * (length // 2), "PRIVMSG #a :after")) == ["417", "PRIVMSG"]


def test_a_line_without_end_is_417_at_once_or_at_its_end(irc_server):
    client = irc_server.irc()
    client.send_raw(b"x" * 1_000_000)
    client.send_raw(b"\r\nPING here\r\n")
    client.expect("PONG", None, "here")
    assert verbs(client.skipped) == ["417"]


def test_tags_have_4094_bytes_of_their_own(anna):
    anna.join("#a")
    value = "v" * (4094 - len("+a="))
    came = anna.ask(f"@+a={value} PRIVMSG #a :hello")
    assert verbs(came) == ["PRIVMSG"] and came[0].tags["+a"] == value
    assert verbs(anna.ask(f"@+a={value}v PRIVMSG #a :hello")) == ["417"]
    text = "x" * 300
    came = anna.ask(f"@+a={value} PRIVMSG #a :{text}")
    assert came[0].tags["+a"] == value and came[0].text == text


@pytest.mark.parametrize("tags", ["+a=\\", "+a=\\b", ";;", "=", "+", "+a=;+a", "+/x=1", "+a" * 500, "\\"])
def test_tags_with_bad_escapes_or_names_do_no_harm(anna, tags):
    anna.join("#a")
    assert verbs(anna.ask(f"@{tags} PRIVMSG #a :hello")) == ["PRIVMSG"]


def test_a_nul_or_cr_inside_drops_the_line(anna):
    anna.join("#a")
    for line in (b"PRIVMSG #a :a\0b", b"PRIVMSG #a :a\rb"):
        came = anna.ask(line)
        assert all(m.verb in ("FAIL", "417") for m in came), came


def test_invalid_utf8_is_a_fail_of_its_command(irc_server):
    client = irc_server.irc()
    assert client.ask_one(b"NICK \xff\xfe").matches("FAIL", "NICK", "INVALID_UTF8")
    assert client.ask_one(b"USER a 0 * :caff\xe8").matches("FAIL", "USER", "INVALID_UTF8")
    assert client.ask_one(b"\xff\xff x").matches("FAIL", "*", "INVALID_UTF8")
    client.send("NICK anna", "USER a 0 * :caffè")
    client.expect("422")
    assert client.ask("WHOIS anna")[0].text == "caffè"


def test_binary_garbage_ends_nothing_for_others(irc_server):
    anna = irc_server.irc("anna")
    garbage = irc_server.irc()
    garbage.send_raw(bytes(range(256)) * 200 + b"\n")
    anna.expect_nothing()
    irc_server.irc("mario")


def test_blank_lines_and_blanks_are_nothing(anna):
    assert anna.ask("", "   ", ":source", "@tag") == []
    anna.send(":somebody   PING    x  ")
    assert anna.expect("PONG").params == ["brusio.localhost", "x"]


def test_a_client_that_overfills_its_queue_is_an_excess_flood(brusiod):
    server = brusiod('[limits]\nexempt = []\ncommands_per_second = 1\nburst = 5\nread_queue = "5KiB"\n',
                     listen=BOTH_DOORS)
    flooder = server.irc()
    flooder.send("NICK flooder", "USER f 0 * :F")
    flooder.expect("001")
    try:
        flooder.send_raw(b"PRIVMSG nobody :x\r\n" * 1000)
        came = flooder.rest()
        assert came[-1].verb == "ERROR" and "Excess Flood" in came[-1].text
    except (ConnectionResetError, BrokenPipeError):
        raise AssertionError("reset instead of an ERROR") from None


def test_input_over_the_rate_is_delayed_and_not_lost(brusiod):
    server = brusiod("[limits]\nexempt = []\ncommands_per_second = 20\nburst = 5\n", listen=BOTH_DOORS)
    anna = server.irc()
    anna.send("NICK anna", "USER a 0 * :A", *[f"PING {n}" for n in range(30)])
    assert [anna.expect("PONG").text for _ in range(30)] == [str(n) for n in range(30)]


@pytest.mark.parametrize("argument", ["x" * 400, "é" * 200, "xé" * 130, "é", "#" + "é" * 190, "+" + "é" * 190,
                                      "$m:é"],
                         ids=["long", "utf8", "mixed", "short", "channel", "plus", "mute"])
def test_every_answer_is_utf8_and_fits_whatever_was_asked(irc_server, argument):
    """IrcClient refuses what is not UTF-8 and lines that do not end in CR LF; here also those that are too long."""
    anna = irc_server.irc("anna")
    anna.join("#a")
    commands = {word for m in anna.ask("HELP") if m.verb == "705" for word in m.text.split()} - {"QUIT"}
    for command in sorted(commands):
        for line in (f"{command} {argument}", f"{command} #a {argument}", f"{command} anna {argument}",
                     f"{command} {argument} {argument[:40]}", f"{command} + {argument}"):
            if len(line.encode()) > 510:
                continue
            for message in anna.ask(line):
                assert len(message.line.encode()) <= 510, (line, message)
