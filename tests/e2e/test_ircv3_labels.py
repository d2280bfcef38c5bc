"""labeled-response: whatever a labeled line leads to comes back as one thing that has the label, for every command."""

import itertools

import pytest

from irc import Message, only, verbs
from server import BOTH_DOORS

LABELS = ["labeled-response", "batch"]
_labels = itertools.count(1)


def logical(messages, label):
    """The one answer that has the label, taken apart: (its opening line, its lines without the frame of a batch).

    All of `messages` must belong to it, and batches must be closed, nested ones inside of their own."""
    labeled = [m for m in messages if "label" in m.tags]
    assert [m.tags["label"] for m in labeled] == [label], f"not exactly one label {label}: {messages}"
    first = messages[0]
    assert first is labeled[0], f"something came outside of the labeled answer: {messages}"
    if first.verb != "BATCH":
        assert len(messages) == 1, f"more than one line, and no batch: {messages}"
        return first, [first]
    outer = first.params[0]
    assert outer[0] == "+"
    parent = {outer[1:]: None}  # of the open batches
    inside = []
    for at, message in enumerate(messages[1:], 1):
        if message.verb == "BATCH" and message.params[0] == "-" + outer[1:]:
            assert list(parent) == [outer[1:]], f"closed before a batch in it: {messages}"
            assert at == len(messages) - 1, f"something came after the batch: {messages[at + 1:]}"
            return first, inside
        if message.verb == "BATCH" and message.params[0][0] == "-":
            reference = message.params[0][1:]
            assert message.tags.get("batch") == parent[reference], f"{message!r} closes outside of its batch"
            del parent[reference]
            continue
        assert message.tags.get("batch") in parent, f"{message!r} is in no open batch: {messages}"
        if message.verb == "BATCH":
            parent[message.params[0][1:]] = message.tags["batch"]
        inside.append(message)
    raise AssertionError(f"the batch was not closed: {messages}")


def ask(client, line, label=None, tags=""):
    """Sends a labeled line. Returns its answer's lines, and checks that they are one answer."""
    label = label or f"l{next(_labels)}"
    first, lines = logical(client.ask(f"@label={label}{tags} {line}"), label)
    if first.verb == "BATCH" and first.params[1] == "labeled-response":
        assert len(lines) > 1, f"a batch for less than two lines: {lines}"
    return lines


@pytest.fixture
def scene(brusiod, hash_password):
    """Anna has labels and is operator of #a, where Mario is too. She knows the password of the operator `boss`."""
    server = brusiod(f"[operator.boss]\npassword = '{hash_password('secret')}'\n", listen=BOTH_DOORS)
    server.anna = server.irc("anna", caps=LABELS)
    server.mario = server.irc("mario")
    server.anna.join("#a")
    server.mario.join("#a")
    server.anna.sync()
    return server


