"""What an account missed, told to clients that cannot ask for it; and one's own words on one's other clients."""

import re

import pytest

from irc import only, sync_all, verbs
from reading import ALL, PLAIN, tell, with_accounts
from remembering import log_in
from server import BOTH_DOORS, IRC_ONLY
from services import register

OLD = ("server-time",)
MINUTES = re.compile(r"^\[\d\d:\d\d\] ")


def start(brusiod, config="", listen=IRC_ONLY):
    """Anna was in #piazza and has gone; bruno is there."""
    server = with_accounts(brusiod(config, listen=listen), "anna", "bruno")
    server.bruno = log_in(server, "bruno", caps=PLAIN)
    server.bruno.join("#piazza")
    return server


@pytest.fixture
def away(brusiod):
    server = start(brusiod)
    visit(server)
    return server


def visit(server, *channels):
    """Anna comes, with a client that knows nothing, and goes."""
    client = log_in(server, "anna", caps=OLD)
    client.join("#piazza", *channels)
    leave(client)


def leave(client):
    client.send("QUIT")
    client.expect_closed()


def told(messages):
    """The messages of others among them."""
    return [line for line in messages if line.verb in ("PRIVMSG", "NOTICE") and "!" in (line.source or "")]


def texts(messages):
    return [line.text for line in told(messages)]


def comes(server, caps=OLD, channel="#piazza"):
    """What anna is told when she comes back, and goes in."""
    client = log_in(server, "anna", caps=caps)
    came = list(client.received)
    if not any(line.matches("JOIN", channel) for line in came):
        came += client.ask(f"JOIN {channel}")
    came += client.sync()
    return client, came


def test_a_client_without_chathistory_is_told_what_was_missed(away):
    said = [tell(away.bruno, "#piazza", f"m{n}") for n in range(3)]
    _, came = comes(away)
    assert texts(came) == ["m0", "m1", "m2"]
    assert [line.tags["time"] for line in told(came)] == [line.tags["time"] for line in said]
    assert [line.source for line in told(came)] == [line.source for line in said]
    join = next(at for at, line in enumerate(came) if line.matches("JOIN", "#piazza"))
    assert came.index(told(came)[0]) > join, "first one is in, then come the words"


def test_a_message_keeps_its_msgid(away):
    echo = tell(away.bruno, "#piazza", "m")
    _, came = comes(away, (*OLD, "message-tags"))
    assert [line.tags["msgid"] for line in told(came)] == [echo.tags["msgid"]]


def test_without_server_time_the_time_is_in_front(away):
    echo = tell(away.bruno, "#piazza", "hello")
    _, came = comes(away, ())
    assert texts(came) == [f"[{echo.tags['time'][11:16]}] hello"]


def test_with_server_time_it_is_not(away):
    tell(away.bruno, "#piazza", "hello")
    _, came = comes(away, OLD)
    assert texts(came) == ["hello"]


def test_an_action_stays_an_action_with_its_time(away):
    away.bruno.ask("PRIVMSG #piazza :\x01ACTION waves\x01")
    _, came = comes(away, ())
    (text,) = texts(came)
    assert text.startswith("\x01ACTION [") and text.endswith("] waves\x01")


def test_a_message_of_several_lines_has_its_time_once(away):
    sender = away.irc("sender", caps=ALL)
    sender.join("#piazza")
    sender.ask("BATCH +b draft/multiline #piazza", "@batch=b PRIVMSG #piazza :one", "@batch=b PRIVMSG #piazza :two",
               "BATCH -b")
    _, came = comes(away, ())
    first, second = texts(came)
    assert MINUTES.sub("", first) == "one" and MINUTES.match(first) and MINUTES.sub("", second) == "two"


def test_nothing_is_told_twice(away):
    tell(away.bruno, "#piazza", "once")
    client, came = comes(away)
    assert texts(came) == ["once"]
    client.ask("PART #piazza")
    assert texts(client.ask("JOIN #piazza") + client.sync()) == []
    leave(client)
    _, came = comes(away)
    assert texts(came) == []


def test_what_was_heard_is_not_missed(away):
    client, _ = comes(away)
    tell(away.bruno, "#piazza", "heard")
    client.sync()
    leave(client)
    tell(away.bruno, "#piazza", "missed")
    _, came = comes(away)
    assert texts(came) == ["missed"]


def test_what_another_client_of_the_account_heard_is_not_missed(away):
    phone = log_in(away, "anna", "anna_phone", caps=PLAIN)
    phone.join("#piazza")
    tell(away.bruno, "#piazza", "heard on the phone")
    phone.sync()
    _, came = comes(away)
    assert texts(came) == []


def test_an_account_that_was_never_there_has_missed_nothing(away):
    tell(away.bruno, "#piazza", "m")
    away.bruno.ask("NICK other")
    newcomer = away.irc("newcomer")
    register(newcomer)
    came = newcomer.ask("JOIN #piazza") + newcomer.sync()
    assert texts(came) == []


