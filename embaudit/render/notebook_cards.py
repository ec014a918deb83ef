"""What a notebook shows of a result: its answer, the figures that are read first, what is next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from embaudit.measures.measure import Measure
from embaudit.render.safe_text import inert, label
from embaudit.render.words.block_document import BlockDocument
from embaudit.render.words.block_types import Answers, Mark, SourceBlock, Steps
from embaudit.render.words.diagnosis_states import MARKS, state_word
from embaudit.render.words.input_line import inputs_line
from embaudit.render.words.measured_value_words import value
from embaudit.render.words.next_steps import next_steps
from embaudit.render.words.rich_text import Sentence, inert_text
from embaudit.render.words.step_command import command_of
from embaudit.report import Report
from embaudit.report.diagnosis_model import Mark as FindingMark

SUSPECTS = "likely_mislabels"
FIRST = ("precision_at_1", "separation_auc", "collapse_state", SUSPECTS)
SAID, LABEL = 600, 40  # cells
TOLD = 3  # answers, and steps


@dataclass(frozen=True)
class Step:
    """What to do, and the command that does it."""

    text: str
    command: str = ""


@dataclass(frozen=True)
class Card:
    """A result in short. answers: the first is its heading; figures: names and values."""

    name: str
    source: str
    answers: tuple[tuple[Mark | FindingMark, str], ...]
    figures: tuple[tuple[str, str], ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """What it is, and of what."""
        return f"{self.name}: {self.source}" if self.source else self.name

    @property
    def text(self) -> str:
        """A few lines, of which the last is about more."""
        lines = [self.heading, *(said for _, said in self.answers)]
        if self.figures:
            lines.append(", ".join(f"{name} {figure}" for name, figure in self.figures))
        return "\n".join((*lines, *self.notes))


def audit_card(report: Report, measures: Sequence[Measure]) -> Card:
    """Of an audit: its state, precision@1, AUC, collapse and suspects, the gate, and what is next.

    Figures without a value are left out.
    """
    found = report.diagnosis
    state = report.collapse.state if found is None else found.state
    reason = "" if found is None else f": {inert(found.reason, SAID)}"
    tell = found is None or found.labels_tell
    known = (
        (one, report.measures.get(one.id))
        for one in measures
        if one.id in FIRST and (tell or one.id != SUSPECTS)
    )
    return Card(
        _named("audit", report.tool.version),
        _plain(inputs_line(report)),
        ((MARKS[state], f"{state_word(state).upper()}{reason}"),),
        tuple((one.title, value(at)) for one, at in known if at and at.value is not None),
        tuple(_next(report)),
        tuple(_notes(report)),
    )


def _next(report: Report) -> Iterator[Step]:
    """What the diagnosis asks for; where it asks for nothing, what else there is to do."""
    asked = () if report.diagnosis is None else report.diagnosis.next
    for one in asked:
        yield Step(inert(one.remedy, SAID), one.command or "")
    if not asked:
        yield from map(_step, next_steps(report, lambda value: label(value, LABEL), TOLD))


def _notes(report: Report) -> Iterator[str]:
    if report.gate.rules:
        yield f"Gate: {report.gate.verdict}"
    if report.warnings:
        yield f"Warnings: {len(report.warnings)}"
    if report.acknowledged:
        yield f"Acknowledged: {', '.join(report.acknowledged)}"


def document_card(noun: str, document: BlockDocument) -> Card:
    """Of any other result: what was found first, and what is next."""
    answers: list[tuple[Mark | FindingMark, str]] = []
    steps: list[Step] = []
    source = ""
    for block in document.seen("html"):
        if isinstance(block, Answers):
            answers += [(one.mark, inert(one.headline, SAID)) for one in block.answers]
        elif isinstance(block, Steps):
            steps += [_step(text) for text in block.steps]
        elif isinstance(block, SourceBlock) and not source:
            source = _plain(block.inputs)
    return Card(
        _named(noun, document.version), source, tuple(answers[:TOLD]), steps=tuple(steps[:TOLD])
    )


def _step(text: str) -> Step:
    command = command_of(text)
    return Step(inert(text, SAID), "" if command is None else str(command))


def _named(noun: str, version: str) -> str:
    return " ".join(filter(None, ("embaudit", inert(version), noun)))


def _plain(sentence: Sentence) -> str:
    return inert_text(sentence, LABEL)


def card_html(card: Card, tiles: Sequence[Any] = ()) -> str:
    """The card in HTML, which needs no other file; tiles: of a page, instead of the figures."""
    from embaudit.render.html.templating import page  # with Jinja2 only

    return page("card.html", card=card, tiles=tiles)
