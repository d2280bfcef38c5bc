"""draft/read-marker: how far one has read, on all of one's clients."""

import pytest

from irc import only, sync_all, verbs
from reading import ALL, FAR_AHEAD, PLAIN, refused, tell, when, with_accounts
from remembering import log_in
from server import IRC_ONLY
from services import register

EARLY, LATER = "timestamp=2026-01-04T14:33:26.123Z", "timestamp=2026-01-05T14:33:26.123Z"


@pytest.fixture
def world(brusiod):
    server = with_accounts(brusiod(listen=IRC_ONLY), "anna", "bruno")
    server.anna = log_in(server, "anna", caps=ALL)
    server.anna.join("#a")
    return server


def mark(client, target, time=None):
    """What the one MARKREAD says that answers it."""
    client.sync()
    line = client.ask_one(f"MARKREAD {target}" + (f" {time}" if time else ""))
    assert line.matches("MARKREAD", target) and len(line.params) == 2 and line.source == "brusio.localhost", line
    return line.params[1]


def test_where_nothing_was_marked_it_is_a_star(world):
    assert mark(world.anna, "#a") == "*"
    assert mark(world.anna, "bruno") == "*"


def test_a_marker_is_kept_and_told(world):
    echo = tell(world.anna, "#a", "hello")
    assert mark(world.anna, "#a", when(echo)) == when(echo)
    assert mark(world.anna, "#a") == when(echo)
    assert mark(world.anna, "bruno", EARLY) == EARLY
    assert mark(world.anna, "bruno") == EARLY and mark(world.anna, "#a") == when(echo)


def test_it_only_moves_forward(world):
    assert mark(world.anna, "#a", LATER) == LATER
    assert mark(world.anna, "#a", EARLY) == LATER
    assert mark(world.anna, "#a", LATER) == LATER
    assert mark(world.anna, "#a") == LATER


def test_it_does_not_run_ahead_of_the_clock(world):
    """A client whose clock is wrong cannot make everything to come look read."""
    told = mark(world.anna, "#a", FAR_AHEAD)
    echo = tell(world.anna, "#a", "new")
    if told != FAR_AHEAD:
        assert mark(world.anna, "#a", when(echo)) == when(echo)


def test_names_are_compared_as_the_server_does(world):
    world.anna.ask(f"MARKREAD #A {EARLY}")
    assert world.anna.ask_one("MARKREAD #a").params[1] == EARLY
    world.anna.ask(f"MARKREAD BRUNO {EARLY}")
    assert world.anna.ask_one("MARKREAD bruno").params[1] == EARLY


def test_it_is_told_on_join_before_the_end_of_the_names(world):
    mark(world.anna, "#a", EARLY)
    world.anna.ask("PART #a")
    came = verbs(world.anna.ask("JOIN #a"))
    assert came.index("JOIN") < came.index("MARKREAD") < came.index("366") and came.count("MARKREAD") == 1
    came = world.anna.ask("JOIN #new")
    assert only(came, "MARKREAD")[0].params == ["#new", "*"]


def test_ones_marker_is_told_on_the_next_join_of_an_account(world):
    mark(world.anna, "#a", LATER)
    other = log_in(world, "anna", "anna2", caps=ALL)
    came = other.ask("JOIN #a")
    assert only(came, "MARKREAD")[0].params == ["#a", LATER]


def test_a_client_that_attaches_is_told_with_its_joins(world):
    mark(world.anna, "#a", LATER)
    other = log_in(world, "anna", caps=ALL)
    came = other.received
    at = next(i for i, line in enumerate(came) if line.matches("JOIN", "#a"))
    end = next(i for i, line in enumerate(came) if line.matches("366", None, "#a"))
    assert [line.params for line in only(came[at:end], "MARKREAD")] == [["#a", LATER]]


def test_whoever_has_not_asked_for_it_is_told_nothing(world):
    other = log_in(world, "anna", caps=PLAIN)
    assert not only(other.received, "MARKREAD")
    world.anna.ask(f"MARKREAD #a {LATER}")
    assert not only(other.sync(), "MARKREAD")
    assert verbs(other.ask("MARKREAD #a")) == ["421"]


def test_all_of_ones_other_clients_are_told_and_nobody_else(world):
    same, other = log_in(world, "anna", caps=ALL), log_in(world, "anna", "anna2", caps=ALL)
    bruno = log_in(world, "bruno", caps=ALL)
    bruno.join("#a")
    sync_all(world.anna, same, other, bruno)
    world.anna.send(f"MARKREAD #a {LATER}", f"MARKREAD bruno {EARLY}")
    world.anna.sync()
    for client in (same, other):
        told = [line.params for line in only(client.sync(), "MARKREAD")]
        assert told == [["#a", LATER], ["bruno", EARLY]], client.nick
    assert not only(bruno.sync(), "MARKREAD")
    assert mark(bruno, "#a") == "*"


