"""Tags: the server's own (msgid, time, account, bot), those of clients for clients, their limits, and broken ones."""

import datetime
import re

import pytest

from deadline import seconds
from irc import only, verbs
from server import BOTH_DOORS

TAGS = ["message-tags"]
MSGID = re.compile(r"^[^ :;,]{1,64}$")


def two(server, *caps, channel="#a"):
    """Anna and Mario with these capabilities in one channel, and nothing on its way to them."""
    anna, mario = server.irc("anna", caps=caps), server.irc("mario", caps=caps)
    for person in anna, mario:
        person.join(channel)
    anna.sync()
    return anna, mario


def got(client, verb):
    found = only(client.sync(), verb)
    assert len(found) == 1, found
    return found[0]


def client_tags(message):
    return {key: value for key, value in message.tags.items() if key.startswith("+")}


# msgid


@pytest.mark.parametrize("verb", ["PRIVMSG", "NOTICE", "TAGMSG"])
@pytest.mark.parametrize("target", ["#a", "mario"])
def test_everybody_gets_the_same_id(irc_server, verb, target):
    anna, mario = two(irc_server, "message-tags", "echo-message")
    luca = irc_server.irc("luca", caps=TAGS)
    luca.join("#a")
    anna.sync(), mario.sync()
    echo = anna.ask_one(f"@+x=1 {verb} {target}" + (" :hello" if verb != "TAGMSG" else ""))
    received = [got(mario, verb)] + ([got(luca, verb)] if target == "#a" else [])
    assert MSGID.match(echo.tags["msgid"])
    for message in received:
        assert message.tags == echo.tags and message.line == echo.line


def test_ids_are_never_the_same(irc_server):
    anna, mario = two(irc_server, *TAGS)
    anna.ask(*[f"PRIVMSG #a :{i}" for i in range(300)], *[f"PRIVMSG mario :{i}" for i in range(300)])
    ids = [m.tags["msgid"] for m in mario.sync()]
    assert len(ids) == len(set(ids)) == 600


def test_a_message_to_several_targets_is_several_messages(irc_server):
    anna, mario = two(irc_server, "message-tags", "echo-message")
    echoes = anna.ask("PRIVMSG #a,mario :hello")
    received = mario.sync()
    assert [m.params[0] for m in echoes] == [m.params[0] for m in received] == ["#a", "mario"]
    assert [m.tags["msgid"] for m in echoes] == [m.tags["msgid"] for m in received]
    assert echoes[0].tags["msgid"] != echoes[1].tags["msgid"]


def test_what_frame_people_say_has_an_id_too(irc_server):
    anna = irc_server.irc("anna", caps=TAGS)
    anna.join("#piazza")
    mario = irc_server.join("mario")
    anna.expect("JOIN", source="mario")
    mario.send("hello")
    assert MSGID.match(anna.expect("PRIVMSG", "#piazza", "hello").tags["msgid"])


def test_an_id_from_a_client_is_not_believed(irc_server):
    anna, mario = two(irc_server, "message-tags", "server-time", "account-tag", "batch", "echo-message")
    echo = anna.ask_one("@msgid=mine;time=2000-01-01T00:00:00.000Z;account=boss;bot;x;+y=1 PRIVMSG #a :hello")
    message = got(mario, "PRIVMSG")
    assert message.tags == echo.tags and set(message.tags) == {"msgid", "time", "+y"}
    assert message.tags["msgid"] != "mine" and not message.tags["time"].startswith("2000")


def test_without_the_capability_there_are_no_ids_and_no_clients_tags(irc_server):
    anna = irc_server.irc("anna", caps=TAGS)
    mario = irc_server.irc("mario")
    luca = irc_server.irc("luca", caps=["server-time", "account-tag", "batch", "echo-message", "labeled-response"])
    for person in anna, mario, luca:
        person.join("#a")
    mario.sync()
    anna.ask("@+typing=active PRIVMSG #a :hello", "@+typing=active TAGMSG #a")
    assert [(m.verb, m.tags) for m in mario.sync()] == [("PRIVMSG", {})]
    assert [(m.verb, set(m.tags)) for m in luca.sync()] == [("PRIVMSG", {"time"})]


