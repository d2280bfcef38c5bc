"""`brusiod data export` and `data erase`: all that one account said, and then none of it, in no file."""

import os
import pty
import subprocess

import pytest

from brusiod_commands import run_command
from deadline import eventually, seconds
from remembering import CAPS, PASSWORD, files_with, json_lines, log_in, say, texts
from server import BOTH_DOORS

ALL = CAPS + ("draft/multiline", "draft/message-redaction", "draft/read-marker")
HERS = ("zanzibar", "madagascar", "mozambique", "zebrareaction", "partingword", "multifirst", "multisecond", "kickedword",
        "noticedword", "awayword", "quitword", "redactedword", "reasonword")
OTHERS = ("quokkaword", "wombatword", "numbatword")


@pytest.fixture
def said(brusiod, add_account, tmp_path):
    """Anna has said words of all kinds that occur nowhere else, and has left; Bruno is still there."""
    for name in ("anna", "bruno"):
        add_account(tmp_path / "server0", name, PASSWORD)
    server = brusiod(listen=BOTH_DOORS)
    anna, bruno = log_in(server, "anna", caps=ALL), log_in(server, "bruno", caps=ALL)
    for client in (anna, bruno):
        client.join("#piazza")
        client.join("#orto")
    anna.ask("PRIVMSG ChanServ :REGISTER #orto")
    say(anna, "#piazza", "zanzibar to all")
    say(anna, "#orto", "madagascar in the garden")
    say(anna, "bruno", "mozambique for you")
    theirs = say(bruno, "#piazza", "quokkaword")
    say(bruno, "anna", "wombatword")
    say(bruno, "#orto", "numbatword")
    anna.ask(f"@+draft/react=zebrareaction;+draft/reply={theirs.tags['msgid']} TAGMSG #piazza")
    anna.ask("BATCH +1 draft/multiline #piazza", "@batch=1 PRIVMSG #piazza :multifirst",
             "@batch=1 PRIVMSG #piazza :multisecond", "BATCH -1")
    taken = say(anna, "#piazza", "redactedword")
    anna.ask(f"REDACT #piazza {taken.tags['msgid']} :reasonword")
    anna.ask("NOTICE #piazza :noticedword", "AWAY :awayword", "TOPIC #orto :an okapi", "KICK #orto bruno :kickedword",
             "PART #orto :partingword", "JOIN #orto")
    bruno.join("#orto")
    anna.send("QUIT :quitword")
    anna.rest()
    bruno.sync()
    eventually(lambda: [m for m in bruno.ask("SEARCH madagascar") if m.verb == "PRIVMSG"], "it is in the index")
    return server, bruno


def check_export(text):
    lines = json_lines(text)
    assert all("type" in line for line in lines)
    assert [line["type"] for line in lines[:2]] == ["account", "nick"] and lines[0]["name"] == "anna"
    assert "argon2" not in text and "SCRAM" not in text
    entries = [line for line in lines if line["type"] == "entry"]
    assert [int(e["id"]) for e in entries] == sorted(int(e["id"]) for e in entries)
    assert {e["mask"].partition("!")[0] for e in entries} == {"anna"}
    bodies = {(e["kind"], e["to"]): e["body"] for e in entries}
    assert bodies["notice", "#piazza"] == "noticedword" and bodies["text", "bruno"] == "mozambique for you"
    assert bodies["topic", "#orto"] == "an okapi" and bodies["kick", "#orto"] == "kickedword"
    assert bodies["part", "#orto"] == "partingword"
    assert {e["body"] for e in entries if e["kind"] == "text"} >= {
        "zanzibar to all", "madagascar in the garden", "multifirst\nmultisecond"}
    assert any("zebrareaction" in e.get("tags", "") for e in entries)
    assert any("redacted_ms" in e and e["body"] == "" for e in entries)
    assert not [word for word in OTHERS if word in text]


