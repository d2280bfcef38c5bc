"""SEARCH: finding what was said, and only what one may read."""

import re

import pytest

from irc import only, sync_all, verbs
from reading import (ALL, FAR_AHEAD, PLAIN, found, milliseconds, refused, search, tell, when, with_accounts)
from remembering import log_in
from server import IRC_ONLY
from services import register

CAPS = (*PLAIN, "soju.im/search", "draft/message-redaction")
PROSE = ["a cup of tea", "a cup of coffee", "tea for two", "two cups of milk", "teapot and cups", "Perché no? Caffè!",
         "of tea a cup", "straße und Tee"]


@pytest.fixture
def room(world):
    """Anna has said PROSE in her registered #a, where bruno and luca (no account) are."""
    world.anna, world.bruno = log_in(world, "anna", caps=CAPS), log_in(world, "bruno", caps=CAPS)
    world.luca = world.irc("luca", caps=CAPS)
    world.anna.join("#a")
    world.anna.ask("PRIVMSG ChanServ :REGISTER #a")
    world.bruno.join("#a")
    world.luca.join("#a")
    world.said = [tell(world.anna, "#a", text) for text in PROSE]
    sync_all(world.anna, world.bruno, world.luca)
    return world


def prose(*at):
    return [PROSE[n] for n in at]


# What is found


@pytest.mark.parametrize("query, at", [
    ("cup", (0, 1, 6)), ("tea", (0, 2, 6)), ("CUP", (0, 1, 6)), ("cup tea", (0, 6)), ("tea cup", (0, 6)),
    ('"cup of tea"', (0,)), ('"of tea"', (0, 6)), ("te*", (0, 2, 4, 6, 7)), ("cup*", (0, 1, 3, 4, 6)),
    ('"cup of te*"', (0,)), ("cup -coffee", (0, 6)), ('cup -"of tea"', (1,)), ("caffè", (5,)), ("perché", (5,)),
    ("nothinglikethis", ())])
def test_words_phrases_and_beginnings(room, query, at):
    assert found(room.bruno, query) == prose(*at)


def test_text_as_attributes(room):
    assert found(room.bruno, "text=cup") == prose(0, 1, 6)
    assert found(room.bruno, "text=cup\\stea") == prose(0, 6)
    assert found(room.bruno, "text=cup;limit=2;in=#a;from=anna") == prose(1, 6)


def test_by_who_said_it(room):
    tell(room.bruno, "#a", "bruno likes tea")
    tell(room.luca, "#a", "luca likes tea")
    assert found(room.anna, "tea from:bruno") == found(room.anna, "text=tea;from=bruno") == ["bruno likes tea"]
    assert found(room.anna, "from:luca") == found(room.anna, "from=luca") == ["luca likes tea"]
    assert found(room.anna, "from:Anna tea") == prose(0, 2, 6), "a nick in any case"
    assert found(room.anna, "from:nobody") == []


def test_by_where_it_was_said(room):
    room.anna.join("#b")
    tell(room.anna, "#b", "tea in b")
    tell(room.anna, "bruno", "tea for you")
    assert found(room.anna, "tea in:#b") == found(room.anna, "in=#b;text=tea") == ["tea in b"]
    assert found(room.anna, "tea in:bruno") == ["tea for you"]
    assert found(room.bruno, "tea in:anna") == ["tea for you"]
    assert found(room.anna, "in:#B") == ["tea in b"]
    assert found(room.anna, "tea") == [*prose(0, 2, 6), "tea in b", "tea for you"], "everywhere"


def test_by_time(room):
    third = room.said[2].tags["time"]
    assert found(room.bruno, f"tea before:{third}") == prose(0, 2)
    assert found(room.bruno, f"tea after:{third}") == prose(2, 6)
    assert found(room.bruno, f"text=tea;after={third};before={third}") == prose(2)
    day = third[:10]
    assert found(room.bruno, f"tea after:{day}") == prose(0, 2, 6) and found(room.bruno, f"tea before:{day}") == []
    assert found(room.bruno, "tea after:2099-01-01") == [] and found(room.bruno, "tea before:2001-01-01") == []


