"""CHATHISTORY: which page of the past is asked for, what is refused, and its list of targets."""

import re

import pytest

from irc import only, verbs
from reading import (FAR_AHEAD, LONG_AGO, PLAIN, TIME, Page, m, milliseconds, read, ref, refused, stamp, targets, tell,
                     texts, when)
from remembering import log_in
from server import IRC_ONLY
from services import register_channel

BY_MSGID_OR_TIME = pytest.mark.parametrize("name", [ref, when], ids=["msgid", "timestamp"])


# Which messages are on a page


def test_latest_tells_the_last_ones_in_order(talk):
    assert texts(talk.mario, "LATEST #a * 50") == m(0, 10)
    assert texts(talk.mario, "LATEST #a * 3") == m(7, 10)
    assert texts(talk.mario, "LATEST #a * 1") == m(9, 10)


@BY_MSGID_OR_TIME
@pytest.mark.parametrize("verb, pages", [
    ("LATEST", {(6, 50): m(7, 10), (2, 2): m(8, 10), (9, 50): []}),
    ("BEFORE", {(6, 50): m(0, 6), (6, 2): m(4, 6), (0, 2): []}),
    ("AFTER", {(6, 50): m(7, 10), (6, 2): m(7, 9), (9, 2): []}),
], ids=["latest", "before", "after"])
def test_one_message_named_bounds_the_page(talk, name, verb, pages):
    """LATEST tells only what came after it, BEFORE those just before it, AFTER those just after it."""
    for (number, limit), wanted in pages.items():
        assert texts(talk.mario, f"{verb} #a {name(talk.said[number])} {limit}") == wanted, (number, limit)


@BY_MSGID_OR_TIME
def test_around_tells_both_sides_within_the_limit(talk, name):
    for limit in (1, 2, 3, 4, 5, 7):
        told = texts(talk.mario, f"AROUND #a {name(talk.said[5])} {limit}")
        first = int(told[0][1:])
        assert told == m(first, first + limit), f"{limit} in one piece"
        assert "m5" in told
        if limit >= 3:
            assert "m4" in told and "m6" in told
    assert texts(talk.mario, f"AROUND #a {name(talk.said[5])} 100") == m(0, 10)


@BY_MSGID_OR_TIME
def test_between_counts_from_the_first_one_named(talk, name):
    two, seven = name(talk.said[2]), name(talk.said[7])
    assert texts(talk.mario, f"BETWEEN #a {two} {seven} 50") == m(3, 7)
    assert texts(talk.mario, f"BETWEEN #a {seven} {two} 50") == m(3, 7)
    assert texts(talk.mario, f"BETWEEN #a {two} {seven} 2") == m(3, 5)
    assert texts(talk.mario, f"BETWEEN #a {seven} {two} 2") == m(5, 7)
    assert texts(talk.mario, f"BETWEEN #a {two} {two} 5") == []


def test_between_takes_a_message_and_a_time_together(talk):
    assert texts(talk.mario, f"BETWEEN #a {ref(talk.said[2])} {when(talk.said[5])} 50") == m(3, 5)
    assert texts(talk.mario, f"BETWEEN #a {when(talk.said[5])} {ref(talk.said[2])} 1") == m(4, 5)


def test_times_beyond_everything_tell_all_or_nothing(talk):
    assert texts(talk.mario, f"BEFORE #a {FAR_AHEAD} 50") == m(0, 10)
    assert texts(talk.mario, f"AFTER #a {LONG_AGO} 4") == m(0, 4)
    assert texts(talk.mario, f"BEFORE #a {LONG_AGO} 50") == []
    assert texts(talk.mario, f"AFTER #a {FAR_AHEAD} 50") == []
    assert texts(talk.mario, f"LATEST #a {LONG_AGO} 2") == m(8, 10)
    assert texts(talk.mario, f"AROUND #a {LONG_AGO} 2")[0] == "m0"
    assert texts(talk.mario, f"AROUND #a {FAR_AHEAD} 2")[-1] == "m9"


