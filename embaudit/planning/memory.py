"""How much memory an audit needs: by what it depends on, before values are read."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from embaudit.core.disk_backed_rows import SMALL
from embaudit.core.machine import Needs

CELLS = 1 << 22  # of a tile of distances
BATCH_BLOCK = 256  # rows of a training batch that are compared with it at a time
DISK_BLOCKS = 256 << 20  # of rows that are in a file: pages, frames of classes, blocks of anchors
FOUND, FOUND_ON_DISK = 130, 96  # bytes of a row: what is found for it, and what of that not there
BESIDE = 280  # bytes of a row in files beside the rows
WHOLE = 1024  # dimensions up to which a covariance is formed, however few the rows

Size = tuple[int, int, int]  # rows, dimensions, bytes of a stored value


@dataclass(frozen=True)
class Workload:
    """What the memory of an audit depends on.

    itemsize: bytes of a stored value. batch: rows of the audited training batch. approximate: the
    search for nearest negatives. threads: each has a tile of its own. classes: 0 if not known yet.
    searched: whether separated maps are searched for near the set (labelled), or the thickness
    with effort (not labelled: no anchors are searched, and no batches drawn). gallery: rows of
    another set that these are compared with, of values of gallery_itemsize bytes.
    """

    rows: int
    dim: int
    itemsize: int
    metric: str
    batch: int = 72
    approximate: bool = False
    threads: int = 2
    classes: int = 0
    searched: bool = False
    labelled: bool = True
    gallery: int = 0
    gallery_itemsize: int = 0

    def __str__(self) -> str:
        beside = f" against {self.gallery:,} of a gallery" if self.gallery else ""
        return f"{self.rows:,} rows x {self.dim:,} dims{beside} ({self.metric})"


def needs_of_audit(work: Workload, *, on_disk: bool = False) -> Needs:
    """Peak memory of an audit, beyond the program's own; on_disk: the rows are in a file.

    Read off search and evidence, in bytes a value, a row, a cell of a tile or of a batch; tests
    hold it against measured peaks.
    """
    if not work.labelled:
        return _needs_without_labels(work, on_disk)
    rows, batch = work.rows + work.gallery, min(work.rows, work.batch)
    values, stored = rows * work.dim, work.rows * work.itemsize
    stored += work.gallery * work.gallery_itemsize
    regions = 0 if work.approximate else min(64, rows // 1024 + 1)
    beside = on_disk and rows * 8 >= SMALL
    found = FOUND_ON_DISK if beside else FOUND
    return Needs(
        {
            "the rows as stored": 0 if on_disk else stored * work.dim,
            "the norms of rows": rows * 16 * (work.metric == "cosine"),
            "working copies of the rows": min(values * 10, DISK_BLOCKS) if on_disk else values * 10,
            "what is found for each row": rows * (found + 12 * regions),
            "tiles of distances": work.threads * min(rows * rows, CELLS) * 7 + (16 << 20),
            "separated maps near the set": _maps(work) if work.searched else 0,
            "centres of classes": work.classes * work.dim * 56,
            "matrices of dimensions": _matrices(work),
            "the audited batches": work.threads * batch * (BATCH_BLOCK * 48 + work.dim * 64),
        }
    )


def disk_of_audit(work: Workload) -> int:
    """Bytes of the files of an audit that memory cannot hold: rows, and what is found of them."""
    stored = work.rows * work.itemsize + work.gallery * work.gallery_itemsize
    return stored * work.dim + (work.rows + work.gallery) * BESIDE


def _needs_without_labels(work: Workload, on_disk: bool) -> Needs:
    """Of what is computed without labels: the furthest pair takes most."""
    rows, values = work.rows, work.rows * work.dim
    return Needs(
        {
            "the rows as stored": 0 if on_disk else values * work.itemsize,
            "the norms of rows": rows * 16 * (work.metric == "cosine"),
            "working copies of the rows": min(values * 5, DISK_BLOCKS) if on_disk else values * 5,
            "what is found for each row": rows * 90,
            "a tile of distances": min(rows * rows, CELLS) * 5 + (4 << 20),
            "rows that the thickness is searched on": min(values, 1 << 22) * 40 * work.searched,
            "matrices of dimensions": _matrices(work),
        }
    )


def _matrices(work: Workload) -> int:
    """A covariance and what its spectrum takes; of fewer rows than many dimensions, of the rows."""
    side = work.dim if work.dim <= WHOLE else min(work.rows, work.dim)
    return side * side * 48 + (work.rows * work.dim * 40 if side < work.dim else 0)


def _maps(work: Workload) -> int:
    """Copies of the rows in float64 and in what is searched in, and distances that are kept."""
    return work.rows * work.dim * 64 + min(work.rows**2, 1 << 24) * 8


def goes_to_disk(work: Workload, budget: int) -> bool:
    """Whether the rows have to be in a file for the audit to fit; what cannot fit stays here."""
    if needs_of_audit(work).total <= budget:
        return False
    return needs_of_audit(work, on_disk=True).total <= budget


def outgrowing(
    size: Size, sample: int | None, budget: int, *, labelled: bool = True
) -> Callable[[int], bool]:
    """Whether, with so many classes, not even an approximate audit fits with its rows in memory."""
    rows, dim, itemsize = size
    rows = min(rows, sample or rows)
    work = Workload(rows, dim, itemsize, "l2", approximate=True, labelled=labelled)
    return lambda classes: needs_of_audit(replace(work, classes=classes)).total > budget
