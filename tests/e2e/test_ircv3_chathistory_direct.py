"""CHATHISTORY of direct messages: whose they are, with accounts and without."""

import pytest

from irc import only, sync_all
from reading import ALL, PLAIN, everything, read, ref, targets, tell, texts, when
from remembering import PASSWORD, log_in
from services import register


def test_each_side_reads_the_whole_conversation(world):
    anna, bruno = log_in(world, "anna", caps=ALL), log_in(world, "bruno", caps=ALL)
    said = [tell(anna, "bruno", "hello"), tell(bruno, "anna", "hi"), tell(anna, "bruno", "how?", verb="NOTICE")]
    for client, other in ((anna, "bruno"), (bruno, "anna")):
        page = read(client, f"LATEST {other} * 10")
        assert page.texts == ["hello", "hi", "how?"] and page.targets == [other]
        assert [line.tags["msgid"] for line in page.items] == [line.tags["msgid"] for line in said]
        assert [line.tags["time"] for line in page.items] == [line.tags["time"] for line in said]
        assert [(line.nick, line.params[0]) for line in page.items] == [
            ("anna", "bruno"), ("bruno", "anna"), ("anna", "bruno")]
    assert texts(bruno, f"BEFORE anna {ref(said[2])} 1") == ["hi"]
    assert texts(anna, f"AFTER bruno {when(said[0])} 1") == ["hi"]
    assert texts(anna, f"BETWEEN bruno {ref(said[2])} {ref(said[0])} 5") == ["hi"]
    assert "hi" in texts(bruno, f"AROUND anna {ref(said[1])} 3")


def test_nobody_else_reads_a_conversation(world):
    anna, bruno, carla = (log_in(world, name, caps=ALL) for name in ("anna", "bruno", "carla"))
    echo = tell(anna, "bruno", "between us")
    bruno.sync()
    assert everything(carla, "anna") == everything(carla, "bruno") == []
    for line in (f"AROUND anna {ref(echo)} 5", f"BEFORE bruno {ref(echo)} 5"):
        came = carla.ask("CHATHISTORY " + line)
        assert not only(came, "PRIVMSG"), came


def test_somebody_one_never_spoke_with_is_an_empty_page(talk):
    page = read(talk.mario, "LATEST nobody * 5")
    assert page.texts == [] and page.targets == ["nobody"]


def test_what_one_tells_oneself_is_there_once(world):
    anna = log_in(world, "anna", caps=PLAIN)
    anna.ask("PRIVMSG anna :note")
    assert everything(anna, "anna") == ["note"]


