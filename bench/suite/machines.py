"""The machines in memory: what heliograph_bench measures, each operation beside its reference."""

import collections
import json
import subprocess

from measure import summary

OURS = "heliograph"
# In each round.
REPETITIONS = 3
# An operation is ROOM/OPERATION or ROOM/OPERATION/SIZE.
WORK = {
    "tls/full_x25519": "TLS 1.3 full handshake, P-256 certificate, X25519",
    "tls/full_p256": "TLS 1.3 full handshake, P-256 certificate, P-256",
    "tls/resumed_x25519": "TLS 1.3 resumed handshake, X25519",
    "tls/send": "TLS record sealed, {} B",
    "tls/receive": "TLS record opened, {} B",
    "ws/receive_text": "WebSocket text frame read, unmasked and checked, {} B",
    "ws/unmask": "unmask, {} B",
    "ws/utf8_ascii": "UTF-8 check of ASCII, {} B",
    "ws/utf8_mixed": "UTF-8 check of mixed text, {} B",
    "ws/opening": "WebSocket opening handshake",
    "ws/deflate": "message compressed, {} B",
    "resp/get": "RESP replies to GET",
    "resp/get_in_segments": "RESP replies to GET, in TCP segments",
    "resp/get_in_crumbs": "RESP replies to GET, in 16-byte pieces",
    "resp/array": "RESP array of 1,000 elements",
    "resp/array_in_segments": "RESP array of 1,000 elements, in TCP segments",
    "signal/tutorial_candidate": "candidate message relayed, tutorial dialect",
    "signal/tutorial_offer": "offer message relayed, tutorial dialect",
    "signal/v1_candidate": "candidate message relayed, heliograph.v1",
    "signal/v1_offer": "offer message relayed, heliograph.v1",
}
SIDES = {
    "primitives": "its primitives alone",
    "bare": "the bare AEAD",
    "libssl": "libssl",
    "memcpy": "memcpy",
    "simdjson": "simdjson",
    "zlib": "zlib",
    "hiredis": "hiredis",
}
# At most so many times as long as the reference.
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


def parts_of(run_name):
    """ROOM/OPERATION, the side, and the size or an empty string."""
    words = [word for word in run_name.split("/")
             if word != "manual_time" and not word.startswith("min_time:")]
    return "/".join(words[:2]), words[2] if len(words) > 2 else "", "".join(words[3:])


def times_of(output):
    """Nanoseconds by operation, size and side."""
    times = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in json.loads(output)["benchmarks"]:
        operation, side, size = parts_of(line["run_name"])
        if line["run_type"] == "iteration" and operation in WORK:
            by_hand = line["run_name"].endswith("/manual_time")
            times[operation, size][side].append(line["real_time" if by_hand else "cpu_time"])
    return times


def measured(program, core, repetitions):
    """The two sides of a comparison run several times by turns, in random order."""
    wanted = "|".join(sorted({operation.split("/")[0] for operation in WORK}))
    done = subprocess.run(
        ["taskset", "-c", core, program, f"--benchmark_filter=^({wanted})/",
         "--benchmark_format=json", f"--benchmark_repetitions={repetitions}",
         "--benchmark_min_time=0.05", "--benchmark_enable_random_interleaving=true"],
        check=True, capture_output=True, text=True)
    times = times_of(done.stdout)
    in_order = sorted(times, key=lambda named: (list(WORK).index(named[0]), int(named[1] or 0)))
    return [comparison for operation, size in in_order
            for comparison in comparisons(operation, size, times[operation, size])]


def comparisons(operation, size, sides):
    """Ours beside each reference, and beside the longest time that is allowed."""
    full = f"{operation}/{size}" if size else operation
    ours = summary(sides.pop(OURS))
    work = WORK[operation].format(f"{int(size):,}" if size else "")
    if full in LONGEST:
        ratio = ours["median"] / LONGEST[full]
        yield {"work": work, "ours": ours, "beside": None, "theirs": None, "ratio": None,
               "goal": f"≤ {LONGEST[full]:,} ns", "reached": ratio <= 1}
    for side, values in sorted(sides.items()):
        theirs = summary(values)
        ratio = ours["median"] / theirs["median"]
        target = TARGETS.get((full, side), TARGETS.get((operation, side)))
        yield {"work": work, "ours": ours, "beside": SIDES[side], "theirs": theirs, "ratio": ratio,
               "goal": None if target is None else f"≤ {target:.3g} × {SIDES[side]}",
               "reached": None if target is None else ratio <= target}
