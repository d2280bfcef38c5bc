"""Coming in by the IRC door, and going: CAP, PASS, NICK, USER, PING, QUIT, and what the server says to a newcomer."""

import pytest

from irc import verbs
from server import BOTH_DOORS, IRC_ONLY

GREETING = ["001", "002", "003", "004", "005"]
LUSERS = ["251", "252", "254", "255", "265", "266"]


def say_who(client, nick):
    client.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}")


# The greeting


def test_the_greeting_comes_whole_and_in_order(irc_server):
    anna = irc_server.irc("anna")
    seen = list(dict.fromkeys(verbs(anna.welcome)))  # 005 is several lines
    assert seen == [*GREETING, *LUSERS, "422"]
    first = {m.verb: m for m in anna.welcome}
    assert all(m.source == "brusio.localhost" and m.params[0] == "anna" for m in anna.welcome)
    assert first["001"].text.endswith(", anna") and "Brusio" in first["001"].text
    assert first["004"].params[1] == "brusio.localhost" and len(first["004"].params) == 6
    assert set("iowBZR") <= set(first["004"].params[3])
    assert set("beIklimnstCMRWqaohv") <= set(first["004"].params[4])
    assert set(first["004"].params[5]) == set("beIklWqaohv")
    assert anna.mask.startswith("anna!~user@") and "127.0.0.1" not in anna.mask


def test_every_line_of_005_has_at_most_13_tokens_and_says_so(irc_server):
    lines = [m for m in irc_server.irc("anna").welcome if m.verb == "005"]
    assert len(lines) >= 2
    for line in lines:
        assert line.text == "are supported by this server"
        assert 1 <= len(line.params) - 2 <= 13 and len(line.raw) <= 510


def test_lusers_count_and_the_command_says_the_same(irc_server):
    anna, mario = irc_server.irc("anna"), irc_server.irc("mario")
    mario.ask("MODE mario +i")
    anna.join("#a", "#b")
    came = {m.verb: m for m in anna.ask("LUSERS")}
    assert list(came) == LUSERS
    assert came["251"].text == "There are 1 users and 1 invisible on 1 servers"
    assert came["252"].params[1] == "0"
    assert came["254"].params[1] == "2"  # not the empty lobby
    assert came["255"].text == "I have 2 clients and 0 servers"
    assert came["265"].params[1:3] == came["266"].params[1:3] == ["2", "2"]
    mario.send("QUIT")
    mario.expect_closed()
    came = {m.verb: m for m in anna.ask("LUSERS")}
    assert came["265"].params[1:3] == ["1", "2"]


def test_the_message_of_the_day_is_the_files(brusiod, tmp_path):
    motd = tmp_path / "motd.txt"
    motd.write_text("Welcome to the piazza.\n\nBe kind — sempre.\n")
    server = brusiod(f'[server]\nmotd = "{motd}"\n', listen=BOTH_DOORS)
    anna = server.irc("anna")
    assert verbs(anna.welcome)[-5:] == ["375", "372", "372", "372", "376"]
    came = anna.ask("MOTD")
    assert [m.text for m in came if m.verb == "372"] == ["- Welcome to the piazza.", "- ", "- Be kind — sempre."]
    assert verbs(anna.ask("MOTD brusio.localhost")) == verbs(came)
    assert verbs(anna.ask("MOTD somewhere.else")) == ["402"]


def test_without_a_message_of_the_day_422(irc_server):
    anna = irc_server.irc("anna")
    assert anna.ask_one("MOTD").matches("422", "anna")


# NICK and USER


@pytest.mark.parametrize("lines", [["NICK anna", "USER a 0 * :Anna"], ["USER a 0 * :Anna", "NICK anna"],
                                   ["nick anna", "uSeR a 8 x Anna"], ["NICK :anna", "USER a 0 * :Anna B"]])
def test_any_order_logs_in(irc_server, lines):
    client = irc_server.irc()
    client.send(*lines)
    assert client.expect("001").params[0] == "anna"


def test_lf_alone_ends_a_line_and_many_come_in_one_piece(irc_server):
    client = irc_server.irc()
    client.send_raw(b"NICK anna\nUSER a 0 * :Anna\n\r\n\nPING x\r\n")
    client.expect("001")
    assert client.expect("PONG").text == "x"


def test_a_line_in_single_bytes(irc_server):
    client = irc_server.irc()
    for byte in b"NICK anna\r\nUSER a 0 * :Anna\r\n":
        client.send_raw(bytes([byte]))
    client.expect("001")


