"""Who shares the search of an audit, as far as a plan has to know; the cluster's room is one."""

from typing import Protocol

from embaudit.core.machine import Needs


class SharedSearch(Protocol):
    """So many processes of one thread, and what they take."""

    @property
    def count(self) -> int:
        """How many, at least 1."""

    def nanoseconds(self, values: int) -> float:
        """Until all of them have been started, and each has read so many values by itself."""

    def needs(self, rows: int, dim: int, itemsize: int, *, on_disk: bool = False) -> Needs:
        """Peak memory of one, its libraries included; on_disk: the rows are in a file."""
