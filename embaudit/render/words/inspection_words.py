"""What would be read, on a terminal."""

from typing import TYPE_CHECKING

from rich.console import Console

from embaudit.core.machine import readable
from embaudit.render.terminal.page import Page
from embaudit.render.text import count, path

if TYPE_CHECKING:
    from embaudit.inspecting import ColumnView, FileView, Inspection

FILES, COLUMNS = 10, 40  # shown at most


def render_inspection(seen: "Inspection", console: Console) -> None:
    """Print an inspection; the console comes from `console_for`."""
    page = _Inspection(console)
    page.verdict(seen)
    page.heading("Files")
    for file in seen.files[:FILES]:
        page.file(file)
    if len(seen.files) > FILES:
        page.line(f"and {len(seen.files) - FILES:,} more of them.", "dim", 2)
    page.contents(seen)
    page.list("Warnings", [notice.message for notice in seen.notices])
    page.list("Problems", seen.problems)


class _Inspection(Page):
    """The parts of the page."""

    def verdict(self, seen: "Inspection") -> None:
        if seen.problems:
            found = count(len(seen.problems), "problem")
            self.line(f"An audit would refuse this: {found}.", "bold red")
        else:
            self.line("An audit would read this.", "bold green")

    def file(self, file: "FileView") -> None:
        name = path(file.path, self.console.width - 32, self.ascii_only)
        columns = count(len(file.columns), "column" if file.format != "npy" else "array")
        self.line(f"{name}: {file.format}, {readable(file.size)}, {columns}", indent=2)
        shown = [self.column(column) for column in file.columns[:COLUMNS]]
        grid = self.grid(4)
        for row in shown:
            grid.add_row(*map(self.pen, row))
        self.emit(grid, 4)
        if len(file.columns) > COLUMNS:
            self.line(f"and {len(file.columns) - COLUMNS:,} more of them.", "dim", 4)

    def column(self, column: "ColumnView") -> tuple[str, str, str, str]:
        """Name, type, shape, and what it is read as."""
        shape = " x ".join(f"{length:,}" for length in column.shape) or "a single value"
        role = f"{column.role} ({column.why})" if column.role else "-"
        name = self.safe(column.name, self.most) if column.name else "(no name)"
        return name, self.safe(column.stored, 40), shape, self.safe(role, 80)

    def contents(self, seen: "Inspection") -> None:
        """Rows, dimensions, classes and memory."""
        facts = []
        if seen.rows is not None and seen.dim is not None:
            size = f"{count(seen.rows, 'row')} x {count(seen.dim, 'dim')} of {seen.dtype}"
            facts.append(("embeddings", size))
        if seen.classes is not None:
            ends = dict.fromkeys((f"{seen.classes.smallest:,}", f"{seen.classes.largest:,}"))
            spread = f"of {' to '.join(ends)} rows"
            alone = f", {seen.classes.singletons:,} of a single row"
            alone = alone if seen.classes.singletons else ""
            number = count(seen.classes.count, "class", "classes")
            facts.append(("labels", f"{number} {spread}{alone}"))
        if seen.needed is not None:
            needed, allowed = readable(seen.needed), readable(seen.allowed)
            facts.append(("memory", f"about {needed} of the {allowed} that are allowed"))
        if facts:
            self.heading("Contents")
            grid = self.grid(2)
            for name, fact in facts:
                grid.add_row(self.pen(name, "dim"), self.pen(fact))
            self.emit(grid, 2)

    def list(self, title: str, messages: "tuple[str, ...] | list[str]") -> None:
        """Messages under a heading, if there are any."""
        if not messages:
            return
        self.heading(title)
        grid = self.grid(2)
        for message in messages:
            grid.add_row(self.pen("!", "bold yellow"), self.pen(self.safe(message, 2000)))
        self.emit(grid, 2)
