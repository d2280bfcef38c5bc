"""draft/message-redaction: taking back what was said, and that nothing of it is left."""

import pytest

from irc import only, sync_all, verbs
from reading import ALL, PLAIN, found, read, ref, refused, said, targets, tell, with_accounts
from remembering import log_in
from server import BOTH_DOORS, IRC_ONLY
from services import register


@pytest.fixture
def room(world):
    """#a is anna's; bruno, carla (all with accounts) and two guests are in it. `plain` does not know REDACT."""
    for name in ("anna", "bruno", "carla"):
        setattr(world, name, log_in(world, name, caps=ALL))
    world.guest = world.irc("guest", caps=ALL)
    world.plain = world.irc("plain", caps=PLAIN)
    world.all = [world.anna, world.bruno, world.carla, world.guest, world.plain]
    for client in world.all:
        client.join("#a")
    sync_all(*world.all)
    return world


def drain(*clients):
    return [only(came, "REDACT") for came in sync_all(*clients)]


def msgid(message):
    return message.tags["msgid"]


def test_ones_own_message_is_taken_back_for_all_who_know_how(room):
    echo = tell(room.bruno, "#a", "oops")
    sync_all(*room.all)
    room.bruno.send(f"REDACT #a {msgid(echo)} :not so")
    for came, client in zip(drain(room.bruno, room.anna, room.carla, room.guest),
                            (room.bruno, room.anna, room.carla, room.guest)):
        assert len(came) == 1, (client.nick, came)
        assert came[0].params == ["#a", msgid(echo), "not so"] and came[0].source == echo.source
    assert only(room.plain.sync(), "REDACT") == [] and room.plain.ended is False


def test_without_a_reason_there_is_none(room):
    echo = tell(room.bruno, "#a", "oops")
    room.bruno.send(f"REDACT #a {msgid(echo)}")
    (line,) = drain(room.bruno, room.anna)[1]
    assert line.params == ["#a", msgid(echo)]


def test_whoever_does_not_know_redact_hears_nothing_of_it(room):
    echo = tell(room.bruno, "#a", "oops")
    room.plain.sync()
    room.bruno.ask(f"REDACT #a {msgid(echo)}")
    room.plain.expect_nothing()


def test_redact_needs_its_capability(room):
    echo = tell(room.plain, "#a", "oops")
    came = room.plain.ask(f"REDACT #a {msgid(echo)}")
    assert len(came) == 1 and came[0].verb in ("421", "FAIL"), came
    assert said(room.plain, "#a") == ["oops"]


def test_operators_take_back_what_others_said(room):
    by_account, by_guest = tell(room.bruno, "#a", "one"), tell(room.guest, "#a", "two")
    for echo in (by_account, by_guest):
        room.anna.ask(f"REDACT #a {msgid(echo)} :spam")
    (first, second) = drain(room.carla)[0]
    assert first.params == ["#a", msgid(by_account), "spam"] and second.params == ["#a", msgid(by_guest), "spam"]
    assert first.nick == "anna"


def test_half_operators_may_and_voices_may_not(room):
    echo = tell(room.carla, "#a", "one")
    room.anna.ask("MODE #a +v bruno")
    refused(room.bruno, f"REDACT #a {msgid(echo)}", "REDACT_FORBIDDEN", "#a", msgid(echo))
    room.anna.ask("MODE #a +h bruno")
    room.bruno.sync()
    assert verbs(room.bruno.ask(f"REDACT #a {msgid(echo)}")) == ["REDACT"]


def test_nobody_else_takes_it_back(room):
    echo = tell(room.bruno, "#a", "mine")
    for client in (room.carla, room.guest):
        refused(client, f"REDACT #a {msgid(echo)}", "REDACT_FORBIDDEN", "#a", msgid(echo))
    assert said(room.carla, "#a") == ["mine"]
    assert drain(*room.all) == [[]] * 5


def test_an_operator_of_another_channel_cannot(room):
    echo = tell(room.bruno, "#a", "mine")
    room.carla.join("#b")
    came = room.carla.ask(f"REDACT #b {msgid(echo)}")
    assert verbs(came) == ["FAIL"] and came[0].params[1] in ("UNKNOWN_MSGID", "REDACT_FORBIDDEN"), came
    assert said(room.bruno, "#a") == ["mine"]
    assert drain(*room.all) == [[]] * 5


def test_ones_own_message_is_not_taken_back_in_another_channel(room):
    echo = tell(room.bruno, "#a", "mine")
    room.bruno.join("#b")
    refused(room.bruno, f"REDACT #b {msgid(echo)}", "UNKNOWN_MSGID", "#b", msgid(echo))
    assert said(room.bruno, "#a") == ["mine"]


