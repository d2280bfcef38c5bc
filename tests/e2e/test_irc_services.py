"""NickServ, ChanServ and HistServ: what people ask of them, who may, and what must stay secret."""

import re
import ssl
import threading

import pytest

from irc import only, verbs
from logging_in import LONG_ENOUGH, base64_of, log_in
from logging_in import plain as sasl_plain
from server import BOTH_DOORS
from services import register, says, texts

TOKEN = re.compile(r"\bbrt_\w+")
ECHOING = ("echo-message", "labeled-response", "batch", "message-tags", "account-notify", "server-time")
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


def make_token(client, how="phone"):
    """(the whole token, its id)"""
    came = says(client, "NickServ", f"TOKEN ADD {how}")
    found = [TOKEN.search(text)[0] for text in came if TOKEN.search(text)]
    assert len(found) == 1, came
    return found[0], found[0].split("_")[1]


def take(client, nick):
    """Reserves another nick."""
    client.ask(f"NICK {nick}")
    came = says(client, "NickServ", "GROUP")
    assert nick in came[0], came


def account_of(client, nick):
    """By WHOIS: 330."""
    found = [m.params[2] for m in client.ask(f"WHOIS {nick}") if m.verb == "330"]
    return found[0] if found else None


# ── how they are reached ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["PRIVMSG NickServ :{}", "privmsg nickserv :{}", "NS {}", "NICKSERV {}", "ns :{}",
                                 "PRIVMSG NickServ@brusio.localhost :{}", "PRIVMSG NickServ :  {}"])
def test_all_ways_to_ask_are_the_same(anna, way):
    came = anna.ask(way.format("info"))
    assert came and {(m.verb, m.nick, m.params[0]) for m in came} == {("NOTICE", "NickServ", "anna")}
    assert "Account anna" in came[0].text


@pytest.mark.parametrize("service, commands", [
    ("NS", "REGISTER IDENTIFY GROUP GHOST RECOVER PASSWORD CERT DROP INFO SESSIONS TOKEN"),
    ("CS", "REGISTER OP AMODE TRANSFER DROP INFO ACCESS"),
    ("HS", "DELETE FORGET"),
])
def test_help_lists_and_explains_every_command(anna, service, commands):
    listed = "\n".join(m.text for m in anna.ask(f"{service} HELP"))
    for command in commands.split():
        assert re.search(rf"^  {command}\b", listed, re.M), listed
        came = [m.text for m in anna.ask(f"{service} help {command.lower()}")]
        assert len(came) >= 2 and came[0].startswith(command), came


def test_a_message_without_words_is_no_mystery(anna):
    assert any("HELP" in text for text in says(anna, "ChanServ", " "))
    assert any("HELP" in m.text for m in anna.ask("CS"))


@pytest.mark.parametrize("line, names", [
    ("NS FROBNICATE", "FROBNICATE"), ("CS FROBNICATE #x", "FROBNICATE"), ("HS FROBNICATE", "FROBNICATE"),
    ("NS HELP FROBNICATE", "FROBNICATE"),
])
def test_an_unknown_command_is_answered_with_where_help_is(anna, line, names):
    came = [m.text for m in anna.ask(line)]
    assert any("HELP" in text for text in came), came
    assert any(names in text for text in came), came


