"""WHO and WHOX, WHOIS, WHOWAS, ISON, USERHOST, AWAY, SETNAME, and the modes of people."""

import subprocess

import pytest

from irc import only, verbs
from logging_in import trusting
from server import IRC_LISTENER, tls_files


@pytest.fixture
def people(irc_server):
    clients = [irc_server.irc(name, user=f"u{name}", real_name=f"{name} of the piazza")
               for name in ("anna", "mario", "luca")]
    for client in clients[:2]:
        client.join("#a")
    for client in clients:
        client.sync()
    return clients


def host(client):
    return client.mask.split("@")[1]


def who(client, question):
    """The 352s or 354s, after checking that one 315 ends them."""
    came = client.ask(f"WHO {question}".rstrip())
    assert verbs(came)[-1] == "315" and set(verbs(came)[:-1]) <= {"352", "354"}, came
    assert came[-1].params[1] == (question.split()[0] if question else came[-1].params[1])
    return came[:-1]


# WHO


def test_who_of_a_channel(people):
    anna, mario, luca = people
    came = {m.params[5]: m for m in who(luca, "#a")}
    assert came["anna"].params == ["luca", "#a", "~uanna", host(anna), "brusio.localhost", "anna", "H@",
                                   "0 anna of the piazza"]
    assert came["mario"].params[6] == "H" and set(came) == {"anna", "mario"}
    assert who(luca, "#nowhere") == []


def test_who_flags(people):
    anna, mario, luca = people
    anna.ask("MODE #a +v anna", "MODE anna +B", "AWAY :gone")
    assert [m.params[6] for m in who(luca, "anna")] == ["G@B"]
    several = luca
    several.ask("CAP REQ multi-prefix")
    assert [m.params[6] for m in who(several, "anna")] == ["G@+B"]


@pytest.mark.parametrize("mask, found", [
    ("mario", {"mario"}), ("MARIO", {"mario"}), ("mari*", {"mario"}), ("?uca", {"luca"}), ("*", {"anna", "mario", "luca"}),
    ("0", {"anna", "mario", "luca"}), ("", {"anna", "mario", "luca"}), ("nobody", set()), ("~uluca", {"luca"}),
    ("anna*piazza", {"anna"}), ("127.0.0.1", {"luca"})])
def test_who_masks(people, mask, found):
    """By nick, user name, shown host and real name; by address only where one may see it, which is oneself."""
    assert {m.params[5] for m in who(people[2], mask)} == found


def test_who_by_the_shown_host(people):
    assert len(who(people[2], host(people[0]))) == 3  # all come from one address


def test_who_of_operators_only(people):
    assert who(people[0], "* o") == []


def test_invisible_people_are_found_by_name_or_in_common_channels(people):
    anna, mario, luca = people
    anna.ask("MODE anna +i")
    assert "anna" not in {m.params[5] for m in who(luca, "ann?")}
    assert [m.params[5] for m in who(luca, "#a")] == ["mario"]
    assert [m.params[5] for m in who(luca, "anna")] == ["anna"]
    # (A mask of one letter and a star might match the hash that is somebody's host.)
    assert {m.params[5] for m in who(mario, "ann?")} == {"anna"}
    assert {m.params[5] for m in who(mario, "#a")} == {"anna", "mario"}


def test_whox_each_field_alone(people):
    anna, mario, luca = people
    wanted = {"c": "#a", "u": "~umario", "h": host(mario), "s": "brusio.localhost", "n": "mario", "f": "H", "a": "0",
              "r": "mario of the piazza", "d": "0"}
    for field, value in wanted.items():
        came = who(anna, f"mario %{field}")
        assert [m.params for m in came] == [["anna", value]], field
    assert who(anna, "mario %l")[0].params[1].isdigit()
    assert who(anna, "mario %t,42")[0].params[1] == "42"
    assert who(anna, "mario %t")[0].params[1] == "0"
    assert who(anna, "mario %o")[0].params[1] == "n/a"
    assert who(anna, "mario %i")[0].params[1] == "255.255.255.255"
    assert who(anna, "anna %i")[0].params[1] == "127.0.0.1"


