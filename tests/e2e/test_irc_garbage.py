"""What is not IRC, too much of it, or meant to harm: a right answer or a closed connection, and others go on."""

import os
import random
import re
import time

import pytest

from deadline import SLOWNESS, mebibytes, seconds
from irc import only, sync_all, verbs
from server import BOTH_DOORS


@pytest.fixture
def friends(irc_server):
    """Two whose conversation must not suffer."""
    irc_server.anna, irc_server.mario = irc_server.irc("anna"), irc_server.irc("mario")
    for person in irc_server.anna, irc_server.mario:
        person.join("#a")
    irc_server.anna.sync()
    yield irc_server
    irc_server.anna.ask("PRIVMSG #a :still here")
    assert irc_server.mario.expect("PRIVMSG", "#a", "still here")


# Lines that are too long


@pytest.mark.parametrize("nick", [None, "luca"])
@pytest.mark.parametrize("size", [511, 600, 4096, 16 << 10, 100_000])
def test_a_long_line_is_dropped_whole(friends, nick, size):
    """Never cut, never joined to the next one, and one answer for each."""
    client = friends.irc(nick)
    long = b"PRIVMSG #a :" + b"x" * (size - 12)
    client.send_raw(long + b"\r\nPING first\r\n" + long + b"\r\n" + long + b"\nPING second\r\n")
    client.expect("PONG", None, "first")
    assert [m.params[0] for m in only(client.skipped, "417")] == [nick or "*"]
    client.expect("PONG", None, "second")
    assert verbs(client.skipped) == ["417", "417"]
    assert only(friends.mario.sync(), "PRIVMSG") == []


def test_the_longest_line(friends):
    for end in b"\r\n", b"\n":
        friends.anna.send_raw(b"PRIVMSG mario :" + b"x" * 495 + end)
        assert friends.anna.sync() == []
        assert "".join(m.text for m in friends.mario.sync()) == "x" * 495


def test_an_endless_line_stays_bounded(friends):
    """64 MiB without an end: one answer, and no memory for it."""
    client = friends.irc("luca")
    before = friends.memory("VmHWM")
    piece = b"x" * (1 << 20)
    for _ in range(64):
        client.send_raw(piece)
    client.send_raw(b"\r\nPING end\r\n")
    client.expect("PONG", None, "end", timeout=20)
    assert verbs(client.skipped) == ["417"]
    assert friends.memory("VmHWM") - before < mebibytes(8)


def test_endless_lines_of_many(friends):
    clients = [friends.irc() for _ in range(50)]
    before = friends.memory("VmRSS")
    for client in clients:
        client.send_raw(b"@" + b"t" * 200_000)
    for client in clients:
        client.expect("417", timeout=10)
    assert friends.memory("VmRSS") - before < mebibytes(8)
    for client in clients:
        client.send_raw(b"\nPING end\n")
        client.expect("PONG", None, "end")
        assert "417" not in verbs(client.skipped)


def test_unfinished_lines_of_many_stay_bounded(friends):
    """Just under the limit: kept, but no more than that."""
    clients = [friends.irc() for _ in range(100)]
    before = friends.memory("VmRSS")
    for client in clients:
        client.send_raw(b"@" + b"t" * 4000)
    for client in clients:
        client.sock.setblocking(True)
    friends.anna.sync()
    assert friends.memory("VmRSS") - before < mebibytes(4)


# Pieces


def test_one_byte_at_a_time(irc_server):
    client = irc_server.irc()
    for byte in b"CAP REQ :message-tags echo-message\r\nNICK anna\r\nUSER u 0 * :\xc3\xbc\r\n\r\nCAP END\nJOIN #a\r\n":
        client.send_raw(bytes([byte]))
    client.expect("001", "anna")
    client.expect("366", "anna", "#a")
    for byte in "@+x=ü;+y PRIVMSG #a :größer 😀\r\n".encode():
        client.send_raw(bytes([byte]))
    said = client.expect("PRIVMSG", "#a", "größer 😀")
    assert said.tags["+x"] == "ü" and said.tags["+y"] == ""


def test_all_in_one_piece(irc_server):
    client = irc_server.irc()
    client.send_raw(b"NICK anna\r\nUSER u 0 * :x\r\nJOIN #a\r\nPRIVMSG anna :hello\r\nQUIT :bye\r\n")
    came = client.expect_closed()
    assert [v for v in verbs(came) if v in ("001", "JOIN", "PRIVMSG", "ERROR")] == ["001", "JOIN", "PRIVMSG", "ERROR"]


