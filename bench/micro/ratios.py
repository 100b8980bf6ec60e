#!/usr/bin/env python3
"""Runs heliograph_bench and prints, as a table in Markdown, how its operations compare.

    ratios.py PROGRAM [--filter REGEX] [--repetitions N] [--json FILE]

The two sides of a comparison are run several times by turns, in random order; the table has the
medians of their CPU times, the ratio of these, and the spread: half the distance between the first
and the third quartile of ours, in per cent of the median. --json writes all of it.
"""

import argparse
import collections
import json
import statistics
import subprocess
import sys

OURS = "heliograph"
# At most so many times as long as the reference. An operation is ROOM/OPERATION[/SIZE].
TARGETS = {
    ("tls/full_x25519", "primitives"): 1.10,
    ("tls/full_p256", "primitives"): 1.10,
    ("tls/resumed_x25519", "primitives"): 1.15,
    ("tls/send", "bare"): 1.05,
    ("tls/receive", "bare"): 1.05,
    ("ws/unmask/16384", "memcpy"): 1.25,
    ("resp/get", "hiredis"): 0.5,
    ("resp/array", "hiredis"): 0.5,
}
# Nanoseconds.
LONGEST = {"ws/receive_text/64": 30, "ws/opening": 2000, "ws/utf8_ascii/16384": 1638,
           "ws/utf8_mixed/16384": 4096}


def run(arguments):
    """Times in nanoseconds by operation and side."""
    output = subprocess.run(
        [arguments.program, f"--benchmark_filter={arguments.filter}", "--benchmark_format=json",
         f"--benchmark_repetitions={arguments.repetitions}", "--benchmark_min_time=0.05",
         "--benchmark_enable_random_interleaving=true"],
        check=True, capture_output=True, text=True).stdout
    times = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in json.loads(output)["benchmarks"]:
        if line["run_type"] != "iteration":
            continue
        by_hand = line["run_name"].endswith("/manual_time")
        parts = [part for part in line["run_name"].split("/")
                 if part != "manual_time" and not part.startswith("min_time:")]
        if len(parts) < 3:
            continue
        operation = "/".join(parts[:2] + parts[3:])
        times[operation][parts[2]].append(line["real_time" if by_hand else "cpu_time"])
    return times


def target_of(operation, side):
    for name in (operation, "/".join(operation.split("/")[:2])):
        if (name, side) in TARGETS:
            return TARGETS[name, side]
    return None


def spread(values):
    if len(values) < 2:
        return 0.0
    quartiles = statistics.quantiles(values, n=4)
    return (quartiles[2] - quartiles[0]) / 2 / statistics.median(values)


def table(times):
    """Rows of operation, our time, reference, its time, ratio, target, spread."""
    for operation, sides in times.items():
        ours = statistics.median(sides[OURS])
        longest = LONGEST.get(operation)
        if longest is not None:
            yield operation, ours, "", longest, ours / longest, 1.0, spread(sides[OURS])
        for side, values in sorted(sides.items()):
            if side != OURS:
                theirs = statistics.median(values)
                yield (operation, ours, side, theirs, ours / theirs, target_of(operation, side),
                       spread(sides[OURS]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--filter", default=".")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    rows = list(table(run(arguments)))
    print("| operation | ns | beside | ns | ratio | target | spread |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for operation, ours, side, theirs, ratio, target, noise in rows:
        wanted = "" if target is None else f"≤ {target:.2f}{'' if ratio <= target else ' missed'}"
        print(f"| {operation} | {ours:,.0f} | {side or 'the limit'} | {theirs:,.0f} "
              f"| {ratio:.2f} | {wanted} | ±{noise:.1%} |")
    if arguments.json:
        names = ("operation", "nanoseconds", "reference", "reference_nanoseconds", "ratio",
                 "target", "spread")
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump([dict(zip(names, row)) for row in rows], file, indent=2)


sys.exit(main())
