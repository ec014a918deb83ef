"""A prefix never bounds a distance from above, wherever its axes come from, and says much."""

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.search import pca_prefix
from embaudit.search.centre_scale_cast import frame_of
from tests.sets import SETS, crossed

ROWS = 300


def narrow(monkeypatch, drawn, turned):
    """Any set has a prefix of one coordinate, of axes from so many rows, or of rows turned."""
    if turned:
        monkeypatch.setattr(pca_prefix, "_axes", pca_prefix._turned)
    for name, value in (
        ("STEP", 1),
        ("WIDEST", np.inf),
        ("PAYS", np.inf),
        ("WIDTHS", 1),
        ("DRAWN", drawn),
    ):
        monkeypatch.setattr(pca_prefix, name, value)


def prefixes(vectors, labels, metric="l2"):
    """Of rows that are held, and of rows that are cast as they are needed."""
    points = prepare(vectors, metric, np.arange(len(vectors)))
    codes = np.unique(labels, return_inverse=True)[1]
    frames = [
        frame_of(points, np.arange(len(vectors)), np.float32, in_memory=in_memory)
        for in_memory in (True, False)
    ]
    return points, [pca_prefix.prefix_of(frame, codes) for frame in frames]


@pytest.mark.parametrize(
    ("name", "metric", "axes"), crossed(((2, False), (100, False), (100, True)))
)
def test_it_bounds_from_below(name, metric, axes, monkeypatch):
    case = SETS[name]()
    narrow(monkeypatch, *axes)
    points, found = prefixes(case.vectors[:ROWS], case.labels[:ROWS], metric)
    vectors = points.floats(np.arange(points.size))
    true = np.square(vectors[:, None] - vectors).sum(axis=2)
    for one in found:
        if one is None:  # of a few columns or rows, or where most nearest negatives are at 0
            continue
        assert one.width == 1
        low = one.lower(one.products(slice(None), slice(None)), one.radius[:, None])
        assert (low <= true).all()


@pytest.mark.parametrize(("dim", "drawn", "first"), [(96, 128, 48), (96, 64, 32), (96, 128, 24)])
def test_it_knows_most_of_sets_with_few_directions(dim, drawn, first, monkeypatch):
    """Of 8 directions and a little noise, 15 coordinates tell all but a hundredth."""
    free = (("PAYS", np.inf), ("LOOK", 0), ("NARROW", 0))
    for name, value in (("DRAWN", drawn), ("FIRST", first), *free):
        monkeypatch.setattr(pca_prefix, name, value)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(500, 8)) @ rng.normal(size=(8, dim))
    vectors += 0.01 * rng.normal(size=vectors.shape)
    _, found = prefixes(vectors, np.arange(500) % 5)
    true = np.square(vectors[:, None] - vectors).sum(axis=2)
    for one in found:
        assert one.width in (7, 15)
        low = one.lower(one.products(slice(None), slice(None)), one.radius[:, None])
        assert (low <= true * (1 + 1e-12)).all()
        assert np.median((low / np.where(true > 0, true, 1))[true > 0]) > 0.99


@pytest.mark.parametrize(("dim", "width"), [(40, 7), (700, 31), (700, 255)])
def test_an_image_is_off_by_no_more_than_its_lean(dim, width):
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(dim, width)))[0].astype(np.float32)
    vectors = rng.normal(size=(300, dim)).astype(np.float32)
    frame = frame_of(prepare(vectors, "l2", np.arange(300)), np.arange(300), np.float32)
    lean = pca_prefix._lean(basis)
    prefix = pca_prefix.PcaPrefix(frame.cloud, np.float32, None, basis=basis, lean=lean)
    rows = frame.rows[:, :-2]
    image = prefix._image(rows)[:, :-2].astype(np.float64)
    left, _, right = np.linalg.svd(basis.astype(np.float64), full_matrices=False)
    exact, rows = left @ right, rows.astype(np.float64)  # the nearest orthonormal matrix
    leading = rows @ exact
    rest = np.linalg.norm(rows - leading @ exact.T, axis=1)
    off = np.linalg.norm(image - np.column_stack((leading, rest)), axis=1)
    assert (off <= lean * np.linalg.norm(rows, axis=1)).all()
    assert off.max() > 0
    assert lean < 0.02
