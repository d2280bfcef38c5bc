"""The commands that frame clients type, since they have nothing else."""

import pytest

from deadline import eventually
from frames import SERVER_NAME


@pytest.fixture
def people(any_server):
    return any_server.join_many(["Mario Rossi", "Anna", "Luca"])


def test_help_is_several_lines_in_one_frame(people):
    mario, anna, _ = people
    mario.send("/help")
    text = mario.recv_answer()
    assert len(text.splitlines()) > 3
    for command in ["/who", "/msg", "/me", "/nick", "/quit"]:
        assert command in text
    mario.expect_silence(anna)


def test_who_lists_the_names_that_are_here(any_server, people):
    mario, anna, luca = people
    anna.send("/who")
    text = anna.recv_answer()
    for name in ["Mario Rossi", "Anna", "Luca"]:
        assert name in text
    mark = any_server.log_mark()
    luca.close()
    any_server.wait_log("Closed connection from: Luca", mark)
    anna.send("/who")
    assert "Luca" not in anna.recv_answer()


def test_msg_reaches_one_person_only(people):
    mario, anna, luca = people
    anna.send("/msg Mario_Rossi a word  in private")
    assert mario.recv_pair() == (b"Anna", b"[private] a word  in private")
    luca.expect_silence(mario)
    anna.recv_pair()  # the marker that Mario sent: the sender heard nothing before it
    mario.send("/msg anna and back")  # nicks are equal whatever their case
    assert anna.recv_pair() == (b"Mario Rossi", b"[private] and back")


def test_msg_to_an_unknown_nick_is_answered(people):
    mario, anna, _ = people
    mario.send("/msg Nessuno ciao")
    assert "Nessuno" in mario.recv_answer()
    anna.expect_silence(mario)


@pytest.mark.parametrize("typed", ["/msg", "/msg Anna", "/nick", "/me"])
def test_a_command_that_lacks_something_is_answered_and_not_relayed(people, typed):
    mario, anna, _ = people
    mario.send(typed)
    assert mario.recv_answer()
    anna.expect_silence(mario)


def test_nothing_can_pose_as_private(people):
    mario, anna, luca = people
    mario.send("[private] give me your password")
    assert anna.recv_pair() == luca.recv_pair() == (b"Mario Rossi", b" [private] give me your password")


def test_me_reaches_the_others_with_a_star(people):
    mario, anna, luca = people
    mario.send("/me waves  twice")
    assert anna.recv_pair() == luca.recv_pair() == (b"Mario Rossi", b"* waves  twice")
    mario.expect_silence(anna)


def test_nick_changes_the_name(any_server, people):
    mario, anna, _ = people
    mario.send("/nick Luigi Verdi", "it is still me")
    assert "Luigi Verdi" in mario.recv_answer()
    assert anna.recv_pair() == (b"Luigi Verdi", b"it is still me")
    anna.send("/msg luigi_verdi hello")
    assert mario.recv_pair() == (b"Anna", b"[private] hello")
    anna.send("/msg mario_rossi hello")
    assert "mario_rossi" in anna.recv_answer()
    new = any_server.join("mario rossi")
    new.expect_silence(anna)


def test_nick_may_change_only_the_case(people):
    mario, anna, _ = people
    mario.send("/nick MARIO ROSSI")
    mario.recv_answer()
    mario.send("loud")
    assert anna.recv_pair() == (b"MARIO ROSSI", b"loud")


@pytest.mark.parametrize("wanted", ["anna", "ANNA", "\u0410nna", "brusio.localhost", "x" * 65, "a\x1bb", "a\u202eb"],
                         ids=ascii)
def test_nick_to_an_impossible_name_is_answered_and_the_connection_stays(people, wanted):
    mario, anna, _ = people
    mario.send(f"/nick {wanted}")
    assert mario.recv_answer()
    mario.send("still here")
    assert anna.recv_pair() == (b"Mario Rossi", b"still here")
    mario.expect_silence(anna)


def test_quit_closes_and_what_was_said_before_is_heard(any_server, people):
    mario, anna, luca = people
    mark = any_server.log_mark()
    mario.send("goodbye", "/quit", "after the end")
    assert anna.recv_pair() == (b"Mario Rossi", b"goodbye")
    assert all(name == SERVER_NAME for name, _ in mario.pairs_until_eof())
    mario.close()
    any_server.wait_log("Closed connection from: Mario Rossi", mark)
    anna.expect_silence(luca)


@pytest.mark.parametrize("text", ["/quitx", "/unknown", "//x", "/", "/ help", "/whoami", "/mex waves", " /who",
                                  "x /who"])
def test_anything_else_that_starts_with_a_slash_is_plain_text(people, text):
    mario, anna, _ = people
    mario.send(text)
    assert anna.recv_pair() == (b"Mario Rossi", text.encode())
    mario.expect_silence(anna)


