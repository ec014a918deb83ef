"""The collapse state: each kind on a set that shows it and nothing else, by its thresholds."""

import numpy as np
import pytest

import embaudit
from tests import oracle
from tests.measures.audited import audited, truth
from tests.sets import cases

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


def test_point_by_repeated_rows():
    # at least half of the rows byte-identical to another
    vectors, labels = healthy()
    vectors[:119] = vectors[0]
    assert collapse(vectors, labels).point == "none"
    vectors[:120] = vectors[0]
    assert collapse(vectors, labels).point == "collapsed"


def test_point_by_the_margin():
    vectors, labels = healthy()
    rms = oracle.rms_pair_distance(vectors)
    assert collapse(vectors, labels, margin=rms * 0.999).point == "none"
    assert collapse(vectors, labels, margin=rms * 1.001).point == "collapsed"


@pytest.mark.parametrize(
    ("metric", "cosine", "expected"),
    [
        ("cosine", 0.94, "none"),
        ("cosine", 0.96, "warning"),
        ("cosine", 0.992, "collapsed"),
        ("l2", 0.94, "none"),
        ("l2", 0.96, "warning"),
        ("l2", 0.992, "warning"),  # under l2 an offset alone is harmless
    ],
)
def test_point_by_the_mean_cosine(metric, cosine, expected):
    vectors, labels = healthy()
    vectors -= vectors.mean(axis=0)
    low, high = 0.0, 1e4  # an offset along one axis brings the mean cosine where it is wanted
    for _ in range(60):
        offset = (low + high) / 2
        moved = vectors + offset * np.eye(16)[0]
        low, high = (offset, high) if oracle.mean_cosine(moved) < cosine else (low, offset)
    assert collapse(moved, labels, metric=metric).point == expected


def test_dimensional_by_the_participation_ratio():
    # below 2 where min(C - 1, n) >= 4
    vectors, labels = healthy()
    flat = vectors * np.array([1.0, 0.3] + [0.01] * 14)
    assert oracle.participation_ratio(flat) < 2
    assert collapse(flat, labels).dimensional == "collapsed"
    assert collapse(flat[labels < 4], labels[labels < 4]).dimensional == "none"  # C - 1 = 3


def test_dimensional_warning_by_the_entropy_rank():
    # below 0.1 min(C - 1, n), without a participation ratio below 2
    rng = np.random.default_rng(0)
    labels = np.arange(600) % 60
    vectors = rng.normal(size=(600, 64)) * np.where(np.arange(64) < 4, 1.0, 1e-4)
    assert oracle.participation_ratio(vectors) > 2
    assert oracle.entropy_rank(vectors) < 0.1 * 59
    assert collapse(vectors, labels).dimensional == "warning"


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


def chance_of_a_right_neighbour(labels):
    """Mean over anchors of the share of positives among the other rows."""
    labels = list(labels)
    positives = [labels.count(label) - 1 for label in labels]
    anchors = [count for count in positives if count]
    return sum(anchors) / len(anchors) / (len(labels) - 1)


@pytest.mark.parametrize(("name", "metric"), cases())
def test_the_state_is_what_its_definition_says(name, metric):
    case, margin, found = truth(name, metric)
    report = audited(name, metric)
    values = oracle.separation(found)
    classes, dim = len(set(case.labels)), case.vectors.shape[1]
    rms = oracle.rms_pair_distance(case.vectors, metric)
    directed = case.vectors[np.abs(case.vectors.astype(float)).max(axis=1) > 0]
    cosine = oracle.mean_cosine(directed)
    if any(abs(cosine - edge) < 1e-9 for edge in (0.95, 0.99)) or name == "all_identical":
        pytest.skip("decided by rounding, or tested on its own")

    point = 1 if cosine >= 0.95 else 0
    if 2 * oracle.duplicate_rows(case.vectors) >= len(case.vectors) or rms < margin:
        point = 2
    if metric == "cosine" and cosine >= 0.99:
        point = 2
    available = min(classes - 1, dim)
    dimensional = 1 if oracle.entropy_rank(case.vectors, metric) < 0.1 * available else 0
    if available >= 4 and oracle.participation_ratio(case.vectors, metric) < 2:
        dimensional = 2
    chance = chance_of_a_right_neighbour(case.labels)
    blind = (values["precision_at_1"] - chance) / (1 - chance) <= 0.1
    by_class = 1 if values["separation_auc"] <= 0.75 or blind else 0
    few = blind or values["precision_at_1"] <= max(0.1, 3 / classes)
    if values["separation_auc"] <= 0.55 and few:
        by_class = 2
    expected = (point, dimensional, by_class)

    shown = (report.collapse.point, report.collapse.dimensional, report.collapse.class_)
    assert shown == tuple(STATES[state] for state in expected)
    assert report.collapse.state == STATES[max(expected)]
    ids = ("point_collapse", "dimensional_collapse", "class_collapse")
    assert tuple(report.measures[i].value for i in ids) == expected
    assert report.measures["collapse_state"].value == max(expected)


@pytest.mark.parametrize("seed", [2, 3])  # where the rows around it are no luckier
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
