"""The figures that are read first, each on a scale from zero, beside chance or a limit."""

from collections.abc import Iterator
from dataclasses import dataclass

from embaudit.measures.class_collapse import BLIND
from embaudit.measures.collapse_state_spec import HALF
from embaudit.measures.dimensional_collapse import FEW
from embaudit.measures.point_collapse import CONE
from embaudit.render.html.templating import name
from embaudit.render.safe_text import figure, inert
from embaudit.render.words.diagnosis_words import DECIDING
from embaudit.render.words.measured_value_words import value as text_of
from embaudit.render.words.rich_text import Number, Sentence
from embaudit.render.words.visibility_rules import mistaken
from embaudit.report import STATES, Reading, Report
from embaudit.report.diagnosis_model import Diagnosis, Finding

AUC_CHANCE = 0.5
SHARES = {
    "precision_at_1": "Nearest row right (precision@1)",
    "separation_auc": "Same class is nearer (AUC)",
}
SUSPECTED = 0.1  # of the rows: a whole bar of suspects
DECIDED = {  # what a collapse was decided by, beside the shares
    "adjusted_precision_at_1": "Nearest row right, beyond chance",
    "participation_ratio": "Directions in use (participation ratio)",
    "mean_cosine": "Cosine of two random rows",
    "duplicate_rows": "Copies of another row",
}
COMPARED = {  # figures of a finding, beside that of the file as it is
    "precision_at_1_without": "Nearest row right without what was found",
    "precision_at_1_other": "Nearest row right under the other metric",
}


@dataclass(frozen=True)
class Scale:
    """A bar from zero: how far the value goes and where a mark is, in per cent; the end in words.

    mark: what the stroke on it is, empty where there is none.
    """

    width: float
    end: str
    at: float | None = None
    mark: str = ""


@dataclass(frozen=True)
class Tile:
    """A figure with its scale; id: of the measure that it is of, empty for others."""

    id: str
    title: str
    figure: Sentence
    notes: tuple[Sentence, ...]
    scale: Scale | None = None


def tiles(report: Report, advised: bool) -> list[Tile]:
    """Precision@1 and AUC against chance, collapse, suspects, the pair of classes that mixes most.

    advised: whether rows and classes are told of; else what the state is decided by instead.
    """
    told = list(_labels(report)) if advised else list(_decided(report))
    return [*_shares(report), _collapse(report), *told, *_points(report)]


def _shares(report: Report) -> Iterator[Tile]:
    chance = None if report.diagnosis is None else report.diagnosis.chance
    for id, title in SHARES.items():
        reading = report.measures.get(id)
        if reading is None:
            continue
        notes: list[Sentence] = []
        by_chance: float | None = AUC_CHANCE
        if id == "precision_at_1":
            by_chance = chance
        if chance is not None and id == "precision_at_1":
            notes.append(("chance ", Number.of(chance, "diagnosis/chance", "fraction")))
        elif id == "separation_auc":
            notes.append("chance 50%")
        notes.append(_known(id, reading))
        scale = None
        if reading.value is not None:
            at = None if by_chance is None else _percent(by_chance)
            scale = Scale(_percent(reading.value), "100%", at, "chance")
        yield Tile(id, title, _value(id, reading), tuple(notes), scale)


def _percent(share: float, top: float = 1.0) -> float:
    return round(100 * min(max(share / top, 0.0), 1.0), 2)


def _value(id: str, reading: Reading) -> str | Number:
    if reading.value is None:
        return "-"
    return Number(text_of(reading), reading.value, f"measures/{id}/value")


def _known(id: str, reading: Reading) -> Sentence:
    """How it is known, with its ends where they say more."""
    if reading.kind not in ("certified", "sampled"):
        return reading.kind
    low, high = (
        Number(figure(end, reading.unit, unbounded), end, f"measures/{id}/{which}")
        for which, end, unbounded in (
            ("lower", reading.lower, "-∞"),
            ("upper", reading.upper, "∞"),
        )
    )
    return (f"{reading.kind} [", low, ", ", high, "]")


def _collapse(report: Report) -> Tile:
    state = report.collapse
    kinds = ("points", state.point), ("dimensions", state.dimensional), ("classes", state.class_)
    told = ", ".join(f"{kind} {said}" for kind, said in kinds if said is not None)
    worst = STATES.index(state.state)
    reached = _percent(worst, len(STATES) - 1)
    id = "collapse_state" if "collapse_state" in report.measures else ""
    return Tile(id, "Collapse", state.state, (told,), Scale(reached, "collapsed"))


def _labels(report: Report) -> Iterator[Tile]:
    """Suspects and the worst pair."""
    blame = report.blame
    if blame is None:
        return
    flagged = blame.rows.get("likely_mislabel", 0)
    share = flagged / report.data.rows
    notes: list[Sentence] = [f"{figure(share, 'fraction')} of the rows"]
    if flagged and blame.expected_wrong is not None:
        told, at = f"{blame.expected_wrong:.0f}", "blame/expected_wrong"
        notes.append(("about ", Number(told, blame.expected_wrong, at), " of them wrong"))
    scale = Scale(_percent(share, SUSPECTED), f"{SUSPECTED:.0%} of the rows")
    number = Number(f"{flagged:,}", flagged, "blame/rows/likely_mislabel")
    id = "likely_mislabels" if "likely_mislabels" in report.measures else ""
    yield Tile(id, "Suspect labels", number, tuple(notes), scale)
    yield from _worst_pair(report)


