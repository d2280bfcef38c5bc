"""CAP: what is offered, asked for, granted, refused and given back, before the log-in and in a session."""

import re

import pytest

from irc import only, verbs

REQUESTABLE = {
    "account-notify", "account-tag", "away-notify", "batch", "cap-notify", "chghost", "draft/account-registration",
    "draft/channel-rename", "draft/chathistory", "draft/event-playback", "draft/extended-isupport",
    "draft/message-redaction", "draft/metadata-2", "draft/metadata-3", "draft/multiline", "draft/no-implicit-names",
    "draft/pre-away", "draft/read-marker", "echo-message", "extended-join", "extended-monitor", "invite-notify", "labeled-response", "message-tags",
    "multi-prefix", "no-implicit-names", "sasl", "server-time", "setname", "soju.im/search", "standard-replies",
    "userhost-in-names", "znc.in/self-message",
}
# Of the drafts of one thing a client may have one only.
TOGETHER = REQUESTABLE - {"draft/metadata-2"}
# Words that say the same: asking for one enables both.
SAME = {"draft/no-implicit-names", "no-implicit-names"}


def listing(client, subcommand, ask):
    """The capabilities of a CAP LS or LIST with their values (None: no value), and the lines it took."""
    client.send(ask)
    offered, lines = {}, []
    while True:
        line = client.expect("CAP", None, subcommand)
        lines.append(line)
        for word in line.text.split():
            name, equals, value = word.partition("=")
            assert name not in offered, f"{name} is listed twice"
            offered[name] = value if equals else None
        if line.params[2:-1] != ["*"]:
            assert len(line.params) == 3, line
            return offered, lines


def in_order(words):
    return " ".join(sorted(words))


def answer_to(client, request):
    client.send(f"CAP REQ :{request}")
    return client.expect("CAP", None, re.compile("^(ACK|NAK)$"))


# Listing


def test_all_capabilities_are_offered(irc_server):
    offered, _ = listing(irc_server.irc(), "LS", "CAP LS 302")
    assert set(offered) == REQUESTABLE


def test_the_newer_listing_has_values(brusiod):
    server = brusiod("[limits]\nmessage_bytes = 5000\n", listen=("irc=127.0.0.1:0",))
    offered, _ = listing(server.irc(), "LS", "CAP LS 302")
    values = dict(pair.split("=") for pair in offered.pop("draft/multiline").split(","))
    assert values == {"max-bytes": "5000", "max-lines": "100"}
    assert offered.pop("sasl") == "PLAIN,SCRAM-SHA-256"
    assert offered.pop("draft/metadata-2").startswith("before-connect,max-subs=")
    assert offered.pop("draft/metadata-3").startswith("before-connect,max-subs=")
    assert offered.pop("draft/account-registration") == "before-connect,custom-account-name"
    assert set(offered.values()) == {None}


@pytest.mark.parametrize("version", ["", " 301", " 1"])
def test_the_older_listing_has_no_values_and_one_line(irc_server, version):
    """Clients that do not know 302 do not know of continuation lines either, and one has no room for drafts."""
    offered, lines = listing(irc_server.irc(), "LS", f"CAP LS{version}")
    assert set(offered) == {name for name in REQUESTABLE if not name.startswith("draft/")} and set(offered.values()) == {None}
    assert len(lines) == 1 and len(lines[0].raw) <= 510


@pytest.mark.parametrize("version", ["302", "303", "307", "1000", "0302"])
def test_versions_are_numbers(irc_server, version):
    offered, _ = listing(irc_server.irc(), "LS", f"CAP LS {version}")
    assert offered["draft/multiline"] is not None


@pytest.mark.parametrize("version", ["abc", "x302", "-302", "::"])
def test_what_is_no_number_is_no_version(irc_server, version):
    offered, _ = listing(irc_server.irc(), "LS", f"CAP LS {version}")
    assert offered["sasl"] is None


def test_a_listing_line_fits(irc_server):
    client = irc_server.irc("a" * 32)
    _, lines = listing(client, "LS", "CAP LS 302")
    assert all(len(line.raw) <= 510 for line in lines)
    assert all(line.params[2] == "*" for line in lines[:-1])


