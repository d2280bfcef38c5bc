"""One nick, several clients; and people who stay while none of their clients is there."""

import signal

import pytest

from irc import only, verbs
from logging_in import LONG_ENOUGH, log_in
from logging_in import plain as sasl_plain
from server import BOTH_DOORS
from services import register, says

SELF = ("message-tags", "server-time")


@pytest.fixture
def server(brusiod):
    return brusiod(listen=BOTH_DOORS)


@pytest.fixture
def anna(server):
    return register(server.irc("anna", caps=("account-notify", "away-notify", "echo-message", "message-tags")))


def names(client, channel):
    return sorted(word for m in client.ask(f"NAMES {channel}") if m.verb == "353" for word in m.text.split())


def restart(brusiod, server, how):
    if how == "crash":
        server.crash()
    else:
        server.signal(signal.SIGTERM)
        assert server.wait_exit() == 0
    return brusiod(after=server, listen=BOTH_DOORS)


# ── attaching ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_client_gets_joins_topics_names_and_markers(server, anna):
    mario = server.irc("mario")
    mario.ask("JOIN #orto", "TOPIC #orto :pomodori")
    anna.ask("JOIN #orto", "JOIN #casa", "JOIN #piazza")
    second = log_in(server, "anna", caps=("draft/read-marker", "extended-join"))
    assert second.nick == "anna"
    came = second.welcome
    assert sorted(m.params[0] for m in only(came, "JOIN")) == ["#casa", "#orto", "#piazza"]
    assert all(m.source.startswith("anna!") for m in only(came, "JOIN"))
    joined = came.index(next(m for m in only(came, "JOIN") if m.params[0] == "#orto"))
    about = [m for m in came[joined:] if "#orto" in m.params]
    assert verbs(about) in (["JOIN", "332", "333", "MARKREAD", "353", "366"],
                            ["JOIN", "332", "333", "353", "MARKREAD", "366"]), about
    assert sorted(about[-2 if about[-2].verb == "353" else -3].text.split()) == ["@mario", "anna"]
    assert names(mario, "#orto") == ["@mario", "anna"]


def test_others_see_nothing_of_a_second_client(server, anna):
    mario = server.irc("mario", caps=("account-notify", "away-notify", "extended-join", "chghost"))
    for client in (anna, mario):
        client.ask("JOIN #orto")
    mario.ask("MONITOR + anna")
    anna.sync(), mario.sync()
    second = log_in(server, "anna")
    anna.expect_nothing()
    mario.expect_nothing()
    second.send("QUIT :bye")
    second.rest()
    mario.expect_nothing()
    anna.expect_nothing()
    assert names(mario, "#orto") == ["@anna", "mario"]


def test_pass_attaches_too(server, anna):
    anna.ask("JOIN #orto")
    second = server.irc()
    second.send(f"PASS anna:{LONG_ENOUGH}", "NICK anna", "USER a 0 * :a")
    second.expect("001")
    second.expect("JOIN", "#orto", source="anna")


def test_the_nick_may_come_before_or_behind_the_log_in(server, anna):
    anna.ask("JOIN #orto")
    for order in (0, 1):
        second = server.irc()
        second.send("CAP REQ :sasl")
        second.expect("CAP", None, "ACK")
        if order == 0:
            second.send("NICK anna", "USER a 0 * :a")
        assert sasl_plain(second, "anna", LONG_ENOUGH) == "903"
        if order == 1:
            second.send("NICK anna", "USER a 0 * :a")
        second.send("CAP END")
        second.expect("001", "anna")
        second.expect("JOIN", "#orto", source="anna")


def test_with_another_nick_it_is_another_user_of_the_account(server, anna):
    mario = server.irc("mario")
    for client in (mario, anna):
        client.ask("JOIN #orto")
    second = log_in(server, "anna", nick="telefono")
    assert second.nick == "telefono" and not only(second.welcome, "JOIN")
    assert [m.params[2] for m in mario.ask("WHOIS telefono") if m.verb == "330"] == ["anna"]
    assert [m.params[2] for m in mario.ask("WHOIS anna") if m.verb == "330"] == ["anna"]
    second.ask("JOIN #orto")
    assert names(anna, "#orto") == ["@mario", "anna", "telefono"]
    assert len(says(anna, "NickServ", "SESSIONS")) == 3


