"""CHATHISTORY: what stands on a page. Messages are as they were live, also those of several lines; so are events."""

from irc import only, sync_all, verbs
from reading import ALL, PLAIN, TIME, everything, m, multiline, read, ref, refused, tell, texts
from remembering import log_in
from server import IRC_ONLY


# Messages


def test_a_batch_names_its_target_as_it_is_called(talk):
    page = read(talk.mario, "LATEST #A * 2")
    assert page.targets == ["#a"] and page.texts == m(8, 10)
    assert page.opening.source == "brusio.localhost"


def test_a_line_has_the_msgid_time_source_and_tags_that_it_had_live(talk):
    talk.anna.send("@+draft/reply=abc;+x/y=z\\s1 PRIVMSG #a :tagged", "NOTICE #a :noticed",
                   "PRIVMSG #a :\x01ACTION waves\x01")
    live = only(talk.mario.sync() + talk.mario.sync(), "PRIVMSG", "NOTICE")
    live = live or only(talk.mario.sync(), "PRIVMSG", "NOTICE")
    told = read(talk.mario, "LATEST #a * 3").items
    assert len(live) == 3
    for was, now in zip(live, told):
        assert {k: v for k, v in now.tags.items() if k != "batch"} == was.tags
        assert now.line == was.line
        assert TIME.match(now.tags["time"]) and now.tags["msgid"]


def test_a_line_of_an_account_keeps_its_account_tag(world):
    anna = log_in(world, "anna", caps=(*PLAIN, "account-tag"))
    mario = world.irc("mario", caps=(*PLAIN, "account-tag"))
    mario.join("#a")
    anna.join("#a")
    tell(anna, "#a", "by an account")
    mario.send("PRIVMSG #a :by nobody")
    mario.expect("PRIVMSG", "#a", "by nobody")
    told = read(mario, "LATEST #a * 2").items
    assert [line.tags.get("account") for line in told] == ["anna", None]


def test_a_message_shows_its_sender_as_they_were(talk):
    talk.anna.ask("NICK renata")
    mask = talk.said[0].source
    assert read(talk.mario, "LATEST #a * 1").items[0].source == mask
    talk.anna.send("QUIT")
    talk.anna.expect_closed()
    assert read(talk.mario, "LATEST #a * 1").items[0].source == mask


def test_whoever_has_no_tags_gets_the_lines_without(talk):
    bare = talk.irc("bare", caps=["batch"])
    bare.join("#a")
    talk.anna.sync()
    tell(talk.anna, "#a", "hello")
    bare.sync()
    page = read(bare, "LATEST #a * 5")
    assert page.texts == ["hello"] and set(page.items[0].tags) == {"batch"}


def test_without_batches_the_lines_come_alone(talk):
    bare = talk.irc("bare")
    bare.join("#a")
    tell(talk.anna, "#a", "hello")
    bare.sync()
    came = bare.ask("CHATHISTORY LATEST #a * 5")
    assert [line.line for line in came] == [f":{talk.anna.mask} PRIVMSG #a :hello"] and not came[0].tags


def test_what_is_said_while_one_asks_is_not_mixed_in(talk):
    """Commands are answered in their order: the message is behind the page, or in it and before it."""
    for n in range(10, 40):
        talk.anna.send(f"PRIVMSG #a :m{n}")
        talk.mario.send("CHATHISTORY LATEST #a * 5")
    talk.anna.sync()
    came = talk.mario.sync()
    inside = None
    for line in came:
        if line.verb == "BATCH":
            inside = line.params[0][1:] if line.params[0][0] == "+" else None
        elif line.verb == "PRIVMSG":
            assert line.tags.get("batch") == inside, line


# Messages of several lines