def test_by_msgid(room):
    third = room.said[2].tags["msgid"]
    assert found(room.bruno, f"tea before:{third}") == prose(0)
    assert found(room.bruno, f"tea after:{third}") == prose(6)


def test_the_limit_takes_the_latest_in_order(room):
    assert found(room.bruno, "tea limit:2") == prose(2, 6)
    assert found(room.bruno, "text=tea;limit=1") == prose(6)


def test_a_search_has_at_most_a_hundred(room):
    room.anna.ask(*(f"PRIVMSG #a :many {n}" for n in range(130)))
    assert found(room.bruno, "many limit:1000") == [f"many {n}" for n in range(30, 130)]
    assert found(room.bruno, "many") == [f"many {n}" for n in range(80, 130)]


def test_one_goes_on_by_what_one_was_told(room):
    plain = log_in(room, "bruno", "bruno2", caps=(*PLAIN, "standard-replies"))
    plain.join("#a")
    room.anna.ask(*(f"PRIVMSG #a :many {n}" for n in range(10)))
    heard, query = [], "many limit:4"
    for _ in range(5):
        page = search(plain, query)
        heard = page.texts + heard
        note = only(page.after, "NOTE")
        assert note and note[0].params[0] == "SEARCH", page.after
        if note[0].params[1] != "MORE":
            break
        query = "many limit:4 " + re.search(r"before:\w+", note[0].text)[0]
    assert heard == [f"many {n}" for n in range(10)]


def test_a_line_is_what_it_was(room):
    page = search(room.bruno, "coffee")
    (line,) = page.items
    assert {k: v for k, v in line.tags.items() if k != "batch"} == {
        k: v for k, v in room.said[1].tags.items() if k not in ("batch", "label")}
    assert line.line == room.said[1].line and page.targets == []


def test_an_answer_has_its_label(room):
    search(room.bruno, "tea")  # the index is there
    came = room.bruno.ask("@label=s1 SEARCH tea")
    assert came[0].tags.get("label") == "s1" and not [line for line in came[1:] if "label" in line.tags]
    came = room.bruno.ask("@label=s2 SEARCH limit:0")
    assert len(came) == 1 and came[0].tags.get("label") == "s2" and came[0].verb == "FAIL"


def test_people_without_the_capability_find_as_much(room):
    bare = room.irc("bare")
    bare.join("#a")
    search(room.bruno, "tea")
    came = bare.ask("SEARCH tea")
    assert [line.text for line in only(came, "PRIVMSG")] == prose(0, 2, 6)
    assert not only(came, "BATCH") and all(not line.tags for line in came)


@pytest.mark.parametrize("query", [
    "text=tea;limit=x", "text=tea;limit=0", "text=tea;nosuch=1", "tea before:yesterday", "tea after:2026-13-01",
    '""', "tea limit:-1", "in=9x;text=tea", "tea before:", "text=", "*"])
def test_what_cannot_be_meant_is_refused(room, query):
    came = room.bruno.ask(f"SEARCH {query}")
    assert verbs(came) == ["FAIL"] and came[0].params[:2] == ["SEARCH", "INVALID_PARAMS"], came


def test_nothing_to_look_for_is_refused(room):
    assert verbs(room.bruno.ask("SEARCH"))[0] in ("461", "FAIL")


@pytest.mark.parametrize("query", [
    "' OR 1=1 --", '"unclosed phrase', "a AND b", "NEAR(tea cup)", "tea OR coffee", "col:tea", "^tea", "(tea", "te*a",
    "{x}", "text:tea", "\x02tea", "+tea", "tea;drop", "te\\*"])
def test_what_the_index_has_as_its_own_words_is_only_text(room, query):
    """Whatever it is, it is answered by a page or a refusal, and finds nothing that does not have the words."""
    came = room.bruno.ask(f"SEARCH {query}")
    assert came and came[0].verb in ("BATCH", "FAIL"), came
    assert not any("INTERNAL" in line.line for line in came), came
    assert verbs(room.bruno.ask("SEARCH tea"))[0] == "BATCH"


def test_or_is_a_word_like_others(room):
    tell(room.anna, "#a", "tea OR milk")
    assert found(room.bruno, "tea OR milk") == ["tea OR milk"]


