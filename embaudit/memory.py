"""How much memory a run may take, and how much it will need: known before values are read."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from embaudit.errors import BudgetExceeded, UsageError, option

SHARE = 0.8  # of what there is, unless a budget is given
CELLS = 1 << 22  # of a tile of distances
BATCH_BLOCK = 256  # rows of a training batch that are compared with it at a time
DISK_BLOCKS = 256 << 20  # of rows that are in a file: pages, frames of classes, blocks of anchors
PROGRAM = 120 << 20  # of a worker's libraries, and what it sends
WORKER_ROW = 160  # bytes of a row that a worker knows, wherever the vectors are
WORKER_TASK = 96 << 20  # of a task of any size
WORKER_AXES = 2048  # rows or dimensions of which principal axes are found
WORKER_BLOCKS = 64 << 20  # of rows that are in a file: pages, and frames of classes
SLACK = 128 << 20  # for the program itself, beside the data
FALLBACK = 8 << 30  # where the system tells nothing
OWN_GROUPS, GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
STATM, STATUS = Path("/proc/self/statm"), Path("/proc/self/status")
AMOUNT = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


@dataclass(frozen=True)
class Needs:
    """Bytes that are held at the same time, by what they are for."""

    terms: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them, in bytes."""
        return sum(self.terms.values())

    @property
    def largest(self) -> str:
        """What takes the most."""
        return max(self.terms, key=self.terms.__getitem__)

    def check(self, budget: int, what: str) -> None:
        """Raise BudgetExceeded if `what` needs more than `budget` bytes."""
        if self.total > budget:
            share = self.terms[self.largest]
            raise BudgetExceeded(
                f"{what} needs about {readable(self.total)} of memory, {readable(budget)} are "
                f"allowed; the largest part is {self.largest} ({readable(share)}).",
                more_memory(),
            )


@dataclass(frozen=True)
class Shape:
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


