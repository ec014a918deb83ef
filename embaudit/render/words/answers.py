"""The verdict: the diagnosis in words, before any number."""

from collections.abc import Iterator

from embaudit.render.text import count, figure, inert, label
from embaudit.render.words.blocks import Answer, Mark
from embaudit.render.words.diagnosis_words import coincide, mistaken, own_finding
from embaudit.render.words.measure_words import value_of
from embaudit.report import Reading, Report, Risk, State, Unit, risk_of
from embaudit.report.diagnosis import Diagnosis, DiagnosisState, Finding
from embaudit.report.invocation import Line

COLLAPSES = "collapse_state", "point_collapse", "dimensional_collapse", "class_collapse"
STATE_MARKS: dict[State, Mark] = {"none": "good", "warning": "warning", "collapsed": "bad"}
DIAGNOSIS_MARKS: dict[DiagnosisState, Mark] = {
    "check_input": "bad",
    "collapsed": "bad",
    "check_labels": "warning",
    "overlapping": "warning",
    "healthy": "good",
    "points_only": "unknown",
}
DECIDING = {
    "point": ("duplicate_rows", "mean_cosine", "adjusted_precision_at_1"),
    "dimensional": ("participation_ratio", "entropy_rank"),
    "class": ("adjusted_precision_at_1", "separation_auc"),
}
RISK_WORDS: dict[Risk, str] = {"low": "low", "rising": "moderate", "high": "high"}
PAIRS = 5
LONGEST = 400  # cells of a headline or a detail, in which a label or a path may be of any length


def findings(report: Report) -> Iterator[Answer]:
    """The state and its reason, what else was found, what batches may do to it, then the gate."""
    if report.diagnosis is None:
        yield _undiagnosed(report)
    else:
        yield from _diagnosed(report, report.diagnosis)
    yield from _separated(report)
    yield from _pressure(report)
    yield from _gate(report)


def said(state: DiagnosisState) -> str:
    """A state as it is said: `CHECK INPUT`."""
    return state.replace("_", " ").upper()


def _undiagnosed(report: Report) -> Answer:
    """Of a report that an older version wrote."""
    state = report.collapse.state
    why = "An older version made this report, without a diagnosis: audit again for one."
    return Answer(STATE_MARKS[state], f"Collapse: {state}", (why,))


def _diagnosed(report: Report, diagnosis: Diagnosis) -> Iterator[Answer]:
    """The state; what it is decided by is not said again among the findings."""
    state, own = diagnosis.state, own_finding(diagnosis)
    told = None if own is None else _finding(report, own)
    yield Answer(
        DIAGNOSIS_MARKS[state],
        inert(f"{said(state)}: {diagnosis.reason}", LONGEST),
        (*_beside(report, diagnosis), *(() if told is None else told.details)),
        "" if told is None else told.remedy,
        None if told is None else told.command,
        "" if told is None else told.id,
    )
    yield from (_finding(report, one) for one in diagnosis.findings if one is not own)


def _finding(report: Report, one: Finding) -> Answer:
    details = [inert(detail, LONGEST) for detail in one.details]
    if one.id in ("collapsed", "collapse_warning"):
        details += _decided(report)
    return Answer(
        one.mark,
        inert(one.headline, LONGEST),
        tuple(details),
        inert(one.remedy, LONGEST),
        None if one.command is None else Line(one.command),
        one.id,
    )


def _beside(report: Report, diagnosis: Diagnosis) -> Iterator[str]:
    """What a state without a fault is read beside."""
    if diagnosis.state == "healthy" and diagnosis.chance is not None:
        yield f"By chance it would be {100 * diagnosis.chance:.3g}%."
        mixed = ", ".join(
            f"{label(one.labels[0])} and {label(one.labels[1])} ({one.wrong_neighbours:,})"
            for one in mistaken(report)[:PAIRS]
        )
        if mixed:
            yield f"Most mistaken for each other: {mixed}."
    if diagnosis.state == "points_only":
        apart, rank = value_of(report, "rms_pair_distance"), value_of(report, "entropy_rank")
        if apart is not None:
            yield f"Two random rows are {figure(apart)} apart (root mean square)."
        if rank is not None:
            of = f"{figure(rank)} of {count(report.data.dim, 'dimension')}"
            yield f"The variance is spread over {of}."
        yield "Separation, retrieval and the forecast need labels."


