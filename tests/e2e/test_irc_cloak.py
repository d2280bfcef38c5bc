"""Addresses are hidden from others, on every door, and the same address looks the same each time."""

import os
import re
import socket
import stat

import pytest

from deadline import seconds
from frames import FrameClient
from irc import IrcClient, only, verbs
from server import BOTH_DOORS, Server

CLOAK = re.compile(r"^([a-z2-7]{8})\.([a-z2-7]{8})\.([a-z2-7]{8})\.ip$")


def sock_from(source, address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds(5), source_address=(source, 0))


def irc_from(server, source, nick=None):
    client = IrcClient(sock_from(source, server.irc_address))
    server.clients.append(client)
    return client.register(nick) if nick else client


def frame_from(server, source, name):
    client = FrameClient(sock_from(source, server.address_of("frame")), name.encode())
    server.clients.append(client)
    mark = server.log_mark()
    client.send(name)
    server.wait_log(f"username: {name}$", mark)
    return client


def host(client):
    return client.mask.split("@")[1]


def host_seen(asker, nick):
    return only(asker.ask(f"WHOIS {nick}"), "311")[0].params[3]


@pytest.fixture
def ruled(brusiod, hash_password):
    server = brusiod(f"[operator.boss]\npassword = '{hash_password('secret')}'\n", listen=BOTH_DOORS)
    server.boss = irc_from(server, "127.9.9.9", "boss")
    server.boss.send("OPER boss secret")
    server.boss.expect("381", timeout=20)
    server.boss.sync()
    return server


# What is shown


def test_the_same_address_is_the_same_on_every_door(irc_server):
    anna = irc_from(irc_server, "127.0.0.1", "anna")
    mario = irc_from(irc_server, "127.0.0.1", "mario")
    frame_from(irc_server, "127.0.0.1", "frank")
    assert CLOAK.match(host(anna)) and host(anna) == host(mario)
    assert host_seen(anna, "anna") == host_seen(anna, "mario") == host_seen(anna, "frank") == host(anna)


def test_its_parts_are_its_networks(irc_server):
    """The same /24 shares two parts, the same /16 one, anything else none."""
    one, near, far, other = [CLOAK.match(host(irc_from(irc_server, ip, f"n{i}"))).groups() for i, ip in enumerate(
        ["127.1.2.3", "127.1.2.4", "127.1.9.9", "127.2.2.3"])]
    assert one[1:] == near[1:] and one[0] != near[0]
    assert one[2] == far[2] and one[0] != far[0] and one[1] != far[1]
    assert not set(one) & set(other)


def test_nothing_that_others_see_has_the_address(irc_server):
    """Of somebody from 127.7.8.9, who does and is everything that has a mask in it."""
    mario = irc_from(irc_server, "127.7.8.9", "mario")
    anna = irc_server.irc("anna", caps=["userhost-in-names", "extended-join", "chghost", "invite-notify"])
    anna.join("#a")
    mario.join("#a")
    anna.ask("MONITOR + mario", "MODE #a +o mario")
    mario.ask("TOPIC #a :x", "MODE #a +b x!*@*", "PRIVMSG #a :x", "INVITE anna #b", "NICK maria", "NICK mario",
              "AWAY :x")
    frame_from(irc_server, "127.7.8.9", "frank").send("/who")
    anna.ask("WHOIS mario", "WHO mario", "WHO #a %tcuihsnfdlaor,1", "USERHOST mario", "NAMES #a", "TOPIC #a",
             "MODE #a b", "MONITOR S", "WHOIS frank", "STATS o", "LIST")
    mario.send("QUIT :x")
    anna.expect("QUIT", source="mario")
    anna.ask("WHOWAS mario", "WHOWAS frank")
    assert "127.7.8.9" not in repr(anna.received) and "127.7" not in repr(anna.received)
    assert verbs(anna.received).count("311") == 2


def test_who_asks_for_an_address_is_told_nothing(irc_server):
    """A mask of an address must not be a way to guess it."""
    irc_from(irc_server, "127.7.8.9", "mario")
    anna = irc_server.irc("anna")
    for mask in "127.7.8.9", "*127.7*", "*!*@127.7.8.9", "127.*":
        found = only(anna.ask(f"WHO {mask}"), "352")
        assert {m.params[5] for m in found} <= {"anna"}, mask


def test_ones_own_address_is_no_secret(irc_server):
    mario = irc_from(irc_server, "127.7.8.9", "mario")
    assert "127.7.8.9" in only(mario.ask("WHOIS mario"), "378")[0].text


