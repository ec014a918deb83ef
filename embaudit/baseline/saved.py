"""A report that was written earlier, and the table of anchors beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from embaudit.errors import InputRefused
from embaudit.files import content_of, kind_of, stored_file, table_of
from embaudit.location import AnyPath, Location, located
from embaudit.report import SCHEMA_VERSION, Report

LARGEST = 1 << 30  # bytes; a report of a million classes has a quarter of that
RUN_ID = "embaudit.run_id"  # in the metadata of a table of anchors
TELLING = (  # columns of a table of anchors that a comparison reads
    "row",
    "id",
    "label",
    "nearest_positive",
    "nearest_negative",
    "closer_positives",
    "closer_negatives",
    "gap",
    "violated_share",
    "violated_as_positive",
)

Columns = Mapping[str, Any]


@dataclass(frozen=True)
class Saved:
    """A report as it was read back, from where it is."""

    path: Location
    report: Report

    @property
    def table(self) -> Location:
        """Where its table of anchors is, if there is one."""
        return self.path.with_suffix(".parquet")

    def anchors(self) -> Columns | None:
        """The table of anchors beside it, None where there is none.

        Raises InputRefused for one that is damaged, or of another report.
        """
        if kind_of(self.table) != "file":
            return None
        columns = table_of(self.table, TELLING, {RUN_ID: self.report.run_id})
        if not self._fits(columns):
            raise InputRefused(f"{self.table}: does not fit its report.", "Write it again with it.")
        return columns

    def _fits(self, columns: Columns) -> bool:
        """Whether it is what such a report is written with: all columns, a row an anchor."""
        numbers = set(TELLING) - {"id", "label"}
        if not set(TELLING) - {"id"} <= set(columns):
            return False
        if not all(isinstance(columns[name], np.ndarray) for name in numbers):
            return False
        rows, labels = columns["row"], columns["label"]
        known = all(isinstance(label, bool | int | str) for label in np.asarray(labels).tolist())
        rising = bool((np.diff(rows) > 0).all()) and not any(
            columns[name].dtype.kind == "f" for name in ("row", "closer_negatives")
        )
        if len(rows) != self.report.data.anchors or not known or not rising:
            return False
        precise = self.report.measures.get("precision_at_1")
        right = float((columns["closer_negatives"] == 0).mean())
        return (
            precise is None
            or precise.kind != "exact"
            or precise.value is None
            or abs(right - precise.value) < 1e-9
        )


def saved_report(path: AnyPath) -> Saved:
    """A report from its JSON file. Raises InputRefused for what is none, or of a later version."""
    path = located(path)
    if stored_file(path, ("json",)).size > LARGEST:  # never opens a pipe
        raise InputRefused(f"{path}: is too large to be a report of embaudit.")
    text = content_of(path)
    try:
        return Saved(path, Report.model_validate_json(text))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise InputRefused(
            f"{path}: is no report of embaudit audit (schema version {SCHEMA_VERSION}): "
            f"{where}: {first['msg'][:200]}.",
            "Give a .json that `embaudit audit -o report.json` wrote with this version.",
        ) from error
