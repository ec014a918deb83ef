"""The explicit triplet-separated maps behind the upper ends of d_iso and d_haus."""

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.geometry.balls import enclosing_balls
from embaudit.geometry.mean_and_covariance import moments_of
from embaudit.geometry.witness_maps import apply, class_shrink
from tests import oracle
from tests.sets import SETS, thorough_cases


def nearest_other(centres):
    distances = np.sqrt(oracle.squared_distances_to_all(centres, np.arange(len(centres))))
    np.fill_diagonal(distances, np.inf)
    return distances.min(axis=1)


@pytest.mark.parametrize("stretch", [None, 0.0, 0.3])
@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_class_shrink_is_triplet_separated_and_as_near_as_it_says(name, metric, stretch):
    case = SETS[name](min(SETS[name].size, 200))
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    points = prepare(data.vectors, metric, data.rows)
    moments = moments_of(points, data.starts)
    balls = enclosing_balls(points, data.starts, moments.class_means)
    apart = nearest_other(balls.centres)
    witness = class_shrink(balls, apart, moments.mean, stretch)
    g = apply(witness, balls, moments.mean, points, data.codes)
    f = points.floats(slice(None))

    # Definition 1 with the slack that a witness keeps for its own rounding
    rounding = 1e-12 * max(1e-300, float(np.abs(g).max()))
    assert oracle.is_triplet_separated(g, data.codes) or _gap(g, data.codes) <= rounding
    moved = np.sqrt(oracle.left_to_right_sum((f - moments.mean - g) ** 2)).max()
    size = float(np.abs(f).max())
    assert moved <= witness.displacement * (1 + 1e-12) + 1e-15 * size
    # d_iso(f, g) <= 2 sup |f - g|
    assert oracle.isometric_distance(f, g) <= 2 * witness.displacement + 1e-12 * size


def _gap(points, codes):
    return float(oracle.scan(points, codes.tolist(), graded=False).gaps.max())


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_balls_enclose_their_classes(name, metric):
    case = SETS[name](min(SETS[name].size, 200))
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    points = prepare(data.vectors, metric, data.rows)
    centres = moments_of(points, data.starts).class_means
    balls = enclosing_balls(points, data.starts, centres)
    f = points.floats(slice(None))
    reach = np.sqrt(oracle.left_to_right_sum((f - balls.centres[data.codes]) ** 2))
    assert (reach <= balls.radii[data.codes]).all()
    # no worse than about the centroid it starts from
    start = np.sqrt(oracle.left_to_right_sum((f - centres[data.codes]) ** 2))
    worst = np.maximum.reduceat(start, data.starts[:-1])
    assert (balls.radii <= worst * (1 + 1e-9)).all()
