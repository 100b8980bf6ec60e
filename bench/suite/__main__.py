"""Measures heliograph beside its peers; script/bench builds everything and starts this.

What is missing of the peers is left out, with a line that says how to get it.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import time

import anatomy
import machines
import plots
import rows as table
import tables
import verdict
from measure import Bench, Failed, summary

# A load average above which others disturb what is measured.
QUIET = 0.5
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default=",".join(table.GROUPS), metavar="GROUP,…",
                        help="what to measure (default: %(default)s)")
    parser.add_argument("--peers", default="all", metavar="NAME,…",
                        help="beside whom: all, none, or some of them")
    parser.add_argument("--rounds", type=int, default=3, help="(default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="a first idea: short, and few connections")
    parser.add_argument("--seconds", type=float, help="that each load lasts, instead of its own time")
    parser.add_argument("--json", default=ROOT / "build/bench/results.json", type=pathlib.Path,
                        metavar="FILE", help="where the figures go (default: build/bench/results.json)")
    parser.add_argument("--docs", nargs="?", const=ROOT / "docs", type=pathlib.Path, metavar="FOLDER",
                        help="also write benchmarks.md and its pictures (default: docs)")
    parser.add_argument("--bin", default=ROOT / "build/release/bin", type=pathlib.Path,
                        metavar="FOLDER", help="where the programs are (default: build/release/bin)")
    options = parser.parse_args()
    options.rows = options.rows.split(",")
    if not shutil.which("redis-server"):
        say("no redis-server: only the rows without it are measured (script/bootstrap --bench)")
        options.rows = [group for group in options.rows if group in table.WITHOUT_REDIS]
    unknown = set(options.rows) - set(table.GROUPS)
    if unknown:
        parser.error(f"no such rows: {', '.join(sorted(unknown))}; there are {', '.join(table.GROUPS)}")
    return options


def output_of(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return (done.stdout.splitlines() or ["?"])[0]


def machine():
    info = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    load = os.getloadavg()[0]
    if load > QUIET:
        say(f"the machine is busy (load average {load:.2f}): the figures will be worth little")
    return {"processor": (models or [platform.machine()])[0], "cores": os.cpu_count(),
            "kernel": platform.release(), "compiler": output_of("c++", "--version"),
            "load": f"{load:.2f}"}


def chosen(bench, row, options):
    """The servers of a row that can be measured, and why not the others."""
    ours, missing, found = row.servers[0], {}, []
    for server in row.servers:
        wanted = options.peers == "all" or server.name in options.peers.split(",")
        if server is not ours and not wanted and server.name != "one worker":
            continue
        if bench.available(server):
            found.append(server)
        else:
            missing[server.name] = f"not installed: {server.hint}"
    return found, missing


def measure_rows(bench, options):
    wanted = [row for row in table.all_rows(options.quick) if row.group in options.rows]
    results, plans = [], []
    for row in wanted:
        found, missing = chosen(bench, row, options)
        results.append({"group": row.group, "work": row.work, "unit": row.unit,
                        "load": " ".join(map(str, row.load)),
                        "servers": [server.name for server in row.servers],
                        "values": {}, "runs": [], "missing": missing})
        plans.append((row, found))
    for round_number in range(options.rounds):
        for (row, found), result in zip(plans, results):
            if row.once and round_number > 0:
                continue
            say(f"round {round_number + 1} of {options.rounds}: {row.work}")
            for server in found:
                one_run(bench, row, server, result)
    for (row, _), result in zip(plans, results):
        values = result.pop("values")
        result["figures"] = {name: summary(measured) for name, measured in values.items()}
        result["goals"] = verdict.ratios(row, result["figures"])
    versions = {server.name: server.version(bench.site) for _, found in plans for server in found}
    return results, versions


def one_run(bench, row, server, result):
    """A server that fails once is not asked again, but keeps what it has shown before."""
    if server.name in result["missing"]:
        return
    try:
        value, run = bench.run_row(row, server)
    except (Failed, RuntimeError, subprocess.TimeoutExpired) as problem:
        result["missing"][server.name] = str(problem)
        say(f"    {server.name}: {problem}")
        return
    result["values"].setdefault(server.name, []).append(value)
    result["runs"].append({"server": server.name, **run})


def measure_series(bench, options):
    results = []
    for series in table.series(options.quick):
        if series.group not in options.rows:
            continue
        values = {point: [] for point in series.points}
        for round_number in range(options.rounds):
            say(f"round {round_number + 1} of {options.rounds}: {series.title}")
            for point in series.points:
                values[point].append(bench.run_point(series, point))
        points = [{"x": point, **summary(measured)} for point, measured in values.items()]
        results.append({"title": series.title, "x_title": series.x_title, "points": points,
                        "flat": verdict.flatness(series, points)})
    return results


def measure_machines(bench, options):
    program = bench.bin / "heliograph_bench"
    if "machines" not in options.rows:
        return []
    if not program.exists():
        say("heliograph_bench was not built: the machines in memory are left out (script/bootstrap --bench)")
        return []
    say("the machines in memory")
    repetitions = options.rounds * (1 if options.quick else machines.REPETITIONS)
    return machines.measured(program, bench.server_core, repetitions)


def measure_profile(bench, options):
    if "profile" not in options.rows:
        return []
    missing = anatomy.missing()
    if missing:
        say(f"no {' and no '.join(missing)}: where the time goes is left out (script/bootstrap --bench)")
        return []
    say("where the time goes")
    try:
        return anatomy.measured(bench, options.quick)
    except (Failed, RuntimeError, subprocess.SubprocessError) as problem:
        say(f"where the time goes is left out: {problem}")
        return []


def say(words):
    print(f"bench: {words}", file=sys.stderr, flush=True)


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    results = {"date": datetime.date.today().isoformat(), "machine": machine(),
               "commit": output_of("git", "rev-parse", "--short=12", "HEAD"),
               "command": " ".join(["script/bench", *sys.argv[1:]]),
               "rounds": options.rounds, "quick": options.quick}
    with Bench(options.bin, options.quick, options.seconds) as bench:
        if set(options.rows) - table.WITHOUT_REDIS:
            bench.start_redis()
        results["rows"], results["versions"] = measure_rows(bench, options)
        results["series"] = measure_series(bench, options)
        results["machines"] = measure_machines(bench, options)
        results["profile"] = measure_profile(bench, options)
    results["seconds"] = round(time.monotonic() - began)
    write(options.json, json.dumps(results, indent=1) + "\n")
    pictures = list(plots.draw(results))
    for name, _, content in pictures:
        write(options.json.parent / name, content)
    print(tables.terminal(results))
    print(f"{machine_line(results)}; {results['seconds']} s; figures and plots in {options.json.parent}")
    if options.docs:
        for name, _, content in pictures:
            write(options.docs / "images" / name, content)
        write(options.docs / "benchmarks.md",
              tables.document(results, [(name, title) for name, title, _ in pictures]))


def machine_line(results):
    known = results["machine"]
    return (f"{known['processor']}, {known['cores']} cores, Linux {known['kernel']}, commit "
            f"{results['commit']}, load average {known['load']} before")


if __name__ == "__main__":
    main()
