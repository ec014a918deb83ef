"""Rivals of rows, against distances written out row by row."""

import numpy as np
import pytest

from embaudit.core.prepared_points import Points
from embaudit.geometry.mahalanobis_rivals import FLAT, KEPT, MANY, ROUND, rivals_of
from embaudit.geometry.mean_and_covariance import moments_of


def classes(seed, sizes, dim, flips=0):
    """Rows ordered by class, starts, and codes; some rows are of another class than they say."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(len(sizes)), sizes)
    true = codes.copy()
    rows = rng.choice(len(codes), flips, replace=False)
    true[rows] = (true[rows] + 1) % len(sizes)
    x = rng.normal(size=(len(sizes), dim))[true] * 3 + rng.normal(size=(len(codes), dim))
    return x * np.linspace(0.5, 4, dim), np.concatenate(([0], np.cumsum(sizes))), codes


def slow(x, codes):
    """The rival and the lead of each row by the definition, in whitened coordinates."""
    names = range(codes.max() + 1)
    means = np.stack([x[codes == c].mean(axis=0) for c in names])
    rest = x - means[codes]
    within = rest.T @ rest / len(x)
    dim = x.shape[1]
    metric = np.linalg.inv((1 - ROUND) * within + ROUND * np.trace(within) / dim * np.eye(dim))

    def distances(kept):
        own, other, rival = [], [], []
        for row, code in enumerate(codes):
            far = []
            for c in names:
                among = kept & (codes == c)
                if c == code and among.sum() > 1:
                    among[row] = False
                away = x[row] - x[among].mean(axis=0)
                far.append(away @ metric @ away)
            own.append(far[code])
            far[code] = np.inf
            rival.append(int(np.argmin(far)))
            other.append(min(far))
        return np.array(own), np.array(other), np.array(rival)

    own, other, _ = distances(np.ones(len(x), dtype=bool))
    least = FLAT * np.median(other)
    kept = np.zeros(len(x), dtype=bool)
    for c in names:
        rows = np.flatnonzero(codes == c)
        order = np.argsort((own / (other + least))[rows], kind="stable")
        kept[rows[order[: int(np.ceil(KEPT * len(rows)))]]] = True
    own, other, rival = distances(kept)
    return rival, np.log((own + least) / (other + least))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sizes", [(20, 30, 25), (3, 40, 4, 9), (2, 2, 30)])
def test_rivals_are_those_of_the_definition(seed, sizes):
    x, starts, codes = classes(seed, sizes, 5, flips=4)
    points = Points(x)
    found = rivals_of(points, starts, moments_of(points, starts), codes)
    rival, lead = slow(x, codes)
    np.testing.assert_array_equal(found.rival, rival)
    np.testing.assert_allclose(found.lead, lead, rtol=1e-9, atol=1e-9)


def test_of_very_many_classes_the_likely_one_is_the_rival():
    x, starts, codes = classes(0, (3,) * (MANY + 1), 6)
    points = Points(x)
    moments = moments_of(points, starts)
    asked = np.where(codes == 0, 1, 0)
    found = rivals_of(points, starts, moments, asked)
    np.testing.assert_array_equal(found.rival, asked)
    few = Points(x[: starts[-2]])  # a class less: all are looked at
    all_ = rivals_of(few, starts[:-1], moments_of(few, starts[:-1]), asked[: starts[-2]])
    assert len(set(all_.rival.tolist())) > 2


def test_rows_that_all_coincide_have_no_lead():
    points, starts = Points(np.ones((12, 3))), np.array([0, 6, 12])
    found = rivals_of(points, starts, moments_of(points, starts), np.repeat([1, 0], 6))
    np.testing.assert_allclose(found.lead, 0, atol=1e-12)


@pytest.mark.parametrize("times", [1e3, 1e6])
def test_a_row_far_off_makes_no_rival_of_the_others_of_its_class(times):
    x, starts, codes = classes(1, (20, 20, 20), 8)
    x = x + 40 * np.eye(8)[codes]
    x[5] *= times
    usual = np.arange(60) != 5
    points = Points(x)
    likely = (codes + 1) % 3
    found = rivals_of(points, starts, moments_of(points, starts), likely, usual=usual)
    assert (found.lead[usual & (codes == 0)] < 0).all()


def test_a_class_without_a_usual_row_has_a_centre():
    x, starts, codes = classes(1, (20, 20, 20), 8)
    points = Points(x + 40 * np.eye(8)[codes])
    found = rivals_of(points, starts, moments_of(points, starts), codes, usual=codes != 1)
    assert np.isfinite(found.lead).all()
    assert (found.lead < 0).all()
