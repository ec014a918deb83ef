"""The whole path: options -> data -> evidence -> measures -> report -> gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from embaudit import __version__
from embaudit.baseline import Saved, compared, missing, saved_report
from embaudit.core.location import AnyPath
from embaudit.data import EmbeddingSet, Label, Notice
from embaudit.data.gallery import reference_of
from embaudit.errors import InputRefused, UsageError, option, truth
from embaudit.evidence import ALL, STANDARD, Evidence
from embaudit.files import kind_of
from embaudit.findings.diagnose import diagnosed, faults_of
from embaudit.gate import Asked, Condition, OfMeasure, decided, judge, needed, rules_in_force
from embaudit.measures import (
    MEASURES,
    OF_RANKS,
    anchors_of,
    blame_of,
    classes_of,
    collapse_of,
    distributions_of,
    forecast_of,
    hardest_triplets_of,
)
from embaudit.planning.plan import plan_of_set
from embaudit.planning.search_plan import SearchPlan
from embaudit.report import (
    SCHEMA_VERSION,
    Measure,
    Options,
    Reading,
    Report,
    SearchSummary,
    Tool,
    Verdict,
    with_digest,
)
from embaudit.report.changes import Compared
from embaudit.report.command import Invocation
from embaudit.search import (
    Executor,
    Progress,
    one_blas_thread,
    silent,
    use_threads,
)
from embaudit.settings.chosen_measures import chosen_measures
from embaudit.settings.settings import Settings, settings_among
from embaudit.verbs.arrays import pair_of, set_of
from embaudit.verbs.provenance import (
    Timing,
    chosen_of,
    environment,
    fingerprint,
    gallery_notices,
    gallery_summary,
    points_read,
    run_id,
    summary,
)

NO_GATE = Verdict(verdict="none", rules=())


@dataclass(frozen=True)
class Audited:
    """A report, and the evidence that it was made from."""

    report: Report
    evidence: Evidence

    def anchors(self) -> Mapping[str, Any]:
        """A row for each anchor: columns by name (`measures.anchors`)."""
        with one_blas_thread():
            return anchors_of(self.evidence)

    def kept(self) -> Mapping[int, Mapping[str, Any]]:
        """The kept columns of the rows in the hardest triplets and to blame, by input row."""
        data = self.evidence.data
        own = ["anchor"] if self.report.gallery else ["anchor", "positive", "negative"]
        rows = {getattr(one, role) for one in self.report.hardest_triplets for role in own}
        rows |= {one.row for one in self.report.blame.worst_rows} if self.report.blame else set()
        at = {
            row: row if data.kept is None else int(np.searchsorted(data.kept, row)) for row in rows
        }
        return {
            row: {name: values[at[row]] for name, values in data.columns.items()} for row in rows
        }


def audit(
    embeddings: Any,
    labels: Any = None,
    *,
    no_labels: bool = False,
    metric: str = "l2",
    margin: float = 0.0,
    batch: str | tuple[int, int] | None = None,
    measures: str | Sequence[str] = "standard",
    gate: str | Sequence[str] = (),
    baseline: AnyPath | None = None,
    ids: Any = None,
    gallery: Any = None,
    gallery_labels: Any = None,
    gallery_ids: Any = None,
    unpack_bits: bool = False,
    drop: str | Sequence[str] = (),
    ignore_label: Label | Sequence[Label] = (),
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
    integers, booleans or texts. no_labels: there are none; only what needs none is told.
    metric: "l2" or "cosine". margin: the training margin alpha, in units of the embeddings.
    batch: "18x4" or (18, 4), classes x rows of a training batch. measures: "paper", "standard",
    "all" or ids. gate: rules such as "violated_triplets <= 0.05", "precision_at_1 decrease <= 1%",
    or a preset. baseline: an earlier report, a .json file, that rules about changes compare with.
    gallery: the set that every row is compared with instead of its own (a train set, the other
    modality), an array with its `gallery_labels` or an EmbeddingSet; positives and negatives are
    its rows, and what has no meaning there is undefined.
    unpack_bits: the embeddings are 8-bit integers that hold 8 bits each, (N, n); each bit is a
    dimension. ignore_label: labels whose rows are left out, -1 or ("unknown", ""). drop: ids of
    findings whose rows are left out, "zero_rows" or ("repeated_block", "stray_rows"). Rows are
    told by their number in the input.
    sample: audit that many rows of the arrays, each class its share, drawn with `seed`.
    search: "exact", "approximate", or "auto", which is exact as far as a stated cost goes.
    effort: 0 to 6, tighter certified intervals; by default 1 with "all", else 0.
    block_rows divides the work and changes no figure. memory_budget: bytes, or a text like "2G";
    rows that do not fit it go to a temporary file.

    Raises InputRefused for data that cannot be audited, BudgetExceeded, UsageError for options.
    """
    loaded_without = isinstance(embeddings, EmbeddingSet) and not embeddings.labelled
    settings = settings_among(
        locals(), labels=not (truth("no_labels", no_labels) or loaded_without)
    )
    checked = check(settings)
    if gallery is None:
        if gallery_labels is not None or gallery_ids is not None:
            raise UsageError("Labels or ids of a gallery, but no gallery.", "Give gallery=.")
        return run(set_of(embeddings, labels, ids, settings), settings, checked, progress).report
    if not settings.labels:
        raise UsageError("A gallery needs labels: what is a positive is told by them.")
    queries, other = (embeddings, labels, ids), (gallery, gallery_labels, gallery_ids)
    data, reference = pair_of(queries, other, settings)
    return run(data, settings, checked, progress, reference).report


