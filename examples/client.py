#!/usr/bin/env python3
"""A whole frame client: python3 examples/client.py NAME [HOST [PORT]]. The protocol: docs/protocol/frame.md."""
import socket
import sys
import threading


def frame(body):
    return f"{len(body):<10}".encode() + body


def exactly(n):
    data = b""
    while len(data) < n:
        piece = server.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def body():
    return exactly(int(exactly(10)))


def show():
    try:
        while True:
            sender, text = body(), body()
            print(sender.decode(errors="replace"), ">", ascii(text.decode(errors="replace"))[1:-1], flush=True)
    except EOFError:
        print("the server closed the connection", flush=True)


name, host, port = (sys.argv[1:] + ["127.0.0.1", "1234"][len(sys.argv) - 2:])[:3]
server = socket.create_connection((host, int(port)))
server.sendall(frame(name.encode()))
reader = threading.Thread(target=show)
reader.start()
for line in sys.stdin:
    server.sendall(frame(line.rstrip("\n").encode()))
server.shutdown(socket.SHUT_WR)
