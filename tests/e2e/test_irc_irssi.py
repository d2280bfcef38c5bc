"""irssi, driven as a person does, with WeeChat, frame clients and `brusio` in the same channel."""

from irc_cases import Cases, terminals  # noqa: F401 (a fixture)
from irc_programs import Irssi, WeeChat
from terminal import needs

pytestmark = needs("tmux", "irssi")


@needs("weechat")
class TestIrssi(Cases):
    mine, others = Irssi, WeeChat


def test_the_console_client_and_irssi(irc_server, terminals, bin_dir):  # noqa: F811
    irssi = Irssi(terminals, irc_server.irc_address, "mario").join("#piazza")
    console = terminals.run("brusio", bin_dir / "brusio", f"Anna Bianchi@{irc_server.address}")
    console.wait_for("-- connected to .* as Anna Bianchi")
    irssi.wait_for(irssi.came("Anna_Bianchi", "#piazza"))
    console.type("ciao dalla console")
    irssi.wait_for(irssi.said("Anna_Bianchi", "ciao dalla console"))
    irssi.type("ciao da irssi")
    console.wait_for("^mario > ciao da irssi$")
    irssi.type("/me saluta")
    console.wait_for(r"^mario > \* saluta$")
    console.type("/who")
    console.wait_for(r"^brusio\.localhost > 2 people are here: .*Anna Bianchi \(Anna_Bianchi\)")
    console.type("/msg mario solo per te")
    irssi.query("Anna_Bianchi")
    irssi.wait_for(irssi.said("Anna_Bianchi", "solo per te"))
    irssi.type("e per te")
    console.wait_for(r"^mario > \[private\] e per te$")
    console.type("/quit")
    console.wait_end()
    irssi.show("#piazza")
    irssi.wait_for(r"-!- Anna_Bianchi \[\S+\] has quit \[.*\]$")
