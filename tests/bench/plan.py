"""How much to measure."""

from dataclasses import dataclass

from embaudit.core.machine import available_threads

MB = 1e6  # limits are stated in decimal megabytes, the stricter reading


@dataclass(frozen=True)
class Plan:
    """What every benchmark is asked: `scale` shrinks the sets, rows and budget are of `big`."""

    scale: float = 1.0
    repeats: int = 3
    rows: int = 4_000_000
    budget: str = "1G"
    threads: int = available_threads()

    def scaled(self, count: int) -> int:
        """A number of rows or classes at this scale."""
        return max(2, round(count * self.scale))


def failure(error: Exception) -> dict:
    """What a row says instead of figures."""
    return {"failed": f"{type(error).__name__}: {error}".strip()}
