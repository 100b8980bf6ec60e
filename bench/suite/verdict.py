"""Whether what was measured reaches what was to be reached."""

OURS = 0  # the first server of a row


def ratios(row, figures):
    """For each goal: its text, ours as a ratio (or as it is), and whether that is enough; None if
    the peer was not measured."""
    told = []
    ours = figures.get(row.servers[OURS].name)
    for goal in row.goals:
        text = goal.text(row.unit)
        reference = {"median": 1} if goal.peer is None else figures.get(goal.peer)
        if ours is None or reference is None:
            told.append({"goal": text, "ratio": None, "reached": None})
            continue
        ratio = ours["median"] / reference["median"]
        told.append({"goal": text, "ratio": ratio, "reached": ratio <= goal.factor})
    return told


def flatness(series, points):
    """How far the cost is from the one in the middle, as a share of it."""
    medians = sorted(point["median"] for point in points)
    middle = medians[len(medians) // 2]
    off = max(abs(value - middle) / middle for value in medians)
    return {"goal": f"within {series.spread:.0%}", "ratio": off, "reached": off <= series.spread}


def word(reached):
    return {None: "–", True: "yes", False: "no"}[reached]
