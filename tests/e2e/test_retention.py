"""How long what was said is kept: by the configuration, by a channel's own wish, and of direct messages."""

import pytest

from deadline import eventually
from fake_clock import clock, clock_library  # noqa: F401 (fixtures)
from remembering import files_with, log_in, say, texts
from server import BOTH_DOORS

KEPT = """
[history]
keep = "{}"
{}
"""


@pytest.fixture
def people(clock, brusiod, add_account, tmp_path):  # noqa: F811
    """A server that keeps everything, and old and new messages everywhere. `reload` makes it look at once."""
    for name in ("anna", "bruno"):
        add_account(tmp_path / "server0", name)
    server = brusiod('[history]\nkeep = "forever"\n', listen=BOTH_DOORS)
    anna, bruno = log_in(server, "anna"), log_in(server, "bruno")
    for channel in ("#piazza", "#short", "#long", "#plain"):
        anna.join(channel)
        bruno.join(channel)
        if channel != "#piazza":
            anna.ask(f"PRIVMSG ChanServ :REGISTER {channel}")
    everywhere = ("#piazza", "#short", "#long", "#plain", "bruno")
    for days, word in ((0, "oldword"), (5, "middleword"), (10, "newword")):
        clock.move(days=days)
        for where in everywhere:
            say(anna, where, f"{word} in {where}")
    bruno.sync()
    return server, anna, bruno


def found(client, where):
    return [text.partition(" ")[0] for text in texts(client, where) if text]


def becomes(client, where, wanted):
    eventually(lambda: found(client, where) == list(wanted), f"{where} has {wanted}", timeout=20)


def service_says(client, line):
    return [m.text for m in client.ask(f"PRIVMSG ChanServ :{line}") if m.nick == "ChanServ"]


def test_what_is_older_goes_and_overrides_go_before(people):
    server, anna, bruno = people
    assert service_says(anna, "SET #short KEEP 2d")
    assert service_says(anna, "SET #long KEEP forever")
    assert server.reload(KEPT.format("7d", ""))
    becomes(bruno, "#piazza", ["middleword", "newword"])
    becomes(bruno, "#plain", ["middleword", "newword"])
    becomes(bruno, "#short", ["newword"])
    becomes(bruno, "anna", ["middleword", "newword"])
    becomes(anna, "bruno", ["middleword", "newword"])
    assert found(bruno, "#long") == ["oldword", "middleword", "newword"]
    # Nor is it found by searching.
    eventually(lambda: sorted(m.params[0] for m in bruno.ask("SEARCH oldword") if m.verb == "PRIVMSG") == ["#long"],
               "the index has forgotten it, too", timeout=20)
    # Back to what the server says.
    assert service_says(anna, "SET #long KEEP default")
    assert server.reload(KEPT.format("7d", ""))
    becomes(bruno, "#long", ["middleword", "newword"])


def test_direct_messages_have_a_time_of_their_own(people):
    server, anna, bruno = people
    server.reload(KEPT.format("forever", 'keep_direct = "2d"'))
    becomes(bruno, "anna", ["newword"])
    becomes(anna, "bruno", ["newword"])
    assert found(bruno, "#piazza") == ["oldword", "middleword", "newword"]
    server.reload(KEPT.format("2d", 'keep_direct = "forever"'))
    becomes(bruno, "#piazza", ["newword"])
    assert found(bruno, "anna") == ["newword"]


def test_direct_messages_may_be_kept_longer_than_channels(people):
    server, _, bruno = people
    server.reload(KEPT.format("2d", 'keep_direct = "forever"'))
    becomes(bruno, "#piazza", ["newword"])
    assert found(bruno, "anna") == ["oldword", "middleword", "newword"]


def test_nothing_goes_by_itself(people, brusiod):
    server, _, bruno = people
    assert found(bruno, "#piazza") == ["oldword", "middleword", "newword"]
    server.crash()
    server = brusiod(after=server, listen=BOTH_DOORS)
    bruno = log_in(server, "bruno")
    bruno.join("#piazza")
    assert found(bruno, "#piazza") == ["oldword", "middleword", "newword"]


def test_what_has_gone_is_in_no_file_once_the_server_has_ended(people):
    server, _, bruno = people
    server.reload(KEPT.format("7d", ""))
    for where in ("#piazza", "#short", "#long", "#plain", "anna"):
        becomes(bruno, where, ["middleword", "newword"])
    eventually(lambda: not [m for m in bruno.ask("SEARCH oldword") if m.verb == "PRIVMSG"], "it cannot be found")
    server.stop()
    assert {word for _, word in files_with(server.directory / "data", "newword")} == {"newword"}
    # The index may still have it: it is cleaned behind, and answers are checked against the file.
    assert [file for file, _ in files_with(server.directory / "data", "oldword") if "index" not in file] == []


def test_a_channel_can_be_asked_what_it_keeps(people):
    _, anna, bruno = people
    anna.ask("PRIVMSG ChanServ :SET #short KEEP 2d")
    assert any("2d" in line or "2 days" in line for line in service_says(bruno, "INFO #short")), service_says(
        bruno, "INFO #short")
    assert not any("2d" in line for line in service_says(bruno, "INFO #plain"))
    before = service_says(bruno, "INFO #short")
    service_says(bruno, "SET #short KEEP 1d")  # not his
    assert service_says(bruno, "INFO #short") == before


@pytest.mark.parametrize("value", ['"30s"', '"59s"', "90", '"90"', '"-1d"', '"soon"', '""', '"0s"', "true"])
def test_nonsense_is_refused(value, run_brusiod, tmp_path):
    for key in ("keep", "keep_direct"):
        file = tmp_path / f"{key}.toml"
        file.write_text(f"[history]\n{key} = {value}\n")
        done = run_brusiod("--check-config", "--config", file)
        assert done.returncode == 2 and key in done.stderr, done
        assert len(done.stderr.splitlines()) == 1 and ":2" in done.stderr or "line 2" in done.stderr, done.stderr


@pytest.mark.parametrize("value", ["forever", "90d", "1m", "60s", "12h", "2w"])
def test_what_is_right(value, run_brusiod, tmp_path):
    file = tmp_path / "brusiod.toml"
    file.write_text(f'[history]\nkeep = "{value}"\nkeep_direct = "{value}"\n')
    assert run_brusiod("--check-config", "--config", file).returncode == 0
