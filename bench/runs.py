"""One run: a fresh server, one load generator, its figures, and what else was busy on the machine meanwhile."""

import json
import os
import pathlib
import subprocess
import time

from servers import Failed, pin

RUN_SECONDS = 180  # no run may take longer


def cpu_seconds_of_machine():
    """Busy and stolen seconds of all CPUs since the machine started."""
    fields = [int(x) / os.sysconf("SC_CLK_TCK") for x in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields
    return user + nice + system + irq + softirq, steal


def cpu_seconds_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own_children_seconds():
    times = os.times()
    return times.children_user + times.children_system


def run_once(program, server, load, placement, tls=False, hold_seconds=0):
    """The generator's figures. One that prints a first line and waits for the end of its input is let go `hold_seconds` after
    that line."""
    last = os.cpu_count() - 1
    server_cpus, load_cpus = {"free": (None, None), "split": ({0}, {last}), "together": ({0}, {0})}[placement]
    with server.running(server_cpus, tls) as running:
        before, server_before, children_before = cpu_seconds_of_machine(), cpu_seconds_of(running.pid), own_children_seconds()
        begin = time.monotonic()
        command = [program, "--connect", f"127.0.0.1:{running.port}", "--pid", str(running.pid)] + load
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   preexec_fn=pin(load_cpus))
        try:
            lines = [process.stdout.readline()] if hold_seconds else []
            if lines and lines[0]:
                time.sleep(hold_seconds)
            rest, errors = process.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Failed(f"the run took more than {RUN_SECONDS} s") from None
        if process.returncode != 0:
            raise Failed(errors.strip() or f"{pathlib.Path(program).name} ended with {process.returncode}")
        after, wall = cpu_seconds_of_machine(), time.monotonic() - begin
        ours = cpu_seconds_of(running.pid) - server_before + own_children_seconds() - children_before
        figures = {}
        for line in lines + rest.splitlines():
            figures |= json.loads(line)
        figures["other_cpus"] = max(after[0] - before[0] - ours, 0) / wall
        figures["stolen_cpus"] = (after[1] - before[1]) / wall
        return figures | {"server": server.name, "placement": placement, "load": load}


def remarks(figures):
    """What makes a run doubtful."""
    text = ""
    if figures["other_cpus"] + figures["stolen_cpus"] >= 0.1:
        text += f"   (others used {figures['other_cpus'] + figures['stolen_cpus']:.1f} CPUs)"
    closed = figures.get("receivers", 0) + figures.get("stalled", 0) - figures.get("server_files", 0)
    if figures.get("stalled") and closed > 0:
        text += f"   (at least {closed} stalled readers were closed)"
    if figures.get("missing"):
        text += f"   (not offered: {figures['missing']})"
    return text


def show(unit, value):
    if unit == "µs":
        return f"{value:.3f} µs" if value < 100 else f"{value:,.0f} µs"
    return f"{value:,.0f} {unit}".strip()


def table(head, rows):
    for cells in [head, ["---"] * len(head)] + rows:
        print("| " + " | ".join(cells) + " |")
    print()
