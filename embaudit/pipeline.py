"""The whole path: options -> data -> evidence -> measures -> report -> gate."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from embaudit import __version__
from embaudit.config import Settings, chosen_measures, settings_of
from embaudit.cost import check_memory, shape_of
from embaudit.data import EmbeddingSet, Source
from embaudit.errors import InputRefused, UsageError
from embaudit.evidence import ALL, STANDARD, Evidence
from embaudit.gate import Condition, condition_of, judge
from embaudit.labels import as_ids, as_labels
from embaudit.measures import (
    MEASURES,
    classes_of,
    collapse_of,
    forecast_of,
    hardest_triplets_of,
)
from embaudit.memory import allowed, needs_of_audit
from embaudit.provenance import Timing, environment, run_id
from embaudit.report import (
    SCHEMA_VERSION,
    DataSummary,
    Measure,
    Options,
    Reading,
    Report,
    SearchSummary,
    Tool,
)
from embaudit.search import (
    Plan,
    Progress,
    one_blas_thread,
    plan_for,
    silent,
    use_threads,
)


def audit(
    embeddings: Any,
    labels: Any = None,
    *,
    metric: str = "l2",
    margin: float = 0.0,
    batch: str | tuple[int, int] | None = None,
    measures: str | Sequence[str] = "standard",
    gate: str | Sequence[str] = (),
    ids: Any = None,
    sample: int | None = None,
    search: str = "auto",
    effort: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    block_rows: int | None = None,
    memory_budget: str | int | None = None,
    progress: Progress = silent,
) -> Report:
    """Audit embeddings (N, n) with N labels, or an EmbeddingSet that `embaudit.load` gave.

    embeddings: anything numpy can view as a 2-D array of float16/32/64 or integers. labels: N
    integers, booleans or texts. metric: "l2" or "cosine". margin: the training margin alpha, in
    units of the embeddings. batch: "18x4" or (18, 4), classes x rows of a training batch.
    measures: "paper", "standard", "all" or ids. gate: rules such as "violated_triplets <= 0.05".
    sample: audit that many rows of the arrays, each class its share, drawn with `seed`.
    search: "exact", "approximate", or "auto", which is exact as far as a stated cost goes.
    effort: 0 to 6, tighter certified intervals; by default 1 with "all", else 0.
    block_rows divides the work and changes no figure. memory_budget: bytes, or a text like "2G";
    rows that do not fit it go to a temporary file.

    Raises InputRefused for data that cannot be audited, BudgetExceeded, UsageError for options.
    """
    settings = settings_of(
        metric=metric,
        margin=margin,
        batch=batch,
        measures=measures,
        gate=gate,
        search=search,
        effort=effort,
        seed=seed,
        threads=threads,
        block_rows=block_rows,
        sample=sample,
        memory_budget=memory_budget,
    )
    checked = check(settings)
    if isinstance(embeddings, EmbeddingSet):
        if sample is not None:
            raise UsageError("The set is loaded already.", "Give sample to embaudit.load.")
        data = embeddings
    else:
        data = _as_set(embeddings, labels, ids, settings)
    return run(data, settings, checked, progress)


def check(settings: Settings) -> tuple[tuple[Measure, ...], tuple[Condition, ...]]:
    """The measures to compute and the gate's conditions: all that can be wrong before reading."""
    conditions = tuple(condition_of(text, MEASURES) for text in settings.gate)
    needed = [condition.measure.id for condition in conditions]
    return chosen_measures(settings.measures, needed, MEASURES), conditions


def run(
    data: EmbeddingSet,
    settings: Settings,
    checked: tuple[tuple[Measure, ...], tuple[Condition, ...]],
    progress: Progress = silent,
) -> Report:
    """Audit a validated set with checked settings."""
    shape = shape_of(settings, data.size, data.dim, data.vectors.itemsize)
    shape = replace(shape, classes=len(data.classes))
    what = f"Auditing {data.size:,} rows x {data.dim:,} dims ({settings.metric})"
    budget = allowed(settings.memory_budget)
    needs_of_audit(shape, on_disk=data.spill is not None).check(budget, what)
    measures, conditions = checked
    plan = plan_for(data.size, data.dim, settings.search)
    timing = Timing()
    use_threads(settings.workers)
    with one_blas_thread():
        evidence = Evidence(
            data,
            metric=settings.metric,
            margin=settings.margin,
            batch=settings.batch,
            seed=settings.seed,
            budget=ALL if "all" in settings.measures.split(",") else STANDARD,
            block_rows=settings.block_rows,
            threads=settings.workers,
            progress=progress,
            approximate=plan.approximate,
            effort=settings.iterations,
        )
        with timing("scan"):
            evidence.scan  # noqa: B018 - the dear stages are timed by name
        with timing("ranks"):
            evidence.ranks  # noqa: B018
        with timing("measures"):
            readings = _readings(evidence, measures)
            collapse = collapse_of(evidence)
        options = _options(settings, evidence, plan)
        return Report(
            schema_version=SCHEMA_VERSION,
            tool=Tool(name="embaudit", version=__version__),
            run_id=run_id(data, options, settings.gate),
            inputs=data.sources,
            data=_summary(evidence),
            options=options,
            search=_search(evidence, plan),
            warnings=data.notices,
            collapse=collapse,
            measures=readings,
            classes=classes_of(evidence),
            hardest_triplets=hardest_triplets_of(evidence),
            forecast=forecast_of(evidence),
            gate=judge(conditions, readings),
            environment=environment(evidence.scan, settings),
            timing=timing.seconds,
        )


