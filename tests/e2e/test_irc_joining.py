"""JOIN, PART, KICK and INVITE."""

import pytest

from irc import gather, only, verbs
from server import BOTH_DOORS


@pytest.fixture
def people(irc_server):
    return [irc_server.irc(name) for name in ("anna", "mario", "luca")]


@pytest.fixture
def together(people):
    """All three in #a, anna its operator, and nothing unread."""
    return gather("#a", *people)


# JOIN


def test_the_first_to_join_is_its_operator_and_all_hear_of_the_next(people):
    anna, mario, luca = people
    came = anna.ask("JOIN #a")
    assert [m.line for m in came] == [f":{anna.mask} JOIN #a", ":brusio.localhost 353 anna = #a :@anna",
                                      ":brusio.localhost 366 anna #a :End of /NAMES list"]
    came = mario.ask("JOIN #A")
    assert came[0].line == f":{mario.mask} JOIN #a"
    assert set(came[1].text.split()) == {"@anna", "mario"} and verbs(came) == ["JOIN", "353", "366"]
    assert anna.sync()[0].line == f":{mario.mask} JOIN #a"
    luca.expect_nothing()


def test_joining_twice_is_nothing(people):
    anna = people[0]
    anna.join("#a")
    assert anna.ask("JOIN #a", "JOIN #A") == []


def test_join_takes_lists_of_channels_and_keys(people):
    anna, mario, _ = people
    anna.join("#a", "#b", "#c")
    anna.ask("MODE #a +k one", "MODE #b +k two")
    came = mario.ask("JOIN #a,#b,#c one,two")
    assert [m.params[0] for m in only(came, "JOIN")] == ["#a", "#b", "#c"]
    mario.ask("PART #a,#b,#c")
    came = mario.ask("JOIN #a,#b,#c two,two")
    assert [m.params[0] for m in only(came, "JOIN")] == ["#b", "#c"]
    assert only(came, "475")[0].params[1] == "#a"


def test_join_0_leaves_all(people):
    anna, mario, _ = people
    anna.join("#a", "#b", "#c")
    mario.join("#b")
    anna.sync()
    came = anna.ask("JOIN 0")
    assert sorted(m.params[0] for m in came) == ["#a", "#b", "#c"] and set(verbs(came)) == {"PART"}
    assert mario.sync()[-1].line.startswith(f":{anna.mask} PART #b")


def test_join_tells_the_topic_with_who_and_when(people):
    anna, mario, _ = people
    anna.join("#a")
    anna.ask("TOPIC #a :the topic")
    came = mario.ask("JOIN #a")
    assert verbs(came) == ["JOIN", "332", "333", "353", "366"]
    assert came[1].params == ["mario", "#a", "the topic"]
    assert came[2].params[:3] == ["mario", "#a", anna.mask] and came[2].params[3].isdigit()


@pytest.mark.parametrize("mode, numeric", [("+i", "473"), ("+k secret", "475"), ("+l 1", "471"), ("+b mario", "474"),
                                           ("+R", "477"), ("+b *!*@*", "474")])
def test_modes_keep_people_out(people, mode, numeric):
    anna, mario, _ = people
    anna.join("#a")
    assert anna.ask_one(f"MODE #a {mode}").verb == "MODE"
    assert mario.ask_one("JOIN #a").params[:2] == ["mario", "#a"] and mario.received[-2].verb == numeric
    anna.expect_nothing()


def test_many_channels_in_one_line_are_all_answered(people):
    anna = people[0]
    came = anna.ask("JOIN " + ",".join(f"#{n}" for n in range(120)))
    assert len(only(came, "JOIN")) == 100 and len(only(came, "405")) == 20


def test_join_of_nothing_is_461(people):
    anna = people[0]
    assert anna.ask_one("JOIN").matches("461", "anna", "JOIN")
    assert anna.ask_one("JOIN :").matches("461", "anna", "JOIN")


# PART