@pytest.mark.parametrize("line, sentence", [
    ("NS REGISTER", "Write REGISTER"), ("NS IDENTIFY", "Write IDENTIFY"), ("NS GHOST", "Write GHOST"),
    ("NS RECOVER", "Write RECOVER"), ("NS PASSWORD one", "Write PASSWORD"), ("NS CERT", "Write CERT"),
    ("NS CERT FOO", "Write CERT"), ("NS CERT DEL", "Write CERT DEL"), ("NS CERT ADD zz", "64 hexadecimal digits"),
    ("NS CERT ADD", "no certificate"), ("NS TOKEN", "Write TOKEN"), ("NS TOKEN ADD", "Write TOKEN ADD"),
    ("NS TOKEN ADD a soon", "90d"), ("NS TOKEN ADD a 0s", "90d"), ("NS TOKEN ADD a -5d", "90d"),
    ("NS TOKEN ADD a 99999999999999999999d", "90d"), ("NS TOKEN DEL", "TOKEN DEL"), ("NS TOKEN DEL nope", "no nope"),
    ("NS SET", "Write SET"), ("NS SET ALWAYS-ON maybe", "SET ALWAYS-ON"), ("NS LOGOFF x", "number"),
    ("NS LOGOFF 99999", "no session"), ("NS DROP", "Write DROP"), ("NS DROP mario", "DROP anna"),
    ("NS INFO nobody", "no account nobody"), ("NS GHOST nobody", "nobody"), ("NS UNGROUP anna", "anna"),
    ("NS GHOST #x", "no nick"),
    ("CS REGISTER", "Write REGISTER"), ("CS REGISTER x", "no channel"), ("CS REGISTER #nope", "#nope"),
    ("CS OP", "Write OP"), ("CS OP #nope", "#nope"), ("CS AMODE #nope +o anna", "#nope"),
    ("CS TRANSFER #nope", "Write TRANSFER"), ("CS DROP #nope", "#nope"), ("CS INFO #nope", "#nope"),
    ("CS SET #nope HISTORY", "Write SET"), ("CS SET #nope HISTORY perhaps", "HISTORY"),
    ("HS DELETE", "Write DELETE"), ("HS DELETE #nope x", "message"), ("HS DELETE #nope", "Write DELETE"),
])
def test_wrong_parameters_get_one_clear_sentence(anna, line, sentence):
    came = [m.text for m in anna.ask(line)]
    assert len(came) == 1 and re.search(sentence, came[0]), came
    assert not re.search(r"error \d|errno|exception|null", came[0], re.I)


def test_without_an_account_what_needs_one_says_so(server, anna):
    mario = server.irc("mario")
    for line in ("NS GROUP", "NS SESSIONS", "NS TOKEN LIST", "NS TOKEN ADD x", "NS CERT LIST", "NS PASSWORD a b",
                 "NS LOGOUT", "NS DROP mario", "NS SET ALWAYS-ON on", "NS INFO", "NS GHOST anna"):
        came = [m.text for m in mario.ask(line)]
        assert len(came) == 1 and "not logged in" in came[0], (line, came)


# ── as targets of other commands ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("nick", ["NickServ", "ChanServ", "HistServ"])
def test_a_service_is_no_user_but_whois_knows_it(anna, nick):
    came = anna.ask(f"WHOIS {nick.upper()}")
    assert verbs(came)[0] == "311" and verbs(came)[-1] == "318" and came[0].params[1] == nick
    assert anna.ask_one(f"NICK {nick}").verb in ("432", "433")
    assert anna.ask_one(f"INVITE {nick} #piazza").verb in ("401", "403", "442")
    for quiet in (f"NOTICE {nick} :HELP", f"PRIVMSG {nick} :\x01VERSION\x01", f"NOTICE {nick} :\x01PING 1\x01",
                  f"PRIVMSG {nick} :\x01ACTION waves\x01"):
        came = anna.ask(quiet)
        assert not any("There is no command" in m.text or "What it does" in m.text for m in came), (quiet, came)


def test_nobody_can_come_as_a_service(server):
    for nick in ("NickServ", "chanserv", "HISTSERV", "ChаnServ"):  # the last with a Cyrillic а
        client = server.irc()
        client.send(f"NICK {nick}", "USER u 0 * :u")
        assert client.expect(("432", "433", "001")).verb != "001", nick
    frank = server.enter("NickServ")
    assert frank.expect_explanation()


def test_a_frame_client_reaches_no_service_by_accident(server, anna):
    frank = server.join("frank")
    frank.send("/msg NickServ REGISTER " + LONG_ENOUGH)
    answer = frank.recv_answer()
    assert LONG_ENOUGH not in answer
    assert not any(LONG_ENOUGH in line for line in server.log())


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


def sasl_after(server, account, password):
    client = server.irc()
    client.send("CAP REQ :sasl")
    client.expect("CAP", None, "ACK")
    return sasl_plain(client, account, password)


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


