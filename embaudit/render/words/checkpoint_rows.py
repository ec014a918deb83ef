"""Which checkpoints of a series are shown, a row each, and the columns of their table."""

from embaudit.render.words.curves import curve
from embaudit.render.words.diagnosis_states import MARKS, state_of
from embaudit.render.words.figure_blocks import RankedColumn, RankedTable
from embaudit.render.words.rich_text import Name
from embaudit.report.trend_document import Trend

MOST = 40  # rows of a table
COLUMNS = {  # the measures of the table, and what they are called there
    "precision_at_1": "P@1",
    "violated_triplets": "violated",
    "separation_auc": "AUC",
    "d_iso": "d_iso/rms",
    "collapse_risk": "risk",
    "rankme": "RankMe",
}
LEAST_WANTED = ("RankMe", "AUC", "cached", "risk", "d_iso/rms", "violated")  # where it is narrow


def shown_rows(trend: Trend, most: int = MOST) -> tuple[list[int], str]:
    """Which checkpoints are shown: all, or where they are many those that matter, and some."""
    amount = len(trend.checkpoints)
    if amount <= most:
        return list(range(amount)), ""
    told = {name for one in trend.events for name in (one.before, one.at)}
    matter = [k for k, one in enumerate(trend.checkpoints) if one.name in told]
    rows = {0, amount - 1, *matter[: most // 2]}
    rows |= {k for k, one in enumerate(trend.checkpoints) if one.name == trend.best}
    rows |= {round(k * (amount - 1) / (most // 2 - 4)) for k in range(most // 2 - 3)}
    left = amount - len(rows)
    return sorted(rows), f"{left:,} more checkpoints are in the JSON: -o trend.json."


def checkpoint_rows(trend: Trend) -> RankedTable:
    """A line a checkpoint, with the measures that are looked at first."""
    rows, note = shown_rows(trend)
    shown = [trend.checkpoints[row] for row in rows]
    states = [state_of(one.diagnosis, one.collapse.state) for one in shown]
    columns = [RankedColumn("state", "left", tuple(states), 0, tuple(MARKS[one] for one in states))]
    for id, title in COLUMNS.items():
        known = curve(trend, id)
        if known is not None:
            columns.append(_column(title, tuple(known.texts[row] for row in rows)))
    if any(one.cached for one in shown):
        columns.append(_column("cached", tuple("✓" if one.cached else "" for one in shown)))
    names = [one.name for one in shown]
    best = names.index(trend.best) if trend.best in names else None
    named = tuple(map(Name, names))
    return RankedTable("Checkpoints", "checkpoint", named, tuple(columns), best, note)


def _column(title: str, texts: tuple[str, ...]) -> RankedColumn:
    rank = len(LEAST_WANTED) - LEAST_WANTED.index(title) if title in LEAST_WANTED else 0
    return RankedColumn(title, "right", texts, rank)
