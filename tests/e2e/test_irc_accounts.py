"""Accounts: PASS, where passwords are taken, what others see of them, and frames that log in."""

import pytest

from frames import frame
from irc import only, verbs
from logging_in import (PASSWORD, PROXIED, PROXIES, WRONG, account_of, capabilities, come_in, from_afar, negotiating,
                        new_account, new_name, passing, plain, running, scram, secure_config, trusting,
                        welcomed, with_account)
from server import BOTH_DOORS, IRC_ONLY


@pytest.fixture(scope="module")
def shared(brusiod_path):
    """On loopback, whose people are exempt from limits of addresses."""
    with running(brusiod_path, "[frame]\naccounts = true\n") as server:
        for name in "Anna", "mario":
            new_account(server, name=name)
        yield server


# PASS account:password


def test_pass_logs_in_to_an_account(shared):
    for word in f"Anna:{PASSWORD}", f"anna:{PASSWORD}":
        client = welcomed(passing(shared.irc(), word))
        assert account_of(client) == "Anna"
        assert only(client.received, "900")[0].params[2] == "Anna"


def test_a_password_may_have_colons(shared):
    name = new_account(shared, "one:two:three:four")
    assert account_of(welcomed(passing(shared.irc(), f"{name}:one:two:three:four"))) == name


@pytest.mark.parametrize("word", [f"Anna:{WRONG}", f"nobody:{PASSWORD}"])
def test_a_wrong_one_ends_the_connection(shared, word):
    client = passing(shared.irc(), word)
    came = client.expect_closed(timeout=20)
    assert "464" in verbs(came) and "001" not in verbs(came)


def test_a_wrong_name_and_a_wrong_password_are_told_alike(shared):
    said = [[m.line for m in passing(shared.irc(), word).expect_closed(timeout=20) if m.verb in ("464", "ERROR")]
            for word in (f"Anna:{WRONG}", f"nobody:{PASSWORD}")]
    assert said[0] == said[1]


@pytest.mark.parametrize("word", ["just-a-word", "Anna:", ":colon", "not a nick:x", "007:bond"])
def test_what_names_no_account_is_ignored_without_a_server_password(shared, word):
    assert account_of(welcomed(passing(shared.irc(), word))) is None


def test_sasl_goes_before_pass(shared):
    client = shared.irc()
    client.send(f"PASS Anna:{PASSWORD.replace(' ', '_')}")
    negotiating(client)
    assert plain(client, "mario") == "903"
    assert account_of(come_in(client, new_name("u"))) == "mario"


@pytest.fixture(scope="module")
def guarded(brusiod_path):
    with running(brusiod_path, '[server]\npassword = "let:me in"\n', listen=IRC_ONLY) as server:
        new_account(server, name="Anna")
        yield server


def test_a_valid_account_takes_the_place_of_the_servers_password(guarded):
    assert account_of(welcomed(passing(guarded.irc(), f"Anna:{PASSWORD}"))) == "Anna"
    client = negotiating(guarded.irc())
    assert plain(client, "Anna") == "903"
    assert account_of(come_in(client, new_name("u"))) == "Anna"
    client = negotiating(guarded.irc())
    assert scram(client, "Anna") == "903"
    come_in(client, new_name("u"))


def test_the_servers_password_still_lets_in(guarded):
    assert account_of(welcomed(passing(guarded.irc(), "let:me in"))) is None


@pytest.mark.parametrize("word", [f"Anna:{WRONG}", f"nobody:{PASSWORD}", "let", "let:me", "let:me in:", PASSWORD])
def test_neither_the_one_nor_the_other(guarded, word):
    came = passing(guarded.irc(), word).expect_closed(timeout=20)
    assert "464" in verbs(came) and "001" not in verbs(came)


def test_a_failed_log_in_by_sasl_is_no_way_around_it(guarded):
    client = negotiating(guarded.irc())
    assert plain(client, "Anna", WRONG) == "904"
    client.send(f"NICK {new_name('u')}", "USER u 0 * :x", "CAP END")
    assert "464" in verbs(client.expect_closed())


# Where passwords are taken


