"""A series of checkpoints: paths -> audits, each computed only once -> trend."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from embaudit.baseline import differences_of
from embaudit.core.timing import Timing
from embaudit.data import Notice
from embaudit.errors import InputRefused
from embaudit.files import sources_of
from embaudit.planning.plan import Plan
from embaudit.report import SCHEMA_VERSION, Report, Tool
from embaudit.report.acknowledged_notices import heard
from embaudit.report.invocation import Invocation
from embaudit.report.trend_document import Checkpoint, Trend, TrendOptions
from embaudit.search import Progress, silent
from embaudit.settings.settings import Settings
from embaudit.verbs.audit import run
from embaudit.verbs.load import read_as_planned
from embaudit.verbs.provenance import environment
from embaudit.verbs.trend.cache import Cache, key_of
from embaudit.verbs.trend.checkpoint_series import CheckpointInput, CheckpointSeries
from embaudit.verbs.trend.events import best_of, events_of
from embaudit.version import __version__

LONGEST = 16  # characters of a name beside a stage


def trend_of(
    series: CheckpointSeries,
    cache: Cache,
    progress: Progress = silent,
    invocation: Invocation | None = None,
) -> Trend:
    """Audit every checkpoint that the cache does not know, and tell what happened.

    Raises InputRefused for a checkpoint that is not of the same rows and classes as the first;
    what was computed until then is in the cache.
    """
    timing, steps = Timing(), series.steps
    checkpoints: list[Checkpoint] = []
    told: list[Report] = []
    first: Report | None = None
    for number, (step, plan) in enumerate(zip(steps, series.plans, strict=True), 1):
        where = f"{number} of {len(steps)} {step.name[:LONGEST]}"
        with timing(step.name):
            report, cached = _report(step, plan, series, cache, _naming(progress, where))
            told.append(report)
            report = report.acknowledging(series.settings.acknowledge)
        first = first or report
        _check_same_set(steps[0], step, first, report)
        checkpoints.append(_checkpoint(step, report, cached))
    assert first is not None
    ids = " ".join(one.run_id for one in checkpoints)
    return Trend(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name="embaudit", version=__version__),
        run_id=hashlib.sha256(ids.encode()).hexdigest()[:16],
        invocation=invocation,
        options=_options(series.settings, first),
        checkpoints=tuple(checkpoints),
        events=tuple(events_of(checkpoints)),
        best=best_of(checkpoints),
        **_told(checkpoints, told, series.settings.acknowledge),
        environment=environment(series.settings),
        timing=timing.seconds,
    )


def _report(
    step: CheckpointInput, plan: Plan, series: CheckpointSeries, cache: Cache, progress: Progress
) -> tuple[Report, bool]:
    """The report of a checkpoint, and whether it was known."""
    progress("reading", 0, 0)  # of unknown length
    sources = sources_of(step.chosen)
    key = key_of(sources, step.chosen.notices, series.names, series.settings)
    known = cache.get(key, sources)
    if known is not None and known.diagnosis is not None:  # else it is of before there was one
        return known, True
    data = read_as_planned(step.chosen, series.settings, plan)
    settings = series.settings.model_copy(update={"acknowledge": ()})  # whoever asks may know less
    report = run(data, settings, series.request, progress).report
    if report.inputs == tuple(sources):  # else it is of other bytes than the key
        cache.put(key, report)
    return report, False


def _told(
    checkpoints: Sequence[Checkpoint], reports: Sequence[Report], ids: Sequence[str]
) -> dict[str, Any]:
    """What is said of the checkpoints, each once, and how many notices and findings are not."""
    notices = [notice for report in reports for notice in report.warnings]
    fields = heard(dict.fromkeys((*_dimensions(checkpoints), *notices)), ids)
    counts = Counter[str]()
    for report in reports:
        counts |= Counter(report.acknowledging(ids).acknowledged)
    known = Counter(fields["acknowledged"]) | counts
    return {**fields, "acknowledged": dict(sorted(known.items()))}


def _naming(progress: Progress, where: str) -> Progress:
    """Progress that says which checkpoint it is of."""
    return lambda stage, done, total: progress(f"{where}: {stage}", done, total)


def _check_same_set(
    first: CheckpointInput, step: CheckpointInput, then: Report, now: Report
) -> None:
    differences = differences_of(then, now, dim=False)
    if differences:
        raise InputRefused(
            f"{step.path}: is not of the same set as {first.path} ({'; '.join(differences)})",
            "A series is of the same rows and classes at every checkpoint.",
        )


def _checkpoint(step: CheckpointInput, report: Report, cached: bool) -> Checkpoint:
    diagnosis = report.diagnosis
    return Checkpoint(
        name=step.name,
        path=step.path,
        run_id=report.run_id,
        inputs=report.inputs,
        data=report.data,
        exact=report.search.exact,
        collapse=report.collapse,
        diagnosis=None if diagnosis is None else diagnosis.state,
        reason=None if diagnosis is None else diagnosis.reason,
        faults=() if diagnosis is None else diagnosis.faults,
        measures=report.measures,
        cached=cached,
    )


def _options(settings: Settings, first: Report) -> TrendOptions:
    """As asked for; what the data decides is the same for all checkpoints."""
    return TrendOptions(
        metric=settings.metric,
        labels=settings.labels,
        margin=settings.margin,
        batch=first.options.batch,
        measures=",".join(settings.measures),
        search=settings.search,
        effort=settings.iterations,
        seed=settings.seed,
        sample=first.options.sample,
        unpack_bits=first.options.unpack_bits,
        drop=first.options.drop,
        ignore_label=first.options.ignore_label,
        where=first.options.where,
    )


def _dimensions(checkpoints: Sequence[Checkpoint]) -> list[Notice]:
    """A remark where they differ: then lengths and ranks are not of one scale."""
    dims = list(dict.fromkeys(one.data.dim for one in checkpoints))
    if len(dims) == 1:
        return []
    said = ", ".join(
        f"{dim:,} at {next(one.name for one in checkpoints if one.data.dim == dim)}" for dim in dims
    )
    return [
        Notice(
            "dimensions_differ",
            f"The checkpoints differ in dimensions ({said}): lengths and ranks of different "
            "dimensions are not comparable, precision is.",
        )
    ]
