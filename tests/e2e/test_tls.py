"""TLS on a listener, its versions, and certificates that are renewed while people chat."""

import signal
import ssl
import warnings

import pytest

from deadline import eventually
from frames import frame, parse_pairs


def trusting(*certificates, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.MAXIMUM_SUPPORTED):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are asked for on purpose
        context.minimum_version, context.maximum_version = lowest, highest
    # An end without close_notify can be told from one with it (by sockets that do not suppress ragged ends).
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    for certificate in certificates:
        context.load_verify_locations(certificate)
    return context


def tls_config(certificate, key, more=""):
    return (f'[[listen]]\ndoor = "frame"\naddress = "127.0.0.1:0"\ntls = true\n'
            f'[[listen]]\ndoor = "frame"\naddress = "127.0.0.1:0"\n'
            f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n{more}')


@pytest.fixture
def certificate(make_certificate):
    return make_certificate("a")


@pytest.fixture(params=[(1, "shared"), (2, "own")], ids=lambda p: f"{p[0]}-{p[1]}")
def tls_server(request, brusiod, certificate):
    """Its first listener speaks TLS, its second plain frames."""
    workers, chat_thread = request.param
    server = brusiod(tls_config(*certificate, f'[server]\nworkers = {workers}\nchat_thread = "{chat_thread}"\n'), listen=())
    assert len(server.log_matches(r"Listening for connections on 127\.0\.0\.1:\d+ \(frame, tls\)$")) == 1
    return server


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda v: v.name)
def test_both_versions_and_plain_people_share_the_room(tls_server, certificate, version):
    context = trusting(certificate[0], lowest=version, highest=version)
    mario = tls_server.join("Mario", tls=context)
    anna = tls_server.join("Anna", tls_server.addresses[1])
    luca = tls_server.join("Luca", tls=context)
    assert mario.sock.version() == {"TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]
    body = bytes(range(256)) * 60
    for speaker in mario, anna, luca:
        speaker.send(body, "")
        for listener in mario, anna, luca:
            if listener is not speaker:
                assert listener.recv_pairs(2) == [(speaker.name, body), (speaker.name, b"")]
    mario.expect_silence(anna)


def test_pieces_and_batches_over_tls(tls_server, certificate):
    anna = tls_server.join("Anna", tls=trusting(certificate[0]))
    mario = tls_server.connect(tls=trusting(certificate[0]))
    for byte in frame("Mario") + frame("slowly"):
        mario.send_raw(bytes([byte]))
    mario.send(*[f"message {i}" for i in range(2000)])
    assert anna.recv_pair() == (b"Mario", b"slowly")
    assert anna.recv_pairs(2000) == [(b"Mario", b"message %d" % i) for i in range(2000)]


def test_a_pair_is_one_record(tls_server, certificate):
    """Clients that break when a pair arrives apart exist behind TLS too."""
    anna = tls_server.join("Anna", tls=trusting(certificate[0]))
    mario = tls_server.join("Mario", tls_server.addresses[1])
    for i in range(50):
        mario.send(f"message {i}")
        pairs, left = parse_pairs(anna.sock.recv(1 << 14))
        assert pairs == [(b"Mario", b"message %d" % i)] and left == b""


def test_an_explanation_over_tls_ends_with_an_orderly_close(tls_server, certificate):
    tls_server.join("Mario", tls_server.addresses[1])
    second = tls_server.connect(tls=trusting(certificate[0]))
    second.send("mario", *["nobody hears this"] * 1000)
    second.sock.suppress_ragged_eofs = False  # an error, when close_notify is missing
    assert second.expect_explanation()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda v: v.name)
def test_every_orderly_end_over_tls_is_told(tls_server, certificate, version):
    """With close_notify, so that it cannot be taken for an attacker who cuts the connection."""
    context = trusting(certificate[0], lowest=version, highest=version)
    people = tls_server.join_many(["quits", "stays"], tls=context)
    for person in people:
        person.sock.suppress_ragged_eofs = False
    quits, stays = people
    quits.send("/quit")
    quits.expect_eof()
    quits.close()
    tls_server.signal(signal.SIGTERM)
    stays.expect_eof()
    stays.close()
    assert tls_server.wait_exit() == 0


