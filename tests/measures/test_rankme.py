"""RankMe on known spectra: null singular values count for nothing, small ones for what they are."""

import math

import numpy as np
import pytest

import embaudit
from tests import oracle
from tests.measures.audited import audited, truth
from tests.measures.test_exact import is_exactly
from tests.sets import thorough_cases


def rankme(vectors, **options):
    labels = (np.arange(len(vectors)) % 3).tolist()
    report = embaudit.audit(vectors, labels, measures=["rankme"], threads=1, **options)
    return report.measures["rankme"]


def with_singular_values(values, rows=120, dim=None, seed=0):
    rng = np.random.default_rng(seed)
    left = np.linalg.qr(rng.normal(size=(rows, len(values))))[0]
    right = np.linalg.qr(rng.normal(size=(dim or len(values),) * 2))[0][: len(values)]
    return left * values @ right


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_every_set(name, metric):
    case, _, _ = truth(name, metric)
    is_exactly(audited(name, metric).measures["rankme"], oracle.rankme(case.vectors, metric))


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
@pytest.mark.parametrize("rank", [1, 2, 7, 30])
def test_equal_singular_values_count_their_number(rank, scale):
    # the other dimensions are null: a root of their rounding would be 1e-8 each
    vectors = scale * with_singular_values(np.ones(rank), dim=60)
    assert rankme(vectors).value == pytest.approx(rank, rel=1e-8)


@pytest.mark.parametrize("smallest", [1e-3, 1e-5, 1e-7, 1e-9])
def test_small_singular_values_count_for_what_they_are(smallest):
    values = np.array([1.0] * 3 + [smallest] * 50)
    share = values / values.sum()
    expected = math.exp(-(share * np.log(share)).sum())
    assert rankme(with_singular_values(values)).value == pytest.approx(expected, rel=1e-8)


def test_it_is_uncentred():
    rng = np.random.default_rng(0)
    spread = rng.normal(size=(500, 10))
    assert rankme(spread).value > 9.9
    assert rankme(spread + 1e6).value == pytest.approx(1, abs=1e-3)


def test_one_direction_is_one_dimension_and_nothing_is_none():
    is_exactly(rankme(np.ones((9, 4))), 1)
    reading = rankme(np.zeros((9, 4)))
    is_exactly(reading, None)
    assert "all rows are zero" in reading.reason
