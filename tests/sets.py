"""Labelled sets that break careless arithmetic, and small ordinary ones, by name.

Each maker takes the number of rows and returns the vectors and labels; all are deterministic.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

METRICS = ("l2", "cosine")


@dataclass(frozen=True)
class LabelledSet:
    """Vectors (N, n) with N labels."""

    name: str
    vectors: np.ndarray
    labels: list

    def __repr__(self):
        rows, dim = self.vectors.shape
        return f"LabelledSet({self.name!r}, {rows} x {dim} {self.vectors.dtype})"


@dataclass(frozen=True)
class Maker:
    """A named generator, the metrics it makes sense for, and how many rows show its point."""

    name: str
    make: Callable
    metrics: tuple[str, ...]
    size: int

    def __call__(self, size: int | None = None) -> LabelledSet:
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        vectors, labels = self.make(rng, size or self.size)
        return LabelledSet(self.name, vectors, [*labels.tolist()])


SETS: dict[str, Maker] = {}


def adversarial(size: int = 300, metrics: tuple[str, ...] = METRICS):
    """Register a maker under its own name."""

    def register(make):
        SETS[make.__name__] = Maker(make.__name__, make, metrics, size)
        return make

    return register


def cases(names=None) -> list[tuple[str, str]]:
    """All (set name, metric) pairs, for parametrize."""
    return [(name, metric) for name in names or SETS for metric in SETS[name].metrics]


def alternating_cases(names=None, rest=pytest.mark.soak) -> list:
    """(set name, metric) for parametrize: the metric alternates from set to set.

    The other metric of a set is for `rest`.
    """
    found = []
    for at, name in enumerate(SETS):
        metrics = SETS[name].metrics if name in (names or SETS) else ()
        for metric in metrics:
            marks = () if metric == metrics[at % len(metrics)] else rest
            found.append(pytest.param(name, metric, marks=marks))
    return found


def thorough_cases(names=None) -> list:
    """(set name, metric) for parametrize: one metric of every other pair of sets each time.

    The rest is thorough. Of a set it is the same metric in every test: who shares audits of sets
    needs no others.
    """
    each_time = {name for at, name in enumerate(SETS) if at // 2 % 2 == 0}
    return [
        one
        if one.marks or one.values[0] in each_time
        else pytest.param(*one.values, marks=pytest.mark.thorough)
        for one in alternating_cases(names, pytest.mark.thorough)
    ]


def crossed(variants, names=None) -> list:
    """(set name, metric, variant) for parametrize: each set meets each variant and each metric.

    The metric alternates from variant to variant; the other half of the combinations is for soak.
    Each time a set meets every second variant, of many every third; the others if thorough.
    """
    found, one_in = [], 2 if len(variants) < 3 else 3
    for at, name in enumerate(names or SETS):
        metrics = SETS[name].metrics
        for k, variant in enumerate(variants):
            for metric in metrics:
                usual = metric == metrics[(at + k) % len(metrics)]
                marks = pytest.mark.thorough if (at // 2 + k) % one_in else ()
                found.append(
                    pytest.param(name, metric, variant, marks=marks if usual else pytest.mark.soak)
                )
    return found


def some_labels(rng, size, classes):
    """Labels in random order; every class has at least two rows where that is possible."""
    labels = np.concatenate((np.repeat(np.arange(classes), 2), rng.integers(classes, size=size)))
    return rng.permutation(labels[:size])


def directions(rng, size, dim):
    """Random unit vectors."""
    vectors = rng.normal(size=(size, dim))
    return vectors / np.linalg.norm(vectors, axis=1)[:, None]


# The table of cases where |x|^2 + |y|^2 - 2xy in float32 is wrong. Wide enough (rows x dimensions)
# that faiss takes its BLAS path.


@adversarial(1100)
def far_mean(rng, size):
    """Mean 1e4, spread 1e-2: in float32 the values themselves are a lattice of step 1e-3."""
    vectors = 1e4 + 1e-2 * rng.normal(size=(size, 128))
    return vectors.astype(np.float32), some_labels(rng, size, 20)


@adversarial(1100)
def offset_mean(rng, size):
    """Mean 100, spread 0.1."""
    vectors = 100 + 0.1 * rng.normal(size=(size, 128))
    return vectors.astype(np.float32), some_labels(rng, size, 20)


@adversarial(400)
def far_mean_float64(rng, size):
    """Mean 1e6, spread 1e-6, float64: a cast to float32 without centring leaves nothing."""
    return 1e6 + 1e-6 * rng.normal(size=(size, 24)), some_labels(rng, size, 8)


def _far_clusters(rng, size, dim, spread):
    centres = 1e4 * rng.normal(size=(25, dim))
    return centres[rng.integers(25, size=size)] + spread * rng.normal(size=(size, dim))


@adversarial(1100)
def far_clusters(rng, size):
    """25 clusters 1e4 apart, spread 0.1: centring does not help."""
    return _far_clusters(rng, size, 128, 0.1).astype(np.float32), some_labels(rng, size, 10)


@adversarial(400)
def far_clusters_float64(rng, size):
    """25 clusters 1e4 apart, spread 1e-5, float64: below what float32 can hold."""
    return _far_clusters(rng, size, 24, 1e-5), some_labels(rng, size, 10)


def _round_one_point(rng, size, dim, spread):
    vectors = directions(rng, 1, dim) + spread * rng.normal(size=(size, dim)) / np.sqrt(dim)
    return vectors / np.linalg.norm(vectors, axis=1)[:, None]


@adversarial(1100)
def unit_norm_collapsed(rng, size):
    """Unit norm, spread 1e-3 round one point: a collapsed model."""
    return _round_one_point(rng, size, 128, 1e-3).astype(np.float32), some_labels(rng, size, 20)


@adversarial(400)
def unit_norm_collapsed_float64(rng, size):
    """The same in float64, spread 1e-6."""
    return _round_one_point(rng, size, 24, 1e-6), some_labels(rng, size, 8)


def _close_pairs(rng, size, dim):
    first = directions(rng, (size + 1) // 2, dim)
    second = first + 1e-4 * directions(rng, len(first), dim)
    vectors = np.concatenate((first, second))[:size]
    return vectors / np.linalg.norm(vectors, axis=1)[:, None]


@adversarial(1100)
def close_pairs(rng, size):
    """Unit norm, pairs 1e-4 apart, some of one class and some of two."""
    return _close_pairs(rng, size, 128).astype(np.float32), some_labels(rng, size, 12)


@adversarial(400)
def close_pairs_float64(rng, size):
    """The same in float64."""
    return _close_pairs(rng, size, 24), some_labels(rng, size, 12)


@adversarial(300)
def nearly_antipodal(rng, size):
    """Pairs x, -x on a sphere but for 1e-9: many pairs are the furthest but for the last digits."""
    half = directions(rng, (size + 1) // 2, 12)
    vectors = np.concatenate((half, -half))[:size]
    return vectors * (1 + 1e-9 * rng.random((size, 1))), some_labels(rng, size, 4)


# Magnitudes: squares must neither overflow nor vanish.


def _of_magnitude(magnitude, dtype):
    def make(rng, size):
        vectors = magnitude * rng.normal(size=(size, 16))
        return vectors.astype(dtype), some_labels(rng, size, 10)

    make.__name__ = f"magnitude_{magnitude:.0e}_{np.dtype(dtype).name}".replace("+", "")
    return make


for _magnitude, _dtype in (
    (1e20, np.float32),
    (1e-30, np.float32),
    (1e20, np.float64),
    (1e-30, np.float64),
    (1e60, np.float64),
    (1e-60, np.float64),
    (1e200, np.float64),
    (1e-200, np.float64),
    (1e4, np.float16),
    (1e-6, np.float16),
):
    adversarial(200)(_of_magnitude(_magnitude, _dtype))


@adversarial(200)
def mixed_magnitudes(rng, size):
    """Every row on its own scale, from 1e-12 to 1e12."""
    scales = 10 ** rng.uniform(-12, 12, size=(size, 1))
    return scales * rng.normal(size=(size, 12)), some_labels(rng, size, 8)


@adversarial(300)
def huge_outlier(rng, size):
    """One row 1e8 times as long as the others: an error bound by the largest norm is useless."""
    vectors = rng.normal(size=(size, 32))
    vectors[size // 3] *= 1e8
    return vectors.astype(np.float32), some_labels(rng, size, 10)


# Ties.


@adversarial(200)
def all_identical(rng, size):
    """Total collapse: every triplet is a tie."""
    return np.full((size, 8), 0.3, dtype=np.float32), some_labels(rng, size, 10)


@adversarial(400)
def four_distinct_rows(rng, size):
    """Four distinct rows, each with rows of every class."""
    return rng.normal(size=(4, 16)).astype(np.float32)[rng.integers(4, size=size)], some_labels(
        rng, size, 10
    )


def _lattice(dtype, low, high):
    def make(rng, size):
        vectors = rng.integers(low, high, size=(size, 4)).astype(dtype)
        vectors[:, 0] += 1 if low >= 0 else high  # no zero vector: cosine needs a direction
        return vectors, some_labels(rng, size, 6)

    make.__name__ = f"lattice_{np.dtype(dtype).name}"
    return make


adversarial(400)(_lattice(np.int8, -3, 4))
adversarial(400)(_lattice(np.uint8, 0, 6))
adversarial(400)(_lattice(np.float32, -2, 3))
adversarial(400)(_lattice(np.float64, -1, 2))


@adversarial(300, ("l2",))
def unit_lattice_with_zero(rng, size):
    """The corners of a small cube: few distances, each taken by many pairs."""
    return rng.integers(0, 2, size=(size, 3)).astype(np.uint8), some_labels(rng, size, 4)


@adversarial(200, ("l2",))
def integers_near_2_53(rng, size):
    """64-bit integers at the end of what float64 holds exactly."""
    return 2**53 - rng.integers(0, 50, size=(size, 5)), some_labels(rng, size, 6)


@adversarial(300)
def uint8_extremes(rng, size):
    """0 and 255 only: unsigned differences must not wrap."""
    vectors = (255 * rng.integers(0, 2, size=(size, 16))).astype(np.uint8)
    vectors[:, 0] = 255
    return vectors, some_labels(rng, size, 8)


@adversarial(300)
def duplicates_everywhere(rng, size):
    """Rows repeated within and across classes."""
    vectors = rng.normal(size=(size, 12)).astype(np.float32)
    copies = rng.integers(size, size=(size // 3, 2))
    vectors[copies[:, 0]] = vectors[copies[:, 1]]
    return vectors, some_labels(rng, size, 10)


@adversarial(300)
def scaled_copies(rng, size):
    """Rows that are multiples of few directions: ties under cosine only, up to rounding."""
    chosen = rng.normal(size=(12, 6))[rng.integers(12, size=size)]
    return chosen * rng.uniform(0.5, 2, size=(size, 1)), some_labels(rng, size, 6)


@adversarial(200, ("l2",))
def signed_zeros(rng, size):
    """0.0 and -0.0 are the same number."""
    vectors = rng.integers(0, 2, size=(size, 4)).astype(np.float64)
    return np.where(rng.random((size, 4)) < 0.5, vectors, -vectors) * 1.0, some_labels(rng, size, 5)


@adversarial(257)
def one_ulp_apart(rng, size):
    """Rows that differ in the last bit of one coordinate, float64."""
    vectors = np.full((size, 6), 1.0)
    which = rng.integers(6, size=size)
    steps = rng.integers(0, 4, size=size)
    vectors[np.arange(size), which] += steps * np.finfo(np.float64).eps
    return vectors, some_labels(rng, size, 5)


# Shapes of classes.


@adversarial(300)
def singletons(rng, size):
    """A third of the rows are alone in their class: negatives, but no anchors."""
    labels = some_labels(rng, size, 10)
    labels[rng.permutation(size)[: size // 3]] = 1000 + np.arange(size // 3)
    return rng.normal(size=(size, 10)).astype(np.float32), labels


@adversarial(2000)
def few_large_classes(rng, size):
    """Ten classes, each larger than a small block."""
    centres = rng.normal(size=(10, 16))
    labels = rng.permutation(np.arange(size) % 10)
    return (centres[labels] + rng.normal(size=(size, 16))).astype(np.float32), labels


@adversarial(1000)
def many_pairs(rng, size):
    """Classes of two rows only."""
    labels = rng.permutation(np.arange(size) // 2)
    centres = rng.normal(size=(size, 12))
    return (centres[labels] + 0.5 * rng.normal(size=(size, 12))).astype(np.float32), labels


@adversarial(1000)
def one_class_of_nine_tenths(rng, size):
    """90 % of the rows are one class; the rest are small classes."""
    labels = np.where(np.arange(size) < size * 9 // 10, 0, 1 + np.arange(size) % 7)
    return rng.normal(size=(size, 12)).astype(np.float32), rng.permutation(labels)


@adversarial(700)
def lonely_negative(rng, size):
    """All rows but one are of one class: nearly everything a search returns is a positive."""
    labels = np.zeros(size, dtype=np.int64)
    labels[size // 2] = 1
    return rng.normal(size=(size, 8)).astype(np.float32), labels


@adversarial(600)
def negatives_far_away(rng, size):
    """Two separated classes: the nearest negative lies behind every positive."""
    labels = rng.permutation(np.arange(size) % 2)
    vectors = rng.normal(size=(size, 16)) + 1000.0 * labels[:, None]
    return vectors.astype(np.float32), labels


# Shapes of the matrix.


@adversarial(300, ("l2",))
def one_dimension(rng, size):
    """n = 1."""
    return rng.normal(size=(size, 1)), some_labels(rng, size, 6)


@adversarial(300)
def two_dimensions(rng, size):
    """n = 2."""
    return rng.normal(size=(size, 2)).astype(np.float32), some_labels(rng, size, 6)


@adversarial(40)
def wider_than_long(rng, size):
    """Fewer rows than dimensions."""
    return rng.normal(size=(size, 200)).astype(np.float32), some_labels(rng, size, 5)


@adversarial(300)
def dead_coordinates(rng, size):
    """Half of the coordinates are constant."""
    vectors = rng.normal(size=(size, 12))
    vectors[:, ::2] = 3.0
    return vectors.astype(np.float32), some_labels(rng, size, 8)


@adversarial(3)
def smallest(rng, size):
    """Three rows: one anchor pair and one negative."""
    return rng.normal(size=(size, 2)).astype(np.float32), np.arange(size) // 2


@adversarial(600)
def blobs(rng, size):
    """An ordinary set: overlapping classes, some easier than others."""
    centres = rng.normal(size=(12, 20))
    labels = some_labels(rng, size, 12)
    noise = rng.uniform(0.2, 1.2, size=12)[labels, None] * rng.normal(size=(size, 20))
    return (centres[labels] + noise).astype(np.float32), labels


@adversarial(300)
def separated_blobs(rng, size):
    """Every class within a small ball far from the others: triplet-separated."""
    centres = 20 * directions(rng, 8, 10)
    labels = some_labels(rng, size, 8)
    return centres[labels] + 0.1 * rng.normal(size=(size, 10)), labels