def _decided(report: Report) -> Iterator[str]:
    """The figures that decided on the kinds of collapse that there are."""
    state = report.collapse
    kinds = {"point": state.point, "dimensional": state.dimensional, "class": state.class_}
    wanted = {id for kind, said in kinds.items() if said == state.state for id in DECIDING[kind]}
    figures = ", ".join(
        f"{inert(id)} {figure(value, _unit(report, id))}"
        for id, value in state.evidence.items()
        if id in wanted
    )
    if figures:
        yield f"Figures: {figures}."


def _separated(report: Report) -> Iterator[Answer]:
    """Told only where it holds: that nearly all anchors violate is so of all real sets."""
    reading, anchors = report.measures.get("violating_anchors"), report.data.anchors
    healthy = report.diagnosis is not None and report.diagnosis.state == "healthy"
    least = None if reading is None else reading.lower
    if reading is None or least != 0 or not healthy or coincide(report):
        return
    if not report.search.exact:
        most = reading.upper
        share = "an unknown share" if most is None else f"at most {figure(most, 'fraction')}"
        yield Answer(
            "good",
            f"No violation found among {count(anchors, 'anchor')}: {share} of them violate",
            (
                "The search was approximate, and looked again exhaustively on a sample only; "
                "--search exact decides.",
            ),
        )
        return
    if reading.value != 0:
        return
    ties = value_of(report, "tied_triplets")
    margin = value_of(report, "separation_margin")
    tied = (f"{figure(ties, 'fraction')} of all triplets are ties.",) if ties else ()
    inside = (f"The closest triplet is {figure(margin)} inside.",) if margin else ()
    headline = f"Triplet-separated: none of {count(anchors, 'anchor')} violates"
    yield Answer("good", headline, (*tied, *inside))


def _span(reading: Reading) -> str:
    """A known value, as far as it is known: `2.03% to 3.22%`."""
    ends = [
        figure(reading.value if end is None else end, reading.unit)
        for end in (reading.lower, reading.upper)
    ]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _unit(report: Report, id: str) -> Unit:
    if id in report.measures:
        return report.measures[id].unit
    return "rows" if id.endswith("_rows") else "ratio"


def _pressure(report: Report) -> Iterator[Answer]:
    """A line of what training on may do: no mark against the set as it is."""
    risk, batch = report.measures.get("collapse_risk"), report.options.batch
    state = None if report.diagnosis is None else report.diagnosis.state
    if state == "check_input" or report.collapse.state == "collapsed":
        return  # the figures are of the fault; what has fallen already has no risk left to tell
    if risk is None or risk.value is None or batch is None:
        return
    high = risk.value if risk.upper is None else risk.upper  # the pessimistic end decides
    band = risk_of(high)
    classes, rows = batch
    safe = band != "low" and any(
        (row.classes_per_batch, row.samples_per_class) == batch and row.safe
        for row in report.forecast
    )
    relief = (
        "Safe for now: their mean batch-hard loss is surely at most the margin, so that a collapse "
        "would not lower it."
    )
    headline = (
        f"Batch-hard training at {classes} x {rows}: collapse pressure {_span(risk)}, "
        f"{RISK_WORDS[band]}"
    )
    yield Answer("note", headline, (relief,) if safe else ())


def _gate(report: Report) -> Iterator[Answer]:
    if report.gate.verdict == "none":
        return
    rules = report.gate.rules
    total = count(len(rules), "rule")
    if report.gate.verdict == "pass":
        watched = any(rule.measure in COLLAPSES or rule.kind == "diagnosis" for rule in rules)
        if report.collapse.state == "collapsed" and not watched:
            yield Answer(
                "bad",
                f"Gate passed ({total}), but no rule looks at the collapse",
                ("Add --gate 'collapse_state == none'.",),
            )
            return
        soft = sum(rule.status != "pass" for rule in rules)
        warned = f", {count(soft, 'warning')}" if soft else ""
        yield Answer("warning" if soft else "good", f"Gate passed: {total}{warned}")
        return
    failed = sum(rule.status == "fail" for rule in rules if rule.level == "error")
    undecided = sum(rule.status == "undecided" for rule in rules if rule.level == "error")
    if failed:
        more = f", {undecided} undecided" if undecided else ""
        yield Answer("bad", f"Gate failed: {failed} of {total} failed{more}")
    else:
        yield Answer("bad", f"Gate failed: {undecided} of {total} undecided")
