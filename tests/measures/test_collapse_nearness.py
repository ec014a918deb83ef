"""How near collapse is: d_haus over the enclosing radius."""

import numpy as np
import pytest

from tests import oracle
from tests.combined import in_part
from tests.measures.audited import audited, truth
from tests.measures.measured import measured
from tests.sets import thorough_cases

ASKED = ["collapse_nearness", "enclosing_radius", "d_haus"]


def read(vectors, labels, ids=ASKED, **options):
    return measured(vectors, labels, ids, **options)


def mixed(seed, rows=60, dim=5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, dim)), (np.arange(rows) % 4).tolist()


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_it_is_a_share_of_the_radius(name, metric):
    case, _, _ = truth(name, metric)
    readings = audited(name, metric).measures
    near, radius, moved = (readings[id] for id in ASKED)
    if near.kind == "undefined":
        assert radius.value == 0
        assert near.reason
        return
    assert 0 <= near.lower <= near.upper <= 1
    across = oracle.diameter(case.vectors, metric)
    assert across / 2 <= radius.upper * (1 + 1e-12)
    assert radius.lower <= across / np.sqrt(2) * (1 + 1e-12)  # Jung
    assert near.lower <= moved.lower / radius.upper * (1 + 1e-12)
    assert near.upper >= min(1, moved.upper / radius.lower) * (1 - 1e-12)


def test_separated_classes_are_as_far_as_can_be():
    points = np.concatenate((np.random.default_rng(0).normal(size=(20, 3)),) * 2)
    points[20:] += 100
    near = read(points, [0] * 20 + [1] * 20)["collapse_nearness"]
    assert near.kind == "exact"
    assert near.value == 0


def test_a_point_has_no_radius():
    readings = read(np.ones((8, 3)), [0, 1] * 4)
    assert readings["collapse_nearness"].kind == "undefined"
    assert "radius is 0" in readings["collapse_nearness"].reason
    assert readings["enclosing_radius"].value == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_rigid_motion_changes_rounding_only(seed):
    points, labels = mixed(seed)
    turn, _ = np.linalg.qr(np.random.default_rng(9).normal(size=(5, 5)))
    plain, moved = read(points, labels), read(points @ turn + 3.0, labels)
    # the radius is within its own interval; d_haus and what is made of it follow
    assert moved["enclosing_radius"].upper == pytest.approx(
        plain["enclosing_radius"].upper, rel=1e-5
    )
    for end in ("lower", "upper"):
        ours, theirs = (getattr(one["collapse_nearness"], end) for one in (plain, moved))
        assert ours == pytest.approx(theirs, rel=1e-3)


@pytest.mark.parametrize("exponent", [-300, -3, 1, 40])
def test_a_power_of_two_changes_no_bit(exponent):
    points, labels = mixed(1)
    plain, scaled = read(points, labels), read(np.ldexp(points, exponent), labels)
    ours, theirs = plain["collapse_nearness"], scaled["collapse_nearness"]
    assert (ours.lower, ours.upper, ours.value) == (theirs.lower, theirs.upper, theirs.value)


@pytest.mark.parametrize("effort", in_part([0, 1, pytest.param(3, marks=pytest.mark.soak)]))
def test_more_effort_only_tightens(effort):
    points, labels = mixed(2)
    ids = ("enclosing_radius", "collapse_nearness")
    less, more = (read(points, labels, ids, effort=some) for some in (effort, effort + 1))
    for id in ids:
        assert less[id].lower <= more[id].lower
        assert more[id].upper <= less[id].upper
