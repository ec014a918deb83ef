"""What options add to the outputs of an audit: kept columns, and pictures in a page."""

import os
from collections.abc import Sequence
from pathlib import Path

from embaudit.core.location import Location
from embaudit.errors import UsageError
from embaudit.outputs.media import PAGE, Medium, files_of


def kept_columns(
    asked: str | None, paths: Sequence[Location], *, labelled: bool = True
) -> tuple[str, ...]:
    """The columns of a comma list that go along into a table of anchors, or a page.

    Raises UsageError where no such table is written, or has a column of that name already, and
    where there can be none.
    """
    from embaudit.measures import COLUMNS

    names = tuple(dict.fromkeys(filter(None, (name.strip() for name in (asked or "").split(",")))))
    media = _media(paths)
    tables = [path for path, medium in media if medium.holds == "table"]
    if tables and not labelled:
        raise UsageError(
            f"{tables[0]}: would hold a row for each anchor, and without labels there are none.",
            "Give labels, or drop this output.",
        )
    if names and not any(medium.keeps for _, medium in media):
        raise UsageError(
            "--keep-columns goes into a table of anchors or a page, and none is written.",
            "Add -o anchors.parquet, or -o report.html.",
        )
    taken = [name for name in names if name in COLUMNS]
    if taken and tables:
        raise UsageError(
            f"--keep-columns: the table of anchors has {', '.join(map(repr, taken))} of its own.",
            "Leave these out, or rename them in the input.",
        )
    return names


def check_assets(root: Path | None, keep: str | None, paths: Sequence[Location]) -> None:
    """Raise UsageError for a directory of pictures that is none, or that no page can show."""
    if root is None:
        return
    if not os.path.isdir(root):
        raise UsageError(f"--asset-root {root}: there is no such directory.")
    if keep is None or not any(medium is PAGE for _, medium in _media(paths)):
        raise UsageError(
            "--asset-root shows pictures in a page, by the paths in a column.",
            "Add -o report.html and --keep-columns NAME.",
        )


def _media(paths: Sequence[Location]) -> list[tuple[Location, Medium]]:
    """The medium of each output of an audit."""
    known = files_of("audit")
    return [(path, known[path.suffix.lower()]) for path in paths]