def test_a_log_in_after_the_registration_does_not_attach(server, anna):
    anna.ask("JOIN #orto")
    mario = server.irc("mario")
    came = mario.ask(f"NS IDENTIFY anna {LONG_ENOUGH}")
    assert not only(came, "JOIN", "NICK")
    assert mario.ask_one("NICK anna").verb == "433"


def test_without_the_right_password_nobody_attaches(server, anna):
    anna.ask("JOIN #orto")
    stranger = server.irc()
    stranger.send("CAP REQ :sasl")
    stranger.expect("CAP", None, "ACK")
    stranger.send("NICK anna", "USER a 0 * :a")
    assert sasl_plain(stranger, "anna", "not-the-password") == "904"
    stranger.send("CAP END")
    assert stranger.expect(("433", "001", "JOIN")).verb == "433"
    register(server.irc("mario"))
    other = server.irc()
    other.send("CAP REQ :sasl")
    other.expect("CAP", None, "ACK")
    assert sasl_plain(other, "mario", LONG_ENOUGH) == "903"
    other.send("NICK anna", "USER a 0 * :a", "CAP END")
    assert other.expect(("433", "001", "JOIN")).verb == "433"


def test_a_client_cannot_leave_the_account_of_a_shared_user(server, anna):
    second = log_in(server, "anna", caps=("message-tags",))
    register(server.irc("mario")).close()
    assert sasl_plain(second, "mario", LONG_ENOUGH) == "907"
    assert not any(m.verb == "901" for m in second.ask("NS LOGOUT"))
    anna.sync()
    assert [m.params[2] for m in anna.ask("WHOIS anna") if m.verb == "330"] == ["anna"]


# ── what clients of one user see of each other ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("capability", ["echo-message", "znc.in/self-message"])
@pytest.mark.parametrize("verb", ["PRIVMSG", "NOTICE"])
def test_a_private_message_reaches_ones_other_clients(server, anna, capability, verb):
    mario = server.irc("mario", caps=SELF)
    second = log_in(server, "anna", caps=(*SELF, capability))
    plain = log_in(server, "anna")
    anna.ask(f"{verb} mario :ciao")
    got = second.sync()
    assert [(m.verb, m.nick, m.params) for m in got] == [(verb, "anna", ["mario", "ciao"])]
    assert got[0].tags["msgid"] == mario.expect(verb, "mario", "ciao").tags["msgid"]
    plain.expect_nothing()  # it would take it for a message to itself
    mario.ask(f"{verb} anna :ciao a te")
    for client in (anna, second, plain):
        assert [(m.nick, m.text) for m in only(client.sync(), verb)] == [("mario", "ciao a te")]


@pytest.mark.parametrize("capability", ["echo-message", "znc.in/self-message"])
@pytest.mark.parametrize("verb", ["PRIVMSG", "NOTICE"])
def test_a_channel_message_reaches_ones_other_clients(server, anna, capability, verb):
    anna.ask("JOIN #orto")
    mario = server.irc("mario", caps=SELF)
    mario.ask("JOIN #orto")
    second = log_in(server, "anna", caps=(*SELF, capability))
    anna.ask(f"{verb} #orto :ciao")
    assert [(m.verb, m.nick, m.params) for m in second.sync()] == [(verb, "anna", ["#orto", "ciao"])]
    assert [(m.nick, m.text) for m in only(mario.sync(), verb)] == [("anna", "ciao")]


