"""Rows of two models in one file: no neighbours of each other, not even within a class."""

import numpy as np

from embaudit.core.prepared_points import Floats, Rows
from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, row_facts, share
from embaudit.findings.mixed_space_candidates import (
    LEAST,
    SHARE,
    UNEVEN,
    Part,
    parts_of,
    unevenness,
)
from embaudit.findings.row_origins import told_apart
from embaudit.geometry.sample_retrieval import anchored, chance_of, corrected, hits_of

WITHIN, IN_EACH = 0.3, 0.15  # adjusted precision@1 within the parts, and in each, at least
ACROSS = 0.25  # of that, across them, at most, where only values tell the parts
ONE_WAY = 0.7  # of the lesser one, in one direction, where nearest positives part by themselves
ALIKE = 0.7  # of random rows of the own and of another class in the other part, the own is nearer
SIGMAS = 2.6  # standard errors of a blind guess that the agreement across may have
SHARED = 3  # classes that both parts hold
SPLIT = 6  # the same where only values tell the parts: modes of fewer classes fall so by luck
MIRRORED = 0.5  # of the precision@1 within, across where one part is turned to its opposite
ASKED = 200  # rows of either part that are compared with all of the other, where values alone tell
HALF_WAY = 0.35  # of the precision@1 within, across, in one direction, where parts are torn


def check(evidence: Evidence) -> Found | None:
    """Parts of the rows, as ranges, shards, columns or clusters have them, that share nothing."""
    if len(evidence.sample.rows) < 4 * LEAST:
        return None
    for part in parts_of(evidence):
        known = _compared(part)
        if known is not None:
            return _finding(evidence, part, *known)
    return None


def _finding(evidence: Evidence, part: Part, within: float, across: float) -> Found:
    """The smaller part, and what tells it from the other."""
    looked, inside = np.count_nonzero(part.among), np.count_nonzero(part.inside)
    few = part.inside if 2 * inside <= looked else part.among & ~part.inside
    count = int(few.sum())
    facts = {**row_facts(evidence.data, few), "share": count / looked}
    facts |= {"precision_at_1_within": within, "precision_at_1_across": across}
    parts, words = told_apart(evidence, few, part.among)
    of = "" if looked == len(few) else f" of {looked:,} that were looked at"
    return Found(
        f"Two sets of rows that do not know each other: {count:,} rows{of} "
        f"({share(count / looked)}) are of another space",
        {**facts, **parts},
        (
            f"The nearest row has the right class for {share(within)} within the sets and for "
            f"{share(across)} across them, each centred{words}.",
            "Two versions of a model, or dimensions in another order.",
        ),
    )


def _compared(suspected: Part) -> tuple[float, float] | None:
    """Precision@1 within the parts and across them, where these are two spaces."""
    sample, part, even = suspected.sample, suspected.inside[suspected.sample.rows], suspected.even
    smaller = min(int(part.sum()), int((~part).sum()))
    if smaller < max(LEAST, SHARE * len(part)):
        return None
    codes = sample.codes
    classes = int(codes.max()) + 1
    one, other = (np.bincount(codes[flags], minlength=classes) for flags in (part, ~part))
    shared = (one > 0) & (other > 0)
    if np.count_nonzero(shared) < (SPLIT if even else min(SHARED, classes)):
        return None
    both = shared[codes]
    if np.count_nonzero(both) < 0.5 * smaller + LEAST:
        return None
    if even and unevenness(one, one + other) > UNEVEN:
        return None
    within, across, sizes = [], [], []
    mirrored = 0.0  # rows of the other part, turned to their opposites, that are of the right class
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
        blindly = even and not suspected.linked
        if blindly and _auc(squares, codes[asking], target) > ALIKE:
            return None  # classes lie where they lie in the other part: as tracks of one person do
        near = squares.argmin(axis=1)
        found = float((target[near] == codes[asking]).mean())
        blind = float((np.bincount(target, minlength=classes)[codes[asking]] / len(target)).mean())
        across.append((found, blind))
        sizes.append(len(asking))
        if even:
            near = _squares_across(sample.values, asking, inside, outside, sign=-1).argmin(axis=1)
            mirrored += float((target[near] == codes[asking]).sum())
    inner, outer = ([corrected(*one) for one in side] for side in (within, across))
    weights = np.array(sizes) / sum(sizes)
    if min(inner) < IN_EACH or weights @ inner < WITHIN:
        return None
    if mirrored >= MIRRORED * float(weights @ inner) * sum(sizes):
        return None  # classes of two opposite modes look so, and which is whose is not known
    blind = float(weights @ [chance for _, chance in across])
    noise = SIGMAS * (blind * (1 - blind) / sum(sizes)) ** 0.5 / (1 - blind)
    limit = max(ACROSS * float(weights @ inner), min(noise, 0.5 * float(weights @ inner)))
    apart = float(weights @ outer) <= limit
    if not even and not apart:
        apart = min(outer) <= ONE_WAY * min(inner)
    if suspected.torn and not apart:
        apart = any(there <= HALF_WAY * here for here, there in zip(inner, outer, strict=True))
    if not apart:
        return None
    inside_hits, across_hits = (
        float(weights @ [hit for hit, _ in side]) for side in (within, across)
    )
    return inside_hits, across_hits


def _squares_across(
    values: Floats, asking: Rows, inside: Rows, outside: Rows, *, sign: int = 1
) -> Floats:
    """Squared distances from some rows of a part to the rows of the other, each centred.

    sign: -1 for the opposites of those.
    """
    here = values[asking] - values[inside].mean(axis=0)
    there = values[outside] - values[outside].mean(axis=0)
    squares = np.einsum("ij,ij->i", there, there)
    found: Floats = squares - 2 * sign * (here @ there.T)
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


FINDING = FindingSpec(
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
    explained_by=("misaligned_labels", "mixed_lengths"),
    decides_neighbours=True,
)
