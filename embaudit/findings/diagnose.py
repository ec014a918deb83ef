"""From what was found to what it means: the state of a set, its reason, and what to do next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from embaudit.evidence import Evidence
from embaudit.findings import FINDINGS, FindingSpec, Found
from embaudit.findings.finding import rows_text, share
from embaudit.geometry.precision import corrected
from embaudit.measures import SEPARATION_AUC
from embaudit.report import Report
from embaudit.report.blame import CULPRITS
from embaudit.report.diagnosis import MARKS, Diagnosis, DiagnosisState, Finding
from embaudit.report.invocation import Command, Value

MIXED_UP = 0.45  # precision@1 beyond chance below which classes are not told apart well
MIXED_AUC, MIXED_BESIDE = 0.7, 0.6  # AUC below which they are not, unless precision is that high
TOLD_APART = 0.6  # beyond chance, of rows that are no suspects: else labels are not what is wrong
SURE_SHARE, SURE = 0.005, 3  # sure suspects, of the rows and in all, that matter
LIKELY_SHARE, LIKELY = 0.01, 5  # labels that are expected to be wrong, likewise
NEXT = 3
# Where they hold, who is near is theirs, and no matter of labels.
MISLEADING = frozenset(
    ("misaligned_labels", "mixed_spaces", "mixed_lengths", "rogue_dimensions", "packed_bits")
)
# What another fault makes look like one: it is told alone.
EXPLAINED_BY = {
    "metric_mismatch": (
        "rogue_dimensions",
        "mixed_lengths",
        "stray_rows",
        "packed_bits",
        "mixed_spaces",
    ),
    # another metric, or the set without these, tells the classes apart: labels are aligned
    "misaligned_labels": ("rogue_dimensions", "metric_mismatch", "packed_bits"),
    "mixed_spaces": ("misaligned_labels", "mixed_lengths"),
    "near_copies": ("misaligned_labels", "repeated_vector"),
    "repeated_block": ("repeated_vector",),
}


@dataclass(frozen=True)
class Fault:
    """A fault that was found, with its spec."""

    spec: FindingSpec
    found: Found


def faults_of(evidence: Evidence) -> tuple[Fault, ...]:
    """All faults that are there, in the order of FINDINGS."""
    looked = ((spec, spec.of(evidence)) for spec in FINDINGS)
    return tuple(Fault(spec, found) for spec, found in looked if found is not None)


def diagnosed(report: Report, evidence: Evidence, faults: Sequence[Fault]) -> Diagnosis:
    """The diagnosis of a report, from the faults that were found."""
    told = [_finding(report, fault) for fault in faults]
    told = [one for one in told if not _explained(one, told)]
    ids = {one.id for one in told}
    collapsed = report.collapse.state == "collapsed"
    if collapsed and "misaligned_labels" not in ids:
        # what is collapsed without them was not broken by them
        told = [_weaker(one) if one.id == "stray_rows" else one for one in told]
    precision = _precision(evidence)
    told += _of_network(report, precision)
    misleading = {one.id for one in told if one.mark == "bad"} & MISLEADING
    if not misleading and "misaligned_labels" not in ids:
        told += _of_labels(report, evidence, precision)
    told.sort(key=lambda one: -MARKS.index(one.mark))
    state = _state(report, evidence, told, precision)
    reason = _reason(report, evidence, told, state)
    if state == "overlapping":
        told.insert(0, _overlap(report, reason))
    if state == "check_input":  # the fault first, then what it may have broken
        told.sort(key=lambda one: not (one.mark == "bad" and one.id != "collapsed"))
    asking = (one for one in told if one.mark != "good" and one.remedy)
    return Diagnosis(
        state=state,
        reason=reason,
        chance=evidence.chance if precision is not None else None,
        findings=tuple(told),
        next=tuple(islice(asking, NEXT)),
    )


def _precision(evidence: Evidence) -> float | None:
    labelled = evidence.data.labelled and len(evidence.anchors) > 0
    return evidence.adjusted_precision if labelled else None


def _finding(report: Report, fault: Fault) -> Finding:
    spec, found = fault.spec, fault.found
    return Finding(
        id=spec.id,
        title=spec.title,
        mark=found.mark or spec.mark,
        headline=found.headline,
        details=found.details,
        evidence=dict(found.evidence),
        remedy=found.remedy or spec.remedy,
        command=_command(report, spec.id, found.options),
    )


def _command(report: Report, id: str, options: Mapping[str, Value] | None) -> str | None:
    """The audit again with other options; where none helps, what explains it."""
    if options is None:
        return Command("explain", (id,)).line()
    asked = report.invocation
    if asked is None:
        return None
    if "output" in options:
        options = {**options, "output": asked.beside(str(options["output"]))}
    return asked.then("audit", **options).line()


def _explained(finding: Finding, told: Sequence[Finding]) -> bool:
    """Whether a worse fault is why it was found."""
    causes = EXPLAINED_BY.get(finding.id, ())
    return any(one.mark in ("bad", "warning") and one.id in causes for one in told)


def _weaker(finding: Finding) -> Finding:
    details = (*finding.details, "Without them the rest is collapsed all the same.")
    return finding.model_copy(update={"mark": "warning", "details": details})


def _state(
    report: Report, evidence: Evidence, told: Sequence[Finding], precision: float | None
) -> DiagnosisState:
    """The first state that holds."""
    faults = {spec.id for spec in FINDINGS}
    if any(one.mark == "bad" and one.id in faults for one in told):
        return "check_input"
    if report.collapse.state == "collapsed":
        return "collapsed"
    if precision is None:
        return "points_only"
    if any(one.id == "suspect_labels" and one.mark == "bad" for one in told):
        return "check_labels"
    auc = SEPARATION_AUC.compute(evidence).value
    if precision < MIXED_UP or (auc is not None and auc < MIXED_AUC and precision < MIXED_BESIDE):
        return "overlapping"
    return "healthy"


def _reason(
    report: Report, evidence: Evidence, told: Sequence[Finding], state: DiagnosisState
) -> str:
    """Why, in a sentence."""
    if state == "check_input":
        faults = {spec.id for spec in FINDINGS}
        return next(one for one in told if one.mark == "bad" and one.id in faults).headline
    if state in ("collapsed", "check_labels"):
        wanted = "collapsed" if state == "collapsed" else "suspect_labels"
        return next(one for one in told if one.id == wanted).headline
    if state == "points_only":
        return "without labels nothing is known of classes"
    right = share(float(_right(evidence)))
    if state == "overlapping":
        return (
            f"the nearest row has the right class for {right} (chance {share(evidence.chance)}): "
            "classes are not told apart well"
        )
    return f"the nearest row has the right class for {right}; nothing collapsed"


def _right(evidence: Evidence) -> float:
    return evidence.chance + evidence.adjusted_precision * (1 - evidence.chance)


def _of_network(report: Report, precision: float | None) -> Iterator[Finding]:
    """Collapse, or that there is none."""
    state = report.collapse
    if state.state == "collapsed":
        yield _collapsed(report)
    elif state.state == "warning":
        kinds = [kind for kind, said in _kinds(report) if said == "warning"]
        yield Finding(
            id="collapse_warning",
            title="On the way to a collapse",
            mark="warning",
            headline=f"On the way to a {' and '.join(kinds)} collapse",
            evidence=dict(state.evidence),
            remedy="Compare with an earlier checkpoint before training on.",
            command=Command("explain", (f"{kinds[0]}_collapse",)).line(),
        )
    else:
        looked = "points, dimensions, classes" if precision is not None else "points, dimensions"
        yield Finding(
            id="not_collapsed",
            title="Not collapsed",
            mark="good",
            headline=f"Not collapsed: {looked}",
            evidence=dict(state.evidence),
        )


def _kinds(report: Report) -> tuple[tuple[str, str | None], ...]:
    state = report.collapse
    return ("point", state.point), ("dimensional", state.dimensional), ("class", state.class_)


def _collapsed(report: Report) -> Finding:
    kinds = [kind for kind, said in _kinds(report) if said == "collapsed"]
    figures = report.collapse.evidence
    if "point" in kinds:
        headline = "inputs of different classes get nearly the same vector"
        remedy = (
            "Go back to the last checkpoint before it, and train on with semi-hard or random "
            "negatives, or with smaller batches."
        )
    elif "dimensional" in kinds:
        headline = "few directions carry everything: fewer than the class means need"
        remedy = "Check for a bottleneck, too strong a weight decay, or dead units."
    else:
        headline = "no class can be told apart: nearest rows are right no more often than by chance"
        remedy = (
            "Check first that labels and embeddings are in the same order; then that the network "
            "is the trained one."
        )
    details = [f"By kind: {', '.join(f'{kind} {said}' for kind, said in _kinds(report) if said)}."]
    loss, margin = report.measures.get("batch_hard_loss"), report.options.margin
    stuck = None if loss is None else loss.value
    if margin and stuck is not None and abs(stuck - margin) <= 0.1 * margin:
        details.append(
            f"The batch-hard loss is {stuck:.4g} and the margin {margin:g}: in training it stays "
            "at the margin."
        )
    return Finding(
        id="collapsed",
        title="Collapse",
        mark="bad",
        headline=headline,
        details=tuple(details),
        evidence={**figures, "kinds": kinds},
        remedy=remedy,
        command=Command("explain", (f"{kinds[0]}_collapse",)).line(),
    )


def _precision_without_suspects(evidence: Evidence) -> float:
    """Precision@1 beyond chance of the anchors whose labels are not likely wrong."""
    suspect = evidence.attribution.culprit == CULPRITS.index("likely_mislabel")
    innocent = ~suspect[evidence.anchors]
    if not innocent.any():
        return 0.0
    return corrected(float(evidence.right[innocent].mean()), evidence.chance)


def _of_labels(report: Report, evidence: Evidence, precision: float | None) -> Iterator[Finding]:
    """Labels that are likely wrong; none where classes are not told apart without them either."""
    told = report.blame
    if precision is None or told is None or report.collapse.state == "collapsed":
        return
    flagged = told.rows["likely_mislabel"]
    if not flagged or _precision_without_suspects(evidence) < TOLD_APART:
        return
    assert told.expected_wrong is not None
    assert told.sure is not None
    listed = [one for one in told.worst_rows if one.attribution == "likely_mislabel"]
    first, wrong = listed[0], max(1, round(told.expected_wrong))
    rows = report.data.rows
    matters = told.sure >= max(SURE, SURE_SHARE * rows)
    matters |= told.expected_wrong >= max(LIKELY, LIKELY_SHARE * rows)
    yield Finding(
        id="suspect_labels",
        title="Suspect labels",
        mark="bad" if matters else "note",
        headline=f"{rows_text(flagged)} ({share(flagged / report.data.rows)}) "
        f"{'has' if flagged == 1 else 'have'} a suspect label, about {wrong} of them wrong",
        details=(
            f"First: row {first.row} is {first.label!r}, its neighbours are "
            f"{first.likely_label!r}.",
        ),
        evidence={
            "count": flagged,
            "expected_wrong": told.expected_wrong,
            "sure": told.sure,
            "rows": [one.row for one in listed],
        },
        remedy="Look at these labels, the surest first, and fix what is wrong.",
        command=None
        if report.invocation is None
        else report.invocation.then(
            "audit", output=report.invocation.beside("anchors.parquet")
        ).line(),
    )


def _overlap(report: Report, reason: str) -> Finding:
    """Which classes mix."""
    pairs = () if report.blame is None else report.blame.confused_pairs
    pairs = tuple(one for one in pairs if one.wrong_neighbours)[:5]
    named = ", ".join(
        f"{one.labels[0]!r}/{one.labels[1]!r} {one.wrong_neighbours}" for one in pairs
    )
    return Finding(
        id="overlapping",
        title="Classes that mix",
        mark="warning",
        headline=reason[:1].upper() + reason[1:],
        details=(f"Most mistakes: {named}.",) if named else (),
        evidence={"classes": [list(one.labels) for one in pairs]},
        remedy="See whether these classes can be told apart by a person; if so, train on.",
        command=Command("explain", ("adjusted_precision_at_1",)).line(),
    )