def test_clients_tags_need_the_capability_of_their_sender(irc_server):
    """Who did not ask for it may send tags to the server only."""
    anna, mario = irc_server.irc("anna"), irc_server.irc("mario", caps=TAGS)
    for person in anna, mario:
        person.join("#a")
    came = anna.ask("@+typing=active PRIVMSG #a :hello", "@+typing=active TAGMSG #a")
    assert [m.params[1] for m in only(came, "421")] == ["TAGMSG"]
    message = got(mario, "PRIVMSG")
    assert client_tags(message) == {}


# server-time


def test_the_time_is_the_time(irc_server):
    anna, mario = two(irc_server, "server-time", "echo-message")
    before = datetime.datetime.now(datetime.timezone.utc)
    echo = anna.ask_one("PRIVMSG #a :hello")
    after = datetime.datetime.now(datetime.timezone.utc)
    message = got(mario, "PRIVMSG")
    assert message.tags == echo.tags
    assert re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", message.tags["time"])
    at = datetime.datetime.strptime(message.tags["time"], "%Y-%m-%dT%H:%M:%S.%f%z")
    slack = datetime.timedelta(seconds=seconds(0.1))
    assert before - slack <= at <= after + slack


@pytest.mark.parametrize("command, verb", [
    ("PRIVMSG #a :x", "PRIVMSG"), ("NOTICE #a :x", "NOTICE"), ("TOPIC #a :x", "TOPIC"), ("MODE #a +m", "MODE"),
    ("NICK maria", "NICK"), ("PART #a :x", "PART"), ("QUIT :x", "QUIT"), ("KICK #a anna :x", "KICK"),
    ("AWAY :x", "AWAY"), ("SETNAME :x", "SETNAME"), ("INVITE luca #a", "INVITE"), ("RENAME #a #b", "RENAME"),
    ("INVITE anna #c", "INVITE"), ("PRIVMSG anna :x", "PRIVMSG"),
])
def test_all_that_others_do_has_a_time(irc_server, command, verb):
    caps = ["server-time", "message-tags", "away-notify", "setname", "invite-notify", "draft/channel-rename"]
    mario, anna = irc_server.irc("mario", caps=caps), irc_server.irc("anna", caps=caps)
    irc_server.irc("luca")
    mario.join("#a")
    mario.join("#c")
    anna.join("#a")
    mario.send(command)
    assert "time" in anna.expect(verb).tags


def test_joins_have_a_time(irc_server):
    mario = irc_server.irc("mario", caps=["server-time"])
    mario.join("#a")
    irc_server.irc("anna").join("#a")
    assert "time" in mario.expect("JOIN", "#a", source="anna").tags


def test_nobody_has_an_account_so_nobody_is_tagged_with_one(irc_server):
    anna, mario = two(irc_server, "account-tag", "message-tags")
    anna.ask("PRIVMSG #a :hello", "@account=anna NOTICE #a :hello")
    assert all("account" not in m.tags for m in mario.sync())


# Tags of clients for clients


@pytest.mark.parametrize("tags", [
    {"+typing": "active"}, {"+typing": "paused"}, {"+typing": "done"},
    {"+reply": "aaaa"}, {"+draft/reply": "aaaa"},
    {"+draft/react": "👋", "+reply": "aaaa"}, {"+draft/unreact": "👋", "+reply": "aaaa"},
    {"+draft/channel-context": "#a"}, {"+channel-context": "#a"},
    {"+example.org/thing": "value"}, {"+x": ""}, {"+xn--e1afmkfd.org/x": "ключ"},
    {"+draft/name-0.2": "1"}, {"+a": "1", "+b": "2", "+C": "3", "+c": "4"},
], ids=lambda tags: "-".join(tags))
@pytest.mark.parametrize("verb", ["PRIVMSG", "NOTICE", "TAGMSG"])
def test_they_are_passed_on(irc_server, tags, verb):
    anna, mario = two(irc_server, "message-tags", "echo-message")
    raw = ";".join(f"{key}={value}" if value else key for key, value in tags.items())
    for target in "#a", "mario":
        echo = anna.ask_one(f"@{raw} {verb} {target}" + (" :hello" if verb != "TAGMSG" else ""))
        assert client_tags(got(mario, verb)) == client_tags(echo) == tags