def test_nick_without_a_name_is_431(irc_server):
    client = irc_server.irc()
    assert client.ask_one("NICK").matches("431", "*")
    assert client.ask_one("NICK :").matches("431", "*")
    say_who(client, "anna")
    client.expect("422")
    assert client.ask_one("NICK").matches("431", "anna")


@pytest.mark.parametrize("nick", ["#anna", "an!na", "an@na", "an,na", "*", "an*na", "an?na", ":anna", "$anna", "~anna",
                                  "&anna", "%anna", "+anna", "1anna", "-anna", "an.na", "x" * 33, "an\u200bna",
                                  "an\x03na", "an\x01na"])
def test_an_impossible_nick_is_432(irc_server, nick):
    client = irc_server.irc()
    typed = nick if not nick.startswith(":") else ":" + nick
    assert client.ask_one(f"NICK {typed}").matches("432", "*")
    say_who(client, "anna")
    client.expect("422")
    assert client.ask_one(f"NICK {typed}").matches("432", "anna")


@pytest.mark.parametrize("nick", ["a", "x" * 32, "[anna]", "{a}|b^", "an`na_", "_1-", "perché"])
def test_a_possible_nick_is_taken_as_typed(irc_server, nick):
    client = irc_server.irc(nick)
    assert client.nick == nick and client.mask.startswith(nick + "!")


def test_a_nick_that_is_taken_is_433_and_another_may_be_tried(irc_server):
    irc_server.irc("anna")
    client = irc_server.irc()
    client.send("USER a 0 * :Anna")
    assert client.ask_one("NICK AnNa").matches("433", "*", "AnNa")
    assert client.ask_one("NICK anna").matches("433", "*", "anna")
    client.send("NICK anna_")
    assert client.expect("001").params[0] == "anna_"
    client.expect("422")
    assert client.ask_one("NICK anna").matches("433", "anna_", "anna")
    assert client.ask("WHOIS anna_")[0].verb == "311"  # it kept its name


def test_the_servers_name_and_look_alikes_are_taken(irc_server):
    irc_server.irc("paypal")
    client = irc_server.irc()
    client.send("USER a 0 * :A")
    assert client.ask_one("NICK p\u0430ypal").matches("433", "*", "p\u0430ypal")  # a Cyrillic a
    assert client.ask("NICK brusio_localhost")[0].verb in ("433", "432")


def test_a_frame_persons_nick_is_taken(irc_server):
    irc_server.join("Anna Maria")
    client = irc_server.irc()
    client.send("USER a 0 * :A")
    assert client.ask_one("NICK anna_maria").matches("433", "*", "anna_maria")


def test_a_change_of_nick_is_told_to_all_who_share_a_channel_once(irc_server):
    anna, mario, luca = (irc_server.irc(n) for n in ("anna", "mario", "luca"))
    for client in (anna, mario):
        client.join("#a", "#b")
    anna.sync()
    came = anna.ask_one("NICK Annetta")
    assert came.line == f":{anna.mask} NICK Annetta"
    assert mario.sync()[-1].line == came.line and verbs(mario.sync()) == []
    luca.expect_nothing()
    assert anna.ask_one("PING").params[0] == "Annetta"  # numerics go by the new name


def test_another_case_of_ones_own_nick_is_a_change(irc_server):
    anna = irc_server.irc("anna")
    assert anna.ask_one("NICK ANNA").line == f":{anna.mask} NICK ANNA"
    assert anna.ask("NICK ANNA") == []  # nothing changed
    assert irc_server.irc("luca").ask("WHOIS anna")[0].params[1] == "ANNA"


def test_a_nick_is_free_as_soon_as_its_holder_has_gone(irc_server):
    anna = irc_server.irc("anna")
    anna.send("QUIT")
    anna.expect_closed()
    assert irc_server.irc("anna").nick == "anna"


def test_user_twice_or_late_is_462(irc_server):
    client = irc_server.irc()
    assert client.ask("USER a 0 * :Anna") == []
    assert client.ask_one("USER b 0 * :Berta").matches("462", "*")
    client.send("NICK anna")
    client.expect("422")
    assert client.ask_one("USER b 0 * :Berta").matches("462", "anna")
    assert client.ask_one("PASS x").matches("462", "anna")
    assert client.ask("WHOIS anna")[0].matches("311", "anna", "anna", "~a", None, "*", "Anna")


@pytest.mark.parametrize("line", ["USER", "USER a", "USER a 0", "USER a 0 *", "USER a 0 * :", "PASS", "CAP"])
def test_too_little_is_461(irc_server, line):
    client = irc_server.irc()
    assert client.ask_one(line).matches("461", "*", line.split()[0])