def test_the_sender_gets_its_echo_once_and_only_with_the_capability(server, anna):
    second = log_in(server, "anna", caps=("znc.in/self-message",))
    mario = server.irc("mario")
    for client in (anna, mario):
        client.ask("JOIN #orto")
    second.sync()
    for target in ("#orto", "mario"):
        assert len(only(anna.ask(f"PRIVMSG {target} :one"), "PRIVMSG")) == 1  # it has echo-message
        second.sync()
        assert second.ask(f"PRIVMSG {target} :two") == []
        assert [m.text for m in anna.sync()] == ["two"]
        mario.sync()


def test_a_message_to_oneself_reaches_every_client_once(server, anna):
    second = log_in(server, "anna", caps=("echo-message",))
    plain = log_in(server, "anna")
    anna.ask("PRIVMSG anna :note")
    for client in (second, plain):
        assert [m.text for m in client.sync()].count("note") in (1, 2)
    assert [m.text for m in plain.ask("PRIVMSG anna :again")] == ["again"]


def test_all_clients_see_what_one_does(server, anna):
    second = log_in(server, "anna")
    for line, verb in (("JOIN #orto", "JOIN"), ("TOPIC #orto :pomodori", "TOPIC"), ("MODE #orto +m", "MODE"),
                       ("PART #orto", "PART")):
        first, seen = only(anna.ask(line), verb), only(second.sync(), verb)
        assert [m.line for m in first] == [m.line for m in seen], line
    anna.ask("JOIN #orto")
    second.sync()
    assert verbs(only(second.ask("PRIVMSG #orto :ciao"), "404", "442")) == []


def test_a_users_mode_set_by_one_client_is_told_to_all(server, anna):
    second = log_in(server, "anna")
    assert verbs(anna.ask("MODE anna +w")) == ["MODE"]
    assert verbs(second.sync()) == ["MODE"]


def test_a_join_of_one_brings_topic_and_names_to_all(server, anna):
    mario = server.irc("mario")
    mario.ask("JOIN #orto", "TOPIC #orto :pomodori")
    second = log_in(server, "anna")
    anna.ask("JOIN #orto")
    assert verbs(second.sync()) == ["JOIN", "332", "333", "353", "366"]


def test_a_new_nick_of_one_is_the_nick_of_all(server, anna):
    second = log_in(server, "anna")
    mario = server.irc("mario")
    for client in (anna, mario):
        client.ask("JOIN #orto")
    for client in (anna, second, mario):
        client.sync()
    second.ask("NICK annina")
    assert [(m.verb, m.nick, m.params[0]) for m in anna.sync()] == [("NICK", "anna", "annina")]
    assert [(m.verb, m.nick, m.params[0]) for m in mario.sync()] == [("NICK", "anna", "annina")]
    anna.ask("PRIVMSG #orto :ciao")
    assert [m.nick for m in mario.sync()] == ["annina"]
    assert anna.ask("TIME")[0].params[0] == "annina"


def test_a_client_that_attaches_to_a_renamed_user(server, anna):
    """Its account holds the name it asks for, and nobody has it: it is a user of its own."""
    anna.ask("NICK altro", "JOIN #orto")
    second = log_in(server, "anna")
    assert second.nick == "anna" and not only(second.welcome, "JOIN")


def test_the_user_is_there_until_the_last_client_quits(server, anna):
    mario = server.irc("mario")
    for client in (anna, mario):
        client.ask("JOIN #orto")
    second, third = log_in(server, "anna"), log_in(server, "anna")
    anna.send("QUIT :vado")
    anna.expect_closed()
    second.close()
    mario.ask("PRIVMSG anna :still there?")
    assert [m.text for m in only(third.sync(), "PRIVMSG")] == ["still there?"]
    assert not only(mario.sync(), "QUIT", "PART")
    third.send("QUIT :ora sì")
    third.expect_closed()
    assert mario.expect("QUIT", source="anna").text == "Quit: ora sì"


