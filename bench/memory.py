#!/usr/bin/env python3
"""What remembering costs: durable messages a second, the latency of one, fan-out with the history on and off, many log-ins at
once, and (store_bench.cpp) pages and searches of a large past. Prints a Markdown table. The data lies in a folder of --where,
which decides what is measured: syncing costs nothing on a tmpfs."""

import argparse
import base64
import concurrent.futures
import pathlib
import platform
import selectors
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from runs import run_once, table
from servers import Failed, Server

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"


class Brusiod(Server):
    """With its IRC door only, its data in a folder of `where`, and `text` as its configuration."""

    def __init__(self, program, where, text=""):
        super().__init__("brusiod", "brusiod", program)
        self.where, self.text = where, text

    def _command(self, folder, tls):
        configuration = folder / "brusiod.toml"
        configuration.write_text(self.text)
        self.data = tempfile.mkdtemp(prefix="brusio-bench-", dir=self.where)
        return [self.program, "--config", str(configuration), "--data", self.data, "--listen", "irc=127.0.0.1:0"], None


def one_row_commits(where, seconds):
    """Microseconds of each: what a server pays that commits every message by itself."""
    with tempfile.TemporaryDirectory(dir=where) as folder:
        db = sqlite3.connect(f"{folder}/one.db", isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            begin = time.perf_counter_ns()
            db.execute("INSERT INTO messages(body) VALUES (?)", ("x" * 100,))
            times.append((time.perf_counter_ns() - begin) / 1000)
        db.close()
    return times


def durable(options, clients, seconds):
    load = ["durable", "--clients", str(clients), "--seconds", str(seconds), "--warmup", "1"]
    return run_once(options.load, Brusiod(options.server, options.where), load, "free")


def durable_rows(options):
    rows = []
    for seconds, least in ((10, 20_000), (60, 8_000)):
        if options.quick and seconds > 10:
            continue
        alone = one_row_commits(options.where, 3)
        figures = durable(options, 200, seconds)
        again = one_row_commits(options.where, 3)
        one_each = (len(alone) + len(again)) / 6
        rate = figures["per_second"]
        rows.append([f"durable messages, 200 senders, {seconds} s", f"{rate:,.0f}/s, p99 {figures['p99_us'] / 1000:.1f} ms",
                     f"{one_each:,.0f}/s one commit each", f"{rate / one_each:.1f} ×", f"≥ {least:,}/s, ≥ 4 ×"])
    commits, echoes = [], []
    for _ in range(3):
        commits.append(statistics.median(one_row_commits(options.where, 2)))
        echoes.append(durable(options, 1, 3)["p50_us"])
    more = statistics.median(e - c for e, c in zip(echoes, commits))
    rows.append(["one sender's durable echo, p50", f"{statistics.median(echoes) / 1000:.2f} ms",
                 f"{statistics.median(commits) / 1000:.2f} ms one-row commit", f"+ {more / 1000:.2f} ms", "≤ + 0.5 ms"])
    return rows


def fan_out_rows(options):
    load = ["fanout", "--receivers", "1000", "--seconds", "3"]
    on, off, ratios = [], [], []
    for _ in range(options.pairs):
        off.append(run_once(options.load, Brusiod(options.server, options.where, "[history]\nenabled = false\n"), load, "split"))
        on.append(run_once(options.load, Brusiod(options.server, options.where), load, "split"))
        ratios.append(on[-1]["server_cpu_us"] / off[-1]["server_cpu_us"])
    median = [statistics.median(x["server_cpu_us"] for x in some) for some in (on, off)]
    return [["fan-out to 1,000 with the history, CPU each", f"{median[0]:.3f} µs", f"{median[1]:.3f} µs without",
             f"{statistics.median(ratios):.2f} × ({min(ratios):.2f}–{max(ratios):.2f})", "≤ 1.15 ×"]]


# ── log-ins ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def wait_for(stream, *wanted):
    for line in stream:
        words = line.decode(errors="replace").split()
        verb = words[1] if words[0].startswith(":") else words[0]
        if verb in wanted:
            return verb, line
        if verb == "ERROR":
            break
    raise Failed(f"no {'/'.join(wanted)} came")


def enter(port, nick):
    sock = socket.create_connection(("127.0.0.1", port), 60)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(f"NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n".encode())
    stream = sock.makefile("rb")
    wait_for(stream, "376", "422")
    return sock, stream


def pings(port, stop_now, times):
    sock, stream = enter(port, "pinger")
    while not stop_now.is_set():
        begin = time.perf_counter_ns()
        sock.sendall(b"PING x\r\n")
        wait_for(stream, "PONG")
        times.append((time.perf_counter_ns() - begin) / 1e6)
        stop_now.wait(0.005)
    sock.close()


def log_in_many(port, count):
    """All ask before any is answered. Returns the seconds until the last has its 903, and how many were told to try again."""
    proof = base64.b64encode(f"\0anna\0{PASSWORD}".encode())
    selector, again = selectors.DefaultSelector(), 0
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        socks = list(pool.map(lambda _: socket.create_connection(("127.0.0.1", port), 60), range(count)))
    begin, left = time.monotonic(), set()
    for sock in socks:
        sock.sendall(b"CAP LS 302\r\nCAP REQ sasl\r\nAUTHENTICATE PLAIN\r\nAUTHENTICATE " + proof + b"\r\n")
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ, bytearray())
        left.add(sock)
    while left:
        if time.monotonic() - begin > 120:
            raise Failed(f"{len(left)} log-ins were not done in 120 s")
        for key, _ in selector.select(1):
            data = key.fileobj.recv(1 << 16)
            if not data:
                raise Failed("a log-in was closed")
            key.data.extend(data)
            if b" 903 " in key.data:
                left.discard(key.fileobj)
                selector.unregister(key.fileobj)
            elif b" 904 " in key.data:
                key.data.clear()
                again += 1
                key.fileobj.sendall(b"AUTHENTICATE PLAIN\r\nAUTHENTICATE " + proof + b"\r\n")
    took = time.monotonic() - begin
    for sock in socks:
        sock.close()
    return took, again


