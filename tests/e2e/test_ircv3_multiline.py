"""draft/multiline: one message of several lines, as those get it who can take it whole, and as everybody else does."""

import pytest

from deadline import seconds
from irc import only, verbs
from server import BOTH_DOORS

CAPS = ["batch", "draft/multiline", "message-tags"]


def lines_of(*lines, target="#a", verb="PRIVMSG", tags="", reference="b"):
    """The batch as it is sent. A line that is a tuple is joined to the one before it."""
    sent = [f"{tags}BATCH +{reference} draft/multiline {target}"]
    for line in lines:
        concat, text = (";draft/multiline-concat", line[0]) if isinstance(line, tuple) else ("", line)
        sent.append(f"@batch={reference}{concat} {verb} {target} :{text}")
    return [*sent, f"BATCH -{reference}"]


def take_apart(messages):
    """A received batch: (its opening line, its lines, the whole text)."""
    opening, *lines, closing = messages
    assert opening.verb == closing.verb == "BATCH" and opening.params[1] == "draft/multiline", messages
    assert closing.params == ["-" + opening.params[0][1:]]
    text = ""
    for at, line in enumerate(lines):
        assert line.tags.pop("batch") == opening.params[0][1:], line
        concat = line.tags.pop("draft/multiline-concat", None) is not None
        assert not concat or (at > 0 and line.text), line
        assert not line.tags, f"only the opening line has tags: {line!r}"
        assert line.params[0] == opening.params[2] and line.source == opening.source
        text += ("" if concat or at == 0 else "\n") + line.text
    assert len({line.verb for line in lines}) == 1
    return opening, lines, text


@pytest.fixture
def room(irc_server):
    """Anna speaks; Mario takes messages whole; Luca has tags only, Sara nothing. All are in #a."""
    sets = {"anna": [*CAPS, "echo-message"], "mario": CAPS, "luca": ["message-tags", "batch"], "sara": []}
    for nick, caps in sets.items():
        setattr(irc_server, nick, irc_server.irc(nick, caps=caps))
        getattr(irc_server, nick).join("#a")
    for nick in sets:
        getattr(irc_server, nick).sync()
    return irc_server


def fails(client, *code_and_context):
    """A function that sends lines and expects exactly this failure."""

    def send(lines):
        came = client.ask(*lines)
        assert len(came) == 1 and came[0].matches("FAIL", "BATCH", *code_and_context), came
        return came[0]

    return send


# Delivery


@pytest.mark.parametrize("verb", ["PRIVMSG", "NOTICE"])
def test_lines_become_one_message(room, verb):
    echo, _, echoed = take_apart(room.anna.ask(*lines_of("hello", "", "how is ", ("everyone?",), verb=verb)))
    opening, lines, text = take_apart(room.mario.sync())
    assert text == echoed == "hello\n\nhow is everyone?"
    assert [m.text for m in lines] == ["hello", "", "how is ", "everyone?"] and lines[0].verb == verb
    assert opening.tags == echo.tags and set(opening.tags) == {"msgid"}
    assert opening.source == room.anna.mask and opening.params[2] == "#a"


def test_who_cannot_take_it_whole_gets_its_lines(room):
    """As they were sent, without the blank ones; only the first has the id."""
    echo, *_ = room.anna.ask(*lines_of("", "hello", "", "how is ", ("everyone?",), ""))
    luca, sara = room.luca.sync(), room.sara.sync()
    assert [m.text for m in luca] == [m.text for m in sara] == ["hello", "how is ", "everyone?"]
    assert [m.tags.get("msgid") for m in luca] == [echo.tags["msgid"], None, None]
    assert [m.tags for m in sara] == [{}, {}, {}]
    assert all(m.verb == "PRIVMSG" and m.source == room.anna.mask for m in luca + sara)


def test_the_opening_lines_tags_are_the_messages(room):
    room.anna.ask(*lines_of("one", "two", tags="@+reply=abc;+typing=done;x=1 "))
    opening, _, _ = take_apart(room.mario.sync())
    assert {k: v for k, v in opening.tags.items() if k != "msgid"} == {"+reply": "abc", "+typing": "done"}
    first, *_ = room.luca.sync()
    assert first.tags["+reply"] == "abc" and "msgid" in first.tags


