"""What one is told about others, and what stands in lists, with each capability and without it."""

import pytest

from irc import gather, only, verbs
from server import BOTH_DOORS


@pytest.fixture
def ruled(brusiod, hash_password):
    """A server with `boss`, an operator of it who is in no channel."""
    server = brusiod(f"[operator.boss]\npassword = '{hash_password('secret')}'\n", listen=BOTH_DOORS)
    server.boss = server.irc("boss")
    server.boss.send("OPER boss secret")
    server.boss.expect("381", timeout=20)
    server.boss.sync()
    return server


def room(server, **people):
    """People by nick with their capabilities, all in #a, with nothing on its way to them."""
    return gather("#a", *(server.irc(nick, caps=caps) for nick, caps in people.items()))


# away-notify


def test_away_is_told_to_who_asked_for_it(irc_server):
    mario, anna, luca = room(irc_server, mario=["away-notify"], anna=["away-notify"], luca=[])
    irc_server.irc("far", caps=["away-notify"])
    for line, answer, params in [("AWAY :out", "306", ["out"]), ("AWAY :still out", "306", ["still out"]),
                                 ("AWAY", "305", []), ("AWAY :", "305", [])]:
        assert verbs(mario.ask(line)) == [answer]  # not told of oneself
        told = anna.sync()
        if line == "AWAY :":  # nothing has changed
            assert told in ([], [m for m in told if m.verb == "AWAY" and m.params == []])
            continue
        assert [(m.verb, m.source, m.params) for m in told] == [("AWAY", mario.mask, params)]
    luca.expect_nothing()


def test_who_shares_several_channels_is_told_once(irc_server):
    mario, anna = room(irc_server, mario=[], anna=["away-notify", "setname"])
    for person in mario, anna:
        person.join("#b")
    anna.sync()
    mario.ask("AWAY :out", "SETNAME :New")
    assert verbs(anna.sync()) == ["AWAY"] + ["SETNAME"]


def test_who_shares_no_channel_is_not_told(irc_server):
    mario, _ = room(irc_server, mario=[], anna=[])
    far = irc_server.irc("far", caps=["away-notify", "setname", "chghost", "extended-join"])
    far.join("#b")
    mario.ask("AWAY :out", "SETNAME :New")
    far.expect_nothing()


def test_who_joins_while_away_is_shown_as_such(irc_server):
    anna, luca = room(irc_server, anna=["away-notify"], luca=[])
    mario = irc_server.irc("mario")
    mario.ask("AWAY :out")
    mario.join("#a")
    assert [(m.verb, m.params) for m in anna.sync()] == [("JOIN", ["#a"]), ("AWAY", ["out"])]
    assert verbs(luca.sync()) == ["JOIN"]
    sara = irc_server.irc("sara")
    sara.join("#a")
    assert verbs(anna.sync()) == ["JOIN"]


def test_who_joins_while_away_is_not_told_of_oneself(irc_server):
    mario = irc_server.irc("mario", caps=["away-notify"])
    mario.ask("AWAY :out")
    assert "AWAY" not in verbs(mario.join("#a"))


# account-notify: nobody has an account yet, so there is nothing to tell


def test_nobody_is_told_of_accounts(irc_server):
    mario, anna = room(irc_server, mario=["account-notify"], anna=["account-notify", "extended-join"])
    mario.ask("NICK maria", "AWAY :x", "SETNAME :x", "PART #a", "JOIN #a")
    assert "ACCOUNT" not in verbs(anna.sync() + mario.sync())


# extended-join


def test_joins_with_account_and_real_name(irc_server):
    anna, luca = room(irc_server, anna=["extended-join"], luca=[])
    mario = irc_server.irc("mario", real_name="Mario the Great", caps=["extended-join"])
    own = mario.join("#a")[0]
    assert own.params == ["#a", "*", "Mario the Great"]
    assert anna.sync()[0].params == ["#a", "*", "Mario the Great"]
    assert luca.sync()[0].params == ["#a"]
    mario.ask("SETNAME :Now Another", "PART #a", "JOIN #a")
    assert only(anna.sync(), "JOIN")[0].params == ["#a", "*", "Now Another"]


