"""The verdict: the diagnosis in words, before any number."""

from collections.abc import Iterator

from embaudit.render.safe_text import count, figure, inert
from embaudit.render.words.block_types import Answer, Mark
from embaudit.render.words.diagnosis_states import MARKS
from embaudit.render.words.gate_words import verdict_of
from embaudit.render.words.measured_value_words import value_of
from embaudit.render.words.visibility_rules import coincide, own_finding
from embaudit.report import Reading, Report, Risk, State, Unit, risk_of
from embaudit.report.diagnosis_model import Diagnosis, DiagnosisState, Finding
from embaudit.report.shell_command import Line

STATE_MARKS: dict[State, Mark] = {"none": "good", "warning": "warning", "collapsed": "bad"}
DECIDING = {
    "point": ("duplicate_rows", "mean_cosine", "adjusted_precision_at_1"),
    "dimensional": ("participation_ratio", "entropy_rank"),
    "class": ("adjusted_precision_at_1", "separation_auc"),
}
RISK_WORDS: dict[Risk, str] = {"low": "low", "rising": "moderate", "high": "high"}
LONGEST = 400  # cells of a headline or a detail, in which a label or a path may be of any length


def findings(report: Report) -> Iterator[Answer]:
    """The state and its reason, what else was found, what batches may do to it, then the gate."""
    yield verdict(report)
    yield from beside_verdict(report)
    yield from _pressure(report)
    gate = verdict_of(report)
    yield from () if gate is None else (gate,)


def verdict(report: Report) -> Answer:
    """The state and its reason."""
    diagnosis = report.diagnosis
    return _undiagnosed(report) if diagnosis is None else _state(report, diagnosis)


def beside_verdict(report: Report) -> Iterator[Answer]:
    """What else was found: what the state is decided by is not said again."""
    told = report.diagnosis
    own = None if told is None else own_finding(told)
    some = () if told is None else told.findings
    yield from (_finding(report, one) for one in some if one is not own)
    yield from _separated(report)


def said(state: DiagnosisState) -> str:
    """A state as it is said: `CHECK INPUT`."""
    return state.replace("_", " ").upper()


def _undiagnosed(report: Report) -> Answer:
    """Of a report that an older version wrote."""
    state = report.collapse.state
    why = "An older version made this report, without a diagnosis: audit again for one."
    return Answer(STATE_MARKS[state], f"Collapse: {state}", (why,))


def _state(report: Report, diagnosis: Diagnosis) -> Answer:
    state, own = diagnosis.state, own_finding(diagnosis)
    told = None if own is None else _finding(report, own)
    return Answer(
        MARKS[state],
        inert(f"{said(state)}: {diagnosis.reason}", LONGEST),
        () if told is None else told.details,
        "" if told is None else told.remedy,
        None if told is None else told.command,
        "" if told is None else told.id,
    )


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