def test_messages_of_several_lines_are_found_whole(room):
    writer = log_in(room, "anna", "anna2", caps=ALL)
    writer.join("#a")
    writer.ask("BATCH +b draft/multiline #a", "@batch=b PRIVMSG #a :first line",
               "@batch=b PRIVMSG #a :second uncommon line", "BATCH -b")
    page = search(writer, "uncommon")
    assert page.texts == [["first line", "second uncommon line"]]
    assert found(room.bruno, "uncommon") == ["first line", "second uncommon line"]


def test_notices_and_actions_are_found_and_events_are_not(room):
    room.anna.ask("NOTICE #a :marmalade noticed", "PRIVMSG #a :\x01ACTION eats marmalade\x01", "TOPIC #a :marmalade")
    assert found(room.bruno, "marmalade") == ["marmalade noticed", "\x01ACTION eats marmalade\x01"]
    assert "TOPIC" not in str(search(room.bruno, "marmalade").items)


# Who finds it


def test_whoever_is_not_in_the_channel_finds_nothing(room):
    carla = log_in(room, "carla", caps=CAPS)
    for query in ("tea", "tea in:#a", "from:anna", "in=#a;text=tea", f"tea before:{room.said[7].tags['msgid']}"):
        came = carla.ask(f"SEARCH {query}")
        assert not only(came, "PRIVMSG"), (query, came)
    nowhere, there = carla.ask("SEARCH tea in:#nowhere"), carla.ask("SEARCH tea in:#a")
    assert [m.params[:2] for m in nowhere if m.verb == "FAIL"] == [m.params[:2] for m in there if m.verb == "FAIL"]


def test_whoever_left_or_was_put_out_finds_nothing_any_more(room):
    assert found(room.bruno, "coffee") == prose(1)
    room.bruno.ask("PART #a")
    assert not only(room.bruno.ask("SEARCH coffee"), "PRIVMSG")
    room.anna.ask("MODE #a +b luca!*@*", "KICK #a luca")
    room.luca.sync()
    assert not only(room.luca.ask("SEARCH coffee"), "PRIVMSG")


def test_what_was_before_ones_join_is_found_by_the_channels_policy(room):
    room.anna.ask("PRIVMSG ChanServ :SET #a HISTORY SINCE-JOIN")
    carla = log_in(room, "carla", caps=CAPS)
    carla.join("#a")
    tell(room.anna, "#a", "later tea")
    carla.sync()
    assert found(carla, "tea") == found(carla, "tea in:#a") == ["later tea"]
    room.anna.ask("PRIVMSG ChanServ :SET #a HISTORY ALL")
    assert found(carla, "tea") == [*prose(0, 2, 6), "later tea"]
    room.anna.ask("PRIVMSG ChanServ :SET #a HISTORY OFF")
    assert not only(carla.ask("SEARCH tea"), "PRIVMSG")


def test_unregistered_and_closed_channels_show_what_came_after(world):
    anna, bruno = log_in(world, "anna", caps=CAPS), log_in(world, "bruno", caps=CAPS)
    anna.join("#new")
    anna.join("#closed")
    anna.ask("PRIVMSG ChanServ :REGISTER #closed", "MODE #closed +k word")
    for channel in ("#new", "#closed"):
        tell(anna, channel, "early tea")
    bruno.join("#new")
    bruno.join("#closed", key="word")
    for channel in ("#new", "#closed"):
        tell(anna, channel, f"late tea {channel}")
    bruno.sync()
    assert found(bruno, "tea") == ["late tea #new", "late tea #closed"]


def test_nobody_finds_what_others_told_each_other(room):
    tell(room.anna, "bruno", "between marmalades")
    carla = log_in(room, "carla", caps=CAPS)
    assert found(room.anna, "marmalades") == found(room.bruno, "marmalades") == ["between marmalades"]
    for client in (carla, room.luca):
        for query in ("marmalades", "marmalades from:anna", "marmalades in:anna", "marmalades in:bruno", "in:anna"):
            assert found(client, query) == [], query


