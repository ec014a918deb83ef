"""Did a mean over anchors really change? A paired test that knows what depends on what.

Anchors of a class are dependent, and so are rows saved together (a font, a photo, a session). To
first order the change of a mean is a sum over rows of what each contributes, as an anchor and as
what other anchors see; the variance of that sum is estimated with both kinds of clusters at once
(Cameron, Gelbach & Miller 2011: the one plus the other minus their cells). What a row is to an
anchor of its own cluster does not count: they come and go together; what it is to one of another
stands in both sums, and is taken off once (Aronow, Samii & Assenova 2015). It is what a bootstrap
over both comes to, without its noise and its seed. A bootstrap over classes alone calls three of
four changes real that only come from another choice of rows.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.intervals import student_quantile
from embaudit.core.prepared_points import Floats, Rows
from embaudit.report.changes_model import PairedTest

CONFIDENCE = 0.95
FEWEST = 10  # with fewer clusters no variance between them can be trusted
BLOCKS = 50  # of neighbouring rows, where no ids say which belong together

Columns = Mapping[str, Any]


@dataclass(frozen=True)
class _Mean:
    """A weighted mean of A anchors, and how each of them moves it.

    own: (A,) as an anchor, and as what is not told apart by anchors; sums to 0.
    seen, by: (R,) anchors that move it because others see them, and who sees them; role: by what.
    """

    value: float
    own: Floats
    seen: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    by: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    role: Floats = field(default_factory=lambda: np.zeros(0))

    def pulls(self, clusters: Rows) -> Floats:
        """(A,) how each moves it, as one of its cluster; they sum to 0.

        What it is to anchors of its own cluster is no matter: they come and go together.
        """
        far = clusters[self.seen] != clusters[self.by]
        roles = np.bincount(self.seen[far], self.role[far], len(self.own)).astype(np.float64)
        return np.asarray(self.own + roles - roles.mean())


def paired_tests(then: Columns, now: Columns, rows: int) -> dict[str, PairedTest]:
    """Tests of the measures that are means over anchors, by id.

    then, now: columns as `anchors_of` gives them, of sets of so many rows. A measure is missing
    where its columns are not complete, or where there are too few clusters.
    """
    classes = _codes(np.concatenate([_objects(one["label"]) for one in (then, now)]))
    groups = _groups(then, now)
    same = np.concatenate((then["row"], now["row"]))  # paired by chance where they are others
    tests = {}
    for id, mean_of in MEANS.items():
        before, after = mean_of(then, rows), mean_of(now, rows)
        if before is not None and after is not None:
            test = _test(before, after, classes, groups, same)
            if test is not None:
                tests[id] = test
    return tests


def _test(then: _Mean, now: _Mean, classes: Rows, groups: Rows, rows: Rows) -> PairedTest | None:
    """Student's interval of the change, on variances between clusters.

    Few classes are no sample of classes: they are taken as given, and rows vary within them.
    """
    many = _number(classes) >= FEWEST
    few = _fewest(_number(classes), _number(groups))
    if few < FEWEST:
        return None
    cells = np.unique(np.stack((classes, groups)), axis=1, return_inverse=True)[1].ravel()
    by_row, by_group = (_variance(then, now, one) for one in (rows, groups))
    found = [0.0, by_group]
    if many:
        by_class, by_cell = (_variance(then, now, one) for one in (classes, cells))
        found += [by_class, by_class + by_group - by_cell]
    half = student_quantile(few - 1, CONFIDENCE) * math.sqrt(max(found))
    change = now.value - then.value
    return PairedTest(
        change=change,
        lower=change - half,
        upper=change + half,
        confidence=CONFIDENCE,
        real=abs(change) > half,
        classes=_number(classes),
        groups=_number(groups),
        error=math.sqrt(max(0.0, by_row, by_group)),
    )


def real_at(test: PairedTest, confidence: float) -> bool:
    """Whether the interval leaves out 0 at another confidence than its own."""
    freedom = _fewest(test.classes, test.groups) - 1
    wider = student_quantile(freedom, confidence) / student_quantile(freedom, test.confidence)
    return abs(test.change) > wider * (test.upper - test.lower) / 2


def _fewest(classes: int, groups: int) -> int:
    """Of the clusters that vary."""
    return min(classes, groups) if classes >= FEWEST else groups


def _variance(then: _Mean, now: _Mean, clusters: Rows) -> float:
    """Of the change, by what differs between clusters; they are of the anchors of both."""
    before, after = np.split(clusters, [len(then.own)])
    pulls = np.concatenate((-then.pulls(before), now.pulls(after)))
    count, sums = _number(clusters), np.bincount(clusters, weights=pulls)
    seen = np.concatenate((before[then.seen], after[now.seen]))
    by = np.concatenate((before[then.by], after[now.by]))
    roles = np.concatenate((-then.role, now.role))
    return float(sums @ sums) * count / max(1, count - 1) - _between(seen, by, roles)


def _between(seen: Rows, by: Rows, roles: Floats) -> float:
    """What the sums of two clusters both hold, of what rows of the one are to the other's."""
    far = seen != by
    pairs = np.sort(np.stack((seen[far], by[far])), axis=0)
    _, pair = np.unique(pairs, axis=1, return_inverse=True)
    sums = np.bincount(pair.ravel(), weights=roles[far])
    return float(sums @ sums)


