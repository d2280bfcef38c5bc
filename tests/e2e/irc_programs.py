"""irssi and WeeChat as their users have them: how each is started, and how each shows what happens on IRC.

The methods that return a pattern (`said`, `did`, `renamed`, …) say how the program shows it.
Both are told not to ration what they send (their own flood protection would wait two seconds between lines) and to
take typed lines as typed, not as pasted.
"""

import re

SPACE = r"[ @+%&~]?"  # before a nick: its rank


class Program:
    def __init__(self, terminals, address, nick, certificate=None):
        self.nick = nick
        self.host, self.port = address.rsplit(":", 1)
        if certificate:
            self.host = "localhost"  # irssi finds no addresses in certificates
        self.screen = self.start(terminals, certificate)
        self.type, self.wait_for = self.screen.type, self.screen.wait_for

    def waits(self, *patterns):
        for pattern in patterns:
            self.wait_for(pattern)

    def join(self, channel):
        self.type(f"/join {channel}")
        self.joined(channel)
        return self

    def query(self, nick):
        """The window of a private conversation, whether or not anything was said there."""
        self.type(f"/query {nick}")

    def quit(self, why):
        self.type(f"/quit {why}")
        self.screen.wait_end()


class Irssi(Program):
    def start(self, terminals, certificate):
        how = f"-tls -tls_verify -tls_cafile {certificate} " if certificate else ""
        home = terminals.home / f"irssi-{self.nick}"
        home.mkdir()
        (home / "startup").write_text(
            "set cmds_max_at_once 1000\nset cmd_queue_speed 0\nset paste_verify_line_count 0\nset paste_detect_time 0\n"
            f"set nick {self.nick}\nset user_name {self.nick}\nset real_name {self.nick.title()} Test\n"
            f"connect -4 {how}{self.host} {self.port}\n")
        screen = terminals.run(f"irssi-{self.nick}", "irssi", "--home", home)
        screen.wait_for(r"-!- (There is no message of the day|End of /MOTD)")
        return screen

    def joined(self, channel):
        self.waits(rf"-!- {self.nick} \[\S+\] has joined {channel}$", rf"Irssi: {channel}: Total of \d+ nicks")

    def show(self, channel):
        self.type(f"/window goto {channel}")

    def show_server(self):
        self.type("/window 1")

    def said(self, nick, text):
        return rf"<{SPACE}{nick}> {re.escape(text)}$"

    def did(self, nick, text):
        return rf"^\d\d:\d\d  \* {nick} {re.escape(text)}$"

    def came(self, nick, channel):
        return rf"-!- {nick} \[\S+\] has joined {channel}$"

    def renamed(self, old, new):
        return rf"-!- {old} is now known as {new}$"

    def i_am(self, new):
        return rf"-!- You're now known as {new}$"

    def topic(self, nick, channel, text):
        return rf"-!- {nick} changed the topic of {channel} to: {re.escape(text)}$"

    def kicked(self, who, channel, by, why):
        return rf"-!- {who} was kicked from {channel} by {by} \[{re.escape(why)}\]$"

    def left(self, nick, why):
        return rf"-!- {nick} \[\S+\] has quit \[{re.escape(why)}\]$"


class WeeChat(Program):
    def start(self, terminals, certificate):
        home = terminals.home / f"weechat-{self.nick}"
        trust = [f"/set weechat.network.gnutls_ca_user {certificate}"] if certificate else []
        commands = ["/set weechat.look.paste_max_lines -1", "/set irc.look.server_buffer independent",
                    "/set irc.server_default.anti_flood_prio_high 0", "/set irc.server_default.anti_flood_prio_low 0",
                    *trust, f"/server add here {self.host}/{self.port} {'-ssl' if certificate else ''} "
                    f"-nicks={self.nick} -username={self.nick} -realname={self.nick}",
                    "/connect here", "/buffer irc.server.here"]
        screen = terminals.run(f"weechat-{self.nick}", "weechat", "--dir", home, "--plugins", "irc,alias",
                               "--run-command", ";".join(commands))
        screen.wait_for(r"\| (There is no message of the day|End of /MOTD)")
        return screen

    def joined(self, channel):
        self.waits(rf"--> \| {self.nick} .*has joined {channel}", rf"-- \| Channel {channel}: \d+ nick")

    def show(self, channel):
        self.type(f"/buffer irc.here.{channel}")

    def show_server(self):
        self.type("/buffer irc.server.here")

    def people(self):
        """The nick list at the right, from top to bottom, with ranks."""
        lines = self.screen.text().splitlines()
        found = (re.search(r"│([^│]*\S)\s*$", line) for line in lines[:-2])
        return [match[1] for match in found if match]

    def said(self, nick, text):
        return rf" {SPACE}{nick} \| {re.escape(text)} *(│|$)"

    def did(self, nick, text):
        return rf" \* \| {nick} {re.escape(text)} *(│|$)"

    def came(self, nick, channel):
        return rf"--> \| {nick} .*has joined {channel} *(│|$)"

    def renamed(self, old, new):
        return rf"-- \| {old} is now known as {new} *(│|$)"

    def i_am(self, new):
        return rf"-- \| You are now known as {new} *(│|$)"

    def topic(self, nick, channel, text):
        return rf"-- \| {nick} has changed topic for {channel} (from \".*\" )?to \"{re.escape(text)}\" *(│|$)"

    def kicked(self, who, channel, by, why):
        return rf"<-- \| {by} has kicked {who} \({re.escape(why)}\) *(│|$)"

    def left(self, nick, why):
        return rf"<-- \| {nick} \(\S+\) has quit \({re.escape(why)}\) *(│|$)"