def test_a_time_between_two_messages_divides_them(talk):
    between = stamp(milliseconds(talk.said[4].tags["time"]) + 1)
    assert texts(talk.mario, f"BEFORE #a timestamp={between} 1") == ["m4"]


def test_paging_back_by_msgid_loses_and_repeats_nothing(talk):
    for n in range(10, 60):
        talk.anna.send(f"PRIVMSG #a :m{n}")  # many within one millisecond
    talk.anna.sync()
    page = read(talk.mario, "LATEST #a * 7")
    heard = page.texts
    while not page.ended:
        page = read(talk.mario, f"BEFORE #a {ref(page.items[0])} 7")
        heard = page.texts + heard
    assert heard == m(0, 60)


def test_paging_forward_by_msgid_loses_and_repeats_nothing(talk):
    for n in range(10, 60):
        talk.anna.send(f"PRIVMSG #a :m{n}")
    talk.anna.sync()
    page = read(talk.mario, f"AFTER #a {LONG_AGO} 7")
    heard = page.texts
    while not page.ended:
        page = read(talk.mario, f"AFTER #a {ref(page.items[-1])} 7")
        heard += page.texts
    assert heard == m(0, 60)


def test_the_end_is_told_exactly_when_there_is_no_more(talk):
    def ended(command):
        return read(talk.mario, command).ended

    assert ended("LATEST #a * 10") and ended("LATEST #a * 11") and not ended("LATEST #a * 9")
    assert ended(f"BEFORE #a {ref(talk.said[3])} 3") and not ended(f"BEFORE #a {ref(talk.said[3])} 2")
    assert ended(f"AFTER #a {ref(talk.said[6])} 3") and not ended(f"AFTER #a {ref(talk.said[6])} 2")
    assert ended(f"BETWEEN #a {ref(talk.said[2])} {ref(talk.said[6])} 3")
    assert not ended(f"BETWEEN #a {ref(talk.said[2])} {ref(talk.said[6])} 2")
    assert not ended(f"BETWEEN #a {ref(talk.said[6])} {ref(talk.said[2])} 2")
    assert ended(f"AROUND #a {ref(talk.said[5])} 50") and not ended(f"AROUND #a {ref(talk.said[5])} 3")
    assert ended(f"BEFORE #a {LONG_AGO} 3")


def test_msgids_sort_as_the_messages_were_said(talk):
    """Each has a millisecond of its own, so the digit that counts these has gone through all its values."""
    for n in range(10, 80):
        tell(talk.anna, "#a", f"m{n}")
    ids = [line.tags["msgid"] for line in read(talk.mario, "LATEST #a * 200").items]
    assert ids == sorted(ids)


# Limits


def test_isupport_tells_the_limit_and_the_references(talk):
    tokens = talk.mario.isupport()
    assert int(tokens["CHATHISTORY"]) == 500 and tokens["MSGREFTYPES"].split(",") == ["msgid", "timestamp"]


def test_a_limit_over_the_highest_is_the_highest(talk):
    talk.anna.send(*(f"PRIVMSG #a :m{n}" for n in range(10, 520)))
    talk.anna.sync()
    page = read(talk.mario, "LATEST #a * 5000")
    assert page.texts == m(20, 520) and not page.ended
    assert texts(talk.mario, f"BEFORE #a {ref(page.items[0])} 99999999999999999999999") == m(0, 20)


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1x", "1.5", "+3"])
def test_a_limit_that_is_no_number_above_zero_is_refused(talk, limit):
    came = talk.mario.ask(f"CHATHISTORY LATEST #a * {limit}")
    assert verbs(came) == ["FAIL"] and came[0].matches("FAIL", "CHATHISTORY", "INVALID_PARAMS", "LATEST"), came


# Refusals


def test_an_unknown_subcommand_is_refused(talk):
    refused(talk.mario, "CHATHISTORY SOON #a * 5", "INVALID_PARAMS", "SOON")