def test_one_connection_too_many_is_told_so_over_tls(brusiod, certificate):
    """It is refused before its handshake, and told after it."""
    server = brusiod(tls_config(*certificate, "[limits]\nconnections_per_ip = 1\nexempt = []\n"), listen=())
    context = trusting(certificate[0])
    first = server.join("Anna", tls=context)
    for _ in range(3):
        second = server.connect(tls=context)
        assert "too many connections" in second.expect_explanation()
        second.close()
    first.send("/who")
    assert "Anna" in first.recv_answer()


def test_leaving_over_tls(tls_server, certificate):
    anna = tls_server.join("Anna", tls_server.addresses[1])
    for i in range(20):
        mario = tls_server.connect(tls=trusting(certificate[0]))
        mario.send("Mario", f"visit {i}")
        mario.close()
        assert anna.recv_pair() == (b"Mario", b"visit %d" % i)
    anna.expect_silence(tls_server.join("Luca", tls_server.addresses[1]))


def test_a_crowd_behind_tls(tls_server, certificate):
    context = trusting(certificate[0])
    people = tls_server.join_many([f"user{i:02}" for i in range(60)], tls=context)
    for person in people:
        person.send(person.name)
    for person in people:
        assert sorted(person.recv_pairs(59)) == [(p.name, p.name) for p in people if p is not person]


def test_old_versions_are_refused(tls_server, certificate):
    context = trusting(certificate[0], lowest=ssl.TLSVersion.TLSv1_1, highest=ssl.TLSVersion.TLSv1_1)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)) as refusal:
        tls_server.connect(tls=context)
    assert "NO_PROTOCOLS_AVAILABLE" not in str(refusal.value), "the server was never asked"
    assert "NO_CIPHERS" not in str(refusal.value), "the server was never asked"


def test_plain_frames_to_a_tls_port(tls_server, certificate):
    anna = tls_server.join("Anna", tls=trusting(certificate[0]))
    luca = tls_server.join("Luca", tls_server.addresses[1])
    mark = tls_server.log_mark()
    lost = tls_server.connect()
    lost.send("Mario", "is this the right door?")
    lost.expect_closed()
    lost.close()
    tls_server.wait_log("Closed connection from: .*, ", mark)
    anna.expect_silence(luca)


def test_tls_to_a_plain_port(tls_server, certificate):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        tls_server.connect(tls_server.addresses[1], tls=trusting(certificate[0]))
    anna = tls_server.join("Anna", tls=trusting(certificate[0]))
    anna.expect_silence(tls_server.join("Luca", tls_server.addresses[1]))


def test_a_handshake_that_is_never_finished_expires(brusiod, certificate):
    server = brusiod(tls_config(*certificate, '[limits]\nexempt = []\nlogin_timeout = "1s"\n'), listen=())
    silent = server.connect()
    silent.send_raw(b"\x16\x03\x01\x02\x00")
    silent.expect_closed()


def shown_certificate(server, context):
    client = server.connect(tls=context)
    try:
        return client.sock.getpeercert(binary_form=True)
    finally:
        client.close()


def test_a_renewed_certificate_is_used_after_sighup(brusiod, make_certificate, tmp_path):
    used = tmp_path / "used.crt", tmp_path / "used.key"

    def use(name):
        for source, target in zip(make_certificate(name), used):
            target.write_bytes(source.read_bytes())

    def binary(name):
        return ssl.PEM_cert_to_DER_cert(make_certificate(name)[0].read_text())

    use("a")
    server = brusiod(tls_config(*used), listen=())
    context = trusting(make_certificate("a")[0], make_certificate("b")[0])
    old = server.join("old", tls=context)
    assert shown_certificate(server, context) == binary("a")
    use("b")
    server.signal(signal.SIGHUP)
    eventually(lambda: shown_certificate(server, context) == binary("b"), "new connections see the new certificate")
    new = server.join("new", tls=context)
    old.expect_silence(new)
    new.expect_silence(old)

    used[0].write_text("not a certificate\n")
    mark = server.log_mark()
    server.signal(signal.SIGHUP)
    server.wait_log("used.crt", mark)
    assert shown_certificate(server, context) == binary("b"), "the old one is kept"
    old.expect_silence(new)
