#!/usr/bin/env python3
"""Finds entries of disabled.json that have outlived their reason.

    stale.py <results.json> [disabled.json]

<results.json> is what the runner wrote with -json-output in a run with -include-disabled; without
that flag it leaves the disabled tests out. Reports the patterns that match no test, and those that
match tests which pass. Exits with 1 if there are any.
"""

import fnmatch
import json
import pathlib
import sys

DISABLED = pathlib.Path(__file__).with_name("disabled.json")


def matching(pattern, names):
    # The runner's globs negate a class with '^', Python's with '!'.
    return fnmatch.filter(names, pattern.replace("[^", "[!"))


def stale(results, disabled):
    """Yields one line per pattern that can go."""
    for pattern in disabled:
        names = matching(pattern, results)
        if not names:
            yield f"{pattern}: matches no test"
            continue
        passing = [name for name in names if results[name]["actual"] == "PASS"]
        if passing:
            yield f"{pattern}: {len(passing)} of {len(names)} pass, such as {passing[0]}"


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    results = json.loads(pathlib.Path(arguments[0]).read_text())["tests"]
    config = json.loads(pathlib.Path(arguments[1] if len(arguments) == 2 else DISABLED).read_text())
    lines = list(stale(results, config["DisabledTests"]))
    print("\n".join(lines) if lines else "no stale entry")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
