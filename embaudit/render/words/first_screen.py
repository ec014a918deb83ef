"""What of an audit is read first: the state, the figures that decide, what to do, the gate."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from embaudit.render.text import figure
from embaudit.render.words import change_words as changes
from embaudit.render.words.answers import RISK_WORDS, beside_verdict, verdict
from embaudit.render.words.document import Block, BlockDocument
from embaudit.render.words.gate_words import urgent, verdict_of
from embaudit.render.words.inputs import subject
from embaudit.render.words.key_figures import PAIRS, key_figures
from embaudit.render.words.measure_words import amount, interval, value
from embaudit.render.words.next_steps import next_steps
from embaudit.render.words.steps import NextStep, command_of
from embaudit.render.words.text_blocks import Answer, Answers, Hint, Paragraph, Steps
from embaudit.report import Report, risk_of


@dataclass(frozen=True)
class Room:
    """How many there are at most of each, whether steps are told whole, and the theory at all."""

    found: int = 4
    steps: int = 3
    whole: bool = False
    theory: bool = True
    pairs: int = PAIRS


ROOMS = (
    Room(whole=True),
    Room(),
    Room(found=2),
    Room(found=2, steps=2),
    Room(found=1, steps=1),
    Room(found=1, steps=1, theory=False),
    Room(found=0, steps=1, theory=False, pairs=1),
)
RULES = 5  # that did not pass, at most
HINT = "All figures: --full, or -o report.html. Any word: embaudit explain WORD"
_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-Z'0-9-])")


def first_screens(report: Report) -> list[BlockDocument]:
    """The first screen, and shorter ones for where that does not fit, each with less."""
    return [_screen(report, _blocks(report, room)) for room in ROOMS]


def gate_screen(report: Report) -> BlockDocument:
    """The gate alone, for those who asked for quiet."""
    return BlockDocument("", report.tool.version, "", tuple(_gate(report)))


def _screen(report: Report, blocks: Iterator[Block]) -> BlockDocument:
    return BlockDocument(
        "",
        report.tool.version,
        report.run_id,
        tuple(blocks),
        subject(report),
        tuple(_gate(report)),
    )


def _blocks(report: Report, room: Room) -> Iterator[Block]:
    yield Answers((_short(verdict(report)),))
    yield key_figures(report, room.pairs)
    beside = tuple(_found(report, room.found))
    yield from (Answers(beside),) if beside else ()
    told = theory(report) if room.theory else ""
    yield from (Paragraph(told, quiet=True),) if told else ()
    steps = next_steps(report, most=room.steps)
    yield Steps(tuple(steps if room.whole else map(_first_sentence, steps)))
    yield Hint(HINT)


def _short(told: Answer) -> Answer:
    """A state without what stands in the figures below it; the suspects' neighbours stay."""
    return Answer(told.mark, told.headline, told.details[:1] if told.id == "suspect_labels" else ())


def _found(report: Report, most: int) -> Iterator[Answer]:
    """What was found beside the state and asks for attention, in a line each."""
    moved = [] if report.baseline is None else list(changes.findings(report.baseline))
    told = [one for one in moved if one.mark in ("bad", "warning")] or moved[:1]
    beside = list(beside_verdict(report))
    told += [one for one in beside if one.mark in ("bad", "warning")]
    told += [one for one in beside if one.mark == "good" and not one.id]
    yield from (replace(one, details=(), remedy="", command=None) for one in told[:most])
    if len(told) > most:
        yield Answer("note", f"{len(told) - most} more found: --full")


def theory(report: Report) -> str:
    """The four figures of the paper in a line or two; empty where none is known."""
    named = [
        f"{id} {interval(one) or value(one)}"
        for id in ("d_iso", "thickness")
        if (one := report.measures.get(id)) is not None and one.value is not None
    ]
    risk, batch = report.measures.get("collapse_risk"), report.options.batch
    told = report.collapse.state != "collapsed" and (
        report.diagnosis is None or report.diagnosis.state != "check_input"
    )  # else it is of what has fallen already, or of the fault
    if risk is not None and risk.value is not None and batch is not None and told:
        band = RISK_WORDS[risk_of(risk.value if risk.upper is None else risk.upper)]
        share, shape = figure(risk.value, "fraction"), f"{batch[0]} x {batch[1]}"
        named.append(f"collapse risk {share} at {shape}: {band}")
    said = [f"{', '.join(named)}."] if named else []
    wrong = report.measures.get("violated_triplets")
    if wrong is not None and wrong.value is not None:
        said.append(f"Triplets out of order: {amount(wrong)}.")
    return f"Theory (Xu et al.): {' '.join(said)}" if said else ""


def _first_sentence(step: str) -> str:
    """A step without what explains it."""
    return NextStep(_SENTENCE.split(str(step), maxsplit=1)[0], command_of(step))


def _gate(report: Report) -> Iterator[Block]:
    """Rules that did not pass, and last what came of all."""
    came = verdict_of(report)
    if came is None:
        return
    failing = [rule for rule in report.gate.rules if rule.status != "pass"]
    rules = urgent(failing, RULES, headed=False)
    yield from () if rules is None else (rules,)
    yield Answers((came,))
