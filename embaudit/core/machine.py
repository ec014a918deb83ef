"""What this machine has of memory and processors, and how much of it a run may take."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from embaudit.errors import BudgetExceeded, UsageError, option

SHARE = 0.8  # of what there is, unless a budget is given
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


def data_limit() -> int | None:
    """What `enforced` allows at the moment, in bytes; None where the system has no such limit."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrlimit(resource.RLIMIT_DATA)[0]


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


def available_threads() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
