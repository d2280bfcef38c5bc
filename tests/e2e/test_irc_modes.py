"""MODE of channels: flags, values, lists and ranks, what each one does, and what is refused. User modes too."""

import time

import pytest

from deadline import seconds
from irc import gather, only, verbs


@pytest.fixture
def people(irc_server):
    """anna, operator of #a, with mario and luca in it, and nothing unread."""
    return gather("#a", *(irc_server.irc(name) for name in ("anna", "mario", "luca")))


def change(by, modes, *others):
    """One change that all are told in the same words; returns its parameters."""
    message = by.ask_one(f"MODE #a {modes}")
    assert message.verb == "MODE" and message.source == by.mask, message
    for other in others:
        assert other.sync()[-1].line == message.line
    return message.params[1:]


def modes_of(client, channel="#a"):
    came = client.ask(f"MODE {channel}")
    assert verbs(came) == ["324", "329"] and came[0].params[:2] == came[1].params[:2] == [client.nick, channel]
    return came[0].params[2:]


# Asking


def test_modes_and_the_creation_time_are_shown(people):
    anna, mario, _ = people
    assert modes_of(mario) == ["+nt"]
    anna.ask("MODE #a +ikl key 10")
    mario.sync()
    modes = modes_of(mario)
    assert set(modes[0]) == set("+intkl")
    values = dict(zip([c for c in modes[0] if c in "kl"], modes[1:]))
    assert values == {"k": "key", "l": "10"}
    created = int(anna.ask("MODE #a")[1].params[2])
    assert abs(created - time.time()) < 60


def test_outsiders_see_modes_but_no_key(people, irc_server):
    people[0].ask("MODE #a +k key")
    paolo = irc_server.irc("paolo")
    assert "key" not in modes_of(paolo)
    assert verbs(paolo.ask("MODE #nowhere")) == ["403"]


# Flags and values


@pytest.mark.parametrize("letter", list("imsCMR"))
def test_a_flag_is_set_shown_and_taken_away(people, letter):
    anna, mario, luca = people
    assert change(anna, f"+{letter}", mario, luca) == [f"+{letter}"]
    assert letter in modes_of(mario)[0]
    assert anna.ask(f"MODE #a +{letter}") == []  # it is set already
    assert change(anna, f"-{letter}", mario, luca) == [f"-{letter}"]
    assert letter not in modes_of(mario)[0]
    assert anna.ask(f"MODE #a -{letter}") == []


def test_many_changes_are_one_line(people):
    anna, mario, _ = people
    assert change(anna, "+m-t+lv 5 mario", mario) == ["+m-t+lv", "5", "mario"]
    assert change(anna, "-m+t-lv mario", mario) == ["-m+t-lv", "mario"]


@pytest.mark.parametrize("typed", ["+l 0", "+l -1", "+l abc", "+l 99999999999999999999", "+l 1x", "+W 0", "+W -1",
                                   "+W abc", "+k :two words", "+k a,b", "+k :"])
def test_bad_values_are_696(people, typed):
    anna = people[0]
    assert anna.ask_one(f"MODE #a {typed}").matches("696", "anna", "#a", typed[1])
    assert modes_of(anna) == ["+nt"]


@pytest.mark.parametrize("letter", list("klWovhq"))
def test_a_missing_value_is_696_or_461(people, letter):
    assert people[0].ask_one(f"MODE #a +{letter}").verb in ("696", "461")


def test_the_key_goes_with_any_word_or_none(people):
    anna = people[0]
    change(anna, "+k key")
    assert change(anna, "-k wrong")[0] == "-k"
    change(anna, "+k key")
    assert change(anna, "-k")[0] == "-k"
    assert modes_of(anna) == ["+nt"]


def test_unknown_letters_are_472(people):
    anna = people[0]
    assert anna.ask_one("MODE #a +y").matches("472", "anna", "y")
    came = anna.ask("MODE #a +my")
    assert set(verbs(came)) == {"472", "MODE"}


@pytest.mark.parametrize("letters", ["+" + "imst" * 125, "x" * 480, "+" + "b" * 480, "-+" * 240, "+" + "é" * 230,
                                     "+" + "o" * 480], ids=["flags", "x", "lists", "signs", "utf8", "ranks"])
def test_500_letters_do_no_harm(people, letters):
    anna, mario, _ = people
    came = anna.ask(f"MODE #a {letters}")
    assert len(came) < 60
    anna.ask("PRIVMSG #a :still here")
    assert mario.sync()[-1].text == "still here"


# Who may


def test_who_is_no_operator_is_482_and_outsiders_442(people, irc_server):
    _, mario, _ = people
    for modes in ("+m", "+o mario", "+b luca", "+k x", "-t"):
        assert mario.ask_one(f"MODE #a {modes}").matches("482", "mario", "#a"), modes
    paolo = irc_server.irc("paolo")
    assert paolo.ask_one("MODE #a +m").verb in ("442", "482")


def test_ranks_need_members(people):
    anna = people[0]
    assert anna.ask_one("MODE #a +v nobody").matches("401", "anna", "nobody")
    people[1].ask("PART #a")
    anna.sync()
    assert anna.ask_one("MODE #a +v mario").matches("441", "anna", "mario", "#a")