def test_frame_people_join_with_a_real_name_too(irc_server):
    anna = irc_server.irc("anna", caps=["extended-join"])
    anna.join("#piazza")
    irc_server.join("mario")
    join = anna.expect("JOIN", source="mario")
    assert join.params[:2] == ["#piazza", "*"] and len(join.params) == 3


# chghost


def test_a_changed_host_is_told_to_who_asked_for_it(ruled):
    mario, anna, luca = room(ruled, mario=["chghost"], anna=["chghost"], luca=[])
    user = mario.mask.split("!")[1].split("@")[0]
    assert ruled.boss.ask("CHGHOST mario a.new.host")
    for person in mario, anna:
        changed = only(person.sync(), "CHGHOST")
        assert [(m.source, m.params) for m in changed] == [(mario.mask, [user, "a.new.host"])]
    assert "CHGHOST" not in verbs(luca.sync())
    mario.ask("PRIVMSG #a :hello")
    assert luca.expect("PRIVMSG").source == f"mario!{user}@a.new.host"


def test_who_does_not_know_chghost_is_told_the_host(ruled):
    """396 for oneself, as others are shown it from now on."""
    (mario,) = room(ruled, mario=[])
    ruled.boss.ask("CHGHOST mario a.new.host")
    came = mario.sync()
    assert [m.params[:2] for m in only(came, "396")] == [["mario", "a.new.host"]]
    assert "CHGHOST" not in verbs(came)


def test_the_new_host_is_what_lists_and_bans_see(ruled):
    mario, anna = room(ruled, mario=[], anna=[])
    ruled.boss.ask("CHGHOST mario a.new.host")
    assert only(anna.ask("WHOIS mario"), "311")[0].params[3] == "a.new.host"
    mario.ask("MODE #a +b *!*@a.new.host", "PART #a")
    assert mario.ask_one("JOIN #a").verb in ("474", "JOIN")


# setname


def test_a_new_real_name_is_told_to_who_asked_for_it(irc_server):
    mario, anna, luca = room(irc_server, mario=["setname"], anna=["setname"], luca=[])
    assert [(m.verb, m.source, m.params) for m in mario.ask("SETNAME :Mario  the Great")] == \
        [("SETNAME", mario.mask, ["Mario  the Great"])]
    assert [(m.verb, m.params) for m in anna.sync()] == [("SETNAME", ["Mario  the Great"])]
    luca.expect_nothing()
    assert only(luca.ask("WHOIS mario"), "311")[0].text == "Mario  the Great"
    assert only(luca.ask("WHO mario"), "352")[0].text == "0 Mario  the Great"


def test_setname_works_without_the_capability(irc_server):
    mario, anna = room(irc_server, mario=[], anna=["setname"])
    came = mario.ask("SETNAME :New")
    assert "SETNAME" not in verbs(came)
    assert anna.sync()[0].params == ["New"]


