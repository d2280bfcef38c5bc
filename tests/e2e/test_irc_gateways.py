"""Connections on behalf of others: WEBIRC, and the PROXY protocol. From then on the other address is the real one."""

import ipaddress
import re
import socket
import struct

import pytest

from deadline import seconds
from irc import IrcClient, only, verbs
from logging_in import PROXIED, PROXIED_FRAMES, PROXIES, trusting
from server import BOTH_DOORS, IRC_LISTENER, tls_files

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
WEBIRC = '[[webirc]]\npassword = "secret"\naddresses = ["127.0.0.1"]\n'


def from_address(server, source, address=None):
    """A client whose connection really comes from there (all of 127.0.0.0/8 is ours)."""
    host, port = (address or server.irc_address).rsplit(":", 1)
    sock = socket.create_connection((host, int(port)), timeout=seconds(5), source_address=(source, 0))
    client = IrcClient(sock)
    server.clients.append(client)
    return client


def real_address(client):
    """What the server knows, told to oneself only: 378."""
    told = only(client.ask(f"WHOIS {client.nick}"), "378")
    assert len(told) == 1
    return re.search(r"from \S+@(\S+)", told[0].text)[1]


def host_of(client):
    return client.mask.split("@")[1]


def is_secure(client):
    return "671" in verbs(client.ask(f"WHOIS {client.nick}"))


# WEBIRC


@pytest.fixture
def web(brusiod):
    return brusiod(WEBIRC, listen=BOTH_DOORS)


def webirc(server, nick, ip, password="secret", options="", host=None, **more):
    client = server.irc(**more)
    client.send(f"WEBIRC {password} gate {host or ip} {ip}" + (f" :{options}" if options else ""))
    return client.register(nick) if nick else client


def test_the_host_is_made_of_the_real_address(web):
    direct = from_address(web, "127.0.0.9").register("direct")
    web.irc("near")
    through = webirc(web, "through", "127.0.0.9", host="some.host.example")
    assert host_of(through) == host_of(direct)
    assert real_address(through) == "127.0.0.9"
    other = webirc(web, "other", "198.51.100.3")
    assert host_of(other) != host_of(direct) and real_address(other) == "198.51.100.3"
    assert "198.51.100.3" not in other.mask


@pytest.mark.parametrize("ip", ["2001:db8::5", "0::1", "0:0:0:0:0:0:0:5"])
def test_ipv6(web, ip):
    client = webirc(web, "six", ip)
    assert ipaddress.ip_address(real_address(client)) == ipaddress.ip_address(ip)


def test_an_address_that_begins_with_a_colon_is_one_parameter(web):
    """As a parameter in the middle it would end the line (WHOX, field i)."""
    client = webirc(web, "six", "0::1")
    (line,) = only(client.ask("WHO six %inf"), "354")
    assert len(line.params) == 4 and line.params[2] == "six"
    assert ipaddress.ip_address(line.params[1]) == ipaddress.ip_address("::1")


def test_who_asks_is_told_who_it_is(web):
    """Others see the cloak; the one behind the gateway is not the gateway."""
    client = webirc(web, "luca", "198.51.100.3")
    anna = web.irc("anna")
    assert only(anna.ask("WHOIS luca"), "311")[0].params[3] == host_of(client) != host_of(anna)
    assert only(anna.ask("WHOIS luca"), "378") == []
    assert "198.51.100.3" not in repr(anna.received)


@pytest.mark.parametrize("line", [
    "WEBIRC wrong gate 198.51.100.3 198.51.100.3", "WEBIRC gate gate 198.51.100.3 198.51.100.3",
    "WEBIRC secret gate host no-address", "WEBIRC secret gate host 198.51.100.300", "WEBIRC secret gate host :",
    "WEBIRC secretx gate 198.51.100.3 198.51.100.3", "WEBIRC SECRET gate 198.51.100.3 198.51.100.3",
])
def test_what_is_wrong_ends_the_connection(web, line):
    client = web.irc()
    client.send(line, "NICK evil", "USER u 0 * :x")
    client.expect_closed()
    assert "001" not in verbs(client.received)