def test_a_reply_names_a_message(irc_server):
    anna, mario = two(irc_server, *TAGS)
    anna.ask("PRIVMSG #a :a question")
    question = got(mario, "PRIVMSG").tags["msgid"]
    mario.ask(f"@+reply={question};+draft/react=yes TAGMSG #a")
    assert client_tags(got(anna, "TAGMSG")) == {"+reply": question, "+draft/react": "yes"}


@pytest.mark.parametrize("raw, value", [
    (r"a\:b\sc\\d\re\nf", "a;b c\\d\re\nf"), (r"lone\\", "lone\\"), ("tail\\", "tail"), (r"\b\q", "bq"),
    ("raw+:=,", "raw+:=,"), ("a=b=c", "a=b=c"), ("ünï😀", "ünï😀"), ("\\", ""), ("", ""), (r"\:\:\:", ";;;"),
])
def test_values_and_escapes(irc_server, raw, value):
    """Passed on so that they mean the same; broken escapes are no reason to refuse anything."""
    anna, mario = two(irc_server, *TAGS)
    anna.ask(f"@+x={raw} PRIVMSG #a :hello")
    message = got(mario, "PRIVMSG")
    assert client_tags(message) == {"+x": value} and message.params == ["#a", "hello"]


@pytest.mark.parametrize("raw, wanted", [
    ("+x=1;+x=2", {"+x": "2"}),  # the last one counts
    (";;+x=1;;", {"+x": "1"}),
    ("=1;+x=1;=", {"+x": "1"}),
    ("+=1;+x=1", {"+x": "1"}),
    ("++x=1;+y=1", {"++x": "1", "+y": "1"}),  # keys are opaque
    ("+a b/c=1", None),  # a blank ends the tags
    ("+a/b/c=1;+y=1", {"+a/b/c": "1", "+y": "1"}),
    ("+a_b=1;+y=1", {"+a_b": "1", "+y": "1"}),
    ("+ключ=1;+y=1", {"+ключ": "1", "+y": "1"}),
    ("+y=1;+a\x01b=1", {"+y": "1"}),
])
def test_odd_tags_harm_nobody(irc_server, raw, wanted):
    anna, mario = two(irc_server, *TAGS)
    anna.ask(f"@{raw} PRIVMSG #a :hello")
    came = only(mario.sync(), "PRIVMSG")
    if wanted is None:
        assert came == []
    else:
        assert [(client_tags(m), m.params) for m in came] == [(wanted, ["#a", "hello"])]


@pytest.mark.parametrize("line", ["@", "@ ", "@+x=1", "@;", "@+x=1   "])
def test_tags_without_a_command(irc_server, line):
    anna = irc_server.irc("anna", caps=TAGS)
    assert verbs(anna.ask(line)) in ([], ["421"])


def test_tags_and_a_source_before_the_command(irc_server):
    anna, mario = two(irc_server, *TAGS)
    anna.ask("@+x=1   :somebody!else@there   PRIVMSG #a :hello")
    message = got(mario, "PRIVMSG")
    assert client_tags(message) == {"+x": "1"} and message.source == anna.mask


def test_other_lines_do_not_carry_clients_tags(irc_server):
    anna, mario = two(irc_server, *TAGS)
    anna.ask("@+x=1 TOPIC #a :new", "@+x=1 NICK annabella", "@+x=1 PART #a")
    assert [(m.verb, client_tags(m)) for m in mario.sync()] == [("TOPIC", {}), ("NICK", {}), ("PART", {})]


# TAGMSG


def test_a_tagmsg_has_a_target_and_nothing_else(irc_server):
    anna, mario = two(irc_server, *TAGS)
    anna.ask("@+typing=active TAGMSG #a :text is no part of it")
    message = got(mario, "TAGMSG")
    assert message.params == ["#a"] and message.source == anna.mask and set(message.tags) == {"msgid", "+typing"}


