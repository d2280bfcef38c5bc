"""Start-up: one clear sentence for each mistake, an exit code that is not 0, and nothing half-started."""

import os
import pty
import re
import shutil
import socket
import subprocess
import tempfile
import termios

import pytest

from deadline import seconds
from frames import open_socket


@pytest.fixture
def mistake(run_brusiod, tmp_path):
    """mistake(config, *args) → the sentence on stderr. The configuration file is called wrong.toml."""

    def run(config, *args, **options):
        path = tmp_path / "wrong.toml"
        path.write_text(config)
        done = run_brusiod("--config", str(path), "--data", str(tmp_path / "data"), *args, **options)
        assert done.returncode > 0, done
        assert "Listening for connections" not in done.stdout
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 1, f"not one sentence: {done.stderr!r}"
        assert "terminate called" not in done.stderr and "exception" not in done.stderr
        return lines[0]

    return run


@pytest.fixture
def hash_password(brusiod_path):
    """hash_password(typed) → the finished process of --hash-password that read this from a pipe."""

    def run(typed):
        return subprocess.run([brusiod_path, "--hash-password"], input=typed, capture_output=True, text=True,
                              timeout=seconds(10), check=False)

    return run


def names_line(sentence, line):
    return f"wrong.toml:{line}" in sentence or ("wrong.toml" in sentence and f"line {line}" in sentence)


@pytest.fixture
def busy_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def test_version_and_help(run_brusiod):
    version, usage = run_brusiod("--version"), run_brusiod("--help")
    assert version.returncode == 0 and "brusiod" in version.stdout
    assert any(part.isdigit() for part in version.stdout.replace(".", " ").split())
    assert usage.returncode == 0
    for option in ["--config", "--listen", "--data", "--check-config", "--hash-password", "--log-messages",
                   "--version", "--help"]:
        assert option in usage.stdout


def test_port_in_use(mistake, busy_port):
    assert str(busy_port) in mistake("", "--listen", f"frame=127.0.0.1:{busy_port}")


def test_nothing_is_half_started_when_the_second_listener_fails(mistake, busy_port, tmp_path):
    first, path = free_port(), tmp_path / "chat.sock"
    sentence = mistake("", "--listen", f"frame=127.0.0.1:{first}", "--listen", f"frame=unix:{path}",
                       "--listen", f"frame=127.0.0.1:{busy_port}")
    assert str(busy_port) in sentence
    with pytest.raises(ConnectionRefusedError):
        open_socket(f"127.0.0.1:{first}")
    assert not path.exists()


def test_a_unix_path_in_a_missing_directory(mistake, tmp_path):
    assert "nowhere" in mistake("", "--listen", f"frame=unix:{tmp_path}/nowhere/chat.sock")


