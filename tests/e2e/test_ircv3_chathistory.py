"""draft/chathistory: what was said before, as clients ask for it, and who is told."""

import re

import pytest

from irc import only, sync_all, verbs
from reading import (ALL, FAR_AHEAD, LONG_AGO, PLAIN, TIME, Page, everything, milliseconds, read, ref, refused, stamp,
                     targets, tell, texts, tick, when, with_accounts)
from remembering import PASSWORD, log_in
from server import IRC_ONLY


@pytest.fixture
def world(brusiod, add_account):
    """A server without anybody, on which anna, bruno and carla have accounts."""
    return with_accounts(brusiod(listen=IRC_ONLY), add_account, "anna", "bruno", "carla")


@pytest.fixture
def talk(brusiod):
    """Anna and Mario in #a, with ten messages m0…m9 of Anna's, each at another time: `talk.said`."""
    server = brusiod(listen=IRC_ONLY)
    server.anna = server.irc("anna", caps=ALL)
    server.anna.join("#a")
    server.mario = server.irc("mario", caps=PLAIN)
    server.mario.join("#a")
    server.anna.sync()
    server.said = [tell(server.anna, "#a", f"m{n}") for n in range(10)]
    server.mario.sync()
    return server


def m(first, last):
    return [f"m{n}" for n in range(first, last)]


def registered(client, channel):
    client.join(channel)
    came = client.ask(f"PRIVMSG ChanServ :REGISTER {channel}")
    assert any(line.nick == "ChanServ" for line in came), came


def policy(client, channel, which):
    client.ask(f"PRIVMSG ChanServ :SET {channel} HISTORY {which}")


# The pages


def test_latest_tells_the_last_ones_in_order(talk):
    assert texts(talk.mario, "LATEST #a * 50") == m(0, 10)
    assert texts(talk.mario, "LATEST #a * 3") == m(7, 10)
    assert texts(talk.mario, "LATEST #a * 1") == m(9, 10)


@pytest.mark.parametrize("name", [ref, when], ids=["msgid", "timestamp"])
def test_latest_with_a_message_tells_only_what_came_after_it(talk, name):
    assert texts(talk.mario, f"LATEST #a {name(talk.said[6])} 50") == m(7, 10)
    assert texts(talk.mario, f"LATEST #a {name(talk.said[2])} 2") == m(8, 10)
    assert texts(talk.mario, f"LATEST #a {name(talk.said[9])} 50") == []


@pytest.mark.parametrize("name", [ref, when], ids=["msgid", "timestamp"])
def test_before_tells_those_just_before_it(talk, name):
    assert texts(talk.mario, f"BEFORE #a {name(talk.said[6])} 50") == m(0, 6)
    assert texts(talk.mario, f"BEFORE #a {name(talk.said[6])} 2") == m(4, 6)
    assert texts(talk.mario, f"BEFORE #a {name(talk.said[0])} 2") == []


@pytest.mark.parametrize("name", [ref, when], ids=["msgid", "timestamp"])
def test_after_tells_those_just_after_it(talk, name):
    assert texts(talk.mario, f"AFTER #a {name(talk.said[6])} 50") == m(7, 10)
    assert texts(talk.mario, f"AFTER #a {name(talk.said[6])} 2") == m(7, 9)
    assert texts(talk.mario, f"AFTER #a {name(talk.said[9])} 2") == []


@pytest.mark.parametrize("name", [ref, when], ids=["msgid", "timestamp"])
def test_around_tells_both_sides_within_the_limit(talk, name):
    for limit in (1, 2, 3, 4, 5, 7):
        told = texts(talk.mario, f"AROUND #a {name(talk.said[5])} {limit}")
        first = int(told[0][1:])
        assert told == m(first, first + limit), f"{limit} in one piece"
        assert "m5" in told
        if limit >= 3:
            assert "m4" in told and "m6" in told
    assert texts(talk.mario, f"AROUND #a {name(talk.said[5])} 100") == m(0, 10)


@pytest.mark.parametrize("name", [ref, when], ids=["msgid", "timestamp"])
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


def test_a_batch_names_its_target_as_it_is_called(talk):
    page = read(talk.mario, "LATEST #A * 2")
    assert page.targets == ["#a"] and page.texts == m(8, 10)
    assert page.opening.source == "brusio.localhost"


def test_a_line_has_the_msgid_time_source_and_tags_that_it_had_live(talk):
    talk.anna.send("@+draft/reply=abc;+x/y=z\\s1 PRIVMSG #a :tagged", "NOTICE #a :noticed",
                   "PRIVMSG #a :\x01ACTION waves\x01")
    live = only(talk.mario.sync() + talk.mario.sync(), "PRIVMSG", "NOTICE")
    live = live or only(talk.mario.sync(), "PRIVMSG", "NOTICE")
    told = read(talk.mario, "LATEST #a * 3").items
    assert len(live) == 3
    for was, now in zip(live, told):
        assert {k: v for k, v in now.tags.items() if k != "batch"} == was.tags
        assert now.line == was.line
        assert TIME.match(now.tags["time"]) and now.tags["msgid"]


