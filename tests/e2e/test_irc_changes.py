"""A configuration that changes while people are here: clients that ask for it are told what is different now."""

import pytest

from irc import only, verbs
from server import IRC_ONLY
from test_irc_tls import capabilities, config as tls_config, trusting


@pytest.fixture
def certificate(make_certificate):
    return make_certificate("a")


def news(client):
    return dict(word.partition("=")[::2] for m in only(client.sync(), "CAP") for word in m.text.split())


def test_a_new_value_of_a_capability_is_told_to_who_wants_to_know(brusiod):
    server = brusiod(listen=IRC_ONLY)
    knowing, plain = server.irc("anna", caps=["draft/multiline", "batch"]), server.irc("mario")
    server.reload("[limits]\nmessage_bytes = 200\n")
    told = only(knowing.sync(), "CAP")
    assert [m.params[1:] for m in told] == [["NEW", "draft/multiline=max-bytes=200,max-lines=100"]]
    assert capabilities(knowing)["draft/multiline"] == "max-bytes=200,max-lines=100"
    plain.expect_nothing()
    server.reload("[limits]\nmessage_bytes = 200\n")
    knowing.expect_nothing()


def test_tokens_of_005_are_told_again_and_taken_back(brusiod):
    server = brusiod(listen=IRC_ONLY)
    anna = server.irc("anna")
    assert "CLIENTTAGDENY" not in anna.isupport()
    server.reload('[irc]\nblocked_tags = ["*", "-typing"]\nicon = "https://example.org/i.png"\n')
    assert anna.sync()[0].params[1:-1] == ["CLIENTTAGDENY=*,-typing", "draft/ICON=https://example.org/i.png"]
    server.reload("")
    assert sorted(anna.sync()[0].params[1:-1]) == ["-CLIENTTAGDENY", "-draft/ICON"]


def test_exceptions_from_blocked_tags_pass(brusiod):
    server = brusiod('[irc]\nblocked_tags = ["*", "-typing"]\n', listen=IRC_ONLY)
    anna, mario = server.irc("anna", caps=["message-tags"]), server.irc("mario", caps=["message-tags"])
    anna.send("@+typing=active;+other=1;+draft/reply=2 PRIVMSG mario :x")
    tags = mario.expect("PRIVMSG").tags
    assert tags["+typing"] == "active"
    assert not {"+other", "+draft/reply"} & set(tags)


def test_sts_is_told_when_it_comes_and_withdrawn_when_it_goes(brusiod, certificate):
    server = brusiod(tls_config(certificate), listen=())
    secure = server.irc("anna", tls=trusting(certificate), caps=["cap-notify"])
    plain = server.irc("mario", caps=["cap-notify"])
    sts = '[irc]\nsts = "10d"\nsts_port = 6697\n'
    server.reload(tls_config(certificate, sts))
    assert news(secure) == {"sts": "duration=864000"}
    assert news(plain) == {"sts": "port=6697"}
    server.reload(tls_config(certificate, sts.replace("10d", "0s")))
    assert news(secure) == {"sts": "duration=0"}
    assert "sts" not in capabilities(plain)
    server.reload(tls_config(certificate))
    assert news(secure) == {"sts": "duration=0"}  # never as CAP DEL
    assert "sts" not in capabilities(secure)


def test_a_policy_is_only_told_to_who_named_a_host_of_the_certificate(brusiod, certificate):
    server = brusiod(tls_config(certificate, '[irc]\nsts = "10d"\nsts_port = 6697\n'), listen=())
    context = trusting(certificate)
    assert capabilities(server.irc(tls=context))["sts"] == "duration=864000"
    context.check_hostname = False
    for host in (None, "other.example"):
        assert "sts" not in capabilities(server.irc(tls=context, host=host)), host


def test_a_rehash_counts_from_its_place_in_the_order(brusiod, hash_password):
    server = brusiod(f"[operator.root]\npassword = '{hash_password('secret')}'\n", listen=IRC_ONLY)
    anna = server.irc("anna")
    came = anna.ask("OPER root secret", "REHASH", "MODE anna -o", "REHASH")
    assert verbs(came) == ["381", "MODE", "382", "NOTICE", "MODE", "481"]
