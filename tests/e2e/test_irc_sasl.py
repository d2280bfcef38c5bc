"""SASL (IRCv3 sasl-3.1, sasl-3.2): PLAIN, EXTERNAL and SCRAM-SHA-256, before the log-in and after it."""

import base64

import pytest

from brusiod_commands import admin
from irc import only, verbs
from logging_in import (OUTCOMES, PASSWORD, Scram, account_of, begin, capabilities, challenged, chunks, come_in, external,
                        fingerprint, negotiating, new_account, new_name, outcome, plain, received, respond, running,
                        scram, trusting)
from server import IRC_LISTENER, tls_files

LONG = "x" * 1024


@pytest.fixture(scope="module")
def shared(brusiod_path, make_certificate):
    """Plain on loopback, and TLS. `anna` and `mario` have accounts."""
    config = IRC_LISTENER * 2 + "tls = true\n" + tls_files(make_certificate("a"))
    with running(brusiod_path, config, listen=()) as server:
        for name in "Anna", "mario":
            new_account(server, name=name)
        yield server


@pytest.fixture
def client(shared):
    return negotiating(shared.irc())


def over_tls(shared, make_certificate, own=None):
    return shared.irc(tls=trusting(make_certificate("a"), own and make_certificate(own)))


# PLAIN


def test_plain_logs_in_and_says_so(client):
    begin(client)
    respond(client, f"\0Anna\0{PASSWORD}")
    loggedin = client.expect("900")
    assert loggedin.params[0] == "*" and loggedin.params[2] == "Anna" and len(loggedin.params) == 4
    client.expect("903", "*")
    assert client.skipped == []
    come_in(client, new_name("p"))
    assert account_of(client) == "Anna"


def test_900_has_the_nick_and_mask_after_the_log_in(shared):
    client = shared.irc(new_name("p"), caps=("sasl",))
    assert plain(client, "mario") == "903"
    (loggedin,) = client.skipped
    assert loggedin.params[:3] == [client.nick, client.mask, "mario"]


@pytest.mark.parametrize("message", [
    "Anna\0Anna\0" + PASSWORD, "\0anna\0" + PASSWORD, "anna\0ANNA\0" + PASSWORD,
], ids=["authzid", "case", "cases"])
def test_the_same_account_by_other_words(client, message):
    begin(client)
    respond(client, message)
    assert outcome(client) == "903"
    assert client.skipped[-1].params[2] == "Anna"


@pytest.mark.parametrize("message", [
    "\0Anna\0wrong horse", "\0Anna\0" + PASSWORD + "x", "\0Anna\0" + PASSWORD[:-1], "\0Anna\0" + PASSWORD.upper(),
    "\0nobody\0" + PASSWORD, "\0\0" + PASSWORD, "\0Anna\0", "\0\0", "", "Anna", "\0Anna", "mario\0Anna\0" + PASSWORD,
    f"\0Anna\0{PASSWORD}\0", f"\0Anna\0{PASSWORD}\0x", f"\0Anna\0\0{PASSWORD}", "\0Anna\0" + "x" * 1025,
    "\0" + "a" * 300 + "\0" + PASSWORD, b"\0Anna\0\xff\xfe", b"\0\xff\xfe\0" + PASSWORD.encode(),
    "\0An\nna\0" + PASSWORD, "\0$a:Anna\0" + PASSWORD,
], ids=range(21))
def test_what_is_not_right_is_904_and_can_be_tried_again(client, message):
    begin(client)
    respond(client, message)
    assert outcome(client) == "904"
    assert client.skipped == []
    assert plain(client, "Anna") == "903"


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client):
    """Word for word: nobody learns which accounts there are."""
    said = []
    for account in "Anna", "nobody", "NickServ", "brusio.localhost":
        begin(client)
        respond(client, f"\0{account}\0wrong horse battery")
        said.append(client.expect(OUTCOMES).line)
    assert len(set(said)) == 1


@pytest.mark.parametrize("text", ["!!!", "AEFubmE", "AEFubmE=x", "====", "=", ":", "AEFubmE\u00e8", "A"])
def test_what_is_no_base64_is_904(client, text):
    begin(client)
    client.send(f"AUTHENTICATE {text}")
    assert outcome(client) in ("904",) if text != ":" else True
    client.ask("AUTHENTICATE *")
    assert plain(client, "Anna") == "903"