# ── TOKEN ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_is_shown_once_and_hashed(server, anna):
    token, name = make_token(anna)
    listed = says(anna, "NickServ", "TOKEN LIST")
    assert any(name in text and "phone" in text for text in listed) and not any(token in text for text in listed)
    for file in (server.directory / "data").iterdir():
        if file.is_file():
            data = file.read_bytes()
            assert token.encode() not in data and token.split("_")[2].encode() not in data, file
            assert LONG_ENOUGH.encode() not in data, file


def test_a_token_is_taken_wherever_a_password_is(brusiod):
    server = brusiod("[frame]\naccounts = true\n", listen=BOTH_DOORS)
    anna = register(server.irc("anna"))
    token, _ = make_token(anna)
    assert account_of(log_in(server, "anna", nick="a1", password=token), "a1") == "anna"
    assert account_of(server.irc("a2", password=f"anna:{token}"), "a2") == "anna"
    a3 = server.irc("a3")
    assert any(m.verb == "900" for m in a3.ask(f"NS IDENTIFY anna {token}"))
    anna.ask("NICK other")
    frame = server.connect()
    frame.send(f"anna:{token}")
    frame.send("/who")
    assert "anna" in frame.recv_answer()
    assert account_of(anna, "anna") == "anna"
    assert not any(token in line for line in server.log())


def test_a_frame_clients_wrong_password_is_refused_with_an_explanation(brusiod):
    server = brusiod("[frame]\naccounts = true\n", listen=BOTH_DOORS)
    anna = register(server.irc("anna"))
    anna.ask("NICK other")
    for name in ("anna", "anna:wrong-password", "anna:"):
        frame = server.connect()
        frame.send(name)
        assert frame.expect_explanation()
    frame = server.connect()
    frame.send(f"anna:{LONG_ENOUGH}")
    frame.send("/who")
    assert LONG_ENOUGH not in frame.recv_answer()
    assert not any(LONG_ENOUGH in line or "wrong-password" in line for line in server.log())


def test_a_deleted_token_is_dead_and_who_came_by_it_is_logged_out(server, anna):
    token, name = make_token(anna)
    other = log_in(server, "anna", nick="ann2", password=token)
    assert any(name in text for text in says(anna, "NickServ", f"TOKEN DEL {name}"))
    assert "logged out" in other.expect_closed()[-1].text
    assert sasl_after(server, "anna", token) == "904"
    assert not any(name in text for text in says(anna, "NickServ", "TOKEN LIST"))


def test_a_token_is_deleted_by_its_owner_only(server, anna):
    token, name = make_token(anna)
    mario = register(server.irc("mario"))
    says(mario, "NickServ", f"TOKEN DEL {name}")
    assert sasl_after(server, "anna", token) == "903"


def test_a_token_of_one_account_opens_no_other(server, anna):
    token, _ = make_token(anna)
    register(server.irc("mario"))
    assert sasl_after(server, "mario", token) == "904"


def test_a_token_expires(server, anna):
    token, name = make_token(anna, "short 1s")
    while sasl_after(server, "anna", token) == "903":
        pass
    assert sasl_after(server, "anna", LONG_ENOUGH) == "903"


def test_tokens_survive_a_crash(server, brusiod, anna):
    token, name = make_token(anna)
    server.crash()
    server = brusiod(after=server, listen=BOTH_DOORS)
    again = log_in(server, "anna", password=token)
    assert any(name in text for text in says(again, "NickServ", "TOKEN LIST"))
    assert sasl_after(server, "anna", LONG_ENOUGH) == "903"


