"""SIGHUP: a new configuration is used, a wrong one is not."""

import signal


def config(message_bytes):
    return f"[limits]\nexempt = []\ncommands_per_second = 0\nmessage_bytes = {message_bytes}\n"


def test_a_changed_limit_applies_to_those_who_are_here(brusiod):
    server = brusiod(config(1000))
    mario, anna = server.join("Mario"), server.join("Anna")
    mario.send("x" * 1000)
    assert anna.recv_pair()[1] == b"x" * 1000
    server.reload(config(100))
    mario.expect_silence(anna)  # what reaches Mario comes after the new limit
    mario.send("x" * 100)
    assert anna.recv_pair()[1] == b"x" * 100
    mario.send("x" * 101)
    assert mario.expect_explanation()
    server.reload(config(2000))
    luca = server.join("Luca")
    luca.expect_silence(anna)
    luca.send("x" * 2000)
    assert anna.recv_pair()[1] == b"x" * 2000


def test_a_wrong_configuration_is_not_used_and_the_log_says_why(brusiod):
    server = brusiod(config(1000))
    mario, anna = server.join("Mario"), server.join("Anna")
    mark = server.log_mark()
    server.reload("[limits]\nmessage_bytes = 10\nbrust = 5\n")
    server.wait_log("brust.*burst|burst.*brust", mark)
    mario.expect_silence(anna)
    mario.send("x" * 1000)
    assert anna.recv_pair()[1] == b"x" * 1000
    mark = server.log_mark()
    server.reload("[limits\n")
    assert any("brusiod.toml" in line for line in server.log(mark))
    mario.expect_silence(anna)
    mario.send("x" * 1001)
    assert mario.expect_explanation()
    server.reload(config(10))
    anna.expect_silence(server.join("Luca"))
    anna.send("x" * 11)
    assert anna.expect_explanation()


def test_what_came_of_a_reload_can_be_told_by_its_beginning(brusiod):
    server = brusiod(config(1000))
    for wrong in "[limits]\nbrust = 5\n", "[limits\n", '[tls]\ncertificate = "none"\nkey = "none"\n':
        assert ": The old configuration stays: " in server.reload(wrong)
    for right in config(100), '[server]\nname = "other"\n' + config(100):
        assert server.reload(right).endswith(": Configuration reloaded")


def test_a_configuration_that_went_away_is_not_used(brusiod):
    server = brusiod(config(1000))
    mario, anna = server.join("Mario"), server.join("Anna")
    server.config_path.unlink()
    mark = server.log_mark()
    server.signal(signal.SIGHUP)
    server.wait_log("brusiod.toml", mark)
    mario.send("x" * 1000)
    assert anna.recv_pair()[1] == b"x" * 1000


def test_many_reloads_while_people_chat(brusiod):
    server = brusiod(config(1000))
    mario, anna = server.join("Mario"), server.join("Anna")
    for i in range(30):
        mario.send(f"before {i}")
        server.reload(config(1000 + i))
        mario.send(f"after {i}")
        assert anna.recv_pairs(2) == [(b"Mario", b"before %d" % i), (b"Mario", b"after %d" % i)]