def test_the_higher_version_is_kept(irc_server):
    client = irc_server.irc()
    listing(client, "LS", "CAP LS 302")
    listing(client, "LS", "CAP LS")
    enabled, _ = listing(client, "LIST", "CAP LIST")
    assert "cap-notify" in enabled
    assert answer_to(client, "-cap-notify").param(1) == "NAK"


def test_cap_notify_comes_with_302(irc_server):
    plain, modern = irc_server.irc("plain"), irc_server.irc("modern")
    modern.ask("CAP LS 302")
    assert set(listing(plain, "LIST", "CAP LIST")[0]) == set()
    assert set(listing(modern, "LIST", "CAP LIST")[0]) == {"cap-notify"}
    assert answer_to(modern, "-cap-notify").param(1) == "NAK"
    assert answer_to(plain, "cap-notify").param(1) == "ACK"
    assert answer_to(plain, "-cap-notify").param(1) == "ACK"


def test_listing_of_nothing_has_an_empty_parameter(irc_server):
    assert irc_server.irc("anna").ask_one("CAP LIST").params == ["anna", "LIST", ""]
    assert irc_server.irc().ask_one("CAP LIST").params == ["*", "LIST", ""]


def test_listing_of_everything(irc_server):
    client = irc_server.irc()
    listing(client, "LS", "CAP LS 302")
    for name in TOGETHER:
        assert answer_to(client, name).param(1) == "ACK"
    enabled, lines = listing(client, "LIST", "CAP LIST")
    assert TOGETHER - SAME <= set(enabled) <= TOGETHER and SAME & set(enabled)
    assert set(enabled.values()) == {None}
    assert all(len(line.raw) <= 510 for line in lines)


def test_subcommands_are_known_in_any_case(irc_server):
    client = irc_server.irc()
    assert client.ask("cap ls 302")[0].param(1) == "LS"
    assert client.ask_one("Cap Req :batch").param(1) == "ACK"


@pytest.mark.parametrize("nick", [None, "anna"])
@pytest.mark.parametrize("subcommand", ["FOO", "ACK", "NAK", "NEW", "DEL"])
def test_other_subcommands(irc_server, nick, subcommand):
    came = irc_server.irc(nick).ask_one(f"CAP {subcommand} :batch")
    assert came.verb == "410" and came.params[:2] == [nick or "*", subcommand]


def test_cap_without_anything(irc_server):
    came = irc_server.irc("anna").ask_one("CAP")
    assert came.verb == "461" and came.params[:2] == ["anna", "CAP"]


# Asking


@pytest.mark.parametrize("name", sorted(REQUESTABLE))
def test_each_alone(irc_server, name):
    """Granted, in effect to the end, and given back; a whole session works with it."""
    client = irc_server.irc()
    ack = answer_to(client, name)
    assert ack.params == ["*", "ACK", name]
    client.send("NICK anna", "USER u 0 * :Anna", "CAP END")
    client.expect("001")
    client.expect("422")
    client.sync()
    client.nick = "anna"
    mario = irc_server.irc("mario")
    assert "JOIN" in verbs(client.ask("JOIN #a"))
    mario.join("#a")
    mario.ask("PRIVMSG #a :hello")
    assert "PRIVMSG" in verbs(client.sync())
    assert set(listing(client, "LIST", "CAP LIST")[0]) & {name, *(SAME if name in SAME else ())}
    assert answer_to(client, f"-{name}").params == ["anna", "ACK", f"-{name}"]
    assert listing(client, "LIST", "CAP LIST")[0] == {}


def test_all_together(irc_server):
    # One of two names is enough: more would not fit in a line.
    client = irc_server.irc("anna", caps=sorted(TOGETHER - {"draft/no-implicit-names"}))
    came = client.join("#a")
    assert came[0].verb == "JOIN" and came[0].params == ["#a", "*", "anna real"]
    assert not only(came, "353", "366")
    assert "draft/isupport" in [m.params[1] for m in only(client.welcome, "BATCH") if len(m.params) > 1]


def test_all_or_nothing(irc_server):
    client = irc_server.irc()
    answer_to(client, "away-notify")
    nak = answer_to(client, "batch no-such-thing -away-notify")
    assert nak.params == ["*", "NAK", "batch no-such-thing -away-notify"]
    assert set(listing(client, "LIST", "CAP LIST")[0]) == {"away-notify"}


