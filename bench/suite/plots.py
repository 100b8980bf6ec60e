"""Plots as SVG, by hand: bars beside each other, and lines over a logarithmic axis."""

import math
from xml.sax.saxutils import escape

WIDTH = 760
OURS = "#1f6feb"
THEIRS = "#9aa4b2"
INK = "#1f2328"
SHADES = ["#c9d1d9", "#f2cc8f", "#e6a57e", "#58a6ff", "#7ee787", "#d2a8ff", "#ffdf5d"]
# A share of a bar below which there is no room for its number.
LEAST_NAMED = 0.04
STYLE = "font-family='system-ui, sans-serif' font-size='13'"


def text(x, y, words, anchor="start", extra=""):
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' fill='{INK}' {extra}>{escape(words)}</text>"


def picture(height, title, parts):
    return (f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' {STYLE} role='img'>"
            f"<title>{escape(title)}</title><rect width='{WIDTH}' height='{height}' fill='white'/>"
            + "".join(parts) + "</svg>\n")


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def bars(title, rows):
    """A block of bars for each row, ours first, with its spread as a thin line."""
    bar, gap, left, right = 18, 30, 130, 60
    parts = [text(10, 24, title, extra="font-weight='600' font-size='15'")]
    y = 44
    for row in rows:
        top = max(figure["max"] for figure in row["figures"].values())
        scale = (WIDTH - left - right) / top
        parts.append(text(10, y + 12, f"{row['work']} ({row['unit']})", extra="font-weight='600'"))
        y += 20
        for name, figure in row["figures"].items():
            length = figure["median"] * scale
            color = OURS if name == row["servers"][0] else THEIRS
            parts.append(text(left - 8, y + 13, name, "end"))
            parts.append(f"<rect x='{left}' y='{y + 2}' width='{length:.1f}' height='{bar - 4}' fill='{color}'/>")
            low, high = (left + figure[end] * scale for end in ("min", "max"))
            parts.append(f"<line x1='{low:.1f}' x2='{high:.1f}' y1='{y + bar / 2}' y2='{y + bar / 2}' stroke='{INK}'/>")
            parts.append(text(high + 6, y + 13, number(figure["median"])))
            y += bar
        y += gap - bar
    return picture(y + 10, title, parts)


def line(title, x_title, points):
    """The cost over a number that grows by powers of ten."""
    height, left, right, top, bottom = 300, 60, 30, 50, 50
    first, last = (math.log10(points[i]["x"]) for i in (0, -1))
    most = 1.25 * max(point["max"] for point in points)

    def at_x(value):
        return left + (math.log10(value) - first) / max(last - first, 1e-9) * (WIDTH - left - right)

    def at_y(value):
        return height - bottom - value / most * (height - top - bottom)

    parts = [text(10, 24, f"{title} (µs)", extra="font-weight='600' font-size='15'"),
             text(WIDTH / 2, height - 10, x_title, "middle")]
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = at_y(share * most)
        parts.append(f"<line x1='{left}' x2='{WIDTH - right}' y1='{y:.1f}' y2='{y:.1f}' stroke='#d8dee4'/>")
        parts.append(text(left - 8, y + 4, number(share * most), "end"))
    course = " ".join(f"{at_x(p['x']):.1f},{at_y(p['median']):.1f}" for p in points)
    parts.append(f"<polyline points='{course}' fill='none' stroke='{OURS}' stroke-width='2'/>")
    for point in points:
        x = at_x(point["x"])
        parts.append(f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{at_y(point['min']):.1f}' y2='{at_y(point['max']):.1f}' stroke='{INK}'/>")
        parts.append(f"<circle cx='{x:.1f}' cy='{at_y(point['median']):.1f}' r='4' fill='{OURS}'/>")
        parts.append(text(x, height - bottom + 20, f"{point['x']:,}", "middle"))
    return picture(height, title, parts)


def stacks(title, profile):
    """A bar for each load, divided as its time is."""
    bar, step, left, right = 22, 34, 190, 30
    names = list(profile[0]["shares"])
    parts = [text(10, 24, title, extra="font-weight='600' font-size='15'")]
    x = 10
    for name, color in zip(names, SHADES):
        parts.append(f"<rect x='{x}' y='38' width='12' height='12' fill='{color}'/>")
        parts.append(text(x + 17, 49, name))
        x += 34 + 7 * len(name)
    y = 66
    for one in profile:
        parts.append(text(left - 8, y + 16, one["work"], "end"))
        x = left
        whole = sum(one["shares"].values())
        for name, color in zip(names, SHADES):
            share = one["shares"][name] / whole
            width = share * (WIDTH - left - right)
            parts.append(f"<rect x='{x:.1f}' y='{y}' width='{width:.1f}' height='{bar}' fill='{color}'/>")
            if share >= LEAST_NAMED:
                parts.append(text(x + width / 2, y + 16, f"{share:.0%}", "middle"))
            x += width
        y += step
    return picture(y + 4, title, parts)


BAR_PLOTS = [("bench-echo.svg", "WebSocket echo: server CPU for a message", ("echo", "ws")),
             ("bench-signaling.svg", "Signaling: server CPU for a message or login", ("relay", "login")),
             ("bench-tls.svg", "New connections: server CPU", ("handshake", "churn")),
             ("bench-memory.svg", "Memory of an idle connection", ("idle",))]


def draw(results):
    """Name, title and content of each picture for which there is something to show."""
    for name, title, groups in BAR_PLOTS:
        rows = [row for row in results["rows"]
                if row["group"] in groups and len(row["figures"]) > 1]
        if rows:
            yield name, title, bars(title, rows)
    if results["profile"]:
        title = "Where the server's time goes"
        yield "bench-profile.svg", title, stacks(title, results["profile"])
    for number_of, series in enumerate(results["series"], 1):
        yield (f"bench-growth-{number_of}.svg", series["title"],
               line(series["title"], series["x_title"], series["points"]))