def test_a_line_of_an_account_keeps_its_account_tag(world):
    anna = log_in(world, "anna", caps=(*PLAIN, "account-tag"))
    mario = world.irc("mario", caps=(*PLAIN, "account-tag"))
    mario.join("#a")
    anna.join("#a")
    tell(anna, "#a", "by an account")
    mario.send("PRIVMSG #a :by nobody")
    mario.expect("PRIVMSG", "#a", "by nobody")
    told = read(mario, "LATEST #a * 2").items
    assert [line.tags.get("account") for line in told] == ["anna", None]


def test_a_message_shows_its_sender_as_they_were(talk):
    talk.anna.ask("NICK renata")
    mask = talk.said[0].source
    assert read(talk.mario, "LATEST #a * 1").items[0].source == mask
    talk.anna.send("QUIT")
    talk.anna.expect_closed()
    assert read(talk.mario, "LATEST #a * 1").items[0].source == mask


def test_whoever_has_no_tags_gets_the_lines_without(talk):
    bare = talk.irc("bare", caps=["batch"])
    bare.join("#a")
    talk.anna.sync()
    tell(talk.anna, "#a", "hello")
    bare.sync()
    page = read(bare, "LATEST #a * 5")
    assert page.texts == ["hello"] and set(page.items[0].tags) == {"batch"}


def test_without_batches_the_lines_come_alone(talk):
    bare = talk.irc("bare")
    bare.join("#a")
    tell(talk.anna, "#a", "hello")
    bare.sync()
    came = bare.ask("CHATHISTORY LATEST #a * 5")
    assert [line.line for line in came] == [f":{talk.anna.mask} PRIVMSG #a :hello"] and not came[0].tags


def test_what_is_said_while_one_asks_is_not_mixed_in(talk):
    """Commands are answered in their order: the message is behind the page, or in it and before it."""
    for n in range(10, 40):
        talk.anna.send(f"PRIVMSG #a :m{n}")
        talk.mario.send("CHATHISTORY LATEST #a * 5")
    talk.anna.sync()
    came = talk.mario.sync()
    inside = None
    for line in came:
        if line.verb == "BATCH":
            inside = line.params[0][1:] if line.params[0][0] == "+" else None
        elif line.verb == "PRIVMSG":
            assert line.tags.get("batch") == inside, line


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


# Messages of several lines


def multiline(client, target, *lines):
    client.send(f"BATCH +b draft/multiline {target}", *(f"@batch=b PRIVMSG {target} :{line}" for line in lines),
                "BATCH -b")


def test_a_message_of_several_lines_is_one_batch_inside(talk):
    multiline(talk.anna, "#a", "one", "two", "", "four")
    opening = talk.anna.expect("BATCH", None, "draft/multiline")
    talk.anna.sync()
    page = read(talk.anna, "LATEST #a * 2")
    assert page.texts == ["m9", ["one", "two", "", "four"]]
    inner = page.items[1][0]
    assert inner.params[1:] == ["draft/multiline", "#a"] and inner.source == opening.source
    assert inner.tags["msgid"] == opening.tags["msgid"] and inner.tags["time"] == opening.tags["time"]
    assert all(set(line.tags) == {"batch"} for line in page.items[1][1:]), "tags are the opening line's only"


def test_a_message_of_several_lines_counts_as_one(talk):
    multiline(talk.anna, "#a", "one", "two", "three")
    talk.anna.sync()
    assert texts(talk.anna, "LATEST #a * 1") == [["one", "two", "three"]]
    assert texts(talk.mario, "LATEST #a * 2") == ["m9", "one", "two", "three"]
    told = read(talk.mario, "LATEST #a * 1").items
    assert ["msgid" in line.tags for line in told] == [True, False, False]
    assert all(line.tags["time"] == told[0].tags["time"] for line in told)


def test_pieces_of_a_long_line_stay_one_line(talk):
    talk.anna.send("BATCH +b draft/multiline #a", "@batch=b PRIVMSG #a :long ",
                   "@batch=b;draft/multiline-concat PRIVMSG #a :line", "@batch=b PRIVMSG #a :next", "BATCH -b")
    talk.anna.sync()
    (inner,) = read(talk.anna, "LATEST #a * 1").items
    text = ""
    for at, line in enumerate(inner[1:]):
        text += ("" if at == 0 or "draft/multiline-concat" in line.tags else "\n") + line.text
    assert text == "long line\nnext"


def test_several_lines_under_a_label_keep_their_batches(talk):
    multiline(talk.anna, "#a", "one", "two")
    talk.anna.sync()
    came = talk.anna.ask("@label=z CHATHISTORY LATEST #a * 2")
    assert [line for line in came if "label" in line.tags] == came[:1]
    opened = [line.params[0][1:] for line in came if line.verb == "BATCH" and line.params[0][0] == "+"]
    closed = [line.params[0][1:] for line in came if line.verb == "BATCH" and line.params[0][0] == "-"]
    assert sorted(opened) == sorted(closed) and len(set(opened)) == len(opened) >= 2
    assert [line.text for line in only(came, "PRIVMSG")] == ["m9", "one", "two"]


