"""On a line the truth is a linear programme for every order: d_iso and d_haus enclose it."""

import numpy as np
import pytest

from tests import oracle
from tests.combined import alternating, in_part
from tests.measures.measured import measured
from tests.orders import TOLERANCE, nearest_separated_maps

KINDS = ("real", "ties", "clustered", "far", "tiny", "huge", "nearly tied")
ISOMETRY = ["d_iso", "d_haus"]


def on_a_line(kind, size, rng):
    """Positions of a kind, and labels with a positive and a negative; singletons too."""
    positions = rng.uniform(0, 10, size=size)
    if kind == "ties":
        positions = rng.integers(0, 5, size=size).astype(float)
    elif kind == "clustered":
        positions = rng.integers(0, 3, size=size) + 0.02 * rng.normal(size=size)
    elif kind == "far":
        positions += 1e6
    elif kind in ("tiny", "huge"):
        positions *= 1e-30 if kind == "tiny" else 1e30
    elif kind == "nearly tied":
        positions = rng.integers(0, 5, size=size) + 1e-7 * rng.integers(0, 3, size=size)
    labels = rng.integers(rng.integers(2, size), size=size)
    labels[:3] = 0, 0, 1
    return positions, rng.permutation(labels)


def misses(positions, labels, efforts):
    """The ends that lie on the wrong side of the truth, by measure and effort."""
    truth = dict(zip(ISOMETRY, nearest_separated_maps(positions, labels), strict=True))
    rounding = 4 * TOLERANCE * np.ptp(positions)
    wrong = []
    for effort in efforts:
        found = measured(positions[:, None], labels, ISOMETRY, effort=effort)
        for measure, value in truth.items():
            reading = found[measure]
            assert reading.kind in ("exact", "certified")
            if not reading.lower - rounding <= value <= reading.upper + rounding:
                wrong.append((measure, effort, reading.lower, value, reading.upper))
    return wrong


@pytest.mark.parametrize(("kind", "size"), in_part(alternating(KINDS, [3, 4, 5, 6]), 3))
def test_the_interval_encloses_the_truth_on_a_line(kind, size):
    check_seeds(kind, size, range(2))


@pytest.mark.soak
@pytest.mark.parametrize("size", [3, 4, 5, 6])
@pytest.mark.parametrize("kind", KINDS)
def test_more_intervals_enclose_the_truth_on_a_line(kind, size):
    check_seeds(kind, size, range(2, 4))


def check_seeds(kind, size, seeds):
    for seed in seeds:
        positions, labels = on_a_line(kind, size, np.random.default_rng((seed, size)))
        efforts = (0, 1, 2) if seed == 0 and size % 2 else (0,)
        assert not misses(positions, labels, efforts), (positions.tolist(), labels.tolist())


@pytest.mark.parametrize("seed", in_part(range(3), 3))
def test_the_programmes_agree_with_their_vertices(seed):
    positions, labels = on_a_line("real", 4, np.random.default_rng(seed))
    vertices = oracle.line_distances(positions, labels.tolist())
    assert nearest_separated_maps(positions, labels) == pytest.approx(vertices, rel=1e-8, abs=1e-8)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_many_intervals_enclose_the_truth_on_a_line(kind):
    wrong, sets = [], 84
    for seed in range(sets):
        rng = np.random.default_rng((7, seed))
        positions, labels = on_a_line(kind, int(rng.integers(3, 7)), rng)
        found = misses(positions, labels, (0, 1, 2) if seed % 4 == 0 else (0, 1))
        wrong += [(positions.tolist(), labels.tolist(), miss) for miss in found]
    print(f"\n{kind}: {len(wrong)} misses in {sets} sets")
    assert not wrong