def test_whoever_has_no_account_is_told_nothing(away):
    tell(away.bruno, "#piazza", "m")
    guest = away.irc("guest")
    assert texts(guest.ask("JOIN #piazza") + guest.sync()) == []
    leave(guest)
    tell(away.bruno, "#piazza", "n")
    again = away.irc("guest")
    assert texts(again.welcome + again.ask("JOIN #piazza") + again.sync()) == []


def test_whoever_can_ask_is_told_nothing(away):
    tell(away.bruno, "#piazza", "m")
    _, came = comes(away, PLAIN)
    assert texts(came) == []


def test_bots_are_told_nothing(away):
    tell(away.bruno, "#piazza", "!reboot")
    client = log_in(away, "anna", caps=OLD)
    client.ask("MODE anna +B")
    assert texts(client.ask("JOIN #piazza") + client.sync()) == []


def always_on_bot(server):
    client = log_in(server, "anna", caps=OLD)
    client.join("#piazza")
    client.ask("NS SET ALWAYS-ON on", "MODE anna +B")
    leave(client)
    tell(server.bruno, "anna", "!reboot directly")
    tell(server.bruno, "#piazza", "!reboot")


def test_a_bot_that_comes_back_to_its_user_is_told_nothing(away):
    always_on_bot(away)
    assert texts(log_in(away, "anna", caps=OLD).received) == []


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_a_bot_that_comes_back_after_a_restart_is_told_nothing(brusiod, away, how):
    """The words come with the welcome, before it could say MODE +B again."""
    always_on_bot(away)
    away.end(how)
    assert texts(log_in(brusiod(after=away, listen=IRC_ONLY), "anna", caps=OLD).received) == []


def test_only_the_last_ones_are_told(brusiod):
    server = start(brusiod)
    visit(server)
    server.bruno.ask(*(f"PRIVMSG #piazza :m{n}" for n in range(130)))
    _, came = comes(server)
    assert texts(came) == [f"m{n}" for n in range(30, 130)]


def test_replay_lines_is_how_many(brusiod):
    server = start(brusiod, "[history]\nreplay_lines = 3\n")
    visit(server)
    server.bruno.ask(*(f"PRIVMSG #piazza :m{n}" for n in range(5)))
    _, came = comes(server)
    assert texts(came) == ["m2", "m3", "m4"]


def test_replay_lines_of_none_is_none(brusiod):
    server = start(brusiod, "[history]\nreplay_lines = 0\n")
    visit(server)
    server.bruno.ask("PRIVMSG #piazza :m")
    _, came = comes(server)
    assert texts(came) == []


def test_events_and_questions_of_programs_are_not_told(away):
    away.bruno.ask("PRIVMSG #piazza :\x01VERSION\x01", "PRIVMSG #piazza :word", "@+draft/react=x TAGMSG #piazza")
    _, came = comes(away, (*OLD, "message-tags"))
    assert texts(came) == ["word"] and not only(came, "TAGMSG")


def test_what_was_taken_back_is_not_told(away):
    sender = log_in(away, "bruno", "bruno2", caps=ALL)
    sender.join("#piazza")
    echo = tell(sender, "#piazza", "oops")
    tell(sender, "#piazza", "fine")
    sender.ask(f"REDACT #piazza {echo.tags['msgid']}")
    _, came = comes(away)
    assert texts(came) == ["fine"]


def test_what_one_may_not_read_is_not_told(away):
    """An unregistered channel's past is since-join: who parted for good has no seat there."""
    away.bruno.join("#tmp")
    client, _ = comes(away, channel="#tmp")
    client.ask("PART #tmp")
    leave(client)
    tell(away.bruno, "#tmp", "not hers")
    _, came = comes(away, channel="#tmp")
    assert "not hers" not in texts(came)


def test_an_always_on_user_is_told_with_its_channels(away):
    client, _ = comes(away)
    client.ask("NS SET ALWAYS-ON on")
    leave(client)
    tell(away.bruno, "#piazza", "in the channel")
    tell(away.bruno, "anna", "to her")
    back = log_in(away, "anna", caps=OLD)
    came = back.received
    assert sorted(texts(came)) == ["in the channel", "to her"]
    assert any(line.matches("JOIN", "#piazza") for line in came)
    assert texts(back.ask("PING x")) == []


def test_each_channel_has_its_own_count(brusiod):
    server = start(brusiod, "[history]\nreplay_lines = 2\n")
    server.bruno.join("#b")
    server.bruno.ask("PRIVMSG ChanServ :REGISTER #b")
    visit(server, "#b")
    server.bruno.ask(*(f"PRIVMSG {channel} :{channel}{n}" for channel in ("#piazza", "#b") for n in range(4)))
    client, came = comes(server)
    assert texts(came) == ["#piazza2", "#piazza3"]
    assert texts(client.ask("JOIN #b") + client.sync()) == ["#b2", "#b3"]


