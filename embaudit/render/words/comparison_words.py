"""Reports side by side: what to do next, and their values in a table."""

from collections.abc import Sequence

from embaudit.render.text import path
from embaudit.render.words import change_words as changes
from embaudit.render.words.document import TableBlock, TableColumn
from embaudit.render.words.reading import value
from embaudit.render.words.steps import NextStep
from embaudit.report import Measure
from embaudit.report.command import Command
from embaudit.report.comparison import Comparison
from embaudit.report.diagnosis import GRAVE

BASELINE = "baseline.json"


def next_steps(comparison: Comparison) -> list[str]:
    """A fault to mend, what got worse first, and the last report as a baseline, if it is fit."""
    last, changed = comparison.reports[-1], comparison.against_first[-1].changes
    worse = [id for id, one in changed.items() if one.direction == "worse"]
    worse.sort(key=lambda id: id not in changes.FIRST)  # stable
    steps: list[str] = []
    if last.diagnosis == "check_input":
        told = f"{path(last.path)} is of a file with a fault: mend it, audit again, then compare."
        steps.append(told)
    steps += [
        NextStep(f"{id} got worse: see what it means, and what to do.", Command("explain", (id,)))
        for id in worse[:1]
    ]
    grave = last.collapse == "collapsed" or last.diagnosis in GRAVE
    if not grave and last.gate != "fail" and last.path != BASELINE:
        keep = Command("baseline", (last.path,), (("output", BASELINE),))
        told = f"Hold this level: later audits take --baseline {BASELINE}. To make it:"
        steps.append(NextStep(told, keep))
    return steps


def side_by_side(comparison: Comparison, measures: Sequence[Measure]) -> TableBlock:
    """Values only, a report a column."""
    numbers = range(1, len(comparison.reports) + 1)
    rows = tuple(
        (
            measure.id,
            *("-" if one is None else value(one) for one in comparison.measures[measure.id]),
        )
        for measure in measures
        if measure.id in comparison.measures
    )
    names = ", ".join(
        f"{number}: {path(report.path, 40)}" for number, report in enumerate(comparison.reports, 1)
    )
    columns = TableColumn("measure"), *(TableColumn(f"{number}", "right") for number in numbers)
    return TableBlock("Side by side", columns, rows, names)
