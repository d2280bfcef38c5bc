"""People reconnect faster than the kernel tells that they have gone: their own name is never refused to them."""

import select

import pytest

from deadline import seconds

ROUNDS = 200


def leave_by_half_close(client):
    client.half_close()


def leave_by_close(client):
    client.close()


def leave_with_unread_data(client):
    """Closing a socket with unread data makes the kernel send a reset."""
    ready, _, _ = select.select([client.sock], [], [], seconds(5))
    assert ready
    client.close()


def leave_by_reset(client):
    client.reset()


@pytest.mark.parametrize("leave", [leave_by_half_close, leave_by_close, leave_with_unread_data, leave_by_reset])
def test_a_new_connection_gets_the_name_of_one_that_has_ended(any_server, leave):
    anna = any_server.join("Anna")
    mario = any_server.enter("Mario")
    for i in range(ROUNDS):
        mario.send(f"here again {i}")
        assert anna.recv_pair() == (b"Mario", b"here again %d" % i)
        anna.send(f"welcome back {i}")
        if leave is not leave_with_unread_data:
            assert mario.recv_pair() == (b"Anna", b"welcome back %d" % i)
        leave(mario)
        again = any_server.enter("Mario")
        if leave is leave_by_half_close:
            mario.expect_eof()
            mario.close()
        mario = again
    anna.expect_silence(mario)


def test_all_that_the_ended_connection_sent_is_heard_first(any_server):
    anna = any_server.join("Anna")
    mario = any_server.join("Mario")
    for i in range(ROUNDS):
        mario.send(*[f"{i}.{j}" for j in range(5)])
        mario.close()
        mario = any_server.enter("Mario")
        mario.send(f"{i}.again")
        assert anna.recv_pairs(6) == [(b"Mario", b"%d.%s" % (i, last)) for last in b"0 1 2 3 4 again".split()]
    anna.expect_silence(mario)


def test_short_connections_are_heard_whole_or_refused(any_server):
    """Which of two short connections on two workers is read first is nobody's promise: the later one may have the name,
    and its client may not have come to closing it when the earlier one is asked for."""
    anna = any_server.join("Anna")
    mark = any_server.log_mark()
    for i in range(ROUNDS):
        mario = any_server.connect()
        mario.send("Mario", *[f"{i}.{j}" for j in range(5)])
        mario.close()
    any_server.wait_log(r"Closed connection from: (Mario, left|.* name refused: Mario)$", mark, count=ROUNDS)
    refused = len(any_server.log_matches("name refused: Mario$", mark))
    assert refused < ROUNDS / 4
    heard = [text.split(b".") for name, text in anna.recv_pairs(5 * (ROUNDS - refused)) if name == b"Mario"]
    for i in range(0, len(heard), 5):
        assert [j for _, j in heard[i:i + 5]] == [b"0", b"1", b"2", b"3", b"4"]
        assert len({number for number, _ in heard[i:i + 5]}) == 1
    assert len({number for number, _ in heard[::5]}) == ROUNDS - refused


def test_a_name_given_up_by_nick_is_free_at_once(server):
    anna = server.join("Anna")
    for i in range(50):
        mario = server.enter("Mario")
        mario.send(f"/nick Mario{i}")
        mario.recv_answer()
        mario.send("renamed")
        assert anna.recv_pair() == (b"Mario%d" % i, b"renamed")


def test_a_living_holder_is_not_pushed_out(any_server):
    anna, mario = any_server.join("Anna"), any_server.join("Mario")
    for _ in range(20):
        second = any_server.enter("mario")
        assert second.expect_explanation()
        second.close()
    anna.expect_silence(mario)
    mario.expect_silence(anna)


def test_of_many_who_claim_one_name_at_once_exactly_one_gets_it(any_server):
    anna = any_server.join("Anna")
    crowd = [any_server.connect() for _ in range(30)]
    for client in crowd:
        client.send("Mario", "it is me")
    assert anna.recv_pair() == (b"Mario", b"it is me")
    any_server.wait_log("username: Mario$")
    anna.send("who is it?")
    answers = [client.recv_pair() for client in crowd]
    assert answers.count((b"Anna", b"who is it?")) == 1
    assert sum(text.startswith(b"Closing: ") for _, text in answers) == 29