@pytest.mark.parametrize("tags", ["", "@x=1 ", "@msgid=1;x "])
def test_a_tagmsg_without_tags_for_clients(irc_server, tags):
    """It may be passed on as an empty one or dropped, but with none of these tags, and it is no error."""
    anna, mario = two(irc_server, *TAGS)
    assert anna.ask(f"{tags}TAGMSG #a") == []
    for message in mario.sync():
        assert message.verb == "TAGMSG" and set(message.tags) <= {"msgid"} and message.tags["msgid"] != "1"


def test_a_tagmsg_obeys_the_channel(irc_server):
    anna, mario = two(irc_server, *TAGS)
    luca = irc_server.irc("luca", caps=TAGS)
    assert luca.ask_one("@+x=1 TAGMSG #a").matches("404", "luca", "#a")
    anna.ask("MODE #a +m")
    mario.sync()
    assert mario.ask_one("@+x=1 TAGMSG #a").matches("404", "mario", "#a")
    anna.expect_nothing()
    anna.ask("MODE #a -m", "MODE #a +b $m:mario")
    mario.sync()
    assert mario.ask_one("@+x=1 TAGMSG #a").matches("404", "mario", "#a")


@pytest.mark.parametrize("target, answer", [("nobody", "401"), ("#nowhere", "403"), ("", "411")])
def test_a_tagmsg_to_nobody(irc_server, target, answer):
    anna = irc_server.irc("anna", caps=TAGS)
    came = anna.ask_one(f"@+x=1 TAGMSG {target}".rstrip())
    assert came.verb == answer


def test_a_tagmsg_to_operators_only(irc_server):
    anna, mario = two(irc_server, "message-tags", "echo-message")
    luca = irc_server.irc("luca", caps=TAGS)
    luca.join("#a")
    anna.sync(), mario.sync()
    echo = mario.ask_one("@+x=1 TAGMSG @#a")
    assert echo.params == ["@#a"] and got(anna, "TAGMSG").params == ["@#a"]
    luca.expect_nothing()


def test_a_tagmsg_is_no_reason_to_say_that_one_is_away(irc_server):
    anna, mario = two(irc_server, *TAGS)
    mario.ask("AWAY :out")
    assert anna.ask("@+typing=active TAGMSG mario") == []
    got(mario, "TAGMSG")


def test_a_tagmsg_to_several(irc_server):
    anna, mario = two(irc_server, *TAGS)
    came = anna.ask("@+x=1 TAGMSG #a,nobody,mario")
    assert [m.params[1] for m in only(came, "401")] == ["nobody"]
    assert [m.params for m in mario.sync()] == [["#a"], ["mario"]]


def test_frame_people_do_not_see_a_tagmsg(irc_server):
    anna = irc_server.irc("anna", caps=TAGS)
    anna.join("#piazza")
    mario = irc_server.join("mario")
    anna.expect("JOIN", source="mario")
    anna.ask("@+typing=active TAGMSG #piazza", "@+typing=active TAGMSG mario", "@+typing=done PRIVMSG #piazza :hello")
    assert mario.recv_pair() == (b"anna", b"hello")


def test_before_the_log_in(irc_server):
    assert irc_server.irc().ask_one("@+x=1 TAGMSG #a").verb == "451"


# Blocked tags


def blocking(brusiod, *names):
    listed = ", ".join(f'"{name}"' for name in names)
    return brusiod(f"[irc]\nblocked_tags = [{listed}]\n", listen=BOTH_DOORS)


def test_nothing_is_blocked_by_default(irc_server):
    assert irc_server.irc("anna").isupport().get("CLIENTTAGDENY", "") == ""


def test_blocked_tags_are_taken_off(brusiod):
    server = blocking(brusiod, "typing", "draft/react")
    anna, mario = two(server, "message-tags", "echo-message")
    assert set(anna.isupport()["CLIENTTAGDENY"].split(",")) == {"typing", "draft/react"}
    echo = anna.ask_one("@+typing=active;+reply=1;+draft/react=x PRIVMSG #a :hello")
    assert client_tags(echo) == client_tags(got(mario, "PRIVMSG")) == {"+reply": "1"}
    anna.ask_one("@+draft/typing=active;+typing=active TAGMSG #a")
    assert client_tags(got(mario, "TAGMSG")) == {"+draft/typing": "active"}


