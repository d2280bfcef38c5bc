"""Channels that are registered, and for how long the others outlive their members; bans of the server."""

import select
import signal
import time

import pytest

from deadline import seconds
from irc import only, verbs
from logging_in import LONG_ENOUGH, log_in
from server import BOTH_DOORS
from services import register, says

PAST = ("batch", "server-time", "message-tags", "draft/chathistory")
SHORT = '[history]\nunregistered_grace = "2s"\n'


@pytest.fixture
def server(brusiod):
    return brusiod(listen=BOTH_DOORS)


@pytest.fixture
def anna(server):
    client = register(server.irc("anna"))
    client.ask("JOIN #club", "CS REGISTER #club")
    return client


def names(client, channel):
    return sorted(word for m in client.ask(f"NAMES {channel}") if m.verb == "353" for word in m.text.split())


def topic(client, channel):
    return [m.text for m in client.ask(f"TOPIC {channel}") if m.verb == "332"]


def modes(client, channel):
    return next(m.params[2:] for m in client.ask(f"MODE {channel}") if m.verb == "324")


def masks(client, channel, letter):
    return [m.params[2] for m in client.ask(f"MODE {channel} {letter}") if m.verb in ("346", "348", "367")]


def past(client, channel):
    came = client.ask(f"CHATHISTORY LATEST {channel} * 50")
    return [m.text for m in came if m.verb == "PRIVMSG" and "batch" in m.tags]


def another_moment(client):
    """The time of a join is kept to the millisecond; see test_what_is_said_in_the_moment_of_the_join."""
    end = time.time() + 0.003
    while time.time() < end:
        client.sync()


def failed(came):
    return [m.params[1] for m in came if m.verb == "FAIL"]


def restart(brusiod, server, how, config=""):
    if how == "crash":
        server.crash()
    else:
        server.signal(signal.SIGTERM)
        assert server.wait_exit() == 0
    return brusiod(config, after=server, listen=BOTH_DOORS)


def gone(*clients):
    for client in clients:
        client.send("QUIT")
        client.rest()


# ── registering ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_registering_makes_the_operator_the_founder(server):
    anna, mario = register(server.irc("anna")), register(server.irc("mario"))
    for client in (anna, mario):
        client.ask("JOIN #club")
    came = says(mario, "ChanServ", "REGISTER #club")
    assert len(came) == 1 and "yours" not in came[0], "he is no operator"
    assert "yours" in says(anna, "ChanServ", "REGISTER #club")[0]
    assert names(mario, "#club") == ["mario", "~anna"]
    assert any(m.matches("MODE", "#club", "+q", "anna") for m in mario.received)
    assert "founder anna" in says(mario, "ChanServ", "INFO #club")[0]
    assert "already" in says(anna, "ChanServ", "REGISTER #club")[0]


def test_registering_needs_an_account_and_the_channel(server):
    mario = server.irc("mario")
    mario.ask("JOIN #club")
    assert "not logged in" in says(mario, "ChanServ", "REGISTER #club")[0]
    anna = register(server.irc("anna"))
    assert "yours" not in says(anna, "ChanServ", "REGISTER #club")[0], "a member elsewhere"
    assert "yours" not in says(anna, "ChanServ", "REGISTER #piazza")[0], "the lobby is nobody's"
    anna.ask("JOIN #piazza")
    assert "yours" not in says(anna, "ChanServ", "REGISTER #piazza")[0]


def test_configuration_limits_and_forbids(brusiod):
    few = brusiod("[accounts]\nchannels_per_account = 1\n", listen=BOTH_DOORS)
    anna = register(few.irc("anna"))
    anna.ask("JOIN #a", "JOIN #b")
    assert "yours" in says(anna, "ChanServ", "REGISTER #a")[0]
    assert "yours" not in says(anna, "ChanServ", "REGISTER #b")[0]
    none = brusiod("[accounts]\nchannels = false\n", listen=BOTH_DOORS)
    anna = register(none.irc("anna"))
    anna.ask("JOIN #a")
    assert "yours" not in says(anna, "ChanServ", "REGISTER #a")[0]


