"""The scatter within and between many classes against its definition."""

import numpy as np
import pytest

from embaudit.core.prepared_points import Points
from embaudit.geometry import class_mean_geometry
from embaudit.geometry.class_mean_geometry import ClassMeans
from embaudit.geometry.mean_and_covariance import moments_of


def set_of(kind, rows, dim, classes):
    rng = np.random.default_rng(0)
    codes = np.sort(np.concatenate((np.arange(classes), rng.integers(classes, size=rows))))
    x = rng.standard_normal((classes, dim))[codes] + rng.standard_normal((len(codes), dim)) / 2
    if kind == "thin":
        x[:, 0] *= 1e-4
    if kind == "tight":
        x = x[np.searchsorted(codes, codes)] + 1e-7 * rng.standard_normal(x.shape)
    if kind == "far off":
        x += 1e4
    if kind == "flat":
        x[:, : dim // 2] = 3.0
    return x, np.searchsorted(codes, np.arange(classes + 1))


@pytest.mark.parametrize("kind", ["round", "thin", "tight", "far off", "flat"])
@pytest.mark.parametrize(("dim", "classes"), [(30, 50), (60, 40)])
def test_scatter_of_many_classes_is_that_of_the_definition(kind, dim, classes, monkeypatch):
    monkeypatch.setattr(class_mean_geometry, "MANY", 8)
    monkeypatch.setattr(class_mean_geometry, "FEW", 8)
    x, starts = set_of(kind, 600, dim, classes)
    found = ClassMeans(Points(x), starts, moments_of(Points(x), starts))
    sizes = np.diff(starts)
    about = x - x.mean(axis=0)
    means = np.add.reduceat(about, starts[:-1], axis=0) / sizes[:, None]
    within = about - np.repeat(means, sizes, axis=0)
    centred = means - means.mean(axis=0)
    _, values, directions = np.linalg.svd(centred, full_matrices=False)
    kept = values > 1e-5 * values[0]
    assert found.spread == pytest.approx(values[kept], rel=1e-8)
    total, along = found.within
    assert total == pytest.approx(np.square(within).sum(), rel=1e-8)
    true = (np.square(within @ directions[kept].T).sum(axis=0) / values[kept] ** 2).sum()
    assert (along / found.spread**2).sum() == pytest.approx(true, rel=1e-7)