@dataclass(frozen=True)
class Checked:
    """What to compute and to decide; all that can be wrong is found before anything is read."""

    measures: tuple[Measure, ...]
    conditions: tuple[Condition, ...]
    baseline: Saved | None = None
    no_baseline: Compared | None = None


def check(settings: Settings, origins: Mapping[str, str] = MappingProxyType({})) -> Checked:
    """Check measures, rules and the baseline; origins: where a rule was written, by its text."""
    if settings.batch and not settings.labels:
        raise UsageError("A batch is classes x rows: it needs labels.", f"Drop {option('batch')}.")
    asked = [Asked(text, origins.get(text, "--gate")) for text in settings.gate]
    path = settings.baseline
    labels = settings.labels
    conditions = rules_in_force(asked, MEASURES, baseline=path is not None, labels=labels)
    measures = chosen_measures(settings.measures, needed(conditions), MEASURES, labels=labels)
    if path is None:
        return Checked(measures, conditions)
    if kind_of(path) is None:
        return Checked(measures, conditions, None, missing(path, ["there is no such file"]))
    return Checked(measures, conditions, saved_report(path))


def run(
    data: EmbeddingSet,
    settings: Settings,
    checked: Checked,
    progress: Progress = silent,
    gallery: EmbeddingSet | None = None,
    team: Executor | None = None,
    invocation: Invocation | None = None,
) -> Audited:
    """Audit a validated set with checked settings, against a gallery if one is given.

    team: who does the dear searches, by default threads of this process. invocation: what the
    command line gave, for advice that can be pasted.
    """
    plan = plan_of_set(settings, data, gallery).search
    reference = None if gallery is None else reference_of(data, gallery)
    timing = Timing()
    use_threads(settings.workers)
    with one_blas_thread():
        evidence = Evidence(
            data,
            metric=settings.metric,
            margin=settings.margin,
            batch=settings.batch,
            seed=settings.seed,
            budget=ALL if settings.everything else STANDARD,
            block_rows=settings.block_rows,
            threads=settings.workers,
            progress=progress,
            approximate=plan.approximate,
            effort=settings.iterations,
            gallery=reference,
            team=team,
        )
        _check_matches(evidence)
        if data.labelled:
            with timing("scan"):
                evidence.scan  # noqa: B018 - the dear stages are timed by name
            with timing("ranks"):
                _rank(evidence, checked.conditions)
        attributes = data.labelled and reference is None
        if attributes:
            with timing("attribution"):
                evidence.attribution  # noqa: B018
        with timing("measures"):
            readings = _readings(evidence, checked.measures)
            collapse = collapse_of(evidence)
            distributions = distributions_of(evidence, "d_haus" in readings)
        with timing("findings"):
            faults = faults_of(evidence)
        evidence.release()
        options = _options(settings, evidence, plan)
        report = Report(
            schema_version=SCHEMA_VERSION,
            tool=Tool(name="embaudit", version=__version__),
            run_id=run_id(data, options, settings.gate, reference),
            fingerprint=fingerprint(data, reference),
            points=points_read(data),
            invocation=invocation,
            inputs=data.sources + (reference.sources if reference else ()),
            data=summary(evidence),
            gallery=gallery_summary(evidence),
            options=options,
            search=_search(evidence, plan),
            warnings=_warnings(evidence),
            collapse=collapse,
            measures=readings,
            classes=classes_of(evidence) if data.labelled else (),
            hardest_triplets=hardest_triplets_of(evidence) if data.labelled else (),
            blame=blame_of(evidence) if attributes else None,
            forecast=forecast_of(evidence),
            distributions=distributions,
            gate=NO_GATE,
            environment=environment(settings, **_work(evidence)),
            timing=timing.seconds,
        )
        diagnosis = diagnosed(report, evidence, faults)
        report = report.model_copy(update={"diagnosis": diagnosis})
        return Audited(_judged(report, evidence, checked), evidence)


