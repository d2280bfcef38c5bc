"""Names identify people: who may have which, and what happens to the others."""

import pytest

CYRILLIC_A = "\u0430"


@pytest.mark.parametrize("holder, claimed", [
    ("Mario", "Mario"),
    ("Mario", "mARIO"),
    ("Straße", "STRASSE"),
    ("Mario", "Ｍａｒｉｏ"),
    ("Mario Rossi", "mario_rossi"),
    ("mario_rossi", "Mario  Rossi"),
    ("Mario", "Mario: ciao a tutti"),
    ("mario", f"m{CYRILLIC_A}rio"),
    (f"m{CYRILLIC_A}rio", "mario"),
    ("Mario", "  Mario\r\n"),
], ids=["same", "case", "folding", "full-width", "nick", "nick-reversed", "nick-colon", "look-alike",
        "look-alike-reversed", "blanks"])
def test_a_taken_name_is_refused_and_its_holder_stays(server, holder, claimed):
    anna, first = server.join("Anna"), server.join(holder)
    second = server.connect()
    second.send(claimed, "nobody hears this")
    assert second.expect_explanation()
    anna.expect_silence(first)
    first.expect_silence(anna)


@pytest.mark.parametrize("name", [
    b"", b"   ", b"\r\n", b"x" * 65, b"x" * 2000, "è".encode() * 33, b"a\x01b", b"a\nb", b"a\x1b[31mred",
    b"a\0b", b"a\x7fb", "a\u0085b".encode(), b"\xff\xfe", b"caf\xe9", "zero\u200bwidth".encode(),
    "right\u202eleft".encode(), "own\ue000char".encode(), "line\u2028break".encode(), b"\xed\xa0\x80", b":::",
    "🎭".encode(), "!☕".encode(), "\u0300".encode(), b"brusio.localhost", b"BRUSIO.localhost", b" brusio.localhost "
], ids=repr)
def test_an_impossible_name_is_explained(server, name):
    anna, luca, who = server.join("Anna"), server.join("Luca"), server.connect()
    who.send(name, "nobody hears this")
    assert who.expect_explanation()
    anna.expect_silence(luca)


def test_two_thousand_messages_behind_a_refused_name_cost_no_reset(server):
    anna, luca, who = server.join("Anna"), server.join("Luca"), server.connect()
    who.send("anna", *["nobody hears this"] * 2000)
    assert who.expect_explanation()
    luca.expect_silence(anna)


def test_the_explanation_comes_from_the_servers_own_name(brusiod):
    server = brusiod('[server]\nname = "chat.example.org"\n')
    anna, again, posing = server.join("Anna"), server.connect(), server.connect()
    again.send("anna")
    assert again.expect_explanation(b"chat.example.org")
    posing.send("Chat.Example.ORG")
    assert posing.expect_explanation(b"chat.example.org")
    other = server.join("brusio.localhost")  # not this server's name
    anna.expect_silence(other)


@pytest.mark.parametrize("typed, name", [
    (b"Mario\r\n", b"Mario"), (b"  Mario Rossi ", b"Mario Rossi"), (b"\tMario\n", b"Mario"),
    ("\u00a0Mario\u2003".encode(), b"Mario")
], ids=repr)
def test_outer_blanks_and_line_ends_are_trimmed(server, typed, name):
    anna, mario = server.join("Anna"), server.connect()
    mario.send(typed, "ciao")
    assert anna.recv_pair() == (name, b"ciao")


@pytest.mark.parametrize("name", ["x" * 64, "Mario Rossi", "是我", "José María", "42", "#piazza", "a🎭b", "-dash"])
def test_a_name_is_kept_as_typed(server, name):
    anna, who = server.join("Anna"), server.connect()
    who.send(name, "ciao")
    assert anna.recv_pair() == (name.encode(), b"ciao")


def test_different_names_live_side_by_side(server):
    names = ["Mario", "Mario2", "Maria", "Mario-Rossi", "Rossi Mario", "m4rio", "мир", "世界"]
    clients = server.join_many(names)
    clients[0].send("tutti?")
    for client in clients[1:]:
        assert client.recv_pair() == (b"Mario", b"tutti?")


def test_a_first_message_with_a_nick_and_a_colon_is_a_name(server):
    """Some clients send no name: their first message, `nick: text`, is taken for it."""
    anna, gino = server.join("Anna"), server.connect()
    gino.send("gino: ciao a tutti", "gino: come va?")
    server.wait_log("username: gino: ciao a tutti$")
    assert anna.recv_pair()[1] == b"gino: come va?"
    anna.send("/msg gino bene")
    assert gino.recv_pair() == (b"Anna", b"[private] bene")


def test_the_name_limit_is_not_the_message_limit(server):
    """A name of 2,000 bytes is a name that is too long, explained as such, and not a message."""
    who = server.connect()
    who.send("x" * 2000)
    assert "64" in who.expect_explanation()


def test_a_name_longer_than_any_message_is_explained_too(server):
    who = server.connect()
    who.send("x" * 20000)
    assert who.expect_explanation()


@pytest.mark.parametrize("name, nick", [
    ("a🎭b", "a_b"), ("🎭 mario", "mario"), ("٣x", "_٣x"), ("\u0300x", "x"), ("हिन्दी", "हिन्दी"), ("007", "_007"),
    ("e\u034f\u0301", "é"),
])
def test_nicks_have_letters_digits_and_their_marks(server, name, nick):
    anna, who = server.join("Anna"), server.connect()
    who.send(name, "ciao")
    assert anna.recv_pair() == (name.encode(), b"ciao")
    anna.send(f"/msg {nick} here?")
    assert who.recv_pair() == (b"Anna", b"[private] here?")
    anna.send("/who")
    assert f"({nick})" in anna.recv_pair()[1].decode() or name == nick


@pytest.mark.parametrize("nick", ["😀", "a😀", "٣x", "\u0300x", "²x", "7x", "-x", "€", "x’s"])
def test_what_is_no_nick_is_refused_on_irc(irc_server, nick):
    client = irc_server.irc()
    assert client.ask_one(f"NICK {nick}").verb == "432"
    client.register("luca")


@pytest.mark.parametrize("nick", ["x\u0300", "हिन्दी", "漢字٣", "_٣x", "[x]"])
def test_letters_with_marks_and_digits_behind_them_are_nicks(irc_server, nick):
    assert irc_server.irc(nick).sync() == []


@pytest.mark.parametrize("channel", ["#a*", "#?", "#a＊b"])
def test_no_channel_is_called_as_a_mask(irc_server, channel):
    anna = irc_server.irc("anna")
    assert anna.ask_one(f"JOIN {channel}").verb in ("403", "476")
