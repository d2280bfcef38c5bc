"""examples/bot.py, which people copy: it must work, and go on working when others do not behave."""

import pathlib
import subprocess
import sys

import pytest

from deadline import seconds

BOT = pathlib.Path(__file__).resolve().parents[2] / "examples/bot.py"


@pytest.fixture
def start_bot():
    """start_bot(address, "name", …) runs the bot until the end of the test; returns its process."""
    processes = []

    def start(address, *more):
        host, port = address.rsplit(":", 1)
        nick, channel = (*more, "bot", "#piazza")[:1] + ("#piazza",)
        processes.append(subprocess.Popen([sys.executable, BOT, nick, channel, host, port], stdin=subprocess.DEVNULL,
                                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        return processes[-1]

    yield start
    said = []
    for process in processes:
        process.kill()
        said.append(process.communicate(timeout=seconds(10))[0])
    assert "Traceback" not in "".join(said), said


def test_it_says_hello_to_everyone_who_asks(irc_server, start_bot):
    anna = irc_server.irc("anna")
    anna.join("#piazza")
    mario = irc_server.join("Mario Rossi")
    anna.expect("JOIN", source="Mario_Rossi")
    start_bot(irc_server.irc_address)
    anna.expect("JOIN", "#piazza", source="bot")
    anna.send("PRIVMSG #piazza :!hello")
    assert anna.expect("NOTICE", "#piazza", source="bot").text == "Hello, anna!"
    mario.send("!hello bot")
    assert anna.expect("NOTICE", "#piazza", source="bot").text == "Hello, Mario_Rossi!"
    assert mario.recv_pairs(3) == [(b"anna", b"!hello"), (b"bot", b"Hello, anna!"), (b"bot", b"Hello, Mario_Rossi!")]
    anna.send("PRIVMSG bot :!hello", "PRIVMSG #piazza :hello", "PRIVMSG #piazza :", "PRIVMSG #piazza :!hello again")
    assert anna.expect("NOTICE", "anna", source="bot").text == "Hello, anna!"
    assert anna.expect("NOTICE", "#piazza", source="bot").text == "Hello, anna!"
    assert [m for m in anna.skipped if m.source and m.nick == "bot"] == []
    assert "335" in [m.verb for m in anna.ask("WHOIS bot")]  # marked as a bot


def test_its_name_is_taken(irc_server, start_bot):
    irc_server.irc("bot")
    anna = irc_server.irc("anna")
    anna.join("#piazza")
    start_bot(irc_server.irc_address)
    anna.expect("JOIN", "#piazza", source="bot_")
    anna.send("PRIVMSG #piazza :!hello")
    anna.expect("NOTICE", "#piazza", source="bot_")


def test_it_comes_back_when_the_server_does(brusiod, start_bot):
    first = brusiod(listen=("irc=127.0.0.1:0",))
    anna = first.irc("anna")
    anna.join("#piazza")
    start_bot(first.irc_address)
    anna.expect("JOIN", "#piazza", source="bot")
    first.stop()
    again = brusiod(listen=(f"irc={first.irc_address}",))
    anna = again.irc("anna")
    anna.join("#piazza")
    if "bot" not in anna.ask("NAMES #piazza")[0].text:
        anna.expect("JOIN", "#piazza", source="bot", timeout=10)
    anna.send("PRIVMSG #piazza :!hello")
    assert anna.expect("NOTICE", "#piazza", source="bot").text == "Hello, anna!"