def test_operators_of_the_server_see_it(ruled):
    irc_from(ruled, "127.7.8.9", "mario")
    frame_from(ruled, "127.7.8.10", "frank")
    assert "127.7.8.9" in only(ruled.boss.ask("WHOIS mario"), "378")[0].text
    assert "127.7.8.10" in only(ruled.boss.ask("WHOIS frank"), "378")[0].text


def test_operators_of_a_channel_do_not(irc_server):
    anna = irc_server.irc("anna")
    anna.join("#a")
    irc_from(irc_server, "127.7.8.9", "mario").join("#a")
    assert only(anna.ask("WHOIS mario"), "378") == []


def test_ipv6_and_ipv4_are_different_people(brusiod):
    if not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("this machine has no IPv6")
    server = brusiod(listen=("irc=127.0.0.1:0", "irc=[::1]:0"))
    four = server.irc("four", address=server.addresses[0])
    six, seven = server.irc("six", address=server.addresses[1]), server.irc("seven", address=server.addresses[1])
    assert CLOAK.match(host(six)) and host(six) == host(seven)
    assert not set(host(six).split(".")[:3]) & set(host(four).split(".")[:3])
    assert "::1" in only(six.ask("WHOIS six"), "378")[0].text


def test_unix_sockets(brusiod, tmp_path):
    """There is no address, so there is none to hide; no shown host begins with a colon or is empty."""
    server = brusiod(listen=(f"irc=unix:{tmp_path}/irc.sock", "irc=127.0.0.1:0"))
    local, other = server.irc("local", address=server.addresses[0]), server.irc("other", address=server.addresses[1])
    assert host(local) and not host(local).startswith(":") and host(local) != host(other)


# The key


def test_the_key_is_kept(brusiod_path, tmp_path):
    """Made at the first start, readable for its owner only, and the same people look the same after a restart."""
    shown, texts = [], []
    key = tmp_path / "data" / "cloak.key"
    for _ in range(2):
        server = Server(brusiod_path, tmp_path, listen=("irc=127.0.0.1:0",))
        try:
            shown.append(host(server.irc("anna")))
            texts.append(key.read_text())
            assert stat.S_IMODE(key.stat().st_mode) == 0o600
        finally:
            server.stop()
    assert re.fullmatch(r"[0-9a-f]{64}\n", texts[0])
    assert texts[0] == texts[1] and shown[0] == shown[1]


def test_another_server_has_another_key(brusiod):
    one, two = brusiod(listen=("irc=127.0.0.1:0",)), brusiod(listen=("irc=127.0.0.1:0",))
    assert host(one.irc("anna")) != host(two.irc("anna"))


@pytest.mark.parametrize("content", ["", "short\n", "g" * 64 + "\n", "a" * 65 + "\n", "a" * 63])
def test_a_broken_key_is_never_replaced(run_brusiod, tmp_path, content):
    data = tmp_path / "data"
    data.mkdir()
    (data / "cloak.key").write_text(content)
    done = run_brusiod("--listen", "irc=127.0.0.1:0", "--data", data)
    assert done.returncode != 0 and "cloak.key" in done.stderr
    assert (data / "cloak.key").read_text() == content


# Bans


def test_bans_of_channels_match_what_is_shown(irc_server):
    """An address in a ban matches nobody: else a ban could be used to guess it."""
    anna = irc_server.irc("anna")
    anna.join("#a")
    mario = irc_from(irc_server, "127.7.8.9", "mario")
    for mask in "*!*@127.7.8.9", "*!*@127.*", "*!*@*127.7*", "*!*@127.7.8.0/24":
        anna.ask(f"MODE #a +b {mask}")
        assert "JOIN" in verbs(mario.ask("JOIN #a")), mask
        mario.ask("PART #a")
    anna.ask(f"MODE #a +b *!*@{host(mario)}")
    assert mario.ask_one("JOIN #a").matches("474", "mario", "#a")


def test_a_network_can_be_banned_without_knowing_it(irc_server):
    anna = irc_server.irc("anna")
    anna.join("#a")
    mario, near, far = [irc_from(irc_server, ip, nick) for ip, nick in
                        [("127.7.8.9", "mario"), ("127.7.8.200", "near"), ("127.7.9.9", "far")]]
    anna.ask("MODE #a +b *!*@*." + host(mario).split(".", 1)[1])
    assert mario.ask_one("JOIN #a").verb == near.ask_one("JOIN #a").verb == "474"
    assert "JOIN" in verbs(far.ask("JOIN #a"))


