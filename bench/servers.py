"""Starting the servers that compare.py measures: a fresh process for each run, on a free port of the loopback."""

import contextlib
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import time

START_SECONDS = 20
STOP_SECONDS = 10


class Failed(Exception):
    """A server or a run that did not do what it should; one sentence."""


class Running:
    """A server that is ready: its process and its port."""

    def __init__(self, process, port):
        self.process = process
        self.pid = process.pid
        self.port = port


class Server:
    """How one server is started. `kind` is "floor" (PROGRAM 0), "brusiod", or "command" (a command line with {port})."""

    def __init__(self, name, kind, program):
        self.name, self.kind, self.program = name, kind, program

    @contextlib.contextmanager
    def running(self, cpus=None, tls=False):
        with tempfile.TemporaryDirectory(prefix="brusio-bench-") as folder:
            folder = pathlib.Path(folder)
            command, port = self._command(folder, tls)
            with (folder / "log").open("wb") as log:
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                                           preexec_fn=pin(cpus))
            try:
                yield Running(process, self._wait_until_ready(process, folder / "log", port))
            finally:
                stop(process)

    def _command(self, folder, tls):
        if self.kind == "command":
            port = free_port()
            return shlex.split(self.program.replace("{port}", str(port))), port
        if self.kind == "floor":
            return [self.program, "0"], None
        configuration = folder / "brusiod.toml"
        command = [self.program, "--config", str(configuration), "--data", str(folder / "data")]
        if tls:
            certificate, key = self_signed(folder)
            configuration.write_text('[[listen]]\ndoor = "frame"\naddress = "127.0.0.1:0"\ntls = true\n\n'
                                     f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
            return command, None
        configuration.write_text("")
        return command + ["--listen", "frame=127.0.0.1:0"], None

    def _wait_until_ready(self, process, log, port):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            if port is None:
                said = re.search(r"istening (?:for connections )?on (?:\S*:)?(\d+)\b", log.read_text(errors="replace"))
                if said:
                    return int(said[1])
            else:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    return port
            time.sleep(0.02)
        raise Failed(f"{self.name} did not get ready: {log.read_text(errors='replace')[-400:].strip() or 'it said nothing'}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pin(cpus):
    """What a child is to do before it starts, so that it and its threads keep to these CPUs."""
    return (lambda: os.sched_setaffinity(0, cpus)) if cpus else None


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def self_signed(folder):
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                           "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
                          capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Failed(f"openssl made no certificate: {made.stderr.strip()[-200:]}")
    return certificate, key
