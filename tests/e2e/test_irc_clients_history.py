"""irssi and WeeChat with accounts: they log in by SASL as their manuals say, and show what their person has missed.

irssi knows nothing of CHATHISTORY (nor does this WeeChat), so the server tells them by itself.
"""

import itertools
import re

import pytest

from irc_programs import SPACE, Irssi, WeeChat
from logging_in import LONG_ENOUGH, log_in
from server import BOTH_DOORS
from terminal import needs, terminals  # noqa: F401 (a fixture)

HERE = r"(There is no message of the day|End of /MOTD|has joined #)"  # always on, one is in channels at once
starts = itertools.count(1)  # each time as on another device: nothing is remembered but by the server
SAYING = ("echo-message", "message-tags", "server-time")


class SaslIrssi(Irssi):
    password = LONG_ENOUGH

    def start(self, terminals, certificate):  # noqa: F811
        home = terminals.home / f"irssi-{next(starts)}"
        home.mkdir(exist_ok=True)
        (home / "startup").write_text(
            "set cmds_max_at_once 1000\nset cmd_queue_speed 0\nset paste_verify_line_count 0\nset paste_detect_time 0\n"
            f"set nick {self.nick}\nset user_name {self.nick}\nset real_name {self.nick.title()} Test\n"
            f"network add -sasl_mechanism PLAIN -sasl_username {self.nick} -sasl_password {self.password} here\n"
            f"server add -4 -network here {self.host} {self.port}\nconnect here\n")
        screen = terminals.run(f"irssi-{self.nick}", "irssi", "--home", home)
        screen.wait_for(HERE)
        return screen

    LOGGED_IN = r"(?i)SASL (authentication )?(succeeded|successful)|You are now logged in as mario"
    REFUSED = r"(?i)SASL authentication failed|SASL.*failed"

    def shown(self, nick, text):
        return rf"<{SPACE}{nick}> (\[\d\d:\d\d\] )?{re.escape(text)}$"


class SaslWeeChat(WeeChat):
    password = LONG_ENOUGH

    def start(self, terminals, certificate):  # noqa: F811
        home = terminals.home / f"weechat-{next(starts)}"
        commands = ["/set weechat.look.paste_max_lines -1", "/set irc.look.server_buffer independent",
                    "/set irc.server_default.anti_flood_prio_high 0", "/set irc.server_default.anti_flood_prio_low 0",
                    f"/server add here {self.host}/{self.port} -nicks={self.nick} -username={self.nick} "
                    f"-realname={self.nick} -sasl_mechanism=plain -sasl_username={self.nick} "
                    f"-sasl_password={self.password}", "/connect here", "/buffer irc.server.here"]
        screen = terminals.run(f"weechat-{self.nick}", "weechat", "--dir", home, "--plugins", "irc,alias",
                               "--run-command", ";".join(commands))
        screen.wait_for(HERE)
        return screen

    LOGGED_IN = r"(?i)SASL authentication successful|You are now logged in as mario"
    REFUSED = r"(?i)SASL authentication failed"

    def shown(self, nick, text):
        return rf" {SPACE}{nick} \| (\[\d\d:\d\d\] )?{re.escape(text)} *(│|$)"


pytestmark = needs("tmux")
PROGRAMS = [pytest.param(SaslIrssi, marks=needs("irssi"), id="irssi"),
            pytest.param(SaslWeeChat, marks=needs("weechat"), id="weechat")]


@pytest.fixture
def server(brusiod, add_account, tmp_path):
    for name in ("mario", "anna"):
        add_account(tmp_path / "server0", name, LONG_ENOUGH)
    return brusiod(listen=BOTH_DOORS)


def lines_with(program, *texts):
    """Where each of these texts is on the screen, from above; each must be there once."""
    lines = program.screen.text().splitlines()
    found = [[at for at, line in enumerate(lines) if text in line] for text in texts]
    assert all(len(places) == 1 for places in found), (texts, found, "\n".join(lines))
    return [places[0] for places in found]


@pytest.mark.parametrize("program", PROGRAMS)
def test_logging_in_and_what_was_missed(program, server, brusiod, terminals):  # noqa: F811
    anna = log_in(server, "anna", caps=SAYING)
    anna.join("#piazza")
    me = program(terminals, server.irc_address, "mario")
    me.wait_for(program.LOGGED_IN)
    me.join("#piazza")
    assert any(m.verb == "330" and m.params[2] == "mario" for m in anna.ask("WHOIS mario"))
    me.type("sono qui")
    anna.expect("PRIVMSG", "#piazza", "sono qui")
    anna.ask("PRIVMSG #piazza :detto in sua presenza")
    me.wait_for(me.shown("anna", "detto in sua presenza"))
    me.quit("a dopo")
    anna.expect("QUIT", source="mario")
    for number in range(3):
        anna.ask(f"PRIVMSG #piazza :mancato {number} perché non c'era 🍅")
    # A crash in between loses nothing of it.
    server.crash()
    server = brusiod(after=server, listen=BOTH_DOORS)
    me = program(terminals, server.irc_address, "mario")
    me.join("#piazza")
    for number in range(3):
        me.wait_for(me.shown("anna", f"mancato {number} perché non c'era 🍅"))
    places = lines_with(me, "mancato 0", "mancato 1", "mancato 2")
    assert places == sorted(places)
    assert "detto in sua presenza" not in me.screen.text(), "he has seen this"
    assert "sono qui" not in me.screen.text(), "he has said this himself"
    anna = log_in(server, "anna", caps=SAYING)
    anna.join("#piazza")
    anna.ask("PRIVMSG #piazza :e ora dal vivo")
    me.wait_for(me.said("anna", "e ora dal vivo"))
    lines_with(me, "e ora dal vivo")
    # Coming a third time: nothing was missed but this.
    me.quit("di nuovo")
    anna.expect("QUIT", source="mario")
    anna.ask("PRIVMSG #piazza :solo questo")
    me = program(terminals, server.irc_address, "mario")
    me.join("#piazza")
    me.wait_for(me.shown("anna", "solo questo"))
    assert "mancato" not in me.screen.text() and "dal vivo" not in me.screen.text()