@pytest.mark.parametrize("line", [
    "LATEST", "LATEST #a", "LATEST #a *", "BEFORE #a *", "BEFORE #a 5", "BETWEEN #a {0} 5", "TARGETS 5",
    "LATEST #a * 5 5", "BEFORE #a {0} {1} 5", "BETWEEN #a {0} {1} 5 5"])
def test_too_few_or_too_many_parameters_are_refused(talk, line):
    line = line.format(ref(talk.said[0]), ref(talk.said[5]))
    came = talk.mario.ask(f"CHATHISTORY {line}")
    assert len(came) == 1, came
    assert came[0].matches("FAIL", "CHATHISTORY", "INVALID_PARAMS", line.split()[0]) or came[0].verb == "461", came


def test_subcommands_are_known_in_any_case(talk):
    assert texts(talk.mario, "latest #a * 1") == ["m9"]


@pytest.mark.parametrize("verb", ["LATEST", "BEFORE", "AFTER", "AROUND"])
def test_a_reference_of_another_kind_is_refused(talk, verb):
    refused(talk.mario, f"CHATHISTORY {verb} #a id=123 5", "INVALID_MSGREFTYPE", verb, "#a", "id=123")


def test_a_star_is_for_latest_only(talk):
    for line in ("BEFORE #a * 5", "AFTER #a * 5", "AROUND #a * 5", f"BETWEEN #a * {ref(talk.said[3])} 5"):
        came = talk.mario.ask("CHATHISTORY " + line)
        assert verbs(came) == ["FAIL"] and came[0].params[1] in ("INVALID_PARAMS", "INVALID_MSGREFTYPE"), came


@pytest.mark.parametrize("time", [
    "", "now", "2026", "2026-11-23", "2026-11-23T08:24:31", "2026-13-23T08:24:31.123Z", "2026-11-31T08:24:31.123Z",
    "2026-11-23T24:24:31.123Z", "2026-11-23 08:24:31.123Z", "1764000000", "2026-11-23T08:24:31.123+01:00",
    "2026-11-23T08:61:31.123Z"])
def test_what_is_no_time_is_refused(talk, time):
    came = talk.mario.ask(f"CHATHISTORY LATEST #a :timestamp={time} 5" if not time else
                          f"CHATHISTORY LATEST #a timestamp={time} 5")
    assert verbs(came) == ["FAIL"] and came[0].params[1] == "INVALID_PARAMS", came


def test_an_unknown_msgid_is_an_error_and_not_a_page(talk):
    for verb in ("LATEST", "BEFORE", "AFTER", "AROUND"):
        refused(talk.mario, f"CHATHISTORY {verb} #a msgid=nosuchthing 5", "MESSAGE_ERROR", verb, "#a", "nosuchthing")


def test_a_channel_that_is_not_and_one_that_one_is_not_in_cannot_be_told_apart(talk):
    eve = talk.irc("eve", caps=PLAIN)
    there = refused(eve, "CHATHISTORY LATEST #a * 5", "INVALID_TARGET", "LATEST", "#a")
    nowhere = refused(eve, "CHATHISTORY LATEST #b * 5", "INVALID_TARGET", "LATEST", "#b")
    assert there.text == nowhere.text


@pytest.mark.parametrize("target", ["9nick", "a/b", "#", "@#a", "*", "#a,#b"])
def test_what_cannot_be_a_target_is_refused(talk, target):
    refused(talk.mario, f"CHATHISTORY LATEST {target} * 5", "INVALID_TARGET", "LATEST", target)


def test_targets_are_asked_for_by_time_only(talk):
    came = talk.mario.ask(f"CHATHISTORY TARGETS {ref(talk.said[0])} {FAR_AHEAD} 5")
    assert verbs(came) == ["FAIL"] and came[0].params[1] in ("INVALID_PARAMS", "INVALID_MSGREFTYPE"), came