@pytest.fixture(scope="module")
def strict(brusiod_path, make_certificate, hash_password):
    """Its clients come from elsewhere: passwords are for TLS only."""
    more = f'[frame]\naccounts = true\n[operator.root]\npassword = "{hash_password("swordfish")}"\n'
    with running(brusiod_path, secure_config(make_certificate("a"), more), listen=()) as server:
        new_account(server, name="Anna")
        yield server


def test_over_plain_tcp_nothing_is_offered(strict):
    for ask in "CAP LS 302", "CAP LS":
        told = capabilities(from_afar(strict, "198.51.100.3"), ask)
        assert "sasl" not in told and "draft/account-registration" not in told
    client = from_afar(strict, "198.51.100.3")
    for name in "sasl", "draft/account-registration":
        assert client.ask_one(f"CAP REQ :{name}").params[1] == "NAK"


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "EXTERNAL"])
def test_over_plain_tcp_sasl_is_refused(strict, mechanism):
    client = from_afar(strict, "198.51.100.3")
    assert "AUTHENTICATE" not in verbs(client.ask("CAP LS 302", "CAP REQ :sasl", f"AUTHENTICATE {mechanism}"))
    client = from_afar(strict, "198.51.100.3").register(new_name("u"))
    came = client.ask(f"AUTHENTICATE {mechanism}")
    assert came[-1].verb == "904"


def test_over_plain_tcp_pass_is_refused(strict):
    client = passing(from_afar(strict, "198.51.100.3"), f"Anna:{PASSWORD}")
    came = client.expect_closed()
    assert "464" in verbs(came) and "001" not in verbs(came)


@pytest.mark.parametrize("line", [f"NS IDENTIFY Anna {PASSWORD}", f"PRIVMSG NickServ :IDENTIFY Anna {PASSWORD}",
                                  f"NS REGISTER {WRONG.replace(' ', '')}", f"REGISTER * * :{PASSWORD}",
                                  "NS TOKEN ADD phone"])
def test_over_plain_tcp_commands_with_passwords_are_refused(strict, line):
    client = from_afar(strict, "198.51.100.3").register(new_name("u"))
    (got,) = client.ask(line, timeout=20)
    assert got.verb in ("FAIL", "NOTICE") and "TLS" in got.text
    assert account_of(client) is None


def test_over_plain_tcp_oper_is_refused(strict):
    client = from_afar(strict, "198.51.100.3").register(new_name("u"))
    assert "381" not in verbs(client.ask("OPER root swordfish", timeout=20))


def test_over_plain_tcp_the_servers_password_is_refused(brusiod_path):
    config = PROXIES.replace("\n", '\npassword = "letmein"\n', 1) + PROXIED
    with running(brusiod_path, config, listen=()) as server:
        client = passing(from_afar(server, "198.51.100.3"), "letmein", "anna")
        assert client.expect(("001", "464")).verb == "464"


def test_over_plain_tcp_frames_are_refused(strict):
    client = strict.connect(strict.address_of("frame"))
    client.send_raw(b"PROXY TCP4 198.51.100.3 127.0.0.1 1000 6667\r\n" + frame(f"Anna:{PASSWORD}"))
    assert "TLS" in client.expect_explanation()


def test_over_tls_all_is_there(strict, make_certificate):
    context = trusting(make_certificate("a"))
    told = capabilities(from_afar(strict, "198.51.100.3", tls=context))
    assert "sasl" in told and "draft/account-registration" in told
    for how in plain, scram:
        client = negotiating(from_afar(strict, "198.51.100.3", tls=context))
        assert how(client, "Anna") == "903"
    assert account_of(come_in(client, new_name("u"))) == "Anna"
    assert account_of(welcomed(passing(from_afar(strict, "198.51.100.3", tls=context), f"Anna:{PASSWORD}"))) == "Anna"
    client = from_afar(strict, "198.51.100.3", tls=context).register(new_name("u"))
    client.ask(f"NS IDENTIFY Anna {PASSWORD}", timeout=20)
    assert account_of(client) == "Anna"


def test_on_loopback_all_is_there(strict):
    client = negotiating(from_afar(strict, "127.0.0.9"))
    assert plain(client, "Anna") == "903"
    client = negotiating(from_afar(strict, "::1"))
    assert plain(client, "Anna") == "903"


def test_a_mapped_loopback_address_is_no_way_around(strict):
    told = capabilities(from_afar(strict, "::ffff:198.51.100.3"))
    assert "sasl" not in told