# ── restarts ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["stop", "crash"])
def test_everything_of_a_registered_channel_survives_a_restart(brusiod, server, anna, how):
    register(server.irc("mario")).close()
    anna.ask("TOPIC #club :benvenuti", "MODE #club +kl verde 20", "MODE #club +mW-t 5", "MODE #club +b cattivo!*@*",
             "MODE #club +e buono!*@*", "MODE #club +I amico!*@*", "CS AMODE #club +v mario", "PRIVMSG #club :uno")
    before = modes(anna, "#club")
    server = restart(brusiod, server, how)
    stranger = server.irc("sara")
    assert verbs(stranger.ask("JOIN #club")) == ["475"]
    back = log_in(server, "anna", caps=PAST)
    came = back.ask("JOIN #club verde")
    assert [m.text for m in only(came, "332")] == ["benvenuti"]
    assert only(came, "333")[0].params[2].startswith("anna")
    assert names(back, "#club") == ["~anna"], "the founder gets the rank on joining"
    after = modes(back, "#club")
    assert sorted(before[0]) == sorted(after[0]) and sorted(before[1:]) == sorted(after[1:])
    assert masks(back, "#club", "b") == ["cattivo!*@*"]
    assert masks(back, "#club", "e") == ["buono!*@*"]
    assert masks(back, "#club", "I") == ["amico!*@*"]
    assert past(back, "#club") == ["uno"]
    mario = log_in(server, "mario")
    mario.ask("JOIN #club verde")
    assert names(back, "#club") == ["+mario", "~anna"], "the access list gives ranks"
    assert "founder anna" in says(back, "ChanServ", "INFO #club")[0]
    assert any("+v mario" in text for text in says(back, "ChanServ", "ACCESS #club"))


def test_it_stays_when_it_is_empty(server, anna):
    anna.ask("MODE #club +s", "TOPIC #club :benvenuti", "PART #club")
    mario = server.irc("mario")
    mario.ask("JOIN #club")
    assert names(mario, "#club") == ["mario"], "who comes into an empty registered channel is not its operator"
    assert topic(mario, "#club") == ["benvenuti"]
    anna.ask("JOIN #club")
    assert names(mario, "#club") == ["mario", "~anna"]


def test_it_outlives_the_grace(brusiod):
    server = brusiod(SHORT, listen=BOTH_DOORS)
    anna = register(server.irc("anna"))
    anna.ask("JOIN #club", "CS REGISTER #club", "JOIN #altro", "PRIVMSG #club :uno", "PART #club,#altro")
    mario = register(server.irc("mario", caps=PAST))
    wait_until_empty(mario, "#altro")
    mario.ask("JOIN #club")
    assert names(mario, "#club") == ["mario"] and past(mario, "#club") == ["uno"]


# ── access ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_access_entries_are_ranks_by_account_at_once_and_later(server, anna):
    mario = register(server.irc("mario"))
    mario.ask("JOIN #club")
    assert "changed" in says(anna, "ChanServ", "AMODE #club +o mario")[0]
    assert names(anna, "#club") == ["@mario", "~anna"], "at once"
    mario.ask("PART #club", "NICK altro", "JOIN #club")
    assert names(anna, "#club") == ["@altro", "~anna"], "by account, not by nick"
    assert any("+o mario" in text for text in says(anna, "ChanServ", "AMODE #club"))
    anna.ask("MODE #club -o altro")
    assert names(anna, "#club") == ["altro", "~anna"]
    mario.ask("CS OP #club")
    assert names(anna, "#club") == ["@altro", "~anna"]
    assert "changed" in says(anna, "ChanServ", "AMODE #club -o mario")[0]
    mario.ask("PART #club", "JOIN #club")
    assert names(anna, "#club") == ["altro", "~anna"]