# One row for each way a command can end: (line, the verbs of its answer). "ACK" where nothing would come.
ANSWERS = [
    *((line, None) for line in (
        "AUTHENTICATE NO-SUCH", "REGISTER * * password1", "REGISTER * * short", "REGISTER", "VERIFY anna 12345678",
        "NS HELP", "NICKSERV INFO", "NS IDENTIFY anna wrong", "CS HELP", "CHANSERV INFO #a", "HS HELP",
        "HISTSERV DELETE #a x", "PRIVMSG NickServ :HELP", "PRIVMSG NickServ :REGISTER password1",
        "CHATHISTORY LATEST #a * 10", "CHATHISTORY LATEST #nowhere * 10", "CHATHISTORY",
        "CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=2090-01-01T00:00:00.000Z 10",
        "MARKREAD #a", "MARKREAD #a timestamp=2020-01-01T00:00:00.000Z", "REDACT #a aaaaaaaaaaaaa", "SEARCH text=hello",
        "SEARCH")),
    ("ADMIN", ["423"]),
    ("ADMIN nowhere", ["402"]),
    ("AWAY :out", ["306"]),
    ("AWAY", ["305"]),
    ("BATCH -nothing", ["FAIL"]),
    ("BATCH +b no-such-type", ["FAIL"]),
    ("BATCH", ["461"]),
    ("CAP LS", None),
    ("CAP LIST", ["CAP"]),
    ("CAP REQ :setname", ["CAP"]),
    ("CAP REQ :nothing", ["CAP"]),
    ("CAP END", ["ACK"]),
    ("CAP FOO", ["410"]),
    ("CAP", ["461"]),
    ("ERROR :x", ["ACK"]),
    ("HELP", None),
    ("HELP nothing", ["524"]),
    ("HELPOP JOIN", ["704", "705", "706"]),
    ("INFO", None),
    ("INVITE", ["337"]),
    ("INVITE mario", ["461"]),
    ("INVITE luca #a", ["341"]),
    ("INVITE mario #a", ["443"]),
    ("INVITE nobody #a", ["401"]),
    ("INVITE luca #nowhere", ["403"]),
    ("ISON mario", ["303"]),
    ("ISON nobody", ["303"]),
    ("ISUPPORT", None),
    ("JOIN #b", ["JOIN", "353", "366"]),
    ("JOIN #b,#c", ["JOIN", "353", "366", "JOIN", "353", "366"]),
    ("JOIN #a", ["ACK"]),
    ("JOIN 0", ["PART"]),
    ("JOIN bad", ["403"]),
    ("JOIN #b,bad", ["JOIN", "353", "366", "403"]),
    ("JOIN", ["461"]),
    ("JOIN ,", ["461"]),
    ("KICK #a mario :out", ["KICK"]),
    ("KICK #a nobody", ["401"]),
    ("KICK #a luca", ["441"]),
    ("KICK #nowhere mario", ["403"]),
    ("KICK #a mario,nobody", ["KICK", "401"]),
    ("KICK #a", ["461"]),
    ("LINKS", ["364", "365"]),
    ("LIST", None),
    ("LIST #nowhere", ["321", "323"]),
    ("LUSERS", None),
    ("METADATA * LIST", ["421"]),  # without its capability; test_ircv3_metadata.py has the rest
    ("MODE #a", ["324", "329"]),
    ("MODE #a +m", ["MODE"]),
    ("MODE #a +n", None),
    ("MODE #a b", ["368"]),
    ("MODE #a +b bad!mask@host", ["MODE"]),
    ("MODE #a +l abc", ["696"]),
    ("MODE #a +?", ["472"]),
    ("MODE #a +o", ["696"]),
    ("MODE #nowhere", ["403"]),
    ("MODE anna", ["221"]),
    ("MODE anna +i", ["MODE"]),
    ("MODE anna +?", ["501"]),
    ("MODE mario", ["502"]),
    ("MODE", ["461"]),
    ("MONITOR + mario,nobody", ["730", "731"]),
    ("MONITOR - mario", ["ACK"]),
    ("MONITOR C", ["ACK"]),
    ("MONITOR L", ["733"]),
    ("MONITOR S", ["ACK"]),
    ("MONITOR x", ["FAIL"]),
    ("MONITOR", ["461"]),
    ("MOTD", ["422"]),
    ("NAMES #a", ["353", "366"]),
    ("NAMES #nowhere", ["366"]),
    ("NAMES", ["366"]),
    ("NICK annabella", ["NICK"]),
    ("NICK anna", ["ACK"]),
    ("NICK mario", ["433"]),
    ("NICK bad!nick", ["432"]),
    ("NICK", ["431"]),
    ("NOTICE #a :x", ["ACK"]),
    ("NOTICE nobody :x", ["ACK"]),
    ("NOTICE", ["ACK"]),
    ("OPER boss wrong", ["464"]),
    ("OPER nobody wrong", ["464"]),
    ("OPER boss", ["461"]),
    ("PART #a :bye", ["PART"]),
    ("PART #nowhere", ["403"]),
    ("PART", ["461"]),
    ("PASS x", ["462"]),
    ("PING token", ["PONG"]),
    ("PING", ["409"]),
    ("PONG token", ["ACK"]),
    ("PRIVMSG #a :x", ["ACK"]),
    ("PRIVMSG mario :x", ["ACK"]),
    ("PRIVMSG away :x", ["301"]),
    ("PRIVMSG nobody :x", ["401"]),
    ("PRIVMSG #nowhere :x", ["403"]),
    ("PRIVMSG #a,nobody,mario :x", ["401"]),
    ("PRIVMSG nobody,#nowhere :x", ["401", "403"]),
    ("PRIVMSG #a", ["412"]),
    ("PRIVMSG", ["411"]),
    ("RENAME #a #b :better", None),
    ("RENAME #a bad", ["FAIL"]),
    ("RENAME #piazza #b", None),
    ("RENAME #nowhere #b", ["403"]),
    ("RENAME #a", ["461"]),
    ("SETNAME :Other Name", None),
    ("SETNAME :" + "x" * 300, ["FAIL"]),
    ("SETNAME", ["461"]),
    ("SILENCE", ["272"]),
    ("SILENCE +mario", ["SILENCE"]),
    ("STATS u", ["242", "219"]),
    ("STATS m", None),
    ("STATS o", ["219"]),
    ("STATS", ["219"]),
    ("TIME", ["391"]),
    ("TOPIC #a", ["331"]),
    ("TOPIC #a :new", ["TOPIC"]),
    ("TOPIC #nowhere", ["403"]),
    ("TOPIC", ["461"]),
    ("USER u 0 * :x", ["462"]),
    ("USERHOST mario", ["302"]),
    ("VERSION", None),
    ("WEBIRC p g h 127.0.0.1", ["462"]),
    ("WHO #a", ["352", "352", "315"]),
    ("WHO #a %n", ["354", "354", "315"]),
    ("WHO nobody", ["315"]),
    ("WHO", None),
    ("WHOIS mario", None),
    ("WHOIS nobody", ["401", "318"]),
    ("WHOIS mario,nobody", None),
    ("WHOIS", ["461"]),
    ("WHOWAS nobody", ["406", "369"]),
    ("WHOWAS", ["431"]),
    # For operators of the server, which she is not here.
    ("CHGHOST mario a.host", ["481"]),
    ("KILL mario :x", ["481"]),
    ("REHASH", ["481"]),
    ("REQUIREACCOUNT", ["481"]),
    ("UBAN LIST", ["481"]),
    ("WALLOPS :x", ["481"]),
    ("NOSUCHCOMMAND", ["421"]),
    ("123 x", ["421"]),
    ("\xff\xfe", None),
]
AS_OPERATOR = [
    ("CHGHOST luca a.host", ["NOTICE"]),
    ("CHGHOST nobody a.host", ["401"]),
    ("CHGHOST mario bad*host", ["FAIL"]),
    ("KILL luca :x", ["NOTICE"]),
    ("KILL nobody :x", ["401"]),
    ("REQUIREACCOUNT", ["NOTICE"]),
    ("REQUIREACCOUNT what", ["FAIL"]),
    ("STATS o", ["243", "219"]),
    ("UBAN LIST", ["NOTICE"]),
    ("UBAN ADD 192.0.2.0/24 deny 10m :spam", ["NOTICE"]),
    ("UBAN ADD a*b!c@d/e/f", None),
    ("UBAN DEL 192.0.2.1", ["FAIL"]),
    ("UBAN WHAT", ["FAIL"]),
    ("WALLOPS :x", None),
    ("WALLOPS", ["461"]),
    ("OPER boss secret", ["381"]),
]
APART = {"QUIT", "REHASH", "TAGMSG"}  # have tests of their own


