"""Frame people and IRC people in one lobby: they hear each other, each in their own way, and obey the same rules."""

import pytest

from frames import SERVER_NAME
from irc import only, verbs
from server import BOTH_DOORS


@pytest.fixture
def irc_and_frame(irc_server):
    """anna by IRC in #piazza, "Mario Rossi" by frames."""
    anna = irc_server.irc("anna")
    anna.join("#piazza")
    mario = irc_server.join("Mario Rossi")
    anna.sync()
    return anna, mario


@pytest.fixture
def ruled(brusiod, hash_password):
    """The same, and anna is an operator of the server."""
    server = brusiod(f"[operator.root]\npassword = '{hash_password('secret')}'\n", listen=BOTH_DOORS)
    anna = server.irc("anna")
    anna.join("#piazza")
    anna.send("OPER root secret")
    anna.expect("MODE", "anna")
    mario = server.join("Mario Rossi")
    anna.sync()
    return server, anna, mario


def lines(client, count=1):
    """What comes next, which is `count` messages; the frame client's words are on their way."""
    return [client.expect(("PRIVMSG", "NOTICE")) for _ in range(count)]


# Coming and going


def test_frame_people_come_and_go_like_others(irc_server):
    anna = irc_server.irc("anna")
    anna.join("#piazza")
    mario = irc_server.enter("Mario Rossi")
    joined = anna.expect("JOIN")
    assert joined.nick == "Mario_Rossi" and "!~frame@" in joined.source and joined.params == ["#piazza"]
    assert "127.0.0.1" not in joined.line
    assert set(anna.ask("NAMES #piazza")[0].text.split()) == {"anna", "Mario_Rossi"}
    assert only(anna.ask("WHOIS mario_rossi"), "311")[0].text == "Mario Rossi"
    mario.send("/nick Luigi Verdi")
    assert anna.expect("NICK").line == f":{joined.source} NICK Luigi_Verdi"
    mario.close()
    assert anna.expect("QUIT").nick == "Luigi_Verdi"


def test_nothing_is_told_to_frame_people_of_who_comes_and_goes(irc_server, irc_and_frame):
    anna, mario = irc_and_frame
    luca = irc_server.irc("luca")
    luca.join("#piazza")
    luca.ask("NICK luigi", "PART #piazza :bye", "JOIN #piazza")
    luca.send("QUIT")
    luca.expect_closed()
    anna.ask("TOPIC #piazza", "AWAY :x", "AWAY", "NAMES #piazza")
    anna.ask("PRIVMSG #piazza :first words")
    assert mario.recv_pair() == (b"anna", b"first words")


# What is said


def test_text_goes_both_ways(irc_and_frame):
    anna, mario = irc_and_frame
    assert anna.ask("PRIVMSG #piazza :ciao  a tutti ☕") == []
    assert mario.recv_pair() == (b"anna", "ciao  a tutti ☕".encode())
    mario.send("buongiorno ☕")
    message = lines(anna)[0]
    assert message.nick == "Mario_Rossi" and message.params == ["#piazza", "buongiorno ☕"]
    assert message.verb == "PRIVMSG"
    mario.send(":starts with a colon")
    assert lines(anna)[0].text == ":starts with a colon"


def test_actions_go_both_ways(irc_and_frame):
    anna, mario = irc_and_frame
    anna.ask("PRIVMSG #piazza :\x01ACTION waves\x01")
    assert mario.recv_pair() == (b"anna", b"* waves")
    mario.send("/me  waves back")
    assert lines(anna)[0].line.endswith(" PRIVMSG #piazza :\x01ACTION waves back\x01")


def test_notices_reach_frame_people_as_text(irc_and_frame):
    anna, mario = irc_and_frame
    anna.ask("NOTICE #piazza :for all")
    assert mario.recv_pair() == (b"anna", b"for all")


def test_formatting_is_stripped(irc_and_frame):
    anna, mario = irc_and_frame
    anna.ask("PRIVMSG #piazza :\x02bold\x02 \x0304,12red\x03 \x1ditalic\x1d \x1funder\x1f \x11mono\x11 "
             "\x1es\x1e \x16r\x0f \x04ff0000hex\x04 end")
    assert mario.recv_pair() == (b"anna", b"bold red italic under mono s r hex end")


@pytest.mark.parametrize("body, shown", [
    ("\x1b[31mesc \x07", "[31mesc "), ("\u009b2J\u0085x", "2Jx"), ("\x7f\x08\x0b\x0c\x0ex", "x"),
    ("tab\there", "tab\there"), ("\x02\x1b\x02[private] x", " [private] x"),
], ids=["escape", "c1", "delete", "tab", "private"])
def test_no_control_character_reaches_a_frame_clients_terminal(irc_and_frame, body, shown):
    anna, mario = irc_and_frame
    assert anna.ask(f"PRIVMSG #piazza :{body}") == []
    assert mario.recv_pair() == (b"anna", shown.encode())
    anna.ask(f"PRIVMSG mario_rossi :{body}")
    assert mario.recv_pair() == (b"anna", f"[private] {shown.removeprefix(' ')}".encode())