def test_a_nick_alone_gives_no_rank(server, anna):
    mario = register(server.irc("mario"))
    says(anna, "ChanServ", "AMODE #club +o mario")
    mario.ask("NS LOGOUT", "JOIN #club")
    assert names(anna, "#club") == ["mario", "~anna"]
    mario.ask(f"NS IDENTIFY {LONG_ENOUGH}")
    assert names(anna, "#club") == ["@mario", "~anna"], "a later log-in brings them"


def test_op_without_a_claim_gives_nothing(server, anna):
    mario = register(server.irc("mario"))
    mario.ask("JOIN #club")
    assert "You have your ranks" not in says(mario, "ChanServ", "OP #club")[0]
    assert names(anna, "#club") == ["mario", "~anna"]


def test_several_ranks_and_several_accounts_in_one_amode(server, anna):
    mario, sara = register(server.irc("mario")), register(server.irc("sara"))
    says(anna, "ChanServ", "AMODE #club +ohv mario mario sara")
    for client in (mario, sara):
        client.ask("JOIN #club")
    seen = log_in(server, "anna", nick="occhio", caps=("multi-prefix",))
    seen.ask("JOIN #club")
    assert {"@%mario", "+sara"} <= set(names(seen, "#club"))


def test_the_access_list_is_not_for_strangers(server, anna):
    register(server.irc("mario")).close()
    says(anna, "ChanServ", "AMODE #club +o mario")
    sara = server.irc("sara")
    assert not any("mario" in text for text in says(sara, "ChanServ", "ACCESS #club"))


def test_a_secret_channel_is_not_told_of_to_strangers(server, anna):
    anna.ask("MODE #club +s")
    sara = register(server.irc("sara"))
    never = [text.replace("#nope", "#club") for text in says(sara, "ChanServ", "INFO #nope")]
    assert says(sara, "ChanServ", "INFO #club") == never


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────


MANAGING = ("TRANSFER #club mario", "TRANSFER #club sara", "DROP #club", "SET #club HISTORY off", "SET #club KEEP 1d",
            "AMODE #club +q mario", "AMODE #club +q sara", "AMODE #club -a anna")


@pytest.mark.parametrize("rank", ["o", "a", "h", "v"])
def test_ranks_below_the_founders_do_not_manage(server, anna, rank):
    mario, sara = register(server.irc("mario")), register(server.irc("sara"))
    for client in (mario, sara):
        client.ask("JOIN #club")
    anna.ask(f"MODE #club +{rank} mario")
    for line in MANAGING:
        says(mario, "ChanServ", line)
    assert "founder anna" in says(anna, "ChanServ", "INFO #club")[0]
    assert "by default, and kept as the server says" in says(anna, "ChanServ", "INFO #club")[1]
    assert "0 in the list" in says(anna, "ChanServ", "ACCESS #club")[-1]
    assert verbs(mario.ask("MODE #club +q mario")) == ["482"] or names(anna, "#club").count("~mario") == 0
    came = mario.ask("MODE #club -q anna", "KICK #club anna")
    assert not only(came, "KICK")
    assert "~anna" in names(sara, "#club")


def test_a_founder_rank_given_by_mode_is_not_the_registration(server, anna):
    mario = register(server.irc("mario"))
    mario.ask("JOIN #club")
    anna.ask("MODE #club +q mario")
    for line in ("TRANSFER #club mario", "DROP #club", "SET #club HISTORY off"):
        says(mario, "ChanServ", line)
    assert "founder anna" in says(anna, "ChanServ", "INFO #club")[0]


def test_founders_of_other_channels_and_strangers_do_not_manage(server, anna):
    mario, sara = register(server.irc("mario")), server.irc("sara")
    mario.ask("JOIN #mio", "CS REGISTER #mio")
    for client in (mario, sara):
        for line in (*MANAGING, "OP #club", "AMODE #club +o mario", "AMODE #club +v anna"):
            assert len(says(client, "ChanServ", line)) == 1, line
    assert "founder anna" in says(anna, "ChanServ", "INFO #club")[0]
    assert "0 in the list" in says(anna, "ChanServ", "ACCESS #club")[-1]


