"""What would be read, as it is known without computing."""

from collections.abc import Mapping
from dataclasses import dataclass

from embaudit.data import Notice
from embaudit.report.display_mixins import Displayed


@dataclass(frozen=True)
class ColumnView:
    """A column as it is stored, and what it is read as: a role and how it was chosen."""

    name: str
    shape: tuple[int, ...]
    stored: str
    role: str | None
    why: str | None


@dataclass(frozen=True)
class FileView:
    """A file and its columns; `size` in bytes."""

    path: str
    format: str
    size: int
    columns: tuple[ColumnView, ...]


@dataclass(frozen=True)
class ClassView:
    """The classes in figures: how many, of how many rows, and how many of a single row."""

    count: int
    smallest: int
    largest: int
    singletons: int


@dataclass(frozen=True, repr=False)
class Inspection(Displayed):
    """Everything known without computing.

    rows, dim, dtype: of the embeddings, None where none could be chosen. classes: None where the
    values were not read to the end, or no labels are to be. needed, allowed: bytes an audit takes
    and may take. acknowledged: how many notices were acknowledged, by id.
    """

    files: tuple[FileView, ...]
    rows: int | None
    dim: int | None
    dtype: str | None
    classes: ClassView | None
    needed: int | None
    allowed: int
    over_budget: bool
    notices: tuple[Notice, ...]
    acknowledged: Mapping[str, int]
    problems: tuple[str, ...]