def test_on_a_unix_socket_all_is_there(brusiod_path, tmp_path):
    with running(brusiod_path, listen=(f"irc=unix:{tmp_path}/irc",)) as server:
        new_account(server, name="Anna")
        client = negotiating(server.irc(address=f"unix:{tmp_path}/irc"))
        assert plain(client, "Anna") == "903"


def test_a_gateways_client_is_not_on_loopback(brusiod_path):
    """It is when it asks before the gateway has said who it is, and not afterwards."""
    config = '[[webirc]]\npassword = "secret"\naddresses = ["127.0.0.1"]\n'
    with running(brusiod_path, config, listen=IRC_ONLY) as server:
        new_account(server, name="Anna")
        client = server.irc()
        client.send("WEBIRC secret gate 198.51.100.3 198.51.100.3")
        assert "sasl" not in capabilities(client)
        client = negotiating(server.irc())
        client.send("WEBIRC secret gate 198.51.100.3 198.51.100.3", "AUTHENTICATE PLAIN")
        assert client.expect(("904", "AUTHENTICATE", "ERROR")).verb != "AUTHENTICATE"


def test_plaintext_true_takes_them_everywhere(brusiod_path):
    with running(brusiod_path, PROXIES + PROXIED + "[accounts]\nplaintext = true\n", listen=()) as server:
        new_account(server, name="Anna")
        told = capabilities(from_afar(server, "198.51.100.3"))
        assert set(told["sasl"].split(",")) == {"PLAIN", "SCRAM-SHA-256"} and "draft/account-registration" in told
        client = negotiating(from_afar(server, "198.51.100.3"))
        assert plain(client, "Anna") == "903"
        assert account_of(welcomed(passing(from_afar(server, "198.51.100.3"), f"Anna:{PASSWORD}"))) == "Anna"


@pytest.mark.parametrize("now, verb", [("true", "NEW"), ("false", "DEL")])
def test_changing_plaintext_counts_for_connections_that_exist(brusiod, now, verb):
    """docs/operations.md: all changes at once, for connections that exist as well; cap-notify tells them."""
    config, before = PROXIES + PROXIED + "[accounts]\nplaintext = ", "false" if now == "true" else "true"
    server = brusiod(config + before + "\n", listen=())
    client = from_afar(server, "198.51.100.3").register("luca", caps=("cap-notify",))
    server.reload(config + now + "\n")
    lists = [m.text for m in only(client.sync(), "CAP") if m.params[1] == verb]
    told = {word.partition("=")[0] for word in " ".join(lists).split()}
    assert {"sasl", "draft/account-registration"} <= told
    came = client.ask("CAP REQ :sasl", "AUTHENTICATE PLAIN")
    assert came[-1].verb == ("AUTHENTICATE" if now == "true" else "904")


def test_changing_plaintext_counts_for_new_connections(brusiod):
    config = PROXIES + PROXIED + "[accounts]\nplaintext = "
    server = brusiod(config + "false\n", listen=())
    for now in "true", "false":
        server.reload(config + now + "\n")
        assert ("sasl" in capabilities(from_afar(server, "198.51.100.3"))) == (now == "true")


def test_identify_does_not_tell_whether_there_is_an_account(shared):
    client = shared.irc(new_name("u"))
    said = [[m.line for m in client.ask(f"NS IDENTIFY {who} {WRONG}", timeout=20)] for who in ("Anna", "nobody")]
    assert len(said[0]) == 1 and said[0][0].replace("Anna", "nobody") == said[1][0]


# What others see


def test_account_notify_tells_the_channel_and_oneself(shared):
    watcher, blind = shared.irc(new_name("w"), caps=("account-notify",)), shared.irc(new_name("b"))
    client, channel = shared.irc(new_name("u"), caps=("sasl", "account-notify")), "#" + new_name("chan")
    for person in watcher, blind, client:
        person.join(channel)
    watcher.sync()
    blind.sync()
    for account in "Anna", "mario":
        assert plain(client, account) == "903"
        assert [m.params for m in only(client.skipped + client.sync(), "ACCOUNT")] == [[account]]
        (told,) = only(watcher.sync(), "ACCOUNT")
        assert told.params == [account] and told.source == client.mask
    client.ask("NS LOGOUT")
    assert [m.params for m in only(watcher.sync(), "ACCOUNT")] == [["*"]]
    assert only(blind.sync(), "ACCOUNT") == []
    assert account_of(watcher, client.nick) is None


