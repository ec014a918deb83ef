"""The diagnosis on a page: a banner with the state, and each finding with what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from embaudit.render.safe_text import figure, inert
from embaudit.render.words.diagnosis_states import MARKS, state_word
from embaudit.render.words.rich_text import Number, Part, Sentence
from embaudit.report import Report
from embaudit.report.diagnosis_model import Diagnosis, Finding

SAID = 600  # cells of a sentence


@dataclass(frozen=True)
class Banner:
    """The state in capitals, how serious it is, and why."""

    mark: str
    state: str
    reason: str

    @property
    def line(self) -> str:
        """Both in a line, for the title."""
        return f"{self.state}: {self.reason}" if self.reason else self.state


@dataclass(frozen=True)
class Told:
    """A finding with its remedy, the command to paste, and the evidence number by number."""

    id: str
    mark: str
    headline: str
    details: tuple[str, ...]
    remedy: str
    command: str
    evidence: tuple[tuple[str, Sentence], ...]


def banner(report: Report) -> Banner:
    """The state of the diagnosis; where there is none that of the collapse."""
    found = report.diagnosis
    if found is None:
        state = report.collapse.state
        return Banner(MARKS[state], state_word(state).upper(), "")
    return Banner(MARKS[found.state], state_word(found.state).upper(), _sentence(found.reason))


def told(found: Diagnosis) -> list[Told]:
    """All findings, in their order; without the remedies that are steps already."""
    steps = {one.id for one in found.next}
    findings = [_told(one, f"diagnosis/findings/{k}") for k, one in enumerate(found.findings)]
    return [replace(one, remedy="", command="") if one.id in steps else one for one in findings]


def _told(one: Finding, at: str) -> Told:
    evidence = ((key, _cell(value, f"{at}/evidence/{key}")) for key, value in one.evidence.items())
    return Told(
        inert(one.id),
        one.mark,
        _sentence(one.headline),
        tuple(inert(text, SAID) for text in one.details),
        inert(one.remedy, SAID),
        one.command or "",
        tuple((inert(key), cell) for key, cell in evidence),
    )


def _sentence(text: str) -> str:
    """It with a capital, whole."""
    return inert(text[:1].upper() + text[1:], SAID)


def _cell(value: Any, at: str) -> Sentence:
    """Evidence as it stands in the JSON: numbers with their place, all else as text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Number(str(value) if isinstance(value, int) else figure(value), value, at)
    if isinstance(value, list | tuple):
        return _listed(value, at)
    words = {None: "-", True: "yes", False: "no"}
    known = words[value] if value is None or isinstance(value, bool) else str(value)
    return inert(known, SAID)


def _listed(values: Sequence[Any], at: str) -> Sentence:
    parts: list[Part] = []
    for k, value in enumerate(values):
        cell = _cell(value, f"{at}/{k}")
        pair = isinstance(value, list | tuple)
        parts += [", "] if k else []
        parts += ["["] if pair else []
        parts += cell if isinstance(cell, tuple) else [cell]
        parts += ["]"] if pair else []
    return tuple(parts) or "-"