@pytest.mark.parametrize("blank", [b"\r\n", b"\n", b"   \r\n", b"\r\n\r\n \n"])
def test_blank_lines_are_nothing(friends, blank):
    client = friends.irc()
    client.send_raw(blank * 50 + b"NICK luca\r\n" + blank + b"USER u 0 * :x\r\n" + blank)
    client.expect("001")
    assert not only(client.received, "421", "417", "FAIL")


def test_an_end_inside_of_a_line(friends):
    """What was not finished is not done."""
    client = friends.irc("luca")
    client.join("#a")
    friends.mario.sync()
    client.send_raw(b"PRIVMSG #a :half a sen")
    client.close()
    friends.mario.expect("QUIT", source="luca")
    assert only(friends.mario.skipped, "PRIVMSG") == []


# Bytes


@pytest.mark.parametrize("nick", [None, "luca"])
def test_nul_and_stray_carriage_returns(friends, nick):
    client = friends.irc(nick)
    for line in b"PRIVMSG mario :a\0b", b"\0", b"PRIVMSG mario :a\rb", b"\0PING x", b"PING\0x", b"\rPING x":
        assert len(client.ask(line)) == 1, line
    assert client.sync() == []
    assert only(friends.mario.sync(), "PRIVMSG") == []


@pytest.mark.parametrize("text", [b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82",
                                  b"a\x80b"], ids=lambda text: text.hex())
def test_what_is_not_utf8_is_refused(friends, text):
    for command in (b"PRIVMSG #a :", b"NOTICE #a :", b"TOPIC #a :", b"SETNAME :", b"AWAY :", b"PART #a :", b"NICK ",
                    b"JOIN #"):
        came = friends.anna.ask_one(command + text)
        assert came.matches("FAIL", command.split()[0].decode(), "INVALID_UTF8"), came
    friends.mario.expect_nothing()


@pytest.mark.parametrize("line", [b"NICK \xff", b"USER \xff 0 * :x", b"USER u 0 * :\xff", b"PASS \xff"])
def test_what_is_not_utf8_before_the_log_in(friends, line):
    client = friends.irc()
    assert client.ask_one(line).matches("FAIL", line.split()[0].decode(), "INVALID_UTF8")
    client.register("luca")


def test_a_verb_that_is_not_utf8(friends):
    """It cannot be repeated; the line that says so must be UTF-8 itself."""
    came = friends.anna.ask_one(b"\xff\xfe\xfd hello")
    assert came.matches("FAIL", None, "INVALID_UTF8")


@pytest.mark.parametrize("text", ["\x01", "\x02\x1f\x0f\x03" + "4,5x", "\x7f", "\u202e", "\u200b", "\ufeff", "\x1b[2J"])
def test_control_characters_in_text_are_passed_on(friends, text):
    friends.anna.ask(f"PRIVMSG #a :a{text}b")
    assert [m.text for m in friends.mario.sync()] == [f"a{text}b"]


def test_noise(friends):
    """Random bytes of several kinds; the server must answer to the end or close."""
    chance = random.Random(3)
    kinds = [bytes(range(256)), b"@:;=+ \r\n\0,#&!*?%$\\abc019", b"abcdefgh :#,\r\n"]
    for at in range(30):
        client = friends.irc("noisy" if at % 2 else None)
        alphabet = kinds[at % len(kinds)]
        data = bytes(chance.choices(alphabet, k=chance.choice([100, 3000, 20_000])))
        try:
            client.send_raw(data + b"\r\nQUIT\r\n")
            client.sock.settimeout(seconds(10))
            while client.sock.recv(1 << 16):
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass
        client.close()


WORDS = ["PRIVMSG", "NOTICE", "TAGMSG", "JOIN", "PART", "MODE", "NICK", "USER", "PASS", "CAP", "REQ", "LS", "END",
         "WHO", "WHOIS", "WHOWAS", "LIST", "NAMES", "TOPIC", "KICK", "INVITE", "RENAME", "BATCH", "MONITOR", "SILENCE",
         "AWAY", "SETNAME", "OPER", "UBAN", "STATS", "HELP", "ISON", "USERHOST", "WEBIRC", "ISUPPORT", "PING", "anna",
         "#a", "#b", "@#a", "+o", "-b", "+beI", "*!*@*", "$a:x", "$m:*", "0", "*", ",", ":", ":x y", "#a,#b",
         "a,b,anna", "%tcuhn,1", "+x", "-x", "draft/multiline", "302", ":batch labeled-response", "-1",
         "99999999999999999999", "!", "T<1", "C>0", "\x01ACTION\x01", "é", "  "]


