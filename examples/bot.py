#!/usr/bin/env python3
"""An IRC bot to copy: python3 examples/bot.py [NICK [CHANNEL [HOST [PORT]]]]. Say !hello in its channel, or to it alone."""
import socket
import sys
import time

nick, channel, host, port = (sys.argv[1:] + ["bot", "#piazza", "127.0.0.1", "6667"][len(sys.argv) - 1:])[:4]


def send(server, *lines):
    server.sendall("".join(line + "\r\n" for line in lines).encode())


def parse(line):
    """`:anna!user@host PRIVMSG #piazza :!hello bot` is ("anna", "PRIVMSG", ["#piazza", "!hello bot"])."""
    source, _, rest = line[1:].partition(" ") if line.startswith(":") else ("", "", line)
    words, colon, text = rest.partition(" :")
    verb, *parameters = words.split()
    return source.split("!")[0], verb, parameters + ([text] if colon else [])


def lines(server, data=b"", asked=False):
    """What the server says. Is nothing heard for two minutes, we ask; after two more the connection is dead."""
    while True:
        try:
            piece, asked = server.recv(4096), False
            if not piece:
                return
            *whole, data = (data + piece).split(b"\n")
            yield from (line.decode(errors="replace").strip() for line in whole if line.strip())
        except TimeoutError:
            if asked:
                raise
            send(server, "PING :still there?")
            asked = True


def session(server):
    send(server, f"NICK {nick}", f"USER {nick} 0 * :a bot, say !hello")
    for sender, verb, parameters in map(parse, lines(server)):
        if verb == "001":  # welcome: we are in. +B says that this is a bot
            send(server, f"MODE {parameters[0]} +B", f"JOIN {channel}")
        elif verb == "433":  # somebody has this nick
            send(server, f"NICK {parameters[1]}_")
        elif verb == "PING":
            send(server, f"PONG :{parameters[-1]}")
        elif verb == "PRIVMSG" and parameters[1].split()[:1] == ["!hello"]:
            where = parameters[0] if parameters[0].startswith("#") else sender
            send(server, f"NOTICE {where} :Hello, {sender}!")  # nobody answers a NOTICE: bots never talk in circles
        elif verb == "ERROR" or (verb[0] in "45" and verb != "422"):  # refusals; 422: there is no message of the day
            print(verb, *parameters, flush=True)


while True:
    try:
        with socket.create_connection((host, int(port)), timeout=120) as connection:  # TLS: ssl's wrap_socket around it
            session(connection)
    except OSError as problem:
        print(problem, flush=True)
    time.sleep(3)  # then again
