"""draft/account-registration: REGISTER and VERIFY, before the log-in and after it."""

import re
import stat

import pytest

from brusiod_commands import run_command
from deadline import eventually
from irc import only, verbs
from logging_in import (PASSWORD, PROXIED, PROXIES, UNLIMITED, account_of, capabilities, come_in, from_afar, negotiating,
                        new_account, new_name, plain, running, scram)
from server import BOTH_DOORS

CAP = "draft/account-registration"
ADDRESS = "someone@example.org"


@pytest.fixture(scope="module")
def shared(brusiod_path):
    with running(brusiod_path) as server:
        yield server


def failed(message, code, about=None):
    return message.matches("FAIL", "REGISTER", code) and (about is None or message.params[2] == about)


def newcomer(server, nick=None):
    client = negotiating(server.irc(), CAP)
    if nick:
        client.ask(f"NICK {nick}")
    return client


def answer(client, line):
    """What comes for it but 900: hashing takes its time, and PONG waits for it."""
    came = [m for m in client.ask(line, timeout=20) if m.verb != "900"]
    assert len(came) == 1, came
    return came[0]


# The capability


@pytest.mark.parametrize("config, keys", [
    ("", {"before-connect", "custom-account-name"}),
    ("[accounts]\nbefore_connect = false\n", {"custom-account-name"}),
    ('[accounts]\nemail = "required"\nmail_command = ["/bin/true"]\n',
     {"before-connect", "custom-account-name", "email-required"}),
    ('[accounts]\nbefore_connect = false\nemail = "required"\nmail_command = ["/bin/true"]\n',
     {"custom-account-name", "email-required"}),
    ("[accounts]\nregistration = false\n", None),
])
def test_the_value_says_what_is_configured(brusiod_path, config, keys):
    with running(brusiod_path, config) as server:
        value = capabilities(server.irc()).get(CAP)
        assert (set(value.split(",")) if value is not None else None) == keys
        if keys is None:
            client = server.irc("anna")
            assert failed(client.ask_one(f"REGISTER * * :{PASSWORD}"), "TEMPORARILY_UNAVAILABLE")


def test_a_new_value_is_told_and_counts_at_once(brusiod):
    server = brusiod("[accounts]\nbefore_connect = true\n", listen=BOTH_DOORS)
    client = server.irc("anna", caps=(CAP, "cap-notify"))
    server.reload("[accounts]\nbefore_connect = false\n")
    told = [m for m in client.sync() if m.verb == "CAP"]
    assert [m.params[1] for m in told if CAP in m.text] == ["NEW"]
    assert "before-connect" not in told[-1].text
    early = newcomer(server, "early")
    assert failed(early.ask_one(f"REGISTER * * :{PASSWORD}"), "COMPLETE_CONNECTION_REQUIRED")
    server.reload("[accounts]\nregistration = false\n")
    assert [m.params[1:] for m in client.sync() if m.verb == "CAP" and CAP in m.text] == [["DEL", CAP]]


# After the log-in


@pytest.mark.parametrize("how", ["REGISTER * * :{}", "REGISTER {nick} * :{}", "REGISTER * me@example.org :{}"])
def test_a_nick_becomes_an_account(shared, how):
    nick = new_name("Reg")
    client = shared.irc(nick, caps=(CAP, "sasl"))
    came = client.ask(how.format(PASSWORD, nick=nick), timeout=20)
    assert sorted(verbs(came)) == ["900", "REGISTER"]
    assert only(came, "REGISTER")[0].matches("REGISTER", "SUCCESS", nick) and len(only(came, "REGISTER")[0].params) == 3
    assert only(came, "900")[0].params[:3] == [nick, client.mask, nick]
    assert account_of(client) == nick
    other = negotiating(shared.irc())
    assert plain(other, nick) == "903" and scram(other, nick) == "903"


def test_another_name_than_the_nick(shared):
    client, name = shared.irc(new_name("n")), new_name("other")
    assert answer(client, f"REGISTER {name} * :{PASSWORD}").params[:2] == ["SUCCESS", name]
    assert account_of(client) == name


def test_without_the_capability_it_works_too(shared):
    client = shared.irc(new_name("n"))
    assert answer(client, f"REGISTER * * {'x' * 8}").params[0] == "SUCCESS"


def test_a_registered_nick_is_reserved(shared):
    client = shared.irc(new_name("Mine"))
    nick = client.nick
    answer(client, f"REGISTER * * :{PASSWORD}")
    client.close()
    thief = shared.irc()
    thief.send(f"NICK {nick.upper()}", "USER u 0 * :x")
    thief.expect("433")
    owner = negotiating(shared.irc())
    assert plain(owner, nick) == "903"
    assert come_in(owner, nick).nick == nick