def test_a_read_only_token_changes_nothing(server, anna):
    anna.ask("JOIN #club", "CS REGISTER #club", "TOPIC #club :old")
    mario = server.irc("mario")
    mario.ask("JOIN #club")
    msgid = say_with_id(server, mario, "#club")
    token, name = make_token(anna, "bot read-only")
    bot = log_in(server, "anna", nick="bot", password=token,
                 caps=("message-tags", "draft/message-redaction", "draft/read-marker", "draft/channel-rename"))
    bot.ask("JOIN #club")
    mario.sync()
    anna.sync()
    for line in ("PRIVMSG #club :hello", "NOTICE #club :hello", "PRIVMSG mario :hello", "NOTICE mario :hello",
                 "@+typing=active TAGMSG #club", "@+typing=active TAGMSG mario", "PRIVMSG #club :\x01ACTION hello\x01",
                 "TOPIC #club :new", "MODE #club +m", "MODE #club +b x!*@*", "KICK #club mario", "INVITE sara #club",
                 f"REDACT #club {msgid}", "RENAME #club #klub", "AWAY :gone", "SETNAME :other", "NICK botto",
                 "MODE bot +w", f"MARKREAD #club timestamp=2026-01-01T00:00:00.000Z", "SILENCE +x!*@*",
                 "CS DROP #club", "CS TRANSFER #club mario", "CS AMODE #club +o anna", "CS OP #club",
                 "CS SET #club HISTORY off", "HS DELETE #club " + msgid, "NS TOKEN ADD more", f"NS TOKEN DEL {name}",
                 "NS CERT ADD " + "ab" * 32, "NS SET ALWAYS-ON on", "NS GROUP", "NS GHOST anna", "NS RECOVER anna",
                 f"NS PASSWORD {LONG_ENOUGH} {SECOND}", f"NS PASSWORD {token} {SECOND}", "NS DROP anna", "NS LOGOFF 1",
                 "METADATA * SET url :x"):
        bot.ask(line)
    seen = [*mario.sync(), *anna.sync()]
    loud = [m for m in seen if m.nick == "bot" or m.verb in ("MODE", "KICK", "TOPIC", "REDACT", "RENAME", "901")]
    assert loud == [], "a token that may only listen was heard"
    assert [m.text for m in anna.ask("TOPIC #club") if m.verb == "332"] == ["old"]
    assert sasl_after(server, "anna", SECOND) == "904"
    assert sasl_after(server, "anna", token) == "903"
    assert says(anna, "NickServ", "CERT LIST") == ["0 certificates"]
    assert says(anna, "NickServ", "TOKEN LIST")[-1] == "1 token"
    assert "founder anna" in says(anna, "ChanServ", "INFO #club")[0]


def say_with_id(server, speaker, channel):
    """Somebody says something; its msgid."""
    hearer = server.irc("orecchio", caps=("message-tags",))
    hearer.ask(f"JOIN {channel}")
    speaker.ask(f"PRIVMSG {channel} :something")
    msgid = hearer.expect("PRIVMSG", channel).tags["msgid"]
    hearer.close()
    return msgid


def test_a_read_only_token_hears(server, anna):
    token, _ = make_token(anna, "bot read-only")
    bot = log_in(server, "anna", nick="bot", password=token)
    bot.ask("JOIN #piazza")
    anna.ask("JOIN #piazza", "PRIVMSG #piazza :ciao", "PRIVMSG bot :psst")
    heard = bot.sync()
    assert [m.text for m in only(heard, "PRIVMSG")] == ["ciao", "psst"]


def test_who_came_read_only_says_so_to_nobody_by_frames(brusiod):
    server = brusiod("[frame]\naccounts = true\n", listen=BOTH_DOORS)
    anna = register(server.irc("anna"))
    token, _ = make_token(anna, "bot read-only")
    anna.ask("NICK other", "JOIN #piazza")
    frame = server.connect()
    frame.send(f"anna:{token}")
    frame.send("hello")
    frame.send("/msg other hello")
    frame.send("/me waves")
    frame.send("/nick ladra")
    frame.send("/who")
    while "anna" not in frame.recv_answer():
        pass
    assert not [m for m in anna.sync() if m.verb in ("PRIVMSG", "NICK", "NOTICE")]


# ── CERT ────────────────────────────────────────────────────────────────────────────────────────────────────────────

TLS_CONFIG = """
[[listen]]
door = "irc"
address = "127.0.0.1:0"
tls = true
[tls]
certificate = "{}"
key = "{}"
"""


def client_tls(certificate=None):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(*certificate)
    return context


def external(client, authzid=""):
    client.send("CAP REQ :sasl")
    client.expect("CAP", None, "ACK")
    client.send("AUTHENTICATE EXTERNAL")
    if client.expect(("AUTHENTICATE", "904", "908")).verb != "AUTHENTICATE":
        return "904"
    client.send("AUTHENTICATE " + (base64_of(authzid) if authzid else "+"))
    return client.expect(("903", "904")).verb


