"""Mined triplets as a table: to write, or to train on as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.data import EmbeddingSet
from embaudit.errors import InputRefused, UsageError, first_few
from embaudit.report.dataframe_mixin import Columns, Tabular
from embaudit.report.display_mixins import Displayed
from embaudit.report.mining_document import Form, Mining


@dataclass(frozen=True, repr=False)
class Mined(Tabular, Displayed):
    """Triplets, by the anchor's input row; of one anchor in the order in which they were found.

    rows: (t, 3) input rows of anchor, positive and negative. distances: (t, 2) to the positive
    and to the negative, in the units of the input (under cosine: chords of unit vectors).
    ordered: (t, 3) the same rows of `data`.
    """

    told: Mining
    rows: Rows
    distances: Floats
    data: EmbeddingSet
    ordered: Rows

    def columns(self) -> Columns:
        """The table of triplets."""
        return self.table()

    def table(
        self, form: Form = "triplets", text: str | None = None
    ) -> dict[str, NDArray[Any] | list[Any]]:
        """Columns to write or to train on.

        triplets: anchor_row, positive_row, negative_row, the same with _id where there are ids,
        anchor_label, negative_label, d_positive, d_negative, and of each kept column NAME
        NAME_anchor, NAME_positive, NAME_negative. pairs: anchor and other, each anchor with its
        positive, then with its negatives; distance, and label: 1 for a positive, else 0.
        text: only anchor, positive, negative (or anchor, other, label), each the value of this
        kept column. Raises UsageError if it was not kept.
        """
        roles: tuple[str, ...] = ("anchor", "positive", "negative")
        ordered, distances, label = self.ordered, self.distances, None
        if form == "pairs":
            roles = ("anchor", "other")
            ordered, distances, label = self._pairs()
        if text is not None:
            check_text(self.data, text)
            values = self.data.columns[text]
            columns: dict[str, Any] = {
                role: self._taken(values, ordered[:, at]) for at, role in enumerate(roles)
            }
        else:
            columns = self._columns(roles, ordered, distances)
        return columns if label is None else columns | {"label": label}

    def _columns(
        self, roles: Sequence[str], ordered: Rows, distances: Floats
    ) -> dict[str, NDArray[Any] | list[Any]]:
        """All that is known of each, by role."""
        data, each = self.data, list(enumerate(roles))
        columns: dict[str, Any] = {
            f"{role}_row": data.input_rows[ordered[:, at]] for at, role in each
        }
        if data.ids is not None:
            columns |= {f"{role}_id": self._taken(data.ids, ordered[:, at]) for at, role in each}
        codes = data.codes
        for at, role in ((0, roles[0]), (len(roles) - 1, roles[-1])):
            columns[f"{role}_label"] = _picked(data.classes, codes[ordered[:, at]])
        lengths = ("distance",) if len(roles) == 2 else ("d_positive", "d_negative")
        columns |= {name: distances[:, at] for at, name in enumerate(lengths)}
        for name, values in data.columns.items():
            columns |= {f"{name}_{role}": self._taken(values, ordered[:, at]) for at, role in each}
        return columns

    def _pairs(self) -> tuple[Rows, Floats, Rows]:
        """(anchor, other), their distance, and 1 for a positive: once for each anchor."""
        first = np.diff(self.ordered[:, 0], prepend=-1) != 0
        both = np.stack((first, np.ones_like(first)), axis=1).ravel()
        ordered = self.ordered[:, [0, 1, 0, 2]].reshape(-1, 2)[both]
        label = np.tile([1, 0], len(first))[both]
        return ordered, self.distances.reshape(-1, 1)[both], label

    def _taken(self, values: Sequence[Any], ordered: Rows) -> NDArray[Any] | list[Any]:
        """Values that stand in the order of the input."""
        return _picked(values, self.data.rows[ordered])


def _picked(values: Sequence[Any], at: Rows) -> NDArray[Any] | list[Any]:
    """The chosen values; an empty column still has the type of one."""
    return [values[one] for one in at.tolist()] if len(at) else np.array(values[:1])[:0]


def check_text(data: EmbeddingSet, name: str) -> None:
    """Raise UsageError or InputRefused for a text column that is not there, or has gaps."""
    if name not in data.columns:
        raise UsageError(
            f"text column: {name!r} was not kept.", "Give it to embaudit.load as keep_columns."
        )
    gaps = [row for row, value in enumerate(data.columns[name]) if value is None]
    if gaps:
        rows = gaps if data.kept is None else data.kept[gaps].tolist()
        raise InputRefused(
            f"{name}: {len(gaps)} rows have no text (row {first_few(rows)}).", "Drop them."
        )