def test_too_few_parameters(web):
    """Not taken for a gateway: an error, or the end, but never a log-in from somewhere else."""
    client = web.irc()
    client.send("WEBIRC secret gate host")
    assert client.next().verb in ("461", "ERROR")


def test_only_gateways_addresses_may(web):
    stranger = from_address(web, "127.0.0.2")
    stranger.send("WEBIRC secret gate 198.51.100.3 198.51.100.3")
    stranger.expect_closed()


def test_nobody_may_without_a_gateway(irc_server):
    client = irc_server.irc()
    client.send("WEBIRC secret gate 198.51.100.3 198.51.100.3")
    client.expect_closed()


def test_a_hashed_password(brusiod, hash_password):
    hashed = hash_password("secret")
    server = brusiod(WEBIRC.replace("secret", hashed), listen=("irc=127.0.0.1:0",))
    assert real_address(webirc(server, "anna", "198.51.100.3")) == "198.51.100.3"
    for wrong in "wrong", hashed:
        client = webirc(server, None, "198.51.100.3", password=wrong)
        client.expect_closed(timeout=10)


@pytest.mark.parametrize("first", ["NICK early", "USER u 0 * :x", "NICK early\r\nUSER u 0 * :x"])
def test_it_comes_first(web, first):
    """After the names, it is either refused or the end; nobody changes place."""
    client = web.irc()
    client.send(first, "WEBIRC secret gate 198.51.100.3 198.51.100.3")
    came = []
    while not came or came[-1].verb not in ("462", "ERROR"):
        came.append(client.next())


def test_only_once(web):
    client = webirc(web, None, "198.51.100.3")
    client.send("WEBIRC secret gate 198.51.100.4 198.51.100.4")
    client.expect_closed()


def test_negotiation_and_pipelines_go_on_after_it(web):
    client = web.irc()
    client.send("WEBIRC secret gate 198.51.100.3 198.51.100.3", "CAP LS 302", "CAP REQ :server-time", "NICK anna",
                "USER u 0 * :x", "CAP END", "JOIN #a", "PING end")
    client.expect("001", "anna")
    join = client.expect("JOIN", "#a")
    assert "time" in join.tags
    client.expect("PONG", None, "end")


def test_the_client_is_not_secure_because_the_gateway_says_so(web):
    """The way from the gateway to here must be secure as well."""
    assert not is_secure(webirc(web, "anna", "198.51.100.3", options="secure"))


@pytest.mark.parametrize("options, secure", [
    ("secure", True), ("secure local-port=6697 remote-port=21726", True), ("local-port=6697 secure", True),
    ("secure=examplevalue local-port=6697", True), ("", False), ("insecure", False), ("local-port=6697", False),
    ("nosecure=1 xsecure", False),
])
def test_secure_is_secure_on_both_ways(brusiod, make_certificate, options, secure):
    certificate = make_certificate("a")
    server = brusiod(IRC_LISTENER + IRC_LISTENER + "tls = true\n" + tls_files(certificate) + WEBIRC, listen=())
    client = webirc(server, "anna", "198.51.100.3", options=options, tls=trusting(certificate))
    assert is_secure(client) == secure
    assert ("Z" in only(client.ask("MODE anna"), "221")[0].text) == secure


# The PROXY protocol


def v1(source="198.51.100.3", port=1000):
    family = "TCP6" if ":" in source else "TCP4"
    own = "::1" if ":" in source else "127.0.0.1"
    return f"PROXY {family} {source} {own} {port} 6667\r\n".encode()


