"""What of an audit is read first: the state, the figures that decide, what to do, the gate."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context

from embaudit.render.words import change_words as changes
from embaudit.render.words.block_document import Block, BlockDocument
from embaudit.render.words.block_types import Answer, Answers, Hint, Paragraph, Steps
from embaudit.render.words.diagnosis_words import RISK_WORDS, beside_verdict, verdict
from embaudit.render.words.gate_words import urgent, verdict_of
from embaudit.render.words.input_line import subject
from embaudit.render.words.key_figures import PAIRS, key_figures, share
from embaudit.render.words.measured_value_words import amount, interval, value
from embaudit.render.words.next_steps import next_steps
from embaudit.render.words.step_command import NextStep, command_of
from embaudit.render.words.visibility_rules import own_finding
from embaudit.report import Reading, Report, risk_of
from embaudit.report.diagnosis_model import GRAVE


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
    Room(found=2, steps=2, theory=False),
    Room(found=1, steps=1),
    Room(found=1, steps=1, theory=False),
    Room(found=0, steps=1, theory=False, pairs=1),
)
RULES = 5  # that did not pass, at most
FIRST = 5  # rows with a fault that are named
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
    yield Answers((_short(report),))
    yield key_figures(report, room.pairs)
    beside = tuple(_found(report, room.found))
    yield from (Answers(beside),) if beside else ()
    told = theory(report) if room.theory else ""
    yield from (Paragraph(told, quiet=True),) if told else ()
    steps = next_steps(report, most=room.steps)
    yield Steps(tuple(steps if room.whole else map(_first_sentence, steps)))
    yield Hint(HINT)


def _short(report: Report) -> Answer:
    """A state without what stands in the figures below it."""
    told = verdict(report)
    return Answer(told.mark, told.headline, tuple(_at_once(report, told)))


def _at_once(report: Report, told: Answer) -> Iterator[str]:
    """What has to be known beside the state: a suspect, and which rows have the fault."""
    if told.id == "suspect_labels":
        yield from told.details[:1]
    if report.diagnosis is None or report.diagnosis.state != "check_input":
        return
    own = own_finding(report.diagnosis)
    rows = [] if own is None else own.evidence.get("rows", [])
    if rows and not re.search(r"\brows? \d", told.headline):
        more = ", ..." if len(rows) > FIRST else ""
        yield f"Rows {', '.join(map(str, rows[:FIRST]))}{more}."
    yield "The figures are of the fault, not of the model."


def _found(report: Report, most: int) -> Iterator[Answer]:
    """What was found beside the state and asks for attention, in a line each."""
    moved = [] if report.baseline is None else list(changes.findings(report.baseline))
    told = [one for one in moved if one.mark in ("bad", "warning")] or moved[:1]
    overlapping = report.diagnosis is not None and report.diagnosis.state == "overlapping"
    said = ("collapse_warning",) if overlapping else ()  # in the figures, which is enough there
    beside = [one for one in beside_verdict(report) if one.id not in said]
    told += [one for one in beside if one.mark in ("bad", "warning")]
    told += [one for one in beside if one.mark == "good" and not one.id]
    yield from (replace(one, details=(), remedy="", command=None) for one in told[:most])
    if len(told) > most:
        yield Answer("note", f"{len(told) - most} more found: --full")


def theory(report: Report) -> str:
    """The figures of the paper, for those who know it; empty where none is known."""
    named = [
        f"{id} {_ends(one)}"
        for id in ("d_iso", "thickness")
        if (one := report.measures.get(id)) is not None and one.value is not None
    ]
    wrong = report.measures.get("violated_triplets")
    if wrong is not None and wrong.value is not None:
        named.append(f"violated triplets {amount(wrong)}")
    risk = report.measures.get("collapse_risk")
    grave = report.diagnosis is not None and report.diagnosis.state in GRAVE
    if risk is not None and risk.value is not None and not grave:
        # of what has fallen already nothing is told, nor of a fault
        band = RISK_WORDS[risk_of(risk.value if risk.upper is None else risk.upper)]
        named.append(f"risk of batch-hard training {band} ({share(risk.value)})")
    return f"Theory (Xu et al. 2022): {', '.join(named)}." if named else ""


def _ends(reading: Reading) -> str:
    """A certified interval in three digits, rounded outward; else the value."""
    low, high = reading.lower, reading.upper
    if reading.kind != "certified" or low is None or high is None:
        return interval(reading) or value(reading)
    return f"[{_rounded(low, ROUND_FLOOR)}, {_rounded(high, ROUND_CEILING)}]"


def _rounded(end: float, way: str) -> str:
    return f"{Context(prec=3, rounding=way).create_decimal_from_float(end):.3g}"


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
