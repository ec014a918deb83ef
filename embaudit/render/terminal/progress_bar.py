"""Progress on standard error: a bar on a terminal, next to nothing elsewhere."""

import contextlib
import time
from collections.abc import Callable
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from embaudit.render.safe_text import figure, inert, spell

if TYPE_CHECKING:
    from embaudit.render.terminal.stage_bar import StageBar

OFTEN = 0.1  # seconds between two updates of the bar
PATIENCE = 10.0  # seconds after which a stage deserves a line in a log, then twice as many


class Progress:
    """`with Progress(sys.stderr) as progress: progress.advance("scan", done, total)`.

    On a terminal one line shows stage, share, rate, elapsed and remaining time, and vanishes at
    the end. Elsewhere a stage gets plain lines after 10, 20, 40, ... seconds. A stream that is
    None, closed or broken shows nothing and never raises: progress must not stop an audit.
    """

    def __init__(
        self,
        stream: IO[str] | None,
        enabled: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = _Forgiving(stream)
        self._clock = clock
        self._enabled = enabled and stream is not None
        self._bar = _bar_on(self._stream) if self._enabled and self._stream.isatty() else None
        self._stage = ""
        self._began = self._shown = clock()
        self._next = PATIENCE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, stage: str, done: int, total: int) -> None:
        """Say that `done` of `total` are done; cheap enough to be called for every block."""
        if not self._enabled:
            return
        now = self._clock()
        new = stage != self._stage
        if new:
            self._stage, self._began, self._next = stage, now, PATIENCE
        elif now - self._shown < OFTEN and done < total:
            return
        self._shown = now
        if self._bar is not None:
            self._bar.show(stage, done, total, new)
        elif now - self._began >= self._next and done < total:
            self._next *= 2
            self._stream.write(spell(_line(stage, done, total, now - self._began)))
            self._stream.flush()

    def note(self, text: str) -> None:
        """A line that stays, whether progress is shown or not."""
        line = inert(text, 2000)
        if self._bar is not None:
            self._bar.note(line)
        else:
            self._stream.write(line + "\n")
            self._stream.flush()


def _bar_on(stream: "_Forgiving") -> "StageBar":
    from embaudit.render.terminal.stage_bar import StageBar  # rich draws it, and takes its time

    return StageBar(stream)


def _line(stage: str, done: int, total: int, seconds: float) -> str:
    """Share, rate and remaining time for a log."""
    share = f"{100 * done // total}%" if total > 0 else "working"
    left = ""
    if done > 0:
        rate = figure(float(f"{done / seconds:.3g}"), "rows")
        left = f", {rate}/s, about {seconds * (total - done) / done:.0f} s left"
    return f"embaudit: {inert(stage)}: {share} after {seconds:.0f} s{left}\n"


class _Forgiving:
    """A text stream that swallows the failures of the one it wraps."""

    def __init__(self, stream: IO[str] | None) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._stream.write(text)  # type: ignore[union-attr]
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._stream.flush()  # type: ignore[union-attr]

    def isatty(self) -> bool:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            return self._stream.isatty()  # type: ignore[union-attr]
        return False

    def fileno(self) -> int:
        if self._stream is None:
            raise OSError("no stream")
        return self._stream.fileno()
