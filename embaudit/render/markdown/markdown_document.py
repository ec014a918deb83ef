"""A document as Markdown: how each block looks there."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from embaudit.render.markdown.escapes import code, plain, prose, spans
from embaudit.render.markdown.figure_tables import gaps, key_figures, pipes, readings, rules
from embaudit.render.safe_text import count
from embaudit.render.words.block_document import Block, BlockDocument
from embaudit.render.words.block_types import (
    Answers,
    Facts,
    Heading,
    Hint,
    Listing,
    Mark,
    Messages,
    Note,
    Paragraph,
    SourceBlock,
    Steps,
    TableBlock,
)
from embaudit.render.words.curves import CURVE_TITLES, grouped
from embaudit.render.words.figure_blocks import (
    CurvesBlock,
    GapsBlock,
    KeyFigures,
    Meters,
    RankedTable,
    ReadingsBlock,
    RulesBlock,
)
from embaudit.render.words.step_command import command_lines, command_of
from embaudit.report.shell_command import Pasted

MARKS: dict[Mark, str] = {"good": "✓", "note": "·", "warning": "!", "bad": "✗", "unknown": "?"}
BARS = 40  # of a curve at most
WIDE = 100  # cells of a line of code
LONGEST = 2000  # cells of what is said of a finding or a measure


def document_markdown(document: BlockDocument) -> str:
    """The whole page."""
    return "\n".join(_lines(document)) + "\n"


def lines_of(block: Block) -> Iterator[str]:
    """The lines of a block, an empty one first."""
    yield from SHOWN[type(block)](block)


def numbered(steps: Iterable[str], write: Callable[[str], str] = prose) -> Iterator[str]:
    """Steps as a list, each with the command that does it in a block of code."""
    for number, step in enumerate(steps, 1):
        yield f"{number}. {write(step)}"
        yield from pasted(command_of(step), "   ")


def pasted(command: Pasted | None, indent: str) -> Iterator[str]:
    """A command as a block of code below an item of a list."""
    if command is not None:
        lines = ("```sh", *command_lines(command, WIDE), "```")
        yield from ("", *(f"{indent}{line}" for line in lines), "")


def _lines(document: BlockDocument) -> Iterator[str]:
    yield f"# {document.title}"
    for block in document.seen("markdown"):
        yield from lines_of(block)
    run = document.run
    shown = prose(run) if isinstance(run, str) else spans(run)
    told = f", run {shown}" if run else ""
    yield from ("", f"embaudit {prose(document.version)}{told}")


def _heading(block: Heading) -> Iterator[str]:
    yield from ("", f"## {spans(block.text)}")


def _paragraph(block: Paragraph) -> Iterator[str]:
    yield from ("", prose(plain(block.text)))


def _note(block: Note) -> Iterator[str]:
    yield from ("", prose(plain(block.text)))


def _hint(_: Hint) -> Iterator[str]:
    return iter(())


def _listing(block: Listing) -> Iterator[str]:
    yield from ("", spans(block.head), "")
    yield from (f"- {', '.join(map(spans, row))}" for row in block.rows)
    yield from ("", spans(block.note)) if block.note else ()


def _messages(block: Messages) -> Iterator[str]:
    if block.messages:
        yield from ("", f"## {block.title}", "")
        yield from (f"- {prose(message)}" for message in block.messages)


def _answers(block: Answers) -> Iterator[str]:
    yield ""
    for one in block.answers:
        details = prose(" ".join(filter(None, (*one.details, one.remedy))), LONGEST)
        yield f"- {MARKS[one.mark]} **{prose(one.headline)}** {details}".rstrip()
        yield from pasted(one.command, "  ")


def _steps(block: Steps) -> Iterator[str]:
    if block.steps:
        yield from ("", "## Next", "")
        yield from numbered(block.steps)


def _facts(block: Facts) -> Iterator[str]:
    yield from ("", f"## {block.title}") if block.title else ()
    yield ""
    for name, fact in block.facts:
        yield f"- **{prose(name)}** {prose(plain(fact))}"


def _table(block: TableBlock) -> Iterator[str]:
    if not block.rows:
        return
    shown = block.seen("markdown")
    columns = [(prose(plain(one.title)), one.side) for one in shown.columns]
    yield ""
    if block.title:
        yield from (f"{'#' * block.level} {block.title}", "")
    yield from pipes(columns, [[spans(cell) for cell in row] for row in shown.rows])
    if block.note:
        yield from ("", prose(plain(block.note)))


def _meters(block: Meters) -> Iterator[str]:
    yield from _table(block.figures)


def _ranked(block: RankedTable) -> Iterator[str]:
    columns = [(block.head, "left")]
    columns += [(prose(one.title), one.side) for one in block.columns]
    texts = (one.texts for one in block.columns)
    yield from ("", f"## {block.title}", "")
    yield from pipes(columns, list(zip(map(spans, block.names), *texts, strict=True)))
    yield from ("", block.note) if block.note else ()


def _curves(block: CurvesBlock) -> Iterator[str]:
    """A curve in a cell, in as many bars as there is room for."""
    groups = grouped(len(block.states), BARS)
    yield from ("", f"## {block.title}", "", block.scale, "")
    columns = [("measure", "left"), ("curve", "left"), *((one, "right") for one in CURVE_TITLES)]
    rows = [(code(one.title), "".join(one.bars(groups)), *one.ends) for one in block.curves]
    yield from pipes(columns, rows)


def _source(block: SourceBlock) -> Iterator[str]:
    yield from ("", f"## {block.title}") if block.headed else ()
    yield from ("", prose(f"{block.lead}{plain(block.inputs)}."))
    shown = block.warnings[: block.most]
    if shown and block.most is not None:
        yield ""
    yield from (f"- Warning: {prose(notice.message)}" for notice in shown)
    more = len(block.warnings) - len(shown)
    yield from (f"- {count(more, 'more warning')}: see the JSON report.",) if more else ()


SHOWN: dict[type, Callable[[Any], Iterator[str]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Note: _note,
    Hint: _hint,
    Listing: _listing,
    Messages: _messages,
    Answers: _answers,
    Steps: _steps,
    Facts: _facts,
    TableBlock: _table,
    Meters: _meters,
    RankedTable: _ranked,
    CurvesBlock: _curves,
    KeyFigures: key_figures,
    ReadingsBlock: readings,
    GapsBlock: gaps,
    RulesBlock: rules,
    SourceBlock: _source,
}
