"""PRIVMSG and NOTICE: to channels, people, lists and ranks; who may, who is told why not, and who is left in peace."""

import time

import pytest

from deadline import seconds
from irc import gather, only, verbs

ACTION = "\x01ACTION waves\x01"


@pytest.fixture
def people(irc_server):
    return gather("#a", *(irc_server.irc(name) for name in ("anna", "mario", "luca")))


def heard(client):
    return [m.line for m in client.sync()]


@pytest.mark.parametrize("verb", ["PRIVMSG", "NOTICE"])
def test_a_message_reaches_all_others_and_has_no_echo(people, verb):
    anna, mario, luca = people
    assert anna.ask(f"{verb} #A :two  words ") == []
    assert heard(mario) == heard(luca) == [f":{anna.mask} {verb} #a :two  words "]
    assert anna.ask(f"{verb} Mario :for you") == []
    assert heard(mario) == [f":{anna.mask} {verb} mario :for you"]
    assert heard(luca) == []


def test_a_list_of_targets_gets_it_once_each(people):
    anna, mario, luca = people
    assert anna.ask("PRIVMSG mario,#a,luca,mario :hello") == []
    assert [m.params[0] for m in mario.sync()] == ["mario", "#a"]
    assert [m.params[0] for m in luca.sync()] == ["#a", "luca"]
    assert verbs(anna.ask("PRIVMSG nobody,mario,#nowhere :hello")) == ["401", "403"]
    assert len(mario.sync()) == 1


def test_refusals(people, irc_server):
    anna = people[0]
    assert anna.ask_one("PRIVMSG").verb in ("411", "461")
    assert anna.ask_one("PRIVMSG :").matches("411", "anna")
    assert anna.ask_one("PRIVMSG mario").matches("412", "anna")
    assert anna.ask_one("PRIVMSG mario :").matches("412", "anna")
    assert anna.ask_one("PRIVMSG nobody :x").matches("401", "anna", "nobody")
    assert anna.ask_one("PRIVMSG #nowhere :x").matches("403", "anna", "#nowhere")
    paolo = irc_server.irc("paolo")
    assert paolo.ask_one("PRIVMSG #a :x").matches("404", "paolo", "#a")


@pytest.mark.parametrize("line", ["NOTICE", "NOTICE :", "NOTICE mario", "NOTICE mario :", "NOTICE nobody :x",
                                  "NOTICE #nowhere :x", "NOTICE #b :x", "NOTICE nobody,nobody2 :x"])
def test_a_notice_is_never_answered(people, line):
    anna, mario, _ = people
    mario.ask("JOIN #b")
    assert anna.ask(line) == []


def test_who_is_away_is_said_but_not_to_a_notice(people):
    anna, mario, _ = people
    mario.ask("AWAY :at lunch")
    assert anna.ask_one("PRIVMSG mario :x").params == ["anna", "mario", "at lunch"]
    assert anna.received[-2].verb == "301"
    assert anna.ask("NOTICE mario :x") == []
    assert anna.ask("PRIVMSG #a :x") == []
    mario.ask("AWAY")
    assert anna.ask("PRIVMSG mario :x") == []


def test_ctcp_passes(people):
    anna, mario, _ = people
    for line in (f"PRIVMSG mario :{ACTION}", "PRIVMSG mario :\x01VERSION\x01", "PRIVMSG #a :\x01PING 1 2\x01",
                 "NOTICE mario :\x01VERSION irssi 1\x01", f"PRIVMSG #a :{ACTION}"):
        assert anna.ask(line) == []
        assert heard(mario) == [f":{anna.mask} {line}"]


@pytest.mark.parametrize("text", ["\x02bold\x02 \x0304,12red\x03 \x0fplain", "😀 perché ñ", ":starts with a colon",
                                  "\x01", "\x01\x01", "\x01ACTION\x01", "\x01ACTION unfinished", " ", "a\tb"])
def test_text_passes_to_the_byte_or_nearly(people, text):
    anna, mario, _ = people
    assert anna.ask(f"PRIVMSG #a :{text}") == []
    came = mario.sync()
    assert verbs(came) == ["PRIVMSG"]
    if "\x01" not in text:
        assert came[0].text == text


def test_a_long_line_is_split_within_512_bytes_as_received(people):
    anna, mario, _ = people
    words = " ".join(f"word{n:03d}" for n in range(62))
    anna.ask(f"PRIVMSG #a :{words}")
    came = mario.sync()
    assert len(came) > 1 and all(len(m.raw) <= 510 for m in came)
    assert " ".join(m.text.strip() for m in came) == words  # between words, and nothing lost
    anna.ask("PRIVMSG #a :" + "é" * 245)
    came = mario.sync()
    assert "".join(m.text for m in came) == "é" * 245 and all(len(m.raw) <= 510 for m in came)
    anna.ask("PRIVMSG #a :\x01ACTION " + "x" * 480 + "\x01")
    came = mario.sync()
    assert all(m.text.startswith("\x01ACTION ") and m.text.endswith("\x01") and len(m.raw) <= 510 for m in came)