def test_part_with_and_without_a_reason(together):
    anna, mario, luca = together
    assert mario.ask_one("PART #a :see you").line == f":{mario.mask} PART #a :see you"
    luca.sync()
    assert luca.ask_one("PART #A").line == f":{luca.mask} PART #a"
    assert [m.line for m in anna.sync()] == [f":{mario.mask} PART #a :see you", f":{luca.mask} PART #a"]
    assert mario.ask_one("PART #a").matches("442", "mario", "#a")
    assert mario.ask_one("PART #nowhere").matches("403", "mario", "#nowhere")
    assert mario.ask_one("PART nothing").matches("403", "mario", "nothing")
    assert mario.ask_one("PART").matches("461", "mario", "PART")


def test_part_takes_a_list(people):
    anna = people[0]
    anna.join("#a", "#b")
    assert verbs(anna.ask("PART #a,#nowhere,#b :bye")) == ["PART", "403", "PART"]


def test_an_empty_channel_is_gone_with_its_modes(people):
    anna, mario, _ = people
    anna.join("#a")
    anna.ask("MODE #a +mk key", "TOPIC #a :old", "PART #a")
    assert anna.ask_one("MODE #a").verb == "403"
    assert verbs(mario.ask("JOIN #a")) == ["JOIN", "353", "366"]
    assert mario.ask("NAMES #a")[0].text == "@mario"


# KICK


def test_kick_with_and_without_a_reason(together):
    anna, mario, luca = together
    assert anna.ask_one("KICK #a mario :out you go").line == f":{anna.mask} KICK #a mario :out you go"
    assert [m.line for m in mario.sync()] == [f":{anna.mask} KICK #a mario :out you go"]
    assert anna.ask_one("KICK #A LUCA").line == f":{anna.mask} KICK #a luca :anna"
    assert [m.params[1] for m in luca.sync()] == ["mario", "luca"]
    assert anna.ask("NAMES #a")[0].text == "@anna"


def test_kick_takes_lists(together):
    anna, mario, luca = together
    came = anna.ask("KICK #a mario,nobody,luca :bye")
    assert verbs(came) == ["KICK", "401", "KICK"]
    for client in (mario, luca):
        client.ask("JOIN #a,#b")
    anna.ask("JOIN #b")
    anna.sync()
    came = anna.ask("KICK #a,#b mario,luca :x")
    assert came[0].params[:2] == ["#a", "mario"] and came[1].matches("482", "anna", "#b")


def test_kick_refusals(together):
    anna, mario, luca = together
    assert mario.ask_one("KICK #a luca").matches("482", "mario", "#a")
    assert anna.ask_one("KICK #a nobody").matches("401", "anna", "nobody")
    luca.ask("PART #a")
    anna.sync()
    assert anna.ask_one("KICK #a luca").matches("441", "anna", "luca", "#a")
    assert luca.ask_one("KICK #a anna").matches("442", "luca", "#a")
    assert anna.ask_one("KICK #nowhere mario").matches("403", "anna", "#nowhere")
    for line in ("KICK", "KICK #a", "KICK #a :", "KICK #a,#b mario"):
        assert anna.ask_one(line).matches("461", "anna", "KICK"), line


def test_nobody_becomes_operator_of_the_lobby_by_joining(people):
    anna, mario, _ = people
    came = anna.ask("JOIN #piazza")
    assert only(came, "353")[0].text == "anna"
    mario.join("#piazza")
    assert mario.ask_one("KICK #piazza anna").verb == "482"
    assert mario.ask_one("MODE #piazza +m").verb == "482"


def test_nobody_is_forced_into_the_lobby(irc_server):
    anna = irc_server.irc("anna")
    assert not only(anna.welcome, "JOIN")
    assert verbs(anna.ask("WHOIS anna")).count("319") == 0


def test_without_a_lobby_there_is_none(brusiod):
    server = brusiod('[server]\nlobby = ""\n', listen=BOTH_DOORS[1:])
    anna = server.irc("anna")
    assert only(anna.ask("JOIN #piazza"), "353")[0].text == "@anna"  # a channel like others


