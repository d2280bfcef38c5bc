"""The cases of compare.py that load servers of IRC: brusiod's IRC door beside InspIRCd and ngIRCd where these are installed.

Each repetition runs all sides of a case one after the other, the base first; a row's ratio is the median over the
repetitions of the row's figure by the base's of the same repetition. The base of the fan-out is the floor, which speaks the
frame protocol: same number of receivers, same 100 bytes of text, so the ratio is the whole price of IRC. What the floor cannot
do is compared with InspIRCd. A mixed room is compared with the same server when all receivers ask for the same.
"""

import statistics
import sys

import irc_servers
from runs import remarks, run_once, show
from servers import Failed

OTHERS = ("inspircd", "ngircd")


class Side:
    """One server under one load. `label` names it in the table."""

    def __init__(self, server, load, label=None):
        self.server, self.load, self.label = server, load, label or (server.name if server else "")


class Most:
    """A target for the figure itself, in its unit."""

    def __init__(self, limit):
        self.limit = limit


class IrcCase:
    """`figures` are rows: key in the generator's JSON, unit, title, and brusiod's target: a number is the most that its
    ratio to the base may be, `Most(n)` the most of the figure itself, None is no target. `base`: "floor", "inspircd", or "self" (the same server under `base_load`)."""

    def __init__(self, name, title, load, figures, base, placement="free", base_load=None, kinds=("brusiod", *OTHERS)):
        self.name, self.title, self.load, self.figures, self.base = name, title, load, figures, base
        self.placement, self.base_load, self.kinds = placement, base_load, kinds

    def target(self):
        limits = [f"≤ {show(unit, limit.limit)}" if isinstance(limit, Most)
                  else f"≤ {limit} × {'one set' if self.base == 'self' else self.base}"
                  for _, unit, _, limit in self.figures if limit]
        return ", ".join(limits) or "no target"


def irc_cases(quick):
    seconds = ["--seconds", "1" if quick else "3"]
    cases = []
    for in_flight, limit in ((1, 1.2), (64, 1.8)):
        window = ["--receivers", "1000", "--in-flight", str(in_flight)] + seconds
        title = f"CPU per delivery, 1,000 receivers, {in_flight} in flight"
        cases.append(IrcCase(f"irc-1000x{in_flight}", title, ["fanout"] + window, [("server_cpu_us", "µs", title, limit)],
                             "floor", "split", base_load=window))
    for in_flight, limit in ((1, 1.3), (64, 1.3)):
        window = ["fanout", "--receivers", "1000", "--in-flight", str(in_flight)] + seconds
        title = f"CPU per delivery, ten sets of capabilities (base: one), {in_flight} in flight"
        cases.append(IrcCase(f"irc-mixed-1000x{in_flight}", title, window + ["--capability-sets", "10"],
                             [("server_cpu_us", "µs", title, limit)], "self", "split",
                             base_load=window + ["--capability-sets", "1"], kinds=("brusiod", "inspircd")))
    clients, channels = (2000, 200) if quick else (10000, 1000)
    title = f"log-in and JOIN, {clients:,} clients over {channels:,} channels"
    cases.append(IrcCase("irc-login", title, ["login", "--clients", str(clients), "--channels", str(channels)],
                         [("server_cpu_us", "µs", f"CPU per {title}", Most(173)),
                          ("rss_per_user", "B", "memory per user, idle in one channel", Most(3072))], "inspircd", "split"))
    title = "2,000 clients join one channel at once"
    cases.append(IrcCase("irc-storm", title, ["storm", "--clients", "2000", "--rounds", "1" if quick else "3"],
                         [("p50_us", "µs", f"{title}: p50 of a pair elsewhere", None),
                          ("p99_us", "µs", f"{title}: p99 of a pair elsewhere", None),
                          ("quiet_p99_us", "µs", "the pair's p99 before it", None),
                          ("server_p99_us", "µs", f"{title}: p99 in the server, from read to written", Most(20000)),
                          ("storm_cpu_ms", "ms", f"{title}: CPU of it all", None)], "inspircd"))
    return cases


