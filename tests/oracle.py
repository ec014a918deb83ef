"""Every number of an audit by float64 brute force, from its definition and nothing else.

Nothing here imports embaudit. Rows are numbered as in the input; squared distances are sums of
(x_i - y_i)^2 added strictly from left to right, because that is what the definition of a decision
says. Only triplet counts of a whole set and the scan are tiled; the rest is as plain as it can be.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

TILE_CELLS = 1 << 18  # cells of a tile of distances: three such tiles stay in the cache


def scaled(vectors):
    """Float64 rows times an exact power of two that brings the largest value to [1/2, 1).

    Returns the rows and the unit to multiply a distance with. Powers of two change no decision.
    """
    values = np.asarray(vectors).astype(np.float64) + 0.0  # -0.0 becomes 0.0
    exponent = math.frexp(float(np.abs(values).max(initial=0.0)))[1]
    return np.ldexp(values, -exponent), math.ldexp(1.0, exponent)


def prepared(vectors, metric):
    """The rows as the metric sees them: cosine is l2 on rows normalised once in float64."""
    points, unit = scaled(vectors)
    if metric == "l2":
        return points, unit
    largest = np.abs(points).max(axis=1)
    points = np.ldexp(points, -np.frexp(largest)[1][:, None])
    norms = np.sqrt(left_to_right_sum(points * points))
    return points / norms[:, None], 1.0


def left_to_right_sum(terms):
    """Sum over the last axis, one coordinate after the other."""
    total = np.zeros(terms.shape[:-1])
    for coordinate in range(terms.shape[-1]):
        total += terms[..., coordinate]
    return total


def squared_distances_to_all(points, rows) -> np.ndarray:
    """(m, N) squared distances from the chosen rows to every row, summed in stored order."""
    columns = np.ascontiguousarray(points.T)
    return _squared_tile(columns[:, rows], columns)


def _squared_tile(left, right):
    total = np.zeros((left.shape[1], right.shape[1]))
    difference = np.empty_like(total)
    for x, y in zip(left, right, strict=True):
        np.subtract(x[:, None], y[None, :], out=difference)
        np.multiply(difference, difference, out=difference)
        total += difference
    return total


def tiles(points) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All squared distances: (rows, (len(rows), N) squared distances), a few rows at a time."""
    columns = np.ascontiguousarray(points.T)
    height = max(1, TILE_CELLS // len(points))
    for start in range(0, len(points), height):
        rows = np.arange(start, min(start + height, len(points)))
        yield rows, _squared_tile(np.ascontiguousarray(columns[:, rows]), columns)


def class_codes(labels) -> np.ndarray:
    """One integer a class; labels of different types are different classes."""
    index = {}
    return np.array([index.setdefault((type(label), label), len(index)) for label in labels])


@dataclass(frozen=True)
class Scan:
    """What each anchor sees; rows are input rows, distances are in the user's units."""

    anchors: np.ndarray
    furthest_positive: np.ndarray
    nearest_positive: np.ndarray
    nearest_negative: np.ndarray
    d2_furthest_positive: np.ndarray
    d2_nearest_positive: np.ndarray
    d2_nearest_negative: np.ndarray
    closer_negatives: np.ndarray
    tied_positives: np.ndarray
    tied_negatives: np.ndarray
    violated: np.ndarray
    tied: np.ndarray
    triplets: np.ndarray
    r_precision: np.ndarray
    average_precision_at_r: np.ndarray
    unit: float

    @cached_property
    def furthest(self) -> np.ndarray:
        """F_x."""
        return np.sqrt(self.d2_furthest_positive) * self.unit

    @cached_property
    def nearest(self) -> np.ndarray:
        """M_x."""
        return np.sqrt(self.d2_nearest_negative) * self.unit

    @cached_property
    def gaps(self) -> np.ndarray:
        """g_x = F_x - M_x."""
        return self.furthest - self.nearest


def scan(vectors, labels, metric="l2", *, graded=True, rows=None) -> Scan:
    """Brute force over all pairs, ties to the lowest input row.

    graded=False leaves out triplet counts and ranks (zeros), for large sets. `rows` restricts the
    anchors.
    """
    points, unit = prepared(vectors, metric)
    codes = class_codes(labels)
    chosen = np.arange(len(points)) if rows is None else np.asarray(rows)
    found = []
    for start_rows, squared in _chosen_tiles(points, chosen):
        for anchor, d2 in zip(start_rows, squared, strict=True):
            positive = codes == codes[anchor]
            positive[anchor] = False  # self is excluded by row, not by distance
            if positive.any():
                found.append(_one_anchor(anchor, d2, positive, codes != codes[anchor], graded))
    columns = [np.array(column) for column in zip(*found, strict=True)]
    return Scan(*columns, unit=unit)


def scan_against(
    queries, labels, gallery, gallery_labels, metric="l2", *, graded=True, ids=None
) -> Scan:
    """The same of queries against a gallery: anchors are query rows, all others gallery rows.

    Every query is compared with every row of the gallery but the one that it is, and with nothing
    else; it is an anchor if it has a positive and a negative there. ids: of both sets, a pair.
    """
    itself = own_rows(queries, labels, gallery, gallery_labels, ids)
    both = [np.asarray(part).astype(np.float64) for part in (queries, gallery)]
    points, unit = prepared(np.concatenate(both), metric)  # one scale for both
    codes = class_codes([*labels, *gallery_labels])
    ours, theirs = codes[: len(labels)], codes[len(labels) :]
    others = np.ascontiguousarray(points[len(labels) :].T)
    height = max(1, TILE_CELLS // len(theirs))
    found = []
    for start in range(0, len(ours), height):
        some = np.ascontiguousarray(points[: len(ours)][start : start + height].T)
        for row, d2 in enumerate(_squared_tile(some, others), start):
            other = np.arange(len(theirs)) != itself[row]
            positive, negative = other & (theirs == ours[row]), other & (theirs != ours[row])
            if positive.any() and negative.any():
                found.append(_one_anchor(row, d2, positive, negative, graded))
    columns = [np.array(column) for column in zip(*found, strict=True)]
    return Scan(*columns, unit=unit)


def own_rows(queries, labels, gallery, gallery_labels, ids=None) -> list[int]:
    """The lowest row of the gallery that equals each query in values and id, or label; else -1."""
    codes = class_codes([*labels, *gallery_labels] if ids is None else [*ids[0], *ids[1]])
    ours, theirs = codes[: len(labels)], codes[len(labels) :]
    found = []
    for query, own in zip(queries, ours, strict=True):
        equal = [
            row
            for row, other in enumerate(gallery)
            if theirs[row] == own and (query == other).all()
        ]
        found.append(equal[0] if equal else -1)
    return found


def leaked(queries, labels, gallery, gallery_labels) -> dict[str, int]:
    """Queries that equal a gallery row in all stored values, and under which labels."""
    counts = {"leaked_rows": 0, "leaked_same_label": 0, "leaked_other_label": 0}
    for query, label in zip(queries, labels, strict=True):
        equal = [
            type(label) is type(other) and label == other
            for row, other in zip(gallery, gallery_labels, strict=True)
            if (query == row).all()
        ]
        counts["leaked_rows"] += bool(equal)
        counts["leaked_same_label"] += any(equal)
        counts["leaked_other_label"] += not all(equal)
    return counts


def _chosen_tiles(points, chosen):
    columns = np.ascontiguousarray(points.T)
    height = max(1, TILE_CELLS // len(points))
    for start in range(0, len(chosen), height):
        rows = chosen[start : start + height]
        yield rows, _squared_tile(np.ascontiguousarray(columns[:, rows]), columns)


def _one_anchor(anchor, d2, positive, negative, graded):
    positives, negatives = np.flatnonzero(positive), np.flatnonzero(negative)
    to_positives, to_negatives = d2[positives], d2[negatives]
    furthest = positives[to_positives.argmax()]  # argmax and argmin keep the first: lowest row
    nearest = positives[to_positives.argmin()]
    hardest = negatives[to_negatives.argmin()]
    violated = tied = 0
    precision = average = (0.0, 0.0, 0.0)
    if graded:
        violated, tied = triplet_counts(to_positives, to_negatives)
        precision, average = ranked_precision(to_positives, to_negatives)
    return (
        anchor,
        furthest,
        nearest,
        hardest,
        d2[furthest],
        d2[nearest],
        d2[hardest],
        int((to_negatives < d2[nearest]).sum()),
        int((to_positives == d2[nearest]).sum()),
        int((to_negatives == d2[nearest]).sum()),
        violated,
        tied,
        len(positives) * len(negatives),
        precision,
        average,
    )


def triplet_counts(to_positives, to_negatives) -> tuple[int, int]:
    """Violated (positive strictly further) and tied triplets of one anchor, by enumeration."""
    violated = to_positives[:, None] > to_negatives
    tied = to_positives[:, None] == to_negatives
    return int(np.count_nonzero(violated)), int(np.count_nonzero(tied))


def ranked_precision(to_positives, to_negatives):
    """R-precision and MAP@R of one anchor (Musgrave et al. 2020), R its number of positives.

    MAP@R: the mean over the first R ranks i of precision@i where rank i is a positive, else 0.
    Each in the worst order of rows equally far, expected of a random one, and in the best.
    """
    r = len(to_positives)
    d2 = np.concatenate((to_positives, to_negatives))
    positive = np.arange(len(d2)) < r
    worst, best = (
        _precision_of(positive[np.lexsort((which, d2))]) for which in (positive, ~positive)
    )
    if worst == best:
        return [(value,) * 3 for value in worst]
    order = np.argsort(d2, kind="stable")
    _, level = np.unique(d2, return_inverse=True)
    rows, found = np.bincount(level), np.bincount(level, positive)
    level = level[order][:r]  # of each of the first R ranks
    chance = found[level] / rows[level]
    both = np.outer(chance, chance)  # that two ranks hold positives
    same = level[:, None] == level
    pairs = (rows * (rows - 1.0))[level]
    both[same] = ((found * (found - 1.0))[level] / np.maximum(pairs, 1))[np.nonzero(same)[0]]
    np.fill_diagonal(both, chance)
    expected = chance.sum() / r, (np.tril(both).sum(axis=1) / np.arange(1, r + 1)).sum() / r
    return list(zip(worst, map(float, expected), best, strict=True))


def _precision_of(relevant) -> tuple[float, float]:
    """R-precision and MAP@R of a ranking, by which of its rows are positives."""
    r = int(relevant.sum())
    relevant = relevant[:r].astype(np.float64)
    precision_at = np.cumsum(relevant) / np.arange(1, r + 1)
    return float(relevant.sum() / r), float((precision_at * relevant).sum() / r)


def found_within(k, found: Scan):
    """(m, 3) whether a positive is among the k nearest, as in `ranked_precision`."""
    rows = []
    counts = found.closer_negatives, found.tied_positives, found.tied_negatives
    for closer, positives, negatives in zip(*counts, strict=True):
        missed = 1.0  # chance that none of the places left holds one of the tied positives
        for place in range(max(0, k - closer)):
            missed *= max(0, negatives - place) / max(1, positives + negatives - place)
        rows.append((closer + negatives < k, 1 - missed, closer < k))
    return np.array(rows, dtype=np.float64)


def retrieval(found: Scan) -> dict[str, tuple[float, float, float]]:
    """Worst, expected and best over the order of rows equally far, by the measures' ids."""
    of_anchors = {
        "precision_at_1": found_within(1, found),
        "recall_at_5": found_within(5, found),
        "recall_at_10": found_within(10, found),
        "r_precision": found.r_precision,
        "map_at_r": found.average_precision_at_r,
    }
    return {id: tuple(np.mean(each, axis=0).tolist()) for id, each in of_anchors.items()}


# Section 1: separation.

GAP_QUANTILES = {f"gap_p{p}": p / 100 for p in (1, 5, 25, 50, 75, 95, 99)}


def separation(found: Scan, margin: float = 0.0) -> dict[str, float | None]:
    """The measures of section 1 by id; None where the definition says undefined."""
    largest = float(found.gaps.max())
    violating = found.d2_furthest_positive > found.d2_nearest_negative
    values = {
        "violating_anchors": float(np.mean(violating)),
        "violated_triplets": int(found.violated.sum()) / int(found.triplets.sum()),
        "tied_triplets": int(found.tied.sum()) / int(found.triplets.sum()),
        "separation_auc": float(np.mean(1 - (found.violated + found.tied / 2) / found.triplets)),
        "hardest_triplet_loss": max(largest, 0.0),
        "separation_margin": None if violating.any() else -largest,
        "batch_hard_loss": float(np.mean(np.maximum(found.gaps + margin, 0))),
    } | {id: expected for id, (_, expected, _) in retrieval(found).items()}
    for name, quantile in GAP_QUANTILES.items():
        values[name] = float(np.quantile(found.gaps, quantile))
    return values


# Sections 2 and 3: how far from a triplet-separated map.


def is_triplet_separated(points, labels, slack: float = 0.0) -> bool:
    """Definition 1: d(a, p) <= d(a, n) for all triplets (a relative `slack` allows rounding)."""
    codes = class_codes(labels)
    for rows, squared in tiles(np.asarray(points, dtype=np.float64)):
        distances = np.sqrt(squared)
        same = codes[rows, None] == codes
        furthest = np.where(same, distances, -np.inf).max(axis=1)  # self is at distance 0
        nearest = np.where(same, np.inf, distances).min(axis=1)
        if (furthest > nearest * (1 + slack)).any():
            return False
    return True


def isometric_distance(f, g) -> float:
    """d_iso(f, g) = sup over pairs of | |f_x - f_y| - |g_x - g_y| | (Definition 4)."""
    f, g = np.asarray(f, dtype=np.float64), np.asarray(g, dtype=np.float64)
    worst = 0.0
    for (_, ours), (_, theirs) in zip(tiles(f), tiles(g), strict=True):
        worst = max(worst, float(np.abs(np.sqrt(ours) - np.sqrt(theirs)).max()))
    return worst


def line_distances(positions, labels) -> tuple[float, float]:
    """Exact (d_iso, d_haus) to the triplet-separated maps of at most four points on a line.

    For a fixed order of the images all distances are linear in their positions, so each infimum is
    a linear programme in the positions and the radius t; its vertices are enumerated.
    """
    f = np.asarray(positions, dtype=np.float64).ravel()
    codes = class_codes(labels)
    isometric = hausdorff = math.inf
    for order in itertools.permutations(range(len(f))):
        shape = _order_constraints(order, codes)
        isometric = min(isometric, _least_radius(shape + _pair_constraints(order, f), len(f), True))
        hausdorff = min(hausdorff, _least_radius(shape + _row_constraints(f), len(f), False))
    return isometric, hausdorff


def _order_constraints(order, codes):
    """Rows (coefficients of the positions and t, limit), meaning coefficients . x <= limit."""
    n = len(order)
    rank = {point: position for position, point in enumerate(order)}
    constraints = [
        (_row(n, {left: 1, right: -1}), 0.0) for left, right in itertools.pairwise(order)
    ]
    for a, p, z in itertools.permutations(range(n), 3):
        if codes[a] == codes[p] != codes[z]:
            terms: dict[int, float] = {}
            for other, sign in ((p, 1), (z, -1)):
                side = 1 if rank[other] > rank[a] else -1
                terms[other] = terms.get(other, 0) + sign * side
                terms[a] = terms.get(a, 0) - sign * side
            constraints.append((_row(n, terms), 0.0))
    return constraints


def _pair_constraints(order, f):
    n = len(order)
    constraints = []
    for low, high in itertools.combinations(order, 2):
        wanted = abs(f[low] - f[high])
        constraints.append((_row(n, {high: 1, low: -1}, -1), wanted))
        constraints.append((_row(n, {high: -1, low: 1}, -1), -wanted))
    return constraints


def _row_constraints(f):
    n = len(f)
    above = [(_row(n, {i: 1}, -1), f[i]) for i in range(n)]
    return above + [(_row(n, {i: -1}, -1), -f[i]) for i in range(n)]


def _row(n, terms, radius=0):
    row = np.zeros(n + 1)
    for index, coefficient in terms.items():
        row[index] = coefficient
    row[n] = radius
    return row


def _least_radius(constraints, n, moves_freely):
    """Smallest t of a small linear programme whose optimum is at a vertex."""
    a = np.array([row for row, _ in constraints])
    b = np.array([limit for _, limit in constraints])
    if moves_freely:
        a = a[:, 1:]  # a translation changes nothing: the first position is 0
    size = a.shape[1]
    chosen = np.array(list(itertools.combinations(range(len(a)), size)))
    systems, limits = a[chosen], b[chosen]
    regular = np.abs(np.linalg.det(systems)) > 1e-9  # entries are small integers
    vertices = np.linalg.solve(systems[regular], limits[regular][..., None])[..., 0]
    scale = 1 + np.abs(b).max()
    feasible = (vertices @ a.T <= b + 1e-12 * scale).all(axis=1)
    return float(vertices[feasible, -1].min(initial=math.inf))


# Section 4: thickness and diameter.


def diameter(vectors, metric="l2") -> float:
    """The largest distance of two rows."""
    points, unit = prepared(vectors, metric)
    return math.sqrt(max(float(squared.max()) for _, squared in tiles(points))) * unit


def width_along(points, directions) -> np.ndarray:
    """Extent of the rows along each direction (m, n); directions need not be unit vectors."""
    directions = np.atleast_2d(directions)
    lengths = np.linalg.norm(directions, axis=1)
    widths = np.full(len(directions), np.inf)
    good = lengths > 1e-12 * lengths.max(initial=0.0)
    projections = (directions[good] / lengths[good, None]) @ (points - points.mean(axis=0)).T
    widths[good] = projections.max(axis=1) - projections.min(axis=1)
    return widths


def exact_width(points) -> float:
    """Minimum width (Definition 3) of a small set in one, two or three dimensions.

    It is attained across an edge (n = 2), or across a face or two antipodal edges (n = 3); every
    direction bounds it from above, so the least over the normals of all pairs of rows, or of all
    pairs of pairs, is exact.
    """
    points = np.asarray(points, dtype=np.float64)
    n = points.shape[1]
    if n == 1:
        return float(np.ptp(points))
    left, right = np.triu_indices(len(points), 1)
    edges = points[left] - points[right]
    if n == 2:
        return float(width_along(points, edges[:, ::-1] * [1, -1]).min())
    assert n == 3
    first, second = np.triu_indices(len(edges), 1)
    edges /= np.linalg.norm(edges, axis=1)[:, None]
    narrowest = math.inf
    for start in range(0, len(first), 100_000):
        part = slice(start, start + 100_000)
        normals = np.cross(edges[first[part]], edges[second[part]])
        steep = np.linalg.norm(normals, axis=1) > 1e-7  # parallel edges span no plane
        if steep.any():
            narrowest = min(narrowest, float(width_along(points, normals[steep]).min()))
    return narrowest


def enclosing_radius(points) -> float:
    """Radius of the minimum enclosing ball of a small set.

    It is the ball of least radius through some of at most n + 1 rows, centred in their span; every
    centre bounds the radius from above, so the least over all such centres is exact.
    """
    points = np.asarray(points, dtype=np.float64)
    points = np.unique(points - points[0], axis=0)
    least = float(np.linalg.norm(points - points[0], axis=1).max())
    for count in range(2, points.shape[1] + 2):
        for chosen in itertools.combinations(points, count):
            edges = np.array(chosen[1:]) - chosen[0]
            step = np.linalg.lstsq(2 * edges, (edges**2).sum(axis=1), rcond=1e-9)[0]
            least = min(least, float(np.linalg.norm(points - chosen[0] - step, axis=1).max()))
    return least


def covariance_thickness_bound(vectors, metric="l2") -> float:
    """2 sqrt(lambda_min(Cov)), Cov with 1/N: a variance is at most a quarter of a width squared."""
    _, unit = prepared(vectors, metric)
    return 2 * math.sqrt(max(0.0, float(covariance_eigenvalues(vectors, metric)[0]))) * unit


# Spread and rank.


def covariance_eigenvalues(vectors, metric="l2") -> np.ndarray:
    """Ascending eigenvalues of the covariance with 1/N, in units of the prepared rows squared."""
    points, _ = prepared(vectors, metric)
    centred = points - points[0]  # first by a row: exact for rows that are close together
    centred = centred - centred.mean(axis=0)
    return np.linalg.eigvalsh(centred.T @ centred / len(points))


def rms_pair_distance(vectors, metric="l2") -> float:
    """Root of the mean squared distance over pairs of different rows: sqrt(2 tr Cov)."""
    points, unit = prepared(vectors, metric)
    total = math.fsum(float(squared.sum()) for _, squared in tiles(points))
    return math.sqrt(total / (len(points) * (len(points) - 1))) * unit


def mean_cosine(vectors) -> float:
    """Mean cosine over pairs of different rows, from the chords: cos = 1 - d^2 / 2."""
    return 1 - rms_pair_distance(vectors, "cosine") ** 2 / 2


def duplicate_rows(vectors) -> int:
    """Rows that equal another row; -0.0 is 0.0."""
    rows = [tuple(row) for row in (np.asarray(vectors).astype(np.float64) + 0.0).tolist()]
    seen: dict[tuple[float, ...], int] = {}
    for row in rows:
        seen[row] = seen.get(row, 0) + 1
    return sum(count for count in seen.values() if count > 1)


def within_class_share(vectors, labels, metric="l2") -> float:
    """Share of the total variance that lies within the classes."""
    points, _ = prepared(vectors, metric)
    codes = class_codes(labels)
    points = points - points[0]
    total = ((points - points.mean(axis=0)) ** 2).sum()
    within = sum(
        ((points[codes == c] - points[codes == c].mean(axis=0)) ** 2).sum() for c in set(codes)
    )
    return float(within / total)


def participation_ratio(vectors, metric="l2") -> float:
    """(tr S)^2 / tr S^2 of the centred covariance."""
    eigenvalues = covariance_eigenvalues(vectors, metric)
    eigenvalues = eigenvalues / eigenvalues.max()
    return float(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())


def entropy_rank(vectors, metric="l2") -> float:
    """exp of the entropy of the centred covariance's normalised eigenvalues."""
    shares = np.clip(covariance_eigenvalues(vectors, metric), 0, None)
    shares = shares / shares.sum()
    shares = shares[shares > 0]
    return math.exp(-float((shares * np.log(shares)).sum()))


def rankme(vectors, metric="l2") -> float:
    """exp of the entropy of the shares of the singular values, uncentred."""
    points, _ = prepared(vectors, metric)
    values = np.linalg.svd(points, compute_uv=False)
    shares = values / values.sum()
    shares = shares[shares > 0]
    return math.exp(-float((shares * np.log(shares)).sum()))


# Section 6: neural collapse, from the full C x C and n x n matrices.


@dataclass(frozen=True)
class ClassMeans:
    """Rows about the first one, the class means about their mean (m_c - m_G), and codes."""

    rows: np.ndarray
    means: np.ndarray
    centred: np.ndarray
    codes: np.ndarray

    @property
    def within(self) -> np.ndarray:
        """S_W."""
        away = self.rows - self.means[self.codes]
        return away.T @ away / len(away)

    @property
    def between(self) -> np.ndarray:
        """S_B."""
        return self.centred.T @ self.centred / len(self.centred)


def class_means(vectors, labels, metric="l2") -> ClassMeans:
    """The class means of a set."""
    points, _ = prepared(vectors, metric)
    codes = class_codes(labels)
    rows = points - points[0]  # exact for rows that are close together
    means = np.array([rows[codes == c].mean(axis=0) for c in range(codes.max() + 1)])
    return ClassMeans(rows, means, means - means.mean(axis=0), codes)


def pair_cosines(vectors) -> np.ndarray:
    """Cosines of all pairs of rows, each pair once."""
    units = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    return (units @ units.T)[np.triu_indices(len(units), 1)]


def neural_collapse(vectors, labels, metric="l2") -> dict[str, float]:
    """The measures of neural collapse that are sums over classes, by id."""
    found = class_means(vectors, labels, metric)
    classes = len(found.means)
    lengths = np.linalg.norm(found.centred, axis=1)
    inverse = np.linalg.pinv(found.between, rcond=1e-10, hermitian=True)
    gram = found.centred @ found.centred.T
    simplex = (np.eye(classes) - 1 / classes) / math.sqrt(classes - 1)
    angles = np.abs(pair_cosines(found.centred) + 1 / (classes - 1)).mean()
    return {
        "nc1": float(np.trace(found.within @ inverse)) / classes,
        "nc1_ratio": float(np.trace(found.within) / np.trace(found.between)),
        "nc2_equinorm": float(lengths.std() / lengths.mean()),
        "nc2_equiangular": float(angles),
        "etf_distance": float(np.linalg.norm(gram / np.linalg.norm(gram) - simplex)),
    }


def class_mean_errors(vectors, labels, metric="l2") -> tuple[float, float]:
    """Share of rows that another class mean is as near to as their own: from below and above.

    Between the two lie the rows that the rounding of the means may decide.
    """
    found = class_means(vectors, labels, metric)
    squared = np.array([left_to_right_sum((found.rows - mean) ** 2) for mean in found.means]).T
    own = squared[np.arange(len(squared)), found.codes].copy()
    squared[np.arange(len(squared)), found.codes] = np.inf
    nearest, doubt = squared.min(axis=1), 1e-12 * (1 + own)
    return float((nearest < own - doubt).mean()), float((nearest <= own + doubt).mean())


def class_orthogonality(vectors, labels, metric="l2") -> float:
    """Mean |cos| of pairs of class means, uncentred."""
    points, _ = prepared(vectors, metric)
    codes = class_codes(labels)
    means = np.array([points[codes == c].mean(axis=0) for c in range(codes.max() + 1)])
    return float(np.abs(pair_cosines(means)).mean())


# Section 6: pairs of rows.


@dataclass(frozen=True)
class Pairs:
    """Squared distances of all unordered pairs, of one class and of two."""

    positive: np.ndarray
    negative: np.ndarray


def all_pairs(vectors, labels, metric="l2") -> Pairs:
    """Every pair of rows once."""
    points, _ = prepared(vectors, metric)
    codes = class_codes(labels)
    squared = squared_distances_to_all(points, np.arange(len(points)))
    left, right = np.triu_indices(len(points), 1)
    same = codes[left] == codes[right]
    return Pairs(squared[left, right][same], squared[left, right][~same])


def alignment(vectors, labels) -> float:
    """Mean |u - v|^2 over positive pairs of unit rows."""
    return float(all_pairs(vectors, labels, "cosine").positive.mean())


def uniformity(vectors) -> float:
    """log mean exp(-2 |u - v|^2) over pairs of unit rows; by expm1, as the mean may be near 1."""
    squared = all_pairs(vectors, np.zeros(len(vectors), dtype=int), "cosine").positive
    return math.log1p(float(np.expm1(-2 * squared).mean()))


def verification(vectors, labels, metric="l2") -> dict[str, float]:
    """pair_auc, and tar_at_far_1e3 as the best over all thresholds that accept few negatives."""
    pairs = all_pairs(vectors, labels, metric)
    positive, negative = np.sort(pairs.positive), np.sort(pairs.negative)
    further = len(negative) - np.searchsorted(negative, positive, side="right")
    equal = len(negative) - np.searchsorted(negative, positive, side="left") - further
    thresholds = np.concatenate((positive, negative, [np.inf]))
    few = 1000 * np.searchsorted(negative, thresholds) <= len(negative)  # strictly nearer ones
    accepted = np.searchsorted(positive, thresholds[few])
    return {
        "pair_auc": float((further + equal / 2).sum()) / len(positive) / len(negative),
        "tar_at_far_1e3": float(accepted.max(initial=0)) / len(positive),
    }


def wdfs(vectors, labels) -> dict[str, float]:
    """wdfs_gap (over pairs with an anchor in them) and wdfs_gap_p1, of cosines."""
    pairs = all_pairs(vectors, labels, "cosine")
    positive, negative = 1 - pairs.positive / 2, 1 - pairs.negative / 2
    found = scan(vectors, labels, "cosine", graded=False)
    nearest = float(found.d2_nearest_negative.min())

    def quantile(values, level):  # the least value up to which that share of all lies
        return np.sort(values)[max(0, math.ceil(round(level * len(values), 9)) - 1)]

    return {
        "wdfs_gap": float(positive.min() - (1 - nearest / 2)),
        "wdfs_gap_p1": float(quantile(positive, 0.01) - quantile(negative, 0.99)),
    }


def neighbours(found: Scan) -> dict[str, float | None]:
    """nn_ratio over the anchors that have one, and the radii that moving an anchor may take."""
    positive = np.sqrt(found.d2_nearest_positive) * found.unit
    negative = np.sqrt(found.d2_nearest_negative) * found.unit
    told = positive + negative > 0
    ratios = negative[told] / (positive + negative)[told]
    radii = (negative - positive) / 2
    return {
        "nn_ratio": float(ratios.mean()) if told.any() else None,
        "certified_radius": float(np.quantile(radii, 0.5)),
        "certified_radius_p5": float(np.quantile(radii, 0.05)),
    }


# Section 5: the forecast of one batch.


def batch_pressure(points, labels, margin: float) -> tuple[float, float]:
    """(collapse_pressure, batch_gap) of one batch, from the full n x n matrix.

    H sums (a-p)(a-p)^T/F - (a-n)(a-n)^T/M over the active anchors (margin + g > 0), p and n the
    hardest in the batch; pressure = tr H_+ / (tr H_+ + tr H_-). The gap is the mean of F - M over
    anchors, in multiples of the mean distance of pairs of different classes (NaN without any).
    """
    points = np.asarray(points, dtype=np.float64)
    codes = class_codes(labels)
    squared = squared_distances_to_all(points, np.arange(len(points)))
    distances = np.sqrt(squared)
    h = np.zeros((points.shape[1], points.shape[1]))
    gaps, active = [], 0
    for a in range(len(points)):
        same = codes == codes[a]
        same[a] = False
        if not same.any() or (codes == codes[a]).all():
            continue
        p = int(np.where(same, squared[a], -np.inf).argmax())  # a root would make ties
        z = int(np.where(codes != codes[a], squared[a], np.inf).argmin())
        gap = distances[a, p] - distances[a, z]
        gaps.append(gap)
        if margin + gap > 0:
            active += 1
            for other, sign in ((p, 1), (z, -1)):
                if distances[a, other] > 0:
                    step = points[a] - points[other]
                    h += sign * np.outer(step, step) / distances[a, other]
    eigenvalues = np.linalg.eigvalsh(h)
    rising, falling = eigenvalues[eigenvalues > 0].sum(), -eigenvalues[eigenvalues < 0].sum()
    pressure = float(rising / (rising + falling)) if active and rising + falling > 0 else 0.0
    negatives = distances[codes[:, None] != codes]
    if not gaps or not negatives.any():
        return pressure, math.nan
    return pressure, float(np.mean(gaps) / negatives.mean())


def batch_loss(points, labels, margin: float) -> float:
    """Mean over anchors of max(F - M + margin, 0) in one batch, from the full n x n matrix."""
    codes = class_codes(labels)
    distances = np.sqrt(squared_distances_to_all(np.asarray(points, float), np.arange(len(codes))))
    losses = []
    for a in range(len(codes)):
        same = codes == codes[a]
        furthest = np.delete(distances[a], a)[np.delete(same, a)]
        if len(furthest) and not same.all():
            losses.append(max(furthest.max() - distances[a, ~same].min() + margin, 0.0))
    return float(np.mean(losses)) if losses else 0.0


def k_nearest(vectors, asked, k, *, may, metric="l2", beyond=None):
    """For each asked row its k nearest rows by (squared distance, row), and their distances.

    may: (q, N) which rows may be found. beyond: (q,) squared distances, of the scaled rows, that
    they lie strictly further than. Rows are -1 and distances infinite where there are no more.
    """
    points, unit = prepared(vectors, metric)
    rows = np.full((len(asked), k), -1)
    d2 = np.full((len(asked), k), np.inf)
    for number, anchor in enumerate(asked):
        squared = squared_distances_to_all(points, [anchor])[0]
        free = np.flatnonzero(may[number] & (beyond is None or squared > beyond[number]))
        first = free[np.argsort(squared[free], kind="stable")][:k]
        rows[number, : len(first)], d2[number, : len(first)] = first, squared[first]
    return rows, np.sqrt(d2) * unit


def chances_among_nearest(vectors, k, metric="l2") -> np.ndarray:
    """(N, N) the chance that a row has another (column) among its k nearest, ties drawn by lot."""
    points, _ = prepared(vectors, metric)
    chances = np.zeros((len(points), len(points)))
    for rows, squared in tiles(points):
        squared[np.arange(len(rows)), rows] = np.inf
        last = np.sort(squared, axis=1)[:, k - 1, None]
        inside, tied = squared < last, squared == last
        left = k - inside.sum(axis=1, keepdims=True)
        chances[rows] = inside + tied * left / tied.sum(axis=1, keepdims=True)
    return chances


def hubness(chances, k) -> dict[str, float]:
    """Of chances among the k nearest, every row's draw its own: by each count's distribution."""
    moments, never = np.zeros((len(chances), 2)), np.zeros(len(chances))
    for row, column in enumerate(chances.T):
        counts = np.ones(1)
        for chance in column[column > 0]:
            counts = np.convolve(counts, (1 - chance, chance))
        away = np.arange(len(counts)) - k
        moments[row], never[row] = (counts @ away**2, counts @ away.astype(float) ** 3), counts[0]
    second, third = moments.mean(axis=0)
    return {
        "hubness_skewness": third / second**1.5 if second > 1e-9 else None,
        "antihub_share": never.mean(),
    }


@dataclass(frozen=True)
class Ranking:
    """An anchor's positives and negatives by (squared distance, row), of the scaled rows."""

    anchor: int
    positives: np.ndarray
    d2_positives: np.ndarray
    negatives: np.ndarray
    d2_negatives: np.ndarray
    unit: float

    @property
    def d_negatives(self) -> np.ndarray:
        """In the user's units."""
        return np.sqrt(self.d2_negatives) * self.unit


def rankings(vectors, labels, rows, metric="l2") -> Iterator[Ranking]:
    """The rankings of some rows; a row alone in its class has none."""
    points, unit = prepared(vectors, metric)
    codes = class_codes(labels)
    for some, squared in _chosen_tiles(points, np.asarray(rows)):
        for anchor, d2 in zip(some.tolist(), squared, strict=True):
            own = codes == codes[anchor]
            own[anchor] = False
            if own.any():
                order = np.argsort(d2, kind="stable")
                sides = [order[own[order]], order[codes[order] != codes[anchor]]]
                parts = [part for side in sides for part in (side, d2[side])]
                yield Ranking(anchor, *parts, unit)


def mined_negatives(
    ranking, d2_positive, mode, *, metric="l2", margin=0.0, epsilon=0.0, band=(0.0, 100.0)
) -> np.ndarray:
    """All negatives that a mode allows an anchor with this positive, nearest first.

    Distances are compared as squares, and as distances where a length is added to them.
    """
    rows, d2, furthest = ranking.negatives, ranking.d2_negatives, ranking.d2_positives[-1]
    margin, length = margin / ranking.unit, epsilon / ranking.unit
    if mode == "hardest":
        return rows
    if mode == "semi-hard":
        return rows[(d2 > d2_positive) & (np.sqrt(d2) < np.sqrt(d2_positive) + margin)]
    if mode == "percentile":
        first = min(math.floor(band[0] * len(rows) / 100), len(rows) - 1)
        return rows[first : max(first + 1, math.ceil(band[1] * len(rows) / 100))]
    if metric == "cosine":  # chords: d^2 = 2 - 2 s
        near, worth = d2 < furthest + 2 * epsilon, d2_positive > d2[0] - 2 * epsilon
    else:
        near = np.sqrt(d2) < np.sqrt(furthest) + length
        worth = np.sqrt(d2_positive) > np.sqrt(d2[0]) - length
    return rows[near & worth]


def copies(vectors, labels, metric="l2") -> np.ndarray:
    """Flags of rows within 1e-6 RMS pair distances of a row of another label."""
    points, unit = prepared(vectors, metric)
    codes = class_codes(labels)
    limit = 1e-6 * rms_pair_distance(vectors, metric)
    flags = []
    for rows, squared in tiles(points):
        squared[codes[rows][:, None] == codes] = np.inf
        flags += (np.sqrt(squared.min(axis=1)) * unit <= limit).tolist()
    return np.array(flags)


def label_of_neighbours(vectors, labels, k, metric="l2") -> list:
    """The label that more than half of each row's k nearest others carry, None where none does."""
    points, _ = prepared(vectors, metric)
    codes = class_codes(labels)
    found = []
    for rows, squared in tiles(points):
        squared[np.arange(len(rows)), rows] = np.inf
        for near in np.argsort(squared, axis=1, kind="stable")[:, : min(k, len(points) - 1)]:
            counts = np.bincount(codes[near])
            found.append(counts.argmax() if 2 * counts.max() > len(near) else None)
    return found
