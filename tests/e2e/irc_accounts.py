"""Accounts for the tests of the IRC door: logging in, and asking the services."""

import base64

PASSWORD = "correct horse battery"
LONG_ENOUGH = "correct-horse-battery"  # one word, for the services


def base64_of(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def sasl_plain(client, account, password):
    """One exchange, also in the middle of a session. Returns what it ended with: 903, 904 …"""
    client.send("AUTHENTICATE PLAIN")
    client.expect("AUTHENTICATE", "+")
    client.send("AUTHENTICATE " + base64_of(f"\0{account}\0{password}"))
    return client.expect(("902", "903", "904", "905", "906", "907")).verb


def log_in(server, account, nick=None, password=LONG_ENOUGH, caps=(), **options):
    """A client that is logged in to its account from the start, by SASL. What came meanwhile is in its `welcome`."""
    client = server.irc(**options)
    client.send("CAP LS 302", "CAP REQ :" + " ".join(("sasl", *caps)), f"NICK {nick or account}",
                f"USER {account} 0 * :{account} real")
    client.expect("CAP", None, "ACK")
    assert sasl_plain(client, account, password) == "903", client.received
    client.send("CAP END")
    client.nick = client.expect("001").params[0]
    client.welcome = [*client.skipped]
    client.expect(("376", "422"))
    client.welcome += [*client.skipped, *client.sync()]
    return client


def says(client, service, text):
    """What a service answers, as texts."""
    came = client.ask(f"PRIVMSG {service} :{text}")
    assert came, f"{service} says nothing to {text!r}"
    return texts(came, service)


def texts(came, service):
    """The texts of a service's notices; whatever else came is left out."""
    return [m.text for m in came if m.verb == "NOTICE" and m.nick.lower() == service.lower()]


def register(client, password=LONG_ENOUGH):
    """The account of the client's nick."""
    came = client.ask(f"NS REGISTER {password}")
    assert any(m.verb == "900" for m in came), came
    return client
