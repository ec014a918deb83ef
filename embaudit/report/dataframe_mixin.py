"""What a result gives as a table: to pandas, to polars, and to all that speaks Arrow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from embaudit.errors import UsageError
from embaudit.report.display_mixins import viewer

Columns = Mapping[str, Any]


@dataclass(frozen=True)
class AnchorColumns:
    """The columns of the table of anchors, where an audit has left them.

    They are no part of what a report says: two equal reports are equal with and without.
    """

    columns: Columns | None = field(default=None, compare=False, repr=False)


class Tabular:
    """A result with a table: `columns` by name, a value a row."""

    def columns(self) -> Columns:
        """The columns of its table."""
        raise NotImplementedError

    def to_arrow(self) -> Any:
        """The table as a pyarrow.Table."""
        return viewer().table(self.columns())

    def to_pandas(self) -> Any:
        """The table as a pandas.DataFrame. Raises UsageError where pandas is not installed."""
        try:
            import_module("pandas")  # which pyarrow asks for
            return self.to_arrow().to_pandas()
        except ImportError as error:
            raise _missing("pandas") from error

    def to_polars(self) -> Any:
        """The table as a polars.DataFrame. Raises UsageError where polars is not installed."""
        try:
            return viewer().polars(self.columns())
        except ImportError as error:
            raise _missing("polars") from error

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The table, to who speaks Arrow: pyarrow.table, polars.DataFrame, duckdb, ..."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)


def _missing(library: str) -> UsageError:
    return UsageError(f"{library} is not installed.", f"Install it: pip install {library}")
