"""A report that was written earlier, and the table of anchors beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from embaudit.baseline.paired_comparison import right_neighbours
from embaudit.core.location import AnyPath, Location, located
from embaudit.errors import InputRefused, UsageError
from embaudit.files import content_of, kind_of, plain_columns, stored_file, table_of
from embaudit.report import SCHEMA_VERSION, Reading, Report, digest_of

LARGEST = 1 << 30  # bytes; a report of a million classes has a quarter of that
TOLERANCE = 1e-9  # of a value between its ends, relative: both are rounded
CROSSED = "its lower end is above its upper end"
RUN_ID = "embaudit.run_id"  # in the metadata of a table of anchors
TELLING = (  # columns of a table of anchors that a comparison reads
    "row",
    "id",
    "label",
    "nearest_positive",
    "nearest_negative",
    "closer_positives",
    "closer_negatives",
    "tied_positives",
    "tied_negatives",
    "gap",
    "violated_share",
    "violated_as_positive",
)
LATER = {"tied_positives", "tied_negatives"}  # not in tables of older versions

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
        numbers = set(TELLING) & set(columns) - {"id", "label"}
        if set(TELLING) - {"id"} - set(columns) not in (set(), LATER):
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
        right = columns["closer_negatives"] == 0
        if set(columns) >= LATER:
            right = right_neighbours(columns)[0]
        return (
            precise is None
            or precise.kind not in ("exact", "certified")
            or precise.value is None
            or abs(float(right.mean()) - precise.value) < 1e-9
        )


@dataclass(frozen=True)
class Held(Saved):
    """A report that Python holds; its path is what messages call it."""

    def anchors(self) -> Columns | None:
        """Its own table of anchors, None for a report that was read back."""
        try:
            return plain_columns(self.report.anchors(), TELLING)
        except UsageError:
            return None


def saved_report(path: AnyPath) -> Saved:
    """A report from its JSON file.

    Raises InputRefused for what is none, of a later version, contradicts itself (a gate would
    decide on it), or was changed since it was written.
    """
    path = located(path)
    if stored_file(path, ("json",)).size > LARGEST:  # never opens a pipe
        raise InputRefused(f"{path}: is too large to be a report of embaudit.")
    text = content_of(path)
    try:
        report = Report.model_validate_json(text, strict=True)  # true is no 1, and no number a text
    except ValidationError as error:
        first = error.errors()[0]
        raise _no_report(path, ".".join(map(str, first["loc"])), first["msg"][:200]) from error
    for name, reading in report.measures.items():
        if problem := _contradiction(reading):
            raise _no_report(path, f"measures.{name}", problem)
    for at, row in enumerate(report.forecast):
        for name, span in (("pressure", row.pressure), ("gap", row.gap)):
            if span is not None and span.lower > span.upper:
                raise _no_report(path, f"forecast.{at}.{name}", CROSSED)
    if report.digest is not None and report.digest != digest_of(json.loads(text)):
        raise InputRefused(
            f"{path}: was changed since it was written: its results do not fit its digest.",
            "Audit again, or take it from where it was written.",
        )
    return Saved(path, report)


def _contradiction(reading: Reading) -> str | None:
    """Why no audit can have read this, or None."""
    value, lower, upper = reading.value, reading.lower, reading.upper
    if (value is None) != (reading.kind == "undefined"):
        return f"is {reading.kind}, and its value is {value}"
    if lower is not None and upper is not None and lower > upper:
        return CROSSED
    if value is not None and reading.unit == "fraction" and abs(value - 0.5) > 0.5 + TOLERANCE:
        return f"the fraction {value} is none"
    if value is None or reading.kind not in ("exact", "certified"):
        return None
    close = TOLERANCE * abs(value)
    below = lower is not None and value < lower - close
    above = upper is not None and value > upper + close
    return "its value lies outside of its interval" if below or above else None


def _no_report(path: Location, where: str, why: str) -> InputRefused:
    return InputRefused(
        f"{path}: is no report of embaudit audit (schema version {SCHEMA_VERSION}): "
        f"{where or 'the file'}: {why}.",
        "Give a .json that `embaudit audit -o report.json` wrote with this version.",
    )
