"""Tasks of an audit: shared out, waited for, and given out again in smaller ones."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

import numpy as np

from embaudit.cluster import BACKEND
from embaudit.cluster.dataset_spec import DatasetSpec
from embaudit.cluster.distributed_backend import TaskFailed, TaskPool, TaskTooLarge
from embaudit.cluster.worker_answer_checks import demand
from embaudit.core.prepared_points import Rows
from embaudit.errors import BudgetExceeded, ClusterLost, EmbauditError, InputRefused
from embaudit.search import Progress, Stage

T = TypeVar("T")

SHARES = 8  # tasks of a stage for each thread: the last ones to end are short ones
LEAST = 64  # rows of a task that looks at all rows
TRIES = 4  # each with blocks of half the rows
SHARED = "Name files on storage that all workers share, and leave them as they are."


class Work:
    """Tasks of one audit, functions of its dataset spec; only their answers come here."""

    def __init__(self, pool: TaskPool, spec: DatasetSpec, progress: Progress) -> None:
        self.pool, self.spec, self.progress = pool, spec, progress

    def submit(self, task: Callable[..., Any], *arguments: Any, first: bool = False) -> Any:
        """The handle of a task that a worker will do, as the pool has it."""
        return self.pool.submit(task, *arguments, first=first)

    def parts(self, rows: Rows, half: int) -> list[Rows]:
        """Rows in parts of about equal size."""
        amount = min(SHARES * self.threads() * half, -(-len(rows) // LEAST))
        return np.array_split(rows, max(1, amount))

    def threads(self) -> int:
        """Tasks that the workers do at a time; 1 while there is none."""
        return max(1, self.pool.threads())

    def shrinking(self, attempt: Callable[[int], T]) -> T:
        """An answer; where workers die of its tasks, in smaller ones, so many times as many."""
        for half in range(TRIES):
            try:
                return attempt(1 << half)
            except TaskTooLarge:
                continue
        raise BudgetExceeded(
            "The workers died of every task, however small: they have too little memory.",
            BACKEND.more_memory,
        )

    def answers(
        self, name: str, kind: type[T], wanted: Sequence[Any], before: Sequence[Any] = ()
    ) -> list[T]:
        """What tasks found, in their order; before: tasks whose answers stay with the workers.

        Raises ClusterErred for what is not of the kind.
        """
        stage = Stage(self.progress, name, len(wanted) + len(before))
        try:
            found = self.pool.gather(wanted, before, lambda: stage.step(1))
        except TaskFailed as failed:
            _tell(failed.error)
        demand(all(isinstance(one, kind) for one in found), name)
        return found


def _tell(error: BaseException) -> NoReturn:
    """Raise what the error of a task means to the client."""
    if isinstance(error, MemoryError):
        raise TaskTooLarge from error
    if isinstance(error, ImportError):
        raise ClusterLost(
            f"A worker cannot import what it needs: {error}.",
            f"Install the same embaudit[{BACKEND.extra}] where the scheduler and its workers run.",
        ) from error
    if isinstance(error, InputRefused):
        problems = [f"on a worker, {problem}" for problem in error.problems]
        raise InputRefused(problems, SHARED) from error
    if isinstance(error, EmbauditError):
        raise error
    raise RuntimeError(f"a worker failed: {type(error).__name__}: {error}") from error