def test_a_tagmsg_of_blocked_tags_only_is_silent(brusiod):
    server = blocking(brusiod, "typing")
    anna, mario = two(server, *TAGS)
    assert anna.ask("@+typing=active TAGMSG #a", "@+typing=active TAGMSG mario") == []
    assert all(client_tags(m) == {} for m in mario.sync())


def test_all_are_blocked(brusiod):
    server = blocking(brusiod, "*")
    anna, mario = two(server, *TAGS)
    assert anna.isupport()["CLIENTTAGDENY"] == "*"
    anna.ask("@+typing=active;+x=1 PRIVMSG #a :hello", "@+reply=1 TAGMSG #a")
    assert [client_tags(m) for m in only(mario.sync(), "PRIVMSG")] == [{}]


def test_all_but_some_are_blocked(brusiod):
    server = blocking(brusiod, "-typing", "*", "-draft/react")
    anna, mario = two(server, *TAGS)
    assert anna.isupport()["CLIENTTAGDENY"] == "*,-typing,-draft/react"
    anna.ask("@+typing=active;+x=1;+draft/react=y PRIVMSG #a :hello", "@+reply=1 TAGMSG #a")
    came = mario.sync()
    assert [client_tags(m) for m in only(came, "PRIVMSG")] == [{"+typing": "active", "+draft/react": "y"}]
    assert all(client_tags(m) == {} for m in only(came, "TAGMSG"))


def test_a_reload_changes_what_is_blocked(brusiod):
    server = blocking(brusiod, "typing")
    anna, mario = two(server, *TAGS)
    server.reload("[irc]\nblocked_tags = [\"reply\"]\n")
    anna.ask("@+typing=active;+reply=1 PRIVMSG #a :hello")
    assert client_tags(got(mario, "PRIVMSG")) == {"+typing": "active"}


# Limits


def tags_of(size):
    """Tag data of so many bytes."""
    return "+x=" + "v" * (size - 3)


@pytest.mark.parametrize("size, fits", [(4094, True), (4095, False), (4096, False), (8190, False), (20_000, False)])
def test_tags_of_clients_have_4094_bytes(irc_server, size, fits):
    anna, mario = two(irc_server, *TAGS)
    came = anna.ask(f"@{tags_of(size)} PRIVMSG #a :hello")
    if fits:
        assert came == []
        assert got(mario, "PRIVMSG").tags["+x"] == "v" * (size - 3)
    else:
        assert len(came) == 1 and came[0].matches("417", "anna")
        mario.expect_nothing()


def test_many_small_tags(irc_server):
    anna, mario = two(irc_server, *TAGS)
    wanted = {f"+{i:x}": "" for i in range(1100)}
    raw = ";".join(wanted)
    while len(raw) > 4094:
        wanted.popitem()
        raw = ";".join(wanted)
    anna.ask(f"@{raw} TAGMSG #a")
    assert client_tags(got(mario, "TAGMSG")) == wanted


def test_tags_of_the_server_are_counted_apart(irc_server):
    """4,094 bytes of tags and 510 of text: all of both arrive, and the server's come first."""
    caps = ["message-tags", "server-time", "account-tag", "echo-message"]
    anna, mario = two(irc_server, *caps)
    room = 510 - len(f":{anna.mask} PRIVMSG #a :")
    text = "x" * room
    anna.ask("MODE anna +B")
    mario.sync()
    echo = anna.ask_one(f"@{tags_of(4094)} PRIVMSG #a :{text}")
    message = got(mario, "PRIVMSG")
    assert message.text == text and message.tags == echo.tags
    assert set(message.tags) == {"msgid", "time", "bot", "+x"} and len(message.tags["+x"]) == 4091
    section = message.raw.split(b" ")[0]
    assert len(section) + 1 <= 8191 and len(section) - 1 - 4094 <= 4095
    assert list(message.tags)[-1] == "+x"
    assert len(message.raw) - len(section) - 1 <= 510