def test_whox_all_fields_have_their_order_whatever_was_typed(people):
    anna, mario, luca = people
    for fields in ("tcuihsnfdlaor", "roaldfnshiuct"):
        params = who(luca, f"#a %{fields},7")[0].params
        assert params[:8] == ["luca", "7", "#a", "~uanna", "255.255.255.255", host(anna), "brusio.localhost", "anna"]
        assert params[8:10] == ["H@", "0"] and params[10].isdigit() and params[11] == "0"
        assert len(params) == 14 and params[13] == "anna of the piazza"


@pytest.mark.parametrize("question", ["#a %", "#a %xyz", "#a %t,", "#a %t,12345678", "#a o%n"])
def test_odd_whox_questions_are_answered(people, question):
    who(people[2], question)


# WHOIS


def whois(asker, nick):
    came = asker.ask(f"WHOIS {nick}")
    assert verbs(came)[-1] == "318", came
    return {m.verb: m for m in came}


def test_whois_has_the_fields(people):
    anna, mario, luca = people
    anna.ask("AWAY :back soon", "MODE anna +B")
    came = whois(luca, "ANNA")
    assert came["311"].params == ["luca", "anna", "~uanna", host(anna), "*", "anna of the piazza"]
    assert came["319"].params[1:] == ["anna", "@#a"]
    assert came["312"].params[1:] == ["anna", "brusio.localhost", "Brusio chat"]
    assert came["301"].params[1:] == ["anna", "back soon"]
    assert came["335"].params[1] == "anna"
    assert came["317"].params[1] == "anna" and came["317"].params[2].isdigit() and came["317"].params[3].isdigit()
    assert set(came) == {"311", "319", "312", "301", "335", "317", "318"}


def test_whois_of_nobody_and_of_lists(people):
    anna = people[0]
    assert verbs(anna.ask("WHOIS nobody")) == ["401", "318"]
    came = anna.ask("WHOIS mario,nobody,luca")
    assert [m.params[1] for m in came if m.verb in ("311", "401", "318")] == [
        "mario", "mario", "nobody", "nobody", "luca", "luca"]
    assert verbs(anna.ask("WHOIS brusio.localhost mario"))[0] == "311"
    assert verbs(anna.ask("WHOIS mario mario"))[0] == "311"
    assert anna.ask_one("WHOIS").verb in ("431", "461")


def test_addresses_are_for_oneself_only(people):
    anna, mario, _ = people
    assert "127.0.0.1" in whois(anna, "anna")["378"].line
    other = anna.ask("WHOIS mario")
    assert not any("127.0.0.1" in m.line for m in other) and not only(other, "378", "379")


def test_invisible_and_secret_memberships_are_not_told(people):
    anna, mario, luca = people
    anna.ask("JOIN #s", "MODE #s +s")
    assert whois(luca, "anna")["319"].params[2] == "@#a"
    assert set(whois(anna, "anna")["319"].params[2].split()) == {"@#a", "@#s"}
    anna.ask("MODE anna +i")
    assert "319" not in whois(luca, "anna") and whois(mario, "anna")["319"].params[2] == "@#a"


def test_idle_time_begins_again_with_a_message(people):
    anna, mario, luca = people
    anna.ask("PRIVMSG #a :awake")
    assert int(whois(luca, "anna")["317"].params[2]) <= 1


def test_secure_connections_and_certificates(brusiod, make_certificate):
    certificate, own = make_certificate("server"), make_certificate("anna")
    server = brusiod(tls_files(certificate) + IRC_LISTENER + "tls = true\n", listen=())
    mario, anna = server.irc("mario", tls=trusting(certificate)), server.irc("anna", tls=trusting(certificate, own))
    assert "Z" in anna.ask_one("MODE anna").params[1]
    anna.ask("MODE anna -Z")
    assert "Z" in anna.ask_one("MODE anna").params[1]
    of_self, of_other = whois(anna, "anna"), whois(mario, "anna")
    assert "671" in of_self and "671" in of_other
    der = subprocess.run(["openssl", "x509", "-in", own[0], "-outform", "DER"], capture_output=True, check=True).stdout
    fingerprint = subprocess.run(["openssl", "dgst", "-sha256", "-r"], input=der, capture_output=True,
                                 check=True).stdout.split()[0].decode()
    assert fingerprint in of_self["276"].text.replace(":", "").lower()
    assert "276" not in of_other and "276" not in whois(mario, "mario")


# WHOWAS, ISON, USERHOST


