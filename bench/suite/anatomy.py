"""Where our server's time goes, by perf, and what it asks of the kernel, by strace."""

import collections
import re
import shutil
import signal
import subprocess
import time

import servers

# Samples of a second of the server's time: odd, so as not to beat with anything.
FREQUENCY = 1999
SECONDS, QUICK_SECONDS = 4, 1

LOADS = [
    ("echo 64 B, depth 1", servers.ECHO[0], ["echo", "--depth", 1]),
    ("echo 64 B, depth 16", servers.ECHO[0], ["echo", "--depth", 16]),
    ("relay 200 B, depth 1", servers.OURS, ["relay", "--size", 200, "--depth", 1]),
    ("relay 200 B, depth 16", servers.OURS, ["relay", "--size", 200, "--depth", 16]),
    ("login with its connection", servers.OURS, ["churn", "--login", "--at-once", 16]),
    ("handshake, resumed", servers.OURS, ["handshake", "--at-once", 16, "--resume"]),
    ("handshake, full", servers.OURS, ["handshake", "--at-once", 16]),
]
# A part is named by the library or the namespace that a sample fell into: the first that fits.
PARTS = [
    ("the kernel", re.compile(r"^\[(kernel|vdso|guest)")),
    ("libcrypto", re.compile(r"^libcrypto")),
    ("libc, libstdc++", re.compile(r"^(libc\.|libstdc\+\+|libm\.|ld-)")),
    ("tls", re.compile(r"heliograph::(tls|crypto)::")),
    ("ws, http", re.compile(r"heliograph::(ws|http)::")),
    ("signal, resp", re.compile(r"heliograph::(signal|resp)::|simdjson")),
    ("server", re.compile(r"")),
]
LINE = re.compile(r"^\s*([\d.]+)%\s*\|\s*([^|]*?)\s*\|\s*\[.\]\s*(.*?)\s*$")


def missing():
    return [tool for tool in ("perf", "strace") if not shutil.which(tool)]


def part_of(library, symbol):
    return next(name for name, pattern in PARTS if pattern.search(f"{library} {symbol}"))


def shares_of(report):
    """The share of each part in what perf report says."""
    shares = dict.fromkeys((name for name, _ in PARTS), 0.0)
    for line in report.splitlines():
        found = LINE.match(line)
        if found:
            shares[part_of(found[2], found[3])] += float(found[1]) / 100
    return shares


def profile(bench, running, load, seconds):
    data = bench.folder / "perf.data"
    with bench.load_running(load, running, seconds):
        time.sleep(seconds / 2)
        subprocess.run(["perf", "record", "--quiet", "--freq", str(FREQUENCY), "--output", data,
                        "--pid", str(running.process.pid), "--", "sleep", str(seconds / 2)],
                       check=True, capture_output=True)
    report = subprocess.run(["perf", "report", "--input", data, "--stdio", "--no-children",
                             "--field-separator", "|", "--fields", "overhead,dso,symbol"],
                            check=True, capture_output=True, text=True)
    shares = shares_of(report.stdout)
    if not any(shares.values()):
        raise RuntimeError("perf saw nothing")
    return shares


def calls_of(summary):
    """How often each call was made, from what strace -c says."""
    calls = collections.Counter()
    for line in summary.splitlines():
        words = line.split()
        if len(words) >= 5 and words[0].replace(".", "").isdigit() and words[-1] != "total":
            calls[words[-1]] = int(words[3])
    return calls


def traced(bench, running, load, seconds):
    """The calls of one load from its beginning to its end, and its operations."""
    command = ["strace", "-c", "-f", "-p", str(running.process.pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        attached = tracer.stderr.readline()
        if "attached" not in attached:
            raise RuntimeError(attached.strip())
        operations = bench.load(load, running, seconds, warm_up=0)["operations"]
        tracer.send_signal(signal.SIGINT)
        return calls_of(tracer.communicate()[1]), operations


def calls(bench, running, load, seconds):
    """System calls for each operation: what a longer load makes more than a shorter one, so that
    the connections do not count. Empty if a load always does the same."""
    few, first = traced(bench, running, load, seconds)
    more, second = traced(bench, running, load, 3 * seconds)
    if second <= first:
        return {}
    return {name: (count - few[name]) / (second - first) for name, count in more.items()
            if count > few[name]}


def measured(bench, quick):
    seconds = QUICK_SECONDS if quick else SECONDS
    return [{"work": work, "shares": profile(bench, bench.server(server), load, seconds),
             "calls": calls(bench, bench.server(server), load, seconds)}
            for work, server, load in LOADS]
