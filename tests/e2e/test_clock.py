"""The clock of the machine is set: time never goes back for those who listen, ids sort, and the history has the order in
which people heard things."""

import pytest

from brusiod_commands import run_command
from fake_clock import clock, clock_library  # noqa: F401 (fixtures)
from remembering import log_in, past, say
from server import BOTH_DOORS

JUMPS = ({}, {"hours": -5}, {"days": -400}, {"minutes": 30}, {}, {"hours": 3}, {"hours": -1}, {"ms": -300}, {"days": 2})


@pytest.fixture
def server(clock, brusiod, add_account, tmp_path, monkeypatch):  # noqa: F811
    for name in ("anna", "bruno"):
        add_account(tmp_path / "server0", name)
    return brusiod(listen=BOTH_DOORS)


def talk(clock, anna, bruno):  # noqa: F811
    """They talk while the clock jumps. What each of them heard, in order."""
    heard = []
    for number, jump in enumerate(JUMPS):
        clock.move(**jump)
        heard.append(say(anna, "#piazza", f"anna {number}"))
        heard.append(bruno.expect("PRIVMSG", "#piazza", f"anna {number}"))
        bruno_says = say(bruno, "#piazza", f"bruno {number}")
        heard += [bruno_says, anna.expect("PRIVMSG", "#piazza", f"bruno {number}")]
    return [(m.tags["msgid"], m.tags["time"], m.text) for m in heard[::2]]


def check(heard):
    assert [t for _, t, _ in heard] == sorted(t for _, t, _ in heard), "time went back"
    assert len({i for i, _, _ in heard}) == len(heard), "an id came twice"


def test_time_never_goes_back_and_the_history_has_the_live_order(clock, server, brusiod):  # noqa: F811
    anna, bruno = log_in(server, "anna"), log_in(server, "bruno")
    anna.join("#piazza")
    bruno.join("#piazza")
    heard = talk(clock, anna, bruno)
    check(heard)
    assert heard[-1][1] > heard[0][1]
    assert past(anna, "#piazza") == heard
    # By time and by id it is the same page.
    came = anna.ask(f"CHATHISTORY AFTER #piazza timestamp={heard[3][1]} 100")
    times = [m.tags["time"] for m in came if m.verb == "PRIVMSG"]
    assert times == [t for _, t, _ in heard if t > heard[3][1]]
    # Over a restart at an earlier time, too.
    clock.move(days=-30)
    server.crash()
    server = brusiod(after=server, listen=BOTH_DOORS)
    anna, bruno = log_in(server, "anna"), log_in(server, "bruno")
    anna.join("#piazza")
    bruno.join("#piazza")
    more = heard + talk(clock, anna, bruno)
    check(more)
    assert past(bruno, "#piazza") == more


def test_the_clock_of_the_machine_really_jumps(clock, server):  # noqa: F811
    """Or the test above would show nothing: the log has the machine's time."""
    clock.move(days=-400)
    mark = server.log_mark()
    server.join("frank")
    clock.move(days=400)
    server.join("carla")
    first, second = (line.split(" ", 1)[0][:4] for line in server.log(mark)[:2])
    assert int(second) > int(first), server.log(mark)


def test_a_clock_that_was_ahead_for_a_moment_takes_no_log_in(clock, server):  # noqa: F811
    """Nobody is thrown out, and passwords and tokens go on being taken."""
    anna = log_in(server, "anna")
    anna.join("#piazza")
    clock.move(hours=20)
    say(anna, "#piazza", "from tomorrow")
    clock.move()
    assert log_in(server, "bruno").ask("WHOIS anna")
    assert anna.ask_one("PING x").verb == "PONG"
    assert run_command(server, "account", "list").returncode == 0


def test_msgids_sort_as_the_messages_were_said(clock, server):  # noqa: F811
    anna = log_in(server, "anna")
    anna.join("#piazza")
    ids = []
    for ms in range(40):
        clock.move(minutes=1, ms=ms)
        ids.append(say(anna, "#piazza", "hello").tags["msgid"])
    assert ids == sorted(ids)