def test_a_kick_a_kill_and_a_ban_are_for_all_clients(brusiod, hash_password):
    server = brusiod(f'[operator.root]\npassword = "{hash_password("root-password")}"\n', listen=BOTH_DOORS)
    anna = register(server.irc("anna"))
    root = server.irc("root")
    assert any(m.verb == "381" for m in root.ask("OPER root root-password"))
    root.ask("JOIN #orto")
    anna.ask("JOIN #orto")
    second = log_in(server, "anna")
    root.ask("KICK #orto anna :via")
    for client in (anna, second):
        assert [m.params for m in only(client.sync(), "KICK")] == [["#orto", "anna", "via"]]
    root.ask("KILL anna :basta")
    for client in (anna, second):
        client.expect_closed()
    third = log_in(server, "anna")
    fourth = log_in(server, "anna")
    root.ask("UBAN ADD $a:anna :spam")
    for client in (third, fourth):
        client.expect_closed()


def test_read_markers_go_to_ones_other_clients(server, anna):
    anna.ask("JOIN #orto")
    one = log_in(server, "anna", caps=("draft/read-marker",))
    two = log_in(server, "anna", caps=("draft/read-marker",))
    plain = log_in(server, "anna")
    elsewhere = log_in(server, "anna", nick="telefono", caps=("draft/read-marker",))
    at = "timestamp=2026-01-01T00:00:00.000Z"
    assert [m.params for m in one.ask(f"MARKREAD #orto {at}")] == [["#orto", at]]
    assert [m.params for m in two.sync()] == [["#orto", at]]
    assert [m.params for m in elsewhere.sync()] in ([["#orto", at]], [])
    plain.expect_nothing()
    third = log_in(server, "anna", caps=("draft/read-marker",))
    assert [m.params for m in only(third.welcome, "MARKREAD")] == [["#orto", at]]


def test_away_is_the_users(server, anna):
    mario = server.irc("mario", caps=("away-notify",))
    for client in (anna, mario):
        client.ask("JOIN #orto")
    second = log_in(server, "anna")
    mario.sync()
    assert any(m.verb == "306" for m in anna.ask("AWAY :pranzo"))
    mario.sync()
    assert any(m.verb == "305" for m in second.ask("AWAY"))
    assert not any(m.verb == "301" for m in mario.ask("PRIVMSG anna :ciao"))


def test_each_client_is_answered_alone(server, anna):
    second = log_in(server, "anna", caps=("labeled-response", "batch"))
    second.ask("WHOIS anna", "@label=a PING x", "LIST", "CAP LS 302", "ISUPPORT")
    anna.expect_nothing()


def test_each_client_gets_what_its_capabilities_say(server, anna):
    anna.ask("JOIN #orto")
    timed = log_in(server, "anna", caps=("server-time", "message-tags", "account-tag"))
    plain = log_in(server, "anna")
    mario = register(server.irc("mario"))
    mario.ask("JOIN #orto", "PRIVMSG #orto :ciao")
    with_tags, without = timed.expect("PRIVMSG", "#orto"), plain.expect("PRIVMSG", "#orto")
    assert {"time", "msgid", "account"} <= set(with_tags.tags) and not without.tags


@pytest.fixture
def frames(brusiod):
    """A server whose frame door takes passwords; #piazza is where frames are."""
    return brusiod("[frame]\naccounts = true\n", listen=BOTH_DOORS)


def frame_of(server, name="anna", password=LONG_ENOUGH):
    mark = server.log_mark()
    frame = server.connect()
    frame.send(f"{name}:{password}")
    server.wait_log(f"Accepted new connection from .*, username: {name}$", mark)
    return frame


def test_frame_and_irc_clients_are_one_person(frames):
    anna = register(frames.irc("anna", caps=("echo-message",)))
    mario = frames.irc("mario")
    for client in (anna, mario):
        client.join("#piazza")
    frame = frame_of(frames)
    assert not only(mario.sync(), "JOIN"), "she is there already"
    frame.send("da frame")
    for client in (anna, mario):
        assert client.expect("PRIVMSG", "#piazza", "da frame").nick == "anna"
    anna.ask("PRIVMSG #piazza :da irc")
    mario.ask("PRIVMSG #piazza :ciao")
    assert frame.recv_pairs(2) == [(b"anna", b"da irc"), (b"mario", b"ciao")]
    anna.ask("JOIN #orto", "PRIVMSG mario :segreto")
    mario.ask("JOIN #orto", "PRIVMSG #orto :non qui", "PRIVMSG anna :per te")
    assert frame.recv_pairs(2) == [(b"anna", b"[private to mario] segreto"), (b"mario", b"[private] per te")]
    assert "NickServ" in [m.nick for m in anna.ask("PRIVMSG NickServ :SESSIONS")]