def test_a_message_of_several_lines_is_one_batch_inside(talk):
    multiline(talk.anna, "#a", "one", "two", "", "four")
    opening = talk.anna.expect("BATCH", None, "draft/multiline")
    talk.anna.sync()
    page = read(talk.anna, "LATEST #a * 2")
    assert page.texts == ["m9", ["one", "two", "", "four"]]
    inner = page.items[1][0]
    assert inner.params[1:] == ["draft/multiline", "#a"] and inner.source == opening.source
    assert inner.tags["msgid"] == opening.tags["msgid"] and inner.tags["time"] == opening.tags["time"]
    assert all(set(line.tags) == {"batch"} for line in page.items[1][1:]), "tags are the opening line's only"


def test_a_message_of_several_lines_counts_as_one(talk):
    multiline(talk.anna, "#a", "one", "two", "three")
    talk.anna.sync()
    assert texts(talk.anna, "LATEST #a * 1") == [["one", "two", "three"]]
    assert texts(talk.mario, "LATEST #a * 2") == ["m9", "one", "two", "three"]
    told = read(talk.mario, "LATEST #a * 1").items
    assert ["msgid" in line.tags for line in told] == [True, False, False]
    assert all(line.tags["time"] == told[0].tags["time"] for line in told)


def test_pieces_of_a_long_line_stay_one_line(talk):
    talk.anna.send("BATCH +b draft/multiline #a", "@batch=b PRIVMSG #a :long ",
                   "@batch=b;draft/multiline-concat PRIVMSG #a :line", "@batch=b PRIVMSG #a :next", "BATCH -b")
    talk.anna.sync()
    (inner,) = read(talk.anna, "LATEST #a * 1").items
    text = ""
    for at, line in enumerate(inner[1:]):
        text += ("" if at == 0 or "draft/multiline-concat" in line.tags else "\n") + line.text
    assert text == "long line\nnext"


def test_several_lines_under_a_label_keep_their_batches(talk):
    multiline(talk.anna, "#a", "one", "two")
    talk.anna.sync()
    came = talk.anna.ask("@label=z CHATHISTORY LATEST #a * 2")
    assert [line for line in came if "label" in line.tags] == came[:1]
    opened = [line.params[0][1:] for line in came if line.verb == "BATCH" and line.params[0][0] == "+"]
    closed = [line.params[0][1:] for line in came if line.verb == "BATCH" and line.params[0][0] == "-"]
    assert sorted(opened) == sorted(closed) and len(set(opened)) == len(opened) >= 2
    assert [line.text for line in only(came, "PRIVMSG")] == ["m9", "one", "two"]


# Events


def happenings(server, reader_caps):
    """All kinds of things happen in #e; the one who reads was there all the time."""
    anna, reader = server.irc("anna", caps=ALL), server.irc("reader", caps=reader_caps)
    anna.join("#e")
    reader.join("#e")
    mario = server.irc("mario", caps=ALL)
    mario.join("#e")
    anna.sync()
    echo = tell(anna, "#e", "word")
    mario.ask(f"@+draft/reply={echo.tags['msgid']};+draft/react=ok TAGMSG #e")
    mario.ask(f"@+draft/reply={echo.tags['msgid']};+draft/unreact=ok TAGMSG #e")
    anna.ask("TOPIC #e :tea", "MODE #e +v mario")
    mario.ask("NICK maria")
    mario.ask("PART #e :bye")
    mario.ask("JOIN #e")
    anna.ask("KICK #e maria :out")
    mario.ask("JOIN #e")
    mario.send("QUIT :gone")
    mario.expect_closed()
    anna.expect("QUIT")
    live = reader.sync()
    return reader, live


def test_events_are_played_back_as_they_were_live(brusiod):
    reader, live = happenings(brusiod(listen=IRC_ONLY), ALL)
    page = read(reader, "LATEST #e * 50")
    seen = [line for line in page.items if not (line.verb == "JOIN" and line.nick in ("anna", "reader"))
            and not (line.verb == "MODE" and line.nick != "anna")]
    assert verbs(live) == ["JOIN", "PRIVMSG", "TAGMSG", "TAGMSG", "TOPIC", "MODE", "NICK", "PART", "JOIN", "KICK",
                           "JOIN", "QUIT"]
    assert verbs(seen) == verbs(live)
    for was, now in zip(live, seen):
        assert now.line == was.line
        assert now.tags["time"] == was.tags["time"]
        if "msgid" in was.tags:
            assert now.tags["msgid"] == was.tags["msgid"]
        client_tags = {k: v for k, v in was.tags.items() if k.startswith("+")}
        assert {k: v for k, v in now.tags.items() if k.startswith("+")} == client_tags


