"""The collapse state: each kind on a set that shows it and nothing else, by its thresholds."""

import numpy as np
import pytest

import embaudit
from tests import oracle
from tests.combined import in_part
from tests.measures.audited import audited
from tests.sets import thorough_cases

STATES = ("none", "warning", "collapsed")


def healthy(rows=240, classes=8, dim=16, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(rows) % classes
    return 4 * rng.normal(size=(classes, dim))[labels] + rng.normal(size=(rows, dim)), labels


def collapse(vectors, labels, **options):
    return embaudit.audit(vectors, np.asarray(labels).tolist(), **options).collapse


def test_a_healthy_set_is_not_collapsed():
    for metric in ("l2", "cosine"):
        found = collapse(*healthy(), metric=metric, margin=0.2)
        assert (found.state, found.point, found.dimensional, found.class_) == ("none",) * 4


def test_point_by_rows_that_coincide_across_classes():
    vectors, labels = healthy()
    vectors[:40] = vectors[0]
    assert collapse(vectors, labels).point == "none"
    vectors[:200] = vectors[0]
    assert collapse(vectors, labels).point == "collapsed"


def test_copies_within_classes_are_no_collapse():
    vectors, labels = healthy(80)
    assert collapse(np.repeat(vectors, 3, axis=0), np.repeat(labels, 3)).state == "none"


def test_point_by_fewer_vectors_than_classes():
    rng = np.random.default_rng(0)
    labels = np.arange(240) % 8
    assert collapse(rng.normal(size=(7, 16))[rng.integers(0, 7, 240)], labels).point == "collapsed"


@pytest.mark.parametrize(
    "change", in_part([lambda x: x + 1e3, lambda x: 1e-6 * x, lambda x: -x], 3)
)
def test_l2_knows_no_offset_and_no_scale_nor_does_the_margin_matter(change):
    vectors, labels = healthy()
    found = collapse(change(vectors), labels, margin=1.0)
    assert (found.point, found.dimensional, found.class_) == ("none",) * 3


@pytest.mark.parametrize(("apart", "expected"), [(4.0, "none"), (0.0, "collapsed")])
def test_a_narrow_cone_is_a_point_only_where_classes_are_not_told_apart(apart, expected):
    rng = np.random.default_rng(0)
    labels = np.arange(240) % 8
    vectors = apart * rng.normal(size=(8, 16))[labels] + rng.normal(size=(240, 16))
    vectors += 200 * np.eye(16)[0]
    assert oracle.mean_cosine(vectors) > 0.98
    assert collapse(vectors, labels, metric="cosine").point == expected
    assert collapse(vectors, labels).point == "none"


@pytest.mark.thorough
def test_dimensional_by_directions_in_use():
    # eigenvalues above 1e-4 of the largest, against the 59 that 60 class means need
    rng = np.random.default_rng(0)
    labels = np.arange(1200) % 60
    vectors = 4 * rng.normal(size=(60, 64))[labels] + rng.normal(size=(1200, 64))
    for used, rest, expected in (
        (64, 1.0, "none"),
        (14, 1e-3, "collapsed"),  # below a quarter
        (20, 1e-3, "none"),
        (40, 0.0, "collapsed"),  # below three quarters, and nothing beyond
        (50, 0.0, "none"),
    ):
        scale = np.where(np.arange(64) < used, 1.0, rest)
        assert collapse(vectors * scale, labels).dimensional == expected, (used, rest)
    few = labels < 4  # C - 1 = 3: no count tells
    assert collapse((vectors * (np.arange(64) < 1))[few], labels[few]).dimensional == "none"


def test_a_direction_that_drowns_others_is_no_collapse_where_these_tell_the_classes():
    vectors, labels = healthy()
    rng = np.random.default_rng(1)
    vectors[:, 3] = 1e4 * rng.normal(size=240)
    assert collapse(vectors, labels).dimensional == "none"
    vectors[:, np.arange(16) != 3] = rng.normal(size=(240, 15))
    assert collapse(vectors, labels).dimensional == "collapsed"


@pytest.mark.parametrize("rows", in_part([1, 3], 2, 1))
def test_stray_rows_neither_make_nor_hide_a_collapse(rows):
    vectors, labels = healthy()
    vectors[:rows] *= 1e4
    assert collapse(vectors, labels).state == "none"
    rng = np.random.default_rng(0)
    point = np.ones((240, 16)) + 1e-9 * rng.normal(size=(240, 16))
    point[:rows] += 5 * rng.normal(size=(rows, 16))
    assert collapse(point, labels).state == "collapsed"


def test_class_collapse_means_that_the_classes_coincide():
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 50
    found = collapse(rng.normal(size=(400, 16)), labels)
    assert found.class_ == "collapsed"
    assert found.state == "collapsed"
    assert (found.point, found.dimensional) == ("none", "none")


def test_neural_collapse_is_good():
    # small within-class spread with distinct class means
    vectors, labels = healthy()
    means = np.array([vectors[labels == c].mean(axis=0) for c in range(8)])[labels]
    tight = means + 1e-3 * (vectors - means)
    assert collapse(tight, labels).state == "none"


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_the_state_is_the_worst_of_its_kinds(name, metric):
    report = audited(name, metric)
    shown = (report.collapse.point, report.collapse.dimensional, report.collapse.class_)
    ids = ("point_collapse", "dimensional_collapse", "class_collapse")
    assert tuple(STATES[int(report.measures[i].value)] for i in ids) == shown
    assert report.collapse.state == max(shown, key=STATES.index)
    assert report.measures["collapse_state"].value == STATES.index(report.collapse.state)


@pytest.mark.parametrize("seed", in_part([2, 3]))  # where the rows around it are no luckier
def test_a_rare_class_that_is_told_apart_by_luck_is_a_warning(seed):
    """Five rows amid a thousand: two that meet are 0.4 beyond chance, and chance does that."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(1000, 32)), np.zeros(1000, dtype=int)
    y[::200] = 1
    x[200] = x[0] + 1e-3
    report = embaudit.audit(x, y.tolist(), measures="adjusted_precision_at_1,class_collapse")
    assert report.measures["adjusted_precision_at_1"].value > 0.3
    assert report.collapse.class_ == "warning"
    x[y == 1] += 20
    assert embaudit.audit(x, y.tolist(), measures="class_collapse").collapse.class_ == "none"
