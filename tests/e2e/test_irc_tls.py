"""IRC over TLS (RFC 7194): who is secure, certificates of clients, and sending people there (STS)."""

import ssl

import pytest

from frames import open_socket
from irc import IrcClient, only, verbs
from logging_in import capabilities, fingerprint, trusting
from server import IRC_LISTENER, tls_files

@pytest.fixture
def certificate(make_certificate):
    return make_certificate("a")


@pytest.fixture(params=[(1, "shared"), (2, "own")], ids=lambda p: f"{p[0]}-{p[1]}")
def tls_server(request, brusiod, certificate):
    """TLS and plain, with as many workers as there may be."""
    workers, chat_thread = request.param
    return brusiod(config(certificate, f'[server]\nworkers = {workers}\nchat_thread = "{chat_thread}"\n'), listen=())


def config(certificate, more=""):
    return IRC_LISTENER + IRC_LISTENER + "tls = true\n" + tls_files(certificate) + more


# Secure people


def test_both_ways_lead_into_the_same_channels(tls_server, certificate):
    anna, mario = tls_server.irc("anna", tls=trusting(certificate)), tls_server.irc("mario")
    for person in anna, mario:
        person.join("#a")
    anna.sync()
    for speaker, listener in (anna, mario), (mario, anna):
        speaker.ask("PRIVMSG #a :" + "x" * 400)
        assert [m.text for m in only(listener.sync(), "PRIVMSG")] == ["x" * 400]


def test_who_is_secure_is_marked(tls_server, certificate):
    anna, mario = tls_server.irc("anna", tls=trusting(certificate)), tls_server.irc("mario")
    assert "Z" in only(anna.ask("MODE anna"), "221")[0].text
    assert "Z" not in only(mario.ask("MODE mario"), "221")[0].text
    for asker in anna, mario:
        assert only(asker.ask("WHOIS anna"), "671")[0].params[:2] == [asker.nick, "anna"]
        assert only(asker.ask("WHOIS mario"), "671") == []


def test_nobody_marks_themselves(tls_server, certificate):
    anna, mario = tls_server.irc("anna", tls=trusting(certificate)), tls_server.irc("mario")
    mario.ask("MODE mario +Z")
    anna.ask("MODE anna -Z")
    assert "Z" not in only(mario.ask("MODE mario"), "221")[0].text
    assert "Z" in only(anna.ask("MODE anna"), "221")[0].text


def test_everything_in_one_byte_records(tls_server, certificate):
    client = tls_server.irc(tls=trusting(certificate))
    for byte in b"NICK anna\r\nUSER u 0 * :x\r\n":
        client.send_raw(bytes([byte]))
    client.expect("001", "anna")


def test_the_end_is_orderly(tls_server, certificate):
    """ERROR, close_notify, the end of TCP: a client can tell it from an attack."""
    client = tls_server.irc("anna", tls=trusting(certificate))
    client.send("QUIT :bye")
    client.expect_closed()


def test_plain_irc_on_a_tls_port(tls_server):
    client = IrcClient.connect(tls_server.address_of("irc", tls=True))
    tls_server.clients.append(client)
    client.send("NICK anna", "USER u 0 * :x")
    try:
        came = client.rest()
    except (ConnectionResetError, AssertionError, UnicodeDecodeError):
        came = []
    assert "001" not in verbs(came)


def test_long_answers(tls_server, certificate):
    client = tls_server.irc("anna", tls=trusting(certificate))
    came = client.ask(*["HELP"] * 300, timeout=20)
    assert verbs(came).count("706") == 300


# Certificates of clients


def test_ones_own_fingerprint(tls_server, certificate, make_certificate):
    """SHA-256, for oneself and for operators only."""
    own = make_certificate("client")
    anna = tls_server.irc("anna", tls=trusting(certificate, own))
    told = only(anna.ask("WHOIS anna"), "276")
    assert [m.params[:2] for m in told] == [["anna", "anna"]] and fingerprint(own) in told[0].text
    mario = tls_server.irc("mario")
    mario.ask("WHOIS anna", "WHOIS anna anna", "WHOWAS anna")
    assert fingerprint(own) not in repr(mario.received)


def test_without_a_certificate(tls_server, certificate):
    anna = tls_server.irc("anna", tls=trusting(certificate))
    assert only(anna.ask("WHOIS anna"), "276") == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda v: v.name)
