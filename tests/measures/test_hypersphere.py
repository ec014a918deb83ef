"""Alignment and uniformity against all pairs, by known figures, and where they are undefined."""

import math

import numpy as np
import pytest

from embaudit.measures import hypersphere
from tests import oracle
from tests.measures.audited import audited, truth
from tests.measures.measured import SAMPLED, measured
from tests.measures.test_exact import is_exactly
from tests.sets import SETS, directions, thorough_cases

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

IDS = ["alignment", "uniformity"]


def read(vectors, labels, **options):
    return measured(vectors, labels, IDS, **options)


def has_zero_rows(case):
    return bool((np.abs(case.vectors.astype(float)).max(axis=1) == 0).any())


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_every_set_against_all_pairs(name, metric):
    case, _, _ = truth(name, metric)
    readings = audited(name, metric).measures
    if has_zero_rows(case):
        for id in IDS:
            is_exactly(readings[id], None)
            assert "zero rows have no direction" in readings[id].reason
        return
    # directions are rounded once: what is left of a difference of them is right to 1e-16
    is_exactly(readings["alignment"], oracle.alignment(case.vectors, case.labels), abs=1e-30)
    is_exactly(readings["uniformity"], oracle.uniformity(case.vectors), rel=1e-6, abs=1e-30)


def test_they_are_of_directions_whatever_the_metric():
    case = SETS["mixed_magnitudes"]()
    under = [read(case.vectors, case.labels, metric=metric) for metric in ("l2", "cosine")]
    assert under[0] == under[1]


def test_how_many_rows_are_zero_is_told():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(30, 4))
    vectors[3], vectors[7] = 0.0, -0.0
    for reading in read(vectors, np.arange(30) % 5).values():
        assert reading.kind == "undefined"
        assert reading.reason.startswith("2 zero rows")


def test_known_figures():
    # opposite classes on a line: positives agree, negatives are as far apart as can be
    vectors = np.array([[1.0, 0], [2, 0], [-1, 0], [-3, 0]])
    readings = read(vectors, list("AABB"))
    is_exactly(readings["alignment"], 0)
    is_exactly(readings["uniformity"], math.log((2 + 4 * math.exp(-8)) / 6))
    # positives opposite each other
    is_exactly(read(vectors, list("ABAB"))["alignment"], 4)
    # all rows at right angles
    readings = read(np.eye(6), list("AABBCC"))
    is_exactly(readings["alignment"], 2)
    is_exactly(readings["uniformity"], -4)
    # one direction
    readings = read(np.arange(1, 7)[:, None] * np.ones((6, 3)), list("AABBCC"))
    for reading in readings.values():
        assert reading.value == pytest.approx(0, abs=1e-30)


def test_tolerance_is_the_mean_cosine_of_positives():
    case = SETS["blobs"](200)
    units = case.vectors / np.linalg.norm(case.vectors, axis=1)[:, None]
    labels = np.array(case.labels)
    same = (labels[:, None] == labels) & ~np.eye(len(labels), dtype=bool)
    tolerance = float((units @ units.T)[same].mean())
    assert 1 - read(case.vectors, case.labels)["alignment"].value / 2 == pytest.approx(tolerance)


def test_many_random_directions_are_uniform():
    vectors = directions(np.random.default_rng(1), 1500, 200)
    reading = read(vectors, np.arange(1500) % 30)["uniformity"]
    assert reading.kind == "exact"
    assert reading.value == pytest.approx(-4, abs=0.1)


@pytest.mark.parametrize("name", ["blobs", "unit_norm_collapsed_float64", "nearly_antipodal"])
def test_a_sample_of_pairs_holds_the_truth(name, monkeypatch):
    monkeypatch.setattr(hypersphere, "DRAWN", 500)
    case = SETS[name](200)
    true = oracle.uniformity(case.vectors)
    missed, values = 0, []
    for seed in range(30):
        reading = read(case.vectors, case.labels, seed=seed, budget=SAMPLED)["uniformity"]
        assert reading.kind == "sampled"
        assert -8 <= reading.lower <= reading.value <= reading.upper <= 0
        missed += not reading.lower <= true <= reading.upper
        values.append(math.exp(reading.value))
    assert missed <= 2
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    assert abs(np.mean(values) - math.exp(true)) <= 4 * error + 1e-12, "biased"


def test_a_mean_over_all_pairs_does_not_depend_on_threads():
    rng = np.random.default_rng(4)
    vectors, labels = rng.normal(size=(1300, 5)), np.arange(1300) % 7
    one, two = (read(vectors, labels, threads=threads) for threads in (1, 2))
    assert one == two
