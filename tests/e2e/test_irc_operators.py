"""OPER and what operators of the server may: KILL, WALLOPS, REHASH, REQUIREACCOUNT, CHGHOST, and ruling the lobby."""

import pytest

from frames import SERVER_NAME
from irc import only, verbs
from server import BOTH_DOORS


def config_of(password_hash, more=""):
    return f"[operator.root]\npassword = '{password_hash}'\n[limits]\nexempt = [\"127.0.0.0/8\"]\n{more}"


@pytest.fixture
def config(hash_password):
    return config_of(hash_password("secret"))


@pytest.fixture
def oper_server(brusiod, config):
    return brusiod(config, listen=BOTH_DOORS)


def become_operator(client, name="root", password="secret"):
    client.send(f"OPER {name} {password}")
    assert client.expect("381").params[0] == client.nick
    assert client.expect("MODE").params == [client.nick, "+o"]
    client.sync()
    return client


@pytest.fixture
def root(oper_server):
    return become_operator(oper_server.irc("anna"))


OPERATORS_ONLY = ["KILL mario :x", "WALLOPS :x", "REHASH", "REQUIREACCOUNT ON", "UBAN LIST", "UBAN ADD mario",
                  "CHGHOST mario x.y"]


def test_right_and_wrong_passwords(oper_server):
    anna = oper_server.irc("anna")
    for line in ("OPER root wrong", "OPER nobody secret", "OPER ROOT secret", "OPER root :"):
        anna.send(line)
        assert anna.expect(("464", "491", "381")).verb != "381", line
    anna.expect_nothing()
    become_operator(anna)
    assert "o" in anna.ask_one("MODE anna").params[1]
    oper_server.wait_log("anna.*operator root")


def test_wrong_passwords_are_throttled(oper_server):
    anna, mario = oper_server.irc("anna"), oper_server.irc("mario")
    for _ in range(5):
        anna.send("OPER root wrong")
        anna.expect("464")
    for client in (anna, mario):  # they come from one address
        client.send("OPER root secret")
        client.expect("464")
    assert "o" not in anna.ask_one("MODE anna").params[1]


def test_without_operators_in_the_configuration_there_are_none(irc_server):
    assert irc_server.irc("anna").ask_one("OPER root secret").verb in ("464", "491")


@pytest.mark.parametrize("line", OPERATORS_ONLY)
def test_others_may_not(oper_server, line):
    anna, mario = oper_server.irc("anna"), oper_server.irc("mario")
    assert anna.ask_one(line).matches("481", "anna")
    mario.expect_nothing()


def test_operators_are_known_as_such(oper_server, root):
    mario = oper_server.irc("mario")
    assert only(mario.ask("WHOIS anna"), "313")[0].params[1] == "anna"
    assert only(mario.ask("WHO anna"), "352")[0].params[6] == "H*"
    assert [m.params[5] for m in only(mario.ask("WHO * o"), "352")] == ["anna"]
    assert mario.ask_one("USERHOST anna").text.startswith("anna*=")
    assert only(mario.ask("LUSERS"), "252")[0].params[1] == "1"
    assert verbs(mario.ask("STATS o")) == ["243", "219"]
    assert "127.0.0.1" not in " ".join(m.line for m in mario.ask("WHOIS anna", "STATS o"))
    assert root.ask_one("MODE anna -o").params == ["anna", "-o"]
    assert root.ask_one("WALLOPS :x").verb == "481"


def test_operators_see_addresses_and_hidden_people(oper_server, root):
    mario = oper_server.irc("mario")
    mario.ask("MODE mario +i", "JOIN #s", "MODE #s +s")
    came = {m.verb: m for m in root.ask("WHOIS mario")}
    assert "127.0.0.1" in came["378"].line and came["319"].params[2] == "@#s"
    assert "mario" in {m.params[5] for m in only(root.ask("WHO m*"), "352")}
    assert root.ask("WHO mario %i")[0].params[1] == "127.0.0.1"
    mario.send("QUIT")
    mario.expect_closed()
    assert "127.0.0.1" in " ".join(m.line for m in root.ask("WHOWAS mario"))


# KILL


def test_kill_ends_somebody_and_says_why(oper_server, root):
    mario, luca = oper_server.irc("mario"), oper_server.irc("luca")
    for client in (mario, luca):
        client.join("#a")
    mario.sync()
    root.ask("KILL MARIO :enough of this")
    came = mario.expect_closed()
    assert came[-1].verb == "ERROR" and "enough of this" in came[-1].text
    gone = luca.expect("QUIT")
    assert gone.source == mario.mask and "enough of this" in gone.text
    assert root.ask_one("KILL mario :again").matches("401", "anna", "mario")
    assert root.ask_one("KILL").verb == "461"
    oper_server.irc("mario")  # may come again


def test_kill_of_a_frame_person(oper_server, root):
    person = oper_server.join("Frame Person")
    root.ask("KILL Frame_Person :goodbye")
    assert "goodbye" in person.expect_explanation()


