"""NickServ: accounts, the nicks they hold, and who is logged in."""

import re
import threading

import pytest

from logging_in import LONG_ENOUGH, account_of, log_in, sasl_after
from logging_in import plain as sasl_plain
from server import BOTH_DOORS
from services import make_token, register, says, texts

SECOND = "another-long-password"


@pytest.fixture
def server(brusiod):
    return brusiod(listen=BOTH_DOORS, args=("--log-messages",))


@pytest.fixture
def anna(server):
    return register(server.irc("anna"))


@pytest.fixture
def oper_server(brusiod, hash_password):
    return brusiod(f'[operator.root]\npassword = "{hash_password("root-password")}"\n', listen=BOTH_DOORS)


def become_operator(client):
    came = client.ask("OPER root root-password")
    assert any(m.verb == "381" for m in came), came
    return client


def take(client, nick):
    """Reserves another nick."""
    client.ask(f"NICK {nick}")
    came = says(client, "NickServ", "GROUP")
    assert nick in came[0], came


# ── REGISTER, IDENTIFY, LOGOUT ──────────────────────────────────────────────────────────────────────────────────────


def test_register_makes_the_nick_an_account_and_logs_in(server):
    anna = server.irc("anna")
    came = anna.ask(f"NS REGISTER {LONG_ENOUGH}")
    assert [m.params[2] for m in came if m.verb == "900"] == ["anna"]
    assert account_of(anna, "anna") == "anna"
    again = server.irc("lucia")
    assert "anna" == log_in(server, "anna").nick
    came = again.ask(f"NS REGISTER {LONG_ENOUGH}", f"NS REGISTER {LONG_ENOUGH}")
    assert len([m for m in came if m.verb == "900"]) == 1, "two registrations in one piece made two"


def test_a_password_that_is_too_short_registers_nothing(server):
    anna = server.irc("anna")
    assert "8 characters" in " ".join(says(anna, "NickServ", "REGISTER short"))
    assert account_of(anna, "anna") is None


def test_identify_takes_the_nicks_account_or_a_named_one(server, anna):
    mario = server.irc("mario")
    assert any(m.verb == "900" for m in mario.ask(f"NS IDENTIFY anna {LONG_ENOUGH}"))
    assert account_of(mario, "mario") == "anna"
    came = mario.ask("NS LOGOUT")
    assert any(m.verb == "901" for m in came)
    assert account_of(mario, "mario") is None
    came = mario.ask(f"NS IDENTIFY {LONG_ENOUGH}")  # mario has no account
    assert not any(m.verb == "900" for m in came)


def test_identify_does_not_tell_whether_an_account_exists(server, anna):
    mario = server.irc("mario")
    wrong, unknown = says(mario, "NickServ", "IDENTIFY anna bad-password"), says(mario, "NickServ",
                                                                               "IDENTIFY nobody bad-password")
    assert wrong == unknown and wrong


def test_identify_then_what_needs_the_account_in_one_piece(server, anna):
    """Lines of one client take effect in their order."""
    mario = server.irc("mario")
    came = mario.ask(f"NS IDENTIFY anna {LONG_ENOUGH}", f"NS PASSWORD {LONG_ENOUGH} {SECOND}")
    assert "The password is changed" in texts(came, "NickServ"), came
    came = mario.ask("NS LOGOUT", f"NS IDENTIFY anna {SECOND}", "NS DROP anna")
    assert any("deleted" in text for text in texts(came, "NickServ")), came


def test_a_password_with_blanks_can_be_identified_with(server, add_account):
    add_account(server, "bruno", "correct horse battery")
    mario = server.irc("mario")
    assert any(m.verb == "900" for m in mario.ask("PRIVMSG NickServ :IDENTIFY bruno correct horse battery"))


# ── a registered nick is reserved ───────────────────────────────────────────────────────────────────────────────────


def test_a_registered_nick_is_refused_to_strangers(server, anna):
    anna.ask("NICK lucia")
    stranger = server.irc()
    stranger.send("NICK anna", "USER u 0 * :u")
    stranger.expect("433", None, "anna")
    stranger.send("NICK sara")
    stranger.expect("001")
    stranger.sync()
    for nick in ("anna", "ANNA", "ɑnna"):  # the last looks like it
        assert stranger.ask_one(f"NICK {nick}").verb in ("432", "433"), nick
    assert server.enter("anna").expect_explanation()
    assert any(m.verb == "NICK" for m in anna.ask("NICK anna")), "its owner may"