def log_in_rows(options):
    count = 200 if options.quick else 1000
    text = "[limits]\nlogin_timeout = \"10s\"\n"
    server = Brusiod(options.server, options.where, text)
    with server.running() as running:
        subprocess.run([options.server, "account", "add", "anna", "--data", server.data], input=PASSWORD, text=True, check=True,
                       stdout=subprocess.DEVNULL)
        stop_now, quiet, busy = threading.Event(), [], []
        for times, work in ((quiet, lambda: (time.sleep(3), 0)), (busy, lambda: log_in_many(running.port, count))):
            stop_now.clear()
            pinger = threading.Thread(target=pings, args=(running.port, stop_now, times))
            pinger.start()
            try:
                took, again = work()
            finally:
                stop_now.set()
                pinger.join()
    def p99(times):
        return statistics.quantiles(times, n=100)[98]
    return [[f"{count:,} SASL log-ins at once", f"{took:.1f} s" + (f", {again} told to try again" if again else ""), "", "", "≤ 30 s"],
            ["others' PING meanwhile, p99", f"{p99(busy):.2f} ms", f"{p99(quiet):.2f} ms when quiet", "", "≤ 10 ms"]]


def store_lines(options):
    with tempfile.TemporaryDirectory(dir=options.where) as folder:
        count = "100000" if options.quick else "1000000"
        run = subprocess.run([options.store_bench, folder, count], capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    bin_dir = ROOT / "build/release/bin"
    parser.add_argument("--server", default=str(bin_dir / "brusiod"))
    parser.add_argument("--load", default=str(bin_dir / "brusio-irc-load"))
    parser.add_argument("--store-bench", default=str(bin_dir / "brusio-store-bench"))
    parser.add_argument("--where", default=tempfile.gettempdir(), help="a folder on the disk that is to be measured")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=["durable", "fan-out", "log-ins", "store"], action="append")
    options = parser.parse_args()
    parts = {"durable": durable_rows, "fan-out": fan_out_rows, "log-ins": log_in_rows}
    rows, failures = [], 0
    for name, part in parts.items():
        if options.only and name not in options.only:
            continue
        try:
            rows += part(options)
        except (Failed, OSError, ValueError) as error:
            failures += 1
            print(f"{name}: {error}", file=sys.stderr)
    print(f"Linux {platform.release()}, {time.strftime('%Y-%m-%d')}\n")
    if rows:
        table(["what", "brusiod", "beside it", "ratio", "target"], rows)
    if not options.only or "store" in options.only:
        print("The store alone:\n\n" + store_lines(options))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