def test_an_empty_response_is_904(client):
    begin(client)
    client.send("AUTHENTICATE +")
    assert outcome(client) == "904"


# Chunks


@pytest.mark.parametrize("length", [292, 592, 892, 293, 291, 1024, 500])
def test_chunks_of_400_and_the_plus(shared, client, length):
    """With 292, 592 and 892 bytes the base64 is a multiple of 400, and a + ends it."""
    password = ("p%04d" % length) + "x" * (length - 5)
    name = new_account(shared, password, name="c%06d" % length)
    message = f"\0{name}\0{password}".encode()
    assert plain(client, name, password) == "903", (len(chunks(message)), chunks(message)[-1][:10])


def test_a_full_chunk_alone_waits_for_more(shared, client):
    """Nothing is answered until the + comes."""
    name = new_account(shared, "x" * 291, name="fullfull")
    message = f"\0{name}\0{'x' * 291}".encode()[:300]
    text = base64.b64encode(message).decode()
    assert len(text) == 400
    begin(client)
    assert client.ask("AUTHENTICATE " + text) == []
    client.send("AUTHENTICATE +")
    assert outcome(client) in ("903", "904")


def test_a_password_of_exactly_one_chunk(shared, client):
    name = "q" * 8
    password = "z" * 290  # 1 + 8 + 1 + 290 = 300 bytes: 400 of base64
    new_account(shared, password, name=name)
    message = f"\0{name}\0{password}".encode()
    assert len(message) == 300 and chunks(message)[-1] == "+"
    assert plain(client, name, password) == "903"


def test_other_commands_between_chunks(shared, client):
    new_account(shared, LONG, name="between")
    begin(client)
    first, *rest = chunks(f"\0between\0{LONG}".encode())
    client.send(f"AUTHENTICATE {first}", f"NICK {new_name('b')}", "USER u 0 * :x", "CAP LIST", "PING x")
    for chunk in rest:
        client.send(f"AUTHENTICATE {chunk}", "PING x")
    assert outcome(client) == "903"


def test_a_chunk_over_400_is_905(client):
    for first in [], ["A" * 400]:
        begin(client)
        client.send(*[f"AUTHENTICATE {chunk}" for chunk in [*first, "A" * 401]])
        assert outcome(client) == "905"
        assert client.skipped == []
        assert plain(client, "Anna") == "903"


def test_the_longest_line_that_fits_is_905_and_a_longer_one_417(client):
    begin(client)
    client.send("AUTHENTICATE " + "A" * (510 - len("AUTHENTICATE ")))
    assert outcome(client) == "905"
    begin(client)
    client.send("AUTHENTICATE " + "A" * 500)
    client.expect(("417", "905"))


def test_a_mechanism_over_400_bytes(client):
    client.send("AUTHENTICATE " + "A" * 401)
    assert outcome(client) in ("904", "905")


def test_what_never_ends_is_bounded(client):
    """Sooner or later 904 or 905, with at most a few KiB kept; all behind it is no message any more."""
    begin(client)
    came = client.ask(*["AUTHENTICATE " + "A" * 400] * 100, timeout=60)
    first = only(came, *OUTCOMES)[0]
    assert first.verb in ("904", "905")
    client.ask("AUTHENTICATE *")
    assert plain(client, "Anna") == "903"


# Aborting, mechanisms


def test_an_asterisk_aborts(client):
    begin(client)
    assert client.ask_one("AUTHENTICATE *").matches("906", "*")
    begin(client, "SCRAM-SHA-256")
    assert client.ask_one("AUTHENTICATE *").verb == "906"
    assert plain(client, "Anna") == "903"


def test_an_asterisk_aborts_in_the_middle_of_chunks(client):
    begin(client)
    assert verbs(client.ask("AUTHENTICATE " + "A" * 400, "AUTHENTICATE *")) == ["906"]
    assert plain(client, "Anna") == "903"


def test_an_asterisk_with_nothing_to_abort(client):
    assert client.ask_one("AUTHENTICATE *").verb in ("906", "904")


@pytest.mark.parametrize("mechanism", ["FOO", "UNSUPPORTED_MECH", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "OAUTHBEARER",
                                       "PLAINX", "+", "AEFubmE="])
