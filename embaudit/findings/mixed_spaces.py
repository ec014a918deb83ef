"""Rows of two models in one file: no neighbours of each other, not even within a class."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import Floats, Rows
from embaudit.evidence import Evidence
from embaudit.evidence.row_sample import RowSample, rows_of_classes
from embaudit.findings.finding import FindingSpec, Found, rows_told, share
from embaudit.findings.parting import told_apart
from embaudit.geometry.effective_rank import participation_ratio
from embaudit.geometry.nearest_parts import crossings, nearest_of_others, settled
from embaudit.geometry.one_map import places_alike, sides_by_one_map
from embaudit.geometry.precision import anchored, chance_of, corrected, hits_of
from embaudit.geometry.two_modes import CLASS, linked_modes, modes_of_classes, two_means

WITHIN, IN_EACH = 0.3, 0.15  # adjusted precision@1 within the parts, and in each, at least
ACROSS = 0.25  # of that, across them, at most, where only values tell the parts
ONE_WAY = 0.7  # of the lesser one, in one direction, where nearest positives part by themselves
CROSSING = 0.2  # nearest positives across a range's end, of those that chance would make
LEAST, SHARE = 8, 0.02  # rows of the smaller part
ALIKE = 0.7  # of random rows of the own and of another class in the other part, the own is nearer
SIGMAS = 2.6  # standard errors of a blind guess that the agreement across may have
SHARED = 3  # classes that both parts hold
UNEVEN = 3.0  # times as unlike in their shares of classes as chance would be
WIDE = 3.0  # participation ratio from which modes of classes can be linked: on a line all are alike
STEP = 0.02  # of the rows that lie between nearest positives, at least, where ranges can tell
PLACES = 8192  # of the input that are looked at first
TOGETHER = 1 << 20  # anchors: there may be more of them than memory likes to hold twice
ASKED = 200  # rows of either part that are compared with all of the other, where values alone tell
KINDS = 8  # values of a column that may part rows
PLACED = 0.42  # correlation of the places of classes in either part; of modes by chance to 0.3
TORN = 0.2  # nearest rows of other classes in the other part, of those that chance would make
HALF_WAY = 0.35  # of the precision@1 within, across, in one direction, where parts are torn
BLOCK = 4096  # rows of a class that are looked at together

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """Ordered rows that may be of another space than the others, and how that is told.

    inside: (N,) flags. among: (N,) those that were looked at. sample: rows to compare. even: only
    values say that it is a part. linked: classes say it of each other. torn: so do nearest rows.
    """

    inside: Flags
    among: Flags
    sample: RowSample
    even: bool = False
    linked: bool = False
    torn: bool = False


def check(evidence: Evidence) -> Found | None:
    """Parts of the rows, as ranges, shards, columns or clusters have them, that share nothing."""
    if len(evidence.sample.rows) < 4 * LEAST:
        return None
    for part in _parts(evidence):
        known = _compared(part)
        if known is not None:
            return _told(evidence, part, *known)
    return None


def _told(evidence: Evidence, part: Part, within: float, across: float) -> Found:
    """The smaller part, and what tells it from the other."""
    looked, inside = np.count_nonzero(part.among), np.count_nonzero(part.inside)
    few = part.inside if 2 * inside <= looked else part.among & ~part.inside
    count = int(few.sum())
    told = {**rows_told(evidence.data, few), "share": count / looked}
    told |= {"precision_at_1_within": within, "precision_at_1_across": across}
    parts, words = told_apart(evidence, few, part.among)
    of = "" if looked == len(few) else f" of {looked:,} that were looked at"
    return Found(
        f"Two sets of rows that do not know each other: {count:,} rows{of} "
        f"({share(count / looked)}) are of another space",
        {**told, **parts},
        (
            f"The nearest row has the right class for {share(within)} within the sets and for "
            f"{share(across)} across them, each centred{words}.",
            "Two versions of a model, or dimensions in another order.",
        ),
    )


def _compared(told: Part) -> tuple[float, float] | None:
    """Precision@1 within the parts and across them, where these are two spaces."""
    sample, part, even = told.sample, told.inside[told.sample.rows], told.even
    smaller = min(int(part.sum()), int((~part).sum()))
    if smaller < max(LEAST, SHARE * len(part)):
        return None
    codes = sample.codes
    classes = int(codes.max()) + 1
    one, other = (np.bincount(codes[flags], minlength=classes) for flags in (part, ~part))
    shared = (one > 0) & (other > 0)
    if np.count_nonzero(shared) < min(SHARED, classes):
        return None
    both = shared[codes]
    if np.count_nonzero(both) < 0.5 * smaller + LEAST:
        return None
    if even and _unevenness(one, one + other) > UNEVEN:
        return None
    within, across, sizes = [], [], []
    for flags in (part, ~part):
        inside, outside = np.flatnonzero(flags), np.flatnonzero(~flags)
        own, target = codes[inside], codes[outside]
        anchors = anchored(own)
        asking = inside[shared[own]]
        if np.count_nonzero(anchors) < LEAST or len(asking) < LEAST:
            return None
        hits = hits_of(sample.squares[np.ix_(inside, inside)], own)[anchors]
        within.append((float(hits.mean()), chance_of(own)))
        squares = _squares_across(sample.values, asking, inside, outside)
        blindly = even and not told.linked
        if blindly and _auc(squares, codes[asking], target) > ALIKE:
            return None  # classes lie where they lie in the other part: as tracks of one person do
        near = squares.argmin(axis=1)
        found = float((target[near] == codes[asking]).mean())
        blind = float((np.bincount(target, minlength=classes)[codes[asking]] / len(target)).mean())
        across.append((found, blind))
        sizes.append(len(asking))
    inner, outer = ([corrected(*one) for one in side] for side in (within, across))
    weights = np.array(sizes) / sum(sizes)
    if min(inner) < IN_EACH or weights @ inner < WITHIN:
        return None
    blind = float(weights @ [chance for _, chance in across])
    noise = SIGMAS * (blind * (1 - blind) / sum(sizes)) ** 0.5 / (1 - blind)
    limit = max(ACROSS * float(weights @ inner), min(noise, 0.5 * float(weights @ inner)))
    apart = float(weights @ outer) <= limit
    if not even and not apart:
        apart = min(outer) <= ONE_WAY * min(inner)
    if told.torn and not apart:
        apart = any(there <= HALF_WAY * here for here, there in zip(inner, outer, strict=True))
    if not apart:
        return None
    inside_hits, across_hits = (
        float(weights @ [hit for hit, _ in side]) for side in (within, across)
    )
    return inside_hits, across_hits


def _squares_across(values: Floats, asking: Rows, inside: Rows, outside: Rows) -> Floats:
    """Squared distances from some rows of a part to the rows of the other, each centred."""
    here = values[asking] - values[inside].mean(axis=0)
    there = values[outside] - values[outside].mean(axis=0)
    squares = np.einsum("ij,ij->i", there, there)
    found: Floats = squares - 2 * (here @ there.T)
    return found


def _auc(squares: Floats, codes: Rows, target: Rows) -> float:
    """How often a row of the same class in the other part is nearer than one of another class."""
    some = np.linspace(0, len(codes) - 1, min(len(codes), ASKED)).astype(np.int64)
    shares = []
    for at in some.tolist():
        same = target == codes[at]
        others = np.sort(squares[at][~same])
        if same.any() and len(others):
            behind = len(others) - np.searchsorted(others, squares[at][same], side="right")
            shares.append(float(behind.mean()) / len(others))
    return float(np.mean(shares)) if shares else 0.0


def _unevenness(some: Rows, sizes: Rows) -> float:
    """How much more the shares of classes differ than those of a random part, 1 for as much."""
    held = sizes >= 2
    part = some[held].sum() / sizes[held].sum()
    expected = sizes[held] * part * (1 - part)
    return float(np.mean(np.square(some[held] - part * sizes[held]) / expected))


def _parts(evidence: Evidence) -> Iterator[Part]:
    """What may be of another space: as the file has it, then as values alone have it."""
    sample, everything = evidence.sample, np.ones(evidence.data.size, dtype=bool)
    found = _range(evidence)
    if found is not None:
        yield Part(found, everything, sample)
    found = _shards(evidence)
    if found is not None:
        yield Part(found, everything, sample)
    data = evidence.data
    for values in data.columns.values():
        kinds = np.array([repr(value) for value in values])
        present = np.unique(kinds[:: max(1, len(kinds) // 4096)])
        if 2 <= len(present) <= KINDS:
            yield from (Part((kinds == kind)[data.rows], everything, sample) for kind in present)
    centres = two_means(sample.values)
    if centres is not None:
        yield Part(_nearer(evidence, centres), everything, sample, even=True)
    if (participation_ratio(evidence.directions[0]) or 0) < WIDE:
        return
    linked = _linked(evidence)
    if linked is not None:
        yield linked
    modes = linked_modes(sample.values, sample.codes)
    if modes is not None:
        yield Part(_nearer_of_class(evidence, sample, modes), everything, sample, even=True)


def _linked(evidence: Evidence) -> Part | None:
    """The modes of classes that one map leads from to the other modes, if one does."""
    rows = rows_of_classes(evidence.data.runs, evidence.profile.usual, CLASS, evidence.seed)
    if len(rows) < 4 * LEAST:
        return None
    values = evidence.points.floats(rows) - evidence.profile.centre
    sample = RowSample(rows, evidence.data.codes_of(rows), values)
    told, ones, others = modes_of_classes(values, sample.codes)
    part, smaller = np.zeros(len(rows), dtype=bool), np.zeros(len(told), dtype=bool)
    for at, code in enumerate(told.tolist()):
        own = sample.codes == code
        part[own] = (values[own] - (ones[at] + others[at]) / 2) @ (ones[at] - others[at]) > 0
        smaller[at] = 2 * np.count_nonzero(part[own]) <= np.count_nonzero(own)
    found = sides_by_one_map(ones, others, smaller)
    if not found:
        return None
    sides = [part ^ np.isin(sample.codes, told[~first]) for first in found]
    better = [settled(sample.squares, sample.codes, one) for one in sides]
    near = nearest_of_others(sample.squares, sample.codes)
    sizes = np.bincount(sample.codes)
    even = [
        _unevenness(np.bincount(sample.codes[one], minlength=len(sizes)), sizes) <= UNEVEN
        for one in better
    ]
    crossed = [crossings(near, one) for one in better]
    best = min(range(len(found)), key=lambda at: (not even[at], crossed[at]))
    torn = crossed[best] <= TORN
    placed = (np.where(side[:, None], ones, others) for side in (found[0], ~found[0]))
    if not torn and places_alike(*placed) < PLACED:
        return None
    inside, among = _of_the_nearest(evidence, sample, better[best] if torn else sides[0])
    return Part(inside, among, sample, even=True, linked=True, torn=torn)


def _of_the_nearest(evidence: Evidence, sample: RowSample, part: Flags) -> tuple[Flags, Flags]:
    """Which rows of the classes of a sample are nearest to a row of a part, of the own class.

    Then which rows are of these classes: of others nothing is known.
    """
    data = evidence.data
    inside, among = np.zeros((2, data.size), dtype=bool)
    codes = data.codes_of(sample.rows)
    for code in np.unique(codes).tolist():
        own = codes == code
        known, flags = sample.values[own], part[own]
        squares = np.einsum("ij,ij->i", known, known)
        first, last = int(data.starts[code]), int(data.starts[code + 1])
        among[first:last] = True
        for start in range(first, last, BLOCK):
            rows = np.arange(start, min(start + BLOCK, last))
            block = evidence.points.floats(rows) - evidence.profile.centre
            inside[rows] = flags[(squares - 2 * (block @ known.T)).argmin(axis=1)]
    return inside, among


def _range(evidence: Evidence) -> Flags | None:
    """The rows before the place that the fewest nearest positives cross, for their number."""
    size = evidence.data.size
    if _usual_step(evidence) < STEP * size:
        return None  # nearest rows are next to each other, as frames of a track are
    width = -(-size // PLACES)
    place, ratio = _least_crossed(evidence, 0, size, width)
    if width > 1 and place:
        place, ratio = _least_crossed(evidence, max(0, place - width), place + width, 1)
    if ratio > CROSSING:
        return None
    before: Flags = evidence.data.rows < place
    return before


def _usual_step(evidence: Evidence) -> float:
    """The median number of rows between an anchor and its nearest positive, in the input."""
    rows = evidence.anchors[:: max(1, len(evidence.anchors) // PLACES)]
    places = evidence.data.rows
    return float(np.median(np.abs(places[rows] - places[evidence.scan.nearest_positive[rows]])))


def _least_crossed(evidence: Evidence, first: int, last: int, width: int) -> tuple[int, float]:
    """Of the places `width` apart in first..last, that with the least share of crossings.

    A place s is crossed by an anchor and its nearest positive on either side of it. By chance, of
    a class with a of its n rows before s, 2 a (n - a) / (n - 1) anchors would.
    """
    bins = -(-(last - first) // width)
    ends, chance = np.zeros(bins + 1), np.zeros(bins + 1)

    def at(places: Rows) -> Rows:
        return np.clip((places - first) // width + 1, 0, bins)

    for lower, upper, change, own in _edges(evidence):
        ends += np.bincount(at(lower), minlength=bins + 1)
        ends -= np.bincount(at(upper), minlength=bins + 1)
        chance += np.bincount(at(own), change, minlength=bins + 1)
    crossed, expected = np.cumsum(ends), np.cumsum(chance)  # before place first + k * width
    enough = expected >= max(2.5 * LEAST, 0.02 * len(evidence.anchors))
    ratio = np.where(enough, crossed / np.maximum(expected, 1), np.inf)
    best = int(np.argmin(ratio))
    return first + best * width, float(ratio[best])


def _edges(evidence: Evidence) -> Iterator[tuple[Rows, Rows, Floats, Rows]]:
    """Of anchors some at a time: places of the anchor and of its nearest positive, ascending.

    Then how many more crossings chance makes behind the anchor's place than before it, and it.
    """
    data, scan = evidence.data, evidence.scan
    for start in range(0, len(evidence.anchors), TOGETHER):
        rows = evidence.anchors[start : start + TOGETHER]
        own, other = data.rows[rows], data.rows[scan.nearest_positive[rows]]
        codes = data.codes_of(rows)
        sizes, rank = data.sizes[codes], rows - data.starts[codes]  # in the order of the input
        change = 2 * (sizes - 2 * rank - 1) / (sizes - 1)
        yield np.minimum(own, other), np.maximum(own, other), change, own


def _shards(evidence: Evidence) -> Flags | None:
    """The rows of the shards that the first one's nearest positives lie in, and theirs."""
    data = evidence.data
    parts = [one.rows for one in data.sources if one.role == "embeddings"]
    if not 3 <= len(parts) <= 256 or data.drawn:
        return None
    ends = np.cumsum(parts)
    shard = np.searchsorted(ends, data.input_rows, side="right")
    anchors = evidence.anchors
    met = np.zeros((len(parts), len(parts)))
    np.add.at(met, (shard[anchors], shard[evidence.scan.nearest_positive[anchors]]), 1)
    np.fill_diagonal(met, 0)
    met += met.T
    share_of = np.bincount(shard, minlength=len(parts)) / data.size
    linked = met > CROSSING * share_of * met.sum(axis=1, keepdims=True)
    linked |= linked.T
    reached = share_of == 0  # of which no row is left
    reached[0] = True
    for _ in parts:
        reached |= linked[reached].any(axis=0)
    if reached.all():
        return None
    found: Flags = reached[shard]
    return found