def test_a_certificate_logs_in_until_it_is_deleted(brusiod, make_certificate):
    server = brusiod(TLS_CONFIG.format(*make_certificate("a")), listen=())
    mine = client_tls(make_certificate("b"))
    anna = register(server.irc("anna", tls=mine))
    assert says(anna, "NickServ", "CERT ADD")[0].startswith("Added")
    fingerprint = says(anna, "NickServ", "CERT LIST")[0].split(",")[0]
    assert re.fullmatch("[0-9a-f]{64}", fingerprint)
    assert external(server.irc(tls=mine)) == "903"
    assert external(server.irc(tls=mine), "anna") == "903"
    assert external(server.irc(tls=mine), "mario") == "904"
    assert external(server.irc(tls=client_tls(make_certificate("a")))) == "904"
    by_certificate = server.irc(tls=mine)
    assert external(by_certificate) == "903"
    by_certificate.send("NICK ann2", "USER u 0 * :u")
    by_certificate.send("CAP END")
    by_certificate.expect("001")
    mario = register(server.irc("mario", tls=client_tls()))
    assert not says(mario, "NickServ", f"CERT ADD {fingerprint}")[0].startswith("Added"), "one account has it"
    spelled = ":".join(fingerprint[i:i + 2] for i in range(0, 64, 2)).upper()
    assert "Removed" in says(anna, "NickServ", f"CERT DEL {spelled}")[0]
    assert "logged out" in by_certificate.expect_closed()[-1].text, "who came by it is logged out"
    assert external(server.irc(tls=mine)) == "904"


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


# ── what must stay secret ───────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_told_to_a_service_is_echoed_logged_or_remembered(server):
    anna = server.irc("anna", caps=ECHOING)
    mario = server.irc("mario", caps=ECHOING)
    secrets = [LONG_ENOUGH, "a-second-secret-word", "a-wrong-secret-word", "notice-secret-word", "ctcp-secret-word",
               "typo-secret-word"]
    came = anna.ask(f"@label=a PRIVMSG NickServ :REGISTER {LONG_ENOUGH}",
                    f"@label=b PRIVMSG NickServ,mario :IDENTIFY a-wrong-secret-word",
                    "@label=c NS IDENTIFY anna a-wrong-secret-word",
                    f"@label=d PRIVMSG NickServ@brusio.localhost :PASSWORD {LONG_ENOUGH} a-second-secret-word",
                    "@label=e NOTICE NickServ :IDENTIFY notice-secret-word",
                    "@label=f PRIVMSG NickServ :\x01ACTION ctcp-secret-word\x01",
                    "@label=g PRIVMSG ChanServ :IDENTIFY typo-secret-word",
                    "@label=h NS typo-secret-word", "@label=i NS IDENTFY anna typo-secret-word",
                    "@label=j REGISTER anna * a-wrong-secret-word")
    shown = [m for m in came if m.nick != "NickServ" or "SECRET" not in m.text.upper()]
    for m in shown:
        if m.verb == "PRIVMSG" and m.params[0] == "mario":
            continue  # said to mario, too
        assert not any(secret in m.raw.decode().lower() for secret in secrets), m
    assert {m.tags.get("label") for m in came if "label" in m.tags} >= set("acdefghij")
    # Of the mistake with two targets, mario's half is a message like any other.
    past = anna.ask("CHATHISTORY LATEST NickServ * 50", "CHATHISTORY LATEST ChanServ * 50", "SEARCH secret",
                    "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 50")
    told = [m for m in past if m.verb in ("PRIVMSG", "NOTICE", "CHATHISTORY") and "Serv" in " ".join(m.params)]
    assert told == [], told
    log = "\n".join(server.log())
    assert not any(secret in log for secret in secrets), log
    mario.sync()


def test_other_sessions_of_the_account_do_not_see_what_a_service_is_told(server, anna):
    other = log_in(server, "anna", caps=("echo-message", "znc.in/self-message", "message-tags"))
    other.sync()
    anna.ask(f"PRIVMSG NickServ :IDENTIFY anna {LONG_ENOUGH}", f"NS PASSWORD {LONG_ENOUGH} {SECOND}")
    assert not any(LONG_ENOUGH in m.raw.decode() or SECOND in m.raw.decode() for m in other.expect_closed())


