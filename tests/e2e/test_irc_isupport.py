"""What 005 advertises: every token is there, and every one is true."""

import pytest

from irc import only, verbs
from server import BOTH_DOORS


@pytest.fixture
def anna(irc_server):
    return irc_server.irc("anna")


def test_every_token_is_there(anna):
    tokens = anna.isupport()
    assert tokens.items() >= {
        "BOT": "B", "CASEMAPPING": "ascii", "CHANNELLEN": "64", "CHANTYPES": "#", "ELIST": "CMNTU", "EXTBAN": "$,am",
        "ACCOUNTEXTBAN": "a", "NETWORK": "Brusio", "NICKLEN": "32", "PREFIX": "(qaohv)~&@%+", "SAFELIST": "",
        "STATUSMSG": "~&@%+", "TOPICLEN": "390", "UTF8ONLY": "", "WHOX": "", "CHANLIMIT": "#:100"}.items()
    for name in ("AWAYLEN", "KICKLEN", "MAXLIST", "MODES", "MONITOR", "USERLEN", "UTF8MAPPING", "TARGMAX", "CHANMODES"):
        assert tokens[name], name
    assert tokens["EXCEPTS"] in ("", "e") and tokens["INVEX"] in ("", "I")
    lists, always, when_set, flags = tokens["CHANMODES"].split(",")
    assert (set(lists), set(always)) == (set("beI"), {"k"})
    assert set(when_set) >= {"l"} and set(flags) >= set("CMRimnst")


def test_targmax_names_all_that_take_lists(anna):
    limits = dict(part.split(":") for part in anna.isupport()["TARGMAX"].split(","))
    assert {"JOIN", "KICK", "NAMES", "PRIVMSG", "NOTICE", "TAGMSG", "WHOIS"} <= set(limits)


def test_the_command_and_version_say_the_same_again(anna):
    first = [m.params for m in anna.welcome if m.verb == "005"]
    assert [m.params for m in anna.ask("ISUPPORT") if m.verb == "005"] == first
    came = anna.ask("VERSION")
    assert verbs(came)[0] == "351" and [m.params for m in came[1:]] == first


def test_the_network_the_icon_and_the_blocked_tags_are_the_configured(brusiod):
    server = brusiod('''
[server]
network = "Casa"
[irc]
icon = "https://example.org/icon.png"
blocked_tags = ["typing", "draft/react"]
[limits]
channels_per_user = 3
''', listen=BOTH_DOORS)
    anna = server.irc("anna")
    tokens = anna.isupport()
    assert tokens["NETWORK"] == "Casa" and "Casa" in anna.welcome[0].text
    assert tokens["draft/ICON"] == "https://example.org/icon.png"
    assert set(tokens["CLIENTTAGDENY"].split(",")) == {"typing", "draft/react"}
    assert tokens["CHANLIMIT"] == "#:3"
    came = anna.ask("JOIN #a,#b,#c,#d")
    assert verbs(came)[-1] == "405" and came[-1].params[1] == "#d"
    assert len(only(came, "JOIN")) == 3
    anna.ask("PART #a")
    anna.join("#d")


def test_awaylen(irc_server, anna):
    limit = int(anna.isupport()["AWAYLEN"])
    anna.ask("AWAY :" + "x" * 450)
    luca = irc_server.irc("luca")
    assert luca.ask_one("PRIVMSG anna :hello").matches("301", "luca", "anna", "x" * limit)


def test_channellen(anna):
    limit = int(anna.isupport()["CHANNELLEN"])
    anna.join("#" + "x" * (limit - 1))
    assert anna.ask_one("JOIN #" + "x" * limit).verb in ("403", "476")


@pytest.mark.parametrize("name", ["a", "&a", "+a", "!a", "#a\x07", "#a\u200bb", "#a\x03b"])
def test_no_other_channel_types_or_letters(anna, name):
    assert anna.ask_one(f"JOIN {name}").verb in ("403", "476")


def test_casemapping_folds_ascii_only_as_ascii(irc_server, anna):
    anna.join("#[Aa]{Bb}")
    mario = irc_server.irc("mario")
    mario.join("#[aA]{bB}")
    assert anna.expect("JOIN").params[0] == "#[Aa]{Bb}"  # the same channel, called as its first member did
    mario.ask("JOIN #{aA}[bB]")  # rfc1459 would fold these together
    anna.expect_nothing()


def test_kicklen_and_topiclen(irc_server, anna):
    tokens, mario = anna.isupport(), irc_server.irc("mario")
    anna.join("#a")
    mario.join("#a")
    anna.ask("TOPIC #a :" + "é" * 220)  # 440 bytes
    topic = mario.expect("TOPIC").text
    assert len(topic.encode()) <= int(tokens["TOPICLEN"]) and set(topic) == {"é"}
    assert len(topic) == int(tokens["TOPICLEN"]) // 2
    anna.ask("KICK #a mario :" + "x" * 450)
    assert mario.expect("KICK").text == "x" * int(tokens["KICKLEN"])