def _nearer(evidence: Evidence, centres: Floats) -> Flags:
    """Which rows are nearer to the first of two centres, about the profile's centre."""
    found = np.empty(evidence.data.size, dtype=bool)
    towards, middle = centres[0] - centres[1], centres.mean(axis=0)
    for part, block in evidence.points.chunks():
        block -= evidence.profile.centre
        found[part] = (block - middle) @ towards > 0
    return found


def _nearer_of_class(evidence: Evidence, sample: RowSample, modes: tuple[Floats, Floats]) -> Flags:
    """The same with two centres a class, NaN where there are none: those rows are of no part."""
    found = np.zeros(evidence.data.size, dtype=bool)
    own = np.full(len(evidence.data.classes), -1)
    own[evidence.data.codes[sample.rows]] = sample.codes
    codes = own[evidence.data.codes]
    one, other = modes
    for part, block in evidence.points.chunks():
        block -= evidence.profile.centre
        at = codes[part]
        towards = (one - other)[at]
        found[part] = (at >= 0) & (
            np.einsum("ij,ij->i", block - ((one + other) / 2)[at], towards) > 0
        )
    return found


MIXED_SPACES = FindingSpec(
    id="mixed_spaces",
    title="Rows of two spaces",
    mark="bad",
    looks="two sets of rows, both with rows of the same classes, that tell classes apart within "
    "but not across, each centred; found by range, shard or kept column, as clusters, or "
    "as modes of classes where some classes tell which modes of others belong together",
    remedy="Embed all rows with one version of the model, dimensions in one order; audit the "
    "parts by themselves until then.",
    check=check,
    cost="a comparison of at most 1,024 rows with each other, at most twice; of rows in no order "
    "those of at most 64 classes",
    needs_labels=True,
    needs_own_positives=True,
)
