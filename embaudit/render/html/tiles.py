"""The figures that are read first, each beside what chance would give."""

from collections.abc import Iterator
from dataclasses import dataclass

from embaudit.render.html.template import name
from embaudit.render.text import figure
from embaudit.render.words.measure_words import value as text_of
from embaudit.render.words.sentence import Number, Sentence
from embaudit.report import Reading, Report

AUC_CHANCE = 0.5
SHARES = {
    "precision_at_1": "Nearest row right (precision@1)",
    "separation_auc": "Same class is nearer (AUC)",
}


@dataclass(frozen=True)
class ShareBar:
    """From 0 to 1: how far a value goes, and where chance is, in per cent."""

    width: float
    chance: float | None


@dataclass(frozen=True)
class Tile:
    """A figure with its scale; id: of the measure that it is of, empty for others."""

    id: str
    title: str
    figure: Sentence
    notes: tuple[Sentence, ...]
    bar: ShareBar | None = None


def tiles(report: Report, tell: bool) -> list[Tile]:
    """Precision@1 and AUC against chance, collapse, suspects, the pair of classes that mixes most.

    tell: whether rows can be told by their labels.
    """
    return [*_shares(report), _collapse(report), *_labels(report, tell), *_points(report)]


def _shares(report: Report) -> Iterator[Tile]:
    chance = None if report.diagnosis is None else report.diagnosis.chance
    chances: dict[str, tuple[float | None, str | Number]] = {
        "precision_at_1": (
            chance,
            "" if chance is None else Number.of(chance, "diagnosis/chance", "fraction"),
        ),
        "separation_auc": (AUC_CHANCE, "50%"),
    }
    for id, title in SHARES.items():
        by_chance, told = chances[id]
        reading = report.measures.get(id)
        if reading is None:
            continue
        notes: list[Sentence] = [] if told == "" else [("chance ", told)]
        if id == "precision_at_1":
            notes += _adjusted(report)
        notes += _known(id, reading)
        bar = None
        if reading.value is not None:
            place = None if by_chance is None else _percent(by_chance)
            bar = ShareBar(_percent(reading.value), place)
        yield Tile(id, title, _value(id, reading), tuple(notes), bar)


def _percent(share: float) -> float:
    return round(100 * min(max(share, 0.0), 1.0), 2)


def _adjusted(report: Report) -> Iterator[Sentence]:
    reading = report.measures.get("adjusted_precision_at_1")
    if reading is not None and reading.value is not None:
        yield "corrected for chance ", _value("adjusted_precision_at_1", reading)


def _value(id: str, reading: Reading) -> str | Number:
    if reading.value is None:
        return "-"
    return Number(text_of(reading), reading.value, f"measures/{id}/value")


def _known(id: str, reading: Reading) -> Iterator[Sentence]:
    """How it is known, with its ends where they say more."""
    if reading.kind not in ("certified", "sampled"):
        yield reading.kind
        return
    low, high = (
        Number(figure(end, reading.unit, unbounded), end, f"measures/{id}/{which}")
        for which, end, unbounded in (
            ("lower", reading.lower, "-∞"),
            ("upper", reading.upper, "∞"),
        )
    )
    yield f"{reading.kind} [", low, ", ", high, "]"


def _collapse(report: Report) -> Tile:
    state = report.collapse
    kinds = ("points", state.point), ("dimensions", state.dimensional), ("classes", state.class_)
    told = ", ".join(f"{kind}: {said}" for kind, said in kinds if said is not None)
    return Tile("collapse_state", "Collapse", state.state, (told,))


def _labels(report: Report, tell: bool) -> Iterator[Tile]:
    """Suspects and the worst pair; nothing where labels say nothing."""
    blame = report.blame
    if blame is None or not tell:
        return
    flagged = blame.rows.get("likely_mislabel", 0)
    yield Tile(
        "",
        "Suspect labels",
        Number(str(flagged), flagged, "blame/rows/likely_mislabel"),
        (f"{figure(flagged / report.data.rows, 'fraction')} of the rows",),
    )
    known = [(k, one) for k, one in enumerate(blame.confused_pairs) if one.wrong_neighbours]
    if known:
        k, one = max(known, key=lambda pair: pair[1].wrong_neighbours)
        wrong = one.wrong_neighbours
        at = f"blame/confused_pairs/{k}/wrong_neighbours"
        pair = f"{name(one.labels[0])} / {name(one.labels[1])}"
        notes: tuple[Sentence, ...] = (
            (Number(str(wrong), wrong, at), " rows have a nearest row of the other"),
        )
        yield Tile("", "Most mistakes", pair, notes)


def _points(report: Report) -> Iterator[Tile]:
    """Without labels: how far apart rows are, and over how many directions."""
    if report.options.labels:
        return
    for id, title in (
        ("entropy_rank", "Directions in use (entropy rank)"),
        ("rms_pair_distance", "Distance of two random rows (RMS)"),
        ("duplicate_rows", "Copies of another row"),
    ):
        reading = report.measures.get(id)
        if reading is not None:
            of = f"of {report.data.dim:,} dimensions" if id == "entropy_rank" else ""
            yield Tile(
                id, title, _value(id, reading), ((of,) if of else ()) + tuple(_known(id, reading))
            )
