"""Out of file descriptors: accepting pauses, those who are here go on, and it recovers by itself."""

import resource

import pytest

FILES = 60
OUT_OF_FILES = r"(?i)file descriptors|open files|too many"


@pytest.fixture(params=[(1, "shared"), (2, "own")], ids=lambda p: f"{p[0]}-{p[1]}")
def small_server(request, brusiod):
    workers, chat_thread = request.param
    return brusiod(f'[server]\nworkers = {workers}\nchat_thread = "{chat_thread}"\n',
                   preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES)))


def chat(mario, anna, rounds):
    for i in range(rounds):
        mario.send(f"still here {i}")
        assert anna.recv_pair() == (b"Mario", b"still here %d" % i)
        anna.send("so am I")
        assert mario.recv_pair() == (b"Anna", b"so am I")


def test_existing_users_go_on_and_newcomers_wait(small_server):
    server = small_server
    mario, anna = server.join("Mario"), server.join("Anna")
    crowd = [server.enter(f"user{i:03}") for i in range(100)]
    server.wait_log(OUT_OF_FILES)
    chat(mario, anna, 100)
    more = [server.enter(f"more{i:03}") for i in range(10)]
    chat(mario, anna, 100)
    assert len(server.log_matches(OUT_OF_FILES)) == 1, "one line in the log for the whole time"
    waiting = more[-1].name.decode()
    assert not server.log_matches(f"username: {waiting}$")
    for client in crowd:
        client.close()
    server.wait_log(f"username: {waiting}$", timeout=10)
    chat(mario, anna, 10)


def test_it_recovers_again_and_again(small_server):
    server = small_server
    mario, anna = server.join("Mario"), server.join("Anna")
    for attempt in range(3):
        mark = server.log_mark()
        crowd = [server.enter(f"user{attempt}{i:03}") for i in range(80)]
        server.wait_log("username: user", mark, count=10)
        chat(mario, anna, 20)
        for client in crowd:
            client.close()
        server.wait_log("Closed connection from: user", mark, count=80, timeout=20)
    assert 1 <= len(server.log_matches(OUT_OF_FILES)) <= 3
