"""What workers take of memory and time, measured of what they do; a plan is told of them."""

from dataclasses import dataclass

from embaudit.cluster import BACKEND
from embaudit.core.machine import Needs

ROW = 160  # bytes of a row that a worker knows, wherever the vectors are
TASK = 96 << 20  # of a task of any size
AXES = 2048  # rows or dimensions of which principal axes are found
BLOCKS = 64 << 20  # of rows that are in a file: pages, and frames of classes
OPENING = 60.0  # nanoseconds of a value that each worker reads


@dataclass(frozen=True)
class WorkerCosts:
    """So many processes of one thread, as `planning.shared_search` has them."""

    count: int

    def nanoseconds(self, values: int) -> float:
        """Until all of them have been started, and each has read so many values by itself."""
        return BACKEND.joining + values * OPENING

    def needs(self, rows: int, dim: int, itemsize: int, *, on_disk: bool = False) -> Needs:
        """Peak memory of one, its libraries included; on_disk: the rows are in a file."""
        return needs_of_worker(rows, dim, itemsize, on_disk=on_disk)


def needs_of_worker(
    rows: int, dim: int, itemsize: int, threads: int = 1, *, on_disk: bool = False
) -> Needs:
    """Peak memory of a process that searches for an audit elsewhere, its libraries included."""
    values = rows * dim
    copies = (values + 2 * rows) * 4
    return Needs(
        {
            "the program": BACKEND.program,
            "the rows as stored": 0 if on_disk else values * itemsize,
            "working copies of the rows": min(copies, BLOCKS) if on_disk else copies,
            "what is found for each row": rows * ROW,
            "matrices of dimensions": min(dim, AXES) ** 2 * 32 + AXES * dim * 16,
            "tiles of distances": threads * TASK,
        }
    )