@pytest.mark.parametrize("request_text", ["nothing", "-nothing", "sts", "batch=1", "Batch", "sasl=PLAIN", "batch,setname"])
def test_what_is_not_offered_is_refused(irc_server, request_text):
    client = irc_server.irc()
    assert answer_to(client, request_text).params == ["*", "NAK", request_text]
    assert listing(client, "LIST", "CAP LIST")[0] == {}


def test_asking_again_and_taking_back_what_is_not_there(irc_server):
    client = irc_server.irc("anna", caps=["batch"])
    for request in "batch", "-setname", "batch -batch batch":
        assert answer_to(client, request).params == ["anna", "ACK", request]
    assert "batch" in listing(client, "LIST", "CAP LIST")[0]
    assert answer_to(client, "setname -setname").param(1) == "ACK"
    assert "setname" not in listing(client, "LIST", "CAP LIST")[0]


def test_blanks_in_a_request_mean_nothing(irc_server):
    client = irc_server.irc()
    ack = answer_to(client, "  batch   setname ")
    assert ack.param(1) == "ACK" and ack.text.split() == ["batch", "setname"]
    assert in_order(listing(client, "LIST", "CAP LIST")[0]) == "batch setname"


def test_an_empty_request(irc_server):
    client = irc_server.irc()
    assert answer_to(client, "").param(1) == "ACK"


def test_one_name_may_come_without_a_colon(irc_server):
    client = irc_server.irc()
    client.send("CAP REQ batch")
    assert client.expect("CAP").params == ["*", "ACK", "batch"]


def test_the_answer_to_a_long_request_fits_in_a_line(irc_server):
    """Whatever it says then must not be half a name."""
    client = irc_server.irc("a" * 32)
    request = " ".join(["batch"] * 82 + ["setname"])
    assert len(f"CAP REQ :{request}") > 505
    words = []
    for line in only(client.ask(f"CAP REQ :{request}"), "CAP"):
        assert len(line.raw) <= 510
        words += line.text.split()
    assert set(words) <= {"batch", "setname"}, words


# The log-in


@pytest.mark.parametrize("first", ["CAP LS 302", "CAP LS", "CAP REQ :batch", "CAP REQ :nothing"])
def test_negotiation_holds_the_log_in(irc_server, first):
    client = irc_server.irc()
    came = client.ask(first, "NICK anna", "USER u 0 * :Anna")
    assert not only(came, "001")
    client.send("CAP END")
    client.expect("001")


def test_listing_what_is_enabled_holds_nothing(irc_server):
    client = irc_server.irc()
    client.send("CAP LIST", "NICK anna", "USER u 0 * :Anna")
    client.expect("001")


def test_the_end_may_come_first(irc_server):
    client = irc_server.irc()
    client.send("CAP LS", "CAP END", "NICK anna", "USER u 0 * :Anna")
    client.expect("001")


def test_the_end_after_the_log_in_is_ignored(irc_server):
    client = irc_server.irc("anna")
    client.send("CAP LS 302", "CAP END", "CAP END")
    assert set(verbs(client.sync())) == {"CAP"}


def test_capabilities_asked_for_blindly_are_there_from_the_start(irc_server):
    client = irc_server.irc()
    client.send("CAP REQ :draft/extended-isupport batch", "NICK anna", "USER u 0 * :Anna", "CAP END")
    client.expect("001")
    assert client.expect("BATCH").param(1) == "draft/isupport"


# In the middle of a session


def test_what_one_receives_changes_with_the_request(irc_server):
    """The ACK is the border: what was said before it looks old, what is said after it looks new."""
    anna, mario = irc_server.irc("anna"), irc_server.irc("mario")
    anna.join("#a")
    mario.join("#a")
    anna.sync()
    for name, old, new in [("server-time", {}, {"time"}), ("message-tags", {"time"}, {"time", "msgid"}),
                           ("-server-time", {"time", "msgid"}, {"msgid"}), ("-message-tags", {"msgid"}, {})]:
        mario.ask("PRIVMSG #a :before")
        anna.send(f"CAP REQ :{name}")
        anna.expect("CAP", "anna", "ACK")
        mario.ask("PRIVMSG #a :after")
        before = only(anna.skipped, "PRIVMSG")
        after = only(anna.sync(), "PRIVMSG")
        assert [set(m.tags) for m in before] == [set(old)], name
        assert [set(m.tags) for m in after] == [set(new)], name