def test_a_reaction_and_its_removal_are_played_back_with_their_tags(brusiod):
    reader, _ = happenings(brusiod(listen=IRC_ONLY), ALL)
    word = next(line for line in read(reader, "LATEST #e * 50").items if line.verb == "PRIVMSG")
    react, unreact = only(read(reader, "LATEST #e * 50").items, "TAGMSG")
    assert react.tags["+draft/react"] == unreact.tags["+draft/unreact"] == "ok"
    assert react.tags["+draft/reply"] == unreact.tags["+draft/reply"] == word.tags["msgid"]
    assert react.tags["msgid"] != unreact.tags["msgid"] and react.tags["time"] <= unreact.tags["time"]


def test_without_event_playback_there_are_only_messages(brusiod):
    reader, _ = happenings(brusiod(listen=IRC_ONLY), PLAIN)
    page = read(reader, "LATEST #e * 50")
    assert page.verbs == ["PRIVMSG"] and page.ended
    assert read(reader, "LATEST #e * 1").texts == ["word"], "what is not told does not count"


def test_events_page_like_messages(brusiod):
    reader, _ = happenings(brusiod(listen=IRC_ONLY), ALL)
    whole = read(reader, "LATEST #e * 50").items
    page = read(reader, "LATEST #e * 3")
    heard = list(page.items)
    while not page.ended:
        page = read(reader, f"BEFORE #e {ref(page.items[0])} 3")
        heard = page.items + heard
    assert [line.tags["msgid"] for line in heard] == [line.tags["msgid"] for line in whole]
    assert len({line.tags["msgid"] for line in whole}) == len(whole)


def test_typing_is_not_remembered(talk):
    talk.mario.ask("@+typing=active TAGMSG #a")
    assert all("+typing" not in line.tags for line in read(talk.anna, "LATEST #a * 50").items)


def test_reactions_in_direct_messages_are_played_back(world):
    anna, bruno = log_in(world, "anna", caps=ALL), log_in(world, "bruno", caps=ALL)
    echo = tell(anna, "bruno", "tea?")
    bruno.ask(f"@+draft/reply={echo.tags['msgid']};+draft/react=yes TAGMSG anna")
    for client, other in ((anna, "bruno"), (bruno, "anna")):
        page = read(client, f"LATEST {other} * 10")
        assert page.verbs == ["PRIVMSG", "TAGMSG"] and page.items[1].tags["+draft/react"] == "yes"


def test_a_renamed_channel_keeps_its_past(talk):
    talk.anna.ask("RENAME #a #b")
    talk.mario.sync()
    assert everything(talk.mario, "#b") == m(0, 10)
    refused(talk.mario, "CHATHISTORY LATEST #a * 5", "INVALID_TARGET", "LATEST", "#a")


def test_extended_joins_are_played_back_as_each_client_knows_them(world):
    anna = log_in(world, "anna", caps=ALL)
    anna.join("#e")
    extended = world.irc("ext", caps=(*ALL, "extended-join"))
    extended.join("#e")
    bruno = log_in(world, "bruno", caps=ALL)
    bruno.join("#e")
    sync_all(anna, extended)
    short = [line for line in read(anna, "LATEST #e * 50").items if line.verb == "JOIN" and line.nick == "bruno"]
    long = [line for line in read(extended, "LATEST #e * 50").items if line.verb == "JOIN" and line.nick == "bruno"]
    assert [line.params for line in short] == [["#e"]]
    assert [line.params for line in long] == [["#e", "bruno", "bruno real"]]
