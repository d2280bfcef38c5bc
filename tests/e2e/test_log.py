"""The log says what the tutorial's server printed, and nothing in it can harm a terminal."""

import pytest


def peer(client):
    host, port = client.sock.getsockname()[:2]
    return f"{host}:{port}"


def test_who_came_from_where_and_who_left(server):
    mario = server.connect()
    address = peer(mario)
    mario.send("Mario Rossi")
    found = server.wait_log("Accepted new connection from (.*), username: (.*)$")
    assert found.groups() == (address, "Mario Rossi")
    mario.close()
    assert server.wait_log("Closed connection from: Mario Rossi, (.+)$")


def test_messages_are_logged_only_when_asked_for(brusiod):
    silent, talking = brusiod(), brusiod(args=["--log-messages"])
    for server in silent, talking:
        mario, anna = server.join("Mario"), server.join("Anna")
        mario.send("un segreto")
        anna.recv_pair()
    assert talking.wait_log("Received message from (.*): (.*)$").groups() == ("Mario", "un segreto")
    mark = silent.log_mark()
    silent.connect().send("last")
    silent.wait_log("username: last$", mark)
    assert not silent.log_matches("segreto|Received message")


@pytest.mark.parametrize("text", [b"\x1b[2Jgone", b"a\nAccepted new connection from 1.2.3.4:5, username: root",
                                  b"\x9b31m", b"\xff\xfe\xfd", "\u202eevil".encode(), b"nul\0nul", b"cr\rover"],
                         ids=repr)
def test_what_is_logged_is_cleaned(brusiod, text):
    server = brusiod(args=["--log-messages"])
    mario, anna = server.join("Mario"), server.join("Anna")
    mario.send(text, "the end")
    assert anna.recv_pair() == (b"Mario", text)
    server.wait_log("Received message from Mario: the end$")
    assert len(server.log_matches("Received message from Mario: ")) == 2
    shown = "\n".join(server.log())
    assert not any(ord(c) < 0x20 and c != "\n" or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in shown), repr(shown)
    assert not server.log_matches("username: root$") or "\u240a" in shown


def test_a_refusal_and_its_reason_are_logged(server):
    server.join("Mario")
    mark = server.log_mark()
    second = server.connect()
    second.send("MARIO")
    reason = second.expect_explanation()
    second.close()
    assert reason
    server.wait_log("Closed connection from: ", mark)
