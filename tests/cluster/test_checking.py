"""Workers that lie are found out: by what an answer says of itself, or by a part done again."""

from dataclasses import replace

import numpy as np
import pytest

from embaudit.cli import EXIT_CODES
from embaudit.errors import ClusterErred
from tests.cluster.test_distributed_executor import both, client, saved  # noqa: F401 - client is a fixture
from tests.combined import in_part

pytest.importorskip("distributed")

from embaudit.cluster import worker_tasks


def violated_zeroed(found, *_):
    nothing = np.zeros_like(found.violated)
    return replace(found, violated=nothing, as_positive=np.zeros_like(found.as_positive))


def shares_doubled(found, *_):
    return replace(found, r_precision=np.minimum(1, 2 * found.r_precision))


def blame_moved(found, *_):
    return replace(found, as_positive=found.as_positive[::-1].copy())


def of_others(found, *_):
    return replace(found, anchors=found.anchors[::-1].copy())


@pytest.mark.parametrize(
    "lie", in_part([violated_zeroed, shares_doubled, blame_moved, of_others], 4)
)
@pytest.mark.parametrize("scanned", [True, False])
def test_of_ranks(tmp_path, client, monkeypatch, lie, scanned):  # noqa: F811
    subject, many = both(saved(tmp_path), client)
    plain = worker_tasks.ranks
    anchors = np.flatnonzero(many.scan(subject, approximate=False, seed=0).anchor)
    many._scan = many._scan if scanned else None
    monkeypatch.setattr(worker_tasks, "ranks", lambda *asked: lie(plain(*asked)))
    with pytest.raises(ClusterErred, match="ranks"):
        many.ranks(subject, anchors)
    assert EXIT_CODES[ClusterErred] == 6


def no_negatives(patches):
    """Bounds that hide what other blocks hold."""
    return tuple(
        replace(one, values=tuple(np.full_like(values, np.inf) for values in one.values))
        if one.rows != one.others
        else one
        for one in patches
    )


def further(settled, *_):
    found = settled.negatives
    return replace(settled, negatives=replace(found, d2_nearest=4 * found.d2_nearest))


def never_closer(settled, *_):
    found = settled.negatives
    return replace(settled, negatives=replace(found, closer=np.zeros_like(found.closer)))


def nearer(settled, *_):
    found = settled.positives
    return replace(
        settled,
        positives=replace(
            found, furthest=found.nearest.copy(), d2_furthest=found.d2_nearest.copy()
        ),
    )


def nothing(*_):
    return None


@pytest.mark.parametrize(
    ("task", "lie"),
    in_part(
        [
            ("measure", no_negatives),
            ("settle", further),
            ("settle", never_closer),
            ("settle", nearer),
            ("settle", nothing),
        ]
    ),
)
def test_of_an_exact_scan(tmp_path, client, monkeypatch, task, lie):  # noqa: F811
    subject, many = both(saved(tmp_path), client)
    plain = getattr(worker_tasks, task)
    monkeypatch.setattr(worker_tasks, task, lambda *asked: lie(plain(*asked)))
    with pytest.raises(ClusterErred):
        many.scan(subject, approximate=False, seed=0)


def second_ones(found, *_):
    """Each but the nearest of them: true rows at true distances."""
    return replace(found, rows=np.roll(found.rows, -1, 1), d2=np.roll(found.d2, -1, 1))


def themselves(found, *_):
    return replace(found, d2=np.zeros_like(found.d2))


@pytest.mark.parametrize("lie", [second_ones, themselves, nothing])
def test_of_nearest_rows(tmp_path, client, monkeypatch, lie):  # noqa: F811
    subject, many = both(saved(tmp_path), client)
    plain = worker_tasks.neighbours
    monkeypatch.setattr(worker_tasks, "neighbours", lambda *asked: lie(plain(*asked)))
    with pytest.raises(ClusterErred, match="nearest rows"):
        many.neighbours(subject, np.arange(subject.data.size), 3)


def unseen(known):
    """As if no negative had been met."""
    none = np.zeros_like(known.closer)
    return replace(known, nearest=none - 1, d2=np.full_like(known.d2, np.inf), closer=none)


@pytest.mark.parametrize(
    ("task", "lie"),
    in_part(
        [
            ("positives", nothing),
            ("nearest_centres", lambda found: [np.zeros_like(one) for one in found]),
            ("everywhere", unseen),
            ("in_cells", lambda found: (unseen(found[0]), found[1])),
            ("in_cells", lambda found: (None, found[1])),
        ]
    ),
)
def test_of_an_approximate_scan(tmp_path, client, monkeypatch, task, lie):  # noqa: F811
    rng = np.random.default_rng(1)
    labels = rng.integers(7, size=7000)
    vectors = 3 * rng.normal(size=(7, 16))[labels] + 0.1 * rng.normal(size=(7000, 16))
    np.save(tmp_path / "x.npy", vectors.astype(np.float32))
    np.save(tmp_path / "y.npy", labels)
    subject, many = both(tmp_path, client)
    plain = getattr(worker_tasks, task)
    monkeypatch.setattr(worker_tasks, task, lambda *asked: lie(plain(*asked)))
    with pytest.raises(ClusterErred):
        many.scan(subject, approximate=True, seed=3)


def test_of_which_rows_are_looked_at_again_no_seed_tells(tmp_path, client):  # noqa: F811
    rows = np.arange(10**6)
    drawn = [both(saved(tmp_path), client)[1].referee._drawn(rows).tolist() for _ in range(2)]
    assert drawn[0] != drawn[1]