@pytest.mark.parametrize("program", PROGRAMS)
def test_private_messages_that_were_missed(program, server, terminals):  # noqa: F811
    me = program(terminals, server.irc_address, "mario")
    me.join("#piazza")
    me.type("/msg NickServ SET ALWAYS-ON on")
    anna = log_in(server, "anna", caps=SAYING)
    anna.join("#piazza")
    me.wait_for(me.came("anna", "#piazza"))
    me.quit("a dopo")
    told = anna.ask("PRIVMSG mario :ci vediamo alle otto")
    assert [m.verb for m in told if m.verb in ("PRIVMSG", "401")] == ["PRIVMSG"], told
    anna.ask("PRIVMSG #piazza :e agli altri")
    me = program(terminals, server.irc_address, "mario")
    me.query("anna")
    me.wait_for(me.shown("anna", "ci vediamo alle otto"))
    me.show("#piazza")  # where always-on has kept him
    me.wait_for(me.shown("anna", "e agli altri"))


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_wrong_password_is_shown_and_replays_nothing(program, server, terminals):  # noqa: F811
    anna = log_in(server, "anna", caps=SAYING)
    anna.join("#piazza")
    anna.ask("PRIVMSG #piazza :non per estranei")

    class Wrong(program):
        password = "not-this-password"

        def start(self, terminals, certificate):
            try:
                return super().start(terminals, certificate)
            except AssertionError as failure:  # it gives up, or comes in with another nick
                return re.search(program.REFUSED, str(failure)) and FakeScreen(str(failure))

    class FakeScreen:
        def __init__(self, shown):
            self.shown, self.type = shown, None

        def text(self):
            return self.shown

        def wait_for(self, pattern):
            return re.search(pattern, self.shown)

    me = Wrong(terminals, server.irc_address, "mario")
    assert me.screen and me.wait_for(program.REFUSED)
    assert "non per estranei" not in me.screen.text()
    assert not any(m.verb == "330" for m in anna.ask("WHOIS mario"))


def test_register_log_out_talk_crash_and_come_back_from_another_client(brusiod, terminals):  # noqa: F811
    """"Done means": everything is there."""
    server = brusiod(listen=BOTH_DOORS)
    anna = server.irc("anna", caps=("draft/account-registration", *SAYING))
    anna.send(f"REGISTER * * {LONG_ENOUGH}")
    anna.expect("REGISTER", "SUCCESS", "anna")
    anna.join("#orto")
    assert any("#orto" in m.text for m in anna.ask("PRIVMSG ChanServ :REGISTER #orto") if m.nick == "ChanServ")
    anna.ask("TOPIC #orto :L'orto di anna", "MODE #orto +m")
    anna.send("QUIT :esco")
    anna.rest()
    anna = log_in(server, "anna", caps=SAYING)
    anna.join("#orto", "#piazza")
    bruno = server.irc("bruno", caps=SAYING)
    bruno.ask(f"NS REGISTER {LONG_ENOUGH}")
    bruno.join("#orto")
    for target in ("#orto", "#piazza", "bruno"):
        anna.send(f"PRIVMSG {target} :detto a {target}")
        anna.expect("PRIVMSG", target, f"detto a {target}")
    bruno.send("PRIVMSG anna :risposta")
    bruno.expect("PRIVMSG", "anna", "risposta")
    server.crash()
    server = brusiod(after=server, listen=BOTH_DOORS)
    caps = ("batch", "draft/chathistory", "server-time", "message-tags")
    anna = log_in(server, "anna", caps=caps)
    came = anna.join("#orto")
    assert [m.text for m in came if m.verb == "332"] == ["L'orto di anna"]
    assert any(m.verb == "353" and "~anna" in m.text for m in came), came
    assert any(m.verb == "324" and "m" in m.params[2] for m in anna.ask("MODE #orto"))
    anna.join("#piazza")

    def said(client, target):
        return [m.text for m in client.ask(f"CHATHISTORY LATEST {target} * 50") if m.verb == "PRIVMSG"]

    assert said(anna, "#orto") == ["detto a #orto"]
    assert said(anna, "#piazza") == ["detto a #piazza"]
    assert said(anna, "bruno") == ["detto a bruno", "risposta"]
    assert said(log_in(server, "bruno", caps=caps), "anna") == ["detto a bruno", "risposta"]
    assert {m.params[1] for m in anna.ask("CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z "
                                          "timestamp=2100-01-01T00:00:00.000Z 10")
            if m.verb == "CHATHISTORY"} == {"#orto", "#piazza", "bruno"}