@pytest.mark.parametrize("line, answer", ANSWERS, ids=[line[:30] for line, _ in ANSWERS])
def test_every_command_answers_under_its_label(scene, line, answer):
    luca = scene.irc("luca")
    away = scene.irc("away")
    away.ask("AWAY :out")
    lines = ask(scene.anna, line)
    if answer is not None:
        assert verbs(lines) == answer
    luca.sync()


def test_no_command_is_missing_here(scene):
    scene.anna.ask("OPER boss secret")
    listed = {word for m in only(scene.anna.ask("HELP"), "705") for word in m.text.split()}
    tested = {line.split()[0] for line, _ in ANSWERS + AS_OPERATOR} | APART
    assert listed and listed <= tested, f"without a test: {listed - tested}"


@pytest.mark.parametrize("line, answer", AS_OPERATOR, ids=[line[:30] for line, _ in AS_OPERATOR])
def test_commands_of_operators(scene, line, answer):
    scene.irc("luca")
    scene.anna.send("OPER boss secret")
    scene.anna.expect("381", timeout=20)
    scene.anna.sync()
    lines = ask(scene.anna, line)
    if answer is not None:
        assert verbs(lines) == answer


def test_becoming_an_operator(scene):
    """The password takes its time elsewhere, and the answer belongs to the label all the same."""
    lines = ask(scene.anna, "OPER boss secret")
    assert "381" in verbs(lines)
    assert ask(scene.anna, "OPER boss wrong")[0].verb == "464"


