"""Which checkpoints of a series are shown, a row each, and the columns of their table."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from embaudit.render.words.curves import curve
from embaudit.render.words.states import state_of
from embaudit.report.trend import Checkpoint, Trend

MOST = 40  # rows of a table
COLUMNS = {  # the measures of the table, and what they are called there
    "precision_at_1": "P@1",
    "violated_triplets": "violated",
    "separation_auc": "AUC",
    "d_iso": "d_iso/rms",
    "collapse_risk": "risk",
    "rankme": "RankMe",
}
CURVE_TITLES = ("first", "last", "least", "most")
SCALE = "Each curve runs from its least to its most, a bar a checkpoint."


@dataclass(frozen=True)
class CheckpointColumn:
    """A column of the table: its title, and a text for each row."""

    title: str
    texts: tuple[str, ...]

    @property
    def width(self) -> int:
        """Cells of its widest text."""
        return max(map(cell_len, (self.title, *self.texts)))


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


def columns_of(trend: Trend, rows: Sequence[int]) -> list[CheckpointColumn]:
    """All columns but the name."""
    shown = [trend.checkpoints[row] for row in rows]
    columns = [CheckpointColumn("state", tuple(map(checkpoint_state, shown)))]
    for id, title in COLUMNS.items():
        known = curve(trend, id)
        if known is not None:
            columns.append(CheckpointColumn(title, tuple(known.texts[row] for row in rows)))
    if any(one.cached for one in shown):
        columns.append(
            CheckpointColumn("cached", tuple("✓" if one.cached else "" for one in shown))
        )
    return columns


def checkpoint_state(checkpoint: Checkpoint) -> str:
    """Its state as the JSON has it."""
    return state_of(checkpoint.diagnosis, checkpoint.collapse.state)
