"""From what was found to what it means: the state of a set, its reason, and what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from embaudit.evidence import Evidence
from embaudit.findings import FINDINGS, FindingSpec, Found
from embaudit.findings.collapse_findings import collapse_kinds, findings_of_collapse
from embaudit.findings.finding import share
from embaudit.findings.overlapping_classes import MIXED_UP, mixing_classes
from embaudit.findings.suspect_labels import suspect_labels
from embaudit.measures import SEPARATION_AUC
from embaudit.report import Report
from embaudit.report.diagnosis_model import MARKS, Diagnosis, DiagnosisState, Finding, asking
from embaudit.report.invocation import Value
from embaudit.report.shell_command import Command

MIXED_AUC, MIXED_BESIDE = 0.7, 0.6  # AUC below which they are not, unless precision is that high


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
    zeros = any(fault.spec.id == "zero_rows" for fault in faults)
    findings = [_finding(report, fault, zeros) for fault in faults]
    findings = [one for one in findings if not _explained(one, findings)]
    ids = {one.id for one in findings}
    collapsed = report.collapse.state == "collapsed"
    if collapsed and "misaligned_labels" not in ids:
        # what is collapsed without them was not broken by them
        findings = [_weaker(one) if one.id == "stray_rows" else one for one in findings]
    precision = _precision(evidence)
    findings += findings_of_collapse(report, evidence, precision)
    decisive = {spec.id for spec in FINDINGS if spec.decides_neighbours}
    misleading = {one.id for one in findings if one.mark == "bad"} & decisive
    if not misleading and "misaligned_labels" not in ids:
        findings += suspect_labels(report, evidence, precision, findings)
    findings.sort(key=lambda one: -MARKS.index(one.mark))
    state = _state(report, evidence, findings, precision)
    reason = _reason(report, evidence, findings, state)
    if state == "overlapping":
        findings.insert(0, mixing_classes(report, reason))
    if state == "check_input":  # the fault first, then what it may have broken
        findings.sort(key=lambda one: not (one.mark == "bad" and one.id != "collapsed"))
    return Diagnosis(
        state=state,
        reason=reason,
        chance=evidence.chance if precision is not None else None,
        findings=tuple(findings),
        next=asking(findings if state != "overlapping" else _of_one_cause(findings)),
    )


def _of_one_cause(findings: Sequence[Finding]) -> list[Finding]:
    """Without the collapse that classes that mix are close to: it asks for nothing else."""
    return [one for one in findings if one.id != "collapse_warning"]


def _precision(evidence: Evidence) -> float | None:
    labelled = evidence.data.labelled and len(evidence.anchors) > 0
    return evidence.adjusted_precision if labelled else None


def _finding(report: Report, fault: Fault, zeros: bool) -> Finding:
    """zeros: whether there are rows of zeros, which have no direction under cosine."""
    spec, found = fault.spec, fault.found
    options = found.options
    if zeros and options is not None and options.get("metric") == "cosine":
        options = {**options, "drop": "zero_rows"}
    return Finding(
        id=spec.id,
        title=spec.title,
        mark=found.mark or spec.mark,
        headline=found.headline,
        details=found.details,
        evidence=dict(found.evidence),
        remedy=found.remedy or spec.remedy,
        command=_command(report, spec.id, options),
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


def _explained(finding: Finding, findings: Sequence[Finding]) -> bool:
    """Whether a worse fault is why it was found."""
    causes = next(spec.explained_by for spec in FINDINGS if spec.id == finding.id)
    return any(one.mark in ("bad", "warning") and one.id in causes for one in findings)


def _weaker(finding: Finding) -> Finding:
    details = (*finding.details, "Without them the rest is collapsed all the same.")
    return finding.model_copy(update={"mark": "warning", "details": details})


def _state(
    report: Report, evidence: Evidence, findings: Sequence[Finding], precision: float | None
) -> DiagnosisState:
    """The first state that holds."""
    faults = {spec.id for spec in FINDINGS}
    if any(one.mark == "bad" and one.id in faults for one in findings):
        return "check_input"
    if report.collapse.state == "collapsed":
        return "collapsed"
    if precision is None:
        return "points_only"
    if any(one.id == "suspect_labels" and one.mark == "bad" for one in findings):
        return "check_labels"
    auc = SEPARATION_AUC.compute(evidence).value
    if precision < MIXED_UP or (auc is not None and auc < MIXED_AUC and precision < MIXED_BESIDE):
        return "overlapping"
    return "healthy"


def _reason(
    report: Report, evidence: Evidence, findings: Sequence[Finding], state: DiagnosisState
) -> str:
    """Why, in a sentence."""
    if state == "check_input":
        faults = {spec.id for spec in FINDINGS}
        return next(one for one in findings if one.mark == "bad" and one.id in faults).headline
    if state in ("collapsed", "check_labels"):
        wanted = "collapsed" if state == "collapsed" else "suspect_labels"
        return next(one for one in findings if one.id == wanted).headline
    if state == "points_only":
        return "without labels nothing is known of classes"
    right = share(float(_right(evidence)))
    if state == "overlapping":
        return (
            f"the nearest row has the right class for {right} (chance {share(evidence.chance)}): "
            "classes are not told apart well"
        )
    kinds = [kind for kind, said in collapse_kinds(report) if said == "warning"]
    beside = f"close to a {' and '.join(kinds)} collapse" if kinds else "nothing collapsed"
    return f"the nearest row has the right class for {right}; {beside}"


def _right(evidence: Evidence) -> float:
    return evidence.chance + evidence.adjusted_precision * (1 - evidence.chance)