def test_rehash(scene):
    scene.anna.ask("OPER boss secret")
    scene.anna.send("@label=r REHASH")
    assert scene.anna.expect("382").tags.get("label") == "r" or "batch" in scene.anna.received[-1].tags


def test_the_end(scene):
    """Whatever is said then, at most one line of it has the label."""
    scene.anna.send("@label=q QUIT :bye")
    came = scene.anna.expect_closed()
    assert [m.tags["label"] for m in came if "label" in m.tags] in ([], ["q"])


def test_labels_in_a_pipeline_are_answered_in_order(scene):
    lines = [line for line, _ in ANSWERS if line.split()[0] not in ("JOIN", "PART", "RENAME", "KICK", "CAP", "OPER")]
    came = scene.anna.ask(*[f"@label=p{i} {line}" for i, line in enumerate(lines)])
    assert [m.tags["label"] for m in came if "label" in m.tags] == [f"p{i}" for i in range(len(lines))]
    at = 0
    for i in range(len(lines)):  # each answer is whole before the next begins
        end = at + 1
        while end < len(came) and "label" not in came[end].tags:
            end += 1
        logical(came[at:end], f"p{i}")
        at = end


def test_what_others_say_meanwhile_has_no_label(scene):
    """Mario talks all the time; nothing of his is put into an answer."""
    scene.mario.send(*[f"PRIVMSG #a :{i}" for i in range(300)])
    labels = [f"w{i}" for i in range(100)]
    came = scene.anna.ask(*[f"@label={label} WHO #a" for label in labels])
    scene.mario.sync()
    came += scene.anna.sync()
    said = only(came, "PRIVMSG")
    assert len(said) == 300 and all(m.tags == {} for m in said)
    mine = [m for m in came if m.verb != "PRIVMSG"]
    assert [m.tags["label"] for m in mine if "label" in m.tags] == labels


# Values


@pytest.mark.parametrize("value", ["x", "0", "a" * 64, "a-b/c.d", r"a\sb\:c\\d", "ünï", "=", "label=label"])
def test_labels_come_back_as_they_were(scene, value):
    came = scene.anna.ask(f"@label={value} PONG x")
    assert verbs(came) == ["ACK"]
    assert came[0].tags["label"] == Message(f"@label={value} X".encode()).tags["label"]


@pytest.mark.parametrize("tag", ["label", "label=", "label=" + "a" * 65, "+label=1", "Label=1"])
def test_what_is_no_label_gets_no_answer(scene, tag):
    """An empty one, one over 64 bytes, another tag: the command is done without."""
    assert scene.anna.ask(f"@{tag} PONG x") == []
    came = scene.anna.ask(f"@{tag} TOPIC #a")
    assert verbs(came) == ["331"] and came[0].tags == {}


def test_the_label_may_stand_among_other_tags(scene):
    assert ask(scene.anna, "PONG x", tags=";+x=1;y=2")[0].verb == "ACK"
    came = scene.anna.ask("@+x=1;label=one;z PONG x")
    assert came[0].tags["label"] == "one"


@pytest.mark.parametrize("caps", [[], ["labeled-response"], ["batch"], ["message-tags", "batch"]])
def test_without_both_capabilities_there_are_no_labels(irc_server, caps):
    client = irc_server.irc("anna", caps=caps)
    came = client.ask("@label=x PONG x", "@label=y TOPIC #nowhere", "@label=z WHO anna")
    assert verbs(came) == ["403", "352", "315"] and all("label" not in m.tags for m in came)