def needs_of_audit(shape: Shape, *, on_disk: bool = False) -> Needs:
    """Peak memory of an audit, beyond the program's own; on_disk: the rows are in a file.

    Read off search and evidence, in bytes a value, a row, a cell of a tile or of a batch; tests
    hold it against measured peaks.
    """
    if not shape.labelled:
        return _needs_without_labels(shape, on_disk)
    rows, batch = shape.rows + shape.gallery, min(shape.rows, shape.batch)
    values, stored = rows * shape.dim, shape.rows * shape.itemsize
    stored += shape.gallery * shape.gallery_itemsize
    regions = 0 if shape.approximate else min(64, rows // 1024 + 1)
    return Needs(
        {
            "the rows as stored": 0 if on_disk else stored * shape.dim,
            "the norms of rows": rows * 16,
            "working copies of the rows": min(values * 10, DISK_BLOCKS) if on_disk else values * 10,
            "what is found for each row": rows * (130 + 12 * regions),
            "tiles of distances": shape.threads * min(rows * rows, CELLS) * 7 + (16 << 20),
            "separated maps near the set": _maps(shape) if shape.searched else 0,
            "centres of classes": shape.classes * shape.dim * 56,
            "matrices of dimensions": shape.dim * shape.dim * 48,
            "the audited batches": shape.threads * batch * (BATCH_BLOCK * 48 + shape.dim * 64),
        }
    )


def _needs_without_labels(shape: Shape, on_disk: bool) -> Needs:
    """Of what is computed without labels: the furthest pair takes most."""
    rows, values = shape.rows, shape.rows * shape.dim
    return Needs(
        {
            "the rows as stored": 0 if on_disk else values * shape.itemsize,
            "the norms of rows": rows * 16,
            "working copies of the rows": min(values * 5, DISK_BLOCKS) if on_disk else values * 5,
            "what is found for each row": rows * 90,
            "a tile of distances": min(rows * rows, CELLS) * 5 + (4 << 20),
            "rows that the thickness is searched on": min(values, 1 << 22) * 40 * shape.searched,
            "matrices of dimensions": shape.dim * shape.dim * 48,
        }
    )


def _maps(shape: Shape) -> int:
    """Copies of the rows in float64 and in what is searched in, and distances that are kept."""
    return shape.rows * shape.dim * 64 + min(shape.rows**2, 1 << 24) * 8


def needs_of_worker(
    rows: int, dim: int, itemsize: int, threads: int = 1, *, on_disk: bool = False
) -> Needs:
    """Peak memory of a process that searches for an audit elsewhere, its libraries included."""
    values = rows * dim
    copies = (values + 2 * rows) * 4
    return Needs(
        {
            "the program": PROGRAM,
            "the rows as stored": 0 if on_disk else values * itemsize,
            "working copies of the rows": min(copies, WORKER_BLOCKS) if on_disk else copies,
            "what is found for each row": rows * WORKER_ROW,
            "matrices of dimensions": min(dim, WORKER_AXES) ** 2 * 32 + WORKER_AXES * dim * 16,
            "tiles of distances": threads * WORKER_TASK,
        }
    )


def goes_to_disk(shape: Shape, budget: int) -> bool:
    """Whether the rows have to be in a file for the audit to fit; what cannot fit stays here."""
    if needs_of_audit(shape).total <= budget:
        return False
    return needs_of_audit(shape, on_disk=True).total <= budget


def more_memory() -> str:
    """What to do about too little of it."""
    fewer = option("sample", "N")
    return f"Raise {option('memory_budget')}, or audit fewer rows with {fewer}."


def allowed(budget: int | None) -> int:
    """Bytes a run may take: the budget, else SHARE of the smallest limit that the system tells."""
    return budget if budget is not None else int(SHARE * min(_limits(), default=FALLBACK))


def budget_of(text: str) -> int:
    """`2G`, `512MiB`, `1.5 GB`, `4096` -> bytes; all suffixes are powers of 1024.

    Raises UsageError for what is no amount of memory.
    """
    match = AMOUNT.fullmatch(text.strip())
    amount = int(float(match[1]) * 1024 ** POWERS[match[2].upper()]) if match else 0
    if amount < 1:
        raise UsageError(
            f"Cannot read the memory budget {text!r}.",
            "Give a number with K, M, G or T (powers of 1024), for example 2G.",
        )
    return amount


@contextmanager
def enforced(budget: int) -> Iterator[None]:
    """Let the system fail what takes more than the budget: a header can lie about what follows.

    For what this process allocates, not for files that it maps. Where the system has no such
    limit (macOS), nothing is enforced.
    """
    taken = _taken()
    if taken is None:
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    limit = taken + budget + SLACK
    soft = limit if before[0] == resource.RLIM_INFINITY else min(limit, before[0])
    resource.setrlimit(resource.RLIMIT_DATA, (soft, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _taken() -> int | None:
    """Bytes of data that the process has allocated, None where the system does not tell."""
    try:
        found = re.search(r"^VmData:\s+(\d+) kB", STATUS.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) << 10 if found else None


def readable(count: int) -> str:
    """Bytes in a unit for messages: `1.5 GiB`."""
    for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if count >= 1024**power:
            return f"{count / 1024**power:.1f} {unit}"
    return f"{count} bytes"


def _limits() -> Iterator[int]:
    """Whatever bounds the memory of this process."""
    with suppress(AttributeError, OSError, ValueError):
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(ImportError, OSError, ValueError):
        import resource  # not on every system

        address_space = resource.getrlimit(resource.RLIMIT_AS)[0]
        if address_space != resource.RLIM_INFINITY:
            yield max(0, address_space - _mapped())
    yield from _cgroup_limits()


def _mapped() -> int:
    """Address space that is taken already: libraries map far more than they use."""
    try:
        return int(STATM.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _cgroup_limits() -> Iterator[int]:
    """Limits of this process's control group and of those above it, of version 1 and 2."""
    try:
        lines = OWN_GROUPS.read_text().splitlines()
    except (OSError, ValueError):
        return
    for line in lines:
        controllers, _, path = line.partition(":")[2].partition(":")
        if not path:
            continue
        if controllers == "":
            root, name = GROUPS, "memory.max"
        elif "memory" in controllers.split(","):
            root, name = GROUPS / "memory", "memory.limit_in_bytes"
        else:
            continue
        own = root / path.lstrip("/")
        for group in (own, *own.parents):
            if group == root.parent:
                break
            try:
                limit = (group / name).read_text().strip()
            except OSError:  # a container shows its own group as the root
                continue
            if limit.isdecimal():  # "max": no limit
                yield int(limit)
