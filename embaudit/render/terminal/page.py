"""A page on a console: lines, headings and aligned blocks, as plain text and never as markup."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from embaudit.render.safe_text import inert, spell
from embaudit.render.words.block_types import Answer, Mark, SourceBlock, TableBlock
from embaudit.render.words.rich_text import Sentence, inert_text
from embaudit.render.words.step_command import command_lines, command_of
from embaudit.report.shell_command import Pasted

MARKS: dict[Mark, tuple[str, str]] = {
    "good": ("✓", "green"),
    "note": ("·", "dim"),
    "warning": ("!", "yellow"),
    "bad": ("✗", "red"),
    "unknown": ("?", "dim"),
}
WARNINGS = 10  # shown at most
COMMAND = 10  # columns before a command, and what is left free after it
BESIDE = 32  # columns beside a path that gets all the room there is
ROOMY, WIDE = 76, 110  # widths from which there are more columns, and longer labels


class Page:
    """What every text page is made of; `pen` makes our own text, in ASCII where it must be."""

    def __init__(self, console: Console, full: bool = True) -> None:
        self.console = console
        self.full = full
        self.begun = False  # whether anything stands on it
        self.ascii_only = console.options.ascii_only
        self.roomy = console.width >= ROOMY
        self.gutter = 2 if self.roomy else 1
        self.most = (20 if console.width < WIDE else 32) if self.roomy else 14  # cells of a label

    def pen(self, text: str, style: str = "") -> Text:
        """Our own text."""
        return Text(spell(text) if self.ascii_only else text, style)

    def safe(self, text: str, most: int = 600) -> str:
        """Text that may hold data."""
        return inert(text, most, self.ascii_only)

    def words(self, sentence: Sentence) -> str:
        """A sentence, its data inert and short enough for this page."""
        room = max(self.console.width - BESIDE, BESIDE)
        return inert_text(sentence, self.most, room, ascii_only=self.ascii_only)

    def emit(self, block: RenderableType, indent: int = 0) -> None:
        """Print a block without the trailing spaces that tables pad their lines with."""
        self.put(self.rows(block, indent))

    def put(self, rows: Iterable[Text]) -> None:
        """Print lines as they are, even where one is longer than the page."""
        self.begun = True
        for row in rows:
            self.console.print(row, soft_wrap=True)

    def rows(self, block: RenderableType, indent: int = 0) -> Iterator[Text]:
        """The lines of a block as they are printed."""
        options = self.console.options.update(width=self.console.width - indent)
        for segments in self.console.render_lines(block, options, pad=False):
            row = Text(" " * indent)
            for segment in segments:
                row.append(segment.text, segment.style)
            row.rstrip()
            yield row

    def line(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """A paragraph, wrapped to the page."""
        self.emit(self.pen(text, style), indent)

    def heading(self, text: str, note: str = "") -> None:
        """A bold line after an empty one; the note is left out where it does not fit."""
        self.line()
        title = self.pen(text, "bold")
        if note and cell_len(text) + cell_len(note) + 2 <= self.console.width:
            title.append_text(self.pen(f"  {note}", "dim"))
        self.emit(title)

    def grid(self, columns: int = 2, first: int | None = None) -> Grid:
        """Aligned columns without lines; `first` fixes the width of the first one."""
        grid = Grid.grid(padding=(0, 2, 0, 0))
        for number in range(columns):
            grid.add_column(width=first if number == 0 else None, overflow="fold")
        return grid

    def opening(self, version: str, run: str) -> None:
        """Which run it is."""
        self.line(f"embaudit {version}  run {self.safe(run[:12], 48)}", "dim")

    def steps(self, steps: Iterable[str]) -> None:
        """What to look at next."""
        self.heading("Next")
        for number, step in enumerate(steps, 1):
            grid = self.grid(first=2)
            grid.add_row(self.pen(f"{number}."), self.pen(step))
            self.emit(grid, 2)
            self.command(command_of(step), 8)

    def command(self, command: Pasted | None, indent: int) -> None:
        """A command as it stands, never cut or spelt otherwise."""
        if command is not None:
            lines = command_lines(command, self.console.width - COMMAND, self.ascii_only)
            self.put(Text(" " * indent).append(line, "bold") for line in lines)

    def findings(self, found: Iterable[Answer], *, brief: bool = False) -> None:
        """Answers in words, each with its mark; brief: what explains the first alone."""
        for at, finding in enumerate(found):
            grid = self.grid(first=1)
            glyph, style = MARKS[finding.mark]
            grid.add_row(self.pen(glyph, f"bold {style}"), self.pen(finding.headline, "bold"))
            words = " ".join(filter(None, (*finding.details, finding.remedy)))
            if words and not (brief and at):
                grid.add_row("", self.pen(words))
            self.emit(grid)
            self.command(finding.command, 5)

    def table(self, content: TableBlock) -> None:
        """A table under its title, with its note."""
        self.heading(content.title)
        shown = content.seen("terminal", self.roomy)
        least = self._words_of(shown)
        if sum(least) + self.gutter * (len(least) - 1) > self.console.width - 2:
            self._stacked(shown)
            return
        padding = (0, self.gutter, 0, 0)
        grid = Grid(box=None, pad_edge=False, padding=padding, header_style="dim")
        for one, width in zip(shown.columns, least, strict=True):
            justify: Literal["left", "right"] = "right" if one.side == "right" else "left"
            title = self.pen(self.words(one.title))
            grid.add_column(title, justify=justify, overflow="fold", min_width=width)
        for row in shown.rows:
            grid.add_row(*(self.pen(self.words(cell)) for cell in row))
        self.emit(grid, 2)
        if content.note:
            self.line(self.words(content.note), "dim", 2)

    def _words_of(self, content: TableBlock) -> list[int]:
        """Cells of the longest word of each column, which is not torn."""
        rows = [tuple(one.title for one in content.columns), *content.rows]
        columns = zip(*rows, strict=True)
        words = [[word for cell in one for word in self.words(cell).split()] for one in columns]
        return [max(map(cell_len, one), default=1) for one in words]

    def _stacked(self, content: TableBlock) -> None:
        """A row in two lines: what it is of, and below it the rest with its titles."""
        titles = [self.words(one.title) for one in content.columns]
        for row in content.rows:
            head, *rest = (" ".join(self.words(cell).split()) for cell in row)
            told = ", ".join(
                f"{title} {cell}" for title, cell in zip(titles[1:], rest, strict=True) if cell
            )
            if head:
                self.line(head, indent=2)
            self.line(told, "dim", 4)
        if content.note:
            self.line(self.words(content.note), "dim", 2)

    def facts(self, facts: Iterable[tuple[str, Sentence]]) -> None:
        """Names and what is known of each."""
        grid = self.grid()
        for name, fact in facts:
            grid.add_row(self.pen(name, "dim"), self.pen(self.words(fact)))
        self.emit(grid, 2)

    def cells(self, rows: Sequence[Sequence[Sentence]], indent: int) -> None:
        """Rows without a title; where it is narrow each as a list, so that no word is torn."""
        if not self.roomy:
            for row in rows:
                self.line(", ".join(self.words(cell) for cell in row), indent=indent)
            return
        grid = self.grid(len(rows[0]))
        for row in rows:
            grid.add_row(*(self.pen(self.words(cell)) for cell in row))
        self.emit(grid, indent)

    def warnings(self, messages: Iterable[str], most: int = 600) -> None:
        """Messages with their mark."""
        grid = self.grid()
        for message in messages:
            grid.add_row(self.pen("!", "bold yellow"), self.pen(self.safe(message, most)))
        self.emit(grid, 2)

    def source(self, source: SourceBlock) -> None:
        """What was read, and the warnings about it."""
        self.heading(source.title)
        self.line(self.words(source.inputs), indent=2)
        self.warnings(notice.message for notice in source.warnings[:WARNINGS])
        more = len(source.warnings) - WARNINGS
        if more > 0:
            self.line(f"{more} more warnings in the JSON report.", "dim", 2)

    def columns(self, items: list[str]) -> None:
        """Short items side by side, aligned."""
        wide = max(map(cell_len, items)) + 2
        fit = max(1, (self.console.width - 2) // wide)
        for start in range(0, len(items), fit):
            row = "".join(item.ljust(wide) for item in items[start : start + fit])
            self.line(row.rstrip(), indent=2)