def test_who_is_protected_changes_lower_entries_only(server, anna):
    mario, sara = register(server.irc("mario")), register(server.irc("sara"))
    says(anna, "ChanServ", "AMODE #club +a mario")
    for client in (mario, sara):
        client.ask("JOIN #club")
    assert "changed" in says(mario, "ChanServ", "AMODE #club +v sara")[0]
    assert "changed" not in says(mario, "ChanServ", "AMODE #club +q sara")[0]
    assert "changed" not in says(mario, "ChanServ", "AMODE #club +q mario")[0]


def test_an_operator_of_the_server_manages(brusiod, hash_password):
    server = brusiod(f'[operator.root]\npassword = "{hash_password("root-password")}"\n', listen=BOTH_DOORS)
    anna, mario, root = register(server.irc("anna")), register(server.irc("mario")), server.irc("root")
    anna.ask("JOIN #club", "CS REGISTER #club")
    assert any(m.verb == "381" for m in root.ask("OPER root root-password"))
    assert "founder" in says(root, "ChanServ", "TRANSFER #club mario")[0]
    assert "founder mario" in says(anna, "ChanServ", "INFO #club")[0]
    assert "no more" in says(root, "ChanServ", "DROP #club")[0]
    mario.sync()


def test_transfer_gives_all_of_it(brusiod, server, anna):
    mario = register(server.irc("mario"))
    mario.ask("JOIN #club")
    assert "mario is the founder" in says(anna, "ChanServ", "TRANSFER #club mario")[0]
    assert "~mario" in names(mario, "#club")
    assert "no more" not in says(anna, "ChanServ", "DROP #club")[0]
    server = restart(brusiod, server, "crash")
    anna, mario = log_in(server, "anna"), log_in(server, "mario")
    for client in (anna, mario):
        client.ask("JOIN #club")
    assert names(mario, "#club") == ["anna", "~mario"]


def test_a_dropped_channel_is_one_like_others(brusiod):
    server = brusiod(SHORT, listen=BOTH_DOORS)
    anna = register(server.irc("anna"))
    anna.ask("JOIN #club", "CS REGISTER #club", "TOPIC #club :benvenuti", "PRIVMSG #club :uno")
    assert "no more" in says(anna, "ChanServ", "DROP #club")[0]
    assert any("#club" in text for text in says(anna, "ChanServ", "INFO #club"))
    gone(anna)
    mario = register(server.irc("mario", caps=PAST))
    wait_until_empty(mario, "#club")
    assert names(mario, "#club") == ["@mario"] and topic(mario, "#club") == [] and past(mario, "#club") == []


def test_dropping_the_founders_account_leaves_no_ghost_of_a_founder(server, anna):
    mario = register(server.irc("mario"))
    mario.ask("JOIN #club")
    anna.ask("NS DROP anna")
    assert "founder anna" not in " ".join(says(mario, "ChanServ", "INFO #club"))
    gone(anna)
    again = register(server.irc("anna"))
    again.ask("JOIN #club")
    assert names(mario, "#club") == ["anna", "mario"]


def test_kept_bans_hold_for_everyone_but_what_the_founder_has_stays(server, anna):
    mario = register(server.irc("mario"))
    anna.ask("MODE #club +b $a:mario")
    assert verbs(mario.ask("JOIN #club")) == ["474"]
    anna.ask("PART #club")
    assert verbs(mario.ask("JOIN #club")) == ["474"], "also while it is empty"


