"""IPv4, IPv6 and unix sockets: one room behind all of them."""

import contextlib
import os
import signal
import socket

import pytest

from deadline import eventually
from frames import open_socket


@pytest.fixture
def ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")


def test_ipv6(brusiod, ipv6):
    server = brusiod(listen=("[::1]:0",))
    assert server.address.startswith("[::1]:")
    mario, anna = server.join("Mario"), server.join("Anna")
    mario.expect_silence(anna)
    host, port = mario.sock.getsockname()[:2]
    assert server.wait_log("Accepted new connection from (.*), username: Mario$")[1] == f"[{host}]:{port}"


def test_all_addresses_of_both_families(brusiod, ipv6):
    """A listener on [::]:PORT does not take away the same port on IPv4, or serves it too; either way it starts."""
    server = brusiod(listen=("[::]:0",))
    port = server.address.rsplit(":", 1)[1]
    server.join("Mario", f"[::1]:{port}").expect_silence(server.join("Anna", f"[::1]:{port}"))


def test_one_room_behind_all_listeners(brusiod, ipv6, tmp_path):
    server = brusiod(listen=("127.0.0.1:0", "[::1]:0", f"unix:{tmp_path}/chat.sock", "127.0.0.1:0"))
    assert len(set(server.addresses)) == 4
    people = [server.join(f"p{i}", address) for i, address in enumerate(server.addresses)]
    for speaker in people:
        speaker.send("ciao a tutti")
        for listener in people:
            if listener is not speaker:
                assert listener.recv_pair() == (speaker.name, b"ciao a tutti")


def test_the_same_name_behind_another_listener_is_taken(brusiod, tmp_path):
    server = brusiod(listen=("127.0.0.1:0", f"unix:{tmp_path}/chat.sock"))
    server.join("Mario", server.addresses[0])
    assert server.enter("mario", server.addresses[1]).expect_explanation()


def test_a_stale_unix_socket_is_replaced(brusiod, tmp_path):
    path = tmp_path / "chat.sock"
    killed = brusiod(listen=(f"unix:{path}",))
    killed.join("Mario")
    killed.expected_exit = -signal.SIGKILL
    killed.signal(signal.SIGKILL)
    killed.wait_exit()
    assert path.exists()
    server = brusiod(listen=(f"unix:{path}",))
    server.join("Mario").expect_silence(server.join("Anna"))


def test_a_living_unix_socket_is_not_taken_over(brusiod, run_brusiod, tmp_path):
    path = tmp_path / "chat.sock"
    server = brusiod(listen=(f"unix:{path}",))
    mario = server.join("Mario")
    done = run_brusiod("--data", str(tmp_path / "other"), "--listen", f"frame=unix:{path}")
    assert done.returncode > 0
    assert str(path) in done.stderr
    server.join("Anna").expect_silence(mario)


def test_a_file_that_is_no_socket_is_not_deleted(run_brusiod, tmp_path):
    path = tmp_path / "precious"
    path.write_text("a diary\n")
    done = run_brusiod("--data", str(tmp_path / "data"), "--listen", f"frame=unix:{path}")
    assert done.returncode > 0 and len(done.stderr.strip().splitlines()) == 1
    assert path.read_text() == "a diary\n"


def test_a_unix_path_that_is_too_long_is_an_error(run_brusiod, tmp_path):
    done = run_brusiod("--data", str(tmp_path / "data"), "--listen", f"frame=unix:/tmp/{'x' * 200}")
    assert done.returncode > 0 and len(done.stderr.strip().splitlines()) == 1


def open_sockets(server):
    """How many; of other files the store opens some when it is ready to."""
    count = 0
    for entry in os.scandir(f"/proc/{server.pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(entry.path).startswith("socket:")
    return count


def test_connections_that_ended_leave_no_open_file(server):
    mario, anna = server.join("Mario"), server.join("Anna")
    before = open_sockets(server)
    for i in range(50):
        sock = open_socket(server.address)
        if i % 2:
            sock.sendall(b"3         tmp")
        sock.close()
    eventually(lambda: open_sockets(server) <= before, "all of them are closed")
    mario.expect_silence(anna)


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="the kernel's table of connections is not there")
def test_silent_connections_are_probed_within_a_minute(brusiod):
    """A peer that vanished without a word is noticed: the kernel's keep-alive timer runs for each connection."""
    server = brusiod()
    port = f"{int(server.address.rsplit(':', 1)[1]):04X}"
    server.join_many(["Mario", "Anna"])

    def timers():
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table][1:]
        return [row[5].split(":") for row in rows if row[1].endswith(f":{port}") and row[3] == "01"]

    eventually(lambda: [kind for kind, _ in timers()] == ["02", "02"], "both have a keep-alive timer")
    for _, ticks in timers():
        assert int(ticks, 16) <= 60 * os.sysconf("SC_CLK_TCK")