# Modes


def test_moderated_channels_hear_who_has_voice(people):
    anna, mario, luca = people
    anna.ask("MODE #a +m", "MODE #a +v luca")
    mario.sync()
    assert mario.ask_one("PRIVMSG #a :x").matches("404", "mario", "#a")
    assert mario.ask("NOTICE #a :x") == []
    luca.ask("PRIVMSG #a :with voice")
    assert [m.text for m in mario.sync()] == ["with voice"]


def test_without_n_outsiders_may_speak(people, irc_server):
    anna = people[0]
    paolo = irc_server.irc("paolo")
    anna.ask("MODE #a -n")
    assert paolo.ask("PRIVMSG #a :from outside") == []
    assert heard(anna)[-1] == f":{paolo.mask} PRIVMSG #a :from outside"


def test_no_ctcp_but_for_action(people):
    anna, mario, _ = people
    anna.ask("MODE #a +C")
    mario.sync()
    assert mario.ask_one("PRIVMSG #a :\x01VERSION\x01").matches("404", "mario", "#a")
    assert mario.ask("NOTICE #a :\x01VERSION x\x01") == []
    anna.sync()
    assert mario.ask(f"PRIVMSG #a :{ACTION}") == []
    assert [m.text for m in anna.sync()] == [ACTION]


def test_registered_only_channels_need_accounts_or_voice(people):
    anna, mario, _ = people
    anna.ask("MODE #a +M")
    mario.sync()
    assert mario.ask_one("PRIVMSG #a :x").matches("404", "mario", "#a")
    anna.ask("MODE #a +v mario")
    mario.sync()
    assert mario.ask("PRIVMSG #a :x") == []


def test_slow_mode_makes_members_wait_and_lets_them_speak_again(people):
    anna, mario, _ = people
    anna.ask("MODE #a +W 1")
    mario.sync()
    assert mario.ask("PRIVMSG #a :first") == []
    assert mario.ask_one("PRIVMSG #a :second").matches("404", "mario", "#a")
    anna.ask("PRIVMSG #a :operators", "PRIVMSG #a :do not wait")
    assert [m.text for m in mario.sync()] == ["operators", "do not wait"]
    deadline = time.monotonic() + seconds(5)
    while only(mario.ask("PRIVMSG #a :third"), "404"):
        assert time.monotonic() < deadline
    assert [m.text for m in anna.sync()][-1] == "third"


@pytest.mark.parametrize("prefix, reached", [("+", {"mario", "luca"}), ("%", {"mario"}), ("@", {"mario"}),
                                             ("@+", {"mario", "luca"}), ("~", set()), ("&", set())])
def test_statusmsg_reaches_a_rank_and_above(people, irc_server, prefix, reached):
    anna, mario, luca = people
    paolo = irc_server.irc("paolo")
    paolo.join("#a")
    anna.ask("MODE #a +ov mario luca")
    for client in people:
        client.sync()
    assert anna.ask(f"PRIVMSG {prefix}#a :quietly") == []
    got = {client.nick: client.sync() for client in (mario, luca, paolo)}
    assert {nick for nick, came in got.items() if only(came, "PRIVMSG")} == reached
    for nick in reached:
        target = only(got[nick], "PRIVMSG")[0].params[0]
        assert target == prefix[-1] + "#a"


def test_statusmsg_obeys_the_channel(people, irc_server):
    paolo = irc_server.irc("paolo")
    assert paolo.ask_one("PRIVMSG @#a :x").verb == "404"
    assert paolo.ask_one("PRIVMSG @#nowhere :x").verb == "403"
    assert paolo.ask_one("PRIVMSG @@@ :x").verb in ("401", "403")


# People


def test_silence_keeps_private_messages_away_without_a_word(people):
    anna, mario, _ = people
    assert mario.ask_one("SILENCE +anna").line == f":{mario.mask} SILENCE +anna!*@*"
    assert anna.ask("PRIVMSG mario :x", "NOTICE mario :x") == []
    assert heard(mario) == []
    anna.ask("PRIVMSG #a :channels are not meant")
    assert len(heard(mario)) == 1
    came = mario.ask("SILENCE")
    assert came[0].params == ["mario", "mario", "anna!*@*"] and verbs(came) == ["271", "272"]
    assert mario.ask_one("SILENCE -ANNA").text.lower() == "-anna!*@*"
    anna.ask("PRIVMSG mario :x")
    assert len(heard(mario)) == 1 and verbs(mario.ask("SILENCE")) == ["272"]


def test_registered_only_people_hear_accounts_only(people):
    anna, mario, _ = people
    assert mario.ask_one("MODE mario +R").params == ["mario", "+R"]
    assert anna.ask_one("PRIVMSG mario :x").verb == "477"
    assert anna.ask("NOTICE mario :x") == [] and heard(mario) == []
    mario.ask("MODE mario -R")
    assert anna.ask("PRIVMSG mario :x") == [] and len(heard(mario)) == 1