def test_whowas(people):
    anna, mario, luca = people
    assert verbs(anna.ask("WHOWAS nobody")) == ["406", "369"]
    assert verbs(anna.ask("WHOWAS mario")) == ["406", "369"]  # is here
    mario.send("QUIT")
    mario.expect_closed()
    luca.ask("NICK luigi")
    came = anna.ask("WHOWAS MARIO")
    was = only(came, "314")[-1]
    assert was.params[1:4] == ["mario", "~umario", host(mario)] and was.text == "mario of the piazza"
    assert only(came, "312")[-1].params[1:3] == ["mario", "brusio.localhost"]
    assert came[-1].verb == "369" and not any("127.0.0.1" in m.line for m in came)
    assert "314" in verbs(anna.ask("WHOWAS luca"))  # a nick left by changing it
    assert anna.ask_one("WHOWAS").verb in ("431", "461")


def test_whowas_counts(irc_server):
    anna = irc_server.irc("anna")
    for turn in range(3):
        mario = irc_server.irc("mario", real_name=f"turn {turn}")
        mario.send("QUIT")
        mario.expect_closed()
    assert [m.text for m in only(anna.ask("WHOWAS mario"), "314")] == ["turn 2", "turn 1", "turn 0"]
    assert [m.text for m in only(anna.ask("WHOWAS mario 2"), "314")] == ["turn 2", "turn 1"]
    assert len(only(anna.ask("WHOWAS mario -1"), "314")) == 3


def test_ison(people):
    anna = people[0]
    assert anna.ask_one("ISON MARIO nobody luca").params == ["anna", "mario luca"]
    assert anna.ask_one("ISON :mario nobody luca").params == ["anna", "mario luca"]
    assert anna.ask_one("ISON nobody").params == ["anna", ""]
    assert anna.ask_one("ISON").verb == "461"
    came = anna.ask("ISON " + " ".join(["nobody"] * 40 + ["mario"]))
    assert [m.text for m in came] == ["mario"]


def test_userhost(people):
    anna, mario, luca = people
    mario.ask("AWAY :x")
    words = anna.ask_one("USERHOST anna MARIO nobody").text.split()
    assert words[1:] == [f"mario=-~umario@{host(mario)}"] and words[0].startswith("anna=+~uanna@")
    assert anna.ask_one("USERHOST").verb == "461"


# AWAY, SETNAME, modes


def test_away_and_back(people):
    anna, mario, luca = people
    assert anna.ask_one("AWAY :gone").matches("306", "anna")
    assert [m.params[6] for m in who(luca, "anna")] == ["G@"]
    assert anna.ask_one("AWAY").matches("305", "anna") and anna.ask_one("AWAY :").matches("305", "anna")
    assert [m.params[6] for m in who(luca, "anna")] == ["H@"]
    assert mario.sync() == []  # who did not ask for away-notify is not told


def test_setname_works_without_the_capability(people):
    anna, mario, luca = people
    assert anna.ask("SETNAME :Anna the second") == []
    assert mario.sync() == [] and whois(luca, "anna")["311"].text == "Anna the second"
    assert anna.ask_one("SETNAME :").params[:2] == ["SETNAME", "INVALID_REALNAME"]
    assert anna.ask_one("SETNAME :" + "x" * 400).params[:2] == ["SETNAME", "INVALID_REALNAME"]
    assert anna.ask_one("SETNAME").verb == "461"


@pytest.mark.parametrize("letter", list("iwBR"))
def test_user_modes_are_set_shown_and_taken_away(people, letter):
    anna = people[0]
    assert anna.ask_one("MODE anna").params == ["anna", "+"]
    assert anna.ask_one(f"MODE ANNA +{letter}").params == ["anna", f"+{letter}"]
    assert anna.ask_one("MODE anna").matches("221", "anna", f"+{letter}")
    assert anna.ask(f"MODE anna +{letter}") == []
    assert anna.ask_one(f"MODE anna -{letter}").params == ["anna", f"-{letter}"]


def test_user_modes_that_one_cannot_set(people):
    anna = people[0]
    assert anna.ask("MODE anna +oZ") == [] and anna.ask_one("MODE anna").params == ["anna", "+"]
    came = anna.ask("MODE anna +iy")
    assert sorted(verbs(came)) == ["501", "MODE"]
    assert anna.ask_one("MODE mario").verb == anna.ask_one("MODE mario +i").verb == "502"
    assert anna.ask_one("MODE nobody").verb in ("401", "502")