def test_a_stranger_who_has_the_nick_before_it_is_grouped_is_not_robbed_silently(server, anna):
    server.irc("nina")
    came = says(anna, "NickServ", "GROUP")
    assert came
    came = anna.ask("NICK nina")
    assert came[0].verb == "433"


def test_registering_through_REGISTER_a_name_that_another_has_as_nick_is_refused(server):
    server.irc("carla")
    mario = server.irc("mario", caps=("draft/account-registration", "standard-replies"))
    came = mario.ask(f"REGISTER carla * {LONG_ENOUGH}")
    assert [m.params[:2] for m in came if m.verb == "FAIL"] == [["REGISTER", "ACCOUNT_EXISTS"]]


def test_group_reserves_further_nicks_and_ungroup_gives_them_back(server, anna):
    anna.ask("NICK annina")
    assert any("annina" in text for text in says(anna, "NickServ", "GROUP"))
    assert any(re.search(r"Nicks:.*\banna\b.*\bannina\b", text) for text in says(anna, "NickServ", "INFO"))
    anna.ask("NICK anna")
    mario = server.irc("mario")
    assert mario.ask_one("NICK annina").verb == "433"
    says(anna, "NickServ", "UNGROUP annina")
    assert mario.ask_one("NICK annina").verb == "NICK"
    came = says(anna, "NickServ", "UNGROUP anna")  # its name stays
    assert came and "free" not in came[0]


def test_a_grouped_nick_identifies_to_its_account(server, anna):
    take(anna, "annina")
    anna.send("QUIT")
    anna.rest()
    again = log_in(server, "annina")
    assert account_of(again, "annina") == "anna"


def test_a_new_nick_and_group_in_one_piece(anna):
    """Lines of one client take effect in their order."""
    came = anna.ask("NICK annina", "NS GROUP")
    assert "annina" in texts(came, "NickServ")[0], came


def test_nobody_groups_anothers_nick(server, anna):
    mario = register(server.irc("mario"))
    assert "free" not in " ".join(says(mario, "NickServ", "UNGROUP anna"))
    assert mario.ask_one("NICK anna").verb == "433"


# ── GHOST, RECOVER ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_ghost_puts_out_who_has_a_nick_of_mine(server, anna):
    other = server.irc("mario")
    other.ask(f"NS IDENTIFY anna {LONG_ENOUGH}")
    came = says(other, "NickServ", "GHOST anna")
    assert came and "out" in came[0], came
    anna.expect_closed()
    assert any(m.verb == "NICK" for m in other.ask("NICK anna"))


def test_recover_puts_out_and_takes_the_nick(server, anna):
    other = server.irc("mario")
    other.ask(f"NS IDENTIFY anna {LONG_ENOUGH}")
    came = other.ask("NS RECOVER anna")
    assert [m.params[0] for m in came if m.verb == "NICK"] == ["anna"], came
    anna.expect_closed()


def test_ghost_and_recover_reach_no_strangers_nick(server, anna):
    bruno = register(server.irc("bruno"))
    mario = server.irc("mario")
    for client in (bruno, mario):
        came = client.ask("NS GHOST anna", "NS RECOVER anna")
        assert not any(m.verb == "NICK" for m in came)
    assert "put out" not in " ".join(says(bruno, "NickServ", "GHOST mario"))
    anna.sync()
    mario.sync()


def test_a_ghost_of_a_frame_client_is_recoverable(server):
    """Somebody came by frames with a nick before it was grouped."""
    anna = register(server.irc("anna"))
    take(anna, "nuova")
    anna.ask("NICK anna")
    assert server.enter("nuova").expect_explanation()


# ── PASSWORD, DROP ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_password_ends_the_old_one_and_the_other_logins(server, anna):
    other = log_in(server, "anna", nick="ann2")
    token, _ = make_token(anna)
    by_token = log_in(server, "anna", nick="ann3", password=token)
    came = says(anna, "NickServ", f"PASSWORD wrong-password {SECOND}")
    assert "not right" in came[0]
    came = says(anna, "NickServ", f"PASSWORD {LONG_ENOUGH} tiny")
    assert "8 characters" in came[0]
    assert says(anna, "NickServ", f"PASSWORD {LONG_ENOUGH} {SECOND}") == ["The password is changed"]
    assert account_of(anna, "anna") == "anna"
    assert "logged out" in other.expect_closed()[-1].text, "who logged in by the old one is logged out"
    assert account_of(by_token, "ann3") == "anna", "a token's log-in stays"
    new = server.irc(caps=())
    new.send("CAP REQ :sasl")
    new.expect("CAP", None, "ACK")
    assert sasl_plain(new, "anna", LONG_ENOUGH) == "904"
    assert sasl_plain(new, "anna", SECOND) == "903"


