"""The figures of a report as tables of Markdown."""

from collections.abc import Iterator, Sequence

from embaudit.render.markdown.escapes import code, prose, spans
from embaudit.render.safe_text import count, figure
from embaudit.render.words.figure_blocks import GapsBlock, KeyFigures, ReadingsBlock, RulesBlock

LONGEST = 2000  # cells of what is said of a measure


def pipes(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A pipe table of (title, left or right) columns; cells are already Markdown."""
    yield "| " + " | ".join(title for title, _ in columns) + " |"
    yield "|" + "|".join(" ---: " if side == "right" else " --- " for _, side in columns) + "|"
    for row in rows:
        yield "| " + " | ".join(cell.replace("\n", " ") or " " for cell in row) + " |"


def key_figures(block: KeyFigures) -> Iterator[str]:
    """A figure a line, and what is best said in words below them."""
    columns = ("figure", "left"), ("this set", "right"), (block.beside, "right"), ("", "left")
    rows = [
        (prose(one.name), prose(one.here), prose(one.beside), spans(one.note))
        for one in block.figures
    ]
    yield ""
    yield from pipes(columns, rows)
    yield from ("",) if block.facts else ()
    yield from (f"{name.capitalize()}: {spans(fact)}." for name, fact in block.facts)


def readings(block: ReadingsBlock) -> Iterator[str]:
    """All measures of a group."""
    columns = (
        ("measure", "left"),
        ("value", "right"),
        ("kind", "left"),
        ("interval", "left"),
        ("in RMS pair distances", "right"),
        ("reading", "left"),
    )
    rows = [
        (
            code(one.id),
            one.value,
            one.kind,
            prose(one.interval),
            one.relative.removesuffix(" rms"),
            prose(one.says, LONGEST),
        )
        for one in block.readings
    ]
    yield from ("", f"## {prose(block.group)}", "")
    yield from pipes(columns, rows)


def gaps(block: GapsBlock) -> Iterator[str]:
    """The quantiles; a chart would say no more."""
    if block.plain:
        columns = tuple((code(id), "right") for id in block.names)
        yield ""
        yield from pipes(columns, [[figure(value) for value in block.values]])


def rules(block: RulesBlock) -> Iterator[str]:
    """A rule a line, with what to do where it did not pass."""
    titles = ("status", "rule", "observed and limit", "remedy")
    rows = [
        (
            rule.status,
            code(rule.rule, 200),
            prose(rule.observed),
            prose(rule.remedy),
        )
        for rule in block.rules
    ]
    yield from ("", "## Gate", "") if block.headed else ("",)
    yield from pipes([(title, "left") for title in titles], rows)
    if block.more:
        told = count(block.more, "more rule")
        yield from ("", f"{told}, none more urgent: see the JSON report.")
