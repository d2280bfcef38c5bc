"""TOPIC, NAMES, LIST and RENAME; secret channels and the empty lobby."""

import time

import pytest

from irc import only, verbs

pytestmark = pytest.mark.usefixtures("irc_server")


@pytest.fixture
def people(irc_server):
    return [irc_server.irc(name) for name in ("anna", "mario", "luca")]


def listed(client, conditions=""):
    came = client.ask(f"LIST {conditions}".rstrip())
    assert verbs(came)[0] == "321" and verbs(came)[-1] == "323" and set(verbs(came)[1:-1]) <= {"322"}, came
    return {m.params[1]: (int(m.params[2]), m.params[3]) for m in came[1:-1]}


# TOPIC


def test_topic_is_set_shown_and_taken_away(people):
    anna, mario, luca = people
    anna.join("#a")
    mario.join("#a")
    anna.sync()
    assert anna.ask_one("TOPIC #a").matches("331", "anna", "#a")
    before = int(time.time())
    assert anna.ask_one("TOPIC #A :two words").line == f":{anna.mask} TOPIC #a :two words"
    assert mario.sync()[-1].line == f":{anna.mask} TOPIC #a :two words"
    came = mario.ask("TOPIC #a")
    assert came[0].matches("332", "mario", "#a", "two words")
    assert came[1].matches("333", "mario", "#a", anna.mask)
    assert before <= int(came[1].params[3]) <= time.time() and verbs(came) == ["332", "333"]
    assert anna.ask_one("TOPIC #a :").line == f":{anna.mask} TOPIC #a :"
    assert anna.ask_one("TOPIC #a").verb == "331"


def test_topic_refusals(people):
    anna, mario, luca = people
    anna.join("#a")
    mario.join("#a")
    anna.ask("MODE #a -t")
    mario.sync()
    assert mario.ask_one("TOPIC #a :without +t everybody may").verb == "TOPIC"
    anna.ask("MODE #a +t")
    mario.sync()
    assert mario.ask_one("TOPIC #a :not me").matches("482", "mario", "#a")
    assert luca.ask_one("TOPIC #a :from outside").matches("442", "luca", "#a")
    assert luca.ask_one("TOPIC #nowhere :x").matches("403", "luca", "#nowhere")
    assert luca.ask_one("TOPIC #nowhere").matches("403", "luca", "#nowhere")
    assert luca.ask_one("TOPIC").matches("461", "luca", "TOPIC")
    anna.ask("MODE #a +h mario")
    mario.sync()
    assert mario.ask_one("TOPIC #a :half-operators may").verb == "TOPIC"


# NAMES


def test_names_takes_a_list_and_ends_each(people):
    anna, mario, luca = people
    anna.join("#a", "#b")
    mario.join("#a")
    anna.ask("MODE #a +v mario")
    came = luca.ask("NAMES #A,#nowhere,#b,nonsense")
    assert verbs(came) == ["353", "366", "366", "353", "366", "366"]
    assert came[0].params[1:3] == ["=", "#a"] and set(came[0].text.split()) == {"@anna", "+mario"}
    assert [m.params[1] for m in only(came, "366")] == ["#a", "#nowhere", "#b", "nonsense"]
    assert verbs(luca.ask("NAMES")) == ["366"]


def test_names_of_many_people_are_lines_that_fit(irc_server):
    people = [irc_server.irc("n%02d" % n + "x" * 29) for n in range(30)]
    for client in people:
        client.join("#a")
    came = people[0].ask("NAMES #a")
    names = only(came, "353")
    assert len(names) > 1 and all(len(m.raw) <= 510 for m in came)
    assert len({name.lstrip("@") for m in names for name in m.text.split()}) == 30


def test_invisible_people_are_named_to_members_only(people):
    anna, mario, luca = people
    anna.join("#a")
    mario.ask("MODE mario +i")
    mario.join("#a")
    anna.sync()
    assert set(anna.ask("NAMES #a")[0].text.split()) == {"@anna", "mario"}
    assert luca.ask("NAMES #a")[0].text.split() == ["@anna"]


def test_secret_channels_are_nobodys_business(people):
    anna, mario, luca = people
    anna.join("#a")
    anna.ask("MODE #a +s", "TOPIC #a :hidden")
    assert anna.ask("NAMES #a")[0].params[1] == "@"
    assert verbs(luca.ask("NAMES #a")) == ["366"]
    assert "#a" in listed(anna) and "#a" not in listed(luca) and "#a" not in listed(luca, "#a")
    assert not only(luca.ask("WHOIS anna"), "319")
    assert verbs(luca.ask("WHO #a")) == ["315"]
    for line in ("TOPIC #a", "MODE #a", "MODE #a b", "PRIVMSG #a :x", "PART #a", "KICK #a anna", "TOPIC #a :x",
                 "INVITE mario #a", "MODE #a +o luca", "RENAME #a #b"):
        there = luca.ask_one(line)
        elsewhere = luca.ask_one(line.replace("#a", "#q"))
        assert (there.verb, there.text) == (elsewhere.verb, elsewhere.text), line


# LIST


def test_list_shows_channels_with_counts_and_topics(people):
    anna, mario, luca = people
    assert listed(anna) == {}  # the lobby is empty
    anna.join("#a", "#b")
    mario.join("#a")
    anna.ask("TOPIC #a :about things")
    assert listed(luca) == {"#a": (2, "about things"), "#b": (1, "")}
    assert listed(luca, "#A,#nowhere") == {"#a": (2, "about things")}
    mario.join("#piazza")
    assert set(listed(luca)) == {"#a", "#b", "#piazza"}
    mario.ask("PART #piazza")
    assert set(listed(luca)) == {"#a", "#b"}