@pytest.mark.parametrize("mode", ["+i", "+k verde", "+l 1", "+b anna!*@*"])
def test_the_founder_can_always_go_in(server, anna, mode):
    anna.ask(f"MODE #club {mode}", "PART #club")
    if mode == "+l 1":
        server.irc("mario").ask("JOIN #club")
    assert [m.verb for m in anna.ask("JOIN #club") if m.verb in ("JOIN", "471", "473", "474", "475")] == ["JOIN"]


def test_a_renamed_registered_channel_stays_registered(brusiod, server, anna):
    anna.ask("TOPIC #club :benvenuti", "RENAME #club #circolo :nuovo")
    assert "founder anna" in says(anna, "ChanServ", "INFO #circolo")[0]
    server = restart(brusiod, server, "crash")
    anna = log_in(server, "anna")
    anna.ask("JOIN #circolo")
    assert names(anna, "#circolo") == ["~anna"] and topic(anna, "#circolo") == ["benvenuti"]
    mario = server.irc("mario")
    mario.ask("JOIN #club")
    assert names(mario, "#club") == ["@mario"], "the old name is free"


# ── the past ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["stop", "crash"])
def test_registered_and_the_lobby_keep_their_past_for_who_is_in_them(brusiod, server, anna, how):
    anna.ask("PRIVMSG #club :uno", "JOIN #piazza", "PRIVMSG #piazza :due")
    server = restart(brusiod, server, how)
    mario = server.irc("mario", caps=PAST)
    for channel in ("#club", "#piazza"):
        assert failed(mario.ask(f"CHATHISTORY LATEST {channel} * 10")) == ["INVALID_TARGET"]
    assert not any("uno" in m.text for m in mario.ask("SEARCH uno") if m.verb == "PRIVMSG")
    mario.ask("JOIN #club,#piazza")
    assert past(mario, "#club") == ["uno"] and past(mario, "#piazza") == ["due"]


def test_history_policies(server, anna):
    anna.ask("PRIVMSG #club :uno")
    mario = register(server.irc("mario", caps=PAST))
    says(anna, "ChanServ", "SET #club HISTORY since-join")
    mario.ask("JOIN #club")
    anna.ask("PRIVMSG #club :due")
    assert past(mario, "#club") == ["due"]
    says(anna, "ChanServ", "SET #club HISTORY all")
    assert past(mario, "#club") == ["uno", "due"]
    says(anna, "ChanServ", "SET #club HISTORY off")
    assert past(mario, "#club") == []
    says(anna, "ChanServ", "SET #club HISTORY default")
    assert past(mario, "#club") == ["uno", "due"]


@pytest.mark.parametrize("mode", ["+i", "+k verde", "+s"])
def test_private_channels_tell_newcomers_nothing_of_before(server, anna, mode):
    anna.ask("PRIVMSG #club :uno", f"MODE #club {mode}")
    mario = register(server.irc("mario", caps=PAST))
    anna.ask("INVITE mario #club")
    mario.ask("JOIN #club verde")
    anna.ask("PRIVMSG #club :due")
    assert past(mario, "#club") == ["due"]


# ── unregistered channels ───────────────────────────────────────────────────────────────────────────────────────────


def wait_until_empty(client, channel):
    """Until the grace is over; then `client` joins. Who looks must not join meanwhile, as it would begin anew."""
    end = time.monotonic() + seconds(20)
    while any(m.verb == "324" for m in client.ask(f"MODE {channel}")):
        assert time.monotonic() < end, f"{channel} is still there"
        select.select([], [], [], 0.1)
    client.ask(f"JOIN {channel}")