def test_an_irc_client_comes_to_the_user_of_a_frame_client(frames, add_account):
    add_account(frames, "anna", LONG_ENOUGH)
    frame = frame_of(frames)
    anna = log_in(frames, "anna")
    assert [m.params[0] for m in only(anna.welcome, "JOIN")] == ["#piazza"]
    frame.send("io")
    assert anna.expect("PRIVMSG", "#piazza", "io").nick == "anna"


def test_who_leaves_the_lobby_closes_their_frame_clients(frames):
    anna = register(frames.irc("anna"))
    frame = frame_of(frames)
    anna.expect("JOIN", "#piazza")
    anna.ask("PART #piazza")
    assert "left the lobby" in frame.expect_explanation()
    frame_of(frames).close()
    anna.expect("JOIN", "#piazza")


def test_a_frame_client_comes_to_its_always_on_self(frames):
    anna = register(frames.irc("anna"))
    mario = frames.irc("mario", caps=("away-notify",))
    for client in (anna, mario):
        client.join("#piazza")
    says(anna, "NickServ", "SET ALWAYS-ON on")
    leave(anna)
    assert mario.expect("AWAY", source="anna").params
    frame = frame_of(frames)
    assert not mario.expect("AWAY", source="anna").params
    frame.send("rieccomi")
    assert mario.expect("PRIVMSG", "#piazza", "rieccomi").nick == "anna"
    frame.close()
    assert mario.expect("AWAY", source="anna").params, "and away again"


# ── always on ───────────────────────────────────────────────────────────────────────────────────────────────────────


def leave(client, how="QUIT :notte"):
    client.send(how)
    client.rest()


def test_opt_in_stays_in_its_channels_and_is_away(server, anna):
    mario = server.irc("mario", caps=("away-notify", "draft/chathistory", "message-tags"))
    for client in (anna, mario):
        client.ask("JOIN #orto")
    assert "stay" in says(anna, "NickServ", "SET ALWAYS-ON on")[0]
    mario.sync()
    leave(anna)
    gone = mario.expect("AWAY", source="anna")
    assert gone.params and not only(mario.sync(), "QUIT", "PART")
    assert names(mario, "#orto") == ["@anna", "mario"]
    came = mario.ask("PRIVMSG anna :dove sei?", "PRIVMSG #orto :manca anna", "WHOIS anna", "ISON anna")
    assert [m.params[1] for m in only(came, "301")][:1] == ["anna"] and not only(came, "401")
    assert only(came, "303")[0].text.strip() == "anna"
    back = log_in(server, "anna", caps=("draft/chathistory", "batch", "server-time", "message-tags"))
    assert [m.params[0] for m in only(back.welcome, "JOIN")] == ["#orto"]
    assert names(back, "#orto") == ["@anna", "mario"], "its rank stayed"
    assert mario.expect("AWAY", source="anna").params == []
    for target, text in (("mario", "dove sei?"), ("#orto", "manca anna")):
        assert [m.text for m in only(back.ask(f"CHATHISTORY LATEST {target} * 10"), "PRIVMSG")] == [text]
    assert not any(m.verb == "301" for m in mario.ask("PRIVMSG anna :ciao"))


def test_without_asking_for_it_nobody_stays(server, anna):
    mario = server.irc("mario")
    for client in (anna, mario):
        client.ask("JOIN #orto")
    leave(anna)
    mario.expect("QUIT", source="anna")
    assert any(m.verb == "401" for m in mario.ask("PRIVMSG anna :x"))


