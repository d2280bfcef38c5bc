"""Wrong passwords are slowed, for an address and for an account; and nobody can lock others out."""

import pytest

from brusiod_commands import answers
from deadline import eventually
from irc import verbs
from logging_in import (PASSWORD, PROXIED, PROXIED_FRAMES, PROXIES, UNLIMITED, WRONG, Scram, account_of, begin, come_in,
                        external, fingerprint, from_afar, negotiating, new_account, passing, plain, respond, running,
                        scram, secure_config, token_of, trusting, welcomed)


@pytest.fixture
def throttled(brusiod_path):
    """From elsewhere, without TLS; 203.0.113.0/24 is exempt."""
    config = (PROXIES + PROXIED + PROXIED_FRAMES + "[accounts]\nplaintext = true\n" + UNLIMITED +
              'exempt = ["203.0.113.0/24"]\n')
    with running(brusiod_path, config, listen=()) as server:
        new_account(server, name="Anna")
        new_account(server, name="mario")
        yield server


def attempts(client, account, count, password=WRONG):
    """The whole 904s, one for each attempt."""
    got = []
    for _ in range(count):
        begin(client)
        respond(client, f"\0{account}\0{password}")
        got.append(client.expect(("900", "904"), timeout=20))
    return got


def words(answers):
    return {m.text for m in answers}


def test_an_address_that_is_wrong_too_often_is_slowed(throttled):
    """Whatever it tries: other accounts, other mechanisms, other connections, the right password."""
    client = negotiating(from_afar(throttled, "198.51.100.3"))
    assert len(words(attempts(client, "nobody", 10))) == 1
    for how in plain, scram_refused:
        assert how(negotiating(from_afar(throttled, "198.51.100.3")), "Anna") == "904"
    came = passing(from_afar(throttled, "198.51.100.3"), f"Anna:{PASSWORD}").expect_closed(timeout=20)
    assert "001" not in verbs(came)
    assert plain(negotiating(from_afar(throttled, "198.51.100.4")), "Anna") == "903"


def scram_refused(client, account):
    """By SCRAM where not even a challenge comes."""
    begin(client, "SCRAM-SHA-256")
    respond(client, Scram(account).first)
    return client.expect(("904", "AUTHENTICATE")).verb


def test_an_ipv6_prefix_is_one_address(throttled):
    for i in range(10):
        attempts(negotiating(from_afar(throttled, f"2001:db8:0:7::{i + 1:x}")), "nobody", 1)
    assert plain(negotiating(from_afar(throttled, "2001:db8:0:7:ffff::1")), "Anna") == "904"
    assert plain(negotiating(from_afar(throttled, "2001:db8:0:8::1")), "Anna") == "903"


def test_scram_failures_count_too(throttled):
    client = negotiating(from_afar(throttled, "198.51.100.3"))
    for _ in range(10):
        assert scram(client, "Anna", WRONG) == "904"
    assert plain(client, "mario") == "904"


def test_failures_by_pass_identify_and_frames_count_too(throttled):
    for _ in range(4):
        passing(from_afar(throttled, "198.51.100.3"), f"nobody:{WRONG}").expect_closed(timeout=20)
    client = from_afar(throttled, "198.51.100.3").register("luca", caps=("sasl",))
    for _ in range(6):
        client.ask(f"NS IDENTIFY nobody {WRONG}", timeout=20)
    assert plain(client, "Anna") == "904"


def test_an_exempt_address_is_not_slowed(throttled):
    client = negotiating(from_afar(throttled, "203.0.113.5"))
    attempts(client, "nobody", 25)
    assert plain(client, "Anna") == "903"


def test_a_throttled_account_answers_alike_whether_it_exists(throttled):
    """The account's throttle works for names that nobody has, too, by the same words."""
    said = []
    for account in "Anna", "nobody":
        client = negotiating(from_afar(throttled, "203.0.113.5"))
        said.append([m.line for m in attempts(client, account, 34)])
    assert said[0] == said[1]
    assert len(set(said[0])) <= 2


def lock(server, account):
    """Strangers from exempt addresses who fail until the account is throttled for strangers."""
    for i in range(3):
        attempts(negotiating(from_afar(server, f"203.0.113.{i + 1}")), account, 11)
    assert plain(negotiating(from_afar(server, "203.0.113.200")), account) == "904", "strangers are stopped"


