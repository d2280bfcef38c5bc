"""What people ask of NickServ and ChanServ, and what these say."""

from logging_in import LONG_ENOUGH


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