def test_tags_on_the_lines_inside_are_nobodys(room):
    room.anna.ask("BATCH +b draft/multiline #a", "@batch=b;+x=1 PRIVMSG #a :one", "@+x=2;batch=b PRIVMSG #a :two",
                  "BATCH -b")
    take_apart(room.mario.sync())
    assert all("+x" not in m.tags for m in room.luca.sync())


def test_to_one_person(room):
    room.anna.ask(*lines_of("one", "two", target="mario"))
    opening, _, text = take_apart(room.mario.sync())
    assert opening.params[2] == "mario" and text == "one\ntwo"
    room.luca.expect_nothing()


def test_to_oneself(room):
    came = room.anna.ask(*lines_of("one", "two", target="anna"))
    half = len(came) // 2
    assert take_apart(came[:half])[2] == take_apart(came[half:])[2] == "one\ntwo"


def test_to_operators_only(room):
    room.anna.ask("MODE #a +o mario")
    for person in room.mario, room.luca:
        person.sync()
    room.anna.ask(*lines_of("one", "two", target="@#a"))
    opening, _, text = take_apart(room.mario.sync())
    assert opening.params[2] == "@#a" and text == "one\ntwo"
    room.luca.expect_nothing()


def test_one_line_is_an_ordinary_message(room):
    """A batch of one line need not stay one."""
    room.anna.ask(*lines_of("alone"))
    came = room.mario.sync()
    assert [m.text for m in only(came, "PRIVMSG")] == ["alone"]
    assert "msgid" in came[0].tags


def test_a_line_that_is_continued_is_one_text(room):
    long = ["x" * 300, ("y" * 300,), ("z" * 300,)]
    room.anna.ask(*lines_of(*long, "end"))
    assert take_apart(room.mario.sync())[2] == "x" * 300 + "y" * 300 + "z" * 300 + "\nend"
    assert [m.text for m in room.sara.sync()] == ["x" * 300, "y" * 300, "z" * 300, "end"]


def test_the_first_line_can_be_joined_to_nothing(room):
    """Nothing is before it: it is a line, or an error."""
    came = room.anna.ask(*lines_of(("one",), "two"))
    if only(came, "FAIL"):
        assert came[0].matches("FAIL", "BATCH", "MULTILINE_INVALID")
    else:
        assert take_apart(room.mario.sync())[2] == "one\ntwo"


def test_blanks_at_the_ends_stay(room):
    text = "  two before, two after  "
    room.anna.ask(*lines_of(text, " "))
    assert take_apart(room.mario.sync())[2] == text + "\n "


def test_lines_that_do_not_fit_with_the_senders_mask_are_split(room):
    """Each as it came fitted, but not as it is received."""
    text = "word " * 94
    room.anna.ask(*lines_of(text[:470], text[:470]))
    _, lines, whole = take_apart(room.mario.sync())
    assert whole == text[:470] + "\n" + text[:470]
    assert all(len(m.line.encode()) <= 510 for m in lines)
    assert all(len(m.line.encode()) <= 510 for m in room.sara.sync())


def test_characters_are_not_torn(room):
    text = "ключ😀" * 40
    room.anna.ask(*lines_of(text[:100], (text[100:],)))
    assert take_apart(room.mario.sync())[2] == text
    assert "".join(m.text for m in room.sara.sync()) == text


def test_what_frame_people_say_in_many_lines_is_whole(room):
    frank = room.join("frank")
    for person in room.anna, room.sara:
        person.join("#piazza")
    room.anna.sync()
    frank.send("one\n\ntwo " + "x" * 1000)
    opening = room.anna.expect("BATCH")
    _, lines, text = take_apart([opening, *room.anna.sync()])
    assert text == "one\n\ntwo " + "x" * 1000 and opening.tags["msgid"]
    room.sara.expect("PRIVMSG", "#piazza", "one")
    assert "".join(m.text for m in room.sara.sync()).replace(" ", "") == "two" + "x" * 1000