def test_an_unknown_mechanism_is_908_then_904(client, mechanism):
    came = client.ask(f"AUTHENTICATE {mechanism}")
    assert verbs(came) == ["908", "904"]
    assert came[0].params[0] == "*" and len(came[0].params) == 3
    assert set(came[0].params[1].split(",")) == {"PLAIN", "SCRAM-SHA-256"}
    assert plain(client, "Anna") == "903"


def test_mechanisms_in_small_letters(client):
    begin(client, "plain")
    respond(client, f"\0Anna\0{PASSWORD}")
    assert outcome(client) == "903"


def test_without_a_parameter_461(client):
    assert client.ask_one("AUTHENTICATE").verb == "461"


def test_without_the_capability_904(shared):
    client = shared.irc()
    client.send("CAP LS 302")
    assert client.ask("AUTHENTICATE PLAIN")[-1].verb == "904"
    client.send("CAP REQ :sasl")
    client.expect("CAP", None, "ACK")
    assert plain(client, "Anna") == "903"


def test_the_value_lists_the_mechanisms(shared, make_certificate):
    plainly = shared.irc()
    assert set(capabilities(plainly)["sasl"].split(",")) == {"PLAIN", "SCRAM-SHA-256"}
    assert capabilities(shared.irc(), "CAP LS")["sasl"] == ""
    secure = over_tls(shared, make_certificate)
    assert set(capabilities(secure)["sasl"].split(",")) == {"PLAIN", "SCRAM-SHA-256"}
    shown = over_tls(shared, make_certificate, "client")
    assert set(capabilities(shown)["sasl"].split(",")) == {"PLAIN", "SCRAM-SHA-256", "EXTERNAL"}


# While coming in


def test_nick_and_user_during_the_exchange_do_not_disturb_it(client):
    begin(client)
    nick = new_name("d")
    client.send(f"NICK {nick}", "USER u 0 * :x")
    respond(client, f"\0Anna\0{PASSWORD}")
    assert outcome(client) == "903"
    assert verbs(client.skipped) == ["900"]
    client.send("CAP END")
    client.expect("001", nick)


def test_completing_the_log_in_aborts_the_exchange(client):
    begin(client)
    client.send(f"NICK {new_name('d')}", "USER u 0 * :x", "CAP END")
    client.expect("906")
    client.nick = client.expect("001").params[0]
    client.sync()
    assert account_of(client) is None
    assert plain(client, "Anna") == "903" and account_of(client) == "Anna"


def test_completing_it_without_a_negotiation_aborts_too(shared):
    """CAP REQ alone begins one, so this is only possible with CAP END before USER."""
    client = negotiating(shared.irc())
    client.send("CAP END", f"NICK {new_name('d')}")
    begin(client)
    client.send("USER u 0 * :x")
    client.expect("906")
    client.expect("001")


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_all_in_one_piece(shared, mechanism):
    """CAP END right behind the last chunk: the log-in waits for what has been sent before it."""
    client = shared.irc()
    nick = new_name("d")
    lines = ["CAP LS 302", "CAP REQ :sasl", f"NICK {nick}", "USER u 0 * :x", f"AUTHENTICATE {mechanism}"]
    if mechanism == "PLAIN":
        lines += ["AUTHENTICATE " + chunk for chunk in chunks(f"\0Anna\0{PASSWORD}".encode())]
        client.send(*lines, "CAP END")
        client.expect("903")
    else:
        client.send(*lines, "AUTHENTICATE " + chunks(Scram("Anna").first)[0], "CAP END")
        client.expect("906")
    client.nick = client.expect("001").params[0]
    client.sync()
    assert account_of(client) == ("Anna" if mechanism == "PLAIN" else None)


def test_after_a_success_another_account(client):
    assert plain(client, "Anna") == "903"
    assert plain(client, "mario") == "903"
    come_in(client, new_name("d"))
    assert account_of(client) == "mario"


def test_a_failure_after_a_success_changes_nothing(client):
    assert plain(client, "Anna") == "903"
    assert plain(client, "mario", "wrong horse battery") == "904"
    come_in(client, new_name("d"))
    assert account_of(client) == "Anna"