@pytest.mark.parametrize("how", ["quit", "part", "stop", "crash"])
def test_an_account_finds_its_unregistered_channel_as_it_was(brusiod, server, how):
    anna, mario = register(server.irc("anna")), register(server.irc("mario"))
    anna.ask("JOIN #orto")
    mario.ask("JOIN #orto")
    anna.ask("MODE #orto +mk verde", "TOPIC #orto :pomodori", "MODE #orto +v mario", "MODE #orto +b nino!*@*",
             "TOPIC #orto")
    another_moment(anna)
    anna.ask("PRIVMSG #orto :uno")
    before = modes(anna, "#orto")
    if how in ("stop", "crash"):
        server = restart(brusiod, server, how)
    elif how == "part":
        mario.ask("PART #orto")
        anna.ask("PART #orto")
        gone(anna, mario)
    else:
        gone(mario, anna)
    anna = log_in(server, "anna", caps=PAST)
    anna.ask("JOIN #orto verde")
    assert names(anna, "#orto") == ["@anna"]
    assert topic(anna, "#orto") == ["pomodori"]
    assert sorted(modes(anna, "#orto")[0]) == sorted(before[0])
    assert masks(anna, "#orto", "b") == ["nino!*@*"]
    assert past(anna, "#orto") == ["uno"]
    if how != "part":  # whoever left while others were there has no place any more
        mario = log_in(server, "mario", caps=PAST)
        mario.ask("JOIN #orto verde")
        assert "+mario" in names(anna, "#orto")
        assert past(mario, "#orto") == ["uno"]


def test_what_is_said_in_the_moment_of_the_join(server):
    for number in range(10):
        anna = register(server.irc("anna", caps=PAST)) if number == 0 else log_in(server, "anna", caps=PAST)
        anna.ask(f"JOIN #orto{number}", f"PRIVMSG #orto{number} :uno")
        assert past(anna, f"#orto{number}") == ["uno"]
        gone(anna)
        back = log_in(server, "anna", caps=PAST)
        back.ask(f"JOIN #orto{number}")
        assert past(back, f"#orto{number}") == ["uno"]
        gone(back)


@pytest.mark.parametrize("how", ["quit", "crash"])
def test_strangers_do_not_get_what_the_grace_keeps(brusiod, server, how):
    anna = register(server.irc("anna"))
    anna.ask("JOIN #orto", "TOPIC #orto :pomodori")
    another_moment(anna)
    anna.ask("PRIVMSG #orto :uno")
    if how == "crash":
        server = restart(brusiod, server, how)
    else:
        gone(anna)
    for mario in (server.irc("mario", caps=PAST), register(server.irc("sara", caps=PAST))):
        assert failed(mario.ask("CHATHISTORY LATEST #orto * 10")) == ["INVALID_TARGET"]
        mario.ask("JOIN #orto")
        assert f"@{mario.nick}" not in names(mario, "#orto"), "nobody takes over a name in its grace"
        assert past(mario, "#orto") == []
        assert not [m for m in mario.ask("SEARCH uno") if m.verb == "PRIVMSG"]
    back = log_in(server, "anna", caps=PAST)
    back.ask("JOIN #orto")
    assert "@anna" in names(back, "#orto") and past(back, "#orto") == ["uno"]


@pytest.mark.parametrize("how", ["quit", "crash"])
def test_after_the_grace_the_name_starts_empty(brusiod, how):
    server = brusiod(SHORT, listen=BOTH_DOORS)
    anna = register(server.irc("anna"))
    anna.ask("JOIN #orto", "MODE #orto +m", "TOPIC #orto :pomodori", "PRIVMSG #orto :uno")
    if how == "crash":
        server = restart(brusiod, server, how)
    else:
        gone(anna)
    mario = register(server.irc("mario", caps=PAST))
    wait_until_empty(mario, "#orto")
    assert past(mario, "#orto") == [] and modes(mario, "#orto") == ["+nt"]
    anna = log_in(server, "anna", caps=PAST)
    anna.ask("JOIN #orto")
    assert names(mario, "#orto") == ["@mario", "anna"]
    assert past(anna, "#orto") == [], "its past is deleted"
    assert not [m for m in anna.ask("SEARCH uno") if m.verb == "PRIVMSG"]


