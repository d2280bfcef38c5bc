"""Start-up: one clear sentence for each mistake, an exit code that is not 0, and nothing half-started."""

import os
import shutil
import socket
import tempfile

import pytest

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
    for option in ["--config", "--listen", "--data", "--check-config", "--log-messages", "--version", "--help"]:
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
                                      "irc=127.0.0.1:0"])
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
    ("[server]\nname = \"\"\n", 2, "name"), ("[frame]\ncommands = 1\n", 2, "commands"),
    ('[limits]\nsend_queue = "1 bogus"\n', 2, "send_queue"), ('[limits]\nlogin_timeout = "soon"\n', 2, "login_timeout"),
    ("[limits]\nmessage_bytes = -1\n", 2, "message_bytes"), ('[limits]\nexempt = ["here"]\n', 2, "exempt"),
    ('[[listen]]\ndoor = "frme"\naddress = "127.0.0.1:0"\n', 2, "frame"),
    ('[[listen]]\ndoor = "frame"\naddress = "127.0.0.1:99999"\n', 3, "99999"),
    ("server = 5\n", 1, "server"),
])
def test_a_wrong_value_is_named(mistake, config, line, key):
    sentence = mistake(config)
    assert names_line(sentence, line) and key in sentence, sentence


@pytest.mark.parametrize("config, line, key", [
    ('[server]\npassword = "x"\n', 2, "password"), ('[server]\nmotd = "motd.txt"\n', 2, "motd"),
    ('[server]\nnetwork = "Brusio"\n', 2, "network"), ("[history]\nenabled = true\n", 1, "history"),
    ("[accounts]\nregistration = true\n", 1, "accounts"), ('[operator.alice]\npassword = "x"\n', 1, "operator"),
    ('[[listen]]\ndoor = "irc"\naddress = "127.0.0.1:0"\n', 2, "irc"),
    ('[[listen]]\ndoor = "frame"\naddress = "127.0.0.1:0"\nproxy_protocol = true\n', 4, "proxy_protocol"),
])
def test_a_key_of_a_later_version_is_an_error_and_never_ignored(mistake, config, line, key):
    sentence = mistake(config)
    assert "wrong.toml" in sentence and key in sentence, sentence
    assert names_line(sentence, line) or names_line(sentence, line + 1), sentence


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