def test_labels_end_with_the_capability(scene):
    """In its place among the commands, also when they come in one piece."""
    came = scene.anna.ask("@label=a PONG x", "CAP REQ :-labeled-response", "@label=b PONG x",
                          "CAP REQ labeled-response", "@label=c PONG x")
    assert [(m.verb, m.tags.get("label")) for m in came] == [("ACK", "a"), ("CAP", None), ("CAP", None), ("ACK", "c")]


def test_other_capabilities_tags_stand_beside_the_label(irc_server):
    client = irc_server.irc("anna", caps=[*LABELS, "server-time", "message-tags", "echo-message"])
    client.join("#a")
    (echo,) = ask(client, "PRIVMSG #a :x", tags=";+x=1")
    assert set(echo.tags) == {"label", "time", "msgid", "+x"}


def test_the_same_label_twice(scene):
    came = scene.anna.ask("@label=same PONG x", "@label=same PONG x")
    assert [(m.verb, m.tags["label"]) for m in came] == [("ACK", "same")] * 2


# Echoes


@pytest.fixture
def echoing(irc_server):
    irc_server.anna = irc_server.irc("anna", caps=[*LABELS, "echo-message", "message-tags"])
    irc_server.mario = irc_server.irc("mario", caps=[*LABELS, "message-tags"])
    for person in irc_server.anna, irc_server.mario:
        person.join("#a")
    irc_server.anna.sync()
    return irc_server


@pytest.mark.parametrize("verb", ["PRIVMSG", "NOTICE", "TAGMSG"])
@pytest.mark.parametrize("target", ["#a", "mario", "@#a", "+#a"])
def test_an_echo_has_the_label_and_others_do_not_see_it(echoing, verb, target):
    if target == "@#a":
        echoing.anna.ask("MODE #a +o mario")
    if target == "+#a":
        echoing.anna.ask("MODE #a +v mario")
    echoing.mario.sync()
    (echo,) = ask(echoing.anna, f"{verb} {target}" + (" :x" if verb != "TAGMSG" else ""), tags=";+x=1")
    assert echo.verb == verb and echo.source == echoing.anna.mask and echo.params[0] == target
    (message,) = echoing.mario.sync()
    assert "label" not in message.tags and message.tags["msgid"] == echo.tags["msgid"]


@pytest.mark.parametrize("verb", ["PRIVMSG", "NOTICE", "TAGMSG"])
def test_to_oneself(echoing, verb):
    """Two lines with one msgid: the echo, which has the label, and the message."""
    came = echoing.anna.ask(f"@label=me;+x=1 {verb} anna" + (" :x" if verb != "TAGMSG" else ""))
    assert verbs(came) == [verb, verb]
    assert sorted(m.tags.get("label", "") for m in came) == ["", "me"]
    assert came[0].tags["msgid"] == came[1].tags["msgid"] and came[0].line == came[1].line


def test_to_oneself_without_echoes(scene):
    """What comes is the message, not an answer to it: that is the ACK."""
    came = scene.anna.ask("@label=me PRIVMSG anna :x")
    assert sorted(verbs(came)) == ["ACK", "PRIVMSG"]
    assert [m.tags for m in only(came, "PRIVMSG")] == [{}]


def test_echoes_to_several_targets_are_one_batch(echoing):
    lines = ask(echoing.anna, "PRIVMSG #a,mario,nobody :x")
    assert verbs(lines) == ["PRIVMSG", "PRIVMSG", "401"]


def test_to_who_is_away(echoing):
    echoing.mario.ask("AWAY :out")
    assert verbs(ask(echoing.anna, "PRIVMSG mario :x")) == ["PRIVMSG", "301"]


def test_a_tagmsg(scene):
    assert verbs(ask(scene.anna, "TAGMSG #a")) == ["421"]
    scene.anna.ask("CAP REQ :message-tags")
    assert verbs(ask(scene.anna, "TAGMSG #a", tags=";+x=1")) == ["ACK"]
    assert verbs(ask(scene.anna, "TAGMSG #nowhere", tags=";+x=1")) == ["403"]
    assert verbs(ask(scene.anna, "TAGMSG")) == ["411"]