def test_whoever_has_left_cannot(room):
    echo = tell(room.bruno, "#a", "mine")
    room.bruno.ask("PART #a")
    came = room.bruno.ask(f"REDACT #a {msgid(echo)}")
    assert verbs(came) == ["FAIL"] and came[0].params[1] in ("INVALID_TARGET", "REDACT_FORBIDDEN"), came
    assert said(room.carla, "#a") == ["mine"]


def test_an_operator_who_was_put_out_cannot(room):
    room.anna.ask("MODE #a +o bruno")
    echo = tell(room.carla, "#a", "theirs")
    room.anna.ask("KICK #a bruno")
    came = room.bruno.ask(f"REDACT #a {msgid(echo)}")
    assert verbs(only(came, "FAIL")) == ["FAIL"] and not only(came, "REDACT"), came
    assert said(room.carla, "#a") == ["theirs"]


@pytest.mark.parametrize("target", ["#nowhere", "9x", "nosuchnick"])
def test_a_wrong_target_is_refused(room, target):
    came = room.anna.ask(f"REDACT {target} abcdefghijklm")
    assert verbs(came) == ["FAIL"] and came[0].params[1] in ("INVALID_TARGET", "UNKNOWN_MSGID"), came


@pytest.mark.parametrize("unknown", ["nosuchthing", "aaaaaaaaaaaaa", "*", "adiqj7x6j2aab7777"])
def test_an_unknown_msgid_is_told(room, unknown):
    refused(room.anna, f"REDACT #a {unknown}", "UNKNOWN_MSGID", "#a", unknown)


def test_a_message_is_taken_back_once(room):
    echo = tell(room.bruno, "#a", "oops")
    assert verbs(room.bruno.ask(f"REDACT #a {msgid(echo)}")) == ["REDACT"]
    refused(room.bruno, f"REDACT #a {msgid(echo)}", "UNKNOWN_MSGID", "#a", msgid(echo))


def test_parameters_are_needed(room):
    assert verbs(room.anna.ask("REDACT #a")) == ["461"]


def test_an_answer_has_its_label(room):
    echo = tell(room.bruno, "#a", "oops")
    room.bruno.sync()
    came = room.bruno.ask(f"@label=r1 REDACT #a {msgid(echo)}")
    assert verbs(came) == ["REDACT"] and came[0].tags["label"] == "r1"
    came = room.bruno.ask("@label=r2 REDACT #a nosuch")
    assert verbs(came) == ["FAIL"] and came[0].tags["label"] == "r2"


def test_without_an_account_one_takes_back_ones_own_sessions_messages_only(room):
    echo = tell(room.guest, "#a", "by the guest")
    room.guest.send("QUIT")
    room.guest.expect_closed()
    again = room.irc("guest", caps=ALL)
    again.join("#a")
    came = again.ask(f"REDACT #a {msgid(echo)}")
    assert verbs(came) == ["FAIL"], came
    assert said(room.anna, "#a") == ["by the guest"]
    mine = tell(again, "#a", "by the second")
    assert verbs(again.ask(f"REDACT #a {msgid(mine)}")) == ["REDACT"]


def test_a_guest_takes_back_under_another_nick(room):
    echo = tell(room.guest, "#a", "oops")
    room.guest.ask("NICK visitor")
    assert verbs(room.guest.ask(f"REDACT #a {msgid(echo)}")) == ["REDACT"]


def test_a_guest_who_is_operator_takes_back_no_more_than_their_own(world):
    """REDACT without an account reaches only one's own session's messages."""
    guest, bruno = world.irc("guest", caps=ALL), log_in(world, "bruno", caps=ALL)
    guest.join("#g")
    bruno.join("#g")
    echo = tell(bruno, "#g", "bruno's")
    guest.sync()
    refused(guest, f"REDACT #g {msgid(echo)}", "REDACT_FORBIDDEN", "#g", msgid(echo))
    assert said(bruno, "#g") == ["bruno's"]


def test_a_later_account_of_that_nick_does_not_own_what_its_holder_said(room):
    echo = tell(room.guest, "#a", "by the guest")
    room.guest.send("QUIT")
    room.guest.expect_closed()
    again = room.irc("guest", caps=ALL)
    register(again)
    again.join("#a")
    came = again.ask(f"REDACT #a {msgid(echo)}")
    assert verbs(came) == ["FAIL"], came


def test_an_account_takes_back_from_another_session(room):
    echo = tell(room.bruno, "#a", "oops")
    other = log_in(room, "bruno", "bruno2", caps=ALL)
    other.join("#a")
    assert verbs(other.ask(f"REDACT #a {msgid(echo)}")) == ["REDACT"]