def test_each_rank_may_what_it_may(people):
    """Operators give up to operator; half-operators give voice, kick and ban, but change no modes; voice may speak."""
    anna, mario, luca = people
    for higher in "qa":
        assert anna.ask_one(f"MODE #a +{higher} mario").matches("482", "anna", "#a")
    change(anna, "+h mario", mario, luca)
    assert mario.ask_one("MODE #a +m").verb == "482"
    assert change(mario, "+v luca", anna, luca) == ["+v", "luca"]
    assert change(mario, "-v luca", anna, luca) == ["-v", "luca"]
    assert mario.ask_one("MODE #a +o luca").verb == "482" and mario.ask_one("MODE #a -o anna").verb == "482"
    assert mario.ask_one("KICK #a anna").verb == "482"
    change(mario, "+b paolo", anna, luca)
    assert mario.ask_one("KICK #a luca :bye").verb == "KICK"
    assert change(mario, "-h mario", anna) == ["-h", "mario"]  # anybody may resign
    assert mario.ask_one("MODE #a +v mario").verb == "482"


def test_a_channel_without_operator_has_none_until_it_is_empty(people):
    anna, mario, luca = people
    change(anna, "-o anna", mario, luca)
    assert anna.ask_one("MODE #a +o anna").verb == "482"
    for client in people:
        client.ask("PART #a")
    assert anna.ask("JOIN #a")[1].text == "@anna"


# Lists


@pytest.mark.parametrize("letter, entry, end", [("b", "367", "368"), ("e", "348", "349"), ("I", "346", "347")])
def test_a_list_is_filled_shown_and_emptied(people, letter, entry, end):
    anna, mario, luca = people
    assert change(anna, f"+{letter} mario", mario, luca) == [f"+{letter}", "mario!*@*"]
    change(anna, f"+{letter} *!*@host.example", mario)
    there = anna.ask_one(f"MODE #a +{letter} MARIO!*@*")
    assert there.verb == "697" and there.params[1:4] == ["#a", "MARIO!*@*", letter]
    for question in (f"MODE #a {letter}", f"MODE #a +{letter}"):
        came = anna.ask(question)
        assert verbs(came) == [entry, entry, end]
        assert came[0].params[1:4] == ["#a", "mario!*@*", anna.mask] and came[0].params[4].isdigit()
        assert came[-1].params[1] == "#a"
    assert change(anna, f"-{letter} Mario!*@*", mario, luca) == [f"-{letter}", "mario!*@*"]
    absent = anna.ask_one(f"MODE #a -{letter} nobody")
    assert absent.verb == "698" and absent.params[1:4] == ["#a", "nobody!*@*", letter]
    assert verbs(anna.ask(f"MODE #a {letter}")) == [entry, end]


def test_everybody_may_see_the_bans(people):
    _, mario, _ = people
    people[0].ask("MODE #a +b luca")
    mario.sync()
    assert verbs(mario.ask("MODE #a b")) == ["367", "368"]


@pytest.mark.parametrize("typed, whole", [
    ("m", "m!*@*"), ("*@host", "*!*@host"), ("a!b", "a!b@*"), ("a!b@c", "a!b@c"), ("$a:mario", "$a:mario"),
    ("$m:mario", "$m:mario!*@*"), ("$m:$a:mario", "$m:$a:mario"), ("*?*?*?*", "*?*?*?*!*@*"), ("!@", "*!*@*")])
def test_masks_are_made_whole(people, typed, whole):
    assert change(people[0], f"+b {typed}") == ["+b", whole]


@pytest.mark.parametrize("typed", ["$x:y", "$a:", "$m:", "$", "a,b", "x" * 201, "$m:$m:a"])
def test_what_is_no_mask_is_696(people, typed):
    assert people[0].ask_one(f"MODE #a +b {typed}").matches("696", "anna", "#a", "b")


def test_a_ban_keeps_quiet_and_out_and_an_exception_undoes_it(people):
    anna, mario, _ = people
    change(anna, "+b MARIO!*@*", mario)
    assert mario.ask_one("PRIVMSG #a :x").matches("404", "mario", "#a")
    change(anna, "+e *!~user@*", mario)
    assert mario.ask("PRIVMSG #a :x") == []
    mario.ask("PART #a")
    mario.join("#a")
    anna.ask("MODE #a -e *!~user@*")
    mario.ask("PART #a")
    assert mario.ask_one("JOIN #a").matches("474", "mario", "#a")


def test_a_mute_keeps_quiet_but_not_out(people):
    anna, mario, luca = people
    change(anna, "+b $m:mario", mario)
    assert mario.ask_one("PRIVMSG #a :x").matches("404", "mario", "#a")
    mario.ask("PART #a")
    mario.join("#a")
    anna.sync()
    change(anna, "+v mario")
    mario.ask("PRIVMSG #a :voice is heard")
    assert luca.sync()[-1].text == anna.sync()[-1].text == "voice is heard"
    change(anna, "-v+e mario $m:mario")
    assert only(mario.ask("PRIVMSG #a :and an exception"), "404") == []


def test_masks_match_the_shown_host_only(people):
    anna, mario, luca = people
    change(anna, "+b *!*@127.0.0.1", mario)
    assert mario.ask("PRIVMSG #a :my address is nobody's business") == []
    anna.sync()
    change(anna, f"+b *!*@{mario.mask.split('@')[1]}")
    mario.sync()
    assert mario.ask_one("PRIVMSG #a :x").verb == "404"


@pytest.mark.parametrize("mask", ["*?" * 95 + "*!*@*", "*a" * 95 + "!*@*", "?" * 200])
def test_masks_of_many_wildcards_cost_little(people, mask):
    anna, mario, _ = people
    anna.ask(*[f"MODE #a +b x{at}{mask[:190]}" for at in range(90)])
    began = time.monotonic()
    mario.ask(*["PRIVMSG #a :" + "x" * 100] * 100, timeout=20)
    assert time.monotonic() - began < seconds(5)
