"""Checkpoints in their order, and how each is audited: from headers alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from embaudit.core.location import AnyPath, located
from embaudit.errors import InputRefused
from embaudit.files import Choice, Names, choose
from embaudit.planning.plan import Plan, plan_of_input
from embaudit.settings.settings import Settings
from embaudit.verbs.audit_request import AuditRequest, request_of
from embaudit.verbs.trend.events import PRECISION
from embaudit.verbs.trend.paths import in_order, names_of


@dataclass(frozen=True)
class CheckpointInput:
    """A checkpoint before it is read."""

    path: str
    name: str
    chosen: Choice


@dataclass(frozen=True)
class CheckpointSeries:
    """Checkpoints in their order, and how each is audited; their headers are checked."""

    steps: tuple[CheckpointInput, ...]
    plans: tuple[Plan, ...]
    settings: Settings
    request: AuditRequest
    names: Names


def series_of(
    paths: Sequence[AnyPath], labels: AnyPath | None, names: Names, settings: Settings
) -> CheckpointSeries:
    """The series of some paths; nothing but headers is read.

    Raises UsageError, InputRefused with the problems of all checkpoints, or BudgetExceeded.
    """
    settings, request = _with_precision(settings)
    places = in_order([located(path) for path in paths])
    steps = tuple(
        CheckpointInput(
            str(at),
            name,
            choose(at, labels, names, labelled=settings.labels, unpack_bits=settings.unpack_bits),
        )
        for at, name in zip(places, names_of([str(at) for at in places]), strict=True)
    )
    problems = [problem for step in steps for problem in step.chosen.problems.found]
    problems = problems or _unequal_rows(steps)
    if problems:
        raise InputRefused(list(dict.fromkeys(problems)))
    plans = tuple(plan_of_input(settings, step.chosen.size) for step in steps)
    return CheckpointSeries(steps, plans, settings, request, names)


def _with_precision(settings: Settings) -> tuple[Settings, AuditRequest]:
    """What to compute: as asked for, and what tells a better checkpoint from a worse one."""
    request = request_of(settings)
    if not settings.labels or any(one.id == PRECISION for one in request.measures):
        return settings, request
    settings = settings.model_copy(update={"measures": (*settings.measures, PRECISION)})
    return settings, request_of(settings)


def _unequal_rows(steps: Sequence[CheckpointInput]) -> list[str]:
    first = steps[0]
    return [
        f"{step.path}: has {step.chosen.rows:,} rows and {first.path} has {first.chosen.rows:,}; "
        "a series is of the same rows at every checkpoint."
        for step in steps
        if step.chosen.rows != first.chosen.rows
    ]