def test_what_is_not_kept_cannot_be_taken_back(room):
    room.anna.ask("PRIVMSG ChanServ :REGISTER #a", "PRIVMSG ChanServ :SET #a HISTORY OFF")
    echo = tell(room.bruno, "#a", "oops")
    room.bruno.sync()
    came = room.bruno.ask(f"REDACT #a {msgid(echo)}")
    assert verbs(came) == ["FAIL"] and came[0].params[1] in ("UNKNOWN_MSGID", "INVALID_TARGET"), came


def test_an_operator_of_the_server_is_none_of_the_channel(brusiod, hash_password):
    server = with_accounts(brusiod(f"[operator.root]\npassword = '{hash_password('s3cret')}'\n", listen=IRC_ONLY),
                           "anna", "bruno")
    anna, bruno = log_in(server, "anna", caps=ALL), log_in(server, "bruno", caps=ALL)
    anna.join("#mine")
    echo = tell(anna, "#mine", "hers")
    bruno.send("OPER root s3cret")
    bruno.expect("381")
    bruno.sync()
    came = bruno.ask(f"REDACT #mine {msgid(echo)}")
    assert verbs(came) == ["FAIL"], came
    assert said(anna, "#mine") == ["hers"]


# What is left


def test_the_past_has_a_tombstone_without_text(room):
    for text in ("before", "secret words", "after"):
        echo = tell(room.bruno, "#a", text, tags="@+x/y=hidden ")
        if text == "secret words":
            gone = echo
    room.anna.ask(f"REDACT #a {msgid(gone)} :too much")
    page = read(room.carla, "LATEST #a * 50")
    seen = [item for item in page.items if item.verb in ("PRIVMSG", "REDACT")]
    assert [(item.verb, item.text) for item in seen] == [
        ("PRIVMSG", "before"), ("REDACT", "too much"), ("PRIVMSG", "after")]
    assert seen[1].params == ["#a", msgid(gone), "too much"] and seen[1].nick == "anna"
    assert "secret" not in str(page.items) and sum("hidden" in str(item) for item in page.items) == 2


def test_a_tombstone_does_not_count_and_needs_no_event_playback(room):
    reader = room.irc("reader", caps=(*PLAIN, "draft/message-redaction"))
    reader.join("#a")
    sync_all(*room.all)
    echoes = [tell(room.bruno, "#a", f"m{n}") for n in range(5)]
    room.bruno.ask(f"REDACT #a {msgid(echoes[3])}")
    page = read(reader, "LATEST #a * 3")
    assert [(i.verb, i.params[1]) for i in page.items] == [
        ("PRIVMSG", "m1"), ("PRIVMSG", "m2"), ("REDACT", msgid(echoes[3])), ("PRIVMSG", "m4")]


def test_whoever_does_not_know_redact_finds_nothing_in_the_past(room):
    echoes = [tell(room.bruno, "#a", f"m{n}") for n in range(5)]
    room.bruno.ask(f"REDACT #a {msgid(echoes[3])}")
    page = read(room.plain, "LATEST #a * 3")
    assert page.texts == ["m1", "m2", "m4"] and page.verbs == ["PRIVMSG"] * 3


def test_one_pages_on_from_a_message_that_is_gone(room):
    echoes = [tell(room.bruno, "#a", f"m{n}") for n in range(5)]
    room.bruno.ask(f"REDACT #a {msgid(echoes[2])}")
    assert read(room.plain, f"BEFORE #a {ref(echoes[2])} 5").texts == ["m0", "m1"]
    assert read(room.plain, f"AFTER #a {ref(echoes[2])} 5").texts == ["m3", "m4"]


def test_it_is_gone_from_search_at_once(room):
    echo = tell(room.bruno, "#a", "unmistakable words")
    assert found(room.bruno, "unmistakable") == ["unmistakable words"]
    room.bruno.ask(f"REDACT #a {msgid(echo)}")
    for client in (room.bruno, room.anna, room.carla):
        assert found(client, "unmistakable") == []
        assert found(client, "from:bruno in:#a") == []


def test_a_message_of_several_lines_is_taken_back_whole(room):
    room.bruno.send("BATCH +b draft/multiline #a", "@batch=b PRIVMSG #a :one", "@batch=b PRIVMSG #a :two", "BATCH -b")
    opening = room.bruno.expect("BATCH", None, "draft/multiline")
    room.bruno.sync()
    assert verbs(room.bruno.ask(f"REDACT #a {msgid(opening)}")) == ["REDACT"]
    assert said(room.plain, "#a") == []


def test_a_reaction_is_taken_back(room):
    echo = tell(room.anna, "#a", "tea?")
    room.bruno.send(f"@+draft/reply={msgid(echo)};+draft/react=yes TAGMSG #a")
    reaction = room.bruno.expect("TAGMSG", "#a")
    assert verbs(room.bruno.ask(f"REDACT #a {msgid(reaction)}")) == ["REDACT"]
    page = read(room.carla, "LATEST #a * 50")
    assert "+draft/react" not in str(page.items) and "REDACT" in page.verbs