def test_after_the_log_in_at_any_time_and_into_another_account(shared):
    client = shared.irc(new_name("d"), caps=("sasl", "account-notify"))
    assert account_of(client) is None
    for how, account in (plain, "Anna"), (scram, "mario"), (plain, "Anna"), (plain, "Anna"):
        assert how(client, account) == "903"
        assert account_of(client) == account
    assert plain(client, "mario", "wrong horse battery") == "904"
    assert account_of(client) == "Anna"


def test_an_abort_after_the_log_in_keeps_the_account(shared):
    client = shared.irc(new_name("d"), caps=("sasl",))
    assert plain(client, "Anna") == "903"
    begin(client)
    assert client.ask_one("AUTHENTICATE *").verb == "906"
    assert account_of(client) == "Anna"


def test_with_labels_each_line_is_answered_once(shared):
    client = shared.irc(new_name("d"), caps=("sasl", "labeled-response", "batch"))
    assert client.ask_one("@label=a AUTHENTICATE PLAIN").tags.get("label") == "a"
    came = client.ask("@label=b AUTHENTICATE " + chunks(f"\0Anna\0{PASSWORD}".encode())[0], timeout=20)
    assert [m.tags["label"] for m in came if "label" in m.tags] == ["b"]
    assert {"900", "903"} <= set(verbs(came))


# SCRAM-SHA-256


def test_scram_logs_in_and_proves_the_server(client):
    assert scram(client, "Anna") == "903"
    assert client.skipped[-1].matches("900", "*", None, "Anna")
    come_in(client, new_name("s"))
    assert account_of(client) == "Anna"


def test_at_least_65536_iterations_and_16_bytes_of_salt(client):
    exchange = Scram("Anna")
    exchange.last(challenged(client, exchange))
    assert exchange.iterations >= 65536 and len(exchange.salt) >= 16


@pytest.mark.parametrize("how", [{"header": "y,,"}, {"header": "n,a=Anna,"}, {"header": "n,a=anna,"}, {}],
                         ids=["y", "authzid", "other case", "n"])
def test_scram_headers(client, how):
    assert scram(client, "anna", **how) == "903"


@pytest.mark.parametrize("header", ["p=tls-unique,,", "n,a=mario,", "x,,", ",,", "n,", "n,,m=ext,"])
def test_scram_headers_that_are_refused(client, header):
    begin(client, "SCRAM-SHA-256")
    respond(client, Scram("Anna", header=header).first)
    assert outcome(client) == "904"
    assert scram(client, "Anna") == "903"


@pytest.mark.parametrize("account, password", [("Anna", "wrong horse battery"), ("nobody", PASSWORD)])
def test_scram_with_what_is_wrong(client, account, password):
    """A wrong name is challenged like a right one."""
    assert scram(client, account, password) == "904"
    assert scram(client, "Anna") == "903"


def test_a_challenge_does_not_tell_whether_there_is_an_account(client):
    """The same salt and iterations each time, as a real account has them, and as long."""
    seen = {}
    for account in "Anna", "nobody", "nobody", "NOBODY", "Anna", "nobodyelse":
        exchange = Scram(account)
        exchange.last(challenged(client, exchange))
        seen.setdefault(account.lower(), set()).add((exchange.salt, exchange.iterations))
        client.ask_one("AUTHENTICATE *")
    assert all(len(each) == 1 for each in seen.values()), seen
    (anna,), (nobody,), (other,) = seen.values()
    assert anna[1] == nobody[1] and len(anna[0]) == len(nobody[0])
    assert len({anna[0], nobody[0], other[0]}) == 3


@pytest.mark.parametrize("spoil", [
    lambda m: m.replace(b",p=", b",p=AAAA"), lambda m: m[:-6] + b"AAAAA=", lambda m: m.replace(b"c=biws", b"c=eSws"),
    lambda m: m.replace(b"r=", b"r=x"), lambda m: b"", lambda m: b"garbage", lambda m: m + b",x=y,,",
], ids=range(7))
def test_scram_last_messages_that_are_refused(client, spoil):
    exchange = Scram("Anna")
    respond(client, spoil(exchange.last(challenged(client, exchange))))
    assert outcome(client) == "904"
    assert scram(client, "Anna") == "903"


def test_a_proof_is_good_for_its_own_challenge_only(client):
    exchange = Scram("Anna")
    said = exchange.last(challenged(client, exchange))
    client.ask_one("AUTHENTICATE *")
    challenged(client, exchange)
    respond(client, said)
    assert outcome(client) == "904"