def test_answers_come_in_the_order_of_the_questions_and_between_messages(people):
    mario, anna, _ = people
    mario.send("/nick First", "one", "/who", "two", "/nick Second", "three", "/who", "/msg Anna four")
    assert anna.recv_pairs(4) == [(b"First", b"one"), (b"First", b"two"), (b"Second", b"three"),
                                  (b"Second", b"[private] four")]
    answers = [mario.recv_answer() for _ in range(4)]
    assert "First" in answers[1] and "Second" not in answers[1]
    assert "Second" in answers[3] and "First" not in answers[3]


def test_a_name_that_has_to_be_asked_about_changes_no_order(people):
    """Before a name is refused as taken, its holder is asked whether it is still there: nothing overtakes that."""
    mario, anna, luca = people
    mario.send("before", "/nick Anna", "/who", "after")
    assert "Anna" in mario.recv_answer()
    assert "Mario Rossi" in mario.recv_answer()
    assert anna.recv_pairs(2) == luca.recv_pairs(2) == [(b"Mario Rossi", b"before"), (b"Mario Rossi", b"after")]
    luca.close()
    mario.send("/nick Luca", "I am Luca now")
    assert "Luca" in mario.recv_answer()
    assert anna.recv_pair() == (b"Luca", b"I am Luca now")


def test_commands_can_be_turned_off(brusiod):
    server = brusiod("[frame]\ncommands = false\n")
    mario, anna = server.join("Mario"), server.join("Anna")
    typed = [b"/help", b"/who", b"/msg Mario x", b"/me waves", b"/nick Other", b"/quit"]
    anna.send(*typed)
    assert mario.recv_pairs(6) == [(b"Anna", text) for text in typed]
    anna.expect_silence(mario)


# /search


def found(person, line, what):
    """What a search answers once it knows `what`: the index is at most a second behind, and says when it is."""
    def answer():
        person.send(line)
        text = person.recv_answer()
        assert what in text or "cannot be found yet" in text, text
        return text if what in text else None

    return eventually(answer, f"{what!r} in the answer to {line}")


def test_search_finds_what_was_said_here(any_server, people):
    mario, anna, luca = people
    anna.send("la tigre dorme")
    anna.send("/me vede la tigre")
    anna.send("un leone")
    anna.send("/who")
    anna.recv_answer()
    text = found(mario_after(mario, 3), "/search tig*", "vede la tigre")
    first, last = text.splitlines()[-2:]
    assert first.endswith("  Anna: la tigre dorme"), text
    assert last.endswith("  Anna vede la tigre"), text
    assert "leone" not in text
    mario.send("/search tigre from:luca")
    assert "othing was found" in mario.recv_answer()
    mario.send('/search "tigre la"')
    assert "othing was found" in mario.recv_answer()
    luca.recv_pairs(3)
    luca.expect_silence(mario)  # an answer is for who asked


def mario_after(person, messages):
    person.recv_pairs(messages)
    return person


def test_search_goes_on_where_it_ended(any_server, people):
    _, anna, luca = people
    for n in range(1, 8):
        anna.send(f"gatto numero {n}")
    anna.send("/who")
    anna.recv_answer()
    luca.recv_pairs(7)
    text = found(luca, "/search gatto limit:3", "numero 7")
    assert [line[-1] for line in text.splitlines() if "numero" in line] == ["5", "6", "7"]
    again = next(line for line in text.splitlines() if "/search" in line).split("more: ")[1]
    luca.send(again)
    text = luca.recv_answer()
    assert [line[-1] for line in text.splitlines() if "numero" in line] == ["2", "3", "4"]
    again = next(line for line in text.splitlines() if "/search" in line).split("more: ")[1]
    assert again.count("before:") == 1
    luca.send(again)
    text = luca.recv_answer()
    assert [line[-1] for line in text.splitlines() if "numero" in line] == ["1"] and "/search" not in text


def test_search_shows_private_words_only_to_the_two(any_server, people):
    mario, anna, luca = people
    anna.send("/msg Mario_Rossi il tesoro sta qui")
    mario.recv_pair()
    assert "Anna (to Mario_Rossi): il tesoro sta qui" in found(mario, "/search tesoro", "tesoro sta")
    assert "(to Mario_Rossi)" in found(anna, "/search tesoro", "tesoro sta")
    luca.send("/search tesoro")
    assert "othing was found" in luca.recv_answer()


@pytest.mark.parametrize("typed, told", [
    ("/search", "/search WORDS"),
    ("/search before:ieri gatto", "before:ieri"),
    ("/search gatto in:#altrove", "#altrove"),
])
def test_a_search_that_cannot_be_is_answered(people, typed, told):
    mario, anna, _ = people
    mario.send(typed)
    assert told in mario.recv_answer()
    anna.expect_silence(mario)


def test_without_a_history_search_is_a_message(brusiod):
    server = brusiod("[history]\nenabled = false\n")
    mario, anna = server.join_many(["mario", "anna"])
    mario.send("/search gatto")
    assert anna.recv_pair() == (b"mario", b"/search gatto")
    mario.send("/help")
    assert "/search" not in mario.recv_answer()
