"""What another cluster engine has to meet: a `ClusterBackend`, and the `TaskPool` that it opens.

All else of this room knows no engine. To use another: write a backend and its pool, and name it in
`BACKEND` of this room.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from embaudit.core.location import Location

Note = Callable[[str], None]  # is told which cluster it is
Task = Callable[..., Any]


class TaskTooLarge(Exception):
    """Workers died of a task, or it ran out of memory: it is given out again in smaller ones."""


class TaskFailed(Exception):
    """A task raised an error where it was done."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class TaskPool(Protocol):
    """Workers of one cluster, that do tasks for one audit.

    A task is a function of a module and what it is given, all of which is pickled; it may be done
    twice, as when its worker dies. Every method raises ClusterLost where the cluster does not
    answer.
    """

    def submit(self, task: Task, *arguments: Any, first: bool = False) -> Any:
        """A handle of a task that some worker will do.

        A handle among the arguments, or in a list of them, is the answer of its task for whoever
        does this one: it need not pass by the client. first: a hint to do it before others that
        wait.
        """

    def gather(
        self, wanted: Sequence[Any], before: Sequence[Any], step: Callable[[], None]
    ) -> list[Any]:
        """The answers of some handles, in their order.

        before: handles of tasks whose answers stay with the workers. step: is called as each of
        both is done. Raises TaskTooLarge and TaskFailed; then, and at the end, what is still waited
        for is cancelled and answers are let go of.
        """

    def threads(self) -> int:
        """Tasks that the workers do at a time, 0 where there is no worker."""

    def least_memory(self) -> float:
        """Bytes that the smallest worker may take; inf where none has a limit."""

    def begin(self, task: Task, *arguments: Any) -> None:
        """Let every worker do a task as soon as it can, without waiting for any."""

    def end(self, task: Task, *arguments: Any) -> None:
        """Let every worker that is still there do a last one; raises nothing."""


class ClusterBackend(Protocol):
    """An engine that does tasks on many machines, and what is said of it.

    name: as people call it. extra: of this package that brings it, a row of EXTRAS. addresses: of a
    cluster that runs, as help tells them. more_memory: the remedy where workers have too little.
    joining: nanoseconds until workers that are started here can be asked. program: bytes of a
    worker's libraries, and of what it sends.
    """

    name: str
    extra: str
    addresses: str
    more_memory: str
    joining: float
    program: int

    def check(self, scheduler: Location | None, workers: int | None) -> None:
        """Raise UsageError for an address that it cannot take, or a package that is not there.

        One of both is given: where a cluster runs (a bare host:port comes as tcp://host:port), or
        how many workers are to be started here.
        """

    def pool(
        self, scheduler: Location | None, workers: int, memory: int, note: Note | None
    ) -> AbstractContextManager[TaskPool]:
        """The workers of the cluster of a scheduler, or so many that are started here.

        memory: bytes of each of these; nobody but this run may talk to them. Raises ClusterLost
        where there is none.
        """

    def limits(self) -> tuple[int, int]:
        """Within a task: the bytes that its worker may take, and the tasks it does at a time."""
