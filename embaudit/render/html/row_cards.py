"""Cards that show rows: suspects with what they are, and the hardest triplets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embaudit.render.html.row_preview import Exhibit, Kept, exhibit
from embaudit.render.html.templating import name
from embaudit.render.words.rich_text import Number
from embaudit.render.words.visibility_rules import blamed, coincide
from embaudit.report import Report, Triplet
from embaudit.report.base_model import LabelField
from embaudit.report.suspects import Culprit, CulpritRow

TRIPLETS = 20
FIRST = 6  # cards of triplets that are open
SUSPECTS = 24
SHARED = 3  # triplets from which on a row that they share stands for them
BADGES: dict[Culprit, str] = {
    "duplicate": "twin under another label",
    "likely_mislabel": "suspect label",
    "outlier": "outlier",
}


@dataclass(frozen=True)
class Row:
    """A row, what it is called there, and what it shows of itself."""

    role: str
    number: Number
    id: str
    label: str
    badge: str
    shows: Exhibit


@dataclass(frozen=True)
class Trio:
    """A triplet, its anchor first."""

    violation: Number
    positive_at: Number
    negative_at: Number
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Trios:
    """Triplets that share a culprit, the hardest first; or one that shares none."""

    shared: str
    first: Trio
    others: tuple[Trio, ...]


def suspects(report: Report, kept: Kept, assets: Path | None) -> list[Row]:
    """The surest suspect labels, where their rows have something to show."""
    return [
        Row(
            "suspect",
            Number(str(one.row), one.row, f"blame/worst_rows/{at}/row"),
            "" if one.id is None else name(one.id),
            name(one.label),
            f"likely {name(one.likely_label)}",
            exhibit(one.row, kept, assets),
        )
        for at, one in enumerate(blamed(report))
        if one.attribution == "likely_mislabel" and kept.get(one.row)
    ][:SUSPECTS]


def triplets(report: Report, kept: Kept, assets: Path | None) -> list[Trios]:
    """The hardest triplets, those with the same culprit together; none where rows coincide."""
    if coincide(report):
        return []
    known = {one.row: one for one in blamed(report)}
    every = range(len(report.hardest_triplets))
    worst = sorted(every, key=lambda at: -report.hardest_triplets[at].violation)
    worst = _unmirrored(report, worst)[:TRIPLETS]
    together: dict[int | str, list[int]] = {}
    shared = _shared([report.hardest_triplets[at] for at in worst], known)
    for at in worst:
        rows = set(_rows(report.hardest_triplets[at]))
        culprit = next((row for row in shared if row in rows), None)
        together.setdefault(f"alone {at}" if culprit is None else culprit, []).append(at)
    return [
        Trios(
            "" if isinstance(culprit, str) else str(culprit),
            *_parted([_trio(report, at, known, kept, assets) for at in places]),
        )
        for culprit, places in together.items()
    ]


def _unmirrored(report: Report, places: Sequence[int]) -> list[int]:
    """Without those of a pair that is there already, its rows in each other's role."""
    if report.gallery is not None:  # a query and a row of the gallery have numbers of their own
        return list(places)
    pairs: set[frozenset[int]] = set()
    kept = []
    for at in places:
        one = report.hardest_triplets[at]
        pair = frozenset((one.anchor, one.positive))
        kept += [] if pair in pairs else [at]
        pairs.add(pair)
    return kept


def _rows(one: Triplet) -> tuple[int, int, int]:
    return one.anchor, one.positive, one.negative


def _shared(some: Sequence[Triplet], known: dict[int, CulpritRow]) -> list[int]:
    """Suspect rows that are in several of the triplets, the most frequent first."""
    seen = Counter(row for one in some for row in set(_rows(one)) if row in known)
    return [row for row, times in seen.most_common() if times >= SHARED]


def _parted(trios: Sequence[Trio]) -> tuple[Trio, tuple[Trio, ...]]:
    return trios[0], tuple(trios[1:])


def _trio(
    report: Report, position: int, known: dict[int, CulpritRow], kept: Kept, assets: Path | None
) -> Trio:
    one, at = report.hardest_triplets[position], f"hardest_triplets/{position}"
    roles = ("anchor", "positive", "negative")
    labels = one.anchor_label, one.anchor_label, one.negative_label
    ids: Sequence[LabelField | None] = [None] * 3 if one.ids is None else one.ids
    rows = []
    for role, number, label, id in zip(roles, _rows(one), labels, ids, strict=True):
        own = report.gallery is None or role == "anchor"
        rows.append(
            Row(
                role,
                Number(str(number), number, f"{at}/{role}"),
                "" if id is None else name(id),
                name(label),
                _badge(known.get(number)) if own else "",
                exhibit(number, kept if own else {}, assets),
            )
        )
    return Trio(
        Number.of(one.violation, f"{at}/violation"),
        Number.of(one.d_positive, f"{at}/d_positive"),
        Number.of(one.d_negative, f"{at}/d_negative"),
        tuple(rows),
    )


def _badge(one: CulpritRow | None) -> str:
    if one is None:
        return ""
    likely = "" if one.likely_label is None else f", likely {name(one.likely_label)}"
    return BADGES[one.attribution] + likely