def test_scram_is_not_over_before_the_client_has_seen_the_signature(client):
    """Whoever says * instead of + does not trust this server and is not logged in."""
    exchange = Scram("Anna")
    respond(client, exchange.last(challenged(client, exchange)))
    assert received(client).startswith("v=")
    assert client.ask_one("AUTHENTICATE *").verb == "906"
    come_in(client, new_name("s"))
    assert account_of(client) is None


def test_a_long_nonce_comes_in_chunks(client):
    assert scram(client, "Anna", nonce="n" * 500) == "903"


@pytest.mark.parametrize("password", ["x" * 1024, "pass=word, with, commas=", "パスワード長い長い", "ends with blank "])
def test_passwords_by_both_mechanisms(shared, client, password):
    name = new_account(shared, password)
    assert plain(client, name, password) == "903"
    assert scram(client, name, password) == "903"
    assert plain(client, name, password[:-1]) == "904"
    assert scram(client, name, password[:-1]) == "904"


def test_a_non_ascii_password_of_200_bytes(shared, client):
    name = new_account(shared, "é" * 100)
    assert plain(client, name, "é" * 100) == "903"
    assert scram(client, name, "é" * 100) == "903"


def test_a_password_that_was_changed_is_changed_for_both(shared, client):
    name = new_account(shared)
    admin(shared, "account", "passwd", name, answer="another horse battery\n")
    for how in plain, scram:
        assert how(client, name) == "904"
        assert how(client, name, "another horse battery") == "903"


# EXTERNAL


@pytest.fixture
def holder(shared, make_certificate):
    """holder(name of a certificate) → an account that has it."""

    def make(own):
        name = new_account(shared)
        person = shared.irc(new_name("h"), caps=("sasl",))
        assert plain(person, name) == "903"
        person.ask(f"NS CERT ADD {fingerprint(make_certificate(own))}")
        person.close()
        return name

    return make


def test_external_by_a_certificate_of_ones_own(shared, make_certificate, holder):
    name = holder("ext1")
    for authzid in "", name, name.upper():
        client = negotiating(over_tls(shared, make_certificate, "ext1"))
        assert external(client, authzid) == "903"
        assert client.skipped[-1].params[2] == name
    assert account_of(come_in(client, new_name("e"))) == name


def test_a_certificate_added_over_its_own_connection(shared, make_certificate):
    name = new_account(shared)
    client = negotiating(over_tls(shared, make_certificate, "ext2"))
    assert plain(client, name) == "903"
    come_in(client, new_name("e"))
    client.ask("NS CERT ADD")
    again = negotiating(over_tls(shared, make_certificate, "ext2"))
    assert external(again) == "903" and again.skipped[-1].params[2] == name


def test_external_as_somebody_else_is_904(shared, make_certificate, holder):
    holder("ext3")
    client = negotiating(over_tls(shared, make_certificate, "ext3"))
    for authzid in "Anna", "nobody", "x\0y", "x" * 300:
        assert external(client, authzid) == "904"
    assert external(client) == "903"


def test_external_with_a_certificate_that_nobody_has_is_904(shared, make_certificate):
    client = negotiating(over_tls(shared, make_certificate, "stranger"))
    assert external(client) == "904"
    assert plain(client, "Anna") == "903"


def test_external_without_a_certificate_is_904(shared, make_certificate):
    for client in negotiating(shared.irc()), negotiating(over_tls(shared, make_certificate)):
        assert client.ask("AUTHENTICATE EXTERNAL")[-1].verb == "904"
        assert plain(client, "Anna") == "903"


def test_external_after_the_log_in(shared, make_certificate, holder):
    name = holder("ext4")
    client = over_tls(shared, make_certificate, "ext4").register(new_name("e"), caps=("sasl",))
    assert external(client) == "903"
    assert account_of(client) == name


def test_a_certificate_that_was_taken_away_lets_nobody_in(shared, make_certificate, holder):
    name = holder("ext5")
    person = shared.irc(new_name("h"), caps=("sasl",))
    assert plain(person, name) == "903"
    person.ask(f"NS CERT DEL {fingerprint(make_certificate('ext5'))}")
    client = negotiating(over_tls(shared, make_certificate, "ext5"))
    assert external(client) == "904"