@pytest.mark.parametrize("seed", range(8))
def test_nonsense_of_real_words(friends, seed):
    """Well formed and senseless: every line is answered or not, the connection lives."""
    chance = random.Random(seed)
    client = friends.irc("luca", caps=["batch", "labeled-response", "message-tags", "echo-message", "draft/multiline"])
    for _ in range(20):
        lines = []
        for _ in range(50):
            tags = chance.choice(["", "", "@label=1 ", "@batch=x;draft/multiline-concat ", "@+a=b;label=2 "])
            lines.append(tags + " ".join(chance.choices(WORDS, k=chance.randint(1, 6))))
        client.ask(*lines)


def test_blank_lines_before_a_line_too_long_are_not_part_of_it(friends):
    client = friends.irc("luca")
    client.send_raw(b"\r\n\n  \r\n" + b"x" * 700 + b"\r\n")
    client.sync()
    assert verbs(client.skipped) == ["417"]


# Other protocols


@pytest.mark.parametrize("first", [
    "GET / HTTP/1.1", "POST / HTTP/1.1", "PUT /x HTTP/1.0", "HEAD / HTTP/1.1", "OPTIONS * HTTP/1.1",
    "CONNECT a:6667 HTTP/1.1", "DELETE /x HTTP/1.1", "PATCH / HTTP/1.1",
])
def test_http_requests_are_closed_at_once(friends, first):
    """A web page must not be able to make a browser speak IRC: the body is never looked at."""
    client = friends.irc()
    client.send(first, "Host: localhost", "", "NICK evil", "USER u 0 * :x", "PRIVMSG anna :hello from a web page")
    try:
        client.rest()
    except ConnectionResetError:
        pass
    assert "001" not in verbs(client.received)
    friends.anna.expect_nothing()


def test_http_after_half_a_log_in(friends):
    client = friends.irc()
    client.send("NICK evil", "POST / HTTP/1.1", "USER u 0 * :x")
    try:
        client.rest()
    except ConnectionResetError:
        pass
    assert "001" not in verbs(client.received)


def test_http_words_after_the_log_in_are_unknown_commands(friends):
    assert friends.anna.ask_one("GET / HTTP/1.1").matches("421", "anna", "GET")


def test_a_tls_greeting_on_a_plain_port(friends):
    client = friends.irc()
    client.send_raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2)
    client.send_raw(b"\r\nNICK luca\r\nUSER u 0 * :x\r\n")
    client.expect("001")


def test_a_frame_on_the_irc_port(friends):
    client = friends.irc()
    client.send_raw(b"5         Mario5         hello")
    client.send_raw(b"\r\nNICK luca\r\nUSER u 0 * :x\r\n")
    client.expect("001")


# Work for the server that would not end


def quick(client, *lines, within=2):
    """However silly, it is done soon. Others are asked too: the server must not stand still."""
    begin = time.monotonic()
    came = client.ask(*lines, timeout=30)
    took = time.monotonic() - begin
    assert took < within * SLOWNESS, f"{took:.2f} s for {lines[0][:50]}"
    return came


def test_masks_of_many_wildcards(friends):
    """Matched in linear time, against the worst names for them."""
    victim = friends.irc("a" * 32, user="a" * 18)
    masks = ["*?" * 90, "?*" * 90, "*a" * 60 + "b", "*" * 190, "?" * 190, "a*" * 60 + "!*@*" + "a*" * 20 + "b"]
    friends.anna.ask(*[f"MODE #a +b {mask}!*@x" if "!" not in mask else f"MODE #a +b {mask}" for mask in masks])
    friends.anna.ask(*[f"MODE #a +b {'*a' * 50}{i}!*@*" for i in range(90)])
    friends.mario.sync()
    quick(victim, *["JOIN #a", "PART #a"] * 500)
    quick(victim, *[f"SILENCE +{mask[:100]}!*@x" for mask in masks])
    quick(friends.anna, *[f"PRIVMSG {'a' * 32} :x"] * 500)
    quick(victim, *["WHO " + "*a" * 90 + "b"] * 200)
    quick(victim, *["LIST " + "*a" * 90 + "b"] * 200)


