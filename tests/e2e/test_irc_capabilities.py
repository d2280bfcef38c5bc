"""CAP: which capabilities there are, asking for them, and how the log-in waits for the end of it."""

import ssl

import pytest

from irc import verbs
from server import IRC_LISTENER, tls_files

ALWAYS = {"account-notify", "account-tag", "away-notify", "batch", "cap-notify", "chghost", "draft/channel-rename",
          "draft/extended-isupport", "draft/multiline", "draft/pre-away", "echo-message", "extended-join",
          "extended-monitor", "invite-notify", "labeled-response", "message-tags", "multi-prefix", "server-time",
          "setname", "standard-replies", "userhost-in-names"}


def offered(client, line):
    came = client.ask(line)
    assert came and all(m.verb == "CAP" and m.params[1] == "LS" for m in came), came
    for message in came[:-1]:
        assert message.params[2] == "*"
    assert len(came[-1].params) == 3
    return dict(word.partition("=")[::2] for m in came for word in m.text.split())


def test_ls_302_has_values_and_ls_has_none(irc_server):
    new = offered(irc_server.irc(), "CAP LS 302")
    assert ALWAYS <= set(new) and "sts" not in new
    assert "no-implicit-names" in new or "draft/no-implicit-names" in new
    assert new["draft/multiline"] == "max-bytes=16384,max-lines=100"
    old = offered(irc_server.irc(), "CAP LS")
    assert set(old) == {name for name in new if not name.startswith("draft/")} and not any(old.values())


def test_ls_works_after_the_log_in(irc_server):
    anna = irc_server.irc("anna")
    assert ALWAYS <= set(offered(anna, "CAP LS 302"))
    assert anna.sync() == []


def test_negotiating_holds_the_log_in_back_until_end(irc_server):
    client = irc_server.irc()
    came = client.ask("CAP LS 302", "NICK anna", "USER a 0 * :Anna")
    assert set(verbs(came)) == {"CAP"}
    assert client.ask_one("CAP REQ :server-time message-tags").matches("CAP", "*", "ACK")
    client.send("CAP END")
    assert client.expect("001").params[0] == "anna"


def test_a_request_alone_holds_it_back_too(irc_server):
    client = irc_server.irc()
    assert verbs(client.ask("CAP REQ :server-time", "NICK anna", "USER a 0 * :Anna")) == ["CAP"]
    client.send("CAP END")
    client.expect("001")


def test_end_without_negotiating_changes_nothing(irc_server):
    client = irc_server.irc()
    assert client.ask("CAP END") == []
    client.send("NICK anna", "USER a 0 * :Anna")
    client.expect("422")
    assert client.ask("CAP END") == []


def test_a_request_is_all_or_nothing(irc_server):
    client = irc_server.irc()
    assert client.ask_one("CAP REQ :server-time nonsense").params == ["*", "NAK", "server-time nonsense"]
    assert client.ask_one("CAP LIST").text.split() == []
    assert client.ask_one("CAP REQ :server-time batch").params == ["*", "ACK", "server-time batch"]
    assert set(client.ask_one("CAP LIST").text.split()) == {"server-time", "batch"}
    assert client.ask_one("CAP REQ :-batch -nonsense").params[1] == "NAK"
    assert client.ask_one("CAP REQ :-batch echo-message").params == ["*", "ACK", "-batch echo-message"]
    assert set(client.ask_one("CAP LIST").text.split()) == {"server-time", "echo-message"}


def test_capabilities_change_after_the_log_in(irc_server):
    anna = irc_server.irc("anna")
    anna.join("#a")
    assert anna.ask_one("CAP REQ echo-message").params == ["anna", "ACK", "echo-message"]
    assert anna.ask_one("PRIVMSG #a :hello").line == f":{anna.mask} PRIVMSG #a :hello"
    assert anna.ask_one("CAP REQ :-echo-message").params == ["anna", "ACK", "-echo-message"]
    assert anna.ask("PRIVMSG #a :hello") == []


def test_cap_notify_comes_with_302_and_stays(irc_server):
    client = irc_server.irc()
    client.ask("CAP LS 302")
    assert "cap-notify" in client.ask_one("CAP LIST").text.split()
    assert client.ask_one("CAP REQ :-cap-notify").params[1] == "NAK"
    old = irc_server.irc()
    old.ask("CAP LS")
    assert "cap-notify" not in old.ask_one("CAP LIST").text.split()
    assert old.ask_one("CAP REQ :cap-notify").params[1] == "ACK"
    assert old.ask_one("CAP REQ :-cap-notify").params[1] == "ACK"


@pytest.mark.parametrize("line", ["CAP NONSENSE", "CAP ACK :x", "CAP :"])
def test_an_unknown_subcommand_is_410(irc_server, line):
    client = irc_server.irc()
    assert client.ask_one(line).matches("410", "*")


def test_subcommands_are_read_in_any_case(irc_server):
    client = irc_server.irc()
    assert client.ask("cap ls 302")[0].params[1] == "LS"
    assert client.ask_one("CAP req :batch").params[1] == "ACK"


def test_sts_and_requests_for_it(brusiod, make_certificate):
    server = brusiod(tls_files(make_certificate("sts")) + '[irc]\nsts = "30d"\nsts_port = 6697\n' + IRC_LISTENER +
                     IRC_LISTENER + "tls = true\n", listen=())
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    plain, secure = server.irc(), server.irc(tls=unchecked)
    assert offered(plain, "CAP LS 302")["sts"] == "port=6697"
    assert "duration=2592000" in offered(secure, "CAP LS 302")["sts"]
    assert plain.ask_one("CAP REQ :sts").params[1] == "NAK"
    assert "sts" not in offered(server.irc(), "CAP LS")
