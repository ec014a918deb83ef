"""All that is to be read of an audit: the verdict first, then what it rests on."""

from collections.abc import Iterator, Sequence

from embaudit.measures.measure import Measure
from embaudit.render.words import change_tables, tables
from embaudit.render.words import change_words as changes
from embaudit.render.words.audit_summary import theory
from embaudit.render.words.block_document import Block, BlockDocument, only
from embaudit.render.words.block_types import (
    Answers,
    Heading,
    Paragraph,
    SourceBlock,
    Steps,
)
from embaudit.render.words.diagnosis_words import findings
from embaudit.render.words.figure_blocks import GapsBlock, ReadingsBlock
from embaudit.render.words.gate_words import urgent, verdict_of
from embaudit.render.words.input_line import inputs_line, subject
from embaudit.render.words.key_figures import key_figures
from embaudit.render.words.measured_value_words import GAPS, grouped, shown, value_of
from embaudit.render.words.next_steps import beside_steps, next_steps
from embaudit.render.words.rich_text import FilePath
from embaudit.render.words.tables import there
from embaudit.render.words.visibility_rules import outlook
from embaudit.report import Report

# Groups of measures as one reads on from the verdict: who violates, what carries the variance,
# where training leads, how far it is to a separated map. Others come after them.
ORDER = (
    "Separation",
    "Suspect rows",
    "Retrieval",
    "Pair separation",
    "Spectrum",
    "Collapse",
    "Thickness",
    "Distance to a triplet-separated map",
)
TOP = 20  # of whatever grows with the data: GitHub drops a step summary above 1 MiB
RULES = 50
LEGEND = "value, kind [interval], rms: in RMS pair distances"
HINT = "embaudit explain ID says what a number means and what to do about it."


def audit_document(report: Report, measures: Sequence[Measure]) -> BlockDocument:
    """The whole report; its size does not grow with the classes, the rules or the labels."""
    blocks = tuple(_blocks(report, measures))
    return BlockDocument(
        "Embedding audit", report.tool.version, report.run_id, blocks, subject(report)
    )


def _blocks(report: Report, measures: Sequence[Measure]) -> Iterator[Block]:
    yield Answers(tuple(beside_steps(report, findings(report))))
    yield key_figures(report)
    told = theory(report)
    yield from (Paragraph(told, quiet=True),) if told else ()
    rules = urgent(report.gate.rules, RULES)
    yield from () if rules is None else (rules,)
    yield Steps(tuple(next_steps(report)))
    yield from _baseline(report, measures)
    yield SourceBlock(
        "Audited", "Read from ", inputs_line(report), report.warnings, headed=True, most=TOP
    )
    yield from _sections(report, measures)
    yield from there(tables.triplets(report, TOP))
    yield only("terminal", Paragraph(HINT, quiet=True))
    came = verdict_of(report)
    yield from () if came is None else (only("terminal", Answers((came,))),)


def _baseline(report: Report, measures: Sequence[Measure]) -> Iterator[Block]:
    """What changed since the baseline."""
    compared = report.baseline
    if compared is None:
        return
    yield Heading(("Against the baseline ", FilePath(compared.path, 50)))
    yield Answers(tuple(changes.findings(compared)))
    yield from there(change_tables.changes(compared, measures), change_tables.classes(compared))


def _sections(report: Report, measures: Sequence[Measure]) -> Iterator[Block]:
    """Every measure by group, and below each group what the report has of its kind."""
    values = gap_quantiles(report)
    plain = values is not None and all(report.measures[id].kind == "exact" for id in GAPS)
    hidden = set(GAPS) if plain else set()
    groups = {
        group: tuple(shown(m, r) for m, r in pairs if m.id not in hidden)
        for group, pairs in grouped(report, measures)
    }
    below = {
        "Separation": (tables.classes(report, TOP), tables.confused(report, TOP)),
        "Suspect rows": tuple(tables.culprits(report, TOP)),
        "Collapse": (tables.forecast(outlook(report)),),
    }
    note = LEGEND
    for group in dict.fromkeys((*ORDER, *groups)):
        if groups.get(group):
            yield ReadingsBlock(group, groups[group], note)
            note = ""
        if group == "Separation" and values is not None:
            yield GapsBlock(GAPS, tuple(values), report.data.anchors, plain)
        yield from there(*below.get(group, ()))


def gap_quantiles(report: Report) -> list[float] | None:
    """The seven quantiles, or None unless all are known and in order."""
    found = [value_of(report, id) for id in GAPS]
    values = [value for value in found if value is not None]
    return values if len(values) == len(GAPS) and values == sorted(values) else None