def _rank(evidence: Evidence, conditions: Sequence[Condition]) -> None:
    """Rank anchors, and more of them while they leave an absolute limit of a gate undecided."""
    asked = [
        one
        for one in conditions
        if isinstance(one, OfMeasure)
        and one.turn is None
        and not one.worst_class
        and one.measure in OF_RANKS
    ]

    def undecided() -> bool:
        found = ((one, one.measure.of(evidence)) for one in asked)
        return any(
            bound.kind == "sampled"
            and decided(one.operator, one.limit, (bound.lower, bound.upper)) == "undecided"
            for one, bound in found
        )

    evidence.ranks  # noqa: B018
    while undecided() and evidence.draw_on():
        pass


def _check_matches(evidence: Evidence) -> None:
    """Raise InputRefused for a gallery in which no query has a match but itself."""
    if evidence.own_rows and not evidence.crossing.anchors.any():
        raise InputRefused(
            f"gallery: {evidence.own_rows} of {evidence.data.size} queries are rows of it "
            "themselves, and no query has both a positive and a negative in it besides.",
            "Give a gallery that holds other rows of their classes.",
        )


def _judged(report: Report, evidence: Evidence, checked: Checked) -> Report:
    """The report with what changed since the baseline, the verdict on both, and its digest."""
    compared_with = checked.no_baseline
    if checked.baseline is not None:
        compared_with = compared(checked.baseline, report, lambda: anchors_of(evidence))
    report = report.model_copy(update={"baseline": compared_with})
    return with_digest(report.model_copy(update={"gate": judge(checked.conditions, report)}))


def _work(evidence: Evidence) -> dict[str, dict[str, int]]:
    """What the search took."""
    return {"nearest_negatives_settled": evidence.scan.settled} if evidence.data.labelled else {}


def _search(evidence: Evidence, plan: SearchPlan) -> SearchSummary:
    """How nearest negatives were found, and what that was worth."""
    if not evidence.data.labelled:
        return SearchSummary(backend=plan.backend, exact=True, recall=None, why=plan.why)
    checked, why = evidence.checked, "; ".join(filter(None, (plan.why, evidence.scan.how)))
    if checked is None:
        backend = replace(plan, approximate=False).backend
        return SearchSummary(backend=backend, exact=True, recall=None, why=why)
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
    return {measure.id: Reading.of(measure, measure.of(evidence), rms) for measure in measures}


def _warnings(evidence: Evidence) -> tuple[Notice, ...]:
    beside = () if evidence.gallery is None else evidence.gallery.notices
    return tuple(dict.fromkeys((*evidence.data.notices, *beside, *gallery_notices(evidence))))


def _options(settings: Settings, evidence: Evidence, plan: SearchPlan) -> Options:
    return Options(
        metric=settings.metric,
        labels=evidence.data.labelled,
        margin=settings.margin,
        batch=evidence.batch if evidence.data.labelled else None,
        measures=",".join(settings.measures),
        search="approximate" if plan.approximate else "exact",
        effort=settings.iterations,
        seed=settings.seed,
        **chosen_of(evidence.data),
    )
