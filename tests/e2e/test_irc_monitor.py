"""MONITOR: who is told when somebody comes and goes."""

import pytest

from irc import verbs


@pytest.fixture
def anna(irc_server):
    return irc_server.irc("anna")


def test_adding_tells_who_is_here_and_who_is_not(irc_server, anna):
    mario = irc_server.irc("mario")
    came = anna.ask("MONITOR + MARIO,luca")
    assert {m.verb: m.params[1:] for m in came} == {"730": [mario.mask], "731": ["luca"]}


def test_coming_going_and_changing_names_are_told(irc_server, anna):
    anna.ask("MONITOR + mario,luigi")
    mario = irc_server.irc("mario")
    assert [m.params for m in anna.sync()] == [["anna", mario.mask]]
    assert anna.received[-2].verb == "730"
    mario.ask("NICK luigi")
    came = anna.sync()
    assert sorted(verbs(came)) == ["730", "731"]
    assert {m.verb: m.text for m in came} == {"731": "mario", "730": mario.mask.replace("mario!", "luigi!")}
    mario.ask("NICK LUIGI")
    anna.expect_nothing()  # the same name
    mario.send("QUIT")
    mario.expect_closed()
    assert [(m.verb, m.text) for m in anna.sync()] == [("731", "LUIGI")]


def test_frame_people_are_told_too(irc_server, anna):
    anna.ask("MONITOR + mario_rossi")
    person = irc_server.join("Mario Rossi")
    assert [m.verb for m in anna.sync()] == ["730"] and anna.received[-2].text.startswith("Mario_Rossi!")
    person.close()
    anna.expect("731")


def test_list_status_remove_and_clear(irc_server, anna):
    mario = irc_server.irc("mario")
    anna.ask("MONITOR + mario,luca,paolo")
    came = anna.ask("MONITOR L")
    assert verbs(came) == ["732", "733"] and set(came[0].text.split(",")) == {"mario", "luca", "paolo"}
    came = anna.ask("MONITOR S")
    assert {m.verb: set(m.text.split(",")) for m in came} == {"730": {mario.mask}, "731": {"luca", "paolo"}}
    assert anna.ask("MONITOR - LUCA,nobody") == []
    assert set(anna.ask("MONITOR l")[0].text.split(",")) == {"mario", "paolo"}
    assert anna.ask("MONITOR C") == []
    assert verbs(anna.ask("MONITOR L")) == ["733"]
    mario.send("QUIT")
    mario.expect_closed()
    anna.expect_nothing()


def test_adding_twice_counts_once(irc_server, anna):
    anna.ask("MONITOR + luca,luca,LUCA")
    assert anna.ask("MONITOR L")[0].text == "luca"


def test_nonsense_is_refused(anna):
    assert anna.ask_one("MONITOR").verb == "461"
    assert anna.ask_one("MONITOR +").verb == "461"
    assert anna.ask_one("MONITOR ?").verb in ("FAIL", "461", "400")
    anna.ask("MONITOR + #channel,*,a!b@c")
    assert verbs(anna.ask("MONITOR L")) == ["733"]


def test_long_lists_are_lines_that_fit(irc_server, anna):
    names = [("n%02d" % n + "x" * 29) for n in range(100)]
    for at in range(0, 100, 10):
        assert set(verbs(anna.ask("MONITOR + " + ",".join(names[at:at + 10])))) == {"731"}
    came = anna.ask("MONITOR L")
    assert all(len(m.raw) <= 510 for m in came)
    assert {name for m in came if m.verb == "732" for name in m.text.split(",")} == set(names)
    clients = [irc_server.irc(name) for name in names[:20]]
    came = anna.ask("MONITOR S")
    assert all(len(m.raw) <= 510 for m in came)
    assert sum(len(m.text.split(",")) for m in came if m.verb == "730") >= len(clients)


def test_extended_notices_need_their_capability(irc_server, anna):
    mario = irc_server.irc("mario")
    anna.ask("MONITOR + mario")
    mario.ask("AWAY :gone", "SETNAME :Other")
    anna.expect_nothing()