# INVITE


def test_an_invitation_is_told_to_both_and_listed(together):
    anna, mario, luca = together
    anna.ask("JOIN #b")
    assert anna.ask_one("INVITE Mario #B").line == ":brusio.localhost 341 anna mario #b"
    assert [m.line for m in mario.sync()] == [f":{anna.mask} INVITE mario #b"]
    assert [m.params for m in mario.ask("INVITE")] == [["mario", "#b"], ["mario", "End of /INVITE list"]]
    assert verbs(mario.ask("INVITE")) == ["336", "337"]
    mario.join("#b")
    assert verbs(mario.ask("INVITE")) == ["337"]  # used up
    assert verbs(luca.ask("INVITE")) == ["337"]


def test_an_operators_invitation_goes_past_i_k_and_l(people):
    anna, mario, luca = people
    anna.join("#a")
    anna.ask("MODE #a +ikl key 1")
    assert mario.ask_one("JOIN #a").verb in ("473", "475", "471")
    anna.ask("INVITE mario #a")
    mario.sync()
    mario.join("#a")
    mario.ask("PART #a")
    assert mario.ask_one("JOIN #a").verb in ("473", "475", "471")  # once only


def test_a_members_invitation_is_no_pass(people):
    anna, mario, luca = people
    anna.join("#a")
    mario.join("#a")
    anna.ask("MODE #a +k key")
    mario.sync()
    assert mario.ask_one("INVITE luca #a").verb == "341"
    luca.sync()
    assert luca.ask_one("JOIN #a").verb == "475"
    anna.ask("MODE #a -k+i key")
    mario.sync()
    assert mario.ask_one("INVITE luca #a").matches("482", "mario", "#a")
    assert luca.sync() == []


def test_a_banned_person_stays_out_though_invited(people):
    anna, mario, _ = people
    anna.join("#a")
    anna.ask("MODE #a +b mario", "INVITE mario #a")
    mario.sync()
    assert mario.ask_one("JOIN #a").verb == "474"  # an invitation goes past +i, +k and +l only


def test_invite_refusals(together):
    anna, mario, luca = together
    assert anna.ask_one("INVITE nobody #a").matches("401", "anna", "nobody")
    assert anna.ask_one("INVITE mario #a").matches("443", "anna", "mario", "#a")
    assert anna.ask_one("INVITE mario #nowhere").matches("403", "anna", "#nowhere")
    mario.ask("JOIN #b")
    assert anna.ask_one("INVITE luca #b").matches("442", "anna", "#b")
    assert anna.ask_one("INVITE luca").matches("461", "anna", "INVITE")


def test_invitations_follow_a_rename_of_the_channel(people):
    anna, mario, _ = people
    anna.join("#a")
    anna.ask("MODE #a +i", "INVITE mario #a", "RENAME #a #c")
    mario.sync()
    assert mario.ask("INVITE")[0].params[1] == "#c"
    mario.join("#c")


def test_an_exception_from_i_needs_no_invitation(people):
    anna, mario, luca = people
    anna.join("#a")
    anna.ask("MODE #a +iI mario!*@*")
    mario.join("#a")
    assert luca.ask_one("JOIN #a").verb == "473"


def test_a_channel_cannot_look_like_another(irc_server):
    """With letters of another alphabet; two names in ASCII may look alike (0 and O)."""
    anna, mario = irc_server.irc("anna"), irc_server.irc("mario")
    anna.join("#w0rld", "#home")
    mario.join("#wOrld")
    refused = mario.ask_one("JOIN #hоme")  # Cyrillic о
    assert refused.verb == "403" and refused.params[1] == "#hоme" and "looks like" in refused.text
    failed = mario.ask_one("RENAME #wOrld #hоme")
    assert failed.params[:2] == ["RENAME", "CHANNEL_NAME_IN_USE"]
    assert verbs(mario.ask("JOIN #pіazza"))[0] == "403"  # the lobby's, with a Ukrainian і
    anna.ask("PART #home")
    mario.join("#hоme")
