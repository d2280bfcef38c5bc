"""brusiod account: with a server that runs and without one, what suspending does, and who may read the files."""

import os
import stat
import subprocess

import pytest

from brusiod_commands import admin, run_command
from irc import verbs
from logging_in import (PASSWORD, WRONG, account_of, external, fingerprint, negotiating, new_account, new_name, passing,
                        plain, running, scram, token_of, trusting, with_account)
from server import BOTH_DOORS, FRAME_LISTENER, IRC_LISTENER, Server, tls_files


@pytest.fixture(scope="module")
def shared(brusiod_path):
    with running(brusiod_path) as server:
        yield server


@pytest.mark.parametrize("runs", [True, False])
def test_the_commands_with_and_without_a_running_server(brusiod, runs):
    server = brusiod(listen=BOTH_DOORS)
    if not runs:
        server.stop()
    assert admin(server, "account", "list").stdout == ""
    admin(server, "account", "add", "Anna", answer=PASSWORD + "\n")
    admin(server, "account", "add", "bruno", answer=PASSWORD)
    for name in "anna", "ANNA", "007", "a b", "NickServ", "brusio.localhost", "#x", "":
        refused = run_command(server, "account", "add", name, answer=PASSWORD + "\n")
        assert refused.returncode in (1, 2) and refused.stderr, name
    for password in "short", "", "x" * 1025, "tab\there and there":
        refused = run_command(server, "account", "add", "carla", answer=password + "\n")
        assert refused.returncode == 1 and refused.stderr, password
    for words in ("passwd", "nobody"), ("suspend", "nobody"), ("unsuspend", "nobody"):
        refused = run_command(server, "account", *words, answer=PASSWORD + "\n")
        assert refused.returncode == 1 and "nobody" in refused.stderr
    for words in ((), ("add",), ("frobnicate",), ("add", "x", "password-as-an-argument")):
        assert run_command(server, "account", *words, answer=PASSWORD + "\n").returncode == 2, words
    admin(server, "account", "passwd", "anna", answer="another horse battery\n")
    admin(server, "account", "suspend", "bruno", "spam")
    listed = [line.split("\t")[:2] for line in admin(server, "account", "list").stdout.splitlines()]
    assert listed == [["Anna", "active"], ["bruno", "suspended"]]
    assert [line.split("\t")[0] for line in admin(server, "account", "list", "a*").stdout.splitlines()] == ["Anna"]
    again = server if runs else brusiod(after=server, listen=BOTH_DOORS)
    client = negotiating(again.irc())
    assert plain(client, "Anna") == "904" and plain(client, "Anna", "another horse battery") == "903"
    assert scram(client, "Anna", "another horse battery") == "903"
    assert plain(client, "bruno") in ("902", "904")


def test_a_nick_in_use_is_no_new_account(shared):
    client = shared.irc(new_name("u"))
    refused = run_command(shared, "account", "add", client.nick, answer=PASSWORD + "\n")
    assert refused.returncode == 1 and client.nick in refused.stderr


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_the_folder_and_its_files_are_for_their_owner_only(brusiod_path, tmp_path, umask):
    data = tmp_path / "data"
    done = subprocess.run([brusiod_path, "account", "add", "anna", "--data", data], input=PASSWORD, text=True,
                          check=False, capture_output=True, preexec_fn=lambda: os.umask(umask))
    assert done.returncode == 0, done
    backup = tmp_path / "backup.db"
    done = subprocess.run([brusiod_path, "backup", backup, "--data", data], check=False, capture_output=True,
                          preexec_fn=lambda: os.umask(umask))
    assert done.returncode == 0, done
    assert_private(data)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def assert_private(data):
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    kept = [path for path in data.rglob("*") if not path.is_symlink()]
    assert kept
    for path in kept:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_the_folder_of_a_running_server_too(brusiod_path, tmp_path, umask):
    server = Server(brusiod_path, tmp_path, listen=BOTH_DOORS, preexec=lambda: os.umask(umask))
    try:
        new_account(server, name="Anna")
        with_account(server, "Anna").ask("JOIN #piazza", "PRIVMSG #piazza :hello")
        backup = tmp_path / "backup.db"
        admin(server, "backup", backup)
        assert_private(tmp_path / "data")
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    finally:
        server.stop()


def test_no_password_is_in_the_log_or_the_files(brusiod, add_account):
    server = brusiod(listen=BOTH_DOORS, args=("--log-messages",))
    add_account(server, "anna", PASSWORD)
    client = with_account(server, "anna")
    client.ask(f"NS IDENTIFY anna {PASSWORD}", f"PRIVMSG NickServ :IDENTIFY {PASSWORD}",
               f"PRIVMSG NickServ :PASSWORD {PASSWORD.replace(' ', '')} x{PASSWORD.replace(' ', '')}", timeout=20)
    passing(server.irc(), f"anna:{WRONG}{PASSWORD}").expect_closed(timeout=20)
    server.stop()
    assert PASSWORD not in "\n".join(server.log()) and PASSWORD.replace(" ", "") not in "\n".join(server.log())
    for path in (server.directory / "data").resolve().iterdir():
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path