def test_registering_is_told_like_a_log_in(shared):
    watcher, client = shared.irc(new_name("w"), caps=("account-notify",)), shared.irc(new_name("u"))
    channel = "#" + new_name("chan")
    watcher.join(channel)
    client.join(channel)
    watcher.sync()
    client.ask(f"REGISTER * * :{PASSWORD}", timeout=20)
    (told,) = only(watcher.sync(), "ACCOUNT")
    assert told.params == [client.nick] and told.source == client.mask


def test_one_client_of_several_cannot_take_another_account(shared):
    """They are one user: 907, and all stay what they are. The same account again is fine."""
    name = new_account(shared)
    first = with_account(shared, name, nick=name)
    second = with_account(shared, name, nick=name)
    for how in plain, scram:
        assert how(first, "mario") == "907"
        assert how(second, name) == "903"
    assert account_of(first) == account_of(second) == name


def test_account_tag_says_as_whom(shared):
    watcher, channel = shared.irc(new_name("w"), caps=("account-tag",)), "#" + new_name("chan")
    client, nobody = with_account(shared, "Anna"), shared.irc(new_name("u"))
    for person in watcher, client, nobody:
        person.join(channel)
    watcher.sync()
    client.ask(f"PRIVMSG {channel} :hello", f"PRIVMSG {watcher.nick} :hello", f"NOTICE {channel} :x",
               f"TOPIC {channel} :x", f"PART {channel}")
    nobody.ask(f"PRIVMSG {channel} :hello")
    came = watcher.sync()
    hers = [m for m in came if m.nick == client.nick]
    assert {"PRIVMSG", "NOTICE", "PART"} <= set(verbs(hers)) and {m.tags.get("account") for m in hers} == {"Anna"}
    assert ["account" in m.tags for m in came if m.nick == nobody.nick] == [False]


def test_extended_join_has_account_and_real_name(shared):
    watcher, channel = shared.irc(new_name("w"), caps=("extended-join",)), "#" + new_name("chan")
    client, nobody = with_account(shared, "Anna"), shared.irc(new_name("u"))
    watcher.join(channel)
    client.join(channel)
    nobody.join(channel)
    assert [m.params for m in only(watcher.sync(), "JOIN")] == [
        [channel, "Anna", f"{client.nick} real"], [channel, "*", f"{nobody.nick} real"]]


def test_account_extban_keeps_an_account_out(shared):
    oper, channel = shared.irc(new_name("o")), "#" + new_name("chan")
    tokens = oper.isupport()
    assert tokens["EXTBAN"] == "$,am" and tokens["ACCOUNTEXTBAN"] == "a"
    oper.join(channel)
    oper.ask(f"MODE {channel} +b $a:anna")
    anna, mario = with_account(shared, "Anna"), with_account(shared, "mario")
    assert verbs(anna.ask(f"JOIN {channel}")) == ["474"]
    mario.join(channel)
    nobody = shared.irc(new_name("u"))
    nobody.join(channel)
    oper.ask(f"MODE {channel} -b $a:Anna")
    anna.join(channel)


def test_account_extban_in_exceptions_and_invitations(shared):
    oper, channel = shared.irc(new_name("o")), "#" + new_name("chan")
    oper.join(channel)
    oper.ask(f"MODE {channel} +i", f"MODE {channel} +I $a:Anna")
    with_account(shared, "Anna").join(channel)
    assert verbs(with_account(shared, "mario").ask(f"JOIN {channel}")) == ["473"]
    oper.ask(f"MODE {channel} -i", f"MODE {channel} +b *!*@*", f"MODE {channel} +e $a:mario")
    with_account(shared, "mario").join(channel)
    assert verbs(shared.irc(new_name("u")).ask(f"JOIN {channel}")) == ["474"]


def test_logging_in_does_not_leave_a_ban_behind(shared):
    """Who logs in to a banned account while being there cannot speak any more."""
    oper, client, channel = shared.irc(new_name("o")), shared.irc(new_name("u"), caps=("sasl",)), "#" + new_name("chan")
    oper.join(channel)
    client.join(channel)
    oper.ask(f"MODE {channel} +b $a:Anna")
    client.sync()
    assert client.ask(f"PRIVMSG {channel} :hello") == []
    assert plain(client, "Anna") == "903"
    assert verbs(client.ask(f"PRIVMSG {channel} :hello")) == ["404"]


