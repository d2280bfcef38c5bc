"""CHATHISTORY of channels: who may read how much of it, and how long it is there."""

import re

import pytest

from irc import only, sync_all, verbs
from reading import (ALL, FAR_AHEAD, LONG_AGO, PLAIN, everything, m, multiline, read, ref, refused, targets, tell,
                     texts, tick, when, with_accounts)
from remembering import log_in
from server import IRC_ONLY
from services import register_channel, set_history


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
    register_channel(anna, "#club")
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
    register_channel(anna, "#club")
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
    register_channel(anna, "#club")
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
    register_channel(anna, "#club")
    tell(anna, "#club", "early")
    anna.ask(f"MODE #club {mode}", "INVITE bruno #club")
    bruno.join("#club", key="word")
    assert everything(bruno, "#club") == []
    tell(anna, "#club", "late")
    bruno.sync()
    assert everything(bruno, "#club") == ["late"]
    assert everything(anna, "#club") == ["early", "late"]


def test_what_was_for_operators_only_is_not_for_others(world):
    anna, bruno = log_in(world, "anna", caps=ALL), log_in(world, "bruno", caps=ALL)
    register_channel(anna, "#club")
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


# What its founder has set


def test_the_policy_all_opens_the_whole_past(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    register_channel(anna, "#club")
    anna.ask("MODE #club +s")
    tell(anna, "#club", "early")
    set_history(anna, "#club", "ALL")
    bruno.join("#club")
    assert everything(bruno, "#club") == ["early"]
    set_history(anna, "#club", "DEFAULT")
    assert everything(bruno, "#club") == []


def test_the_policy_since_join_closes_what_was_before(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    register_channel(anna, "#club")
    tell(anna, "#club", "early")
    set_history(anna, "#club", "SINCE-JOIN")
    bruno.join("#club")
    tell(anna, "#club", "late")
    bruno.sync()
    assert everything(bruno, "#club") == ["late"]
    assert targets(bruno) and everything(anna, "#club") == ["early", "late"]


def test_the_policy_off_shows_and_keeps_nothing(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    register_channel(anna, "#club")
    bruno.join("#club")
    set_history(anna, "#club", "OFF")
    tell(anna, "#club", "off the record")
    bruno.sync()
    for client in (anna, bruno):
        came = client.ask("CHATHISTORY LATEST #club * 5")
        assert not only(came, "PRIVMSG"), came
        assert targets(client) == []
    set_history(anna, "#club", "ALL")
    assert "off the record" not in everything(anna, "#club")


def test_only_founders_set_the_policy(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    register_channel(anna, "#club")
    tell(anna, "#club", "early")
    set_history(anna, "#club", "SINCE-JOIN")
    bruno.join("#club")
    anna.ask("MODE #club +v bruno")
    set_history(bruno, "#club", "ALL")
    assert everything(bruno, "#club") == []


def test_the_policy_survives_a_restart(brusiod, world):
    anna = log_in(world, "anna", caps=PLAIN)
    register_channel(anna, "#club")
    tell(anna, "#club", "early")
    set_history(anna, "#club", "SINCE-JOIN")
    world.crash()
    again = brusiod(after=world, listen=IRC_ONLY)
    bruno = log_in(again, "bruno", caps=PLAIN)
    bruno.join("#club")
    assert everything(bruno, "#club") == []


# Channels that end or are empty


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
    register_channel(anna, "#club")
    tell(anna, "#club", "of the old club")
    anna.ask("PRIVMSG ChanServ :DROP #club #club", "PRIVMSG ChanServ :DROP #club", "PART #club")
    register_channel(bruno, "#club")
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


def test_with_no_grace_an_emptied_channel_starts_empty(brusiod):
    server = with_accounts(brusiod('[history]\nunregistered_grace = "0s"\n', listen=IRC_ONLY), "anna")
    anna = log_in(server, "anna", caps=PLAIN)
    anna.join("#tmp")
    tell(anna, "#tmp", "gone soon")
    anna.ask("PART #tmp")
    anna.join("#tmp")
    assert everything(anna, "#tmp") == []


# Over restarts


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_everything_is_there_after_a_restart(brusiod, world, how):
    anna, bruno = log_in(world, "anna", caps=ALL), log_in(world, "bruno", caps=ALL)
    register_channel(anna, "#club")
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
    world.end(how)
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
    world.end(how)
    again = brusiod(after=world, listen=IRC_ONLY)
    anna = log_in(again, "anna", caps=PLAIN)
    anna.join("#piazza")
    second = tell(anna, "#piazza", "two")
    assert first.tags["msgid"] != second.tags["msgid"] and first.tags["time"] <= second.tags["time"]
    assert texts(anna, f"AFTER #piazza {ref(first)} 5") == ["two"]


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