def v2(source="198.51.100.3", command=1, extra=b""):
    if ":" in source:
        family, body = 0x21, socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, "::1")
    else:
        family, body = 0x11, socket.inet_aton(source) + socket.inet_aton("127.0.0.1")
    body += struct.pack("!HH", 1000, 6667) + extra
    return SIGNATURE + struct.pack("!BBH", 0x20 | command, family, len(body)) + body


@pytest.fixture
def proxied(brusiod):
    """Its first listener takes PROXY headers from 127.0.0.1, its second is as usual."""
    return brusiod(PROXIES + PROXIED + IRC_LISTENER, listen=())


def behind(server, header, nick=None):
    client = server.irc()
    client.send_raw(header)
    return client.register(nick) if nick else client


@pytest.mark.parametrize("version", [v1, v2])
@pytest.mark.parametrize("source", ["198.51.100.3", "2001:db8::5", "::1"])
def test_the_header_says_the_real_address(proxied, version, source):
    client = behind(proxied, version(source), "anna")
    assert ipaddress.ip_address(real_address(client)) == ipaddress.ip_address(source)
    proxied.wait_log(rf"Accepted new connection from \[?{re.escape(source)}\]?:1000, username: anna")


@pytest.mark.parametrize("version", [v1, v2])
def test_the_host_is_the_same_as_without_a_proxy(proxied, version):
    direct = from_address(proxied, "127.0.0.9", proxied.addresses[1]).register("direct")
    assert host_of(behind(proxied, version("127.0.0.9"), "through")) == host_of(direct)


@pytest.mark.parametrize("header", [
    b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", v2(command=0),
    SIGNATURE + b"\x20\x00\x00\x00", SIGNATURE + b"\x21\x00\x00\x00",
])
def test_the_proxy_itself(proxied, header):
    """LOCAL and UNKNOWN: nobody else is named, so it is the connection's own address."""
    assert real_address(behind(proxied, header, "anna")) == "127.0.0.1"


def test_what_else_a_header_holds_is_skipped(proxied):
    extra = b"\x04\x00\x03abc" + b"\x20\x00\x10" + bytes(range(16)) + b"\r\nNICK evil\r\n"
    client = behind(proxied, v2(extra=extra), "anna")
    assert client.nick == "anna" and real_address(client) == "198.51.100.3"


@pytest.mark.parametrize("version", [v1, v2])
def test_the_header_comes_in_pieces(proxied, version):
    client = proxied.irc()
    for byte in version() + b"NICK anna\r\nUSER u 0 * :x\r\n":
        client.send_raw(bytes([byte]))
    client.expect("001")
    client.nick = "anna"
    client.sync()
    assert real_address(client) == "198.51.100.3"


@pytest.mark.parametrize("version", [v1, v2])
def test_all_in_one_piece(proxied, version):
    client = proxied.irc()
    client.send_raw(version() + b"NICK anna\r\nUSER u 0 * :x\r\nPING end\r\n")
    client.expect("PONG", None, "end")


@pytest.mark.parametrize("bad", [
    b"NICK anna\r\nUSER u 0 * :x\r\n", b"PROXY \r\n", b"PROXY TCP4 1.2.3.4\r\n", b"PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
    b"PROXY TCP4 1.2.3.400 1.2.3.4 1 2\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n", b"PROXY " + b"x" * 200,
    b"PROXY TCP4 ::1 ::1 1 2\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", SIGNATURE + b"\x31\x11\x00\x0c" + b"a" * 12,
    SIGNATURE + b"\x21\x11\x00\x04aaaa", SIGNATURE + b"\x21\x11\xff\xff", b"GET / HTTP/1.1\r\n\r\n",
], ids=range(13))
def test_a_proxy_that_does_not_say_it_is_closed(proxied, bad):
    """What looks like an address from the client itself must never be taken for one; nothing after it is done."""
    client = proxied.irc()
    client.send_raw(bad)
    try:
        client.send_raw(b"\r\nNICK evil\r\nUSER u 0 * :x\r\n")
        client.rest()
    except (ConnectionError, BrokenPipeError):
        pass
    assert client.received == []