class IrcComparison:
    """Runs such cases; knows which servers there are, and says once which are not."""

    def __init__(self, options, floor, brusiod):
        self.options, self.floor, self.brusiod = options, floor, brusiod
        self.found = {}

    def server(self, kind):
        if kind not in self.found:
            self.found[kind], why = irc_servers.found(kind, self.brusiod)
            if why:
                print(why, file=sys.stderr)
        return self.found[kind]

    def sides(self, case):
        """Pairs of the base's number (None: there is no base) and a side; a base stands before what is compared with it."""
        kinds = [kind for kind in case.kinds if not self.options.irc_server or kind in self.options.irc_server]
        there = {kind: self.server(kind) for kind in kinds}
        there = {kind: server for kind, server in there.items() if server}
        if not there:
            return []
        if case.base == "self":
            result = []
            for server in (server.with_capabilities() for server in there.values()):
                result += [(None, Side(server, case.base_load, f"{server.name}, one set")),
                           (len(result), Side(server, case.load, f"{server.name}, ten sets"))]
            return result
        if case.base == "floor":
            return [(None, Side(self.floor, case.base_load))] + [(0, Side(server, case.load)) for server in there.values()]
        base = there.pop(case.base, None)
        first = [(None, Side(base, case.load))] if base else []
        return first + [(0 if base else None, Side(server, case.load)) for server in there.values()]

    def run(self, case):
        """The rows of the table, every run's figures, and how many sides failed. A side that fails once is not run again."""
        sides = self.sides(case)
        placement = self.options.placement or case.placement
        runs, failed = [[] for _ in sides], set()
        for number in range(self.options.pairs):
            for index, (_, side) in enumerate(sides):
                if index in failed:
                    continue
                try:
                    figures = self.run_side(side, placement)
                except (Failed, OSError, ValueError) as error:
                    failed.add(index)
                    print(f"{case.name}: {side.label}: {error}", file=sys.stderr)
                    continue
                runs[index].append(figures | {"case": case.name, "server": side.label})
                said = ", ".join(show(unit, figures[key]) for key, unit, *_ in case.figures)
                print(f"{case.name} {number + 1}/{self.options.pairs} {side.label}: {said}{remarks(figures)}", file=sys.stderr)
        rows = [row(case, figure, sides, runs, index, index in failed)
                for figure in case.figures for index in range(len(sides))]
        return rows, runs, len(failed)

    def run_side(self, side, placement):
        if side.server is self.floor:
            return run_once(self.options.load, side.server, side.load, placement)
        more = ["--unfinished", str(side.server.unfinished)]
        return run_once(self.options.irc_load, side.server, more + side.load, placement)


def row(case, figure, sides, runs, index, failed):
    key, unit, title, limit = figure
    base, side = sides[index]
    own = [run for run in runs[index] if run[key] >= 0]  # below 0: this server cannot tell
    ours = side.server.kind == "brusiod"
    if failed:
        return [title, side.label, "failed", "–", "–", "**no**" if ours else "–"]
    if not own:
        return [title, side.label, "–", "–", "–", "–"]
    middle = statistics.median(run[key] for run in own)
    cells = [title, side.label, show(unit, middle)]
    ratios = [] if base is None else sorted(b[key] / a[key] for a, b in zip(runs[base], own) if a[key] > 0)
    cells.append(f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})" if ratios else "–")
    if not ours or limit is None or (not ratios and not isinstance(limit, Most)):
        return cells + ["–", "–"]
    if isinstance(limit, Most):
        return cells + [f"≤ {show(unit, limit.limit)}", "yes" if middle <= limit.limit else "**no**"]
    return cells + [f"≤ {limit} ×", "yes" if statistics.median(ratios) <= limit else "**no**"]


HEAD = ["what (IRC)", "server", "figure", "ratio to the base", "target", "reached"]