def test_500_mode_letters(friends):
    letters = "".join(chr(33 + i % 94) for i in range(480)).replace(":", "")
    for target in "#a", "anna":
        came = quick(friends.anna, f"MODE {target} +{letters}")
        assert len(came) < 120, "each thing is told once"
    friends.anna.ask("MODE #a -imsklWCMRt *")
    came = quick(friends.anna, "MODE #a +" + "?" * 480)
    assert verbs(came) == ["472"]
    came = quick(friends.anna, "MODE #a +" + "b" * 480)
    assert verbs(came) == ["368"]
    came = quick(friends.anna, "MODE #a " + "+-" * 240)
    assert set(verbs(came)) <= {"MODE", "324", "329"}
    came = quick(friends.anna, "MODE #a " + "+s-s" * 120)
    assert len(came) <= 4 and all(len(m.raw) <= 510 for m in came)
    friends.mario.sync()


@pytest.mark.parametrize("line", ["MODE #a +é", "MODE #a é", "MODE #a -oé anna", "MODE anna +é", "STATS é",
                                  "CAP é", "MODE #a +l é", "WHO anna %t,ééé", "MONITOR é", "HELP é", "MODE #a +€b"])
def test_letters_that_are_not_ascii_are_not_torn(friends, line):
    """Where one byte is looked at, what is repeated is still a whole character (see UTF8ONLY)."""
    assert friends.anna.ask(line)


def test_many_modes_with_values(friends):
    """15 parameters are the channel, the letters and 13 values; what comes after is not told apart."""
    values = " ".join(f"m{i}!*@*" for i in range(13))
    came = quick(friends.anna, f"MODE #a +{'b' * 13} {values}")
    assert verbs(came) == ["MODE"] and came[0].params[1:] == ["+" + "b" * 13, *values.split()]
    assert len(only(friends.anna.ask("MODE #a b"), "367")) == 13
    came = quick(friends.anna, f"MODE #a -{'b' * 14} {values} m99!*@*")
    assert only(friends.anna.ask("MODE #a b"), "367") == []
    friends.mario.sync()


def test_many_channels_in_one_join(friends):
    """As many as a line can have, again and again; the limit of channels holds."""
    client = friends.irc("luca")
    many = int(client.isupport()["CHANLIMIT"].split(":")[1])
    names = [f"#{i:x}" for i in range(10_000)]
    lines, line = [], "JOIN "
    for name in names:
        if len(line) + len(name) + 1 > 500:
            lines.append(line.rstrip(","))
            line = "JOIN "
        line += name + ","
    came = quick(client, *lines, line.rstrip(","), within=5)
    assert len(only(came, "JOIN")) == many and len(only(came, "405")) == 10_000 - many
    assert len(quick(client, "JOIN " + ",".join(["#x"] * 160))) in (1, 160)
    assert len(only(quick(client, "JOIN 0"), "PART")) == many


def test_ten_thousand_commands_in_a_pipeline(friends):
    """All are answered, in order, and nobody else waits for it."""
    client = friends.irc("luca")
    client.send(*[f"PING {i}" for i in range(10_000)])
    for i in range(10_000):
        assert client.next().params[1] == str(i)
    client.send(*["WHO #a", "LIST", "PRIVMSG nobody :x", "MODE #a"] * 2500, "PING end")
    begin = time.monotonic()
    friends.anna.ask("PRIVMSG #a :not delayed")
    friends.mario.expect("PRIVMSG", "#a", "not delayed")
    assert time.monotonic() - begin < 1.5 * SLOWNESS
    client.expect("PONG", None, "end", timeout=20)
    answers = [v for v in verbs(client.skipped) if v in ("315", "323", "401", "324", "403")]
    assert answers == ["315", "323", "401", "324"] * 2500


def test_who_sends_without_reading_is_closed_and_not_a_burden(brusiod):
    """Answers that nobody reads are bounded, whatever asks for them; the queue of each is 64 KiB here."""
    server = brusiod('[limits]\nsend_queue = "64 KiB"\n', listen=BOTH_DOORS)
    anna = server.irc("anna")
    client = server.irc("luca")
    before = server.memory("VmRSS")
    mark = server.log_mark()
    client.sock.settimeout(seconds(20))
    try:
        while not server.log_matches("Closed connection from: luca", mark):
            client.sock.sendall(b"HELP\r\nVERSION\r\nISUPPORT\r\n" * 1000)
    except (ConnectionError, TimeoutError):
        pass
    server.wait_log("Closed connection from: luca", mark, timeout=10)
    assert server.memory("VmHWM") - before < mebibytes(64)
    anna.sync()


# Names