def test_an_operator_of_the_server_finds_no_more_than_others(brusiod, hash_password):
    server = with_accounts(brusiod(f"[operator.root]\npassword = '{hash_password('s3cret')}'\n", listen=IRC_ONLY),
                           "anna", "bruno", "carla")
    anna, bruno, carla = (log_in(server, name, caps=CAPS) for name in ("anna", "bruno", "carla"))
    anna.join("#mine")
    tell(anna, "#mine", "marmalade here")
    tell(anna, "bruno", "marmalade there")
    bruno.sync()
    carla.send("OPER root s3cret")
    carla.expect("381")
    assert found(carla, "marmalade") == []
    for target in ("#mine",):
        refused(carla, f"CHATHISTORY LATEST {target} * 5", "INVALID_TARGET", "LATEST", target)


def test_the_next_holder_of_a_nick_finds_nothing_of_the_last(room):
    tell(room.anna, "luca", "marmalade for luca")
    assert found(room.luca, "marmalade") == ["marmalade for luca"]
    room.luca.send("QUIT")
    room.luca.expect_closed()
    again = room.irc("luca", caps=CAPS)
    assert found(again, "marmalade") == []
    register(again)
    assert found(again, "marmalade") == [] and found(again, "in:anna") == []


def test_what_was_for_operators_only_is_found_by_nobody_else(room):
    tell(room.anna, "@#a", "marmalade for operators")
    sync_all(room.anna, room.bruno, room.luca)
    assert found(room.bruno, "marmalade") == found(room.luca, "marmalade") == []


def test_whoever_logs_out_finds_nothing_of_the_account(room):
    tell(room.anna, "bruno", "marmalade for the account")
    assert found(room.bruno, "marmalade") == ["marmalade for the account"]
    room.bruno.ask("NS LOGOUT")
    assert found(room.bruno, "marmalade") == []


def test_what_services_were_told_is_not_found(room):
    room.anna.ask("PRIVMSG NickServ :IDENTIFY anna marmaladepassword", "NS IDENTIFY anna marmaladepassword")
    assert found(room.anna, "marmaladepassword") == []


def test_what_was_taken_back_is_gone(room):
    room.anna.ask(f"REDACT #a {room.said[1].tags['msgid']}")
    for client in (room.anna, room.bruno, room.luca):
        assert found(client, "coffee") == [] and found(client, "cup") == prose(0, 6)
        assert found(client, "from:anna in:#a limit:50") == prose(0, 2, 3, 4, 5, 6, 7)


# The index


def test_it_is_at_most_a_second_behind(room):
    echo = tell(room.anna, "#a", "brandnew word")
    page = search(room.bruno, "brandnew")
    assert page.texts == ["brandnew word"]
    pong = room.bruno.ask_one("@label=t TIME")
    at = pong.tags.get("time") or page.items[0].tags["time"]
    assert milliseconds(at) - milliseconds(echo.tags["time"]) < 5000


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_it_is_complete_after_a_restart(brusiod, room, how):
    room.anna.ask(*(f"PRIVMSG #a :numbered {n}" for n in range(60)), f"REDACT #a {room.said[1].tags['msgid']}")
    room.end(how)
    anna = log_in(brusiod(after=room, listen=IRC_ONLY), "anna", caps=CAPS)
    anna.ask("JOIN #a")
    assert found(anna, "numbered limit:100") == [f"numbered {n}" for n in range(60)]
    assert found(anna, "tea") == prose(0, 2, 6) and found(anna, "coffee") == []


def test_a_lost_index_is_made_anew(brusiod, room):
    room.stop()
    data = room.directory / "data"
    removed = [path.unlink() for path in data.glob("brusio.db.index*")]
    assert removed
    anna = log_in(brusiod(after=room, listen=IRC_ONLY), "anna", caps=CAPS)
    anna.ask("JOIN #a")
    assert found(anna, "tea") == prose(0, 2, 6)


def test_where_history_is_off_there_is_no_search(brusiod):
    server = brusiod("[history]\nenabled = false\n", listen=IRC_ONLY)
    assert verbs(server.irc("anna").ask("SEARCH tea")) == ["421"]


def test_times_far_away_are_no_trouble(room):
    for query in (f"tea before:{FAR_AHEAD[10:]}", f"tea after:0001-01-01 before:{when(room.said[7])[10:]}"):
        came = room.bruno.ask(f"SEARCH {query}")
        assert came[0].verb in ("BATCH", "FAIL") and "INTERNAL" not in str(came), came