def test_a_conversation_goes_on_under_new_nicks(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    tell(anna, "bruno", "one")
    bruno.ask("NICK bruno_away")
    tell(anna, "bruno_away", "two")
    bruno.sync()
    assert everything(anna, "bruno_away") == ["one", "two"]
    assert everything(bruno, "anna") == ["one", "two"]


def test_without_accounts_both_read_their_own_sessions(talk):
    tell(talk.anna, "mario", "psst")
    tell(talk.mario, "anna", "yes?")
    talk.anna.sync()
    assert everything(talk.anna, "mario") == everything(talk.mario, "anna") == ["psst", "yes?"]


def test_a_side_without_account_loses_its_conversations_with_its_session(world):
    anna, guest = log_in(world, "anna", caps=PLAIN), world.irc("guest", caps=PLAIN)
    tell(guest, "anna", "secret of the first guest")
    anna.sync()
    guest.send("QUIT")
    guest.expect_closed()
    again = world.irc("guest", caps=PLAIN)
    assert everything(again, "anna") == [] and targets(again) == []
    assert everything(anna, "guest") in (["secret of the first guest"], []), "Anna's side is hers"


def test_the_next_holder_of_a_nick_reads_nothing_of_the_last(world):
    anna = log_in(world, "anna", caps=PLAIN)
    first = world.irc("first", caps=PLAIN)
    tell(anna, "first", "for the first")
    first.ask("NICK other")
    second = world.irc("first", caps=PLAIN)
    assert everything(second, "anna") == []
    tell(second, "anna", "from the second")
    anna.sync()
    assert everything(second, "anna") == ["from the second"]
    assert everything(first, "anna") == ["for the first"]


def test_an_account_reads_nothing_of_what_its_later_nick_was_told(world):
    anna = log_in(world, "anna", caps=PLAIN)
    holder = world.irc("fresh", caps=PLAIN)
    tell(anna, "fresh", "to whoever had it")
    holder.send("QUIT")
    holder.expect_closed()
    newcomer = world.irc("fresh", caps=PLAIN)
    register(newcomer)
    assert newcomer.ask("WHOIS fresh") and everything(newcomer, "anna") == []
    assert targets(newcomer) == []
    assert "to whoever had it" not in str(newcomer.ask("SEARCH whoever"))


def test_registering_does_not_bring_an_earlier_holders_words_by_the_other_side(world):
    """Bruno wrote to a guest; who holds the guest's nick later, with an account, gets nothing of that told."""
    bruno = log_in(world, "bruno", caps=PLAIN)
    guest = world.irc("visitor", caps=PLAIN)
    tell(bruno, "visitor", "old words")
    guest.send("QUIT")
    guest.expect_closed()
    new = world.irc("visitor", caps=PLAIN)
    register(new)
    tell(bruno, "visitor", "new words")
    new.sync()
    assert everything(new, "bruno") == ["new words"]


def test_dropping_an_account_does_not_leave_its_words_to_the_next_of_that_name(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    tell(anna, "bruno", "of the old anna")
    bruno.sync()
    anna.ask("PRIVMSG NickServ :DROP anna")
    anna.ask("NICK gone")
    new = world.irc("anna", caps=PLAIN)
    register(new)
    assert everything(new, "bruno") == [] and targets(new) == []


def test_a_message_that_was_not_delivered_is_not_remembered(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    bruno.ask("SILENCE +anna")
    anna.ask("PRIVMSG bruno :unheard", "PRIVMSG nobodyhere :lost")
    assert everything(bruno, "anna") == []
    assert everything(anna, "nobodyhere") == []


def test_what_services_are_told_is_not_remembered(world):
    anna = log_in(world, "anna", caps=PLAIN)
    anna.ask("PRIVMSG NickServ :IDENTIFY anna supersecret", "NS INFO")
    came = anna.ask("CHATHISTORY LATEST NickServ * 10")
    assert not only(came, "PRIVMSG", "NOTICE"), came
    assert targets(anna) == []


def test_whoever_logs_out_reads_the_accounts_conversations_no_more(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    tell(anna, "bruno", "for the account")
    assert everything(bruno, "anna") == ["for the account"]
    bruno.ask("NS LOGOUT")
    assert everything(bruno, "anna") == [] and targets(bruno) == []


def test_whoever_goes_over_to_another_account_reads_that_ones(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    tell(anna, "bruno", "for bruno")
    bruno.sync()
    bruno.ask(f"PRIVMSG NickServ :IDENTIFY carla {PASSWORD}")
    if not only(bruno.received, "900")[-1].params[2] == "carla":
        pytest.skip("another account is refused here")
    assert everything(bruno, "anna") == []
    tell(anna, "bruno", "for carla")
    bruno.sync()
    assert everything(bruno, "anna") == ["for carla"]


def test_all_users_of_an_account_read_its_conversations(world):
    anna, bruno = log_in(world, "anna", caps=PLAIN), log_in(world, "bruno", caps=PLAIN)
    phone = log_in(world, "bruno", "bruno_phone", caps=PLAIN)
    tell(anna, "bruno", "to the desk")
    tell(anna, "bruno_phone", "to the phone")
    sync_all(anna, bruno, phone)
    assert everything(bruno, "anna") == everything(phone, "anna") == ["to the desk", "to the phone"]