@pytest.mark.parametrize("other", ["аnnа", "ａnna", "𝐚nna", "ɑnna", "anոa"])
def test_nicks_that_look_like_another(friends, other):
    """In Cyrillic, wide, bold and other letters: refused, and a nick is still to be had."""
    client = friends.irc()
    client.send(f"NICK {other}", "USER u 0 * :x")
    assert client.expect(("432", "433")).params[0] == "*"
    client.send("NICK luca")
    client.expect("001", "luca")
    client.sync()
    client.nick = "luca"
    came = client.ask_one(f"NICK {other}")
    assert came.verb in ("432", "433")
    # It is nobody, or another way of writing her name; never anybody else.
    assert friends.anna.ask(f"PRIVMSG {other} :x")[0].matches(("401", "PRIVMSG"), re.compile("^anna$"))


def test_the_servers_own_name_cannot_be_taken(friends):
    for nick in "brusio.localhost", "BRUSIO.localhost", "brusiо.localhost":
        assert friends.anna.ask_one(f"NICK {nick}").verb in ("432", "433")


@pytest.mark.parametrize("nick", ["a!x", "#a", "@a", "a@b", "a*", "a?", "a,b", "$a", "~a", "&a", "%a",
                                  "1a:", "a" * 33, "ü" * 17, "\x01a", "\u200b", "a\u200bb", "\u202ea", ":a", "-"])
def test_nicks_that_cannot_be(friends, nick):
    came = friends.anna.ask(f"NICK :{nick}")
    assert came == [] or came[0].verb in ("432", "433") or (nick == "-" and came[0].verb == "NICK"), came
    assert all(b"\0" not in m.raw for m in came)


@pytest.mark.parametrize("nick", ["ünï", "мария", "名前", "a`b^c{d}|e\\f[g]", "x" * 32])
def test_nicks_that_can(friends, nick):
    client = friends.irc(nick)
    assert client.nick == nick
    friends.anna.ask(f"PRIVMSG {nick} :hello")
    assert client.expect("PRIVMSG", nick, "hello").source == friends.anna.mask


@pytest.mark.parametrize("name", ["#a\x07b", "#" + "x" * 64, "a", "&a", "#\u200b", "#\x01", "##" + "ü" * 32])
def test_channels_that_cannot_be(friends, name):
    came = friends.anna.ask(f"JOIN {name}")
    assert len(came) == 1 and came[0].verb in ("403", "476", "479"), came


# Orders of things


def test_commands_before_the_log_in(irc_server):
    client = irc_server.irc()
    listed = [word for m in only(irc_server.irc("anna").ask("HELP"), "705") for word in m.text.split()]
    early = {"CAP", "NICK", "USER", "PASS", "PING", "PONG", "QUIT", "ERROR", "WEBIRC", "AUTHENTICATE", "REGISTER", "VERIFY",
             "METADATA"}
    for verb in sorted(set(listed) - early):
        came = client.ask(f"{verb} a b c d e")
        assert [(m.verb, m.params[0]) for m in came] == [("451", "*")], verb
    client.register("luca")


def test_deep_pipelines_of_many(irc_server):
    """Everybody at once, answers in order for each."""
    people = [irc_server.irc(f"p{i}") for i in range(10)]
    for person in people:
        person.send("JOIN #a", *[f"PRIVMSG #a :{i}" for i in range(100)], *[f"PING {i}" for i in range(100)])
    for person, came in zip(people, sync_all(*people)):
        pongs = [m.params[1] for m in person.received if m.verb == "PONG" and m.params[1].isdigit()]
        assert pongs == [str(i) for i in range(100)]
        for other in people:
            said = [int(m.text) for m in came if m.verb == "PRIVMSG" and m.nick == other.nick]
            assert other is person or said == sorted(said)


def test_random_disconnects(friends):
    """Resets in the middle of log-ins and of batches leave nothing behind."""
    for i in range(60):
        client = friends.irc()
        lines = ["CAP REQ :batch draft/multiline message-tags", "NICK gone", "USER u 0 * :x", "CAP END", "JOIN #gone",
                 "BATCH +a draft/multiline #gone", "@batch=a PRIVMSG #gone :x", "BATCH -a", "PRIVMSG #gone :x"]
        client.send(*lines[:i % len(lines)])
        client.sock.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER: a reset
        client.close()
    last = friends.irc()
    last.send("NICK gone", "USER u 0 * :x")
    last.expect("001", "gone")
    assert os.path.exists(f"/proc/{friends.pid}")
