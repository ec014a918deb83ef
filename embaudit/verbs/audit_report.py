"""The report of an audit: from its evidence to figures, findings and verdict."""

from collections.abc import Sequence
from dataclasses import replace

from embaudit.baseline import compared
from embaudit.data import Notice
from embaudit.errors import InputRefused
from embaudit.evidence import Evidence
from embaudit.findings.diagnose import diagnosed, faults_of
from embaudit.gate import Condition, OfMeasure, decided, judge
from embaudit.measures import (
    OF_RANKS,
    anchors_of,
    blame_of,
    classes_of,
    collapse_of,
    distributions_of,
    forecast_of,
    hardest_triplets_of,
)
from embaudit.measures.measure import Measure
from embaudit.planning.search_plan import SearchPlan
from embaudit.report import Options, Reading, Report, SearchSummary, Verdict, with_digest
from embaudit.report.invocation import Invocation
from embaudit.settings.settings import Settings
from embaudit.verbs.audit_request import AuditRequest
from embaudit.verbs.provenance import (
    chosen_of,
    fingerprint,
    gallery_notices,
    gallery_summary,
    points_read,
)
from embaudit.verbs.run_context import RunContext

NO_GATE = Verdict(verdict="none", rules=())


def check_matches(evidence: Evidence) -> None:
    """Raise InputRefused for a gallery in which no query has a match but itself."""
    if evidence.own_rows and not evidence.gallery_scan.anchors.any():
        raise InputRefused(
            f"gallery: {evidence.own_rows} of {evidence.data.size} queries are rows of it "
            "themselves, and no query has both a positive and a negative in it besides.",
            "Give a gallery that holds other rows of their classes.",
        )


def search_anchors(session: RunContext, conditions: Sequence[Condition]) -> None:
    """Do the dear searches of an audit, each timed by its name."""
    evidence, timing = session.evidence, session.timing
    if not evidence.data.labelled:
        return
    with timing("scan"):
        evidence.scan  # noqa: B018 - computed when first asked for
    with timing("ranks"):
        _rank(evidence, conditions)
    if evidence.gallery is None:
        with timing("attribution"):
            evidence.attribution  # noqa: B018


def report_of(session: RunContext, request: AuditRequest, invocation: Invocation | None) -> Report:
    """The report on searched evidence, with its diagnosis, the verdict and its digest."""
    evidence, plan, timing = session.evidence, session.plan.search, session.timing
    data = evidence.data
    evidence.begin()  # and first what does not wait for it
    with timing("findings"):
        faults = faults_of(evidence)
    with timing("measures"):
        forecast = forecast_of(evidence)
        readings = _readings(evidence, request.measures)
        collapse = collapse_of(evidence)
        blame = blame_of(evidence) if data.labelled and evidence.gallery is None else None
        named = {one.row for one in blame.worst_rows} if blame else ()
        distributions = distributions_of(evidence, "d_haus" in readings, named)
    evidence.release()
    options = _options(session.settings, evidence, plan)
    report = Report(
        **session.header(options, session.settings.gate, **_work(evidence)),
        fingerprint=fingerprint(data, evidence.gallery),
        points=points_read(data),
        invocation=invocation,
        gallery=gallery_summary(evidence),
        search=_search(evidence, plan),
        warnings=_warnings(evidence),
        collapse=collapse,
        measures=readings,
        classes=classes_of(evidence) if data.labelled else (),
        hardest_triplets=hardest_triplets_of(evidence) if data.labelled else (),
        blame=blame,
        forecast=forecast,
        distributions=distributions,
        gate=NO_GATE,
    )
    report = report.model_copy(update={"diagnosis": diagnosed(report, evidence, faults)})
    return _judged(report.acknowledging(session.settings.acknowledge), evidence, request)


def _rank(evidence: Evidence, conditions: Sequence[Condition]) -> None:
    """Rank anchors, and more of them while they leave an absolute limit of a gate undecided."""
    asked = [
        one
        for one in conditions
        if isinstance(one, OfMeasure)
        and one.turn is None
        and not one.of_class
        and one.measure in OF_RANKS
    ]

    def undecided() -> bool:
        found = ((one, one.measure.of(evidence)) for one in asked)
        return any(
            bound.kind == "sampled" and decided(one.operator, one.limit, bound.ends) == "undecided"
            for one, bound in found
        )

    evidence.ranks  # noqa: B018
    while undecided() and evidence.draw_on():
        pass


def _judged(report: Report, evidence: Evidence, request: AuditRequest) -> Report:
    """The report with what changed since the baseline, the verdict on both, and its digest."""
    compared_with = request.no_baseline
    if request.baseline is not None:
        compared_with = compared(request.baseline, report, lambda: anchors_of(evidence))
    report = report.model_copy(update={"baseline": compared_with})
    return with_digest(report.model_copy(update={"gate": judge(request.conditions, report)}))


def _work(evidence: Evidence) -> dict[str, dict[str, int]]:
    """What the search took."""
    return {"nearest_negatives_settled": evidence.scan.settled} if evidence.data.labelled else {}


def _search(evidence: Evidence, plan: SearchPlan) -> SearchSummary:
    """How nearest negatives were found, and what that was worth."""
    if not evidence.data.labelled:
        return SearchSummary(backend=plan.backend, exact=True, recall=None, why=plan.why)
    found, why = evidence.search_recall, "; ".join(filter(None, (plan.why, evidence.scan.how)))
    if found is None:
        backend = replace(plan, approximate=False).backend
        return SearchSummary(backend=backend, exact=True, recall=None, why=why)
    return SearchSummary(
        backend=plan.backend,
        exact=False,
        recall=found.recall.value,
        recall_lower=found.recall.lower,
        recall_upper=found.recall.upper,
        why=why,
    )


def _readings(evidence: Evidence, measures: Sequence[Measure]) -> dict[str, Reading]:
    rms = evidence.moments.rms_pair_distance * evidence.unit
    found = {}
    for measure in measures:
        found[measure.id] = measure.reading(measure.of(evidence), rms)
        evidence.data.let_go()
    return found


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
