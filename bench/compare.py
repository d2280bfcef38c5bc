#!/usr/bin/env python3
"""Runs the floor and a server in turn, floor, server, floor, server, …, and prints a Markdown table: medians, the median
of the ratios of each pair, and the target beside. Every run has a fresh server process.

Where the programs run decides what is measured: on one machine, handing a packet to a reader on another CPU costs about
twice as much as handing it to one on the same CPU, and left alone the kernel does now one, now the other. So, by default:
  cpu cases      "split": the server keeps to CPU 0, the load generator to the last CPU; equal for every server
  other cases    "free": nothing is pinned, the server uses all CPUs
"split" does not show what threads of one server cost each other when they run at the same time; "free" does, but its ratios
scatter. `--placement` sets one for all cases ("together": all on CPU 0, the kernel's share is smallest and so the server's
own work weighs most).

The irc cases are in a table of their own: brusiod's IRC door beside inspircd and ngircd, which are skipped with a sentence when
they are not installed (Debian: apt-get install inspircd ngircd; stop the services that this starts), as is a brusiod that has
no IRC door. The ratio of a row is to its base: the floor, which speaks the frame protocol, for the fan-out; the same server
with one set of capabilities for the mixed room; InspIRCd for log-ins and the storm.
"""

import argparse
import fnmatch
import json
import os
import pathlib
import platform
import statistics
import sys
import time

import irc_compare
from runs import remarks, run_once, show, table
from servers import Failed, Server

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOLD_SECONDS = 5


class Case:
    """One row: what is asked of the generator, which figure counts, and the target.

    `limit` bounds the ratio to the floor (bounds="ratio"), the server's own figure ("value", at most; "least", at least),
    or the ratio of the server with the changed load to the same server with the plain one ("change")."""

    def __init__(self, name, title, load, figure, unit, limit, bounds="ratio", placement="free", tls=False, changed=()):
        self.name, self.title, self.load, self.figure, self.unit = name, title, load, figure, unit
        self.limit, self.bounds, self.placement, self.tls, self.changed = limit, bounds, placement, tls, list(changed)

    def target(self):
        if self.bounds == "value":
            return f"≤ {self.limit:,} {self.unit}"
        return f"≥ {self.limit:,}" if self.bounds == "least" else f"≤ {self.limit} ×"


def all_cases(quick):
    seconds = "1" if quick else "3"
    many = "2" if quick else "4"
    latency = ["--receivers", "1000", "--rate", "100", "--seconds", "2" if quick else "10", "--warmup", "1"]
    # Half a MiB each before the measuring starts: more than a bounded kernel buffer, less than a queue that gets one closed.
    full = ["--fill", str(512 * 1024)]
    cases = []
    for receivers, limits in ((1000, (1.15, 1.3)), (100, (1.25, 1.25)), (10000, (1.25, 1.25))):
        for in_flight, limit in zip((1, 64), limits):
            load = ["--receivers", str(receivers), "--in-flight", str(in_flight),
                    "--seconds", many if receivers == 10000 else seconds]
            cases.append(Case(f"cpu-{receivers}x{in_flight}", f"CPU per delivery, {receivers:,} receivers, {in_flight} in flight",
                              load, "server_cpu_us", "µs", limit, placement="split"))
    cases += [
        Case("latency", "p99 latency, 1,000 receivers, 100 messages/s", latency, "p99_us", "µs", 1.3),
        Case("stalled", "p99 latency, the same with 50 stalled readers (left: without)", latency + full, "p99_us", "µs", 1.2,
             bounds="change", changed=["--stalled", "50"]),
        Case("idle-plain", "memory per idle connection, 10,000 plain", ["--idle", "--receivers", "10000"],
             "rss_per_connection", "B", 2048, bounds="value"),
        Case("idle-tls", "memory per idle connection, 2,000 TLS", ["--idle", "--tls", "--receivers", "2000"],
             "rss_per_connection", "B", 22 * 1024, bounds="value", tls=True),
        Case("held", f"connections held for {HOLD_SECONDS} s and then served", ["--idle", "--receivers", "19000"],
             "still_served", "", 19000, bounds="least"),
    ]
    return cases


def run_case(options, case, floor, server):
    """The runs of the left and of the right column, pair by pair."""
    placement = options.placement or case.placement
    if case.bounds == "change":
        left, right = (server, case.load), (server, case.load + case.changed)
    else:
        left, right = (floor, case.load), (server, case.load)
    if case.tls:
        if server.kind != "brusiod":
            raise Failed(f"{server.name} is not started with TLS here")
        left = None  # the floor speaks no TLS
    runs = ([], [])
    for number in range(options.pairs):
        for side, what in zip(runs, (left, right)):
            if what is None:
                continue
            hold = HOLD_SECONDS if case.figure == "still_served" else 0
            figures = run_once(options.load, what[0], what[1], placement, case.tls, hold) | {"case": case.name}
            side.append(figures)
            print(f"{case.name} {number + 1}/{options.pairs} {what[0].name}: {show(case.unit, figures[case.figure])}{remarks(figures)}",
                  file=sys.stderr)
    return runs


