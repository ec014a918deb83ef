"""Rows of two models in one file: no neighbours of each other, not even within a class."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from embaudit.evidence import Evidence
from embaudit.evidence.row_sample import RowSample
from embaudit.findings.finding import FindingSpec, Found, rows_told, share
from embaudit.findings.parting import told_apart
from embaudit.geometry.precision import chance_of, corrected, hits_of
from embaudit.geometry.spectrum import participation_ratio
from embaudit.geometry.two_modes import linked_modes, two_means
from embaudit.space import Floats, Rows

WITHIN = 0.3  # adjusted precision@1 within the parts, at least
ACROSS = 0.25  # of that, across them, at most
CROSSING = 0.2  # nearest positives across a range's end, of those that chance would make
LEAST, SHARE = 8, 0.02  # rows of the smaller part
SHARED = 3  # classes that both parts hold
UNEVEN = 3.0  # times as unlike in their shares of classes as chance would be
WIDE = 3.0  # participation ratio from which modes of classes can be linked: on a line all are alike
KINDS = 8  # values of a column that may part rows

Flags = NDArray[np.bool_]


def check(evidence: Evidence) -> Found | None:
    """Parts of the rows, as ranges, shards, columns or clusters have them, that share nothing."""
    sample = evidence.sample
    if len(sample.rows) < 4 * LEAST:
        return None
    for part, even in _parts(evidence, sample):
        known = _compared(sample, part[sample.rows], even)
        if known is None:
            continue
        within, across = known
        few = part if 2 * np.count_nonzero(part) <= len(part) else ~part
        told = {**rows_told(evidence.data, few), "share": float(few.mean())}
        told |= {"precision_at_1_within": within, "precision_at_1_across": across}
        parts, words = told_apart(evidence, few, np.ones_like(few))
        return Found(
            f"Two sets of rows that do not know each other: {int(few.sum()):,} rows "
            f"({share(float(few.mean()))}) are of another space",
            {**told, **parts},
            (
                f"The nearest row has the right class for {share(within)} within the sets and for "
                f"{share(across)} across them, each centred{words}.",
                "Two versions of a model, or dimensions in another order.",
            ),
        )
    return None


def _compared(sample: RowSample, part: Flags, even: bool) -> tuple[float, float] | None:
    """Precision@1 within the parts and across them, where these are two spaces."""
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
    within, chance = [], []
    across, cross_chance = [], []
    for flags in (part, ~part):
        inside, outside = np.flatnonzero(flags), np.flatnonzero(~flags)
        own = codes[inside]
        anchors = np.bincount(own, minlength=classes)[own] > 1
        hits = hits_of(sample.squares[np.ix_(inside, inside)], own)[anchors]
        blind = chance_of(own) if anchors.any() else 0.0
        if len(hits) < LEAST or corrected(float(hits.mean()), blind) < WITHIN:
            return None
        within.append(hits)
        chance.append(np.full(len(hits), blind))
        asking = inside[shared[own]]
        far = _squares_across(sample.values, asking, inside, outside)
        target = codes[outside]
        near = far.argmin(axis=1)
        across.append((target[near] == codes[asking]).astype(float))
        cross_chance.append(np.bincount(target, minlength=classes)[codes[asking]] / len(target))
    here, there = (np.concatenate(one) for one in (within, across))
    if len(here) < 2 * LEAST or len(there) < 2 * LEAST:
        return None
    blind, blind_across = (float(np.concatenate(one).mean()) for one in (chance, cross_chance))
    inside_q = corrected(float(here.mean()), blind)
    across_q = corrected(float(there.mean()), blind_across)
    noise = 2.6 * (blind_across * (1 - blind_across) / len(there)) ** 0.5 / (1 - blind_across)
    if inside_q < WITHIN or across_q > max(ACROSS * inside_q, min(noise, 0.5 * inside_q)):
        return None
    return float(here.mean()), float(there.mean())


def _squares_across(values: Floats, asking: Rows, inside: Rows, outside: Rows) -> Floats:
    """Squared distances from some rows of a part to the rows of the other, each centred."""
    here = values[asking] - values[inside].mean(axis=0)
    there = values[outside] - values[outside].mean(axis=0)
    squares = np.einsum("ij,ij->i", there, there)
    found: Floats = squares - 2 * (here @ there.T)
    return found


def _unevenness(some: Rows, sizes: Rows) -> float:
    """How much more the shares of classes differ than those of a random part, 1 for as much."""
    held = sizes >= 2
    part = some[held].sum() / sizes[held].sum()
    expected = sizes[held] * part * (1 - part)
    return float(np.mean(np.square(some[held] - part * sizes[held]) / expected))


def _parts(evidence: Evidence, sample: RowSample) -> Iterator[tuple[Flags, bool]]:
    """Flags of a part of the ordered rows, and whether nothing but values says that it is one."""
    found = _range(evidence)
    if found is not None:
        yield found, False
    found = _shards(evidence)
    if found is not None:
        yield found, False
    data = evidence.data
    for values in data.columns.values():
        kinds = np.array([repr(value) for value in values])
        present = np.unique(kinds[:: max(1, len(kinds) // 4096)])
        if 2 <= len(present) <= KINDS:
            yield from (((kinds == kind)[data.rows], False) for kind in present)
    centres = two_means(sample.values)
    if centres is not None:
        yield _nearer(evidence, centres), True
    wide = (participation_ratio(evidence.directions[0]) or 0) >= WIDE
    modes = linked_modes(sample.values, sample.codes) if wide else None
    if modes is not None:
        yield _nearer_of_class(evidence, sample, modes), True


def _range(evidence: Evidence) -> Flags | None:
    """The rows before the place that the fewest nearest positives cross, for their number."""
    data, scan = evidence.data, evidence.scan
    anchors = evidence.anchors
    places, others = data.rows[anchors], data.rows[scan.nearest_positive[anchors]]
    size = data.size
    steps = np.zeros(size + 1)
    np.add.at(steps, np.minimum(places, others) + 1, 1)
    np.add.at(steps, np.maximum(places, others) + 1, -1)
    crossing = np.cumsum(steps)[1:size]  # of the ends 1 to N - 1
    codes = np.empty(size, dtype=np.int64)
    codes[data.rows] = data.codes
    order = np.argsort(codes, kind="stable")
    rank = np.empty(size, dtype=np.int64)
    rank[order] = np.arange(size) - np.repeat(data.starts[:-1], data.sizes)
    sizes = data.sizes[codes]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(sizes > 1, 2 * (sizes - 2 * rank - 1) / np.maximum(sizes - 1, 1), 0.0)
    expected = np.cumsum(change)[: size - 1]
    enough = expected >= max(2.5 * LEAST, 0.02 * len(anchors))
    if not enough.any():
        return None
    ratio = np.where(enough, crossing / np.maximum(expected, 1), np.inf)
    at = int(np.argmin(ratio))
    if ratio[at] > CROSSING:
        return None
    before: Flags = data.rows <= at
    return before


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
    "but not across, each centred; found by range, shard, kept column, or as clusters",
    remedy="Embed all rows with one version of the model, dimensions in one order; audit the "
    "parts by themselves until then.",
    check=check,
    cost="a comparison of at most 1,024 rows with each other",
    needs_labels=True,
    needs_own_positives=True,
)
