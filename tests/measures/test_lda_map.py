"""The map of rows: discriminants by their definition, suspects on it, absent with a reason."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import embaudit
from embaudit.geometry.discriminants import discriminants
from embaudit.measures.lda_map import MOST


def of_arrays(x, y):
    """What `discriminants` takes, from the definition."""
    eigen = np.linalg.eigh(np.cov(x.T, bias=True))
    classes, codes = np.unique(y, return_inverse=True)
    shares = np.bincount(codes) / len(y)
    means = np.array([x[codes == c].mean(axis=0) for c in range(len(classes))]) - x.mean(axis=0)
    return (eigen[0][::-1], eigen[1][:, ::-1]), means * np.sqrt(shares)[:, None]


def classes_of(rng, classes=6, each=30, dim=5):
    y = np.repeat(np.arange(classes), each)
    return 2 * rng.normal(size=(classes, dim))[y] + rng.normal(size=(len(y), dim)), y


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 8), st.integers(2, 12))
def test_directions_are_fishers_discriminants(seed, classes, dim):
    """Leading eigenvectors of between-class scatter against all scatter, shrunk."""
    each = 10 * dim  # so many rows that all principal directions are kept
    x, y = classes_of(np.random.default_rng(seed), classes, each, dim)
    eigen, means = of_arrays(x, y)
    found = discriminants(eigen, len(x), means)
    total = np.cov(x.T, bias=True)
    shrunk = dim / (dim + len(x))
    total = (1 - shrunk) * total + shrunk * np.trace(total) / dim * np.eye(dim)
    values, vectors = np.linalg.eig(np.linalg.solve(total, means.T @ means))
    order = np.argsort(-values.real)
    for k in range(2):
        expected = vectors[:, order[k]].real
        if k + 1 < dim and values.real[order[k]] - values.real[order[k + 1]] < 1e-3:
            continue  # nearly tied: any direction between is as good
        cosine = found[:, k] @ expected / np.linalg.norm(found[:, k]) / np.linalg.norm(expected)
        assert abs(cosine) == pytest.approx(1, abs=1e-5)


def test_the_second_direction_of_two_classes_has_most_of_the_variance_that_is_left():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 500)
    x = rng.normal(size=(1000, 4)) * (1, 1, 3, 1)
    x[:, 0] += 4 * y
    found = discriminants(*of_arrays(x, y)[:1], 1000, of_arrays(x, y)[1])
    assert np.abs(found).argmax(axis=0).tolist() == [0, 2]


def test_noise_is_not_told_apart():
    """In as many dimensions as rows any classes could be; of few and shrunk ones hardly."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(120, 100)), np.repeat(np.arange(6), 20)
    eigen, means = of_arrays(x, y)
    unshrunk = discriminants(eigen, 10**9, means)
    assert share_between(x @ unshrunk, y) > 0.85
    assert share_between(x @ discriminants(eigen, len(x), means), y) < 0.5


def share_between(at, y):
    """Of the variance along the first direction, what lies between the classes."""
    one = at[:, 0] - at[:, 0].mean()
    means = [one[y == c].mean() ** 2 * (y == c).mean() for c in set(y.tolist())]
    return sum(means) / one.var()


def test_rows_and_labels_of_the_map_are_those_of_the_input():
    x, y = classes_of(np.random.default_rng(2), classes=4, each=50)
    order = np.random.default_rng(3).permutation(len(y))
    x, y = x[order], y[order]
    found = embaudit.audit(x, y).distributions.map
    assert found.reason is None
    assert sorted(found.rows) == list(range(200))
    assert found.of == 200
    assert [found.labels[code] for code in found.codes] == y[list(found.rows)].tolist()
    again = embaudit.audit(x, y).distributions.map
    assert again == found
    # rows of a class lie together, as far as two directions tell
    at = np.column_stack((found.x, found.y))
    codes = np.array(found.codes)
    centres = np.array([at[codes == c].mean(axis=0) for c in range(4)])
    nearest = np.linalg.norm(at[:, None] - centres, axis=2).argmin(axis=1)
    assert (nearest == codes).mean() > 0.8


def test_it_is_bounded_and_every_suspect_is_on_it():
    rng = np.random.default_rng(8)
    x, y = classes_of(rng, classes=6, each=400, dim=16)
    flipped = rng.choice(len(y), 250, replace=False)
    y[flipped] = (y[flipped] + rng.integers(1, 6, size=250)) % 6
    report = embaudit.audit(x, y)
    found = report.distributions.map
    named = {one.row for one in report.blame.worst_rows}
    assert len(named) > 100
    assert named <= set(found.rows)
    assert len(found.rows) == len(set(found.rows)) <= MOST < found.of


def test_without_labels_it_is_of_principal_components():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(50, 4)) * (1, 5, 2, 1)
    found = embaudit.audit(x, no_labels=True).distributions
    assert found.pairs is None
    assert found.map.labels == found.map.codes == ()
    assert "principal" in found.map.axes
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    expected = np.abs((x - x.mean(axis=0)) @ vectors[:, :-3:-1]) / np.sqrt(values.sum())
    rows = list(found.map.rows)
    assert np.allclose(
        np.abs(np.column_stack((found.map.x, found.map.y))), expected[rows], rtol=1e-3
    )


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        (np.ones((6, 3)), [0, 0, 0, 1, 1, 1], "all rows are the same"),
        (np.arange(6.0)[:, None], [0, 0, 0, 1, 1, 1], "a single dimension has no plane"),
        (np.eye(2), None, "fewer than three rows"),
        (np.ones((5, 4)), None, "all rows are the same"),
    ],
)
def test_where_there_is_none_it_says_why(x, y, reason):
    found = embaudit.audit(x, y, no_labels=y is None).distributions.map
    assert found.reason == reason
    assert found.rows == found.x == found.y == found.codes == found.labels == ()


@pytest.mark.parametrize("scale", [1e-310, 1e-160, 1.0, 1e130, 1e150])
def test_it_is_the_same_at_any_scale_and_finite(scale):
    x, y = classes_of(np.random.default_rng(5), classes=3, each=10, dim=3)
    found = embaudit.audit(x * scale, y).distributions.map
    if found.reason is None:
        assert len(found.rows) == len(y)
        assert np.isfinite([*found.x, *found.y]).all()
    if scale in (1e-160, 1e130):
        expected = embaudit.audit(x, y).distributions.map
        assert np.allclose(found.x, expected.x, rtol=1e-2, atol=1e-2)


def test_a_stray_row_does_not_squash_it():
    x, y = classes_of(np.random.default_rng(6), classes=4, each=50)
    alone = embaudit.audit(x, y).distributions.map
    x[17] = 1e9
    found = embaudit.audit(x, y).distributions.map
    assert found.of == 200
    others = {row: at for row, at in zip(found.rows, found.x, strict=True) if row != 17}
    was = {row: at for row, at in zip(alone.rows, alone.x, strict=True) if row != 17}
    assert np.std([*others.values()]) == pytest.approx(np.std([*was.values()]), rel=0.2)


def test_of_queries_beside_a_gallery_it_is_of_the_queries():
    x, y = classes_of(np.random.default_rng(7), classes=4, each=40)
    report = embaudit.audit(x[::2], y[::2], gallery=x[1::2], gallery_labels=y[1::2])
    assert sorted(report.distributions.map.rows) == list(range(80))