# Suspending


@pytest.fixture(scope="module")
def suspending(brusiod_path, make_certificate):
    config = (IRC_LISTENER + IRC_LISTENER + "tls = true\n" + FRAME_LISTENER + "[frame]\naccounts = true\n" +
              tls_files(make_certificate("a")))
    with running(brusiod_path, config, listen=()) as server:
        yield server


class Ways:
    """All ways into one account; each returns whether it let in."""

    def __init__(self, server, account, context, token):
        self.server, self.account, self.context, self.token = server, account, context, token

    def new(self, tls=None):
        return negotiating(self.server.irc(tls=tls))

    def by_plain(self):
        return plain(self.new(), self.account) == "903"

    def by_scram(self):
        return scram(self.new(), self.account) == "903"

    def by_certificate(self):
        return external(self.new(self.context)) == "903"

    def by_token(self):
        return plain(self.new(), self.account, self.token) == "903"

    def by_pass(self):
        client = passing(self.server.irc(), f"{self.account}:{PASSWORD}")
        return client.expect(("001", "ERROR"), timeout=20).verb == "001"

    def after_the_log_in(self):
        return plain(self.server.irc(new_name("u"), caps=("sasl",)), self.account) == "903"

    def scram_after_the_log_in(self):
        return scram(self.server.irc(new_name("u"), caps=("sasl",)), self.account) == "903"

    def by_identify(self):
        client = self.server.irc(new_name("u"))
        client.ask(f"NS IDENTIFY {self.account} {PASSWORD}", timeout=20)
        return account_of(client) == self.account

    def by_identify_with_a_token(self):
        client = self.server.irc(new_name("u"))
        client.ask(f"NS IDENTIFY {self.account} {self.token}", timeout=20)
        return account_of(client) == self.account

    def by_frame(self):
        mark = self.server.log_mark()
        client = self.server.connect(self.server.address_of("frame"))
        client.send(f"{self.account}:{PASSWORD}")
        self.server.wait_log(f"Accepted new connection from .*{self.account}|log-in refused", mark, timeout=20)
        let_in = bool(self.server.log_matches(f"Accepted new connection from .*{self.account}", mark))
        if not let_in:
            assert "suspended" in client.expect_explanation()
        client.close()
        if let_in:
            self.server.wait_log(f"Closed connection from: {self.account}", mark)
        return let_in

    def all(self):
        return {name: getattr(self, name)() for name in dir(self) if name.startswith("by_") or "log_in" in name}


@pytest.fixture
def ways(suspending, make_certificate):
    account, own = new_account(suspending), new_name("cert")
    owner = with_account(suspending, account)
    owner.ask(f"NS CERT ADD {fingerprint(make_certificate(own))}")
    token = token_of(owner)
    owner.close()
    return Ways(suspending, account, trusting(make_certificate("a"), make_certificate(own)), token)


def test_a_suspended_account_is_closed_by_every_way(suspending, ways):
    assert set(ways.all().values()) == {True}
    said = admin(suspending, "account", "suspend", ways.account, "spam")
    assert ways.account in said.stdout
    assert {name for name, let_in in ways.all().items() if let_in} == set()
    assert plain(ways.new(), ways.account, WRONG) == "904", "nothing is told to who does not know the password"
    admin(suspending, "account", "unsuspend", ways.account)
    assert {name for name, let_in in ways.all().items() if not let_in} == set()


@pytest.mark.parametrize("how", [plain, scram])
@pytest.mark.parametrize("inside", [False, True])
def test_902_says_that_it_is_suspended(suspending, how, inside):
    """docs/protocol/irc.md, Logging in."""
    account = new_account(suspending)
    admin(suspending, "account", "suspend", account)
    client = suspending.irc(new_name("u"), caps=("sasl",)) if inside else negotiating(suspending.irc())
    assert how(client, account) == "902"


def test_its_sessions_end(suspending, ways):
    clients = [with_account(suspending, ways.account), with_account(suspending, ways.account),
               suspending.irc(new_name("u"), caps=("sasl",))]
    assert plain(clients[2], ways.account) == "903"
    admin(suspending, "account", "suspend", ways.account, "much", "spam")
    for client in clients:
        assert "much spam" in client.expect_closed()[-1].text


def test_who_is_about_to_come_in_does_not(suspending, ways):
    """It was right a moment ago, before the log-in was complete."""
    early = ways.new()
    assert plain(early, ways.account) == "903"
    admin(suspending, "account", "suspend", ways.account)
    early.send(f"NICK {new_name('u')}", "USER u 0 * :x", "CAP END")
    assert "001" not in verbs(early.expect_closed())


def test_a_suspended_account_stays_so_over_a_restart(brusiod, add_account):
    server = brusiod(listen=BOTH_DOORS)
    add_account(server, "anna")
    admin(server, "account", "suspend", "anna", "spam")
    server.stop()
    again = brusiod(after=server, listen=BOTH_DOORS)
    for how in plain, scram:
        assert how(negotiating(again.irc()), "anna") in ("902", "904")