def test_nobody_is_locked_out_by_others(throttled, make_certificate):
    """An address that logged in before, a token, and nobody else."""
    home = negotiating(from_afar(throttled, "198.51.100.7"))
    assert plain(home, "Anna") == "903"
    come_in(home, "anna")
    token = token_of(home)
    home.close()
    lock(throttled, "Anna")
    for how in plain, scram:
        assert how(negotiating(from_afar(throttled, "198.51.100.7")), "Anna") == "903"
    assert plain(negotiating(from_afar(throttled, "198.51.100.99")), "Anna", token) == "903"
    assert account_of(welcomed(passing(from_afar(throttled, "198.51.100.98"), f"Anna:{token}"))) == "Anna"
    assert plain(negotiating(from_afar(throttled, "198.51.100.97")), "mario") == "903"


def test_a_throttled_account_takes_its_certificate(brusiod_path, make_certificate):
    own = make_certificate("own")
    with running(brusiod_path, secure_config(make_certificate("a")), listen=()) as server:
        new_account(server, name="Anna")
        context, with_own = trusting(make_certificate("a")), trusting(make_certificate("a"), own)
        home = from_afar(server, "198.51.100.7", tls=context).register("anna1", caps=("sasl",))
        assert plain(home, "Anna") == "903"
        home.ask(f"NS CERT ADD {fingerprint(own)}")
        for i in range(4):
            attempts(negotiating(from_afar(server, f"203.0.113.{i + 1}", tls=context)), "Anna", 9)
        assert plain(negotiating(from_afar(server, "203.0.113.200", tls=context)), "Anna") == "904"
        assert external(negotiating(from_afar(server, "203.0.113.201", tls=with_own))) == "903"


def test_after_a_restart_an_address_is_still_known(brusiod):
    """Or whoever goes on guessing locks the owner out at the next restart."""
    config = (PROXIES + PROXIED + "[accounts]\nplaintext = true\n" + UNLIMITED + 'exempt = ["203.0.113.0/24"]\n')
    server = brusiod(config, listen=())
    eventually(lambda: answers(server.directory / "data/control.sock"), "the control socket")
    new_account(server, name="Anna")
    assert plain(negotiating(from_afar(server, "198.51.100.7")), "Anna") == "903"
    server.stop()
    again = brusiod(config, after=server, listen=())
    lock(again, "Anna")
    assert plain(negotiating(from_afar(again, "198.51.100.7")), "Anna") == "903"


def test_wrong_tokens_and_certificates_count_for_the_address(throttled):
    client = negotiating(from_afar(throttled, "198.51.100.3"))
    attempts(client, "Anna", 10, password="brt_" + "A" * 40)
    assert plain(client, "mario") == "904"


def test_a_grouped_nick_is_no_way_around_the_accounts_throttle(throttled):
    home = negotiating(from_afar(throttled, "198.51.100.7"))
    assert plain(home, "Anna") == "903"
    come_in(home, "annina").ask("NS GROUP")
    lock(throttled, "Anna")
    assert plain(negotiating(from_afar(throttled, "203.0.113.201")), "annina") == "904"
    assert scram_refused(negotiating(from_afar(throttled, "203.0.113.202")), "annina") == "904"


def test_failures_by_a_grouped_nick_are_the_accounts(throttled):
    home = negotiating(from_afar(throttled, "198.51.100.7"))
    assert plain(home, "Anna") == "903"
    come_in(home, "annina").ask("NS GROUP")
    for i in range(3):
        attempts(negotiating(from_afar(throttled, f"203.0.113.{i + 1}")), "annina", 11)
    assert plain(negotiating(from_afar(throttled, "203.0.113.200")), "Anna") == "904"
    assert plain(negotiating(from_afar(throttled, "203.0.113.201")), "annina") == "904"


def test_an_ipv6_prefix_is_one_address_for_operators_passwords(brusiod_path, hash_password):
    config = PROXIES + PROXIED + f'[operator.root]\npassword = "{hash_password("swordfish")}"\n' + UNLIMITED
    with running(brusiod_path, config + "[accounts]\nplaintext = true\n", listen=()) as server:
        for i in range(6):
            person = from_afar(server, f"2001:db8:0:9::{i + 1:x}").register(f"guess{i}")
            (got,) = person.ask("OPER root wrong", timeout=20)
        assert "wait" in got.text


def test_an_ipv6_prefix_is_one_address_for_the_servers_password(brusiod_path):
    config = PROXIES.replace("\n", '\npassword = "letmein"\n', 1) + PROXIED + UNLIMITED
    with running(brusiod_path, config + "[accounts]\nplaintext = true\n", listen=()) as server:
        for i in range(6):
            came = passing(from_afar(server, f"2001:db8:0:9::{i + 1:x}"), "wrong").expect_closed(timeout=20)
        assert "wait" in came[0].text