def test_a_client_without_chathistory_is_told_what_it_missed(server, anna):
    mario = server.irc("mario")
    for client in (anna, mario):
        client.ask("JOIN #orto")
    mario.ask("PRIVMSG #orto :heard")
    anna.ask("PRIVMSG #orto :before")
    says(anna, "NickServ", "SET ALWAYS-ON on")
    says(anna, "NickServ", f"IDENTIFY anna {LONG_ENOUGH}")  # takes longer than the millisecond to which it is known
    leave(anna)
    mario.ask("PRIVMSG #orto :missed", "PRIVMSG anna :missed too")
    back = log_in(server, "anna")
    told = [(m.nick, m.params[0], m.text[m.text.find("]") + 2:]) for m in only(back.welcome, "PRIVMSG")]
    assert sorted(told) == [("mario", "#orto", "missed"), ("mario", "anna", "missed too")], back.welcome


def test_another_nick_of_the_account_does_not_stay(server, anna):
    says(anna, "NickServ", "SET ALWAYS-ON on")
    mario = server.irc("mario")
    second = log_in(server, "anna", nick="telefono")
    for client in (mario, second):
        client.ask("JOIN #orto")
    leave(second)
    mario.expect("QUIT", source="telefono")


def test_off_refuses_and_opt_out_stays_by_default(brusiod):
    off = brusiod('[accounts]\nalways_on = "off"\n', listen=BOTH_DOORS)
    anna = register(off.irc("anna"))
    came = says(anna, "NickServ", "SET ALWAYS-ON on")
    assert len(came) == 1 and "You stay" not in came[0]
    watcher = off.irc("mario")
    for client in (anna, watcher):
        client.ask("JOIN #orto")
    leave(anna)
    watcher.expect("QUIT", source="anna")

    default = brusiod('[accounts]\nalways_on = "opt-out"\n', listen=BOTH_DOORS)
    anna, bruno, mario = register(default.irc("anna")), register(default.irc("bruno")), default.irc("mario")
    for client in (anna, bruno, mario):
        client.ask("JOIN #orto")
    says(bruno, "NickServ", "SET ALWAYS-ON off")
    leave(anna)
    leave(bruno)
    mario.expect("QUIT", source="bruno")
    assert names(mario, "#orto") == ["@anna", "mario"]


def test_it_ends_when_it_is_set_off_from_elsewhere_or_ghosted(server, anna):
    mario = server.irc("mario")
    for client in (anna, mario):
        client.ask("JOIN #orto")
    says(anna, "NickServ", "SET ALWAYS-ON on")
    leave(anna)
    second = log_in(server, "anna", nick="telefono")
    says(second, "NickServ", "SET ALWAYS-ON off")
    mario.expect("QUIT", source="anna")
    second.ask("NICK anna", "JOIN #orto")
    says(second, "NickServ", "SET ALWAYS-ON on")
    leave(second)
    third = log_in(server, "anna", nick="telefono")
    says(third, "NickServ", "GHOST anna")
    mario.expect("QUIT", source="anna")


def test_it_expires(brusiod, request):
    if not request.config.getoption("--long"):
        pytest.skip("takes more than the minute that is the least; with --long")
    server = brusiod('[accounts]\nalways_on_expires = "1m"\n', listen=BOTH_DOORS)
    anna, mario = register(server.irc("anna")), server.irc("mario")
    for client in (anna, mario):
        client.ask("JOIN #orto")
    says(anna, "NickServ", "SET ALWAYS-ON on")
    mario.sync()
    leave(anna)
    assert names(mario, "#orto") == ["@anna", "mario"]
    mario.expect("QUIT", source="anna", timeout=150)


