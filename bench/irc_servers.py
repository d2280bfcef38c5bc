"""The IRC servers that irc_compare.py measures: how each is configured so that only its work counts. No flood protection, no
look-ups of names, high limits, loopback only, nothing written but a log of errors."""

import pathlib
import shutil
import subprocess

from servers import Failed, Server, free_port

SKIPPED = "is not installed, so it is not compared (Debian: apt-get install {package}, and stop the service that it starts)"

INSPIRCD = """\
<server name="irc.example.org" description="bench" network="Bench">
<admin name="bench" nick="bench" email="bench@example.org">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="all" allow="*" localmax="100000" globalmax="100000" limit="100000" maxchans="10000" timeout="60" pingfreq="600"
  fakelag="no" threshold="1000000" commandrate="1000000000" recvq="1M" softsendq="1G" hardsendq="1G"
  resolvehostnames="no" useident="no" maxconnwarn="no">
<performance nouserdns="yes" somaxconn="4096" softlimit="100000" clonesonconnect="no" quietbursts="yes">
<options defaultmodes="nt" splitwhois="no">
<limits maxnick="30" maxchan="64">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="sparse" target="{folder}/inspircd.log">
<files motd="">
"""
# What a capability needs; a module that this build lacks is left out.
INSPIRCD_MODULES = ("cap", "ircv3", "ircv3_accounttag", "ircv3_batch", "ircv3_capnotify", "ircv3_chghost", "ircv3_ctctags",
                    "ircv3_echomessage", "ircv3_invitenotify", "ircv3_servertime", "namesx", "setname", "services_account")

NGIRCD = """\
[Global]
Name = irc.example.org
Info = bench
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = bench
ServerUID = {user}
ServerGID = {group}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 30
MaxPenaltyTime = 0
PingTimeout = 600
[Options]
DNS = no
Ident = no
PAM = no
IncludeDir = {folder}
"""


class IrcServer(Server):
    """A server started with its IRC door only. `modules`: InspIRCd's, for capabilities; without them it is at its fastest."""

    def __init__(self, kind, program, modules=False):
        super().__init__(kind, kind, program)
        self.modules = modules
        # InspIRCd welcomes those who wait once a second, so many are to wait; ngIRCd has room for ten connections that it has
        # not accepted, and the next one waits for a second.
        self.unfinished = 8 if kind == "ngircd" else 1000

    def with_capabilities(self):
        return IrcServer(self.kind, self.program, modules=True)

    def _command(self, folder, tls):
        if self.kind == "brusiod":
            configuration = folder / "brusiod.toml"
            configuration.write_text("")
            return [self.program, "--config", str(configuration), "--data", str(folder / "data"),
                    "--listen", "irc=127.0.0.1:0"], None
        port = free_port()
        configuration = folder / f"{self.kind}.conf"
        if self.kind == "inspircd":
            text = INSPIRCD.format(port=port, folder=folder)
            if self.modules:
                text += "".join(f'<module name="{name}">\n' for name in installed_modules(self.program))
            configuration.write_text(text)
            return [self.program, "--nofork", "--nopid", "--runasroot", "--config", str(configuration)], port
        owner = folder.stat()
        configuration.write_text(NGIRCD.format(port=port, folder=folder, user=owner.st_uid, group=owner.st_gid))
        return [self.program, "--nodaemon", "--config", str(configuration)], port


def installed_modules(program):
    folder = pathlib.Path("/usr/lib/inspircd/modules")
    return [name for name in INSPIRCD_MODULES if (folder / f"m_{name}.so").exists()]


def brusiod_has_irc(program):
    """Whether this brusiod knows the door, asked without starting it."""
    asked = subprocess.run([program, "--config", "/dev/null", "--listen", "irc=127.0.0.1:0", "--check-config"],
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
    return asked.returncode == 0, (asked.stderr or asked.stdout).strip().splitlines()[-1:]


def found(kind, brusiod):
    """The server of this kind, or a sentence saying why it is skipped."""
    if kind == "brusiod":
        if not pathlib.Path(brusiod).exists():
            return None, f"brusiod is not built ({brusiod} does not exist), so it is not compared"
        knows, said = brusiod_has_irc(brusiod)
        if not knows:
            return None, f"this brusiod has no IRC door, so it is not compared: {' '.join(said) or 'it said nothing'}"
        return IrcServer(kind, brusiod), None
    program = shutil.which(kind, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        return None, f"{kind} {SKIPPED.format(package=kind)}"
    return IrcServer(kind, program), None
