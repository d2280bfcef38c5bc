"""Login tokens and certificates of one account, by NickServ TOKEN and CERT."""

import re
import ssl

import pytest

from irc import only
from logging_in import LONG_ENOUGH, account_of, base64_of, log_in, sasl_after
from server import BOTH_DOORS
from services import make_token, register, says

SECOND = "another-long-password"


@pytest.fixture
def server(brusiod):
    return brusiod(listen=BOTH_DOORS, args=("--log-messages",))


@pytest.fixture
def anna(server):
    return register(server.irc("anna"))


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