def test_a_text_that_is_echoed_in_pieces(echoing):
    lines = ask(echoing.anna, "PRIVMSG #a :" + "x" * 480)
    assert verbs(lines) == ["PRIVMSG"] * 2 and "".join(m.text for m in lines) == "x" * 480


# Batches in answers


def test_isupport_is_its_own_batch(irc_server):
    client = irc_server.irc("anna", caps=[*LABELS, "draft/extended-isupport"])
    lines = ask(client, "ISUPPORT")
    assert set(verbs(lines)) <= {"BATCH", "005"} and "005" in verbs(lines)


def test_a_batch_in_a_batch_is_closed_in_it(irc_server):
    """351 and the tokens: the inner batch's end belongs to the outer one too."""
    client = irc_server.irc("anna", caps=[*LABELS, "draft/extended-isupport"])
    lines = ask(client, "VERSION")
    assert lines[0].verb == "351" and lines[1].params[1:] == ["draft/isupport"]


# Long answers, which the server makes in slices


def test_long_answers_are_one_batch(brusiod):
    server = brusiod("[limits]\nconnections_per_ip = 0\n", listen=BOTH_DOORS)
    anna = server.irc("anna", caps=LABELS)
    anna.join("#piazza")
    crowd = [f"frame{i:04}" for i in range(700)]
    server.join_many(crowd)
    anna.sync()
    people = {"anna", *crowd}
    names = ask(anna, "NAMES #piazza")
    assert {n.lstrip("~&@%+") for m in only(names, "353") for n in m.text.split()} == people
    assert verbs(names)[-1] == "366" and verbs(names).count("366") == 1
    who = ask(anna, "WHO #piazza")
    assert {m.params[5] for m in only(who, "352")} == people and verbs(who).count("315") == 1
    who = ask(anna, "WHO * %n")
    assert {m.text for m in only(who, "354")} == people
    joined = ask(server.irc("luca", caps=LABELS), "JOIN #piazza")
    assert {n.lstrip("~&@%+") for m in only(joined, "353") for n in m.text.split()} == people | {"luca"}


def test_a_long_list_is_one_batch(brusiod):
    server = brusiod("[limits]\nchannels_per_user = 2000\n", listen=("irc=127.0.0.1:0",))
    anna = server.irc("anna", caps=LABELS)
    names = [f"#channel{i:04}" for i in range(1500)]
    for at in range(0, len(names), 30):
        anna.ask("JOIN " + ",".join(names[at:at + 30]))
    listed = ask(anna, "LIST")
    assert {m.params[1] for m in only(listed, "322")} == set(names) and verbs(listed).count("323") == 1
    whois = ask(anna, "WHOIS anna")
    assert {c.lstrip("@") for m in only(whois, "319") for c in m.text.split()} == set(names)
    assert len(only(ask(anna, "JOIN 0"), "PART")) == 1500


# Before the log-in


BEFORE = [
    ("CAP LS", ["CAP"]), ("CAP REQ :nothing", ["CAP"]), ("CAP FOO", ["410"]), ("PING x", ["PONG"]), ("PING", ["409"]),
    ("PONG x", ["ACK"]), ("PASS", ["461"]), ("PASS x", ["ACK"]), ("NICK", ["431"]), ("NICK bad!", ["432"]),
    ("NICK anna", ["ACK"]), ("USER x", ["461"]), ("JOIN #a", ["451"]), ("ISUPPORT", ["451"]), ("AWAY :x", ["451"]),
    ("NOSUCHCOMMAND", ["421"]), ("TAGMSG #a", ["451"]), ("BATCH +a draft/multiline #a", ["451"]),
]


@pytest.mark.parametrize("line, answer", BEFORE, ids=[line for line, _ in BEFORE])
def test_before_the_log_in(irc_server, line, answer):
    client = irc_server.irc()
    client.ask("CAP REQ :" + " ".join(LABELS))
    assert verbs(ask(client, line)) == answer