def test_what_does_not_change_is_told_to_nobody_else(world):
    other = log_in(world, "anna", caps=ALL)
    mark(world.anna, "#a", LATER)
    sync_all(world.anna, other)
    mark(world.anna, "#a", EARLY)
    mark(world.anna, "#a")
    assert not only(other.sync(), "MARKREAD")


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_an_accounts_markers_survive_a_restart(brusiod, world, how):
    mark(world.anna, "#a", LATER)
    mark(world.anna, "bruno", EARLY)
    world.end(how)
    anna = log_in(brusiod(after=world, listen=IRC_ONLY), "anna", caps=ALL)
    assert mark(anna, "#a") == LATER and mark(anna, "bruno") == EARLY
    assert mark(anna, "#a", EARLY) == LATER


def test_an_accounts_markers_survive_its_last_client(world):
    mark(world.anna, "bruno", EARLY)
    world.anna.send("QUIT")
    world.anna.expect_closed()
    assert mark(log_in(world, "anna", caps=ALL), "bruno") == EARLY


def test_without_an_account_they_last_as_long_as_the_session(world):
    guest = world.irc("guest", caps=ALL)
    guest.join("#a")
    assert mark(guest, "#a", LATER) == LATER and mark(guest, "anna", EARLY) == EARLY
    assert mark(guest, "#a", EARLY) == LATER
    guest.ask("PART #a")
    assert only(guest.ask("JOIN #a"), "MARKREAD")[0].params == ["#a", LATER]
    guest.ask("NICK visitor")
    assert mark(guest, "anna") == EARLY
    guest.send("QUIT")
    guest.expect_closed()
    again = world.irc("visitor", caps=ALL)
    assert mark(again, "anna") == "*" and mark(again, "#a") == "*"


def test_a_guests_markers_are_not_the_next_accounts_of_that_nick(world):
    guest = world.irc("guest", caps=ALL)
    mark(guest, "anna", LATER)
    guest.send("QUIT")
    guest.expect_closed()
    again = world.irc("guest", caps=ALL)
    register(again)
    assert mark(again, "anna") == "*"


@pytest.mark.parametrize("target", ["#notthere", "nobody", "#a", "anna"])
def test_any_valid_target_has_one(world, target):
    guest = world.irc("guest", caps=ALL)
    assert mark(guest, target, EARLY) == EARLY and mark(guest, target) == EARLY


@pytest.mark.parametrize("target", ["9x", "a/b", "@#a", "#a,#b"])
def test_what_cannot_be_a_target_is_refused(world, target):
    for line in (f"MARKREAD {target}", f"MARKREAD {target} {EARLY}"):
        world.anna.sync()
        came = world.anna.ask(line)
        assert verbs(came) == ["FAIL"] and came[0].params[:3] == ["MARKREAD", "INVALID_PARAMS", target], came


@pytest.mark.parametrize("time", ["*", "timestamp=*", "timestamp=", "timestamp=2026", "2026-01-04T14:33:26.123Z", "now",
                                  "timestamp=2026-02-30T14:33:26.123Z", "msgid=x",
                                  "timestamp=2026-01-04 14:33:26.123Z"])
def test_what_is_no_time_is_refused_and_changes_nothing(world, time):
    mark(world.anna, "#a", EARLY)
    came = world.anna.ask(f"MARKREAD #a {time}")
    assert verbs(came) == ["FAIL"] and came[0].params[:2] == ["MARKREAD", "INVALID_PARAMS"], came
    assert mark(world.anna, "#a") == EARLY


def test_missing_parameters_are_told_in_its_own_words(world):
    refused(world.anna, "MARKREAD", "NEED_MORE_PARAMS")


def test_an_answer_has_its_label(world):
    for line in ("MARKREAD #a", f"MARKREAD #a {EARLY}", f"MARKREAD #a {EARLY}", "MARKREAD #a nonsense", "MARKREAD"):
        came = world.anna.ask(f"@label=q {line}")
        assert len(came) == 1 and came[0].tags.get("label") == "q", came


def test_a_guest_who_logs_in_has_the_accounts_markers(world):
    mark(world.anna, "#a", LATER)
    guest = world.irc("late", caps=ALL)
    guest.ask("PRIVMSG NickServ :IDENTIFY anna correct horse battery")
    assert mark(guest, "#a") == LATER


def test_a_dropped_accounts_markers_are_not_the_next_ones(world):
    mark(world.anna, "bruno", LATER)
    world.anna.ask("PRIVMSG NickServ :DROP anna", "NICK other")
    new = world.irc("anna", caps=ALL)
    register(new)
    assert mark(new, "bruno") == "*"
