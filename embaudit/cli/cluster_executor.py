"""A cluster for a verb that asks for one; without --scheduler or --workers nothing of it is met."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import typer

from embaudit.cluster import BACKEND
from embaudit.core.machine import allowed
from embaudit.errors import UsageError

if TYPE_CHECKING:
    from embaudit.files import Names
    from embaudit.planning.shared_search import SharedSearch
    from embaudit.render import Progress
    from embaudit.search import Executor
    from embaudit.settings.settings import Settings


def check_cluster(ctx: typer.Context, settings: "Settings") -> None:
    """Raise UsageError for a cluster that cannot be had, or that cannot do what is asked."""
    asked = ctx.params
    if asked["scheduler"] is None and asked["workers"] is None:
        return
    if asked["scheduler"] is not None and asked["workers"] is not None:
        raise UsageError(
            "--scheduler is a cluster that runs, --workers starts one here.", "Give one of them."
        )
    if asked["workers"] is not None and asked["workers"] < 1:
        raise UsageError(f"--workers: {asked['workers']} is below 1, the least.")
    if asked["scheduler"] is not None and asked["dry_run"]:
        raise UsageError(
            "--dry-run asks no scheduler.", "Give --workers N: what so many would take is told."
        )
    if asked["gallery"] is not None:
        check_alone(ctx)
    if settings.dropped_later:
        raise UsageError(
            f"A cluster does not leave out {' and '.join(settings.dropped_later)} yet.",
            "Audit on one machine, or save the set without these rows.",
        )
    BACKEND.check(asked["scheduler"], asked["workers"])


def check_alone(ctx: typer.Context) -> None:
    """Raise UsageError for a cluster where there is a gallery."""
    if ctx.params["scheduler"] is not None or ctx.params["workers"] is not None:
        raise UsageError(
            "A cluster does not search a gallery yet.", "Drop --gallery, or audit on one machine."
        )


def shared(ctx: typer.Context, settings: "Settings") -> "Settings":
    """The settings of this process, where --workers are beside it: each has an equal share."""
    workers = ctx.params["workers"]
    if workers is None:
        return settings
    share = allowed(settings.memory_budget) // (workers + 1)
    return settings.model_copy(update={"memory_budget": share})


def sharing(ctx: typer.Context) -> "SharedSearch | None":
    """What --workers would take, for a plan."""
    from embaudit.cluster.worker_costs import WorkerCosts

    workers = ctx.params["workers"]
    return None if workers is None else WorkerCosts(workers)


@contextmanager
def executor_in(
    ctx: typer.Context, names: "Names", settings: "Settings", progress: "Progress"
) -> Iterator["Executor | None"]:
    """The cluster that a verb asks for, None without one. Raises ClusterLost."""
    asked = ctx.params
    if asked["scheduler"] is None and asked["workers"] is None:
        yield None
        return
    from embaudit.cluster.dataset_spec import DatasetSpec
    from embaudit.cluster.distributed_executor import executor_on

    labels = asked["labels"] if settings.labels else None
    spec = DatasetSpec(
        token=uuid4().hex,
        embeddings=asked["embeddings"].absolute(),
        labels=None if labels is None else labels.absolute(),
        names=names,
        labelled=settings.labels,
        metric=settings.metric,
        sample=settings.sample,
        seed=settings.seed,
        block_rows=settings.block_rows,
        unpack_bits=settings.unpack_bits,
        ignored=settings.reading["ignored"],
        drop_zeros=settings.reading["drop_zeros"],
    )
    progress.advance("cluster", 0, 0)
    told = not (asked["quiet"] or asked["no_progress"])
    with executor_on(
        asked["scheduler"],
        asked["workers"],
        allowed(settings.memory_budget),
        spec,
        progress.advance,
        progress.note if told else None,
    ) as executor:
        yield executor