def _worst_pair(report: Report) -> Iterator[Tile]:
    pairs = mistaken(report)
    if not pairs or report.blame is None:
        return
    one = max(pairs, key=lambda pair: pair.wrong_neighbours)
    k = next(k for k, pair in enumerate(report.blame.confused_pairs) if pair is one)
    wrong = one.wrong_neighbours
    number = Number(f"{wrong:,}", wrong, f"blame/confused_pairs/{k}/wrong_neighbours")
    among = {(type(label), label) for label in one.labels}
    rows = sum(row.rows for row in report.classes if (type(row.label), row.label) in among)
    of = f" of their {rows:,} rows have" if rows else " rows have"
    yield Tile(
        "",
        "Worst pair of classes",
        f"{name(one.labels[0])} / {name(one.labels[1])}",
        ((number, f"{of} a nearest row of the other"),),
        Scale(_percent(wrong / rows), f"{rows:,} rows") if rows else None,
    )


def _decided(report: Report) -> Iterator[Tile]:
    """What the state is decided by, with its limits, where it is a fault or a collapse."""
    found = report.diagnosis
    if found is not None and found.state == "check_input":
        yield from _faults(found)
    elif report.collapse.state == "collapsed":
        yield from _collapsed(report)


def _faults(found: Diagnosis) -> Iterator[Tile]:
    """The figures of what the file holds that explain the rest, and how many rows it is about."""
    for k, one in enumerate(found.findings):
        if one.mark == "bad":
            at = f"diagnosis/findings/{k}/evidence"
            yield from _compared(one, at)
            return


def _compared(one: Finding, at: str) -> Iterator[Tile]:
    counted = one.evidence.get("count")
    if isinstance(counted, int):
        number = Number(f"{counted:,}", counted, f"{at}/count")
        yield Tile("", one.title or "Found", number, ())
    for key, title in COMPARED.items():
        value = one.evidence.get(key)
        if isinstance(value, int | float):
            number = Number.of(float(value), f"{at}/{key}", "fraction")
            yield Tile("", title, number, (), Scale(_percent(float(value)), "100%"))


def _collapsed(report: Report) -> Iterator[Tile]:
    """The figures that decided, each with the limit from which on it is a collapse."""
    state = report.collapse
    kinds = {"point": state.point, "dimensional": state.dimensional, "class": state.class_}
    decided = {id for kind, said in kinds.items() if said == state.state for id in DECIDING[kind]}
    for id, title in DECIDED.items():
        reading = report.measures.get(id)
        if id in decided and reading is not None and reading.value is not None:
            scale, notes = _limit(report, id, reading.value)
            yield Tile(id, title, _value(id, reading), notes, scale)


def _limit(report: Report, id: str, value: float) -> tuple[Scale | None, tuple[Sentence, ...]]:
    """The scale of a figure that decides, and what it is read against."""
    if id == "adjusted_precision_at_1":
        most = HALF if report.collapse.point == "collapsed" else BLIND
        told = f"collapsed at {most:g} or less; 0 is a blind guess"
        return Scale(_percent(value), "1", _percent(most), "limit"), (told,)
    if id == "mean_cosine":
        told = f"collapsed from {CONE:g} on under cosine; under l2 it does not decide"
        return Scale(_percent(value), "1", _percent(CONE), "limit"), (told,)
    if id == "participation_ratio":
        needed = min(max(report.data.classes - 1, 1), report.data.dim)
        counted = report.measures.get("dimensional_collapse")
        why = () if counted is None or not counted.reason else (inert(counted.reason, 200),)
        limit = f"collapsed below {FEW:.0%} of what class means need"
        return Scale(_percent(value, needed), f"{needed:,}"), (*why, limit)
    rows = report.data.rows
    return Scale(_percent(value, rows), f"{rows:,} rows"), (f"of {rows:,} rows",)


def _points(report: Report) -> Iterator[Tile]:
    """Without labels: how far apart rows are, and over how many directions."""
    if report.options.labels:
        return
    rows, dim = report.data.rows, report.data.dim
    for id, title, most, of in (
        ("entropy_rank", "Directions in use (entropy rank)", dim, f"of {dim:,} dimensions"),
        ("duplicate_rows", "Copies of another row", rows, f"of {rows:,} rows"),
        ("mean_cosine", "Cosine of two random rows", 1, "1: all point one way"),
        ("rms_pair_distance", "Distance of two random rows (RMS)", 0, ""),
    ):
        reading = report.measures.get(id)
        if reading is not None and reading.value is not None:
            scale = Scale(_percent(reading.value, most), f"{most:,}") if most else None
            notes: tuple[Sentence, ...] = (*((of,) if of else ()), _known(id, reading))
            yield Tile(id, title, _value(id, reading), notes, scale)
