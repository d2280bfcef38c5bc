"""Frames arrive in pieces of any size, or many at once; a client may write all it has to say and go."""

import random

from frames import frame, parse_pairs, pump


def test_byte_by_byte(any_server):
    anna, mario = any_server.join("Anna"), any_server.connect()
    for byte in frame("Mario") + frame("one") + frame("") + frame("three"):
        mario.send_raw(bytes([byte]))
    assert anna.recv_pairs(3) == [(b"Mario", b"one"), (b"Mario", b""), (b"Mario", b"three")]


def test_random_pieces(any_server):
    choose = random.Random(20230225)
    anna, mario = any_server.join("Anna"), any_server.connect()
    bodies = [choose.randbytes(choose.choice([0, 1, 7, 10, 100, 3000])) for _ in range(300)]
    data = frame("Mario") + b"".join(b"".join(map(frame, ["x" + str(i), b])) for i, b in enumerate(bodies))
    at = 0
    while at < len(data):
        size = choose.choice([1, 2, 9, 10, 11, 500, 5000])
        mario.send_raw(data[at:at + size])
        at += size
    heard = anna.recv_pairs(600)
    assert {name for name, _ in heard} == {b"Mario"}
    assert [text for _, text in heard[1::2]] == bodies
    assert [text for _, text in heard[::2]] == [b"x%d" % i for i in range(300)]


def test_many_frames_in_one_segment(any_server):
    anna, luca = any_server.join("Anna"), any_server.join("Luca")
    mario = any_server.connect()
    mario.send("Mario", *[f"message {i}" for i in range(1000)])
    expected = [(b"Mario", b"message %d" % i) for i in range(1000)]
    assert anna.recv_pairs(1000) == expected
    assert luca.recv_pairs(1000) == expected


def test_name_messages_and_the_end_in_one_go(any_server):
    anna = any_server.join("Anna")
    mark = any_server.log_mark()
    mario = any_server.connect()
    mario.send("Mario", *[str(i) for i in range(500)])
    mario.half_close()
    assert anna.recv_pairs(500) == [(b"Mario", b"%d" % i) for i in range(500)]
    mario.expect_eof()
    any_server.wait_log("Closed connection from: Mario", mark)


def test_all_is_heard_from_one_who_writes_and_closes_at_once(any_server):
    anna = any_server.join("Anna")
    for round_number in range(20):
        mario = any_server.connect()
        mario.send("Mario", *[f"{round_number}.{i}" for i in range(50)])
        mario.close()
        assert anna.recv_pairs(50) == [(b"Mario", b"%d.%d" % (round_number, i)) for i in range(50)]


def test_a_half_frame_at_the_end_is_dropped(any_server):
    anna, mario = any_server.join("Anna"), any_server.connect()
    mario.send_raw(frame("Mario") + frame("whole") + frame("never finished")[:-3])
    mario.half_close()
    mario.expect_eof()
    assert anna.recv_pair() == (b"Mario", b"whole")
    luca = any_server.join("Luca")
    anna.expect_silence(luca)


def test_what_is_queued_is_delivered_to_one_who_half_closes(any_server):
    """A script writes, says that it is finished, and only then reads."""
    anna, mario, script = any_server.join("Anna"), any_server.join("Mario"), any_server.join("script")
    bodies = [b"%06d" % i + b"." * 10000 for i in range(40)]
    for body in bodies:
        mario.send(body)
    assert anna.recv_pairs(40) == [(b"Mario", body) for body in bodies]
    script.half_close()
    assert script.pairs_until_eof() == [(b"Mario", body) for body in bodies]


def test_an_answer_reaches_one_who_asks_and_half_closes(any_server):
    any_server.join("Anna")
    script = any_server.connect()
    script.send("script", "/who")
    script.half_close()
    [(name, text)] = script.pairs_until_eof()
    assert name == b"brusio.localhost"
    assert b"Anna" in text


def test_each_senders_order_is_kept_for_all(any_server):
    """Thirty clients write fifty messages each, in batches; two listeners hear one and the same order."""
    listeners = any_server.join_many(["listener-a", "listener-b"])
    writers = any_server.join_many([f"writer-{i:02}" for i in range(30)])
    for i in range(0, 50, 5):
        for writer in writers:
            writer.send(*[f"{writer.name.decode()} {j:02}" for j in range(i, i + 5)])
    one = len(frame("writer-00") + frame("writer-00 00"))
    everyone = {client: 1500 * one for client in listeners} | {client: 1450 * one for client in writers}
    pump(everyone, lambda client: len(client.buffer) >= everyone[client])
    heard = {}
    for client in everyone:
        heard[client], left = parse_pairs(client.buffer)
        assert left == b""
        for writer in writers:
            own = [text for name, text in heard[client] if name == writer.name]
            assert own == ([] if writer is client else [b"%s %02d" % (writer.name, j) for j in range(50)])
    order = heard[listeners[0]]
    assert heard[listeners[1]] == order
    for writer in writers:
        assert heard[writer] == [said for said in order if said[0] != writer.name]