@pytest.mark.parametrize("how", ["stop", "crash"])
def test_they_are_there_after_a_restart_before_anybody_comes(brusiod, server, anna, how):
    mario = server.irc("mario")
    anna.ask("JOIN #orto", "MODE #orto +kt verde", "TOPIC #orto :pomodori", "JOIN #piazza", "AWAY :dormo")
    says(anna, "NickServ", "SET ALWAYS-ON on")
    leave(anna)
    mario.ask("PRIVMSG anna :ricordati")
    server = restart(brusiod, server, how)
    mario = server.irc("mario")
    assert only(mario.ask("ISON anna"), "303")[0].text.strip() == "anna"
    mario.ask("JOIN #orto verde")
    assert names(mario, "#orto") == ["@anna", "mario"]
    assert [m.text for m in mario.ask("TOPIC #orto") if m.verb == "332"] == ["pomodori"]
    came = mario.ask("PRIVMSG anna :ci sei?")
    assert [m.verb for m in came] == ["301"]
    assert mario.ask_one("NICK anna").verb == "433"
    back = log_in(server, "anna", caps=("draft/chathistory", "batch", "server-time"))
    assert sorted(m.params[0] for m in only(back.welcome, "JOIN")) == ["#orto", "#piazza"]
    assert [m.text for m in only(back.ask("CHATHISTORY LATEST mario * 10"), "PRIVMSG")][:1] == ["ricordati"]
    assert verbs(back.ask("MODE #orto +m")) == ["MODE"], "still its operator"
    mario.sync()
    server = restart(brusiod, server, how)
    again = log_in(server, "anna")
    assert sorted(m.params[0] for m in only(again.welcome, "JOIN")) == ["#orto", "#piazza"], "twice"


@pytest.mark.parametrize("how", ["stop", "crash"])
def test_who_is_here_when_the_server_ends_finds_all_again(brusiod, server, anna, how):
    anna.ask("JOIN #orto", "MODE #orto +m", "NS SET ALWAYS-ON on")
    server = restart(brusiod, server, how)
    back = log_in(server, "anna")
    assert [m.params[0] for m in only(back.welcome, "JOIN")] == ["#orto"]
    assert names(back, "#orto") == ["@anna"]
    assert "m" in only(back.ask("MODE #orto"), "324")[0].params[2]


def test_what_was_parted_as_the_last_is_not_joined_again_after_a_restart(brusiod, server, anna):
    anna.ask("JOIN #casa", "NS SET ALWAYS-ON on", "PART #casa")
    server = restart(brusiod, server, "stop")
    assert not only(log_in(server, "anna").welcome, "JOIN")


def test_what_was_parted_is_not_joined_again_after_a_crash(brusiod, server, anna):
    mario = server.irc("mario")
    mario.ask("JOIN #casa")
    anna.ask("JOIN #orto", "JOIN #casa", "NS SET ALWAYS-ON on", "JOIN #club", "CS REGISTER #club", "PART #casa,#club")
    server = restart(brusiod, server, "crash")
    back = log_in(server, "anna")
    assert [m.params[0] for m in only(back.welcome, "JOIN")] == ["#orto"]


def test_a_kick_while_absent_lasts_over_a_crash(brusiod, server, anna):
    mario = server.irc("mario")
    mario.ask("JOIN #orto")
    anna.ask("JOIN #orto", "NS SET ALWAYS-ON on")
    leave(anna)
    assert any(m.verb == "KICK" for m in mario.ask("KICK #orto anna"))
    server = restart(brusiod, server, "crash")
    back = log_in(server, "anna")
    assert not only(back.welcome, "JOIN")


def test_a_token_attaches_and_the_always_on_user_outlives_it(server, anna):
    came = says(anna, "NickServ", "TOKEN ADD phone")
    token = came[-1].rsplit(" ", 1)[1]
    anna.ask("JOIN #orto")
    says(anna, "NickServ", "SET ALWAYS-ON on")
    second = log_in(server, "anna", password=token)
    assert only(second.welcome, "JOIN")
    leave(anna)
    second.ask(f"NS TOKEN DEL {token.split('_')[1]}")
    mario = server.irc("mario")
    mario.ask("JOIN #orto")
    assert names(mario, "#orto") == ["@anna", "mario"]