def test_a_new_token_is_shown_to_the_session_that_asked_only(server, anna):
    other = log_in(server, "anna", caps=("echo-message", "znc.in/self-message"))
    token, _ = make_token(anna)
    assert not any("brt_" in m.raw.decode() for m in other.sync())
    assert not any(token in line for line in server.log())


def test_a_services_answers_are_under_their_label(server):
    anna = server.irc("anna", caps=ECHOING)
    came = anna.ask(f"@label=reg NS REGISTER {LONG_ENOUGH}")
    assert came[0].tags.get("label") == "reg", came
    one = anna.ask_one("@label=one NS FROBNICATE")
    assert one.tags["label"] == "one" and one.verb == "NOTICE"
    token = anna.ask("@label=tok NS TOKEN ADD phone")
    assert token[0].verb == "BATCH" and token[0].tags["label"] == "tok" and token[-1].verb == "BATCH"
    assert all(m.tags.get("batch") for m in token[1:-1])
    quiet = anna.ask_one("@label=q NOTICE NickServ :HELP")
    assert (quiet.verb, quiet.tags["label"]) == ("ACK", "q")


# ── HistServ ────────────────────────────────────────────────────────────────────────────────────────────────────────

CAPS = ("message-tags", "echo-message", "draft/message-redaction", "batch", "draft/chathistory", "server-time")


def said(client, target, text):
    return next(m.tags["msgid"] for m in client.ask(f"PRIVMSG {target} :{text}") if m.verb == "PRIVMSG")


def kept(client, target):
    return [m.text for m in client.ask(f"CHATHISTORY LATEST {target} * 50") if m.verb == "PRIVMSG"]


def test_delete_takes_back_ones_own_message_for_all(server):
    anna, mario = server.irc("anna", caps=CAPS), server.irc("mario", caps=CAPS)
    for client in (anna, mario):
        client.join("#piazza")
    msgid = said(anna, "#piazza", "unwise words")
    came = anna.ask(f"HS DELETE #piazza {msgid} sorry")
    assert "The message is taken back" in texts(came, "HistServ")
    gone = [m for m in mario.sync() if m.verb == "REDACT"]
    assert [m.params for m in gone] == [["#piazza", msgid, "sorry"]]
    assert "unwise words" not in kept(mario, "#piazza")
    assert not any("unwise" in m.raw.decode() for m in mario.ask("SEARCH unwise"))
    assert "no such message" in " ".join(says(anna, "HistServ", f"DELETE #piazza {msgid[:-1]}")).lower()


def test_delete_reaches_a_private_message(server):
    anna, mario = register(server.irc("anna", caps=CAPS)), server.irc("mario", caps=CAPS)
    msgid = said(anna, "mario", "psst")
    mario.sync()
    assert "may not" in " ".join(says(mario, "HistServ", f"DELETE anna {msgid}"))
    assert says(anna, "HistServ", f"DELETE mario {msgid}")
    assert [m.verb for m in mario.sync()] == ["REDACT"]


def test_delete_is_for_ones_own_and_for_the_channels_operators(server):
    anna, mario, sara = (register(server.irc(nick, caps=CAPS)) for nick in ("anna", "mario", "sara"))
    for client in (anna, mario, sara):
        client.ask("JOIN #club")
    sara.ask("JOIN #altro")  # sara is operator elsewhere only
    first, second = said(mario, "#club", "one"), said(mario, "#club", "two")
    for line in (f"HS DELETE #club {first}", f"REDACT #club {first}", f"HS DELETE #altro {first}",
                 f"REDACT #altro {first}"):
        sara.ask(line)
    assert kept(mario, "#club") == ["one", "two"]
    assert "taken back" in " ".join(says(anna, "HistServ", f"DELETE #club {first}"))
    assert kept(mario, "#club") == ["two"]
    stranger = register(server.irc("nino", caps=CAPS))
    assert "taken back" not in " ".join(says(stranger, "HistServ", f"DELETE #club {second}"))


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