def _groups(then: Columns, now: Columns) -> Rows:
    """Which anchors were saved together: those of an id that several share, else neighbours."""
    if "id" in then and "id" in now:
        ids = np.concatenate((_objects(then["id"]), _objects(now["id"])))
        codes = _codes(ids)
        if all(len(np.unique(part)) < len(part) for part in np.split(codes, [len(then["id"])])):
            return codes
    sizes = [len(one["row"]) for one in (then, now)]
    return np.concatenate([np.arange(size) * BLOCKS // size for size in sizes])


def _objects(values: Any) -> NDArray[np.object_]:
    """Texts, integers or booleans as they are; mixed ones as texts, as they are stored."""
    listed = values.tolist() if isinstance(values, np.ndarray) else list(values)
    kept = np.empty(len(listed), dtype=object)
    kept[:] = [str(one) for one in listed] if len(set(map(type, listed))) > 1 else listed
    return kept


def _codes(values: NDArray[np.object_]) -> Rows:
    """A number for each value, the same for equal ones of one type."""
    known: dict[tuple[type, Any], int] = {}
    return np.array([known.setdefault((type(one), one), len(known)) for one in values.tolist()])


def _number(clusters: Rows) -> int:
    """How many clusters there are."""
    return len(np.unique(clusters))


def right_neighbours(anchors: Columns) -> tuple[Floats, Floats]:
    """(A,) the chance that the nearest row has the anchor's label, ties in random order.

    And the same without the negatives that are strictly closer than the nearest positive.
    """
    share = np.asarray(anchors["tied_positives"], dtype=np.float64)
    share = share / (share + np.asarray(anchors["tied_negatives"]))
    return np.where(np.asarray(anchors["closer_negatives"]) == 0, share, 0.0), share


def _precision_at_1(anchors: Columns, rows: int) -> _Mean | None:
    """Whose nearest row has their label.

    A row moves it as an anchor; as the only positive that makes a neighbour right; and as the only
    negative that makes it wrong (the change where that row is left out). Where several rows are
    equally near none of them alone does.
    """
    if "tied_positives" not in anchors:  # ties went to the lowest row when that was written
        return None
    behind = np.asarray(anchors["closer_negatives"])
    ahead = np.asarray(anchors["closer_positives"], dtype=np.float64)
    ranked, count = np.isfinite(ahead), len(behind)
    if not ranked.any():
        return None
    right, without = right_neighbours(anchors)
    mean = float(right.mean())
    helped = _named(anchors, "nearest_positive", ahead == 1)
    hindered = _named(anchors, "nearest_negative", behind == 1)
    worth = np.concatenate(
        (np.full(len(helped[0]), 1 / int(ranked.sum())), -without[hindered[1]] / count)
    )
    seen, by = np.concatenate((helped, hindered), axis=1)
    return _Mean(mean, (right - mean) / count, seen, by, worth)


def _adjusted_precision_at_1(anchors: Columns, rows: int) -> _Mean | None:
    """The same beyond chance, of what there is beyond it."""
    found = _precision_at_1(anchors, rows)
    codes = _codes(_objects(anchors["label"]))
    chance = float((np.bincount(codes)[codes] - 1).mean()) / (rows - 1)
    if found is None or chance >= 1:
        return None
    scale = 1 / (1 - chance)
    value = (found.value - chance) * scale
    return replace(found, value=value, own=found.own * scale, role=found.role * scale)


def _named(anchors: Columns, name: str, which: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Anchors whose row is named by some anchors, and by whom; tables are ordered by row."""
    own, by = np.asarray(anchors["row"]), np.flatnonzero(which)
    named = np.asarray(anchors[name])[by]
    at = np.minimum(np.searchsorted(own, named), len(own) - 1)
    known = own[at] == named  # the only row of its class is no anchor
    return at[known], by[known]


def _violated_triplets(anchors: Columns, rows: int) -> _Mean | None:
    """Violated over all triplets of the ranked anchors.

    A row moves it as an anchor and as the positive of others: the share is a U-statistic, whose
    variance is more than that between its anchors (Hoeffding 1948).
    """
    share = np.asarray(anchors["violated_share"], dtype=np.float64)
    as_positive = np.asarray(anchors["violated_as_positive"], dtype=np.float64)
    ranked = np.isfinite(share)
    codes = _codes(_objects(anchors["label"]))
    sizes = np.bincount(codes)[codes]
    triplets = (sizes - 1.0) * (rows - sizes)
    if not ranked.any() or not np.isfinite(as_positive).all():
        return None
    total = float(triplets[ranked].sum())
    mean = float((share[ranked] * triplets[ranked]).sum()) / total
    own = np.where(ranked, (share - mean) * triplets, 0.0) / total
    others = (as_positive - mean) * triplets / float(triplets.sum())
    return _Mean(mean, own - own.mean() + others - others.mean())


MEANS: dict[str, Callable[[Columns, int], _Mean | None]] = {
    "violated_triplets": _violated_triplets,
    "precision_at_1": _precision_at_1,
    "adjusted_precision_at_1": _adjusted_precision_at_1,
}
