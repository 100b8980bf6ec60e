"""What was measured, as text for a terminal and as docs/benchmarks.md."""

from verdict import word

PREFACE = """# Benchmarks

heliograph beside what people use for the same work. Made by one command, which builds everything, starts every server, measures
them in turn, and writes this page and its pictures:

    script/bootstrap --bench    # the peers
    script/bench --docs

"""

METHOD = """
## How it is measured

- Every figure of a server is the processor time of the server (user and system, all of its threads and processes) for one operation, as the kernel counts it, so that it
  does not depend on how fast the load is. Lower is better. Memory is what is resident, above that of the same server without connections.
- Servers run on one core, the load on another; but those of the rows with two workers may use all. What depends on a turn being measured alone is started afresh.
- Rounds are interleaved: every server once, then every server again. The tables show the median, and the least and the largest in parentheses.
- The load generator, `heliograph_load`, speaks TLS by OpenSSL's libssl, so that it shares no code with what it judges. It offers TLS 1.3 with
  TLS_AES_128_GCM_SHA256 and X25519; all servers have the same P-256 certificate. Each of its messages is a TLS record of its own, and what it says in one turn leaves in one `send`.
- "Depth" is how many messages are on their way for each connection, or pair. Latencies are measured at fixed rates and count from the time at which a message was due, not from when
  the load came to send it.
- Two workers are judged by what a message costs, since on a machine of two cores the load takes one: 1.8 times as many messages from two cores means
  at most 1.11 times the cost of each.
- The machines in memory are measured by `heliograph_bench`: one thread, both ends in buffers, the server's side of a handshake, both sides of a comparison by turns in random order. Its
  "primitives" are the key agreement's two operations and the signature, or with a ticket the key agreement alone.
- simdjson checks UTF-8 in the rows of that name; in those of relayed messages it only reads type and body.
- Where the time goes is what `perf` samples; calls are what `strace -c` counts in one load more than in another of a third of its length.
- A ratio is ours divided by the peer's.
- `ws_echo_server` of examples/ is heliograph in the rows with an echo; it runs the same loop and machines as `heliograph serve`, which is measured in all others.
- Of the idle connections, heliograph keeps the ciphers of the 4,096 that spoke last; those of the others are made anew when they speak.
- "The tutorial's" is a server that does what that of the tutorial does, step for step and with its libraries. Node ws, Bun and Deno share another one, without its logging and its mistakes.
- uWebSockets is not among the peers, as no package of it was found that installs without its repository. Bun's WebSockets are built upon it.
"""


def number(value):
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(figure):
    return f"{number(figure['median'])} ({number(figure['min'])}–{number(figure['max'])})"


def ratio(goal):
    return "–" if goal["ratio"] is None else f"{goal['ratio']:.2f}"


def terminal(results):
    lines = []
    for row in results["rows"]:
        lines.append(f"{row['work']}, {row['unit']}")
        for name, figure in row["figures"].items():
            lines.append(f"    {name:<16} {spread(figure)}")
        for name, reason in row["missing"].items():
            lines.append(f"    {name:<16} – {reason}")
        for goal in row["goals"]:
            lines.append(f"    to be {goal['goal']}: {ratio(goal)}, reached: {word(goal['reached'])}")
    for series in results["series"]:
        lines.append(f"{series['title']}, µs")
        for point in series["points"]:
            lines.append(f"    {point['x']:<16} {spread(point)}")
        goal = series["flat"]
        lines.append(f"    to be {goal['goal']}: off by {goal['ratio']:.0%}, reached: {word(goal['reached'])}")
    if results["machines"]:
        lines.append("The machines, in memory, ns")
        lines += [f"    {one['work']}: {spread(one['ours'])}; {one['beside'] or 'alone'}: "
                  f"{spread(one['theirs']) if one['theirs'] else '–'}, ratio {ratio(one)}, "
                  f"to be {one['goal'] or '–'}: {word(one['reached'])}" for one in results["machines"]]
    for one in results["profile"]:
        lines.append(f"{one['work']}: {shares_line(one)}; calls for each: {calls_line(one) or '–'}")
    return "\n".join(lines)


def markdown_table(heads, lines):
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for line in lines:
        yield "| " + " | ".join(line) + " |"


def row_tables(rows):
    """Rows that are measured at the same servers share a table."""
    tables = {}
    for row in rows:
        tables.setdefault(tuple(row["servers"]), []).append(row)
    for names, members in tables.items():
        heads = ["work", *(f"**{name}**" if i == 0 else name for i, name in enumerate(names))]
        lines = [[f"{row['work']}, {row['unit']}",
                  *(spread(row["figures"][name]) if name in row["figures"] else "–" for name in names)]
                 for row in members]
        yield from markdown_table(heads, lines)
        yield ""


MACHINE_HEADS = ["work in memory", "ns", "beside", "ns", "ratio", "target", "reached"]


def machine_lines(results):
    return [[one["work"], spread(one["ours"]), one["beside"] or "–",
             spread(one["theirs"]) if one["theirs"] else "–", ratio(one), one["goal"] or "–",
             word(one["reached"])]
            for one in results["machines"]]


def shares_line(one):
    return ", ".join(f"{name} {share:.0%}" for name, share in one["shares"].items())


def calls_line(one):
    """Without the calls of which there is not one in a hundred operations."""
    often = sorted(one["calls"].items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {count:.2f}" for name, count in often if count >= 0.01)


def goal_table(results):
    lines = []
    for row in results["rows"]:
        for goal in row["goals"]:
            lines.append([row["work"], goal["goal"], ratio(goal), word(goal["reached"])])
    for series in results["series"]:
        goal = series["flat"]
        lines.append([series["title"], goal["goal"], f"off by {goal['ratio']:.0%}", word(goal["reached"])])
    for one in results["machines"]:
        if one["goal"]:
            value = ratio(one) if one["beside"] else f"{number(one['ours']['median'])} ns"
            lines.append([one["work"], one["goal"], value, word(one["reached"])])
    yield from markdown_table(["work", "target", "ratio or value", "reached"], lines)
    yield ""


def document(results, pictures):
    machine = results["machine"]
    lines = [f"Measured on {results['date']}, in {results['rounds']} round{'s' if results['rounds'] > 1 else ''}: {machine['processor']}, {machine['cores']} cores,",
             f"Linux {machine['kernel']}, {machine['compiler']}, commit {results['commit']}. "
             f"Load average when it began: {machine['load']}.", ""]
    lines += ["## Targets", "", *goal_table(results), "## Servers", "", *row_tables(results["rows"])]
    if results["machines"]:
        lines += ["## The machines, in memory", "", *markdown_table(MACHINE_HEADS, machine_lines(results)), ""]
    if results["profile"]:
        lines += ["## Calls of the kernel, for each message, login or handshake", "",
                  *markdown_table(["work", "calls"],
                                  [[one["work"], calls_line(one)]
                                   for one in results["profile"] if one["calls"]]), ""]
    for picture, title in pictures:
        lines += [f"![{title}](images/{picture})", ""]
    lines += ["Versions: " + "; ".join(sorted(set(results["versions"].values()))) + "."]
    missing = sorted({f"{name}: {reason}" for row in results["rows"]
                      for name, reason in row["missing"].items()})
    if missing:
        lines += ["", "Not measured: " + "; ".join(missing) + "."]
    return PREFACE + "\n".join(lines) + "\n" + METHOD