def test_frame_people_get_it_as_one(room):
    frank = room.join("frank")
    room.anna.join("#piazza")
    room.anna.ask(*lines_of("one", "", "two", (" and three",), target="#piazza"))
    assert frank.recv_pair() == (b"anna", b"one\n\ntwo and three")


# Limits


def sized(brusiod, message_bytes):
    server = brusiod(f"[limits]\nmessage_bytes = {message_bytes}\n", listen=BOTH_DOORS)
    anna, mario = server.irc("anna", caps=CAPS), server.irc("mario", caps=CAPS)
    for person in anna, mario:
        person.join("#a")
    anna.sync()
    return anna, mario


def test_bytes_are_counted_with_the_line_feeds(brusiod):
    anna, mario = sized(brusiod, 1000)
    fail = fails(anna, "MULTILINE_MAX_BYTES", "1000")
    anna.ask(*lines_of("x" * 400, "x" * 400, "x" * 198))  # and two line feeds
    assert len(take_apart(mario.sync())[2]) == 1000
    fail(lines_of("x" * 400, "x" * 400, "x" * 199))
    anna.ask(*lines_of("x" * 400, ("x" * 400,), ("x" * 200,)))
    assert len(take_apart(mario.sync())[2]) == 1000
    fail(lines_of("x" * 400, ("x" * 400,), ("x" * 201,)))
    fail(lines_of("ключ" * 40, "ключ" * 40, "ключ" * 40, "x" * 38))  # bytes, not characters
    mario.expect_nothing()


def test_as_many_bytes_as_by_default(irc_server):
    anna = irc_server.irc("anna", caps=CAPS)
    mario = irc_server.irc("mario", caps=CAPS)
    for person in anna, mario:
        person.join("#a")
    whole = ["x" * 409] * 39 + ["x" * (16384 - 39 * 410)]
    anna.ask(*lines_of(*whole))
    assert take_apart(mario.sync())[2] == "\n".join(whole)
    fails(anna, "MULTILINE_MAX_BYTES", "16384")(lines_of(*whole, ("x",)))


def test_lines_are_counted_all(brusiod):
    anna, mario = sized(brusiod, 16384)
    anna.ask(*lines_of(*["x"] * 50, *[""] * 10, "x", *[("y",)] * 39))
    assert take_apart(mario.sync())[2] == "x\n" * 50 + "\n" * 10 + "x" + "y" * 39
    for extra in "x", "", ("x",):
        fails(anna, "MULTILINE_MAX_LINES", "100")(lines_of(*["x"] * 100, extra))
    mario.expect_nothing()


# Failures: each is told once, nobody gets anything, and the next message works


@pytest.mark.parametrize("bad", [
    lines_of("one", ("",), "two"),
    lines_of("", ""),
    lines_of(""),
    lines_of(),
    [*lines_of("one")[:-1], "@batch=b NOTICE #a :two", "BATCH -b"],
    [*lines_of("one")[:-1], "@batch=b TOPIC #a :two", "BATCH -b"],
    [*lines_of("one")[:-1], "@batch=b TAGMSG #a", "BATCH -b"],
    [*lines_of("one")[:-1], "PRIVMSG #a :not in it", "BATCH -b"],
    [*lines_of("one")[:-1], "@batch=other PRIVMSG #a :not in it", "BATCH -b"],
    ["BATCH +b draft/multiline"],
], ids=["blank-joined", "blank-lines", "one-blank", "empty", "mixed", "other-command", "tagmsg", "no-batch",
        "other-batch", "no-target"])
def test_invalid_batches(room, bad):
    fails(room.anna, "MULTILINE_INVALID")(bad)
    for person in room.mario, room.sara:
        person.expect_nothing()
    room.anna.ask(*lines_of("fine", "again"))
    assert take_apart(room.mario.sync())[2] == "fine\nagain"