def test_where_history_is_off_there_is_no_command_for_it(brusiod):
    server = brusiod("[history]\nenabled = false\n", listen=IRC_ONLY)
    anna = server.irc("anna")
    offered = " ".join(line.text for line in only(anna.ask("CAP LS 302"), "CAP"))
    for name in ("chathistory", "event-playback", "message-redaction", "soju.im/search"):
        assert name not in offered
    assert "CHATHISTORY" not in anna.isupport() and "MSGREFTYPES" not in anna.isupport()
    assert verbs(anna.ask("CHATHISTORY LATEST #piazza * 5")) == ["421"]


def test_before_the_log_in_there_is_no_past(irc_server):
    client = irc_server.irc()
    client.send("CHATHISTORY LATEST #piazza * 5")
    client.expect("451")


# Labels


def test_a_page_is_under_its_label(talk):
    for line in ("LATEST #a * 3", "LATEST #a msgid=%s 5" % talk.said[9].tags["msgid"]):
        came = talk.mario.ask(f"@label=x1 CHATHISTORY {line}")
        labelled = [line for line in came if line.tags.get("label") == "x1"]
        assert labelled == came[:1], came
        page = Page([came[0], *came[1:]], came[0].params[1])
        if came[0].params[1] == "labeled-response":
            assert isinstance(page.items[0], list) and page.items[0][0].params[1] == "chathistory"
        else:
            assert came[0].params[1] == "chathistory"
        assert not page.after


def test_a_refusal_is_under_its_label(talk):
    came = talk.mario.ask("@label=x2 CHATHISTORY LATEST #nowhere * 3")
    assert len(came) == 1 and came[0].tags.get("label") == "x2" and came[0].verb == "FAIL"


# Targets


def test_targets_lists_channels_and_conversations_by_their_latest_message(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    for channel in ("#one", "#two", "#three"):
        anna.join(channel)
    one = tell(anna, "#one", "1")
    direct = tell(bruno, "anna", "2")
    two = tell(anna, "#two", "3")
    assert targets(anna) == [
        ("#one", one.tags["time"]), ("bruno", direct.tags["time"]), ("#two", two.tags["time"])]
    assert [name for name, _ in targets(bruno)] == ["anna"]
    again = tell(anna, "bruno", "4")
    assert targets(anna)[-1] == ("bruno", again.tags["time"])
    assert [name for name, _ in targets(anna, until=when(two))] == ["#one"], "its latest message is too late"
    assert [name for name, _ in targets(anna, since=when(one))] == ["#two", "bruno"], "both ends are left out"


def test_targets_counts_from_the_first_time_named(world):
    anna = log_in(world, "anna", caps=PLAIN)
    for channel in ("#one", "#two", "#three"):
        anna.join(channel)
        tell(anna, channel, "x")
    assert [name for name, _ in targets(anna, limit=2)] == ["#one", "#two"]
    assert [name for name, _ in targets(anna, since=FAR_AHEAD, until=LONG_AGO, limit=2)] == ["#two", "#three"]
    assert [name for name, _ in targets(anna, since=FAR_AHEAD, until=LONG_AGO)] == ["#one", "#two", "#three"]


def test_targets_does_not_list_what_one_may_not_read(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    anna.join("#mine")
    tell(anna, "#mine", "x")
    assert targets(bruno) == []
    bruno.join("#mine")
    assert targets(bruno) == [], "since-join: what was said before is not his"
    register_channel(anna, "#open")
    echo = tell(anna, "#open", "y")
    bruno.join("#open")
    assert targets(bruno) == [("#open", echo.tags["time"])]
    bruno.ask("PART #open")
    assert targets(bruno) == []


def test_targets_without_batches_are_lines_alone(world):
    anna = world.irc("mara", caps=["draft/chathistory", "server-time"])
    anna.join("#one")
    anna.ask("PRIVMSG #one :x")
    came = anna.ask(f"CHATHISTORY TARGETS {LONG_AGO} {FAR_AHEAD} 5")
    assert len(came) == 1 and came[0].matches("CHATHISTORY", "TARGETS", "#one", re.compile(TIME)), came