def test_frame_people_count_in_the_lobby(irc_server, people):
    irc_server.join("Frame Person")
    assert listed(people[0]) == {"#piazza": (1, "")}


@pytest.mark.parametrize("conditions, expected", [
    (">1", {"#big", "#middle"}), (">2", {"#big"}), ("<3", {"#middle", "#small"}), (">1,<3", {"#middle"}),
    ("<1", set()), (">0", {"#big", "#middle", "#small"}),
    ("#*i*", {"#big", "#middle"}), ("*m?ddle", {"#middle"}), ("!*i*", {"#small"}), ("!#b*,!#s*", {"#middle"}),
    ("#B*", {"#big"}), ("#*i*,!#big", {"#middle"}), ("#big,#small", {"#big", "#small"}),
    ("C<10", {"#big", "#middle", "#small"}), ("C>10", set()), ("C<0", set()), ("T<10", {"#big"}), ("T>10", set()),
    ("T<0", set()), ("c<10,>2", {"#big"})])
def test_list_conditions(people, conditions, expected):
    anna, mario, luca = people
    for client, channels in zip(people, (["#big", "#middle", "#small"], ["#big", "#middle"], ["#big"])):
        client.join(*channels)
    anna.ask("TOPIC #big :something")
    mario.sync()
    assert set(listed(mario, conditions)) == expected


def test_list_conditions_by_age(people):
    """C>0 and T>0: more than no minutes ago, which a channel is once a millisecond has passed."""
    anna = people[0]
    anna.join("#a")
    anna.ask("TOPIC #a :x")
    deadline = time.monotonic() + 5
    while not listed(anna, "C>0") or not listed(anna, "T>0"):
        assert time.monotonic() < deadline
    anna.ask("TOPIC #a :")


def test_list_is_safe_with_thousands_of_channels(irc_server):
    clients = [irc_server.irc(f"c{n}") for n in range(12)]
    for at, client in enumerate(clients):
        client.ask(*["JOIN " + ",".join(f"#channel-{at}-{n}" for n in range(part, part + 25))
                     for part in range(0, 100, 25)])
    assert len(listed(clients[0])) == 1200
    came = clients[0].ask("LIST", "PRIVMSG c0 :after")
    assert verbs(came)[-1] == "PRIVMSG" and len(came) == 1203  # whole before the next command


# RENAME


def test_rename_is_part_and_join_for_who_does_not_know_it(people):
    anna, mario, luca = people
    anna.join("#a")
    mario.join("#a")
    anna.ask("TOPIC #a :stays", "MODE #a +m")
    mario.sync()
    anna.send("RENAME #a #b :a better name")
    anna.expect("366", None, "#b")
    came = [*anna.skipped, anna.received[-1]]
    assert came[0].line == f":{anna.mask} PART #a :a better name"
    assert came[1].line == f":{anna.mask} JOIN #b"
    assert verbs(came)[2:] == ["332", "333", "353", "366"] and set(came[4].text.split()) == {"@anna", "mario"}
    came = mario.sync()
    assert came[0].line == f":{mario.mask} PART #a :a better name" and came[1].line == f":{mario.mask} JOIN #b"
    assert verbs(anna.ask("MODE #a")) == ["403"]
    assert "m" in anna.ask("MODE #b")[0].params[2]
    assert luca.sync() == []


def test_rename_refusals(people):
    anna, mario, luca = people
    anna.join("#a", "#taken")
    mario.join("#a")
    anna.sync()
    assert anna.ask_one("RENAME #a #Taken").params[:4] == ["RENAME", "CHANNEL_NAME_IN_USE", "#a", "#Taken"]
    assert mario.ask_one("RENAME #a #b").matches("482", "mario", "#a")
    assert luca.ask_one("RENAME #a #b").matches("442", "luca", "#a")
    assert luca.ask_one("RENAME #nowhere #b").matches("403", "luca", "#nowhere")
    assert anna.ask_one("RENAME #a nonsense").params[:4] == ["RENAME", "CANNOT_RENAME", "#a", "nonsense"]
    assert anna.ask_one("RENAME #a").matches("461", "anna", "RENAME")
    anna.join("#piazza")
    assert anna.ask_one("RENAME #piazza #other").verb in ("482", "FAIL")
    assert set(listed(luca)) == {"#a", "#taken", "#piazza"}


def test_rename_to_another_case_of_the_same_name(people):
    anna, mario, _ = people
    anna.join("#a")
    anna.ask("RENAME #a #A")
    assert mario.ask("JOIN #a")[0].params[0] == "#A"


def test_rename_to_another_case_outside_of_ascii_is_another_name(irc_server):
    """CASEMAPPING=ascii: without a PART and a JOIN, clients would not know which channel is spoken to."""
    anna, mario = irc_server.irc("anna"), irc_server.irc("mario")
    anna.join("#\u00c4")
    mario.join("#\u00c4")
    anna.sync()
    assert verbs(anna.ask("RENAME #\u00c4 #\u00e4")) == ["PART", "JOIN", "353", "366"]
    assert verbs(mario.sync()) == ["PART", "JOIN", "353", "366"]