def test_what_is_nothing_but_codes_is_not_sent(irc_and_frame):
    anna, mario = irc_and_frame
    for body in ("\x02\x02", "\x0304,12", "\x1b\x07", "\x01ACTION \x1f\x01"):
        anna.ask(f"PRIVMSG #piazza :{body}", f"NOTICE #piazza :{body}", f"PRIVMSG mario_rossi :{body}")
    anna.ask("PRIVMSG #piazza :after")
    assert mario.recv_pair() == (b"anna", b"after")


def test_frame_people_say_any_bytes_to_each_other(irc_server, irc_and_frame):
    """Whatever IRC is sent of it."""
    anna, mario = irc_and_frame
    luca = irc_server.join("Luca")
    mario.send(b"\x1b[31m\x02\xff\xc2\x9b", b"")
    assert luca.recv_pairs(2) == [(b"Mario Rossi", b"\x1b[31m\x02\xff\xc2\x9b"), (b"Mario Rossi", b"")]
    message = anna.expect("PRIVMSG")
    assert "\x1b" not in message.text and "\x02" not in message.text


def test_ctcp_and_tags_are_not_for_frame_people(irc_server, irc_and_frame):
    anna, mario = irc_and_frame
    anna.ask("PRIVMSG #piazza :\x01VERSION\x01", "NOTICE #piazza :\x01VERSION x\x01",
             "PRIVMSG mario_rossi :\x01PING 1\x01", "NOTICE mario_rossi :\x01PING 1\x01")
    tagger = irc_server.irc("luca", caps=("message-tags",))
    tagger.join("#piazza")
    tagger.ask("@+typing=active TAGMSG #piazza", "@+typing=active TAGMSG mario_rossi")
    tagger.ask("@+reply=x PRIVMSG #piazza :words")
    assert mario.recv_pair() == (b"luca", b"words")


def test_a_message_of_many_lines_is_many_lines(irc_and_frame):
    anna, mario = irc_and_frame
    mario.send("one\ntwo\r\n\nthree\n")
    mario.send("after")
    assert [m.text for m in lines(anna, 4)] == ["one", "two", "three", "after"]


def test_a_long_message_is_split_within_512_bytes(irc_and_frame):
    anna, mario = irc_and_frame
    words = " ".join(f"word{n:04d}" for n in range(400))
    mario.send(words, "the end")
    anna.expect("PRIVMSG", "#piazza", "the end")
    came = anna.skipped
    assert len(came) > 7 and all(len(m.raw) <= 510 for m in came)
    assert " ".join(m.text.strip() for m in came) == words
    mario.send("é" * 2000, "the end")
    anna.expect("PRIVMSG", "#piazza", "the end")
    came = anna.skipped
    assert all(len(m.raw) <= 510 for m in came) and "".join(m.text for m in came) == "é" * 2000
    mario.send("/me " + "waves " * 200, "the end")
    anna.expect("PRIVMSG", "#piazza", "the end")
    came = anna.skipped
    assert len(came) > 2
    assert all(m.text.startswith("\x01ACTION ") and m.text.endswith("\x01") and len(m.raw) <= 510 for m in came)


def test_a_message_of_16_kib_and_thousands_of_lines(irc_and_frame):
    anna, mario = irc_and_frame
    mario.send("x\n" * 8000, "the end")
    anna.expect("PRIVMSG", "#piazza", "the end")
    came = anna.skipped
    assert 0 < len(came) < 300 and all(len(m.raw) <= 510 for m in came)
    assert sum(m.text.count("x") for m in came) == 8000


@pytest.mark.parametrize("body, shown", [(b"caff\xe8", "caff\ufffd"), (b"a\0b", "ab"), (b"a\rb", "ab"),
                                         (b"\x01VERSION\x01", None), (b"tab\there", "tab\there")])
def test_any_bytes_become_lines_of_utf8(irc_and_frame, body, shown):
    anna, mario = irc_and_frame
    mario.send(body)
    message = lines(anna)[0]
    if shown is None:  # no frame can make an IRC program answer
        assert not message.text.startswith("\x01")
    else:
        assert message.text == shown


def test_an_empty_message_disturbs_nobody(irc_and_frame):
    anna, mario = irc_and_frame
    mario.send("", "\n\n", "after")
    anna.expect("PRIVMSG", "#piazza", "after")
    assert all(m.verb == "PRIVMSG" and m.text.strip() == "" for m in anna.skipped)