# Direct messages


def test_each_side_reads_the_whole_conversation(world):
    anna, bruno = log_in(world, "anna", caps=ALL), log_in(world, "bruno", caps=ALL)
    said = [tell(anna, "bruno", "hello"), tell(bruno, "anna", "hi"), tell(anna, "bruno", "how?", verb="NOTICE")]
    for client, other in ((anna, "bruno"), (bruno, "anna")):
        page = read(client, f"LATEST {other} * 10")
        assert page.texts == ["hello", "hi", "how?"] and page.targets == [other]
        assert [line.tags["msgid"] for line in page.items] == [line.tags["msgid"] for line in said]
        assert [line.tags["time"] for line in page.items] == [line.tags["time"] for line in said]
        assert [(line.nick, line.params[0]) for line in page.items] == [
            ("anna", "bruno"), ("bruno", "anna"), ("anna", "bruno")]
    assert texts(bruno, f"BEFORE anna {ref(said[2])} 1") == ["hi"]
    assert texts(anna, f"AFTER bruno {when(said[0])} 1") == ["hi"]
    assert texts(anna, f"BETWEEN bruno {ref(said[2])} {ref(said[0])} 5") == ["hi"]
    assert "hi" in texts(bruno, f"AROUND anna {ref(said[1])} 3")


def test_nobody_else_reads_a_conversation(world):
    anna, bruno, carla = (log_in(world, name, caps=ALL) for name in ("anna", "bruno", "carla"))
    echo = tell(anna, "bruno", "between us")
    bruno.sync()
    assert everything(carla, "anna") == everything(carla, "bruno") == []
    for line in (f"AROUND anna {ref(echo)} 5", f"BEFORE bruno {ref(echo)} 5"):
        came = carla.ask("CHATHISTORY " + line)
        assert not only(came, "PRIVMSG"), came


def test_somebody_one_never_spoke_with_is_an_empty_page(talk):
    page = read(talk.mario, "LATEST nobody * 5")
    assert page.texts == [] and page.targets == ["nobody"]


def test_what_one_tells_oneself_is_there_once(world):
    anna = log_in(world, "anna", caps=PLAIN)
    anna.ask("PRIVMSG anna :note")
    assert everything(anna, "anna") == ["note"]