def test_isupport_and_away_before_the_log_in(irc_server):
    client = irc_server.irc()
    client.ask("CAP REQ :" + " ".join([*LABELS, "draft/extended-isupport", "draft/pre-away"]))
    assert "005" in verbs(ask(client, "ISUPPORT"))
    assert verbs(ask(client, "AWAY :x")) == ["306"]


def test_a_nick_that_is_taken(irc_server):
    irc_server.irc("mario")
    client = irc_server.irc()
    client.send("CAP REQ :" + " ".join(LABELS), "USER u 0 * :x", "NICK mario", "@label=end CAP END")
    assert client.expect("433").params[:2] == ["*", "mario"]
    client.send("@label=n NICK luca")
    client.expect("001")
    labeled = [m for m in client.received if "label" in m.tags]
    assert [m.tags["label"] for m in labeled] == ["end", "n"][:len(labeled)]


# A batch of the client's: its lines are answered together


MULTILINE = [*LABELS, "draft/multiline", "message-tags"]


def send_batch(client, label, *lines, target="#a"):
    opening = f"@label={label} BATCH +b draft/multiline {target}"
    return logical(client.ask(opening, *[f"@batch=b PRIVMSG {target} :{line}" for line in lines], "BATCH -b"), label)


def test_a_multiline_message_is_answered_once(irc_server):
    anna = irc_server.irc("anna", caps=MULTILINE)
    anna.join("#a")
    first, _ = send_batch(anna, "m1", "one", "two")
    assert first.verb == "ACK"


def test_its_echo_is_a_batch_with_the_label(irc_server):
    anna = irc_server.irc("anna", caps=[*MULTILINE, "echo-message"])
    anna.join("#a")
    first, lines = send_batch(anna, "m2", "one", "two")
    assert first.matches("BATCH", None, "draft/multiline", "#a") and first.source == anna.mask
    assert [m.text for m in lines] == ["one", "two"]


def test_its_echo_with_more_is_a_batch_in_a_batch(irc_server):
    anna = irc_server.irc("anna", caps=[*MULTILINE, "echo-message"])
    mario = irc_server.irc("mario")
    mario.ask("AWAY :out")
    first, lines = send_batch(anna, "m3", "one", "two", target="mario")
    assert first.params[1] == "labeled-response"
    assert verbs(lines) == ["BATCH", "PRIVMSG", "PRIVMSG", "301"]


@pytest.mark.parametrize("lines", [[], [""], ["x" * 400] * 60, ["x"] * 101])
def test_its_failures_have_the_label(irc_server, lines):
    anna = irc_server.irc("anna", caps=MULTILINE)
    anna.join("#a")
    first, _ = send_batch(anna, "m4", *lines)
    assert first.matches("FAIL", "BATCH")


def test_it_to_nobody(irc_server):
    anna = irc_server.irc("anna", caps=MULTILINE)
    assert send_batch(anna, "m5", "one", "two", target="nobody")[0].verb == "401"
    assert send_batch(anna, "m6", "one", "two", target="#nowhere")[0].verb == "403"


def test_a_label_inside_of_a_batch_changes_nothing(irc_server):
    anna = irc_server.irc("anna", caps=MULTILINE)
    anna.join("#a")
    came = anna.ask("@label=out BATCH +b draft/multiline #a", "@batch=b;label=in PRIVMSG #a :one", "BATCH -b")
    assert [m.tags["label"] for m in came if "label" in m.tags] == ["out"]


def test_other_commands_while_a_batch_is_open(irc_server):
    """The client should not send them; they are answered, and the label is still answered once."""
    anna = irc_server.irc("anna", caps=MULTILINE)
    mario = irc_server.irc("mario")
    for person in anna, mario:
        person.join("#a")
    anna.sync()
    came = anna.ask("@label=out BATCH +b draft/multiline #a", "PING between", "@batch=b PRIVMSG #a :one", "BATCH -b")
    assert len(only(came, "PONG")) == 1
    assert [m.tags["label"] for m in came if "label" in m.tags] == ["out"]
    assert [m.text for m in mario.sync()] == ["one"]