def _as_set(embeddings: Any, labels: Any, ids: Any, settings: Settings) -> EmbeddingSet:
    if labels is None:
        raise InputRefused("labels: none given; pass one label for every row.")
    if isinstance(embeddings, str | Path):
        raise UsageError(
            f"{str(embeddings)!r} is a path, not an array.", "Give embaudit.load(path) to audit."
        )
    if isinstance(embeddings, np.ma.MaskedArray):
        raise InputRefused("embeddings: a masked array; drop the masked rows, or fill them.")
    try:
        vectors = np.asarray(embeddings)
    except (TypeError, ValueError) as error:
        raise InputRefused(f"embeddings: cannot be viewed as an array: {error}.") from error
    texts, notices = as_labels(labels)
    names = None if ids is None else as_ids(ids)
    digest = hashlib.sha256(np.ascontiguousarray(vectors).tobytes()).hexdigest()
    marks = hashlib.sha256(json.dumps(texts).encode()).hexdigest()
    dim = int(vectors.shape[1]) if vectors.ndim == 2 else None
    sources = (
        Source("embeddings", "<array>", "array", len(vectors), dim, str(vectors.dtype), digest),
        Source("labels", "<array>", "array", len(texts), None, "labels", marks),
    )
    return EmbeddingSet.from_arrays(
        vectors,
        texts,
        names,
        sample=settings.sample,
        seed=settings.seed,
        sources=sources,
        notices=notices,
        on_disk=_on_disk(settings, vectors, len({(type(label), label) for label in texts})),
    )


def _on_disk(settings: Settings, vectors: Any, classes: int) -> bool:
    """Whether the ordered copy of an array has to be on disk; its faults are told elsewhere."""
    if vectors.ndim != 2 or not vectors.size or not vectors.itemsize:
        return False
    rows, dim = vectors.shape
    return check_memory(settings, rows, dim, vectors.itemsize, classes)


def _search(evidence: Evidence, plan: Plan) -> SearchSummary:
    """How nearest negatives were found, and what that was worth."""
    checked, why = evidence.checked, "; ".join(filter(None, (plan.why, evidence.scan.how)))
    if checked is None:
        exact_plan = plan_for(plan.rows, plan.dim, "exact")
        return SearchSummary(backend=exact_plan.backend, exact=True, recall=None, why=why)
    return SearchSummary(
        backend=plan.backend,
        exact=False,
        recall=checked.recall.value,
        recall_lower=checked.recall.lower,
        recall_upper=checked.recall.upper,
        why=why,
    )


def _readings(evidence: Evidence, measures: Sequence[Measure]) -> dict[str, Reading]:
    rms = evidence.moments.rms_pair_distance * evidence.unit
    return {measure.id: Reading.of(measure, measure.compute(evidence), rms) for measure in measures}


def _options(settings: Settings, evidence: Evidence, plan: Plan) -> Options:
    return Options(
        metric=settings.metric,
        margin=settings.margin,
        batch=evidence.batch,
        measures=settings.measures,
        search="approximate" if plan.approximate else "exact",
        effort=settings.iterations,
        seed=settings.seed,
        sample=None if evidence.data.kept is None else evidence.data.size,
    )


def _summary(evidence: Evidence) -> DataSummary:
    data = evidence.data
    return DataSummary(
        rows=data.size,
        dim=data.dim,
        classes=len(data.classes),
        anchors=len(evidence.anchors),
        singleton_classes=int((data.sizes == 1).sum()),
        duplicate_rows=evidence.duplicate_rows,
    )