def test_a_conversation_goes_on_under_new_nicks(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    tell(anna, "bruno", "one")
    bruno.ask("NICK bruno_away")
    tell(anna, "bruno_away", "two")
    bruno.sync()
    assert everything(anna, "bruno_away") == ["one", "two"]
    assert everything(bruno, "anna") == ["one", "two"]


def test_without_accounts_both_read_their_own_sessions(talk):
    tell(talk.anna, "mario", "psst")
    tell(talk.mario, "anna", "yes?")
    talk.anna.sync()
    assert everything(talk.anna, "mario") == everything(talk.mario, "anna") == ["psst", "yes?"]


def test_a_side_without_account_loses_its_conversations_with_its_session(world):
    anna, guest = log_in(world, "anna", caps=PLAIN), world.irc("guest", caps=PLAIN)
    tell(guest, "anna", "secret of the first guest")
    anna.sync()
    guest.send("QUIT")
    guest.expect_closed()
    again = world.irc("guest", caps=PLAIN)
    assert everything(again, "anna") == [] and targets(again) == []
    assert everything(anna, "guest") in (["secret of the first guest"], []), "Anna's side is hers"


def test_the_next_holder_of_a_nick_reads_nothing_of_the_last(world):
    anna = log_in(world, "anna", caps=PLAIN)
    first = world.irc("first", caps=PLAIN)
    tell(anna, "first", "for the first")
    first.ask("NICK other")
    second = world.irc("first", caps=PLAIN)
    assert everything(second, "anna") == []
    tell(second, "anna", "from the second")
    anna.sync()
    assert everything(second, "anna") == ["from the second"]
    assert everything(first, "anna") == ["for the first"]


def test_an_account_reads_nothing_of_what_its_later_nick_was_told(world):
    anna = log_in(world, "anna", caps=PLAIN)
    holder = world.irc("fresh", caps=PLAIN)
    tell(anna, "fresh", "to whoever had it")
    holder.send("QUIT")
    holder.expect_closed()
    newcomer = world.irc("fresh", caps=PLAIN)
    newcomer.ask(f"PRIVMSG NickServ :REGISTER {PASSWORD.replace(' ', '-')}")
    assert newcomer.ask("WHOIS fresh") and everything(newcomer, "anna") == []
    assert targets(newcomer) == []
    assert "to whoever had it" not in str(newcomer.ask("SEARCH whoever"))


def test_registering_does_not_bring_an_earlier_holders_words_by_the_other_side(world):
    """Bruno wrote to a guest; who holds the guest's nick later, with an account, gets nothing of that told."""
    bruno = log_in(world, "bruno", caps=PLAIN)
    guest = world.irc("visitor", caps=PLAIN)
    tell(bruno, "visitor", "old words")
    guest.send("QUIT")
    guest.expect_closed()
    new = world.irc("visitor", caps=PLAIN)
    new.ask("PRIVMSG NickServ :REGISTER another-good-password")
    tell(bruno, "visitor", "new words")
    new.sync()
    assert everything(new, "bruno") == ["new words"]


def test_dropping_an_account_does_not_leave_its_words_to_the_next_of_that_name(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    tell(anna, "bruno", "of the old anna")
    bruno.sync()
    anna.ask("PRIVMSG NickServ :DROP anna")
    anna.ask("NICK gone")
    new = world.irc("anna", caps=PLAIN)
    new.ask("PRIVMSG NickServ :REGISTER another-good-password")
    assert everything(new, "bruno") == [] and targets(new) == []


def test_a_message_that_was_not_delivered_is_not_remembered(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    bruno.ask("SILENCE +anna")
    anna.ask("PRIVMSG bruno :unheard", "PRIVMSG nobodyhere :lost")
    assert everything(bruno, "anna") == []
    assert everything(anna, "nobodyhere") == []


def test_what_services_are_told_is_not_remembered(world):
    anna = log_in(world, "anna", caps=PLAIN)
    anna.ask("PRIVMSG NickServ :IDENTIFY anna supersecret", "NS INFO")
    came = anna.ask("CHATHISTORY LATEST NickServ * 10")
    assert not only(came, "PRIVMSG", "NOTICE"), came
    assert targets(anna) == []


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
    registered(anna, "#open")
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


# Events


def happenings(server, reader_caps):
    """All kinds of things happen in #e; the one who reads was there all the time."""
    anna, reader = server.irc("anna", caps=ALL), server.irc("reader", caps=reader_caps)
    anna.join("#e")
    reader.join("#e")
    mario = server.irc("mario", caps=ALL)
    mario.join("#e")
    anna.sync()
    echo = tell(anna, "#e", "word")
    mario.ask(f"@+draft/reply={echo.tags['msgid']};+draft/react=ok TAGMSG #e")
    mario.ask(f"@+draft/reply={echo.tags['msgid']};+draft/unreact=ok TAGMSG #e")
    anna.ask("TOPIC #e :tea", "MODE #e +v mario")
    mario.ask("NICK maria")
    mario.ask("PART #e :bye")
    mario.ask("JOIN #e")
    anna.ask("KICK #e maria :out")
    mario.ask("JOIN #e")
    mario.send("QUIT :gone")
    mario.expect_closed()
    anna.expect("QUIT")
    live = reader.sync()
    return reader, live


def test_events_are_played_back_as_they_were_live(brusiod):
    reader, live = happenings(brusiod(listen=IRC_ONLY), ALL)
    page = read(reader, "LATEST #e * 50")
    seen = [line for line in page.items if not (line.verb == "JOIN" and line.nick in ("anna", "reader"))
            and not (line.verb == "MODE" and line.nick != "anna")]
    assert verbs(live) == ["JOIN", "PRIVMSG", "TAGMSG", "TAGMSG", "TOPIC", "MODE", "NICK", "PART", "JOIN", "KICK",
                           "JOIN", "QUIT"]
    assert verbs(seen) == verbs(live)
    for was, now in zip(live, seen):
        assert now.line == was.line
        assert now.tags["time"] == was.tags["time"]
        if "msgid" in was.tags:
            assert now.tags["msgid"] == was.tags["msgid"]
        client_tags = {k: v for k, v in was.tags.items() if k.startswith("+")}
        assert {k: v for k, v in now.tags.items() if k.startswith("+")} == client_tags


def test_a_reaction_and_its_removal_are_played_back_with_their_tags(brusiod):
    reader, _ = happenings(brusiod(listen=IRC_ONLY), ALL)
    word = next(line for line in read(reader, "LATEST #e * 50").items if line.verb == "PRIVMSG")
    react, unreact = only(read(reader, "LATEST #e * 50").items, "TAGMSG")
    assert react.tags["+draft/react"] == unreact.tags["+draft/unreact"] == "ok"
    assert react.tags["+draft/reply"] == unreact.tags["+draft/reply"] == word.tags["msgid"]
    assert react.tags["msgid"] != unreact.tags["msgid"] and react.tags["time"] <= unreact.tags["time"]


def test_without_event_playback_there_are_only_messages(brusiod):
    reader, _ = happenings(brusiod(listen=IRC_ONLY), PLAIN)
    page = read(reader, "LATEST #e * 50")
    assert page.verbs == ["PRIVMSG"] and page.ended
    assert read(reader, "LATEST #e * 1").texts == ["word"], "what is not told does not count"


def test_events_page_like_messages(brusiod):
    reader, _ = happenings(brusiod(listen=IRC_ONLY), ALL)
    whole = read(reader, "LATEST #e * 50").items
    page = read(reader, "LATEST #e * 3")
    heard = list(page.items)
    while not page.ended:
        page = read(reader, f"BEFORE #e {ref(page.items[0])} 3")
        heard = page.items + heard
    assert [line.tags["msgid"] for line in heard] == [line.tags["msgid"] for line in whole]
    assert len({line.tags["msgid"] for line in whole}) == len(whole)


def test_typing_is_not_remembered(talk):
    talk.mario.ask("@+typing=active TAGMSG #a")
    assert all("+typing" not in line.tags for line in read(talk.anna, "LATEST #a * 50").items)


def test_reactions_in_direct_messages_are_played_back(world):
    anna, bruno = log_in(world, "anna", caps=ALL), log_in(world, "bruno", caps=ALL)
    echo = tell(anna, "bruno", "tea?")
    bruno.ask(f"@+draft/reply={echo.tags['msgid']};+draft/react=yes TAGMSG anna")
    for client, other in ((anna, "bruno"), (bruno, "anna")):
        page = read(client, f"LATEST {other} * 10")
        assert page.verbs == ["PRIVMSG", "TAGMSG"] and page.items[1].tags["+draft/react"] == "yes"


def test_a_renamed_channel_keeps_its_past(talk):
    talk.anna.ask("RENAME #a #b")
    talk.mario.sync()
    assert everything(talk.mario, "#b") == m(0, 10)
    refused(talk.mario, "CHATHISTORY LATEST #a * 5", "INVALID_TARGET", "LATEST", "#a")


def test_extended_joins_are_played_back_as_each_client_knows_them(world):
    anna = log_in(world, "anna", caps=ALL)
    anna.join("#e")
    extended = world.irc("ext", caps=(*ALL, "extended-join"))
    extended.join("#e")
    bruno = log_in(world, "bruno", caps=ALL)
    bruno.join("#e")
    sync_all(anna, extended)
    short = [line for line in read(anna, "LATEST #e * 50").items if line.verb == "JOIN" and line.nick == "bruno"]
    long = [line for line in read(extended, "LATEST #e * 50").items if line.verb == "JOIN" and line.nick == "bruno"]
    assert [line.params for line in short] == [["#e"]]
    assert [line.params for line in long] == [["#e", "bruno", "bruno"]]


# Who may read


def test_only_members_read(talk):
    talk.mario.ask("PART #a")
    refused(talk.mario, "CHATHISTORY LATEST #a * 5", "INVALID_TARGET", "LATEST", "#a")


def test_whoever_was_kicked_reads_no_more(talk):
    talk.anna.ask("KICK #a mario")
    talk.mario.sync()
    for line in ("LATEST #a * 5", f"BEFORE #a {FAR_AHEAD} 5", f"AROUND #a {ref(talk.said[5])} 5"):
        refused(talk.mario, f"CHATHISTORY {line}", "INVALID_TARGET", line.split()[0], "#a")


def test_whoever_is_banned_and_put_out_reads_no_more(world):
    anna, bruno = log_in(world, "anna", caps=ALL), log_in(world, "bruno", caps=ALL)
    registered(anna, "#club")
    bruno.join("#club")
    echo = tell(anna, "#club", "inside")
    anna.ask("MODE #club +b bruno!*@*", "KICK #club bruno")
    bruno.sync()
    assert "474" in verbs(bruno.ask("JOIN #club"))
    for line in ("LATEST #club * 5", f"AROUND #club {ref(echo)} 5", f"BEFORE #club {FAR_AHEAD} 5"):
        refused(bruno, f"CHATHISTORY {line}", "INVALID_TARGET", line.split()[0], "#club")
    assert targets(bruno) == []
    other = log_in(world, "bruno", "bruno2", caps=ALL)
    refused(other, "CHATHISTORY LATEST #club * 5", "INVALID_TARGET", "LATEST", "#club")


def test_a_muted_member_can_read(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    registered(anna, "#club")
    bruno.join("#club")
    tell(anna, "#club", "inside")
    anna.ask("MODE #club +b $m:bruno!*@*")
    assert everything(bruno, "#club") == ["inside"]


def test_the_lobby_shows_newcomers_everything(irc_server):
    anna = irc_server.irc("anna", caps=PLAIN)
    anna.join("#piazza")
    tell(anna, "#piazza", "early")
    late = irc_server.irc("late", caps=PLAIN)
    refused(late, "CHATHISTORY LATEST #piazza * 5", "INVALID_TARGET", "LATEST", "#piazza")
    late.join("#piazza")
    assert everything(late, "#piazza") == ["early"]


def test_what_frame_clients_say_is_in_the_lobbys_past(irc_server):
    anna = irc_server.irc("anna", caps=PLAIN)
    anna.join("#piazza")
    frank = irc_server.join("frank")
    frank.send("from a frame")
    live = anna.expect("PRIVMSG", "#piazza", "from a frame")
    told = read(anna, "LATEST #piazza * 5").items[-1]
    assert told.line == live.line and told.tags["msgid"] == live.tags["msgid"]


def test_registered_channels_show_newcomers_everything(world):
    anna = log_in(world, "anna", caps=PLAIN)
    registered(anna, "#club")
    tell(anna, "#club", "early")
    late = world.irc("late", caps=PLAIN)
    late.join("#club")
    assert everything(late, "#club") == ["early"]


def test_unregistered_channels_show_only_what_came_after_ones_join(talk):
    late = talk.irc("late", caps=ALL)
    late.join("#a")
    talk.anna.sync()
    tell(talk.anna, "#a", "now")
    page = read(late, "LATEST #a * 50")
    assert only(page.items, "PRIVMSG")[0].text == "now" and len(only(page.items, "PRIVMSG")) == 1
    assert texts(late, f"BEFORE #a {FAR_AHEAD} 50")[-1] == "now"
    came = late.ask(f"CHATHISTORY AROUND #a {ref(talk.said[5])} 5")
    assert not any(re.fullmatch(r"m\d", line.text) for line in only(came, "PRIVMSG")), came
    came = late.ask(f"CHATHISTORY AFTER #a {ref(talk.said[5])} 5")
    assert not any(re.fullmatch(r"m\d", line.text) for line in only(came, "PRIVMSG")), came


def test_who_leaves_and_comes_again_reads_from_the_second_time(talk):
    talk.mario.ask("PART #a")
    tell(talk.anna, "#a", "without mario")
    talk.mario.join("#a")
    tell(talk.anna, "#a", "with mario")
    talk.mario.sync()
    assert everything(talk.mario, "#a") == ["with mario"]


@pytest.mark.parametrize("mode", ["+i", "+k word", "+s"])
def test_closed_channels_show_only_what_came_after_ones_join(world, mode):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    registered(anna, "#club")
    tell(anna, "#club", "early")
    anna.ask(f"MODE #club {mode}", "INVITE bruno #club")
    bruno.join("#club", key="word")
    assert everything(bruno, "#club") == []
    tell(anna, "#club", "late")
    bruno.sync()
    assert everything(bruno, "#club") == ["late"]
    assert everything(anna, "#club") == ["early", "late"]


def test_the_policy_all_opens_the_whole_past(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    registered(anna, "#club")
    anna.ask("MODE #club +s")
    tell(anna, "#club", "early")
    policy(anna, "#club", "ALL")
    bruno.join("#club")
    assert everything(bruno, "#club") == ["early"]
    policy(anna, "#club", "DEFAULT")
    assert everything(bruno, "#club") == []


def test_the_policy_since_join_closes_what_was_before(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    registered(anna, "#club")
    tell(anna, "#club", "early")
    policy(anna, "#club", "SINCE-JOIN")
    bruno.join("#club")
    tell(anna, "#club", "late")
    bruno.sync()
    assert everything(bruno, "#club") == ["late"]
    assert targets(bruno) and everything(anna, "#club") == ["early", "late"]


def test_the_policy_off_shows_and_keeps_nothing(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    registered(anna, "#club")
    bruno.join("#club")
    policy(anna, "#club", "OFF")
    tell(anna, "#club", "off the record")
    bruno.sync()
    for client in (anna, bruno):
        came = client.ask("CHATHISTORY LATEST #club * 5")
        assert not only(came, "PRIVMSG"), came
        assert targets(client) == []
    policy(anna, "#club", "ALL")
    assert "off the record" not in everything(anna, "#club")


def test_only_founders_set_the_policy(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    registered(anna, "#club")
    tell(anna, "#club", "early")
    policy(anna, "#club", "SINCE-JOIN")
    bruno.join("#club")
    anna.ask("MODE #club +v bruno")
    policy(bruno, "#club", "ALL")
    assert everything(bruno, "#club") == []


def test_the_policy_survives_a_restart(brusiod, world):
    anna = log_in(world, "anna", caps=PLAIN)
    registered(anna, "#club")
    tell(anna, "#club", "early")
    policy(anna, "#club", "SINCE-JOIN")
    world.crash()
    again = brusiod(after=world, listen=IRC_ONLY)
    bruno = log_in(again, "bruno", caps=PLAIN)
    bruno.join("#club")
    assert everything(bruno, "#club") == []


def test_what_was_for_operators_only_is_not_for_others(world):
    anna, bruno = log_in(world, "anna", caps=ALL), log_in(world, "bruno", caps=ALL)
    registered(anna, "#club")
    bruno.join("#club")
    tell(anna, "@#club", "for operators")
    anna.ask("@+draft/react=x TAGMSG @#club")
    tell(anna, "#club", "for all")
    bruno.sync()
    page = read(bruno, "LATEST #club * 50")
    assert "for operators" not in page.texts and "+draft/react" not in str(page.items)
    assert page.texts[-1] == "for all"


def test_what_was_refused_is_not_remembered(talk):
    talk.anna.ask("MODE #a +m")
    talk.mario.ask("PRIVMSG #a :unheard")
    outside = talk.irc("outside", caps=PLAIN)
    outside.ask("PRIVMSG #a :from outside")
    talk.anna.ask("MODE #a -m+b $m:mario!*@*")
    talk.mario.ask("PRIVMSG #a :muted")
    assert everything(talk.mario, "#a") == m(0, 10)


def test_between_does_not_reach_before_ones_join(talk):
    late = talk.irc("late", caps=PLAIN)
    late.join("#a")
    echo = tell(talk.anna, "#a", "now")
    late.sync()
    first = talk.said[0]
    for line in (f"BETWEEN #a {ref(first)} {ref(echo)} 50", f"BETWEEN #a {when(echo)} {when(first)} 50",
                 f"BETWEEN #a {LONG_AGO} {FAR_AHEAD} 50", f"AROUND #a {when(first)} 50", f"AROUND #a {ref(echo)} 50",
                 f"BEFORE #a {ref(echo)} 50", f"AFTER #a {LONG_AGO} 50", f"LATEST #a {ref(first)} 50"):
        came = late.ask("CHATHISTORY " + line)
        assert not [one for one in only(came, "PRIVMSG") if one.text != "now"], (line, came)


def test_a_msgid_of_elsewhere_is_no_window_into_it(world):
    """One pages by a message of another channel or conversation: nothing of that is shown."""
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    anna.join("#mine")
    echo = tell(anna, "#mine", "hidden")
    bruno.join("#his")
    tell(bruno, "#his", "open")
    for verb in ("LATEST", "BEFORE", "AFTER", "AROUND"):
        came = bruno.ask(f"CHATHISTORY {verb} #his {ref(echo)} 5")
        assert "hidden" not in str(came)


def test_whoever_logs_out_reads_the_accounts_conversations_no_more(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    tell(anna, "bruno", "for the account")
    assert everything(bruno, "anna") == ["for the account"]
    bruno.ask("NS LOGOUT")
    assert everything(bruno, "anna") == [] and targets(bruno) == []


def test_whoever_goes_over_to_another_account_reads_that_ones(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    tell(anna, "bruno", "for bruno")
    bruno.sync()
    bruno.ask(f"PRIVMSG NickServ :IDENTIFY carla {PASSWORD}")
    if not only(bruno.received, "900")[-1].params[2] == "carla":
        pytest.skip("another account is refused here")
    assert everything(bruno, "anna") == []
    tell(anna, "bruno", "for carla")
    bruno.sync()
    assert everything(bruno, "anna") == ["for carla"]


def test_all_users_of_an_account_read_its_conversations(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    phone = log_in(world, "bruno", "bruno_phone", caps=PLAIN)
    tell(anna, "bruno", "to the desk")
    tell(anna, "bruno_phone", "to the phone")
    sync_all(anna, bruno, phone)
    assert everything(bruno, "anna") == everything(phone, "anna") == ["to the desk", "to the phone"]


def test_a_guests_channel_is_gone_with_its_last_member(brusiod, world):
    guest = world.irc("guest", caps=PLAIN)
    guest.join("#tmp")
    tell(guest, "#tmp", "gone soon")
    guest.ask("PART #tmp")
    anna = log_in(world, "anna", caps=ALL)
    anna.join("#tmp")
    assert "gone soon" not in str(read(anna, "LATEST #tmp * 50").items)
    world.crash()
    anna = log_in(brusiod(after=world, listen=IRC_ONLY), "anna", caps=ALL)
    anna.join("#tmp")
    assert "gone soon" not in str(read(anna, "LATEST #tmp * 50").items)


def test_a_dropped_channels_past_is_not_the_next_ones(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    registered(anna, "#club")
    tell(anna, "#club", "of the old club")
    anna.ask("PRIVMSG ChanServ :DROP #club #club", "PRIVMSG ChanServ :DROP #club", "PART #club")
    registered(bruno, "#club")
    assert everything(bruno, "#club") == []


def test_an_unregistered_channel_waits_with_its_modes_for_its_accounts(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    anna.join("#tmp")
    anna.ask("MODE #tmp +s")
    bruno.join("#tmp")
    tick(tell(anna, "#tmp", "x"))
    tell(anna, "#tmp", "kept")
    for client in (bruno, anna):
        client.send("QUIT")
        client.expect_closed()
    anna = log_in(world, "anna", caps=PLAIN)
    anna.join("#tmp")
    assert everything(anna, "#tmp")[-1:] == ["kept"]
    modes = next(line for line in anna.ask("MODE #tmp") if line.verb == "324")
    assert "s" in modes.params[2]
    assert any("@anna" in line.text for line in only(anna.ask("NAMES #tmp"), "353"))


# Over restarts


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_everything_is_there_after_a_restart(brusiod, world, how):
    anna, bruno = log_in(world, "anna", caps=ALL), log_in(world, "bruno", caps=ALL)
    registered(anna, "#club")
    for client in (anna, bruno):
        client.join("#piazza")
    bruno.join("#club")
    anna.sync()
    echo = tell(anna, "#club", "a word", tags="@+x/y=z ")
    bruno.ask(f"@+draft/reply={echo.tags['msgid']};+draft/react=ok TAGMSG #club", "TOPIC #club :tea")
    multiline(anna, "#club", "one", "two")
    tell(anna, "#piazza", "lobby")
    tell(bruno, "anna", "direct")
    sync_all(anna, bruno)

    def lines(client):
        told = {}
        for target in ("#club", "#piazza", "anna", "bruno"):
            told[target] = [[(one.line.split(" ", 1)[1], {k: v for k, v in one.tags.items() if k != "batch"})
                             for one in (item if isinstance(item, list) else [item]) if one.verb != "BATCH"]
                            for item in read(client, f"LATEST {target} * 50").items
                            if isinstance(item, list) or item.verb in ("PRIVMSG", "TAGMSG", "TOPIC")]
        return told, targets(client)

    before = [lines(anna), lines(bruno)]
    if how == "SIGKILL":
        world.crash()
    else:
        world.stop()
    again = brusiod(after=world, listen=IRC_ONLY)
    anna, bruno = log_in(again, "anna", caps=ALL), log_in(again, "bruno", caps=ALL)
    for client in (anna, bruno):
        client.ask("JOIN #piazza,#club")
    assert lines(anna)[0] == before[0][0] and lines(bruno)[0] == before[1][0]
    assert lines(anna)[1] == before[0][1]
    tell(anna, "#club", "after")
    assert everything(bruno, "#club")[-1] == "after"


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_what_is_said_after_a_restart_is_after_all_that_was_before(brusiod, world, how):
    anna = log_in(world, "anna", caps=PLAIN)
    anna.join("#piazza")
    first = tell(anna, "#piazza", "one")
    if how == "SIGKILL":
        world.crash()
    else:
        world.stop()
    again = brusiod(after=world, listen=IRC_ONLY)
    anna = log_in(again, "anna", caps=PLAIN)
    anna.join("#piazza")
    second = tell(anna, "#piazza", "two")
    assert first.tags["msgid"] != second.tags["msgid"] and first.tags["time"] <= second.tags["time"]
    assert texts(anna, f"AFTER #piazza {ref(first)} 5") == ["two"]


def test_msgids_sort_as_the_messages_were_said(talk):
    """Each has a millisecond of its own, so the digit that counts these has gone through all its values."""
    for n in range(10, 80):
        tell(talk.anna, "#a", f"m{n}")
    ids = [line.tags["msgid"] for line in read(talk.mario, "LATEST #a * 200").items]
    assert ids == sorted(ids)


def test_an_unregistered_channel_and_its_past_wait_for_those_who_were_in_it(brusiod, world):
    anna, carla = log_in(world, "anna", caps=PLAIN), log_in(world, "carla", caps=PLAIN)
    guest = world.irc("guest", caps=PLAIN)
    anna.join("#tmp")
    guest.join("#tmp")
    tick(tell(anna, "#tmp", "not looked at"))
    tell(anna, "#tmp", "kept for an hour")
    guest.sync()
    world.crash()
    again = brusiod(after=world, listen=IRC_ONLY)
    carla = log_in(again, "carla", caps=PLAIN)
    anna = log_in(again, "anna", caps=PLAIN)
    anna.join("#tmp")
    assert "kept for an hour" in everything(anna, "#tmp")
    came = carla.ask("JOIN #tmp")
    if only(came, "366"):
        assert everything(carla, "#tmp") == []


def test_what_was_said_in_the_millisecond_of_ones_join_stays_readable(world):
    anna = log_in(world, "anna", caps=PLAIN)
    channels = [f"#t{n}" for n in range(20)]
    for channel in channels:
        anna.send(f"JOIN {channel}", f"PRIVMSG {channel} :quick")
    anna.sync()
    assert [everything(anna, channel) for channel in channels] == [["quick"]] * 20
    anna.send("QUIT")
    anna.expect_closed()
    anna = log_in(world, "anna", caps=PLAIN)
    anna.ask(*(f"JOIN {channel}" for channel in channels))
    assert [everything(anna, channel) for channel in channels] == [["quick"]] * 20


def test_a_guest_finds_nothing_of_an_unregistered_channel_that_emptied(world):
    anna = log_in(world, "anna", caps=PLAIN)
    anna.join("#tmp")
    tell(anna, "#tmp", "ours")
    anna.ask("PART #tmp")
    guest = world.irc("guest", caps=PLAIN)
    came = guest.ask("JOIN #tmp")
    assert not only(guest.ask("CHATHISTORY LATEST #tmp * 50"), "PRIVMSG"), came


def test_with_no_grace_an_emptied_channel_starts_empty(brusiod, add_account):
    server = with_accounts(brusiod('[history]\nunregistered_grace = "0s"\n', listen=IRC_ONLY), add_account, "anna")
    anna = log_in(server, "anna", caps=PLAIN)
    anna.join("#tmp")
    tell(anna, "#tmp", "gone soon")
    anna.ask("PART #tmp")
    anna.join("#tmp")
    assert everything(anna, "#tmp") == []