def row(case, left, right):
    """The cells of the table and whether the target was reached."""
    a, b = ([run[case.figure] for run in side] for side in (left, right))
    ratios = sorted(y / x for x, y in zip(a, b) if x > 0)
    middle = statistics.median(b)
    ratio = statistics.median(ratios) if ratios else None
    if case.bounds == "value":
        reached = middle <= case.limit
    elif case.bounds == "least":
        reached = min(b) >= case.limit
    else:
        reached = ratio is not None and ratio <= case.limit
    ratio_cell = f"{ratio:.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})" if ratios else "–"
    return [case.title, show(case.unit, statistics.median(a)) if a else "–", show(case.unit, middle), ratio_cell, case.target(),
            "yes" if reached else "**no**"]


def detail_rows(case, sides):
    for side in sides:
        if not side or side[0]["mode"] not in ("broadcast", "irc-fanout"):
            continue
        middle = {key: statistics.median(run[key] for run in side)
                  for key in ("deliveries_per_second", "server_cpu_us", "load_cpu_us", "p50_us", "p99_us", "max_us")}
        name = side[0]["server"] + (" + stalled" if side[0]["stalled"] else "")
        yield [case.name, side[0]["placement"], name, f"{middle['deliveries_per_second']:,.0f}", f"{middle['server_cpu_us']:.3f}",
               f"{middle['load_cpu_us']:.3f}", f"{middle['p50_us']:,.0f}", f"{middle['p99_us']:,.0f}", f"{middle['max_us']:,.0f}",
               f"{max(run['other_cpus'] + run['stolen_cpus'] for run in side):.2f}"]


def server_named(text):
    binaries = ROOT / "build" / "release" / "bin"
    if text in ("brusiod", "floor"):
        text = str(binaries / {"brusiod": "brusiod", "floor": "brusio-floor"}[text])
    if "{port}" in text:
        return Server(text.split()[0].rsplit("/", 1)[-1], "command", text)
    name = pathlib.Path(text).name
    return Server(name, "brusiod" if name.startswith("brusiod") else "floor", str(pathlib.Path(text).resolve()))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="brusiod", help="brusiod, floor, a path, or a command line with {port} (default: brusiod)")
    parser.add_argument("--floor", default="floor", help="path of brusio-floor")
    parser.add_argument("--load", default=str(ROOT / "build" / "release" / "bin" / "brusio-load"), help="path of brusio-load")
    parser.add_argument("--irc-load", default=str(ROOT / "build" / "release" / "bin" / "brusio-irc-load"),
                        help="path of brusio-irc-load")
    parser.add_argument("--irc-server", action="append", choices=("brusiod", *irc_compare.OTHERS),
                        help="in the irc cases only this one and the floor; may be given often (default: all there are)")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this case; may be given often, may have * in it")
    parser.add_argument("--pairs", type=int, default=5, help="how many pairs (default: 5)")
    parser.add_argument("--placement", choices=("split", "free", "together"), help="for all cases, instead of their own")
    parser.add_argument("--quick", action="store_true", help="one pair of short runs: shows that it works, measures little")
    parser.add_argument("--list", action="store_true", help="list the cases")
    parser.add_argument("--json", metavar="FILE", help="write every run's figures there too")
    options = parser.parse_args()
    if options.quick:
        options.pairs = 1
    if options.pairs < 1:
        parser.error("--pairs must be at least 1")
    return options


def main():
    options = read_options()
    cases = [c for c in all_cases(options.quick) + irc_compare.irc_cases(options.quick)
             if not options.only or any(fnmatch.fnmatch(c.name, wanted) for wanted in options.only)]
    if options.list:
        print("\n".join(f"{c.name:17} {c.title}; {c.target()}" for c in cases))
        return 0
    if not cases:
        print("compare.py: no case has that name; --list names them", file=sys.stderr)
        return 2
    floor, server = server_named(options.floor), server_named(options.server)
    irc = irc_compare.IrcComparison(options, floor, server.program)
    rows, irc_rows, details, runs, failures = [], [], [], [], 0
    for case in cases:
        if isinstance(case, irc_compare.IrcCase):
            more_rows, sides, failed = irc.run(case)
            irc_rows += more_rows
            failures += failed
            details += detail_rows(case, sides)
            runs += sum(sides, [])
            continue
        try:
            sides = run_case(options, case, floor, server)
        except (Failed, OSError, ValueError) as error:
            failures += 1
            print(f"{case.name}: {error}", file=sys.stderr)
            rows.append([case.title, "–", "failed", "–", case.target(), "**no**"])
            continue
        rows.append(row(case, *sides))
        details += detail_rows(case, sides)
        runs += sides[0] + sides[1]
    print(f"Linux {platform.release()}, {os.cpu_count()} CPUs, {time.strftime('%Y-%m-%d')}; medians of {options.pairs} pairs of runs; "
          "the ratio is the median of the pairs' ratios (lowest–highest).\n")
    if rows:
        table(["what", floor.name, server.name, "ratio", "target", "reached"], rows)
    if irc_rows:
        table(irc_compare.HEAD, irc_rows)
    if details:
        table(["case", "placement", "server", "deliveries/s", "server CPU µs", "generator CPU µs", "p50 µs", "p99 µs", "max µs",
               "CPUs used by others, at most"], details)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(runs, indent=1) + "\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