def test_others_than_proxies_are_not_believed(proxied):
    """On the same listener, from another address: no header is expected, and one is no IRC."""
    direct = from_address(proxied, "127.0.0.2").register("direct")
    assert real_address(direct) == "127.0.0.2"
    liar = from_address(proxied, "127.0.0.3")
    liar.send_raw(v1("198.51.100.3"))
    liar.register("liar")
    assert real_address(liar) == "127.0.0.3"


def test_a_listener_without_it(proxied):
    client = proxied.irc(address=proxied.addresses[1])
    client.send_raw(v1("198.51.100.3"))
    client.register("anna")
    assert real_address(client) == "127.0.0.1"


def test_in_front_of_tls(brusiod, make_certificate):
    certificate = make_certificate("a")
    server = brusiod(PROXIES + PROXIED + "tls = true\n"
                     f'[tls]\ncertificate = "{certificate[0]}"\nkey = "{certificate[1]}"\n', listen=())
    host, port = server.address.rsplit(":", 1)
    sock = socket.create_connection((host, int(port)), timeout=seconds(5))
    sock.sendall(v2())
    client = IrcClient(trusting(certificate).wrap_socket(sock, server_hostname="localhost"))
    server.clients.append(client)
    client.register("anna")
    assert real_address(client) == "198.51.100.3" and is_secure(client)


def test_frames_behind_a_proxy(brusiod):
    server = brusiod(PROXIES + PROXIED_FRAMES + IRC_LISTENER, listen=())
    mario = server.connect(server.address)
    mario.send_raw(v2())
    mario.send("mario")
    server.wait_log(r"Accepted new connection from 198\.51\.100\.3:1000, username: mario")


# Limits are those of the real address


def limited(**limits):
    rows = "".join(f"{key} = {value}\n" for key, value in limits.items())
    return f"[limits]\nexempt = []\ncommands_per_second = 0\nburst = 0\n{rows}"


def test_a_proxy_is_not_limited_for_its_clients(brusiod):
    config = PROXIES + PROXIED + limited(connections_per_ip=2,
                                                                      connects_per_minute_per_ip=0)
    server = brusiod(config, listen=())
    for i in range(10):
        behind(server, v1(f"198.51.100.{i}"), f"p{i}")
    behind(server, v1("198.51.100.0"), "second")
    third = behind(server, v1("198.51.100.0"))
    try:
        third.send("NICK third", "USER u 0 * :x")
        came = third.expect_closed()
        assert "too many" in came[-1].text.lower()
    except ConnectionError:
        pass
    assert "001" not in verbs(third.received)
    behind(server, v1("203.0.113.1"), "other")


def test_a_gateway_is_not_limited_for_its_clients(brusiod):
    config = WEBIRC + limited(connections_per_ip=2, connects_per_minute_per_ip=0)
    server = brusiod(config, listen=("irc=127.0.0.1:0",))
    for i in range(10):
        webirc(server, f"p{i}", f"198.51.100.{i}")
    webirc(server, "second", "198.51.100.0")
    third = webirc(server, None, "198.51.100.0")
    third.send("NICK third", "USER u 0 * :x")
    assert "too many" in third.expect_closed()[-1].text.lower()
    webirc(server, "other", "203.0.113.1")


def test_exempt_is_who_really_is(brusiod):
    """The gateway may be exempt; who comes through it is not."""
    config = WEBIRC + limited(connections_per_ip=1, connects_per_minute_per_ip=0).replace("[]", '["127.0.0.1"]')
    server = brusiod(config, listen=("irc=127.0.0.1:0",))
    for i in range(3):
        server.irc(f"local{i}")
    webirc(server, "first", "198.51.100.3")
    second = webirc(server, None, "198.51.100.3")
    second.send("NICK second", "USER u 0 * :x")
    second.expect_closed()