def test_frame_bytes_cannot_forge_lines(irc_and_frame):
    anna, mario = irc_and_frame
    mario.send(b"hello\r\n:anna!x@y PRIVMSG #piazza :forged\r\nQUIT :x", b"after")
    anna.expect("PRIVMSG", "#piazza", "after")
    assert {m.nick for m in anna.skipped} == {"Mario_Rossi"} and set(verbs(anna.skipped)) == {"PRIVMSG"}


# Private messages


def test_private_messages_go_both_ways(irc_and_frame):
    anna, mario = irc_and_frame
    assert anna.ask("PRIVMSG mario_rossi :between us") == []
    assert mario.recv_pair() == (b"anna", b"[private] between us")
    anna.ask("PRIVMSG Mario_Rossi :\x01ACTION whispers\x01")
    assert mario.recv_pair() == (b"anna", b"[private] * whispers")
    mario.send("/msg ANNA I hear you")
    message = lines(anna)[0]
    assert message.nick == "Mario_Rossi" and message.params == ["anna", "I hear you"]
    anna.ask("AWAY :at lunch")
    mario.send("/msg anna and now?")
    name, text = mario.recv_pair()
    assert name == SERVER_NAME and b"at lunch" in text


def test_what_the_server_quotes_has_no_codes(irc_and_frame):
    anna, mario = irc_and_frame
    anna.ask("AWAY :\x02lunch\x02 \x1b[2J\x07")
    mario.send("/msg anna hello")
    assert mario.recv_pair() == (SERVER_NAME, b"anna is away: lunch [2J")


def test_a_public_message_cannot_pose_as_private(irc_and_frame):
    anna, mario = irc_and_frame
    anna.ask("PRIVMSG #piazza :[private] send me money")
    assert mario.recv_pair() == (b"anna", b" [private] send me money")


def test_silence_works_against_frame_people(irc_and_frame):
    anna, mario = irc_and_frame
    anna.ask("SILENCE +mario_rossi")
    mario.send("/msg anna x", "in the lobby")
    assert lines(anna)[0].text == "in the lobby"


# The rules


def test_kick_is_an_explanation_and_the_end(ruled):
    server, anna, mario = ruled
    assert anna.ask_one("KICK #piazza mario_rossi :that is enough").line == (
        f":{anna.mask} KICK #piazza Mario_Rossi :that is enough")
    assert "that is enough" in mario.expect_explanation()
    assert "Mario_Rossi" not in anna.ask("NAMES #piazza")[0].text
    assert verbs(anna.ask("WHOIS Mario_Rossi")) == ["401", "318"]
    server.join("Mario Rossi")  # may come again


def test_a_reason_has_no_codes(ruled):
    _, anna, mario = ruled
    anna.ask("KICK #piazza mario_rossi :\x0304\x1b[31mspam\x03\x07")
    assert mario.expect_explanation().endswith(" has removed you: [31mspam")


def test_ban_ends_and_keeps_out(ruled):
    server, anna, mario = ruled
    anna.ask("MODE #piazza +b mario_rossi")
    mario.expect_explanation()
    server.enter("Mario Rossi").expect_explanation()
    anna.ask("MODE #piazza -b mario_rossi")
    server.join("Mario Rossi")


def test_mute_and_moderation_are_explained_from_the_servers_name(ruled):
    server, anna, mario = ruled
    for modes in ("+m", "+b $m:mario_rossi"):
        anna.ask(f"MODE #piazza {modes}")
        mario.send("can you hear me?")
        name, text = mario.recv_pair()
        assert name == SERVER_NAME and not text.startswith(b"Closing: ")
        anna.expect_nothing()
        anna.ask(f"MODE #piazza {'-' + modes[1:]}")
        mario.send("and now?")
        assert lines(anna)[0].text == "and now?"
    anna.ask("MODE #piazza +m", "MODE #piazza +v mario_rossi")
    mario.send("with voice")
    assert lines(anna)[0].text == "with voice"


@pytest.mark.parametrize("modes, word", [("+i", "invited"), ("+k key", "key"), ("+l 1", "full"),
                                         ("+b another*", "banned"), ("+R", "account")])
def test_a_closed_lobby_is_closed_to_frame_people(ruled, modes, word):
    server, anna, _ = ruled
    anna.ask(f"MODE #piazza {modes}")
    assert word in server.enter("Another One").expect_explanation()


def test_slow_mode_is_explained(ruled):
    server, anna, mario = ruled
    anna.ask("MODE #piazza +W 600")
    mario.send("first", "second")
    assert lines(anna)[0].text == "first"
    assert mario.recv_pair()[0] == SERVER_NAME
    anna.expect_nothing()