@pytest.mark.parametrize("given", ["#b", "mario", "@#a"])
def test_another_target(room, given):
    fails(room.anna, "MULTILINE_INVALID_TARGET", "#a", given)(
        ["BATCH +b draft/multiline #a", f"@batch=b PRIVMSG {given} :hello", "@batch=b PRIVMSG #a :x", "BATCH -b"])
    room.mario.expect_nothing()


def test_the_target_may_be_written_differently(room):
    came = room.anna.ask("BATCH +b draft/multiline #a", "@batch=b PRIVMSG #A :one", "@batch=b privmsg #a :two",
                         "BATCH -b")
    assert not only(came, "FAIL")
    assert take_apart(room.mario.sync())[2] == "one\ntwo"


@pytest.mark.parametrize("bad", [0, 3, 5])
def test_a_failure_in_the_middle_is_told_once(room, bad):
    texts = [f"{i}" for i in range(6)]
    lines = lines_of(*texts)
    lines[1 + bad] = "@batch=b NOTICE nobody :wrong"
    came = room.anna.ask(*lines)
    assert verbs(came) == ["FAIL"]
    room.mario.expect_nothing()


@pytest.mark.parametrize("reference", ["a!", "ключ", "x" * 65, "", "a,b", "a=b"])
def test_bad_references(room, reference):
    came = room.anna.ask(f"BATCH +{reference} draft/multiline #a")
    assert len(came) == 1 and came[0].matches("FAIL", "BATCH", "INVALID_REFTAG")


@pytest.mark.parametrize("reference", ["a", "A-b-9", "0", "x" * 64])
def test_good_references(room, reference):
    room.anna.ask(*lines_of("one", "two", reference=reference))
    assert take_apart(room.mario.sync())[2] == "one\ntwo"


@pytest.mark.parametrize("kind", ["draft/other", "multiline", "labeled-response", "chathistory"])
def test_unknown_types(room, kind):
    fails(room.anna, "UNKNOWN_TYPE", "b", kind)([f"BATCH +b {kind} #a"])


def test_what_belongs_to_a_refused_batch_is_ignored(room):
    """Neither spoken as if it were alone nor told again."""
    came = room.anna.ask("BATCH +b draft/other #a", "@batch=b PRIVMSG #a :one", "@batch=b PRIVMSG #a :two")
    assert [m.params[1] for m in only(came, "FAIL")][0] == "UNKNOWN_TYPE"
    assert only(came, "PRIVMSG") == []
    for person in room.mario, room.sara:
        person.expect_nothing()


def test_closing_what_is_not_open(room):
    assert room.anna.ask_one("BATCH -b").matches("FAIL", "BATCH")
    room.anna.ask(*lines_of("one", "two"))
    assert room.anna.ask_one("BATCH -b").matches("FAIL", "BATCH")


def test_a_batch_in_a_batch(room):
    came = room.anna.ask("BATCH +b draft/multiline #a", "@batch=b PRIVMSG #a :one",
                         "@batch=b BATCH +c draft/multiline #a", "@batch=c PRIVMSG #a :two",
                         "@batch=b BATCH -c", "BATCH -b")
    assert came and set(verbs(came)) == {"FAIL"}
    for person in room.mario, room.sara:
        person.expect_nothing()


def test_a_second_batch_before_the_first_is_closed(room):
    came = room.anna.ask("BATCH +b draft/multiline #a", "@batch=b PRIVMSG #a :one", "BATCH +c draft/multiline #a",
                         "@batch=c PRIVMSG #a :two", "BATCH -c", "BATCH -b")
    assert came and set(verbs(came)) == {"FAIL"}
    for person in room.mario, room.sara:
        person.expect_nothing()


def test_without_the_capability(irc_server):
    """Each of the two is needed."""
    for caps in [], ["batch"], ["draft/multiline"]:
        client = irc_server.irc("anna", caps=caps)
        client.join("#a")
        came = client.ask("BATCH +b draft/multiline #a")
        assert came[0].verb in ("FAIL", "421"), caps
        client.send("QUIT")
        client.expect_closed()


