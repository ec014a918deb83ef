"""What Python shows of a result: a few lines, a card in a notebook, the first screen, a page.

The result knows nothing of how: a room above says it (`shown_by`), once for all of them.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from embaudit.core.location import AnyPath


class Viewer(Protocol):
    """Who shows results."""

    def lines(self, result: Any) -> str:
        """A few lines of text."""

    def card(self, result: Any) -> str:
        """HTML for a notebook."""

    def screen(self, result: Any) -> None:
        """Print what a terminal shows."""

    def page(self, result: Any, path: AnyPath) -> None:
        """Write a page in HTML."""

    def table(self, columns: Mapping[str, Any], run_id: str = "") -> Any:
        """Columns as a table of Arrow; run_id: of which audit."""

    def polars(self, columns: Mapping[str, Any]) -> Any:
        """Columns as a frame of polars."""


_VIEWERS: list[Viewer] = []


def shown_by(viewer: Viewer) -> None:
    """Let results be shown by this one from here on."""
    _VIEWERS[:] = [viewer]


def viewer() -> Viewer:
    """Who shows results; a room above has said so wherever there are any to show."""
    return _VIEWERS[0]


class Displayed:
    """A result that can be looked at."""

    def __repr__(self) -> str:
        return _VIEWERS[0].lines(self) if _VIEWERS else object.__repr__(self)

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str | None:
        return _VIEWERS[0].card(self) if _VIEWERS else None

    def show(self) -> None:
        """Print it as the command line does."""
        _VIEWERS[0].screen(self)


class Paged(Displayed):
    """A result of which there is a page."""

    def to_html(self, path: AnyPath) -> None:
        """Write it as one self-contained page. Needs embaudit[report]; raises OutputFailed."""
        _VIEWERS[0].page(self, path)