def test_a_client_that_knows_batches_gets_one(away):
    tell(away.bruno, "#piazza", "m")
    _, came = comes(away, (*OLD, "batch"))
    (line,) = told(came)
    opening = next(one for one in came if one.verb == "BATCH" and one.params[0] == "+" + line.tags["batch"])
    assert opening.params[1:] == ["chathistory", "#piazza"]


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_what_was_missed_is_told_after_a_restart(brusiod, away, how):
    tell(away.bruno, "#piazza", "before the restart")
    away.end(how)
    again = brusiod(after=away, listen=IRC_ONLY)
    bruno = log_in(again, "bruno", caps=PLAIN)
    bruno.join("#piazza")
    tell(bruno, "#piazza", "after it")
    _, came = comes(again)
    assert texts(came) == ["before the restart", "after it"]


def test_whoever_was_there_at_the_crash_misses_only_what_came_after(brusiod, away):
    client, _ = comes(away)
    tell(away.bruno, "#piazza", "heard")
    client.sync()
    away.crash()
    again = brusiod(after=away, listen=IRC_ONLY)
    bruno = log_in(again, "bruno", caps=PLAIN)
    bruno.join("#piazza")
    tell(bruno, "#piazza", "missed")
    _, came = comes(again)
    assert texts(came)[-1] == "missed", came


def test_frame_clients_are_told_nothing(brusiod):
    server = start(brusiod, "[frame]\naccounts = true\n", BOTH_DOORS)
    first = server.enter("anna:correct horse battery")
    server.bruno.expect("JOIN", "#piazza", source="anna")
    first.close()
    server.bruno.expect("QUIT", source="anna")
    tell(server.bruno, "#piazza", "!reboot")
    again = server.enter("anna:correct horse battery")
    server.bruno.expect("JOIN", "#piazza", source="anna")
    tell(server.bruno, "#piazza", "live")
    assert [bytes(part) for part in again.recv_pair()] == [b"bruno", b"live"]


# One's own words on one's other clients


def two(server, first, second, nick="anna"):
    """Two clients of anna's on one user, or with another nick, on two."""
    return log_in(server, "anna", caps=first), log_in(server, "anna", nick, caps=second)


@pytest.mark.parametrize("caps", [("echo-message",), ("znc.in/self-message",)], ids=lambda c: c[0])
def test_what_one_client_says_directly_reaches_the_other(away, caps):
    first, second = two(away, (), caps)
    first.send("PRIVMSG bruno :from the first", "NOTICE bruno :noticed")
    first.sync()
    came = told(second.sync())
    assert [(line.verb, line.nick, line.params) for line in came] == [
        ("PRIVMSG", "anna", ["bruno", "from the first"]), ("NOTICE", "anna", ["bruno", "noticed"])]
    assert texts(away.bruno.sync()) == ["from the first", "noticed"]


def test_without_either_capability_nothing_of_it_comes(away):
    first, second = two(away, (), ())
    first.ask("PRIVMSG bruno :from the first")
    assert told(second.sync()) == []


def test_the_speaker_itself_gets_an_echo_only_when_it_asked_for_it(away):
    first, second = two(away, ("znc.in/self-message",), ("echo-message",))
    assert told(first.ask("PRIVMSG bruno :one")) == []
    assert texts(second.ask("PRIVMSG bruno :two")) == ["one", "two"]
    assert texts(first.sync()) == ["two"]


@pytest.mark.parametrize("caps", [(), ("echo-message",), ("znc.in/self-message",)], ids=str)
def test_what_one_client_says_in_a_channel_reaches_the_other(away, caps):
    first, second = two(away, (), caps)
    first.ask("JOIN #piazza")
    second.sync()
    first.ask("PRIVMSG #piazza :to all")
    came = told(second.sync())
    if "echo-message" in caps or "znc.in/self-message" in caps:
        assert [(line.nick, line.params) for line in came] == [("anna", ["#piazza", "to all"])]
    else:
        assert len(came) <= 1


def test_a_message_has_the_same_msgid_on_all_of_them(away):
    first, second = two(away, PLAIN, ("message-tags", "server-time", "znc.in/self-message"))
    echo = tell(first, "bruno", "same")
    (seen,) = told(second.sync())
    (heard,) = told(away.bruno.sync())
    assert seen.tags["msgid"] == heard.tags["msgid"] == echo.tags["msgid"]
    assert seen.tags["time"] == echo.tags["time"]


def test_what_others_say_reaches_all_of_them(away):
    first, second = two(away, (), ())
    away.bruno.ask("PRIVMSG anna :to both")
    assert texts(first.sync()) == texts(second.sync()) == ["to both"]


def test_all_see_the_same_channels(away):
    first, second = two(away, (), ())
    first.ask("JOIN #new", "TOPIC #new :tea", "NICK annina")
    came = second.sync()
    assert [line.verb for line in only(came, "JOIN", "TOPIC", "NICK")] == ["JOIN", "TOPIC", "NICK"]
    second.ask("PART #new")
    assert verbs(only(first.sync(), "PART")) == ["PART"]
    sync_all(first, second)
