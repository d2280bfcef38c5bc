"""Commands sent together are answered in the order in which they were sent, whatever they need for it."""

import pytest

from irc import verbs
from server import BOTH_DOORS


@pytest.fixture(params=[(1, "shared"), (2, "own"), (3, "shared")], ids=lambda p: f"{p[0]}-{p[1]}")
def server(request, brusiod):
    workers, chat_thread = request.param
    return brusiod(f'[server]\nworkers = {workers}\nchat_thread = "{chat_thread}"\n', listen=BOTH_DOORS)


def test_every_kind_of_answer_keeps_its_place(server):
    anna = server.irc("anna")
    came = anna.ask("JOIN #a", "TOPIC #a", "NONSENSE", "MODE #a", "PRIVMSG nobody :x", "TIME", "JOIN", "ISON anna",
                    "TOPIC #a :new", "TOPIC #a", "WHOIS nobody", "HELP nonsense", "NICK annetta", "PING x", "PART #a",
                    "LUSERS", "KICK #a x", "LIST", "CAP LIST", "SETNAME :", "MONITOR ?", "AWAY :x", "VERSION x.y",
                    "OPER a b", "NICK ###", "USER a b c d", "WHO #a", "MODE annetta +i", "NAMES #a")
    assert verbs(came) == [
        "JOIN", "353", "366", "331", "421", "324", "329", "401", "391", "461", "303", "TOPIC", "332", "333", "401",
        "318", "524", "NICK", "PONG", "PART", "251", "252", "254", "255", "265", "266", "403", "321", "323", "CAP",
        "FAIL", "FAIL", "306", "402", "464", "432", "462", "315", "MODE", "366"]
    assert [m.params[0] for m in came if m.verb in ("524", "251")] == ["anna", "annetta"]


def test_hundreds_of_pipelined_commands(server):
    anna = server.irc("anna")
    sent = []
    for at in range(300):
        sent.append([f"PING a{at}", f"ISON n{at} anna", f"PRIVMSG nobody{at} :x", f"JOIN bad{at}"][at % 4])
    came = anna.ask(*sent)
    assert verbs(came) == [["PONG", "303", "401", "403"][at % 4] for at in range(300)]
    assert [m.params[1] for m in came] == [[f"a{at}", "anna", f"nobody{at}", f"bad{at}"][at % 4] for at in range(300)]


def test_long_answers_are_whole_before_the_next(server):
    people = [server.irc(f"n{at:03d}" + "x" * 20) for at in range(60)]
    for client in people:
        client.send("JOIN #a")
    for client in people:
        client.sync()
    people[0].sync()
    came = people[0].ask("NAMES #a", "WHO #a", "PING middle", "LIST", "NAMES #a")
    seen = verbs(came)
    order = [verb for at, verb in enumerate(seen) if at == 0 or seen[at - 1] != verb]
    assert order == ["353", "366", "352", "315", "PONG", "321", "322", "323", "353", "366"]
    assert seen.count("352") == 60


def test_what_was_said_before_quitting_is_heard_before_the_quit(server):
    anna, mario = server.irc("anna"), server.irc("mario")
    for client in (anna, mario):
        client.join("#a")
    anna.sync()
    anna.send(*[f"PRIVMSG #a :{at}" for at in range(50)], "QUIT :done")
    anna.expect_closed()
    mario.expect("QUIT")
    assert [m.text for m in mario.skipped if m.verb == "PRIVMSG"] == [str(at) for at in range(50)]


def test_all_hear_the_same_order(server):
    people = [server.irc(name) for name in ("anna", "mario", "luca", "paolo")]
    for client in people:
        client.join("#a")
    for client in people:
        client.sync()
    for at in range(30):
        for client in people[:2]:
            client.send(f"PRIVMSG #a :{client.nick} {at}")
    for client in people[:2]:
        client.sync()
    heard = [[m.text for m in client.sync()] for client in people[2:]]
    assert heard[0] == heard[1] and len(heard[0]) == 60


def test_the_log_in_and_what_follows_in_one_piece(server):
    client = server.irc()
    client.send("CAP LS 302", "NICK anna", "USER a 0 * :A", "CAP REQ :server-time", "CAP END", "JOIN #a",
                "PRIVMSG anna :to myself", "PART #a", "QUIT")
    came = verbs(client.expect_closed())
    assert set(came[:came.index("001")]) == {"CAP"}
    assert came[came.index("422") + 1:] == ["JOIN", "353", "366", "PRIVMSG", "PART", "ERROR"]


def test_a_checked_password_does_not_let_later_commands_overtake(brusiod, hash_password):
    server = brusiod(f"[operator.root]\npassword = '{hash_password('secret')}'\n", listen=BOTH_DOORS)
    anna = server.irc("anna")
    anna.send("OPER root secret", "WALLOPS :by now I may", "PING after")
    anna.expect("PONG", None, "after", timeout=10)
    assert verbs(anna.skipped)[:2] == ["381", "MODE"] and "481" not in verbs(anna.skipped)


def test_names_after_a_rename_come_before_the_next_answer(server):
    """Who does not know RENAME gets PART, JOIN and the names, as one answer."""
    anna = server.irc("anna")
    anna.join("#a")
    assert verbs(anna.ask("RENAME #a #b", "PING x")) == ["PART", "JOIN", "353", "366", "PONG"]