@pytest.mark.parametrize("name", ["007", "#chan", "a:b", "x" * 33, "$a", "a,b", "a!b", "NickServ", "ChanServ",
                                  "HistServ", "brusio.localhost", "-x", "a*", "a?b", "аdmin\u202e"])
def test_names_that_no_nick_can_have(shared, name):
    client = shared.irc(new_name("n"))
    assert failed(answer(client, f"REGISTER {name} * :{PASSWORD}"), "BAD_ACCOUNT_NAME")
    assert account_of(client) is None


def test_names_that_look_like_an_account(shared):
    name = new_account(shared, name="paypal")
    client = shared.irc(new_name("n"))
    for twin in "pаypal", "PAYPAL", "ｐａｙｐａｌ":
        got = answer(client, f"REGISTER {twin} * :{PASSWORD}")
        assert got.params[1] in ("ACCOUNT_EXISTS", "BAD_ACCOUNT_NAME"), got
    assert account_of(client) is None and name == "paypal"


def test_an_account_that_exists(shared):
    name = new_account(shared)
    client = shared.irc(new_name("n"))
    for asked in name, name.upper():
        assert failed(answer(client, f"REGISTER {asked} * :{PASSWORD}"), "ACCOUNT_EXISTS", asked)


def test_a_nick_somebody_else_uses(shared):
    holder, client, frame_name = shared.irc(new_name("h")), shared.irc(new_name("n")), new_name("frame")
    shared.join(frame_name)
    for taken in holder.nick, holder.nick.upper(), frame_name:
        assert failed(answer(client, f"REGISTER {taken} * :{PASSWORD}"), "ACCOUNT_EXISTS")
        early = newcomer(shared, taken)
        for name in "*", taken:
            assert failed(answer(early, f"REGISTER {name} * :{PASSWORD}"), "ACCOUNT_EXISTS", taken)
    assert answer(holder, f"REGISTER * * :{PASSWORD}").params[0] == "SUCCESS"


def test_who_has_an_account_has_one(shared):
    client = shared.irc(new_name("n"))
    answer(client, f"REGISTER * * :{PASSWORD}")
    for line in f"REGISTER {new_name()} * :{PASSWORD}", f"VERIFY {client.nick} code":
        got = answer(client, line)
        assert got.matches("FAIL", line.split()[0], "ALREADY_AUTHENTICATED", client.nick)


@pytest.mark.parametrize("password, code", [
    ("short", "WEAK_PASSWORD"), ("1234567", "WEAK_PASSWORD"), ("éééé", "WEAK_PASSWORD"),
    ("tab\tinside it", "UNACCEPTABLE_PASSWORD"), ("esc\x1binside it", "UNACCEPTABLE_PASSWORD"),
])
def test_passwords_that_will_not_do(shared, password, code):
    client = shared.irc(new_name("n"))
    got = answer(client, f"REGISTER * * :{password}")
    assert failed(got, code, client.nick)
    assert password not in got.raw.decode()
    assert account_of(client) is None
    assert answer(client, f"REGISTER * * :{PASSWORD}").params[0] == "SUCCESS"


def test_no_password_at_all(shared):
    client = shared.irc(new_name("n"))
    for line in "REGISTER * *", "REGISTER *", "REGISTER":
        assert client.ask_one(line).verb in ("461", "FAIL")
    assert client.ask_one("REGISTER * * :").verb in ("461", "FAIL")


def test_the_shortest_and_a_long_password(shared):
    for password in "12345678", "é" * 8, "x" * 400, "with blanks in it ":
        client = shared.irc(new_name("n"))
        assert answer(client, f"REGISTER * * :{password}").params[0] == "SUCCESS"
        other = negotiating(shared.irc())
        assert plain(other, client.nick, password) == "903"
        assert plain(other, client.nick, password[:-1]) == "904"


@pytest.mark.parametrize("least", [1, 16])
def test_the_least_length_is_configured(brusiod_path, least):
    with running(brusiod_path, f"[accounts]\npassword_min = {least}\n") as server:
        client = server.irc("anna")
        if least > 1:
            assert failed(answer(client, f"REGISTER * * {'x' * (least - 1)}"), "WEAK_PASSWORD")
            refused = run_command(server, "account", "add", "bruno", answer="x" * (least - 1) + "\n")
            assert refused.returncode == 1
        assert answer(client, f"REGISTER * * {'x' * least}").params[0] == "SUCCESS"


