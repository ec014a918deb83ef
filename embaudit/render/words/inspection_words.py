"""What would be read, and why an audit would refuse it."""

from collections.abc import Iterator

from embaudit.core.machine import readable
from embaudit.render.safe_text import count
from embaudit.render.words.block_document import Block, BlockDocument
from embaudit.render.words.block_types import Facts, Heading, Listing, Messages, Note
from embaudit.render.words.rich_text import Data, FilePath, Sentence
from embaudit.report.inspection_document import ColumnView, FileView, Inspection

FILES, COLUMNS = 10, 40  # shown at most


def inspection_document(seen: Inspection) -> BlockDocument:
    """Whether an audit would read it, the files, and what is in them."""
    return BlockDocument("What an audit would read", "", "", tuple(_blocks(seen)))


def _blocks(seen: Inspection) -> Iterator[Block]:
    if seen.problems:
        found = count(len(seen.problems), "problem")
        yield Heading(f"An audit would refuse this: {found}.", "bad")
    else:
        yield Heading("An audit would read this.", "good")
    yield Heading("Files")
    yield from map(_file, seen.files[:FILES])
    if len(seen.files) > FILES:
        yield Note(_more(len(seen.files) - FILES))
    facts = tuple(_contents(seen))
    if facts:
        yield Facts(facts, "Contents")
    yield Messages("Warnings", [notice.message for notice in seen.notices])
    yield Messages("Problems", seen.problems)


def _file(file: FileView) -> Listing:
    columns = count(len(file.columns), "column" if file.format != "npy" else "array")
    left = len(file.columns) - COLUMNS
    return Listing(
        (FilePath(file.path, None), f": {file.format}, {readable(file.size)}, {columns}"),
        tuple(map(_column, file.columns[:COLUMNS])),
        _more(left) if left > 0 else "",
    )


def _column(column: ColumnView) -> tuple[Sentence, ...]:
    """Name, type, shape, and what it is read as."""
    shape = " x ".join(f"{length:,}" for length in column.shape) or "a single value"
    role = f"{column.role} ({column.why})" if column.role else "-"
    name = Data(column.name, None) if column.name else "(no name)"
    return name, Data(column.stored, 40), shape, Data(role, 80)


def _more(number: int) -> str:
    return f"and {number:,} more of them."


def _contents(seen: Inspection) -> Iterator[tuple[str, str]]:
    """Rows, dimensions, classes and memory."""
    if seen.rows is not None and seen.dim is not None:
        size = f"{count(seen.rows, 'row')} x {count(seen.dim, 'dim')} of {seen.dtype}"
        yield "embeddings", size
    if seen.classes is not None:
        ends = dict.fromkeys((f"{seen.classes.smallest:,}", f"{seen.classes.largest:,}"))
        spread = f"of {' to '.join(ends)} rows"
        alone = f", {seen.classes.singletons:,} of a single row"
        alone = alone if seen.classes.singletons else ""
        number = count(seen.classes.count, "class", "classes")
        yield "labels", f"{number} {spread}{alone}"
    if seen.needed is not None:
        needed, allowed = readable(seen.needed), readable(seen.allowed)
        yield "memory", f"about {needed} of the {allowed} that are allowed"
