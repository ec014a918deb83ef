"""The line of progress on a terminal: stage, share, rate, elapsed and remaining time."""

from typing import Any

from rich.progress import (
    BarColumn,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from embaudit.render.safe_text import figure, inert
from embaudit.render.terminal.console import console_for


class StageBar:
    """The line on a terminal: one rich task, renamed from stage to stage."""

    def __init__(self, stream: Any) -> None:
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            _Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console_for(stream),
            transient=True,
            refresh_per_second=8,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bars.add_task("", total=None)

    def show(self, stage: str, done: int, total: int, new: bool) -> None:
        """Let it say how much of a stage is done; new: it is another one than before."""
        if new:
            self._bars.reset(self._task, description=inert(stage, 32))
            self._bars.start()
        self._bars.update(self._task, completed=done, total=total if total > 0 else None)

    def note(self, line: str) -> None:
        """A line above the bar."""
        self._bars.console.out(line, highlight=False)

    def stop(self) -> None:
        """Take it away."""
        self._bars.stop()


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Nothing before there is a rate to speak of."""
        speed = task.finished_speed or task.speed
        return Text(f"{figure(float(f'{speed:.3g}'), 'rows')}/s" if speed else "", "dim")