@pytest.mark.parametrize("running", [True, False], ids=["running", "not running"])
def test_the_export_is_json_lines_with_all_that_she_said_and_nothing_of_others(said, running):
    server, _ = said
    if not running:
        server.crash()
    done = run_command(server, "data", "export", "ANNA")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    check_export(done.stdout)


@pytest.mark.parametrize("how", ["running", "stopped", "crashed"])
def test_after_the_erasure_her_words_are_in_no_file_and_those_of_others_stay(said, how, brusiod):
    server, bruno = said
    data = server.directory / "data"
    words = [word for word in HERS if word != "awayword"]
    assert {word for _, word in files_with(data, *HERS)} >= set(words) - {"redactedword"}
    if how == "stopped":
        server.stop()
    elif how == "crashed":
        server.crash()
    done = run_command(server, "data", "erase", "anna", "--yes")
    assert done.returncode == 0 and "backups" in done.stdout, done
    assert files_with(data, *HERS) == []
    assert {word for _, word in files_with(data, *OTHERS)} == set(OTHERS)
    if how != "running":
        server = brusiod(after=server, listen=BOTH_DOORS)
        bruno = log_in(server, "bruno", caps=ALL)
        bruno.join("#piazza")
        bruno.join("#orto")
    assert [t for t in texts(bruno, "#piazza") if t] == ["quokkaword"]
    assert [t for t in texts(bruno, "anna") if t] == ["wombatword"]
    assert [t for t in texts(bruno, "#orto") if t] == ["numbatword"]
    for word in HERS:
        assert not [m for m in bruno.ask(f"SEARCH {word}") if m.verb == "PRIVMSG"], word
    eventually(lambda: [m for m in bruno.ask("SEARCH quokkaword") if m.verb == "PRIVMSG"], "others' words are found")
    anna = log_in(server, "anna")
    anna.join("#piazza")
    assert texts(anna, "bruno") == []  # her own side
    left = [line for line in json_lines(run_command(server, "data", "export", "anna").stdout) if line["type"] == "entry"]
    assert not [word for word in HERS if word in str(left)]


@pytest.mark.parametrize("how", ["running", "stopped", "by herself", "dropped"])
def test_after_the_erasure_her_topics_are_in_no_file(said, how):
    server, bruno = said
    if how == "stopped":
        server.stop()
    if how == "dropped":
        log_in(server, "anna").ask("PRIVMSG NickServ :DROP anna")
    if how == "by herself":
        log_in(server, "anna").ask("PRIVMSG HistServ :FORGET anna anna")
        eventually(lambda: "Erasing what anna said" in "\n".join(server.log()), "the erasure has ended")
    else:
        assert run_command(server, "data", "erase", "anna", "--yes").returncode == 0
    assert files_with(server.directory / "data", "an okapi") == []
    if how == "running":
        assert bruno.expect("TOPIC", "#orto", "").nick == "ChanServ"


def test_forget_is_to_be_confirmed_by_whichever_nick_one_names_oneself(said):
    server, _ = said
    anna = log_in(server, "anna")
    anna.ask("NICK annina", "PRIVMSG NickServ :GROUP")
    for words in ("anna", "ANNA", "annina", "annina annina"):
        came = anna.ask(f"PRIVMSG HistServ :FORGET {words}")
        assert any("FORGET anna anna" in m.text for m in came if m.verb == "NOTICE"), came
    assert files_with(server.directory / "data", "zanzibar") != []


@pytest.mark.parametrize("running", [True, False], ids=["running", "not running"])
def test_an_account_is_dropped_by_the_administrator(said, running):
    server, bruno = said
    if not running:
        server.stop()
    done = run_command(server, "account", "drop", "anna")
    assert done.returncode == 2 and "--yes" in done.stderr
    done = run_command(server, "account", "drop", "anna", "--yes")
    assert done.returncode == 0 and "data erase" in done.stdout, done
    assert "anna" not in run_command(server, "account", "list").stdout
    assert run_command(server, "account", "drop", "anna", "--yes").returncode == 1
    assert files_with(server.directory / "data", "zanzibar") != [], "what was said stays"