def test_the_fingerprint_in_both_versions(tls_server, certificate, make_certificate, version):
    own = make_certificate("client")
    context = trusting(certificate, own)
    context.minimum_version = context.maximum_version = version
    anna = tls_server.irc("anna", tls=context)
    assert fingerprint(own) in only(anna.ask("WHOIS anna"), "276")[0].text


def test_a_certificate_for_each(tls_server, certificate, make_certificate):
    for name in "client", "other":
        own = make_certificate(name)
        person = tls_server.irc(name, tls=trusting(certificate, own))
        assert fingerprint(own) in only(person.ask(f"WHOIS {name}"), "276")[0].text


# STS


def free_config(certificate, **irc):
    rows = "".join(f"{key} = {value!r}\n".replace("'", '"') for key, value in irc.items())
    return config(certificate, "[irc]\n" + rows)


def test_people_are_sent_to_tls(brusiod, certificate):
    server = brusiod(free_config(certificate, sts="30d", sts_port=6697), listen=())
    plain, secure = server.irc(), server.irc(tls=trusting(certificate))
    for client, wanted in (plain, "port=6697"), (secure, f"duration={30 * 86400}"):
        policy = capabilities(client)["sts"].split(",")
        assert wanted in policy
        assert len({part.split("=")[0] for part in policy}) == len(policy)


@pytest.mark.parametrize("name, told", [("localhost", True), ("LOCALHOST", True), ("example.org", False), (None, False)])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda v: v.name)
def test_a_policy_is_told_to_who_asked_for_a_name_of_the_certificate(brusiod, certificate, version, name, told):
    """It is kept for that name: whoever has none, or another one, must not keep it."""
    server = brusiod(free_config(certificate, sts="30d", sts_port=6697), listen=())
    context = trusting(certificate)
    context.check_hostname = False
    context.minimum_version = context.maximum_version = version
    sock = open_socket(server.address_of("irc", tls=True))
    client = IrcClient(context.wrap_socket(sock, server_hostname=name))
    server.clients.append(client)
    assert ("sts" in capabilities(client)) == told


def test_what_was_told_is_withdrawn(brusiod, certificate):
    """A duration of 0 ends what a client keeps; nobody is sent to TLS any more."""
    server = brusiod(free_config(certificate, sts="30d", sts_port=6697), listen=())
    server.reload(free_config(certificate, sts="0s", sts_port=6697))
    plain, secure = server.irc(), server.irc(tls=trusting(certificate))
    assert "duration=0" in capabilities(secure)["sts"].split(",")
    assert "sts" not in capabilities(plain)


def test_clients_without_values_are_not_told(brusiod, certificate):
    """They could only take it for something to ask for."""
    server = brusiod(free_config(certificate, sts="30d", sts_port=6697), listen=())
    assert "sts" not in capabilities(server.irc(), "CAP LS")


def test_it_cannot_be_asked_for(brusiod, certificate):
    server = brusiod(free_config(certificate, sts="30d", sts_port=6697), listen=())
    for tls in None, trusting(certificate):
        client = server.irc(tls=tls)
        assert client.ask_one("CAP REQ :sts").params == ["*", "NAK", "sts"]
        assert client.ask_one("CAP REQ :-sts").params[1] in ("NAK", "ACK")
        assert "sts" not in capabilities(client, "CAP LIST")


def test_a_port_that_nobody_knows(run_brusiod, certificate, tmp_path):
    """Without sts_port it is the listener's, which must be known then: port 0 is another one each time."""
    path = tmp_path / "brusiod.toml"
    path.write_text(free_config(certificate, sts="1h"))
    done = run_brusiod("--check-config", "--config", path)
    assert done.returncode == 2 and "sts_port" in done.stderr


def test_it_is_off_by_default(tls_server, certificate):
    assert "sts" not in capabilities(tls_server.irc())
    assert "sts" not in capabilities(tls_server.irc(tls=trusting(certificate)))


def test_it_needs_a_tls_listener(run_brusiod, tmp_path):
    path = tmp_path / "brusiod.toml"
    path.write_text(IRC_LISTENER + '[irc]\nsts = "30d"\n')
    done = run_brusiod("--check-config", "--config", path)
    assert done.returncode == 2 and "sts" in done.stderr


def test_a_reload_changes_it(brusiod, certificate):
    server = brusiod(free_config(certificate, sts="30d", sts_port=6697), listen=())
    server.reload(free_config(certificate, sts="60s", sts_port=6698))
    assert capabilities(server.irc())["sts"] == "port=6698"
    assert "duration=60" in capabilities(server.irc(tls=trusting(certificate)))["sts"]
