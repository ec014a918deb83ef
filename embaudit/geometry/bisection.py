"""A bracket about the least tolerance that a search meets."""

import numpy as np

FIRST, WIDEN = 1.5, 1.6  # times the lower end: the first trial; times a trial that failed: the next
CLOSE = 1.02  # ends of a bracket that is not divided further


class Bracket:
    """Bisects, in ratios, for the least tolerance that a search meets, between two bounds."""

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most, self.best = least, most, most
        self.again()

    def again(self) -> None:
        """Forget what failed: more iterations may meet it."""
        self.low = self.least
        first = min(FIRST * self.least, (self.least + self.most) / 2)
        self.trial = first if self.best == self.most else self._middle()

    def _middle(self) -> float:
        return float(np.sqrt(self.low * self.best))

    @property
    def open(self) -> bool:
        """Whether another trial can tell more."""
        return self.best > CLOSE * self.low and self.trial < self.most

    def met(self, value: float) -> None:
        """The trial was met, with that value."""
        self.best = min(self.best, value)
        self.trial = self._middle()

    def failed(self) -> None:
        """The trial was not met."""
        self.low = self.trial
        self.trial = self.trial * WIDEN if self.best == self.most else self._middle()
