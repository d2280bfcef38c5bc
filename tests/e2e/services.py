"""What people ask of NickServ and ChanServ, and what these say."""

import re

from logging_in import LONG_ENOUGH

TOKEN = re.compile(r"\bbrt_\w+")


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


def register_channel(client, channel):
    """Goes in and registers it."""
    client.join(channel)
    assert says(client, "ChanServ", f"REGISTER {channel}")


def set_history(client, channel, policy):
    """Asks for it; whoever is not its founder is refused."""
    client.ask(f"PRIVMSG ChanServ :SET {channel} HISTORY {policy}")


def make_token(client, how="phone"):
    """(the whole token, its id)"""
    came = says(client, "NickServ", f"TOKEN ADD {how}")
    found = [TOKEN.search(text)[0] for text in came if TOKEN.search(text)]
    assert len(found) == 1, came
    return found[0], found[0].split("_")[1]
