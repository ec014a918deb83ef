"""The forecast of an audit's time: it grows with the work, and shrinks with those who share it."""

import re
from itertools import pairwise

import numpy as np
import pytest

from embaudit.cluster.worker_costs import WorkerCosts
from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.planning import duration
from embaudit.planning.expected_probes import probes_of
from embaudit.planning.search_plan import SMALL, plan_for
from embaudit.search import cost_constants, distinct_in_classes, scan_anchors
from tests.planning.test_search_plan import ASKED, DIMS, GRID, LARGE, ROWS, most_rows

CLASSES = 7


def seconds(rows, dim, asked, threads=1):
    return duration.seconds(plan_for(rows, dim, asked), CLASSES, threads=threads)


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize(("asked", "sizes"), [("exact", ROWS), ("approximate", LARGE)])
def test_more_rows_take_longer(asked, sizes, dim):
    forecast = [seconds(rows, dim, asked) for rows in sizes]
    assert all(few < more for few, more in pairwise(forecast))


@pytest.mark.parametrize(("asked", "sizes"), [("exact", ROWS), ("approximate", LARGE)])
def test_more_dims_take_longer(asked, sizes):
    for rows in sizes:
        forecast = [seconds(rows, dim, asked) for dim in DIMS]
        assert all(few < more for few, more in pairwise(forecast))


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(("rows", "dim"), GRID)
def test_more_threads_take_less(rows, dim, asked):
    forecast = [seconds(rows, dim, asked, threads) for threads in (1, 2, 4, 64)]
    assert all(few > more > 0 for few, more in pairwise(forecast))


@pytest.mark.parametrize("dim", DIMS)
def test_auto_turns_approximate_only_where_that_is_forecast_to_be_cheaper(dim):
    rows = max(most_rows(dim), SMALL) + 1
    assert seconds(rows, dim, "auto") < seconds(rows, dim, "exact")


@pytest.mark.parametrize("asked", ["exact", "approximate"])
def test_more_workers_take_less(asked):
    plan = plan_for(400_000, 64, asked)
    pools = map(WorkerCosts, (1, 2, 16, 256))
    forecast = [duration.seconds(plan, CLASSES, workers=workers) for workers in pools]
    assert all(few > more > 0 for few, more in pairwise(forecast))
    assert forecast[0] > duration.seconds(plan, CLASSES, threads=1)  # it has to be started


def test_a_gallery_and_no_labels_have_a_forecast():
    plain = duration.seconds(plan_for(100_000, 64), CLASSES)
    assert 0 < duration.seconds(plan_for(100_000, 64, gallery=1000), CLASSES) < plain
    assert 0 < duration.seconds(plan_for(100_000, 64, labels=False), 0) < plain


@pytest.mark.parametrize(
    ("noise", "small"),
    [
        (0.2, 6000),
        pytest.param(0.5, 6000, marks=pytest.mark.thorough),
        *[pytest.param(noise, SMALL, marks=pytest.mark.soak) for noise in (0.2, 0.5)],
    ],
)
def test_a_sample_tells_at_how_many_rows_anchors_look(noise, small, monkeypatch):
    """Within a factor of two: a search of scattered negatives looks at many times as many."""
    monkeypatch.setattr(cost_constants, "coded", lambda *_: np.inf)
    rng = np.random.default_rng(0)
    labels = rng.integers(60, size=3 * small)
    vectors = rng.normal(size=(60, 16))[labels] + noise * rng.normal(size=(len(labels), 16))
    data = EmbeddingSet.from_arrays(vectors.astype(np.float32), labels.tolist())
    points = prepare(data.vectors, "l2", data.rows)
    found = scan_anchors(data, points, approximate=True).how
    told = re.search(r"of (\d+) cells, ([\d,]+) on average", found)
    cells, looked = int(told[1]), int(told[2].replace(",", ""))
    part = np.sort(rng.choice(len(labels), small, replace=False))
    some = EmbeddingSet.from_arrays(vectors[part].astype(np.float32), labels[part].tolist())
    points = prepare(some.vectors, "l2", some.rows)
    distinct = distinct_in_classes(points, some.starts)
    estimate = probes_of(points, distinct, some.rows, len(labels))
    assert estimate.cells == pytest.approx(cells, rel=0.1)
    assert looked / 2 < estimate.share * len(labels) < 2 * looked
