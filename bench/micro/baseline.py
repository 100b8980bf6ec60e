#!/usr/bin/env python3
"""Compares how many instructions of our own code operations take with how many they took.

    baseline.py PROGRAM BASELINE [--renew]

PROGRAM is heliograph_baseline, built with optimisation. It is run under callgrind; what counts are
the instructions of PROGRAM itself, not those of libcrypto, libc and libstdc++. Fails if one of the
counts differs by more than 3 % from what BASELINE says. --renew writes BASELINE anew.

Ends with 77 if the counts cannot be compared: another compiler, or a processor without AVX2.
"""

import json
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

TOLERANCE = 0.03
ITERATIONS = 10
SKIPPED = 77

# A line of costs: a position, absolute or relative to the last one, then the instructions.
COST = re.compile(r"^(?:[+-]?\d+|\*) (\d+)$")
NAME = re.compile(r"^\((\d+)\)(?: (.*))?$")


def own_instructions(text, program):
    """The instructions of the program's own functions in one part of callgrind's output."""
    names = {}
    ours = False
    is_call = False
    total = 0
    for line in text.splitlines():
        if line.startswith("ob="):
            number, name = NAME.match(line[3:]).groups()
            if name:
                names[number] = name
            ours = names[number] == program
        elif line.startswith("cob="):
            number, name = NAME.match(line[4:]).groups()
            if name:
                names[number] = name
        elif line.startswith("calls="):
            is_call = True  # the next line is what the call has cost elsewhere
        elif cost := COST.match(line):
            if ours and not is_call:
                total += int(cost[1])
            is_call = False
    return total


def count(program):
    """The compiler, and the instructions of each operation."""
    with tempfile.TemporaryDirectory() as folder:
        files = pathlib.Path(folder)
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no",
             f"--callgrind-out-file={files}/out", program],
            check=True, capture_output=True, text=True)
        counts = {}
        # One file for each part, numbered at the end of its name.
        for path in sorted(files.glob("out.*"), key=lambda path: int(path.suffix[1:])):
            text = path.read_text()
            if name := re.search(r"^desc: Trigger: Client Request: (\w+)$", text, re.MULTILINE):
                counts[name[1]] = round(own_instructions(text, program) / ITERATIONS)
    return run.stdout.splitlines()[0], counts


def has_avx2():
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    return platform.machine() == "x86_64" and " avx2" in cpuinfo.read_text()


def main():
    program, path = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    if not has_avx2():
        print("baseline: only counts of a processor with AVX2 can be compared")
        return SKIPPED
    compiler, counts = count(program)
    if "--renew" in sys.argv:
        path.write_text(json.dumps({"compiler": compiler, "instructions": counts}, indent=2) + "\n")
        print(f"baseline: {len(counts)} operations written to {path}")
        return 0
    baseline = json.loads(path.read_text())
    if compiler != baseline["compiler"]:
        print(f"baseline: the counts are of {baseline['compiler']}, and this is {compiler}")
        return SKIPPED
    failed = counts.keys() != baseline["instructions"].keys()
    if failed:
        print("baseline: it is not of the same operations")
    for name, now in counts.items():
        before = baseline["instructions"].get(name, now)
        change = now / before - 1
        differs = abs(change) > TOLERANCE
        failed = failed or differs
        print(f"{name:32}{before:>10}{now:>10}{change:>+8.1%}{'  DIFFERS' if differs else ''}")
    if failed:
        print("baseline: if this is meant to be so, renew it: script/baseline --renew")
    return int(failed)


sys.exit(main())