def test_kill_of_oneself(oper_server, root):
    root.send("KILL anna :myself")
    assert "myself" in root.expect_closed()[-1].text


# WALLOPS, REHASH


def test_wallops_reach_who_wants_them(oper_server, root):
    mario, luca = oper_server.irc("mario"), oper_server.irc("luca")
    mario.ask("MODE mario +w")
    root.ask("WALLOPS :the server restarts at noon")
    assert [m.line for m in mario.sync()] == [f":{root.mask} WALLOPS :the server restarts at noon"]
    luca.expect_nothing()
    assert root.ask_one("WALLOPS").verb == root.ask_one("WALLOPS :").verb == "461"


def test_rehash_reads_the_configuration_again(oper_server, root, config, tmp_path):
    motd = tmp_path / "motd"
    motd.write_text("New words\n")
    oper_server.config_path.write_text(f'[server]\nmotd = "{motd}"\nnetwork = "Elsewhere"\n{config}')
    root.send("REHASH")
    root.expect("382")
    assert "reload" in root.expect("NOTICE", "anna").text.lower()
    assert "- New words" in [m.text for m in root.ask("MOTD")]


def test_rehash_of_a_wrong_configuration_keeps_the_old_one(oper_server, root, config):
    oper_server.config_path.write_text(config + "\nnonsense = 1\n")
    root.send("REHASH")
    root.expect("382")
    assert "old configuration stays" in root.expect("NOTICE", "anna").text
    become_operator(oper_server.irc("mario"))


def test_rehash_changes_who_may_become_operator(oper_server, root, hash_password):
    oper_server.config_path.write_text(config_of(hash_password("other")))
    root.send("REHASH")
    root.expect("NOTICE", "anna")
    mario = oper_server.irc("mario")
    mario.send("OPER root secret")
    mario.expect("464")
    become_operator(mario, password="other")


# REQUIREACCOUNT, CHGHOST


def test_require_account_lets_nobody_in_without_one(oper_server, root):
    mario = oper_server.irc("mario")
    assert root.ask_one("REQUIREACCOUNT").verb == "NOTICE"
    root.ask("REQUIREACCOUNT on")
    newcomer = oper_server.irc()
    newcomer.send("NICK luca", "USER l 0 * :L")
    came = newcomer.expect_closed()
    assert came[0].matches("FAIL", "*", "ACCOUNT_REQUIRED") and "001" not in verbs(came)
    oper_server.enter("Frame Person").expect_explanation()
    assert mario.ask("PRIVMSG anna :still here") == []
    root.ask("REQUIREACCOUNT OFF")
    oper_server.irc("luca")
    assert root.ask_one("REQUIREACCOUNT maybe").verb == "FAIL"


def test_chghost_changes_what_is_shown(oper_server, root):
    mario, luca = oper_server.irc("mario"), oper_server.irc("luca", caps=("chghost",))
    for client in (mario, luca):
        client.join("#a")
    mario.sync()
    root.ask("CHGHOST mario staff/mario")
    assert mario.ask("PING")[0].matches("396", "mario", "staff/mario")
    assert luca.sync()[-1].line == f":{mario.mask} CHGHOST ~user staff/mario"
    mario.ask("PRIVMSG #a :hello")
    assert luca.sync()[-1].source == "mario!~user@staff/mario"
    assert only(luca.ask("WHOIS mario"), "311")[0].params[3] == "staff/mario"
    for bad in (":a b", "a@b", "a!b", "x" * 64, "::a", ":"):
        assert root.ask_one(f"CHGHOST mario {bad}").verb in ("FAIL", "461"), bad
    assert root.ask_one("CHGHOST nobody a.b").verb == "401"
    assert root.ask_one("CHGHOST mario").verb == "461"


# Channels


def test_operators_rule_the_lobby(oper_server, root):
    mario = oper_server.irc("mario")
    person = oper_server.join("Frame Person")
    for client in (root, mario):
        client.join("#piazza")
    assert root.ask("TOPIC #piazza :rules")[-1].verb == "TOPIC"
    assert root.ask("MODE #piazza +m")[-1].verb == "MODE"
    mario.sync()
    assert mario.ask_one("PRIVMSG #piazza :x").verb == "404"
    person.send("x")
    name, text = person.recv_pair()
    assert name == SERVER_NAME and b"Closing" not in text
    assert root.ask("MODE #piazza +v mario")[-1].verb == "MODE"
    assert root.ask("KICK #piazza mario :out")[-1].verb == "KICK"
    assert root.ask_one("RENAME #piazza #other").verb == "FAIL"


def test_operators_are_nothing_special_in_other_channels(oper_server, root):
    mario = oper_server.irc("mario")
    mario.join("#a")
    mario.ask("MODE #a +k key")
    assert root.ask_one("JOIN #a").verb == "475"
    assert root.ask_one("MODE #a +m").verb in ("442", "482")
    assert root.ask_one("KICK #a mario").verb in ("442", "482")
