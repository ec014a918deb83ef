"""Parts of a page that a program writes, between `<!-- generated: NAME -->` and `<!-- end -->`."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from embaudit.render.markdown.figure_tables import pipes
from tests.docs.pages import text_of

_BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def blocks_of(page: Path) -> dict[str, str]:
    """The generated parts of a page, as they stand there."""
    return {found[2]: found[3] for found in _BLOCK.finditer(text_of(page))}


def write(page: Path, parts: Mapping[str, str]) -> None:
    """Put new text into parts of a page."""

    def new(found: re.Match[str]) -> str:
        return found[1] + parts.get(found[2], found[3]) + found[4]

    page.write_text(_BLOCK.sub(new, text_of(page)), encoding="utf-8")


def pipe_table(titles: Iterable[str], rows: Iterable[Iterable[object]], right: int = 0) -> str:
    """A table in Markdown; the last `right` columns are numbers."""
    names = list(titles)
    sides = ["left"] * (len(names) - right) + ["right"] * right
    columns = list(zip(names, sides, strict=True))
    return "\n".join(pipes(columns, [[str(cell) for cell in row] for row in rows])) + "\n"