@pytest.mark.parametrize("email", ["no-address", "@example.org", "a@", "a@b@c", "-oQ/tmp@example.org", "a@b,c@d",
                                   "a@x\x07y.org", "<a@example.org>", "a" * 300 + "@example.org"])
def test_a_bad_address_is_invalid_email(shared, email):
    client = shared.irc(new_name("n"))
    assert failed(answer(client, f"REGISTER * {email} :{PASSWORD}"), "INVALID_EMAIL", client.nick)
    assert account_of(client) is None


# Before the log-in


def test_register_before_the_log_in(shared):
    nick = new_name("Early")
    client = newcomer(shared, nick)
    assert answer(client, f"REGISTER * * :{PASSWORD}").params[:2] == ["SUCCESS", nick]
    come_in(client, nick)
    assert account_of(client) == nick


def test_before_the_log_in_900_comes_too(shared):
    """Afterward, the client is assumed to be authenticated as if it used SASL."""
    nick = new_name("Early")
    client = newcomer(shared, nick)
    client.send(f"REGISTER {nick} * :{PASSWORD}", "USER u 0 * :x", "CAP END")
    client.expect("001", nick)
    came = client.received
    client.nick = nick
    client.sync()
    assert verbs(came).count("REGISTER") == 1 and verbs(came).count("900") == 1
    assert account_of(client) == nick


def test_without_a_nick_need_nick(shared):
    client = newcomer(shared)
    for line in f"REGISTER * * :{PASSWORD}", f"REGISTER {new_name()} * :{PASSWORD}":
        assert failed(answer(client, line), "NEED_NICK", "*")


def test_the_asterisk_is_the_nick_last_asked_for(shared):
    """Before the log-in also when it cannot be had; after it, it is the one that one has."""
    first, second = new_name("First"), new_name("Second")
    client = newcomer(shared, first)
    client.ask(f"NICK {second}")
    assert answer(client, f"REGISTER * * :{PASSWORD}").params[:2] == ["SUCCESS", second]
    early = newcomer(shared, new_name("n"))
    early.send(f"NICK {second}", "USER u 0 * :x", "CAP END")
    early.expect("433")
    assert failed(answer(early, f"REGISTER * * :{PASSWORD}"), "ACCOUNT_EXISTS", second)
    later = shared.irc(new_name("n"))
    later.ask(f"NICK {second}")
    assert answer(later, f"REGISTER * * :{PASSWORD}").params[:2] == ["SUCCESS", later.nick]


def test_after_a_change_of_nick_the_asterisk_is_the_new_one(shared):
    client, new = shared.irc(new_name("Old")), new_name("New")
    client.ask(f"NICK {new}")
    client.nick = new
    assert answer(client, f"REGISTER * * :{PASSWORD}").params[:2] == ["SUCCESS", new]


def test_not_before_the_log_in_when_configured_so(brusiod_path):
    with running(brusiod_path, "[accounts]\nbefore_connect = false\n") as server:
        client = newcomer(server, "anna")
        assert failed(client.ask_one(f"REGISTER * * :{PASSWORD}"), "COMPLETE_CONNECTION_REQUIRED")
        assert client.ask_one("VERIFY anna code").matches("FAIL", "VERIFY", "COMPLETE_CONNECTION_REQUIRED")
        come_in(client, "anna")
        assert answer(client, f"REGISTER * * :{PASSWORD}").params[:2] == ["SUCCESS", "anna"]


def test_never_around_the_servers_password(brusiod_path):
    """The specification: REGISTER must not be a way around PASS."""
    with running(brusiod_path, '[server]\npassword = "letmein"\n', listen=("irc=127.0.0.1:0",)) as server:
        client = server.irc()
        assert "before-connect" not in capabilities(client)[CAP]
        client.ask("NICK anna")
        assert failed(client.ask_one(f"REGISTER * * :{PASSWORD}"), "COMPLETE_CONNECTION_REQUIRED")
        client.send("USER u 0 * :x", "CAP END")
        client.expect("464")
        client.expect_closed()
        inside = server.irc("bruno", password="letmein")
        assert answer(inside, f"REGISTER * * :{PASSWORD}").params[0] == "SUCCESS"


def test_with_a_label(shared):
    client = shared.irc(new_name("n"), caps=("labeled-response", "batch"))
    came = client.ask(f"@label=x REGISTER * * :{PASSWORD}", timeout=20)
    assert [m.tags["label"] for m in came if "label" in m.tags] == ["x"]
    assert "REGISTER" in verbs(came)


