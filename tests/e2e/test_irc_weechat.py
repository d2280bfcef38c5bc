"""WeeChat, driven as a person does, with irssi and frame clients in the same channel."""

import re

from deadline import eventually
from irc_cases import Cases, terminals  # noqa: F401 (a fixture)
from irc_programs import Irssi, WeeChat
from terminal import needs

pytestmark = needs("tmux", "weechat")


@needs("irssi")
class TestWeeChat(Cases):
    mine, others = WeeChat, Irssi

    def test_the_nick_list(self, scene):
        me = scene.me.join("#orto")

        def nicks(*wanted):
            eventually(lambda: me.people() == list(wanted), f"the nick list is {wanted}", timeout=10)

        nicks("@mario")
        luca = scene.server.irc("luca")
        luca.join("#orto")
        nicks("@mario", " luca")
        me.type("/voice luca")
        nicks("@mario", "+luca")
        me.type("/op luca")
        nicks("@luca", "@mario")
        luca.send("NICK zoe", "MODE #orto -o mario")
        nicks("@zoe", " mario")
        luca.send("PART #orto :ciao")
        nicks(" mario")

    def test_the_capabilities_it_asks_for(self, scene):
        me = scene.me
        me.wait_for(r"User mode|End of|There is no message")
        shown = me.screen.text()

        def listed(what):
            found = re.search(rf"client capability, {what}: (.*(?:\n +\| .*)*)", shown)
            return set(found[1].replace("|", " ").split())

        assert {"server-time", "message-tags", "multi-prefix", "setname"} <= listed("requesting")
        assert listed("enabled") == listed("requesting")
        assert not re.search(r"(?i)error|=!=|unknown command|rejected|refused", shown), shown