def test_who_has_the_name_of_a_dropped_account_is_not_erased_with_it(said, add_account):
    server, _ = said
    anna = log_in(server, "anna")
    anna.ask("PRIVMSG NickServ :DROP anna")
    anna.send("QUIT")  # or she has the nick still
    anna.rest()
    add_account(server, "anna", PASSWORD)
    anna = log_in(server, "anna")
    anna.join("#piazza")
    say(anna, "#piazza", "narwhalword")
    assert "zanzibar" not in run_command(server, "data", "export", "anna").stdout
    assert "zanzibar" in run_command(server, "data", "export", "--dropped", "anna").stdout
    assert run_command(server, "data", "erase", "anna", "--yes", "--dropped").returncode == 0
    data = server.directory / "data"
    assert {word for _, word in files_with(data, *HERS, "narwhalword")} == {"narwhalword"}
    again = run_command(server, "data", "erase", "anna", "--yes", "--dropped")
    assert again.returncode == 1 and "no dropped account anna" in again.stderr


def test_what_a_dropped_account_said_can_still_be_erased(said):
    server, _ = said
    anna = log_in(server, "anna")
    anna.ask("PRIVMSG NickServ :DROP anna")
    done = run_command(server, "data", "erase", "anna", "--yes")
    assert done.returncode == 0, done
    assert files_with(server.directory / "data", *HERS) == []


def test_words_said_while_it_is_erased_and_under_load_do_not_harm_it(said):
    server, bruno = said
    erasing = subprocess.Popen([server.binary, "data", "erase", "anna", "--yes", "--data", server.directory / "data"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    count = 0
    while erasing.poll() is None:
        say(bruno, "#piazza", f"meanwhile {count}")
        count += 1
    out, err = erasing.communicate(timeout=seconds(20))
    assert erasing.returncode == 0, (out, err)
    assert files_with(server.directory / "data", *HERS) == []
    found = texts(bruno, "#piazza", 500)
    assert [t for t in found if t.startswith("meanwhile")][-min(count, 400):] == [
        f"meanwhile {n}" for n in range(count)][-min(count, 400):]


def on_a_terminal(command, answer):
    """Runs it on a terminal of its own, types the answer, and returns (exit code, what the screen shows)."""
    mine, its = pty.openpty()
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, start_new_session=True)
    os.close(its)
    os.write(mine, answer.encode())
    shown = b""
    try:
        while data := os.read(mine, 4096):
            shown += data
    except OSError:
        pass  # its end
    os.close(mine)
    return process.wait(seconds(30)), shown.decode()


def test_erasing_asks_for_the_name_again(said):
    server, _ = said
    command = [server.binary, "data", "erase", "anna", "--data", server.directory / "data"]
    code, shown = on_a_terminal(command, "bruno\n")
    assert code == 1 and "nothing was erased" in shown, shown
    assert files_with(server.directory / "data", "zanzibar")
    code, shown = on_a_terminal(command, "anna\n")
    assert code == 0, shown
    assert files_with(server.directory / "data", *HERS) == []


def test_without_a_terminal_it_needs_to_be_told(said):
    server, _ = said
    done = run_command(server, "data", "erase", "anna", answer="anna\n")
    assert done.returncode == 2 and "--yes" in done.stderr
    assert files_with(server.directory / "data", "zanzibar")


def test_an_account_that_is_not_there(server):
    for words in (("data", "export", "nobody"), ("data", "erase", "nobody", "--yes")):
        done = run_command(server, *words)
        assert done.returncode == 1 and "no account nobody" in done.stderr and done.stdout == "", done
    for words in (("data", "export"), ("data", "erase"), ("data", "sell", "anna"), ("data",)):
        assert run_command(server, *words).returncode == 2, words