# With a letter


class Post:
    """A mail program that keeps each letter in a file."""

    def __init__(self, folder):
        self.box = folder / "box"
        self.box.mkdir()
        self.program = folder / "mail.sh"
        self.program.write_text(f'#!/bin/sh\nf=$(mktemp {self.box}/XXXXXX)\n(echo "args: $*"; cat) > "$f.part" && '
                                'mv "$f.part" "$f.letter"\n')
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)

    def config(self, more=""):
        return f'[accounts]\nemail = "required"\nmail_command = ["{self.program}", "-t", "a b"]\n{more}'

    def letters(self):
        return [path.read_text() for path in self.box.glob("*.letter")]

    def wait(self, to):
        """The one letter to this address."""
        return eventually(lambda: [x for x in self.letters() if f"\nTo: {to}\n" in x], f"a letter to {to}")[0]

    def code(self, to):
        """The longest word in capital letters and digits."""
        text = self.wait(to).split("\n\n", 1)[1]
        return max(re.findall(r"\b[A-Z0-9]+(?:-[A-Z0-9]+)*\b", text), key=len)


@pytest.fixture(scope="module")
def post(tmp_path_factory):
    return Post(tmp_path_factory.mktemp("post"))


@pytest.fixture(scope="module")
def lettered(brusiod_path, post):
    # Few letters are sent for one address: people come from many.
    config = PROXIES + PROXIED + UNLIMITED + post.config("plaintext = true\n")
    with running(brusiod_path, config, listen=()) as server:
        yield server


@pytest.fixture
def place():
    """An address that nobody else comes from."""
    return f"2001:db8:0:{int(new_name('')):x}::1"


def asked(server, place, nick=None, to=None, early=False):
    """Somebody who has asked for an account, with the letter's address."""
    nick = nick or new_name("L")
    client = from_afar(server, place)
    negotiating(client, CAP)
    if early:
        client.ask(f"NICK {nick}")
    else:
        come_in(client, nick)
    to = to or f"{nick.lower()}@example.org"
    got = answer(client, f"REGISTER * {to} :{PASSWORD}")
    assert got.matches("REGISTER", "VERIFICATION_REQUIRED", nick) and len(got.params) == 3
    return client, nick, to


@pytest.mark.parametrize("email", ["*", "no-address", "a@b@c"])
def test_an_address_is_needed(lettered, place, email):
    client = come_in(negotiating(from_afar(lettered, place), CAP), new_name("L"))
    assert failed(answer(client, f"REGISTER * {email} :{PASSWORD}"), "INVALID_EMAIL", client.nick)


def test_the_letter_brings_the_code_and_verify_completes(lettered, post, place):
    client, nick, to = asked(lettered, place)
    assert account_of(client) is None
    letter = post.wait(to)
    assert letter.startswith("args: -t a b\n") and PASSWORD not in letter
    other = come_in(negotiating(from_afar(lettered, place)), new_name("L"))
    assert plain(other, nick) == "904"
    came = client.ask(f"VERIFY {nick} {post.code(to)}", timeout=20)
    assert sorted(verbs(came)) == ["900", "VERIFY"]
    assert only(came, "VERIFY")[0].matches("VERIFY", "SUCCESS", nick)
    assert account_of(client) == nick
    assert plain(other, nick) == "903"


@pytest.mark.parametrize("how", [plain, scram])
def test_nobody_logs_in_to_an_account_that_waits_for_its_code(lettered, place, how):
    """By all other ways, and after the log-in, it is refused as if there were none."""
    _, nick, _ = asked(lettered, place)
    other = negotiating(from_afar(lettered, place))
    assert how(other, nick) == "904"


def test_before_the_log_in_too(lettered, post, place):
    client, nick, to = asked(lettered, place, early=True)
    code = post.code(to)
    assert answer(client, f"VERIFY {nick} {code}").matches("VERIFY", "SUCCESS", nick)
    come_in(client, nick)
    assert account_of(client) == nick


def test_the_code_may_be_typed_in_other_letters(lettered, post, place):
    client, nick, to = asked(lettered, place)
    typed = post.code(to).lower().replace("-", "")
    assert answer(client, f"VERIFY {nick} {typed}").matches("VERIFY", "SUCCESS", nick)


def test_from_another_connection(lettered, post, place):
    """It has not sent the password, and logs in afterwards."""
    _, nick, to = asked(lettered, place)
    other = come_in(negotiating(from_afar(lettered, place)), new_name("L"))
    assert answer(other, f"VERIFY {nick} {post.code(to)}").matches("VERIFY", "SUCCESS", nick)
    assert plain(other, nick) == "903"


