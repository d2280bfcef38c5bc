"""What every IRC program must be able to do here, with the other IRC program and a frame client in the same channel.

`me` is the program that a test file is about, `other` the other one; both are people on #piazza from the beginning.
"""

import pytest

from server import FRAME_LISTENER, IRC_LISTENER, tls_files
from terminal import terminals  # noqa: F401 (a fixture)


class Scene:
    """A server, `me` (plain or with TLS), and whoever a test asks for."""

    def __init__(self, server, terminals, mine, others, certificate, tls):  # noqa: F811
        self.server, self._terminals, self._others = server, terminals, others
        self.me = mine(terminals, server.address_of("irc", tls), "mario", certificate if tls else None)

    def other(self):
        return self._others(self._terminals, self.server.address_of("irc"), "lucia")

    def anna(self, name="anna"):
        return self.server.join(name, self.server.address_of("frame"))


class Cases:
    mine = others = None  # programs, set by the test files

    @pytest.fixture(params=["plain", "tls"])
    def scene(self, request, brusiod, terminals, make_certificate):  # noqa: F811
        certificate = make_certificate("a")
        server = brusiod(FRAME_LISTENER + IRC_LISTENER + IRC_LISTENER + "tls = true\n" + tls_files(certificate), listen=())
        return Scene(server, terminals, self.mine, self.others, certificate[0], request.param == "tls")

    def test_they_all_hear_each_other(self, scene):
        me, other, anna = scene.me.join("#piazza"), scene.other().join("#piazza"), scene.anna("Anna Bianchi")
        me.waits(me.came("lucia", "#piazza"), me.came("Anna_Bianchi", "#piazza"))
        me.type("ciao a tutti, perché no? 🍅")
        me.wait_for(me.said("mario", "ciao a tutti, perché no? 🍅"))
        other.wait_for(other.said("mario", "ciao a tutti, perché no? 🍅"))
        assert anna.recv_pair() == (b"mario", "ciao a tutti, perché no? 🍅".encode())
        anna.send("ciao mario, qui è così")
        me.wait_for(me.said("Anna_Bianchi", "ciao mario, qui è così"))
        other.wait_for(other.said("Anna_Bianchi", "ciao mario, qui è così"))
        other.type("eccomi: anch'io")
        me.wait_for(me.said("lucia", "eccomi: anch'io"))
        assert anna.recv_pair() == (b"lucia", b"eccomi: anch'io")

    def test_actions(self, scene):
        me, other, anna = scene.me.join("#piazza"), scene.other().join("#piazza"), scene.anna()
        me.wait_for(me.came("anna", "#piazza"))
        me.type("/me ride forte")
        me.wait_for(me.did("mario", "ride forte"))
        other.wait_for(other.did("mario", "ride forte"))
        assert anna.recv_pair() == (b"mario", b"* ride forte")
        anna.send("/me danza")
        me.wait_for(me.did("anna", "danza"))
        other.wait_for(other.did("anna", "danza"))

    def test_a_new_nick_is_seen_by_all(self, scene):
        me, other, anna = scene.me.join("#piazza"), scene.other().join("#piazza"), scene.anna()
        other.wait_for(other.came("anna", "#piazza"))
        me.wait_for(me.came("lucia", "#piazza"))
        me.type("/nick Supermario")
        me.wait_for(me.i_am("Supermario"))
        other.wait_for(other.renamed("mario", "Supermario"))
        me.type("sono io")
        other.wait_for(other.said("Supermario", "sono io"))
        assert anna.recv_pair() == (b"Supermario", b"sono io")
        other.type("/nick lucy")
        other.wait_for(other.i_am("lucy"))
        me.wait_for(me.renamed("lucia", "lucy"))
        anna.send("/nick Anna Rossi")
        me.wait_for(me.renamed("anna", "Anna_Rossi"))

    def test_a_nick_that_somebody_has(self, scene):
        me, anna = scene.me.join("#piazza"), scene.anna()
        me.wait_for(me.came("anna", "#piazza"))
        me.type("/nick Anna")
        me.show_server()
        me.wait_for("(?i)anna.*is already in use")
        me.show("#piazza")
        me.type("ancora mario")
        me.wait_for(me.said("mario", "ancora mario"))
        assert anna.recv_pair() == (b"mario", b"ancora mario")

    def test_private_messages(self, scene):
        me, other, anna = scene.me.join("#piazza"), scene.other().join("#piazza"), scene.anna()
        me.wait_for(me.came("anna", "#piazza"))
        me.query("lucia")
        me.type("solo per te")
        me.wait_for(me.said("mario", "solo per te"))
        other.query("mario")
        other.wait_for(other.said("mario", "solo per te"))
        other.type("ricevuto")
        me.wait_for(me.said("lucia", "ricevuto"))
        me.query("anna")
        me.type("e questo per te")
        assert anna.recv_pair() == (b"mario", b"[private] e questo per te")  # and nothing before it: it heard no other
        anna.send("/msg mario grazie")
        me.wait_for(me.said("anna", "grazie"))

    def test_topic(self, scene):
        me, other = scene.me.join("#orto"), scene.other().join("#orto")
        me.wait_for(me.came("lucia", "#orto"))
        me.type("/topic L'orto di casa 🍅")
        me.wait_for(me.topic("mario", "#orto", "L'orto di casa 🍅"))
        other.wait_for(other.topic("mario", "#orto", "L'orto di casa 🍅"))
        other.type("/topic di lucia")
        other.wait_for("(?i)You're not (a )?channel operator")
        other.type("peccato")
        me.wait_for(me.said("lucia", "peccato"))
        assert "di lucia" not in me.screen.text()

    def test_kick(self, scene):
        me, other = scene.me.join("#orto"), scene.other().join("#orto")
        me.wait_for(me.came("lucia", "#orto"))
        me.type("/kick lucia troppo rumore")
        me.wait_for(me.kicked("lucia", "#orto", "mario", "troppo rumore"))
        other.join("#piazza")
        me.type("/join #piazza")
        me.joined("#piazza")
        me.type("ci vediamo qui")  # a kick does not end the connection
        other.wait_for(other.said("mario", "ci vediamo qui"))

    def test_being_kicked(self, scene):
        other = scene.other().join("#orto")
        me = scene.me.join("#orto")
        other.wait_for(other.came("mario", "#orto"))
        other.type("/kick mario basta")
        me.wait_for(me.kicked("mario", "#orto", "lucia", "basta"))
        me.join("#orto")
        other.type("rieccoti")
        me.wait_for(me.said("lucia", "rieccoti"))

    def test_quit(self, scene):
        me, other = scene.me.join("#piazza"), scene.other().join("#piazza")
        me.wait_for(me.came("lucia", "#piazza"))
        other.quit("buona notte")
        me.wait_for(me.left("lucia", "Quit: buona notte"))
        luca = scene.server.irc("luca")
        luca.join("#piazza")
        me.wait_for(me.came("luca", "#piazza"))
        me.quit("vado anch'io")
        luca.expect("QUIT", "Quit: vado anch'io", source="mario")