def test_requests_in_a_pipeline_take_effect_in_order(irc_server):
    client = irc_server.irc("anna")
    client.join("#a")
    came = client.ask("PRIVMSG #a :1", "CAP REQ :echo-message", "PRIVMSG #a :2", "CAP REQ :-echo-message",
                      "PRIVMSG #a :3", "CAP REQ :echo-message message-tags", "PRIVMSG #a :4")
    assert [m.text for m in came] == ["echo-message", "2", "-echo-message", "echo-message message-tags", "4"]
    assert "msgid" not in came[1].tags and "msgid" in came[-1].tags


def test_what_one_may_send_changes_in_order_too(irc_server):
    """The commands come in one piece; each is done with the capabilities that its place has."""
    mario = irc_server.irc("mario", caps=["message-tags"])
    mario.join("#a")
    anna = irc_server.irc("anna")
    came = anna.ask("JOIN #a", "CAP REQ :message-tags", "@+x=1 TAGMSG #a", "CAP REQ :-message-tags", "@+x=2 TAGMSG #a")
    assert verbs(came) == ["JOIN", "353", "366", "CAP", "CAP", "421"]
    assert [m.tags["+x"] for m in only(mario.sync(), "TAGMSG")] == ["1"]


def test_names_come_and_do_not_come_in_order(irc_server):
    anna = irc_server.irc("anna")
    came = anna.ask("JOIN #a", "CAP REQ :no-implicit-names", "JOIN #b", "CAP REQ :-no-implicit-names", "JOIN #c")
    assert verbs(came) == ["JOIN", "353", "366", "CAP", "JOIN", "CAP", "JOIN", "353", "366"]


@pytest.mark.parametrize("name, command, seen", [
    ("away-notify", "AWAY :gone", "AWAY"),
    ("setname", "SETNAME :other name", "SETNAME"),
    ("message-tags", "@+x=1 TAGMSG #a", "TAGMSG"),
    ("draft/channel-rename", "RENAME #a #b", "RENAME"),
])
def test_notices_begin_and_end_with_their_capability(irc_server, name, command, seen):
    mario = irc_server.irc("mario", caps=["message-tags"])
    anna = irc_server.irc("anna")
    mario.join("#a")
    anna.join("#a")
    mario.sync()
    mario.ask(command)
    assert seen not in verbs(anna.sync())
    mario.ask("RENAME #b #a") if seen == "RENAME" else None
    mario.ask("AWAY") if seen == "AWAY" else None
    anna.sync()
    assert answer_to(anna, name).param(1) == "ACK"
    mario.ask(command)
    assert verbs(anna.sync()) == [seen]
    assert answer_to(anna, f"-{name}").param(1) == "ACK"
    mario.ask("RENAME #b #a" if seen == "RENAME" else command)
    assert seen not in verbs(anna.sync())


def test_different_sets_in_one_channel(irc_server):
    """Each sees the same message in its own way."""
    sets = {"bare": [], "timed": ["server-time"], "tagged": ["message-tags"],
            "both": ["server-time", "message-tags"], "joins": ["extended-join"], "names": ["multi-prefix"]}
    people = {nick: irc_server.irc(nick, caps=caps) for nick, caps in sets.items()}
    for person in people.values():
        person.join("#a")
    speaker = irc_server.irc("speaker", real_name="The Speaker", caps=["message-tags"])
    speaker.ask("JOIN #a", "@+typing=active PRIVMSG #a :hello")
    for nick, person in people.items():
        *_, join, said = person.sync()
        assert join.verb == "JOIN" and join.nick == "speaker"
        assert join.params == (["#a", "*", "The Speaker"] if nick == "joins" else ["#a"])
        assert said.verb == "PRIVMSG" and said.params == ["#a", "hello"]
        wanted = {"timed": {"time"}, "tagged": {"msgid", "+typing"}, "both": {"time", "msgid", "+typing"}}
        assert set(said.tags) == wanted.get(nick, set())