def test_a_code_is_good_once(lettered, post, place):
    client, nick, to = asked(lettered, place)
    code = post.code(to)
    answer(client, f"VERIFY {nick} {code}")
    other = come_in(negotiating(from_afar(lettered, place)), new_name("L"))
    assert answer(other, f"VERIFY {nick} {code}").matches("FAIL", "VERIFY", "INVALID_CODE", nick)


def test_a_code_of_somebody_else_is_wrong(lettered, post, place):
    _, _, to = asked(lettered, place)
    client, nick, _ = asked(lettered, place)
    assert answer(client, f"VERIFY {nick} {post.code(to)}").matches("FAIL", "VERIFY", "INVALID_CODE", nick)
    assert answer(client, f"VERIFY nobody {post.code(to)}").matches("FAIL", "VERIFY", "INVALID_CODE", "nobody")


def test_wrong_codes_are_throttled(lettered, post, place):
    """Five from an address; then not even the right one, also on another connection and for another account."""
    client, nick, to = asked(lettered, place)
    code = post.code(to)
    got = [answer(client, f"VERIFY {nick} AAAA{i}").params[1] for i in range(7)]
    assert got == ["INVALID_CODE"] * 5 + ["TEMPORARILY_UNAVAILABLE"] * 2
    other = come_in(negotiating(from_afar(lettered, place)), new_name("L"))
    for line in f"VERIFY {nick} {code}", "VERIFY nobody AAAA":
        assert answer(other, line).matches("FAIL", "VERIFY", "TEMPORARILY_UNAVAILABLE")
    elsewhere = come_in(negotiating(from_afar(lettered, "203.0.113.77")), new_name("L"))
    assert answer(elsewhere, f"VERIFY {nick} {code}").matches("VERIFY", "SUCCESS", nick)


def test_wrong_codes_in_one_piece_are_throttled(lettered, place):
    client, nick, _ = asked(lettered, place)
    came = client.ask(*[f"VERIFY {nick} BBBB{i}" for i in range(9)], timeout=30)
    assert [m.params[1] for m in only(came, "FAIL")].count("INVALID_CODE") <= 6, came


@pytest.mark.parametrize("line, refused", [("VERIFY nobody AAAA", 5), (f"REGISTER * {ADDRESS} :{PASSWORD}", 5)])
def test_an_ipv6_prefix_is_one_address(lettered, place, line, refused):
    """Everybody who has one address has 2^64 of them."""
    got = []
    for i in range(refused + 1):
        client = come_in(negotiating(from_afar(lettered, place.replace("::1", f"::{i + 1:x}")), CAP), new_name("L"))
        got.append(answer(client, line))
    assert got[-1].matches("FAIL", None, "TEMPORARILY_UNAVAILABLE"), got


def test_few_letters_for_an_address(lettered, place):
    for _ in range(5):
        asked(lettered, place)
    client = come_in(negotiating(from_afar(lettered, place), CAP), new_name("L"))
    assert failed(answer(client, f"REGISTER * {ADDRESS} :{PASSWORD}"), "TEMPORARILY_UNAVAILABLE")


def test_an_account_that_waits_for_its_code_holds_its_name(lettered, place):
    """Or another's registration would follow on the same letter."""
    _, nick, _ = asked(lettered, place)
    other = negotiating(from_afar(lettered, place), CAP)
    other.ask(f"NICK {nick}")
    assert failed(answer(other, f"REGISTER * x@example.org :{PASSWORD}"), "ACCOUNT_EXISTS", nick)


def test_the_services_do_the_same(lettered, post, place):
    client = come_in(negotiating(from_afar(lettered, place)), new_name("L"))
    to = f"{client.nick.lower()}@example.org"
    client.ask(f"NS REGISTER swordfish-and-chips {to}", timeout=20)
    assert account_of(client) is None
    client.ask(f"NS VERIFY {client.nick} {post.code(to)}", timeout=20)
    assert account_of(client) == client.nick


def test_a_mail_program_that_is_not_there_is_said_at_the_start(run_brusiod, tmp_path):
    path = tmp_path / "brusiod.toml"
    path.write_text('[accounts]\nemail = "required"\nmail_command = ["/no/such/program"]\n')
    done = run_brusiod("--check-config", "--config", path)
    served = done.returncode or run_brusiod("--config", path, "--data", tmp_path / "data",
                                            "--listen", "irc=127.0.0.1:0").returncode
    assert served in (1, 2)