def test_a_user_name_gets_a_tilde_and_is_cut_to_userlen(irc_server):
    anna = irc_server.irc("anna", user="a" * 40)
    user = anna.mask.split("!")[1].split("@")[0]
    assert user == "~" + "a" * (int(anna.isupport()["USERLEN"]) - 1)


@pytest.mark.parametrize("user", ["a@b", "a!b", "*", "a:b"])
def test_a_user_name_cannot_break_a_mask(irc_server, user):
    anna = irc_server.irc("anna", user=user)
    assert anna.mask.count("!") == anna.mask.count("@") == 1 and "*" not in anna.mask


# Before and after


@pytest.mark.parametrize("line", ["JOIN #a", "PRIVMSG #a :x", "NAMES #a", "LIST", "WHO", "MODE #a", "OPER a b",
                                  "WHOIS anna", "LUSERS", "MOTD", "KILL anna :x", "AWAY :gone", "ISUPPORT", "VERSION"])
def test_commands_before_the_log_in_are_451(irc_server, line):
    client = irc_server.irc()
    assert client.ask_one(line).matches("451", "*")


def test_an_unknown_command_is_421(irc_server):
    client = irc_server.irc()
    assert client.ask_one("NONSENSE a b").matches("421", "*", "NONSENSE")
    say_who(client, "anna")
    client.expect("422")
    assert client.ask_one("nonsense").matches("421", "anna", "nonsense")


def test_ping_is_answered_at_any_time(irc_server):
    client = irc_server.irc()
    client.send("PING :two words")
    assert client.expect("PONG", "brusio.localhost").text == "two words"
    assert client.ask_one("PING").verb in ("409", "461")
    assert client.ask("PONG x") == []
    say_who(client, "anna")
    client.expect("422")
    client.send("PING abc def")
    assert client.expect("PONG").params == ["brusio.localhost", "abc"]
    assert client.ask("PONG x") == []


def test_quit_ends_with_an_error_before_and_after_the_log_in(irc_server):
    client = irc_server.irc()
    client.send("QUIT :bye")
    assert verbs(client.expect_closed()) == ["ERROR"]
    anna, mario = irc_server.irc("anna"), irc_server.irc("mario")
    anna.join("#a")
    mario.join("#a")
    anna.sync()
    anna.send("QUIT :until tomorrow", "PRIVMSG #a :a ghost")
    assert "until tomorrow" in anna.expect_closed()[-1].text
    came = mario.expect("QUIT")
    assert came.line == f":{anna.mask} QUIT :Quit: until tomorrow"
    mario.expect_nothing()


def test_a_connection_that_just_ends_is_a_quit_too(irc_server):
    anna, mario = irc_server.irc("anna"), irc_server.irc("mario")
    anna.join("#a")
    mario.join("#a")
    anna.close()
    assert mario.expect("QUIT").nick == "anna"


# The server's password, and its patience


@pytest.mark.parametrize("hashed", [False, True])
def test_a_server_password(brusiod, hash_password, hashed):
    kept = hash_password("open sesame") if hashed else "open sesame"
    server = brusiod(f"[server]\npassword = '{kept}'\n", listen=IRC_ONLY)
    assert server.irc("anna", password="open sesame").nick == "anna"
    for lines in (["PASS :open barley"], []):
        client = server.irc()
        client.send(*lines, "NICK mario", "USER m 0 * :M")
        assert verbs(client.expect_closed()) == ["464", "ERROR"]
    client = server.irc()
    client.send("PASS :wrong one", "PASS :open sesame", "NICK mario", "USER m 0 * :M")  # the last one counts
    client.expect("001")


def test_wrong_server_passwords_are_throttled(brusiod):
    server = brusiod('[server]\npassword = "right"\n', listen=IRC_ONLY)
    for _ in range(5):
        client = server.irc()
        client.send("PASS wrong", "NICK mario", "USER m 0 * :M")
        assert verbs(client.expect_closed()) == ["464", "ERROR"]
    client = server.irc()
    client.send("PASS right", "NICK mario", "USER m 0 * :M")
    assert verbs(client.expect_closed()) == ["464", "ERROR"]


def test_who_does_not_log_in_is_told_and_closed(brusiod):
    server = brusiod('[limits]\nlogin_timeout = "300ms"\n', listen=BOTH_DOORS)
    slow, polite = server.irc(), server.irc("polite")
    slow.send("NICK slow")
    assert verbs(slow.expect_closed()) == ["ERROR"]
    polite.expect_nothing()