@pytest.mark.parametrize("verb", ["JOIN", "TOPIC", "MODE", "KICK"])
def test_only_messages_can_be_taken_back(room, verb):
    room.anna.ask("TOPIC #a :tea", "MODE #a +v bruno", "KICK #a guest :out")
    done = [line for line in only(read(room.anna, "LATEST #a * 50").items, verb) if line.nick == "anna"][-1]
    came = room.anna.ask(f"REDACT #a {msgid(done)}")
    assert verbs(came) == ["FAIL"], came
    assert any(msgid(line) == msgid(done) for line in only(read(room.anna, "LATEST #a * 50").items, verb))


def test_a_direct_message_is_taken_back_on_both_sides(room):
    echo = tell(room.anna, "bruno", "psst")
    other = log_in(room, "anna", caps=ALL)
    sync_all(room.anna, room.bruno, other)
    room.anna.send(f"REDACT bruno {msgid(echo)} :oops")
    room.anna.sync()
    for client in (room.bruno, other):
        (line,) = only(client.sync(), "REDACT")
        assert line.params == ["bruno", msgid(echo), "oops"] and line.nick == "anna"
    for client, peer in ((room.anna, "bruno"), (room.bruno, "anna")):
        page = read(client, f"LATEST {peer} * 10")
        assert page.verbs == ["REDACT"] and "psst" not in str(page.items)
        assert found(client, "psst") == []
    assert drain(room.carla)[0] == []


def test_the_other_side_cannot_take_a_direct_message_back(room):
    echo = tell(room.anna, "bruno", "psst")
    came = room.bruno.ask(f"REDACT anna {msgid(echo)}")
    came = only(came, "FAIL", "REDACT")
    assert verbs(came) == ["FAIL"], came
    assert said(room.anna, "bruno") == ["psst"]


def test_a_third_learns_nothing_of_a_direct_messages_msgid(room):
    echo = tell(room.anna, "bruno", "psst")
    real = refused(room.carla, f"REDACT bruno {msgid(echo)}", "UNKNOWN_MSGID", "bruno", msgid(echo))
    wrong = refused(room.carla, "REDACT bruno aaaaaaaaaaaab", "UNKNOWN_MSGID", "bruno", "aaaaaaaaaaaab")
    assert real.text == wrong.text


def test_histserv_takes_back_as_redact_does(room):
    echo = tell(room.bruno, "#a", "unwanted")
    came = room.carla.ask(f"PRIVMSG HistServ :DELETE #a {msgid(echo)}")
    assert not only(came, "REDACT") and said(room.plain, "#a") == ["unwanted"]
    room.anna.ask(f"PRIVMSG HistServ :DELETE #a {msgid(echo)} spam")
    (line,) = only(room.carla.sync(), "REDACT")
    assert line.params == ["#a", msgid(echo), "spam"] and said(room.plain, "#a") == []


def test_frame_clients_hear_nothing_of_it(brusiod):
    server = with_accounts(brusiod(listen=BOTH_DOORS), "anna")
    anna, frank = log_in(server, "anna", caps=ALL), server.join("frank")
    anna.join("#piazza")
    echo = tell(anna, "#piazza", "oops")
    anna.ask(f"REDACT #piazza {msgid(echo)}", "PRIVMSG #piazza :next")
    heard = frank.recv_pairs(2)
    assert [bytes(text) for _, text in heard] == [b"oops", b"next"], heard


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_it_stays_taken_back_over_a_restart(brusiod, room, how):
    room.anna.ask("PRIVMSG ChanServ :REGISTER #a")
    echo, mine = tell(room.bruno, "#a", "unmistakable"), tell(room.bruno, "#a", "of before the restart")
    room.bruno.ask(f"REDACT #a {msgid(echo)} :gone")
    room.end(how)
    again = brusiod(after=room, listen=IRC_ONLY)
    bruno = log_in(again, "bruno", caps=ALL)
    bruno.ask("JOIN #a")
    page = read(bruno, "LATEST #a * 50")
    assert [i.params for i in page.items if i.verb == "REDACT"] == [["#a", msgid(echo), "gone"]]
    assert "unmistakable" not in str(page.items) and found(bruno, "unmistakable") == []
    assert verbs(bruno.ask(f"REDACT #a {msgid(mine)}")) == ["REDACT"], "an account's own, also of an earlier session"


def test_nothing_of_its_text_is_left_in_the_lists_of_targets(room):
    echo = tell(room.bruno, "anna", "psst")
    room.bruno.ask(f"REDACT anna {msgid(echo)}")
    assert [name for name, _ in targets(room.carla)] in ([], ["#a"])