def test_exceptions_and_mutes_match_what_is_shown(irc_server):
    anna = irc_server.irc("anna")
    anna.join("#a")
    mario = irc_from(irc_server, "127.7.8.9", "mario")
    anna.ask("MODE #a +b *!*@*", "MODE #a +e *!*@127.7.8.9")
    assert mario.ask_one("JOIN #a").verb == "474"
    anna.ask(f"MODE #a +e *!*@{host(mario)}")
    mario.join("#a")
    anna.ask("MODE #a -be *!*@* *!*@127.7.8.9", "MODE #a +b $m:*!*@127.7.8.9", f"MODE #a -e *!*@{host(mario)}")
    assert "404" not in verbs(mario.ask("PRIVMSG #a :x"))
    anna.ask(f"MODE #a +b $m:*!*@{host(mario)}")
    assert "404" in verbs(mario.ask("PRIVMSG #a :x"))


def test_silence_matches_what_is_shown(irc_server):
    anna = irc_server.irc("anna")
    mario = irc_from(irc_server, "127.7.8.9", "mario")
    anna.ask("SILENCE +*!*@127.7.8.9")
    mario.ask("PRIVMSG anna :one")
    anna.ask(f"SILENCE +*!*@{host(mario)}")
    mario.ask("PRIVMSG anna :two")
    anna.sync()
    assert [m.text for m in only(anna.received, "PRIVMSG")] == ["one"]


def test_frame_people_are_banned_by_what_is_shown(ruled):
    ruled.boss.join("#piazza")
    frank = frame_from(ruled, "127.7.8.9", "frank")
    shown = host_seen(ruled.boss, "frank")
    ruled.boss.ask("MODE #piazza +b *!*@127.7.8.9")
    frank.send("still here")
    ruled.boss.expect("PRIVMSG", "#piazza", "still here")
    ruled.boss.ask(f"MODE #piazza +b *!*@{shown}")
    late = FrameClient(sock_from("127.7.8.9", ruled.address_of("frame")))
    ruled.clients.append(late)
    late.send("late")
    assert late.expect_explanation()


@pytest.mark.parametrize("target", ["127.7.8.9", "127.7.8.0/24", "*!*@127.7.8.9", "*!*@127.7.*"])
def test_bans_of_the_server_match_the_real_address(ruled, target):
    ruled.boss.ask(f"UBAN ADD {target} deny :out")
    for door in irc_from, frame_from:
        client = (irc_from(ruled, "127.7.8.9") if door is irc_from
                  else FrameClient(sock_from("127.7.8.9", ruled.address_of("frame"))))
        ruled.clients.append(client)
        if door is irc_from:
            client.send("NICK mario", "USER u 0 * :x")
            assert "465" in verbs(client.expect_closed())
        else:
            client.send("frank")
            client.expect_explanation()
    irc_from(ruled, "127.8.8.8", "other")
    ruled.boss.ask(f"UBAN DEL {target}")
    irc_from(ruled, "127.7.8.9", "mario")


# Without a cloak


def test_addresses_may_be_shown(brusiod, tmp_path):
    server = brusiod("[server]\ncloak = false\n", listen=(*BOTH_DOORS, f"irc=unix:{tmp_path}/irc.sock"))
    mario, anna = irc_from(server, "127.7.8.9", "mario"), server.irc("anna")
    assert host(mario) == "127.7.8.9"
    frame_from(server, "127.7.8.10", "frank")
    assert host_seen(anna, "frank") == "127.7.8.10"
    local = server.irc("local", address=f"unix:{tmp_path}/irc.sock")
    assert host(local) == "localhost"
    anna.join("#a")
    anna.ask("MODE #a +b *!*@127.7.8.9")
    assert mario.ask_one("JOIN #a").verb == "474"
    assert not list(tmp_path.rglob("cloak.key"))


def test_ipv6_without_a_cloak(brusiod):
    """No host may begin with a colon: it would be the last parameter of its line."""
    server = brusiod("[server]\ncloak = false\n", listen=("irc=[::1]:0",))
    anna = server.irc("anna")
    assert host(anna) == "0::1"
    assert only(anna.ask("WHO anna"), "352")[0].params[3] == "0::1"
    assert only(anna.ask("WHOIS anna"), "311")[0].params[3] == "0::1"


def test_a_reload_does_not_change_the_cloak(brusiod):
    server = brusiod(listen=("irc=127.0.0.1:0",))
    before = host(server.irc("anna"))
    server.reload("[server]\ncloak = false\n")
    assert host(server.irc("mario")) == before