def test_who_and_whois_tell_the_account(shared):
    watcher, client, nobody = shared.irc(new_name("w")), with_account(shared, "Anna"), shared.irc(new_name("u"))
    assert account_of(watcher, client.nick) == "Anna" and account_of(watcher, nobody.nick) is None
    (told,) = only(watcher.ask(f"WHOIS {client.nick}"), "330")
    assert told.params[:3] == [watcher.nick, client.nick, "Anna"] and len(told.params) == 4
    came = watcher.ask(f"WHOIS {nobody.nick}")
    assert only(came, "330", "307") == []


def test_registered_only_modes_know_accounts(shared):
    channel, oper = "#" + new_name("chan"), shared.irc(new_name("o"))
    oper.join(channel)
    oper.ask(f"MODE {channel} +R")
    nobody = shared.irc(new_name("u"), caps=("sasl",))
    assert verbs(nobody.ask(f"JOIN {channel}")) == ["477"]
    assert plain(nobody, "Anna") == "903"
    nobody.join(channel)


# Frames


def test_a_frame_with_name_and_password_logs_in(shared):
    name = new_account(shared)
    watcher = shared.irc(new_name("w"), caps=("extended-join", "account-tag"))
    watcher.join("#piazza")
    client = shared.connect()
    client.send(f"{name}:{PASSWORD}", "hello")
    join = watcher.expect("JOIN", "#piazza", source=name, timeout=20)
    assert join.params[1] == name
    said = watcher.expect("PRIVMSG", "#piazza", "hello")
    assert said.nick == name and said.tags["account"] == name
    assert PASSWORD not in "\n".join(shared.log())
    client.send("/who")
    _, text = client.recv_pair()
    assert PASSWORD.encode() not in text and name.encode() in text


@pytest.mark.parametrize("word", [f"{{}}:{WRONG}", "{}", "{}:", "{}: ", "  {}  "])
def test_a_reserved_name_needs_its_password(shared, word):
    name = new_account(shared)
    client = shared.connect()
    client.send(word.format(name))
    said = client.expect_explanation()
    assert WRONG not in said and "password" in said.lower()


def test_a_password_with_colons_in_a_frame(shared):
    name = new_account(shared, "one:two:three")
    client = shared.connect()
    client.name = name.encode()
    mark = shared.log_mark()
    client.send(f"{name}:one:two:three")
    shared.wait_log(f"Accepted new connection from .*, username: {name}$", mark)


def test_a_name_with_a_colon_that_nobody_registered_is_a_name(shared):
    name = new_name("frameonly")
    mark = shared.log_mark()
    client = shared.connect()
    client.send(f"{name}: hello there")
    shared.wait_log(f"Accepted new connection from .*, username: {name}: hello there$", mark)


def test_a_frame_person_cannot_take_a_reserved_name_later(shared):
    name = new_account(shared)
    client = shared.join(new_name("frame"))
    for wanted in name, name.upper(), f"{name}:{PASSWORD}":
        client.send(f"/nick {wanted}")
        assert "registered" in client.recv_answer() or wanted != name
    assert only(shared.irc(new_name("w")).ask(f"WHOIS {name}"), "311") == []


def test_without_accounts_for_frames_a_reserved_name_is_refused(brusiod, add_account):
    server = brusiod(listen=BOTH_DOORS)
    add_account(server, "anna", PASSWORD)
    for word in "anna", "ANNA", f"anna:{PASSWORD}":
        client = server.connect()
        client.send(word)
        assert "Closing" not in client.expect_explanation()
    server.join("mario")


def test_a_grouped_nick_in_a_frame(shared):
    name, other = new_account(shared), new_name("grouped")
    owner = with_account(shared, name, nick=other)
    owner.ask("NS GROUP")
    owner.close()
    refused = shared.connect()
    refused.send(other)
    refused.expect_explanation()
    mark = shared.log_mark()
    client = shared.connect()
    client.send(f"{other}:{PASSWORD}")
    shared.wait_log(f"Accepted new connection from .*, username: {other}$", mark)
