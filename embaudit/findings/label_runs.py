"""Labels in runs: whether rows change where labels do, or some rows before or after."""

import numpy as np

from embaudit.core.prepared_points import Floats, Rows
from embaudit.evidence import Evidence
from embaudit.findings.candidate_label_orders import shift_words
from embaudit.findings.finding import Found, share

MANY = 0.05  # of the rows have the label of another run: bad
RUNS = 3  # rows of one label in a row, on average, from which labels count as sorted


def shifted_runs(evidence: Evidence, labels: Rows) -> Found | None:
    """Of labels in runs: whether rows change where labels do, or some rows before or after."""
    data = evidence.data
    changes = np.flatnonzero(np.diff(labels)) + 1
    if not 4 <= len(changes) <= data.size / RUNS:
        return None
    steps = _steps(evidence)
    reach = min(int(np.median(np.diff(np.concatenate(([0], changes, [data.size]))))) // 2, 2000)
    shifts = np.concatenate((np.arange(-reach, 0), np.arange(reach + 1)))
    means = np.array([_mean_at(steps, changes - shift) for shift in shifts])
    usual, spread = float(np.median(means)), float(np.std(steps)) / len(changes) ** 0.5
    here = float(means[reach])
    at = int(np.argmax(means))
    shift = int(shifts[at])
    rise = float(means[at]) - usual
    if not shift or rise <= 6 * spread or here - usual > 0.3 * rise or rise < 0.25 * usual:
        return None
    few = abs(shift) / max(1.0, data.size / (len(changes) + 1))
    return Found(
        f"Labels belong to other rows: they are {shift_words(shift)}",
        {"shift": shift, "row": 0, "count": abs(shift) * len(changes)},
        (
            "Rows and labels stand in runs, and rows change so many rows from where labels do: "
            f"{share(min(1.0, few))} of the rows have the label of the run beside theirs.",
        ),
        mark="bad" if few >= MANY else "warning",
    )


def _steps(evidence: Evidence) -> Floats:
    """(N,) distance of each row from the one before it in the input; 0 for the first."""
    data = evidence.data
    order = np.argsort(data.rows)
    out = np.zeros(data.size)
    for start in range(1, data.size, 1024):
        stop = min(start + 1024, data.size)
        block = evidence.points.floats(order[start - 1 : stop])
        out[start:stop] = np.sqrt(np.square(np.diff(block, axis=0)).sum(axis=1))
    top = float(np.quantile(out, 0.99))
    return np.minimum(out, top)


def _mean_at(steps: Floats, places: Rows) -> float:
    inside = places[(places > 0) & (places < len(steps))]
    return float(steps[inside].mean()) if len(inside) else 0.0
