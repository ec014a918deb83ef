"""Which rows may be of another space: ranges, shards, columns and clusters of a set."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.evidence import Evidence
from embaudit.evidence.pairwise_sample import RowSample, rows_of_classes
from embaudit.geometry.knn_graph_split import crossings, nearest_of_others, settled
from embaudit.geometry.mode_matching import places_alike, sides_by_one_map
from embaudit.geometry.two_clusters import CLASS, linked_modes, modes_of_classes, two_means

CROSSING = 0.2  # nearest positives across a range's end, of those that chance would make
LEAST, SHARE = 8, 0.02  # rows of the smaller part
UNEVEN = 3.0  # times as unlike in their shares of classes as chance would be
WIDE = 3.0  # participation ratio from which modes of classes can be linked: on a line all are alike
STEP = 0.02  # of the rows that lie between nearest positives, at least, where ranges can tell
PLACES = 8192  # of the input that are looked at first
TOGETHER = 1 << 20  # anchors: there may be more of them than memory likes to hold twice
KINDS = 8  # values of a column that may part rows
PLACED = 0.42  # correlation of the places of classes in either part; of modes by chance to 0.3
TORN = 0.2  # nearest rows of other classes in the other part, of those that chance would make
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


def unevenness(some: Rows, sizes: Rows) -> float:
    """How much more the shares of classes differ than those of a random part, 1 for as much."""
    held = sizes >= 2
    part = some[held].sum() / sizes[held].sum()
    expected = sizes[held] * part * (1 - part)
    return float(np.mean(np.square(some[held] - part * sizes[held]) / expected))


def parts_of(evidence: Evidence) -> Iterator[Part]:
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
    if (evidence.axes.participation or 0) < WIDE:
        return
    linked = _linked(evidence)
    if linked is not None:
        yield linked
    modes = linked_modes(sample.values, sample.codes)
    if modes is not None:
        yield Part(_nearer_of_class(evidence, sample, modes), everything, sample, even=True)


def _linked(evidence: Evidence) -> Part | None:
    """The modes of classes that one map leads from to the other modes, if one does."""
    rows = rows_of_classes(evidence.data.runs, evidence.row_statistics.usual, CLASS, evidence.seed)
    if len(rows) < 4 * LEAST:
        return None
    values = evidence.points.floats(rows)
    values -= evidence.row_statistics.centre
    sample = RowSample(rows, evidence.data.codes_of(rows), values)
    codes, ones, others = modes_of_classes(values, sample.codes)
    part, smaller = np.zeros(len(rows), dtype=bool), np.zeros(len(codes), dtype=bool)
    for at, code in enumerate(codes.tolist()):
        own = sample.codes == code
        part[own] = (values[own] - (ones[at] + others[at]) / 2) @ (ones[at] - others[at]) > 0
        smaller[at] = 2 * np.count_nonzero(part[own]) <= np.count_nonzero(own)
    found = sides_by_one_map(ones, others, smaller)
    if not found:
        return None
    sides = [part ^ np.isin(sample.codes, codes[~first]) for first in found]
    better = [settled(sample.squares, sample.codes, one) for one in sides]
    near = nearest_of_others(sample.squares, sample.codes)
    sizes = np.bincount(sample.codes)
    even = [
        unevenness(np.bincount(sample.codes[one], minlength=len(sizes)), sizes) <= UNEVEN
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
            block = evidence.points.floats(rows)
            block -= evidence.row_statistics.centre
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
        block -= evidence.row_statistics.centre
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
        block -= evidence.row_statistics.centre
        at = codes[part]
        towards = (one - other)[at]
        found[part] = (at >= 0) & (
            np.einsum("ij,ij->i", block - ((one + other) / 2)[at], towards) > 0
        )
    return found