def test_a_token_does_not_change_the_password(server, anna):
    token, _ = make_token(anna)
    came = says(anna, "NickServ", f"PASSWORD {token} {SECOND}")
    assert came == ["The old password is not right"]
    assert "903" == sasl_after(server, "anna", LONG_ENOUGH)


def test_drop_deletes_the_account_and_frees_its_nicks(server, anna):
    other = log_in(server, "anna", nick="ann2")
    take(anna, "annina")
    anna.ask("NICK anna")
    assert "DROP anna" in says(anna, "NickServ", "DROP annina")[0]
    anna.ask("NS DROP anna")
    assert account_of(anna, "anna") is None
    assert any(m.verb == "901" for m in other.sync())
    assert sasl_after(server, "anna", LONG_ENOUGH) == "904"
    mario = server.irc("mario")
    assert mario.ask_one("NICK annina").verb == "NICK"
    assert "no account anna" in says(mario, "NickServ", "INFO anna")[0]


# ── INFO, SESSIONS, LOGOFF ──────────────────────────────────────────────────────────────────────────────────────────


def test_info_tells_strangers_less_than_the_owner(server, anna):
    take(anna, "annina")
    anna.ask("JOIN #segreto", "CS REGISTER #segreto")
    own = " ".join(says(anna, "NickServ", "INFO"))
    assert "annina" in own and "#segreto" in own
    mario = server.irc("mario")
    seen = " ".join(says(mario, "NickServ", "INFO anna"))
    assert "Account anna" in seen and "annina" not in seen and "#segreto" not in seen


def test_sessions_lists_and_logoff_ends_one(server, anna):
    other = log_in(server, "anna", nick="ann2")
    listed = says(anna, "NickServ", "SESSIONS")
    assert len(listed) == 3 and any("this one" in text and "anna" in text for text in listed)
    number = next(re.match(r"(\d+)", text)[1] for text in listed if "ann2" in text)
    mario = register(server.irc("mario"))
    came = says(mario, "NickServ", f"LOGOFF {number}")
    assert "ended" not in came[0].replace("is ended", "ended"), came
    other.sync()
    says(anna, "NickServ", f"LOGOFF {number}")
    other.expect_closed()
    assert len(says(anna, "NickServ", "SESSIONS")) == 2


# ── SUSPEND ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_operators_suspend_and_the_suspended_stay_out(oper_server):
    server = oper_server
    anna = register(server.irc("anna"))
    token, _ = make_token(anna)
    mario = register(server.irc("mario"))
    assert "suspended" not in " ".join(says(mario, "NickServ", "SUSPEND anna"))
    root = become_operator(server.irc("root"))
    assert "is suspended" in says(root, "NickServ", "SUSPEND anna spam")[0]
    anna.expect_closed()
    for password in (LONG_ENOUGH, token):
        assert sasl_after(server, "anna", password) in ("902", "904")
    assert not any(m.verb == "900" for m in mario.ask(f"NS IDENTIFY anna {LONG_ENOUGH}"))
    assert mario.ask_one("NICK anna").verb == "433", "its nick stays reserved"
    assert "open again" in says(root, "NickServ", "UNSUSPEND anna")[0]
    assert sasl_after(server, "anna", LONG_ENOUGH) == "903"


def test_an_operator_does_not_become_others(oper_server):
    """An operator may suspend, and manage channels; but neither log in as others nor make tokens for them."""
    server = oper_server
    register(server.irc("anna"))
    root = become_operator(server.irc("root"))
    for line in ("NS DROP anna", "NS GHOST anna", "NS UNGROUP anna"):
        assert "not logged in" in root.ask(line)[0].text


# ── many at once ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_who_register_the_same_name_at_once_are_not_both_lucky(server):
    """By REGISTER before the log-in both may name the same account."""
    clients = [server.irc() for _ in range(4)]
    for client in clients:
        client.send("CAP REQ :draft/account-registration")
        client.expect("CAP", None, "ACK")
        client.send("NICK dora")
    threads = [threading.Thread(target=c.send, args=(f"REGISTER dora * {LONG_ENOUGH}",)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcomes = [c.expect(("REGISTER", "FAIL"), timeout=20).verb for c in clients]
    assert outcomes.count("REGISTER") == 1, outcomes