def test_a_grace_that_passed_while_the_server_was_down_is_over(brusiod):
    server = brusiod('[history]\nunregistered_grace = "1s"\n', listen=BOTH_DOORS)
    anna = register(server.irc("anna"))
    anna.ask("JOIN #orto", "TOPIC #orto :pomodori", "PART #orto")
    server = restart(brusiod, server, "stop")
    mario = register(server.irc("mario"))
    wait_until_empty(mario, "#orto")
    assert names(mario, "#orto") == ["@mario"] and topic(mario, "#orto") == []


def test_without_an_account_nothing_outlives_the_last_member(server):
    nino, sara = server.irc("nino"), server.irc("sara", caps=PAST)
    nino.ask("JOIN #orto", "TOPIC #orto :pomodori", "MODE #orto +m", "PRIVMSG #orto :uno", "PART #orto")
    sara.ask("JOIN #orto")
    assert names(sara, "#orto") == ["@sara"] and topic(sara, "#orto") == [] and past(sara, "#orto") == []


def test_no_grace_at_all(brusiod):
    server = brusiod('[history]\nunregistered_grace = "0s"\n', listen=BOTH_DOORS)
    anna = register(server.irc("anna", caps=PAST))
    anna.ask("JOIN #orto", "TOPIC #orto :pomodori", "PRIVMSG #orto :uno", "PART #orto", "JOIN #orto")
    assert names(anna, "#orto") == ["@anna"] and topic(anna, "#orto") == [] and past(anna, "#orto") == []


def test_a_newcomer_reads_an_unregistered_channel_since_joining(server):
    anna, mario = register(server.irc("anna")), register(server.irc("mario", caps=PAST))
    anna.ask("JOIN #orto", "PRIVMSG #orto :uno")
    mario.ask("JOIN #orto")
    anna.ask("PRIVMSG #orto :due")
    assert past(mario, "#orto") == ["due"]


def test_who_was_banned_reads_nothing_any_more(server, anna):
    mario = register(server.irc("mario", caps=PAST))
    mario.ask("JOIN #club", "PRIVMSG #club :uno")
    assert past(mario, "#club") == ["uno"]
    anna.ask("MODE #club +b $a:mario", "KICK #club mario")
    assert failed(mario.ask("CHATHISTORY LATEST #club * 10")) == ["INVALID_TARGET"]
    assert not [m for m in mario.ask("SEARCH in:#club uno") if m.verb == "PRIVMSG"]
    telefono = log_in(server, "mario", nick="telefono", caps=PAST)
    assert failed(telefono.ask("CHATHISTORY LATEST #club * 10")) == ["INVALID_TARGET"]


# ── bans of the server ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["stop", "crash"])
def test_bans_of_the_server_survive_a_restart(brusiod, hash_password, how):
    config = f'[operator.root]\npassword = "{hash_password("root-password")}"\n'
    server = brusiod(config, listen=BOTH_DOORS)
    root = server.irc("root")
    root.ask("OPER root root-password", "UBAN ADD cattivo!*@* 7d :spam", "UBAN ADD 192.0.2.0/24 :rete",
             "UBAN ADD muto!*@* mute :zitto", "UBAN ADD breve!*@* 1s :poco", "UBAN ADD tolto!*@* :errore",
             "UBAN DEL tolto!*@*")
    server = restart(brusiod, server, how, config)
    bad = server.irc()
    bad.send("NICK cattivo", "USER u 0 * :u")
    assert "spam" in bad.expect_closed()[-1].text
    assert server.irc("tolto")
    mute = server.irc("muto")
    mute.ask("JOIN #piazza")
    assert any(m.verb == "404" for m in mute.ask("PRIVMSG #piazza :x"))
    root = server.irc("root")
    root.ask("OPER root root-password")
    listed = "\n".join(m.text for m in root.ask("UBAN LIST"))
    for text in ("spam", "192.0.2.0/24", "rete", "zitto", "root"):
        assert text in listed, listed
    assert "tolto" not in listed
    root.ask("UBAN DEL cattivo!*@*")
    server = restart(brusiod, server, how, config)
    assert server.irc("cattivo")
