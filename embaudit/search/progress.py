"""How a long computation tells how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # stage, done, total


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


class Stage:
    """One stage of known length; every step is told to the listener."""

    def __init__(self, progress: Progress, name: str, total: int) -> None:
        self.progress, self.name, self.total, self.done = progress, name, total, 0
        progress(name, 0, total)

    def step(self, amount: int) -> None:
        """That much more is done."""
        self.done = min(self.done + amount, self.total)
        self.progress(self.name, self.done, self.total)