def test_a_batch_that_is_never_closed_is_nobodys(room):
    room.anna.ask(*lines_of("one", "two")[:-1])
    room.anna.send("QUIT")
    assert verbs(room.mario.expect("QUIT") and room.mario.skipped) == []


def test_open_batches_do_not_pile_up(room):
    """What is refused is not kept; what is kept is bounded by what a message may have."""
    before = room.memory("VmRSS")
    for _ in range(20):
        came = room.anna.ask("BATCH +b draft/multiline #a", *["@batch=b PRIVMSG #a :" + "x" * 450] * 200, "BATCH -b")
        assert verbs(came) == ["FAIL"]
    assert room.memory("VmRSS") - before < seconds(8) * (1 << 20)  # sanitizers keep for a while what was freed


@pytest.mark.parametrize("lost", [b"\xff\xfe", b"x" * 600, b"a\0b"], ids=["not-utf8", "too-long", "nul"])
def test_a_line_that_is_refused_spoils_its_batch(room, lost):
    """What was meant as a whole is not said in part."""
    came = room.anna.ask("BATCH +b draft/multiline #a", "@batch=b PRIVMSG #a :one", b"@batch=b PRIVMSG #a :" + lost,
                         "@batch=b PRIVMSG #a :three", "BATCH -b")
    assert only(came, "FAIL", "417")
    room.mario.expect_nothing()


# Rules of the channel


def test_it_is_refused_like_any_message(room):
    luca = room.irc("lucia", caps=CAPS)
    assert luca.ask_one(*lines_of("one", "two")).matches("404", "lucia", "#a")
    room.anna.ask("MODE #a +m")
    room.mario.sync()
    assert room.mario.ask_one(*lines_of("one", "two")).matches("404", "mario", "#a")
    assert room.mario.ask_one(*lines_of("one", "two", target="nobody")).verb == "401"
    assert room.mario.ask(*lines_of("one", "two", target="nobody", verb="NOTICE")) == []


def test_who_is_away_answers_once(room):
    room.mario.ask("AWAY :out")
    came = room.anna.ask(*lines_of("one", "two", "three", target="mario"))
    assert verbs(came).count("301") == 1


@pytest.mark.parametrize("lines", [
    ["\x01VERSION\x01", "two"], ["one", "\x01VERSION\x01"], ["one", "", "\x01PI", ("NG\x01",)],
    ["one", ("\x01VERSION\x01",)], ["\x01\x01VERSION\x01", "two"], ["\x01", ("VERSION\x01",)],
], ids=["first", "second", "joined", "continued", "doubled", "torn"])
def test_ctcp_cannot_be_smuggled_in(room, lines):
    """On a channel without CTCP no line becomes a request, for anybody."""
    room.anna.ask("MODE #a +C")
    for person in room.mario, room.luca, room.sara:
        person.sync()
    room.mario.ask(*lines_of(*lines))
    for person in room.sara, room.luca, room.anna:
        said = only(person.sync(), "PRIVMSG")
        assert not [m.raw for m in said if m.text.startswith("\x01")]


def test_ctcp_does_not_come_from_a_frame(room):
    frank = room.join("frank")
    for person in room.anna, room.sara:
        person.join("#piazza")
        person.sync()
    frank.send("\x01VERSION\x01", "one\n\x01VERSION\x01\n\x01\x01PING\x01", "\x01\x01PING 1\x01", "end")
    for person in room.anna, room.sara:
        person.expect("PRIVMSG", "#piazza", "end")
        assert not [m.raw for m in only(person.skipped, "PRIVMSG") if m.text.startswith("\x01")]


def test_ctcp_in_pieces_of_a_long_line(room):
    """Where a long text is cut must not be where a request begins."""
    frank = room.join("frank")
    room.sara.join("#piazza")
    room.sara.sync()
    frank.send(("x" * 37 + " \x01VERSION\x01 ") * 300, "end")
    room.sara.expect("PRIVMSG", "#piazza", "end")
    said = only(room.sara.skipped, "PRIVMSG")
    assert len(said) > 20 and not [m.raw for m in said if m.text.startswith("\x01")]