def test_maxlist_is_the_number_of_entries(anna):
    lists, _, limit = anna.isupport()["MAXLIST"].partition(":")
    assert set(lists) == set("beI")
    limit = int(limit)
    anna.join("#a")
    for at in range(limit):
        anna.send(f"MODE #a +{'beI'[at % 3]} m{at}!*@*")
    assert len(only(anna.sync(), "MODE")) == limit
    assert anna.ask_one("MODE #a +b another!*@*").matches("478", "anna", "#a", "another!*@*", "b")
    anna.ask("MODE #a -b m0!*@*")
    assert anna.ask_one("MODE #a +b another!*@*").verb == "MODE"


def test_modes_is_the_number_of_changes_with_values(anna):
    limit = int(anna.isupport()["MODES"])
    anna.join("#a")
    masks = [f"m{at}!*@*" for at in range(limit + 1)]
    came = anna.ask("MODE #a +" + "b" * limit + " " + " ".join(masks[:limit]))
    assert [mask for m in came for mask in m.params[2:]] == masks[:limit]
    came = anna.ask("MODE #a -" + "b" * len(masks) + " " + " ".join(masks))
    assert [mask for m in came if m.verb == "MODE" for mask in m.params[2:]] == masks[:limit]  # the rest is not done


def test_monitor_is_the_number_of_watched(anna):
    limit = int(anna.isupport()["MONITOR"])
    for at in range(0, limit, 10):
        anna.ask("MONITOR + " + ",".join(f"n{n}" for n in range(at, at + 10)))
    came = anna.ask("MONITOR + one_more,and_more")
    assert [m.params[:3] for m in came] == [["anna", str(limit), "one_more,and_more"]] and verbs(came) == ["734"]


def test_nicklen_cannot_be_passed(anna):
    limit = int(anna.isupport()["NICKLEN"])
    assert anna.ask_one("NICK " + "x" * limit).verb == "NICK"
    assert anna.ask_one("NICK " + "x" * (limit + 1)).verb == "432"


def test_silence_is_the_number_of_masks(anna):
    limit = int(anna.isupport()["SILENCE"])
    for at in range(limit):
        assert anna.ask_one(f"SILENCE +n{at}").verb == "SILENCE"
    assert anna.ask_one("SILENCE +another").verb == "511"
    came = anna.ask("SILENCE")
    assert verbs(came) == ["271"] * limit + ["272"]


def test_keylen(anna):
    limit = int(anna.isupport()["KEYLEN"])
    anna.join("#a")
    assert anna.ask_one("MODE #a +k " + "x" * limit).verb == "MODE"
    anna.ask("MODE #a -k *")
    assert anna.ask_one("MODE #a +k " + "x" * (limit + 1)).matches("696", "anna", "#a", "k")


@pytest.mark.parametrize("verb", ["PRIVMSG", "NAMES", "WHOIS"])
def test_targmax_is_the_number_of_targets(irc_server, anna, verb):
    limits = dict(part.split(":") for part in anna.isupport()["TARGMAX"].split(","))
    limit = int(limits[verb])
    targets = [f"#c{at}" if verb == "NAMES" else f"nick{at}" for at in range(limit + 1)]
    suffix = " :hello" if verb == "PRIVMSG" else ""
    answer = {"PRIVMSG": "401", "NAMES": "366", "WHOIS": "318"}[verb]
    came = anna.ask(f"{verb} {','.join(targets[:limit])}{suffix}")
    assert len(only(came, answer)) == limit and not only(came, "407")
    came = anna.ask(f"{verb} {','.join(targets)}{suffix}")
    assert len(only(came, answer)) == limit
    assert only(came, "407")[0].params[1] == targets[limit]


def test_notice_to_too_many_is_silent(irc_server, anna):
    assert anna.ask("NOTICE " + ",".join(f"nick{at}" for at in range(30)) + " :hello") == []


def test_utf8only(anna):
    came = anna.ask(b"PRIVMSG anna :caff\xe8")
    assert verbs(came) == ["FAIL"] and came[0].params[:2] == ["PRIVMSG", "INVALID_UTF8"]


def test_prefix_and_statusmsg_are_the_ranks_in_order(irc_server, anna):
    letters, _, prefixes = anna.isupport()["PREFIX"][1:].partition(")")
    assert anna.isupport()["STATUSMSG"] == prefixes
    anna.join("#a")
    mario = irc_server.irc("mario", caps=("multi-prefix",))
    mario.join("#a")
    granted = ""
    for letter, prefix in list(zip(letters, prefixes))[2:]:  # who is @ may give @ and what is below
        assert anna.ask(f"MODE #a +{letter} mario")[-1].params == ["#a", f"+{letter}", "mario"]
        granted += prefix
    mario.sync()
    assert f"{granted}mario" in mario.ask("NAMES #a")[0].text.split()