def test_no_permission(run_brusiod, brusiod_path):
    """Root may write anywhere, so as root the server is started as nobody, from a place that nobody can reach."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        binary = shutil.copy(brusiod_path, directory)
        os.mkdir(f"{directory}/closed", 0o500)
        options = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        done = run_brusiod("--data", f"{directory}/closed/data", "--listen", f"frame=unix:{directory}/closed/s",
                           executable=binary, cwd="/", **options)
    assert done.returncode > 0
    assert len(done.stderr.strip().splitlines()) == 1
    assert "ermission denied" in done.stderr


@pytest.mark.parametrize("listener", ["frame", "frame=", "frame=127.0.0.1", "frame=127.0.0.1:99999", "frame=nonsense:x",
                                      "frme=127.0.0.1:0", "127.0.0.1:0", "frame=unix:", "frame=[::1:0",
                                      "irc=127.0.0.1", "http=127.0.0.1:0"])
def test_wrong_listen_arguments(mistake, listener):
    assert mistake("", "--listen", listener)


def test_unknown_option(mistake):
    assert "--lissten" in mistake("", "--lissten", "frame=127.0.0.1:0")


def tls_config(certificate, key):
    return (f'[[listen]]\ndoor = "frame"\naddress = "127.0.0.1:0"\ntls = true\n'
            f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')


def test_bad_certificates(mistake, make_certificate, tmp_path):
    certificate, key = make_certificate("a")
    _, other_key = make_certificate("b")
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("not a certificate\n")
    assert "missing.pem" in mistake(tls_config(tmp_path / "missing.pem", key))
    assert "garbage.pem" in mistake(tls_config(garbage, key))
    assert "garbage.pem" in mistake(tls_config(certificate, garbage))
    assert str(other_key) in mistake(tls_config(certificate, other_key))


def test_tls_without_a_certificate(mistake):
    assert "certificate" in mistake('[[listen]]\ndoor = "frame"\naddress = "127.0.0.1:0"\ntls = true\n')


@pytest.mark.parametrize("config, line", [
    ("[server]\nname = \n", 2), ("[server\n", 1), ('[server]\nname = "x\n', 2), ("\n\n[limits]\nburst = 1 2\n", 4),
    ("[server]\nworkers = 1\nworkers = 2\n", 3),
])
def test_bad_toml_names_file_and_line(mistake, config, line):
    sentence = mistake(config)
    assert names_line(sentence, line), sentence


@pytest.mark.parametrize("config, line, wrong, right", [
    ("[limits]\nmesage_bytes = 5\n", 2, "mesage_bytes", "message_bytes"),
    ("[server]\nworkers = 1\nnmae = \"x\"\n", 3, "nmae", "name"),
    ("[limit]\nburst = 5\n", 1, "limit", "limits"),
    ("[frame]\ncomands = true\n", 2, "comands", "commands"),
    ("[tls]\ncertficate = \"x\"\n", 2, "certficate", "certificate"),
    ("[[listen]]\ndoor = \"frame\"\nadress = \"127.0.0.1:0\"\n", 3, "adress", "address"),
])
def test_an_unknown_key_is_named_with_the_nearest_right_one(mistake, config, line, wrong, right):
    sentence = mistake(config)
    assert names_line(sentence, line) and wrong in sentence and right in sentence, sentence


@pytest.mark.parametrize("config, line, key", [
    ('[server]\nworkers = "two"\n', 2, "workers"), ("[server]\nname = 5\n", 2, "name"),
    ('[server]\nchat_thread = "sometimes"\n', 2, "chat_thread"), ("[server]\nworkers = -1\n", 2, "workers"),
    ("[server]\nname = \"\"\n", 2, "name"), ('[server]\nname = ":x"\n', 2, "server.name"),
    ('[server]\nname = "a!b@c"\n', 2, "server.name"), ('[server]\nname = "x y"\n', 2, "server.name"),
    (f'[server]\nname = "{"x" * 64}"\n', 2, "63"), ('[server]\nnetwork = "a\\u0007b"\n', 2, "network"),
    ("[frame]\ncommands = 1\n", 2, "commands"),
    ('[limits]\nsend_queue = "1 bogus"\n', 2, "send_queue"), ('[limits]\nlogin_timeout = "soon"\n', 2, "login_timeout"),
    ("[limits]\nmessage_bytes = -1\n", 2, "message_bytes"), ('[limits]\nexempt = ["here"]\n', 2, "exempt"),
    ('[[listen]]\ndoor = "frme"\naddress = "127.0.0.1:0"\n', 2, "frame"),
    ('[[listen]]\ndoor = "frame"\naddress = "127.0.0.1:99999"\n', 3, "99999"),
    ("server = 5\n", 1, "server"),
    ('[server]\nnetwork = "two words"\n', 2, "network"), ("[server]\ncloak = 1\n", 2, "cloak"),
    ("[limits]\nread_queue = 0\n", 2, "read_queue"), ("[limits]\nchannels_per_user = 0\n", 2, "channels_per_user"),
    ('[irc]\nsts = "30d"\n', 2, "tls"), ('[irc]\nicon = "http://x"\n', 2, "https"),
    ('[irc]\nblocked_tags = ["+typing"]\n', 2, "blocked_tags"),
    ('[irc]\nblocked_tags = ["-typing"]\n', 2, "*"), ('[irc]\nsts = "0s"\n', 2, "tls"),
    ('[limits]\nread_queue = "1 KiB"\n', 2, "5120"),
    ('[operator.alice]\npassword = "secret"\n', 2, "--hash-password"),
    ('[operator.alice]\npassword = "$argon2id$v=19$m=65536"\n', 2, "--hash-password"),
    ('[[webirc]]\npassword = "x"\n', 1, "addresses"),
    ('[[listen]]\ndoor = "irc"\naddress = "127.0.0.1:0"\nproxy_protocol = true\n', 4, "proxies"),
])
def test_a_wrong_value_is_named(mistake, config, line, key):
    sentence = mistake(config)
    assert names_line(sentence, line) and key in sentence, sentence


@pytest.mark.parametrize("config, line, key", [
    ('[[listen]]\ndoor = "http"\naddress = "127.0.0.1:0"\n', 2, "http"),
    ('[[listen]]\ndoor = "irc"\naddress = "127.0.0.1:0"\nwebsocket = true\n', 4, "websocket"),
])
def test_a_key_of_a_later_version_is_an_error_and_never_ignored(mistake, config, line, key):
    sentence = mistake(config)
    assert "wrong.toml" in sentence and key in sentence, sentence
    assert names_line(sentence, line) or names_line(sentence, line + 1), sentence


def test_a_password_is_refused_where_frames_come_in_without_one(mistake):
    by_default = mistake('[server]\npassword = "hunter2"\n')
    listening = mistake('[server]\npassword = "hunter2"\n', "--listen", "irc=127.0.0.1:0", "--listen", "frame=127.0.0.1:0")
    for sentence in [by_default, listening]:
        assert names_line(sentence, 2) and "server.password" in sentence and "frame" in sentence
        assert "hunter2" not in sentence
    assert "127.0.0.1:1234" in by_default and "127.0.0.1:1234" not in listening


def test_a_missing_or_unreadable_motd_is_named(mistake, tmp_path):
    config = '[server]\nmotd = "motd.txt"\n'
    assert f"{tmp_path}/motd.txt" in mistake(config)
    (tmp_path / "motd.txt").write_bytes(b"\xff\xfe")
    assert "UTF-8" in mistake(config)


def test_a_missing_configuration_file(run_brusiod):
    done = run_brusiod("--config", "/nonexistent/brusiod.toml")
    assert done.returncode > 0 and "/nonexistent/brusiod.toml" in done.stderr


COMPLETE = """
[server]
name = "chat.example.org"
workers = 2
chat_thread = "auto"
lobby = "#piazza"
[[listen]]
door = "frame"
address = "{address}"
[limits]
connections_per_ip = 16
connects_per_minute_per_ip = 32
exempt = ["127.0.0.0/8", "::1"]
commands_per_second = 2
burst = 10
send_queue = "1 MiB"
send_memory = "256 MiB"
login_timeout = "20s"
message_bytes = 16384
[frame]
commands = true
"""


def test_check_config_starts_nothing(run_brusiod, tmp_path, busy_port):
    path, sock = tmp_path / "good.toml", tmp_path / "chat.sock"
    for address in [f"unix:{sock}", f"127.0.0.1:{busy_port}"]:
        path.write_text(COMPLETE.format(address=address))
        done = run_brusiod("--check-config", "--config", str(path))
        assert done.returncode == 0, done
        assert "Listening" not in done.stdout
    assert not sock.exists()


COMPLETE_IRC = """
[server]
network = "Brusio"
description = "Brusio chat"
admin = ["Anna", "anna@example.org"]
motd = "motd.txt"
password = "secret"
cloak = true
proxies = ["10.0.0.0/8"]
lobby = ""
[[listen]]
door = "irc"
address = "0.0.0.0:6667"
proxy_protocol = true
[[listen]]
door = "irc"
address = "0.0.0.0:6697"
tls = true
[tls]
certificate = "{certificate}"
key = "{key}"
[limits]
read_queue = "32 KiB"
channels_per_user = 100
[irc]
sts = "30d"
sts_port = 6697
icon = "https://example.org/icon.png"
blocked_tags = ["-typing", "*", "-draft/react"]
[operator.alice]
password = "{hash}"
[[webirc]]
password = "{hash}"
addresses = ["192.0.2.0/24"]
"""


def test_check_config_knows_the_keys_of_irc(run_brusiod, hash_password, make_certificate, tmp_path):
    certificate, key = make_certificate("a")
    hashed = hash_password("secret").stdout.strip()
    path = tmp_path / "irc.toml"
    path.write_text(COMPLETE_IRC.format(certificate=certificate, key=key, hash=hashed))
    (tmp_path / "motd.txt").write_text("Ciao!\n")
    done = run_brusiod("--check-config", "--config", str(path))
    assert done.returncode == 0, done


def test_check_config_says_what_is_wrong(mistake):
    assert "message_bytes" in mistake("[limits]\nmesage_bytes = 5\n", "--check-config")


def test_check_config_reads_the_certificates(mistake, make_certificate, tmp_path):
    _, key = make_certificate("a")
    assert "missing.pem" in mistake(tls_config(tmp_path / "missing.pem", key), "--check-config")


def test_listen_on_the_command_line_replaces_configured_listeners(brusiod, tmp_path):
    sock = tmp_path / "chat.sock"
    server = brusiod(COMPLETE.format(address=f"unix:{sock}"), listen=("127.0.0.1:0",))
    mario, anna = server.join("Mario"), server.join("Anna")
    mario.expect_silence(anna)
    assert not sock.exists() and len(server.addresses) == 1


def test_the_configured_listener_works(brusiod, tmp_path):
    server = brusiod(COMPLETE.format(address=f"unix:{tmp_path}/chat.sock"), listen=())
    assert server.address == f"unix:{tmp_path}/chat.sock"
    server.join("Mario").expect_silence(server.join("Anna"))


# --hash-password

def test_a_piped_password_is_hashed(hash_password):
    done = [hash_password(typed) for typed in ["pérché no\n", "pérché no", "pérché no\nmore\n"]]
    hashes = [d.stdout for d in done]
    assert all(d.returncode == 0 and not d.stderr for d in done), done
    assert all(re.fullmatch(r"\$argon2id\$v=19\$m=65536,t=2,p=1\$\S+\n", h) for h in hashes), hashes
    assert len(set(hashes)) == 3, "each has its own salt"


@pytest.mark.parametrize("typed, word", [("", "empty"), ("\n", "empty"), ("a\tb\n", "control"), ("x" * 301, "300")])
def test_a_password_that_cannot_be_is_an_error(hash_password, typed, word):
    done = hash_password(typed)
    assert done.returncode > 0 and not done.stdout
    assert len(done.stderr.strip().splitlines()) == 1 and word in done.stderr


@pytest.mark.parametrize("second, code", [(b"secret", 0), (b"sercet", 1)])
def test_a_password_is_asked_for_twice_without_echo(brusiod_path, second, code):
    person, terminal = pty.openpty()
    with subprocess.Popen([brusiod_path, "--hash-password"], stdin=terminal, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        assert process.stderr.read(len(b"Password: ")) == b"Password: "  # asked: the terminal is silent
        assert not termios.tcgetattr(terminal)[3] & termios.ECHO
        os.write(person, b"secret\n" + second + b"\n")
        hashed, said = process.communicate(timeout=seconds(10))
    assert process.returncode == code, said
    assert hashed.startswith(b"$argon2id$") == (code == 0) and (b"differ" in said) == (code == 1)
    assert termios.tcgetattr(terminal)[3] & termios.ECHO
    os.close(terminal)
    os.close(person)