def test_setname_has_a_length(irc_server):
    mario = irc_server.irc("mario", caps=["setname", "standard-replies"])
    most = int(mario.isupport()["NAMELEN"])
    assert mario.ask_one("SETNAME :" + "x" * most).params == ["x" * most]
    for bad in "x" * (most + 1), "ü" * (most // 2) + "xx", "":
        assert mario.ask_one(f"SETNAME :{bad}").matches("FAIL", "SETNAME", "INVALID_REALNAME"), bad
    assert only(mario.ask("WHOIS mario"), "311")[0].text == "x" * most


# invite-notify


def test_invitations_are_told_to_members_who_asked(irc_server):
    mario, anna, luca = room(irc_server, mario=[], anna=["invite-notify"], luca=[])
    far = irc_server.irc("far", caps=["invite-notify"])
    guest = irc_server.irc("guest", caps=["invite-notify"])
    assert mario.ask_one("INVITE guest #a").matches("341", "mario", "guest", "#a")
    assert [(m.verb, m.source, m.params) for m in guest.sync()] == [("INVITE", mario.mask, ["guest", "#a"])]
    assert [(m.verb, m.source, m.params) for m in anna.sync()] == [("INVITE", mario.mask, ["guest", "#a"])]
    luca.expect_nothing()
    far.expect_nothing()


def test_who_invites_is_not_told_twice(irc_server):
    (mario,) = room(irc_server, mario=["invite-notify"])
    irc_server.irc("guest")
    assert verbs(mario.ask("INVITE guest #a")) == ["341"]


# monitor and extended-monitor


MONITORED = ["extended-monitor", "away-notify", "setname", "chghost", "account-notify"]


def test_monitored_people_are_told_of_from_afar(ruled):
    mario = ruled.irc("mario")
    watcher = ruled.irc("watcher", caps=MONITORED)
    assert watcher.ask_one("MONITOR + mario").verb == "730"
    mario.ask("AWAY :out", "AWAY", "SETNAME :New Name")
    ruled.boss.ask("CHGHOST mario a.new.host")
    came = watcher.sync()
    assert [(m.verb, m.params) for m in came[:3]] == [("AWAY", ["out"]), ("AWAY", []), ("SETNAME", ["New Name"])]
    assert [(m.verb, m.params[-1]) for m in came[3:]] == [("CHGHOST", "a.new.host")]


@pytest.mark.parametrize("missing", ["extended-monitor", "away-notify"])
def test_each_needs_both_capabilities(irc_server, missing):
    mario = irc_server.irc("mario")
    watcher = irc_server.irc("watcher", caps=[c for c in MONITORED if c != missing])
    watcher.ask("MONITOR + mario")
    mario.ask("AWAY :out", "SETNAME :New")
    assert verbs(watcher.sync()) == ([] if missing == "extended-monitor" else ["SETNAME"])


def test_who_monitors_and_shares_a_channel_is_told_once(irc_server):
    mario, watcher = room(irc_server, mario=[], watcher=MONITORED)
    watcher.ask("MONITOR + mario")
    mario.ask("AWAY :out", "SETNAME :New")
    assert verbs(watcher.sync()) == ["AWAY", "SETNAME"]


def test_who_is_no_longer_monitored_is_not_told_of(irc_server):
    mario, watcher = irc_server.irc("mario"), irc_server.irc("watcher", caps=MONITORED)
    watcher.ask("MONITOR + mario")
    watcher.ask("MONITOR - mario")
    mario.ask("AWAY :out")
    watcher.expect_nothing()
    watcher.ask("MONITOR + mario")
    watcher.ask("MONITOR C")
    mario.ask("AWAY")
    watcher.expect_nothing()


def test_monitored_people_who_rename_come_and_go(irc_server):
    mario, watcher = irc_server.irc("mario"), irc_server.irc("watcher", caps=MONITORED)
    assert verbs(watcher.ask("MONITOR + mario,maria")) == ["730", "731"]
    mario.ask("NICK maria")
    came = watcher.sync()
    assert sorted((m.verb, m.text.split("!")[0]) for m in came) == [("730", "maria"), ("731", "mario")]
    mario.ask("AWAY :out")
    assert verbs(watcher.sync()) == ["AWAY"]


# no-implicit-names


@pytest.mark.parametrize("name", ["no-implicit-names", "draft/no-implicit-names"])
def test_names_only_when_asked_for(irc_server, name):
    client = irc_server.irc("anna", caps=[name])
    assert verbs(client.join("#a", "#b")) == ["JOIN", "JOIN"]
    assert verbs(client.ask("NAMES #a")) == ["353", "366"]
    client.ask("TOPIC #a :here", "PART #a")
    mario = irc_server.irc("mario")
    mario.join("#a", "#c")
    mario.ask("TOPIC #c :there")
    assert verbs(client.ask("JOIN #c")) == ["JOIN", "332", "333"]


# draft/extended-isupport


def tokens(messages):
    return {word.partition("=")[0]: word.partition("=")[2]
            for m in only(messages, "005") for word in m.params[1:-1]}


def test_isupport_before_the_log_in(irc_server):
    client = irc_server.irc()
    client.ask("CAP LS 302", "CAP REQ :draft/extended-isupport batch")
    opening, *lines, closing = client.ask("ISUPPORT")
    assert opening.params[1:] == ["draft/isupport"] and closing.params == ["-" + opening.params[0][1:]]
    assert all(m.verb == "005" and m.params[0] == "*" and m.tags == {"batch": opening.params[0][1:]} for m in lines)
    before = tokens(lines)
    client.send("CAP END")
    client.register("anna", caps=["draft/extended-isupport", "batch"])
    outside = [m for m in only(client.welcome, "005") if "batch" not in m.tags]
    assert outside == [], "none may come outside of a batch"
    assert before | tokens(client.welcome) == before or tokens(client.welcome) == {}


def test_isupport_without_batches(irc_server):
    client = irc_server.irc()
    client.ask("CAP REQ :draft/extended-isupport")
    came = client.ask("ISUPPORT")
    assert set(verbs(came)) == {"005"} and came[0].tags == {}


def test_isupport_needs_the_capability_only_before_the_log_in(irc_server):
    assert irc_server.irc().ask_one("ISUPPORT").matches("451", "*")
    client = irc_server.irc("anna", caps=["batch"])
    came = client.ask("ISUPPORT")
    assert set(verbs(came)) == {"005"} and tokens(came) == tokens(client.welcome) and "UTF8ONLY" in tokens(came)


# draft/pre-away


def test_away_before_the_log_in(irc_server):
    client = irc_server.irc()
    client.ask("CAP LS 302", "CAP REQ :draft/pre-away")
    assert client.ask_one("AWAY :not yet").matches("306", "*")
    assert client.ask_one("AWAY").matches("305", "*")
    assert client.ask_one("AWAY :asleep").matches("306", "*")
    client.send("CAP END")
    client.register("anna")
    mario = irc_server.irc("mario")
    assert mario.ask_one("PRIVMSG anna :hello").matches("301", "mario", "anna", "asleep")
    assert only(mario.ask("WHOIS anna"), "301")[0].params == ["mario", "anna", "asleep"]
    assert client.ask("AWAY")[-1].verb == "305"


def test_away_before_the_log_in_for_no_reason(irc_server):
    client = irc_server.irc()
    client.ask("CAP LS 302", "CAP REQ :draft/pre-away")
    assert client.ask_one("AWAY *").verb == "306"
    client.send("CAP END")
    client.register("anna")
    assert irc_server.irc("mario").ask_one("PRIVMSG anna :hello").verb == "301"


def test_away_before_the_log_in_needs_the_capability(irc_server):
    assert irc_server.irc().ask_one("AWAY :x").matches("451", "*")


def test_who_comes_in_away_is_seen_to_come(irc_server):
    watcher = irc_server.irc("watcher", caps=MONITORED)
    watcher.ask("MONITOR + anna")
    client = irc_server.irc()
    client.ask("CAP REQ :draft/pre-away", "AWAY :asleep")
    client.send("CAP END")
    client.register("anna")
    assert "730" in verbs(watcher.sync())


# draft/channel-rename


def test_a_renamed_channel(irc_server):
    """Who knows of it sees one line; everything stays as it was."""
    mario, anna, luca = room(irc_server, mario=["draft/channel-rename"], anna=["draft/channel-rename"], luca=[])
    mario.ask("MODE #a +bk bad!*@* word", "TOPIC #a :The topic", "MODE #a +v anna")
    for person in anna, luca:
        person.sync()
    came = mario.ask("RENAME #a #b :A better name")
    for told in came, anna.sync():
        assert [(m.verb, m.source, m.params) for m in told] == [("RENAME", mario.mask, ["#a", "#b", "A better name"])]
    names = set(only(mario.ask("NAMES #b"), "353")[0].text.split())
    assert names == {"@mario", "+anna", "luca"}
    assert "word" in mario.ask("MODE #b")[0].params
    assert [m.params[2] for m in only(mario.ask("MODE #b b"), "367")] == ["bad!*@*"]
    assert mario.ask("TOPIC #b")[0].text == "The topic"
    anna.ask("PRIVMSG #b :hello")
    assert mario.sync()[-1].params == ["#b", "hello"]
    assert anna.ask_one("PRIVMSG #a :hello").verb == "403"


def test_who_does_not_know_of_it_leaves_and_enters(irc_server):
    mario, luca, sara = room(irc_server, mario=["draft/channel-rename"], luca=[],
                             sara=["extended-join", "no-implicit-names"])
    mario.ask("TOPIC #a :The topic")
    luca.sync(), sara.sync()
    mario.ask("RENAME #a #b :better")
    came = luca.sync()
    assert verbs(came) == ["PART", "JOIN", "332", "333", "353", "366"]
    assert came[0].source == came[1].source == luca.mask
    assert came[0].params == ["#a", "better"] and came[1].params == ["#b"]
    assert set(came[4].text.split()) == {"@mario", "luca", "sara"} and came[5].params[1] == "#b"
    came = sara.sync()
    assert verbs(came) == ["PART", "JOIN", "332", "333"] and came[1].params == ["#b", "*", "sara real"]


def test_without_a_reason_it_is_empty(irc_server):
    mario, luca = room(irc_server, mario=["draft/channel-rename"], luca=[])
    assert mario.ask_one("RENAME #a #b").params == ["#a", "#b", ""]
    assert luca.sync()[0].params in (["#a"], ["#a", ""])


def test_who_renames_may_not_know_of_it(irc_server):
    mario, anna = room(irc_server, mario=[], anna=["draft/channel-rename"])
    assert verbs(mario.ask("RENAME #a #b"))[:2] == ["PART", "JOIN"]
    assert verbs(anna.sync()) == ["RENAME"]


def test_only_the_case_changes(irc_server):
    mario, luca = room(irc_server, mario=["draft/channel-rename"], luca=[])
    assert mario.ask_one("RENAME #a #A").params == ["#a", "#A", ""]
    assert set(verbs(luca.sync())) <= {"RENAME"}
    assert mario.ask("MODE #a")[0].params[1] == "#A"


def test_names_that_it_cannot_have(irc_server):
    mario, anna = room(irc_server, mario=["draft/channel-rename"], anna=["draft/channel-rename"])
    anna.join("#other")
    anna.sync()
    assert mario.ask_one("RENAME #a #other").matches("FAIL", "RENAME", "CHANNEL_NAME_IN_USE", "#a", "#other")
    for bad in "b", "#" + "x" * 64, "&b", "#a,b":
        assert mario.ask_one(f"RENAME #a {bad}").matches("FAIL", "RENAME", "CANNOT_RENAME", "#a"), bad
    assert mario.ask_one("RENAME #piazza #b").verb in ("442", "482", "FAIL")
    assert mario.ask_one("RENAME #nowhere #b").verb == "403"
    assert anna.ask_one("RENAME #a #b").matches("482", "anna", "#a")
    far = irc_server.irc("far")
    assert far.ask_one("RENAME #a #b").verb in ("442", "403")
    mario.expect_nothing()


def test_the_lobby_keeps_its_name(ruled):
    ruled.boss.join("#piazza")
    assert ruled.boss.ask_one("RENAME #piazza #b").matches("FAIL", "RENAME", "CANNOT_RENAME", "#piazza", "#b")


def test_the_old_name_is_free(irc_server):
    (mario,) = room(irc_server, mario=["draft/channel-rename"])
    mario.ask("RENAME #a #b")
    luca = irc_server.irc("luca")
    came = luca.ask("JOIN #a")
    assert came[0].verb == "JOIN" or came[0].matches("FAIL", "JOIN", "CHANNEL_RENAMED") or came[0].verb == "470"
    assert only(mario.sync(), "JOIN") == []


def test_an_invitation_leads_to_the_new_name(irc_server):
    (mario,) = room(irc_server, mario=[])
    luca = irc_server.irc("luca")
    mario.ask("MODE #a +i", "INVITE luca #a", "RENAME #a #b")
    luca.sync()
    assert [m.params[1] for m in only(luca.ask("INVITE"), "336")] == ["#b"]
    assert luca.join("#b")[0].params == ["#b"]


# Bots


def test_a_bot_is_marked(irc_server):
    robot, anna = room(irc_server, robot=[], anna=[])
    letter = anna.isupport()["BOT"]
    assert robot.ask_one(f"MODE robot +{letter}").matches("MODE", "robot", f"+{letter}")
    assert only(anna.ask("WHOIS robot"), "335")[0].params[:2] == ["anna", "robot"]
    assert letter in only(anna.ask("WHO robot"), "352")[0].params[6]
    assert letter in only(anna.ask("WHO #a %nf"), "354")[0].params[-1] + only(anna.ask("WHO robot %f"), "354")[0].text
    assert letter not in only(anna.ask("WHO anna"), "352")[0].params[6]
    assert only(anna.ask("WHOIS anna"), "335") == []
    robot.ask(f"MODE robot -{letter}")
    assert only(anna.ask("WHOIS robot"), "335") == []


# NAMES and its kin


def test_multi_prefix(irc_server):
    mario, anna, luca = room(irc_server, mario=[], anna=["multi-prefix"], luca=[])
    mario.ask("MODE #a +v mario", "MODE #a +hv luca luca")
    anna.sync(), luca.sync()
    assert set(anna.ask("NAMES #a")[0].text.split()) == {"@+mario", "anna", "%+luca"}
    assert set(luca.ask("NAMES #a")[0].text.split()) == {"@mario", "anna", "%luca"}
    assert only(anna.ask("WHO mario"), "352")[0].params[6].endswith("@+")
    assert not only(luca.ask("WHO mario"), "352")[0].params[6].endswith("@+")
    assert only(anna.ask("WHOIS mario"), "319")[0].text == "@+#a"
    assert only(luca.ask("WHOIS mario"), "319")[0].text == "@#a"


def test_userhost_in_names(irc_server):
    mario, anna = room(irc_server, mario=[], anna=["userhost-in-names"])
    assert set(anna.ask("NAMES #a")[0].text.split()) == {f"@{mario.mask}", anna.mask}
    assert set(mario.ask("NAMES #a")[0].text.split()) == {"@mario", "anna"}


def test_both_in_names(irc_server):
    mario, anna = room(irc_server, mario=[], anna=["userhost-in-names", "multi-prefix"])
    mario.ask("MODE #a +v mario")
    anna.sync()
    assert set(anna.ask("NAMES #a")[0].text.split()) == {f"@+{mario.mask}", anna.mask}
    assert f"@+{mario.mask}" in anna.ask("PART #a", "JOIN #a")[2].text.split()


def test_long_masks_in_names_fit_in_lines(irc_server):
    """Nicks of 32 bytes and masks of almost 100, several to a line."""
    first = irc_server.irc("a" * 32)
    first.join("#" + "c" * 63)
    nicks = ["b" * 30 + f"{i:02}" for i in range(12)]
    for nick in nicks:
        irc_server.irc(nick, user="u" * 40).join("#" + "c" * 63)
    reader = irc_server.irc("r" * 32, caps=["userhost-in-names", "multi-prefix"])
    came = reader.join("#" + "c" * 63)
    assert all(len(m.raw) <= 510 for m in came)
    masks = [word for m in only(came, "353") for word in m.text.split()]
    assert len(masks) == len(set(masks)) == 14 and all("!" in mask and "@" in mask for mask in masks)


# Standard replies


@pytest.mark.parametrize("line, command, code", [
    ("SETNAME :" + "x" * 300, "SETNAME", "INVALID_REALNAME"),
    ("BATCH +a x", "BATCH", "UNKNOWN_TYPE"),
    ("RENAME #a bad", "RENAME", "CANNOT_RENAME"),
    (b"PRIVMSG #a :\xff", "PRIVMSG", "INVALID_UTF8"),
    (b"JOIN #\xff", "JOIN", "INVALID_UTF8"),
])
@pytest.mark.parametrize("caps", [[], ["standard-replies"]])
def test_failures_say_which_command_and_why(irc_server, line, command, code, caps):
    anna = irc_server.irc("anna", caps=caps)
    anna.join("#a")
    came = anna.ask_one(line)
    assert came.matches("FAIL", command, code) and came.source == "brusio.localhost"
    assert " " in came.text, "the last parameter is for people"
