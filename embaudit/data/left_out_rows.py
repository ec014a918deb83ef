"""Rows that are left out before a set is built: which, why, and what is said of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from embaudit.data.finite_values import nothing_but_zeros
from embaudit.data.sources_and_notices import Label, Notice
from embaudit.errors import InputRefused, Problem, UsageError, did_you_mean, option, shown

Flags = NDArray[np.bool_]
Drop = Literal["zero_rows", "repeated_vector", "repeated_block", "stray_rows"]

DROPPABLE: tuple[Drop, ...] = get_args(Drop)  # findings that name rows, in order
IGNORED = "ignore_label"
WHERE = "where"
UNLABELLED = "unlabelled"
ZERO: Drop = "zero_rows"
WORDS = {  # by reason, of so many rows
    IGNORED: "{count} labelled {label!r}",
    WHERE: "{count} of which {label!r} does not hold",
    UNLABELLED: "{count} without a label",
    ZERO: "{count} of zeros only",
    "repeated_vector": "{count} with a vector that stands for many rows",
    "repeated_block": "{count} that stand there a second time",
    "stray_rows": "{count} far off",
}


@dataclass(frozen=True)
class LeftOut:
    """How many rows were left out for a reason: a label, none, a condition, or the id of a finding.

    Each row counts for the first reason that holds. label: the text that was given for it.
    """

    reason: str
    count: int
    label: str = ""

    def __str__(self) -> str:
        return WORDS[self.reason].format(count=f"{self.count:,}", label=self.label)


def labels_as_text(given: object) -> tuple[str, ...]:
    """Labels to be ignored, one or several, as text: they are told apart by that alone.

    In one order, each once. Raises UsageError for what is no label.
    """
    listed = _several(given)
    plain = [one.item() if isinstance(one, np.generic) else one for one in listed]
    if unfit := [one for one in plain if not isinstance(one, bool | int | str)]:
        raise UsageError(f"ignore_label: give integers, booleans or texts, got {shown(unfit[0])}.")
    return tuple(sorted({str(one) for one in plain}))


def _several(given: object) -> list[object]:
    """One value or several; what cannot be gone through, as an array of no dimension, is one."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        return [given]
    try:
        return list(given)
    except Exception:  # of another library
        return [given]


def ids_of_findings(given: object) -> tuple[str, ...]:
    """Ids of findings whose rows are to be left out, in one order, each once.

    given: one, several with commas between them, or a list of such. Raises UsageError for any other
    than DROPPABLE.
    """
    listed = _several(given)
    names = [one.strip() for text in listed for one in str(text).split(",") if one.strip()]
    if unfit := [one for one in names if one not in DROPPABLE]:
        near = did_you_mean(unfit[0], DROPPABLE, 1)
        raise UsageError(
            f"drop: {shown(unfit[0])} names no rows to leave out.",
            f"{near} These can be: {', '.join(DROPPABLE)}.".lstrip(),
        )
    return tuple(one for one in DROPPABLE if one in names)


def zero_flags(blocks: Iterable[NDArray[Any]]) -> Flags:
    """(N,) whether a row of these blocks has no value but zeros."""
    found = [nothing_but_zeros(block) for block in blocks]
    return np.concatenate(found) if found else np.zeros(0, dtype=bool)


@dataclass(frozen=True)
class Unmeant:
    """Rows that are left out by what is beside them, (N,) each, None where there are none.

    where: those of which the condition does not hold; unlabelled: those without a label.
    """

    where: Flags | None = None
    condition: str = ""
    unlabelled: Flags | None = None


def flagged(
    labels: Sequence[Label] | None,
    rows: int,
    ignored: Sequence[str],
    zero: Flags | None,
    unmeant: Unmeant | None = None,
) -> tuple[Flags, tuple[LeftOut, ...]]:
    """Which of N rows are left out, (N,), and why: their label, what is beside them, then zeros.

    zero: (N,), None where rows of zeros stay.
    """
    out, left_out = np.zeros(rows, dtype=bool), list[LeftOut]()
    texts = np.array([str(label) for label in labels or ()] if ignored else [], dtype=object)
    for label in ignored:
        chosen = texts == label
        out |= chosen
        left_out.append(LeftOut(IGNORED, int(chosen.sum()), label))
    unmeant = unmeant or Unmeant()
    others = (
        (WHERE, unmeant.where, unmeant.condition),
        (UNLABELLED, unmeant.unlabelled, ""),
        (ZERO, zero, ""),
    )
    for reason, flags, text in others:
        if flags is not None:
            left_out.append(LeftOut(reason, int((flags & ~out).sum()), text))
            out |= flags
    return out, tuple(left_out)


def unknown_labels(
    left_out: Iterable[LeftOut], labels: Iterable[Label], where: str
) -> list[Problem]:
    """Labels that were to be ignored and that no row has; labels: those that there are."""
    known = list(dict.fromkeys(map(str, labels)))
    return [
        Problem(
            f"{where}: no row is labelled {one.label!r}, which was to be ignored.",
            did_you_mean(one.label, known) or f"Check {option('ignore_label')}.",
        )
        for one in left_out
        if one.reason == IGNORED and not one.count
    ]


def check_known(sets: Sequence[tuple[Sequence[LeftOut], Sequence[Label]]], where: str) -> None:
    """Raise InputRefused for ignored labels that no row of two sets has; each with its classes."""
    together: dict[tuple[str, str], int] = {}
    for ignored, _ in sets:
        for one in ignored:
            key = one.reason, one.label
            together[key] = together.get(key, 0) + one.count
    left_out = [LeftOut(reason, count, label) for (reason, label), count in together.items()]
    problems = unknown_labels(left_out, [label for _, own in sets for label in own], where)
    if problems:
        raise InputRefused(problems)


def notice_of(left_out: Sequence[LeftOut], rows: int) -> Notice:
    """What is said of rows that were left out of so many."""
    count = sum(one.count for one in left_out)
    return Notice(
        "left_out",
        f"{count:,} of {rows:,} rows were left out, as asked for: {listed(left_out)}. Every figure "
        "is of the others.",
    )


def once_left_out(problem: Problem, left_out: Sequence[LeftOut], rows: int) -> Problem:
    """Why what remains cannot be audited, with what was left out of so many rows."""
    count = sum(one.count for one in left_out)
    if not count:
        return problem
    without = f"without the {count:,} of {rows:,} rows that were to be left out"
    return Problem(f"{problem.cause.rstrip('.')}, {without} ({listed(left_out)}).", problem.remedy)


def listed(left_out: Sequence[LeftOut]) -> str:
    """`40 labelled '-1', 3 of zeros only`."""
    return ", ".join(map(str, left_out))
