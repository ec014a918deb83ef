"""A report as GitHub workflow commands: a few annotations of the run, the most urgent first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from embaudit.outputs.media import OutputOptions
from embaudit.render.safe_text import count, inert
from embaudit.render.words.diagnosis_words import findings
from embaudit.render.words.gate_words import reasons
from embaudit.report import Report, Rule

if TYPE_CHECKING:
    from embaudit.verbs.audit import Audited

MOST = 10  # GitHub shows no more of a kind from one step
WHERE = "-o report.md or report.json has them all."

_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_DATA = str.maketrans(_ESCAPES)
_PROPERTY = str.maketrans({**_ESCAPES, ":": "%3A", ",": "%2C"})


@dataclass(frozen=True)
class Annotation:
    """What GitHub shows beside a run; texts may be of several lines, and of any characters."""

    level: Literal["error", "warning", "notice"]
    title: str
    message: str

    def __str__(self) -> str:
        """It as a workflow command, a single line."""
        title = self.title.translate(_PROPERTY)
        return f"::{self.level} title={title}::{self.message.translate(_DATA)}"


def audit(found: "Audited", options: OutputOptions) -> str:
    """The gate and the warnings; without quiet the verdict, too."""
    return render_github(found.report, options.quiet)


def render_github(report: Report, quiet: bool = False) -> str:
    """A line an annotation, ten at most; quiet: nothing where all is well."""
    told = [*_of_rules(report, "error"), *_of_state(report), *_of_rules(report, "warning")]
    told += [Annotation("warning", "embaudit", inert(one.message, 600)) for one in report.warnings]
    if not told and not quiet:
        told = [Annotation("notice", "embaudit", "\n".join(_headlines(report)))]
    if len(told) > MOST:
        first = told[MOST - 1]  # no later one is more urgent
        more = f"{count(len(told) - MOST + 1, 'more message')}: {WHERE}"
        told = [*told[: MOST - 1], Annotation(first.level, "embaudit", more)]
    return "".join(f"{one}\n" for one in told)


def _of_rules(report: Report, level: Literal["error", "warning"]) -> Iterator[Annotation]:
    """Of the rules that failed the gate, or of those that only warn."""
    statuses = ("fail", "undecided") if level == "error" else ("warn",)
    for rule in report.gate.rules:
        if rule.status in statuses:
            yield Annotation(level, f"Gate: {inert(rule.rule, 200)}", _why(rule))


def _of_state(report: Report) -> Iterator[Annotation]:
    """What is wrong with the set, and what to do first; nothing of one that is as it should be."""
    state = next(iter(findings(report)))
    if state.mark in ("bad", "warning"):
        lines = [*_headlines(report)]
        if state.remedy:
            lines.insert(1, inert(state.remedy, 600))
        yield Annotation("warning", "embaudit", "\n".join(lines))


def _why(rule: Rule) -> str:
    lines = [inert(line, 600) for line in reasons(rule)]
    said = {"fail": "Failed", "undecided": "Undecided", "warn": "Warning"}.get(rule.status, "")
    return "\n".join([": ".join([said, *lines[:1]]), *lines[1:]])


def _headlines(report: Report) -> Iterator[str]:
    for finding in findings(report):
        yield inert(finding.headline, 600)
