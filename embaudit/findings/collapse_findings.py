"""Collapse as a finding, or that there is none."""

from collections.abc import Iterator, Sequence

from embaudit.data import Label
from embaudit.evidence import Evidence
from embaudit.measures import merged_classes
from embaudit.report import Reading, Report
from embaudit.report.diagnosis_model import Finding
from embaudit.report.shell_command import Command


def findings_of_collapse(
    report: Report, evidence: Evidence, precision: float | None
) -> Iterator[Finding]:
    """Collapse, or that there is none."""
    state = report.collapse
    if state.state == "collapsed":
        yield _collapsed(report)
    elif state.state == "warning":
        kinds = [kind for kind, said in collapse_kinds(report) if said == "warning"]
        merged = _merged(evidence) if precision is not None and "point" in kinds else ()
        yield Finding(
            id="collapse_warning",
            title="Close to a collapse",
            mark="warning",
            headline=f"Close to a {' and '.join(kinds)} collapse",
            details=(f"Classes that lie on one another: {_some(merged)}.",) if merged else (),
            evidence={**state.evidence, **({"classes": list(merged)} if merged else {})},
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


def collapse_kinds(report: Report) -> tuple[tuple[str, str | None], ...]:
    """The kinds of collapse, each with its state."""
    state = report.collapse
    return ("point", state.point), ("dimensional", state.dimensional), ("class", state.class_)


def _collapsed(report: Report) -> Finding:
    kinds = [kind for kind, said in collapse_kinds(report) if said == "collapsed"]
    figures = report.collapse.evidence
    if "point" in kinds:
        headline = "inputs of different classes get nearly the same vector"
        remedy = (
            "Go back to the last checkpoint before it, and train on with semi-hard or random "
            "negatives, or with smaller batches."
        )
    elif "dimensional" in kinds:
        why = report.measures.get("dimensional_collapse")
        headline = f"few directions are in use: {_few(why)}"
        remedy = "Check for a bottleneck, too strong a weight decay, or dead units."
    else:
        headline = "no class can be told apart: nearest rows are right no more often than by chance"
        remedy = (
            "Check first that labels and embeddings are in the same order; then that the network "
            "is the trained one."
        )
    details = [
        f"By kind: {', '.join(f'{kind} {said}' for kind, said in collapse_kinds(report) if said)}."
    ]
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


def _few(why: Reading | None) -> str:
    """How few directions are in use, and how many are needed."""
    told = None if why is None else why.reason
    return told or "fewer than the means of the classes span"


def _merged(evidence: Evidence) -> tuple[Label, ...]:
    """The classes that lie on others."""
    if evidence.gallery is not None:
        return ()
    return tuple(evidence.data.classes[code] for code in merged_classes(evidence).tolist())


def _some(labels: Sequence[Label], most: int = 10) -> str:
    more = f" and {len(labels) - most} more" if len(labels) > most else ""
    return ", ".join(repr(label) for label in labels[:most]) + more
