"""Runs loads at servers, interleaved (A B A B), and keeps every figure."""

import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import rows
import servers
from servers import Running

# The users that Redis knows.
USERS = 100_000
# A load that says nothing for so long, beyond its own time, hangs.
PATIENCE = 120
# Seconds that do not count, at most.
WARM_UP = 1
# Below, a peer does not resume what it promised to.
RESUMED = 0.9


class Failed(Exception):
    """A load that could not do its work."""


class Bench:
    def __init__(self, binaries, quick, seconds=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="heliograph-bench-"))
        self.bin = pathlib.Path(binaries).resolve()
        self.quick = quick
        self.seconds = seconds
        self.running = {}
        self.redis = None
        self.site = servers.Site(self.bin, self.folder)
        self.load_core, self.server_core = cores()

    def __enter__(self):
        self._make_certificate()
        return self

    def __exit__(self, *exception):
        for server in self.running.values():
            server.stop()
        if self.redis:
            self.redis.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_certificate(self):
        cert = [str(self.bin / "heliograph"), "cert"]
        for words in (["ca"], ["server", "localhost", "127.0.0.1"]):
            subprocess.run([*cert, *words], cwd=self.folder, check=True, capture_output=True)

    def start_redis(self):
        """For the servers of signaling, but kept off their core."""
        port = servers.free_port()
        self.redis = Running("redis-server", ["redis-server", "--port", port, "--bind", "127.0.0.1",
                                              "--save", "", "--appendonly", "no"],
                             port, self.load_core, self.folder / "redis.log")
        sets = "".join(f"SET user{n} password{n}\n" for n in range(1, USERS + 1))
        subprocess.run(["redis-cli", "-p", str(port), "--pipe"], input=sets, text=True, check=True,
                       capture_output=True)
        self.site = servers.Site(self.bin, self.folder, port)

    def start(self, server, core):
        port = servers.free_port()
        return Running(server.name, server.command(self.site, port), port, core,
                       self.folder / "servers.log")

    def server(self, server, row_cores=None):
        """Started at its first use, and kept: one that nobody speaks to costs nothing."""
        core = None if row_cores == "all" else self.server_core
        if server not in self.running:
            self.running[server] = self.start(server, core)
        return self.running[server]

    def load(self, words, running, seconds=None, warm_up=WARM_UP):
        seconds = seconds or self.seconds or (rows.QUICK_SECONDS if self.quick else rows.SECONDS)
        command = self._load_command(words, running, seconds, min(seconds / 2, warm_up))
        done = subprocess.run(command, text=True, check=False, capture_output=True,
                              timeout=seconds + PATIENCE)
        if done.returncode != 0:
            raise Failed(done.stderr.strip())
        result = json.loads(done.stdout)
        if "--resume" in words and result["resumed_share"] < RESUMED:
            raise Failed(f"resumes only {result['resumed_share']:.0%} of its sessions")
        return result

    @contextlib.contextmanager
    def load_running(self, words, running, seconds):
        """A load that goes on meanwhile, and ends after it."""
        command = self._load_command(words, running, 2 * seconds, 0)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as load:
            try:
                yield
            finally:
                load.wait(2 * seconds + PATIENCE)

    def _load_command(self, words, running, seconds, warm_up):
        command = ["taskset", "-c", self.load_core, self.bin / "heliograph_load", *words,
                   "--port", running.port, "--pid", running.process.pid,
                   "--seconds", seconds, "--warm-up", warm_up]
        return [str(word) for word in command]

    def available(self, server):
        return bool(server.needs(self.site))

    def run_row(self, row, server):
        """One figure."""
        running = self.start(server, self.server_core) if row.fresh else self.server(server, row.cores)
        try:
            result = self.load(row.load, running, self.seconds or row.seconds)
        finally:
            if row.fresh:
                running.stop()
        value = result
        for name in row.value:
            value = value[name]
        return value * row.scale, result

    def run_point(self, series, point):
        return self.load(series.load(point), self.server(servers.OURS))["server_us"]


def cores():
    """One for the load and one for the servers."""
    usable = sorted(os.sched_getaffinity(0))
    return str(usable[0]), str(usable[-1])


def summary(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values),
            "values": values}