def test_text_has_510_bytes_whatever_the_tags(irc_server):
    anna, mario = two(irc_server, *TAGS)
    line = "PRIVMSG #a :"
    for size, fits in (510, True), (511, False):
        for tags in "", "@+x=1 ", f"@{tags_of(4094)} ":
            came = anna.ask(tags + line + "y" * (size - len(line)))
            assert verbs(came) == ([] if fits else ["417"]), (size, tags)
            text = "".join(m.text for m in only(mario.sync(), "PRIVMSG"))
            assert text == ("y" * (size - len(line)) if fits else "")


def test_a_long_text_in_pieces_carries_its_tags_and_one_id(irc_server):
    """The line that came fits, but not with the sender's mask in front of it."""
    anna, mario = two(irc_server, *TAGS)
    anna.ask("@+reply=1 PRIVMSG #a :" + "y" * 490)
    pieces = only(mario.sync(), "PRIVMSG")
    assert len(pieces) == 2 and "".join(m.text for m in pieces) == "y" * 490
    assert all(len(m.line) <= 510 for m in pieces)
    assert "msgid" in pieces[0].tags and "msgid" not in pieces[1].tags
    assert client_tags(pieces[0]) == {"+reply": "1"}


def test_a_line_that_is_too_long_before_the_log_in(irc_server):
    client = irc_server.irc()
    assert client.ask_one(f"@{tags_of(4095)} NICK anna").matches("417", "*")
    client.register("anna")


def test_bytes_that_are_not_utf8_in_tags(irc_server):
    anna, mario = two(irc_server, *TAGS)
    came = anna.ask_one(b"@+x=\xff\xfe PRIVMSG #a :hello")
    assert came.matches("FAIL", "PRIVMSG", "INVALID_UTF8")
    mario.expect_nothing()


# Bots


def test_bots_are_tagged_for_who_can_see_tags(irc_server):
    anna = irc_server.irc("anna", caps=TAGS)
    mario = irc_server.irc("mario", caps=["server-time"])
    robot = irc_server.irc("robot", caps=["message-tags", "echo-message"])
    assert robot.ask_one("MODE robot +B").matches("MODE", "robot", "+B")
    for person in anna, mario:
        person.join("#a")
    robot.ask("JOIN #a")
    assert robot.ask_one("PRIVMSG #a :beep").tags["bot"] == ""
    robot.ask("NOTICE #a :beep", "@+x=1 TAGMSG #a", "PRIVMSG anna :beep", "NICK robby", "PART #a")
    seen = [(m.verb, m.tags.get("bot")) for m in anna.sync() if m.nick in ("robot", "robby")]
    assert seen == [(verb, "") for verb in ("JOIN", "PRIVMSG", "NOTICE", "TAGMSG", "PRIVMSG", "NICK", "PART")]
    assert all("bot" not in m.tags for m in mario.sync())
    robot.ask("JOIN #a", "MODE robby -B", "PRIVMSG #a :I am no robot")
    assert "bot" not in anna.expect("PRIVMSG").tags


@pytest.mark.parametrize("command, verb", [
    ("KICK #a mario :out", "KICK"), ("MODE #a +m", "MODE"), ("TOPIC #a :new", "TOPIC"), ("INVITE anna #a", "INVITE"),
    ("RENAME #c #b", "RENAME"), ("AWAY :x", "AWAY"), ("SETNAME :x", "SETNAME"), ("QUIT", "QUIT"),
])
def test_all_that_a_bot_does_is_tagged(irc_server, command, verb):
    caps = ["message-tags", "draft/channel-rename", "away-notify", "setname"]
    robot, anna, mario = irc_server.irc("robot"), irc_server.irc("anna", caps=caps), irc_server.irc("mario", caps=caps)
    robot.ask("MODE robot +B", "JOIN #a", "JOIN #c")
    mario.join("#a")
    mario.join("#c")
    robot.send(command)
    witness = anna if verb == "INVITE" else mario
    assert witness.expect(verb, source="robot").tags.get("bot") == ""
