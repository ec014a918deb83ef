"""The verdict: what the report answers, in words, before any number."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from embaudit.render.diagnosis import (
    clear,
    coincide,
    diagnosis,
    explained,
    suspects,
    twins,
)
from embaudit.render.reading import value_of
from embaudit.render.text import count, figure, inert
from embaudit.report import Reading, Report, Risk, State, Unit, risk_of

Mark = Literal["good", "warning", "bad", "unknown"]

RISK_MARKS: dict[Risk, Mark] = {"low": "good", "rising": "warning", "high": "bad"}
COLLAPSES = "collapse_state", "point_collapse", "dimensional_collapse", "class_collapse"
DECIDING = {
    "point": ("duplicate_rows", "rms_pair_distance", "mean_cosine"),
    "dimensional": ("participation_ratio", "entropy_rank"),
    "class": ("separation_auc", "precision_at_1"),
}
STATE_MARKS: dict[State, Mark] = {"none": "good", "warning": "warning", "collapsed": "bad"}


@dataclass(frozen=True)
class Finding:
    """One answer: a headline and the figures that carry it."""

    mark: Mark
    headline: str
    details: tuple[str, ...] = ()


def findings(report: Report) -> Iterator[Finding]:
    """The diagnosis, then what else is known of separation, labels and collapse, then the gate."""
    found = {
        "separation": (_separation(report) if report.options.labels else _points(report),),
        "labels": tuple(_labels(report)),
        "collapse": (_collapse(report),),
    }
    above = diagnosis(report)
    for name in sorted(found, key=lambda name: name != above):
        yield from found[name]
    yield from _risk(report)
    yield from _gate(report)


def _points(report: Report) -> Finding:
    """What is known without labels."""
    details = []
    apart, rank = value_of(report, "rms_pair_distance"), value_of(report, "entropy_rank")
    if apart is not None:
        details.append(f"Two random rows are {figure(apart)} apart (root mean square).")
    if rank is not None:
        of = f"{figure(rank)} of {count(report.data.dim, 'dimension')}"
        details.append(f"The variance is spread over {of}.")
    details.append("Separation, retrieval and the forecast need labels.")
    return Finding("unknown", "No labels: what is known is of the points alone", tuple(details))


def _labels(report: Report) -> Iterator[Finding]:
    """Labels that are likely wrong, or that contradict each other."""
    wrong, double = suspects(report), twins(report)
    if not wrong and not double:
        return
    if wrong:
        sure, known = clear(report)
        parts = [f"{sure:,} clear"] if sure else []
        parts += [f"{wrong - sure:,} {'doubtful' if known else 'more'}"] if wrong > sure else []
        headline = f"Suspect labels: {' and '.join(parts)} of {count(report.data.rows, 'row')}"
        details = [
            "Each is far from its own class and at home in another, a clear one by far; the "
            "doubtful ones hold false alarms."
        ]
        if double:
            details.append(f"{count(double, 'row')} have a twin under another label.")
    else:
        headline = f"Contradicting labels: {count(double, 'row')} have a twin under another label"
        details = ["No embedding can separate one vector from itself."]
    met, violating = explained(report)
    if met:
        share = figure(met / violating, "fraction")
        details.append(
            f"{met:,} of {count(violating, 'violating anchor')} ({share}) are such rows or meet "
            "one as their furthest positive or nearest negative."
        )
    yield Finding("bad" if diagnosis(report) == "labels" else "warning", headline, tuple(details))


def _separation(report: Report) -> Finding:
    share = value_of(report, "violating_anchors")
    anchors = report.data.anchors
    if coincide(report):
        return _tied(report)
    if _is_separated(report):
        ties = value_of(report, "tied_triplets")
        tied = (f"{figure(ties, 'fraction')} of all triplets are ties.",) if ties else ()
        margin = value_of(report, "separation_margin")
        inside = (f"The closest triplet is {figure(margin)} inside.",) if margin else ()
        return Finding(
            "good",
            f"Triplet-separated: none of {count(anchors, 'anchor')} violates",
            (*tied, *inside),
        )
    if not report.search.exact and not _certainly_violates(report):
        reading = report.measures.get("violating_anchors")
        most = None if reading is None else reading.upper
        limit = f"at most {figure(most, 'fraction')}" if most is not None else "an unknown share"
        return Finding(
            "good",
            f"No violation found among {count(anchors, 'anchor')}: {limit} of them violate",
            (
                "The search was approximate, and looked again exhaustively on a sample only; "
                "--search exact decides.",
            ),
        )
    if share is None:
        return Finding("bad", "Not triplet-separated", tuple(_violations(report)))
    at_least, share = _found(report, "violating_anchors")
    triplets = report.measures.get("violated_triplets")
    also = "" if triplets is None or triplets.value is None else f", {_span(triplets)} of triplets"
    return Finding(
        "warning" if diagnosis(report) == "labels" else "bad",
        f"Not triplet-separated: {at_least}{figure(share, 'fraction')} of anchors violate{also}",
        (
            f"For {at_least}{round(share * anchors):,} of {count(anchors, 'anchor')} the nearest "
            "negative is nearer than the furthest positive.",
            *_violations(report),
        ),
    )


def _tied(report: Report) -> Finding:
    """Where rows coincide hardly a triplet is violated, and none is separated."""
    ties = value_of(report, "tied_triplets")
    told = ": the rows nearly coincide"
    if ties is not None and ties >= 0.5:
        told = f": {figure(ties, 'fraction')} of all triplets are ties"
    why = "A constant map violates no triplet either."
    return Finding("unknown", f"Separation says nothing here{told}", (why,))


def _found(report: Report, id: str) -> tuple[str, float]:
    """A figure that an approximate search can only have found too small, and how to say so."""
    reading = report.measures[id]
    value = reading.value if report.search.exact else reading.lower
    return "" if report.search.exact else "at least ", value or 0.0


def _certainly_violates(report: Report) -> bool:
    return any(triplet.violation > 0 for triplet in report.hardest_triplets[:1])


def _is_separated(report: Report) -> bool:
    if not report.search.exact:
        return False
    share = value_of(report, "violating_anchors")
    worst = report.hardest_triplets[:1]
    return share == 0 if share is not None else any(one.violation <= 0 for one in worst)


def _violations(report: Report) -> Iterator[str]:
    ties = value_of(report, "tied_triplets")
    if ties:
        yield f"Of all triplets {figure(ties, 'fraction')} are ties."
    worst = report.measures.get("hardest_triplet_loss")
    if worst is not None and worst.value is not None:
        times = f" ({figure(worst.relative)} RMS pair distances)" if worst.relative else ""
        at_least = _found(report, "hardest_triplet_loss")[0]
        yield f"The hardest triplet misses by {at_least}{figure(worst.value)}{times}."


def _collapse(report: Report) -> Finding:
    state = report.collapse
    kinds: tuple[tuple[str, State | Literal["not known"]], ...] = (
        ("point", state.point),
        ("dimensional", state.dimensional),
        ("class", state.class_ or "not known"),
    )
    words = ", ".join(f"{name} {said}" for name, said in kinds)
    named = ", ".join(name for name, said in kinds if said == state.state)
    headline = {
        "none": "Not collapsed" + ("" if state.class_ else ", as far as the points alone tell"),
        "warning": f"Warning of collapse ({named})",
        "collapsed": f"Collapsed ({named})",
    }[state.state]
    deciding = {id for name, said in kinds if said == state.state for id in DECIDING[name]}
    evidence = ", ".join(
        f"{inert(id)} {figure(value, _unit(report, id))}"
        for id, value in state.evidence.items()
        if id in deciding
    )
    if state.state == "collapsed":
        headline += f": {_fallen(report)}"
    why = [f"By kind: {words}."]
    if state.state == "none":
        why.append("No figure crosses its threshold.")
    elif evidence:
        first = next(name for name, said in kinds if said == state.state)
        why.append(
            f"Decided by {evidence}; embaudit explain {first}_collapse tells the thresholds."
        )
    return Finding(STATE_MARKS[state.state], headline, tuple(why))


def _span(reading: Reading) -> str:
    """A known value, as far as it is known: `2.03% to 3.22%`."""
    ends = [
        figure(reading.value if end is None else end, reading.unit)
        for end in (reading.lower, reading.upper)
    ]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _fallen(report: Report) -> str:
    """What a collapse is, in words; of several kinds the worst."""
    if report.collapse.point != "collapsed":
        one_class = report.collapse.class_ == "collapsed"
        return "no class can be told apart" if one_class else "one direction carries nearly all"
    copies, rows = report.data.duplicate_rows, report.data.rows
    if 2 * copies >= rows:
        return f"{copies:,} of {count(rows, 'row')} are copies of another"
    return "the rows nearly coincide"


def _unit(report: Report, id: str) -> Unit:
    if id in report.measures:
        return report.measures[id].unit
    return "rows" if id.endswith("_rows") else "ratio"


def _risk(report: Report) -> Iterator[Finding]:
    risk, batch = report.measures.get("collapse_risk"), report.options.batch
    if risk is None or risk.value is None or batch is None or report.collapse.point == "collapsed":
        return  # what has fallen already has no risk left to tell
    high = risk.value if risk.upper is None else risk.upper  # the pessimistic end decides
    classes, rows = batch
    band = risk_of(high)
    mark = RISK_MARKS[band]
    shape = (
        f"For batches of {classes} classes x {rows} rows: the share of the gradient that contracts "
        "the embedding, 50% is balance. A heuristic, not a probability."
    )
    safe = mark != "good" and any(
        (row.classes_per_batch, row.samples_per_class) == batch and row.safe
        for row in report.forecast
    )
    relief = (
        "Safe for now: their mean batch-hard loss is surely at most the margin, so that a collapse "
        "would not lower it."
    )
    headline = f"Collapse pressure under batch-hard mining: {_span(risk)}, in the {band} band"
    yield Finding(mark, headline, (shape, relief) if safe else (shape,))


def _gate(report: Report) -> Iterator[Finding]:
    if report.gate.verdict == "none":
        return
    rules = report.gate.rules
    total = count(len(rules), "rule")
    if report.gate.verdict == "pass":
        watched = any(rule.measure in COLLAPSES or rule.kind == "diagnosis" for rule in rules)
        if report.collapse.state == "collapsed" and not watched:
            yield Finding(
                "bad",
                f"Gate passed ({total}), but no rule looks at the collapse",
                ("Add --gate 'collapse_state == none'.",),
            )
            return
        soft = sum(rule.status != "pass" for rule in rules)
        warned = f", {count(soft, 'warning')}" if soft else ""
        yield Finding("warning" if soft else "good", f"Gate passed: {total}{warned}")
        return
    failed = sum(rule.status == "fail" for rule in rules if rule.level == "error")
    undecided = sum(rule.status == "undecided" for rule in rules if rule.level == "error")
    if failed:
        more = f", {undecided} undecided" if undecided else ""
        yield Finding("bad", f"Gate failed: {failed} of {total} failed{more}")
    else:
        yield Finding("bad", f"Gate failed: {undecided} of {total} undecided")
