"""Retrieval figures of each class and their mean over classes, against the definitions."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.evidence import Evidence, EvidenceOptions
from embaudit.gate import condition_of, judge
from embaudit.measures import MEASURES, classes_of
from embaudit.search import LocalExecutor
from tests import oracle
from tests.combined import in_part
from tests.measures.measured import BY_ID, SAMPLED
from tests.measures.test_approximate import clusters, forced, noisy
from tests.properties.test_scan import hostile

FIGURES = ("precision_at_1", "r_precision", "map_at_r")


def of_anchors(found):
    """{figure: (A, 3)} of every anchor: worst, expected, best order of rows equally far."""
    none, ties = found.closer_negatives == 0, found.tied_negatives
    chance = found.tied_positives / (found.tied_positives + ties)
    at_1 = np.stack((none & (ties == 0), np.where(none, chance, 0), none), axis=1)
    return dict(zip(FIGURES, (at_1, found.r_precision, found.average_precision_at_r), strict=True))


def truth(found, labels):
    """{figure: {label: (worst, expected, best)}}, the mean over the anchors of each class."""
    own = [labels[row] for row in found.anchors.tolist()]
    return {
        id: {
            label: values[[other == label for other in own]].astype(float).mean(axis=0)
            for label in dict.fromkeys(own)
        }
        for id, values in of_anchors(found).items()
    }


def told(row, id):
    """(lower, value, upper) of a figure of a class."""
    value, ends = getattr(row, id), getattr(row, f"{id}_ends")
    lower, upper = ends or (value, value)
    return lower, value, upper


def check(report, found, labels):
    """A report against the definition: every class, and the mean over classes."""
    expected = truth(found, labels)
    for id in FIGURES:
        for row in report.classes:
            if row.label not in expected[id]:
                assert told(row, id) == (None, None, None)
                continue
            assert told(row, id) == pytest.approx(expected[id][row.label], rel=1e-12, abs=1e-15)
        mean = np.mean(list(expected[id].values()), axis=0)
        reading = report.measures[f"macro_{id}"]
        assert (reading.lower, reading.value, reading.upper) == pytest.approx(mean, rel=1e-12)
        assert reading.kind == ("exact" if mean[0] == mean[2] else "certified")


def rare(seed=0):
    """One class of 300 rows, one of 2, one of a single row, others between; integers tie."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(6), (300, 40, 9, 3, 2, 1))).tolist()
    return rng.normal(size=(len(labels), 3)) + np.array(labels)[:, None], labels


@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_each_class_and_the_mean_over_classes_by_brute_force(metric):
    vectors, labels = rare()
    report = embaudit.audit(vectors, labels, metric=metric)
    check(report, oracle.scan(vectors, labels, metric), labels)
    single = next(row for row in report.classes if row.label == 5)
    assert single.precision_at_1 is single.r_precision is single.map_at_r is None


def test_ties_leave_a_class_between_its_worst_and_best_order():
    vectors, labels = rare()
    vectors = np.round(vectors)
    report = embaudit.audit(vectors, labels)
    check(report, oracle.scan(vectors, labels), labels)
    assert any(row.precision_at_1_ends for row in report.classes)
    assert "order" in report.measures["macro_precision_at_1"].reason


@settings(max_examples=60, deadline=None)
@given(hostile())
def test_whatever_the_set_each_class_is_as_defined(case):
    vectors, labels = case[:2]
    found = oracle.scan(vectors, labels)
    data = EmbeddingSet.from_arrays(np.asarray(vectors), list(labels))
    evidence = Evidence(data, EvidenceOptions(), LocalExecutor(1))
    expected = truth(found, list(labels))
    for row in classes_of(evidence):
        for id in FIGURES:
            if row.label in expected[id]:
                assert told(row, id) == pytest.approx(expected[id][row.label], rel=1e-12, abs=1e-15)


def test_rare_classes_move_the_macro_average_and_not_the_micro_one():
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1], (500, 4))
    vectors = rng.normal(size=(504, 8))
    vectors[500:] *= 0.1  # in the midst of the large class, apart from each other
    vectors[500:] += rng.normal(size=(4, 8))
    report = embaudit.audit(vectors, labels)
    assert report.measures["precision_at_1"].value > 0.97
    assert report.measures["macro_precision_at_1"].value < 0.75


def test_rows_of_ignored_labels_are_no_class_and_no_neighbour():
    vectors, labels = rare()
    report = embaudit.audit(vectors, labels, ignore_label=["1"])
    kept = [row for row, label in enumerate(labels) if label != 1]
    some = [labels[row] for row in kept]
    check(report, oracle.scan(vectors[kept], some), some)


def test_against_a_gallery_the_classes_are_those_of_the_queries():
    vectors, labels = rare()
    others, theirs = rare(1)
    report = embaudit.audit(vectors, labels, gallery=others, gallery_labels=theirs)
    check(report, oracle.scan_against(vectors, labels, others, theirs), labels)


def drawn(vectors, labels, seed, looks=None):
    data = EmbeddingSet.from_arrays(vectors, list(labels))
    options = EvidenceOptions(budget=SAMPLED, seed=seed)
    return Evidence(data, options, LocalExecutor(1))


@cache
def large():
    """More anchors than are drawn, of classes of 2 to 300 rows."""
    rng = np.random.default_rng(3)
    labels = rng.permutation(np.repeat(np.arange(60), np.geomspace(2, 300, 60).astype(int)))
    centres = rng.normal(size=(60, 6))
    vectors = centres[labels] + 0.7 * rng.normal(size=(len(labels), 6))
    return vectors, labels.tolist(), oracle.scan(vectors, labels.tolist())


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(3))
def test_drawn_anchors_bound_every_class_surely_and_the_mean_with_confidence(seed):
    vectors, labels, found = large()
    expected = truth(found, labels)
    evidence = drawn(vectors, labels, seed)
    assert evidence.drawn is not None
    for row in classes_of(evidence):
        for id in FIGURES:
            lower, value, upper = told(row, id)
            assert lower - 1e-12 <= expected[id][row.label][1] <= upper + 1e-12
            assert value is None or lower <= value <= upper
        assert row.precision_at_1_ends is None  # the scan knows it of all anchors
    for id in FIGURES[1:]:
        bound = BY_ID[f"macro_{id}"].of(evidence)
        true = np.mean([each[1] for each in expected[id].values()])
        assert bound.kind == "sampled"
        assert bound.lower <= true <= bound.upper
        assert bound.value == pytest.approx(true, abs=0.06)


@pytest.mark.thorough
def test_what_no_drawn_anchor_tells_is_absent_and_anything_between_its_ends():
    vectors, labels, _ = large()
    unranked = [row for row in classes_of(drawn(vectors, labels, 0)) if row.r_precision is None]
    assert unranked
    for row in unranked:
        lower, upper = row.r_precision_ends
        assert 0 <= lower < upper == 1


def test_separated_classes_are_known_without_ranking_all():
    vectors, labels = clusters(4000, 40, 1, 60, 0.1, 1)
    rows = classes_of(drawn(vectors, labels.tolist(), 0))
    assert {told(row, id) for row in rows for id in FIGURES} == {(1, 1, 1)}


@pytest.mark.thorough
def test_an_approximate_search_bounds_every_class_from_above(monkeypatch):
    vectors, labels = noisy()
    forced(monkeypatch)
    report = embaudit.audit(vectors, labels, search="approximate")
    assert not report.search.exact
    expected = truth(oracle.scan(vectors, labels.tolist(), graded=False), labels.tolist())
    for row in report.classes:
        lower, value, upper = told(row, "precision_at_1")
        assert lower <= expected["precision_at_1"][row.label][1] <= value == upper
    reading = report.measures["macro_precision_at_1"]
    true = np.mean([each[1] for each in expected["precision_at_1"].values()])
    assert reading.kind == "sampled"
    assert reading.lower <= true <= reading.upper


RULES = [
    ("worst_class.precision_at_1 >= {below}", "pass"),
    ("worst_class.precision_at_1 >= {above}", "fail"),
    ("precision_at_1 of class {worst} >= {below}", "pass"),
    ('precision_at_1 of class "{worst}" >= {above}', "fail"),
    ("precision_at_1 of class '{worst}' < {above}", "pass"),
    ("warn: r_precision of class {worst} >= 1", "warn"),
    ("map_at_r of class {worst} <= 1", "pass"),
    ("violated_triplets of class {worst} <= 1", "pass"),
    ("macro_precision_at_1 >= {below}", "pass"),
    ("precision_at_1 of class nobody >= 0.5", "undecided"),
    ("precision_at_1 of class 5 >= 0.5", "undecided"),
]


@pytest.mark.parametrize(("rule", "status"), in_part(RULES, 3))
def test_a_gate_asks_for_a_class(rule, status):
    vectors, labels = rare()
    report = embaudit.audit(vectors, labels)
    known = [row for row in report.classes if row.precision_at_1 is not None]
    worst = min(known, key=lambda row: row.precision_at_1)
    below, above = max(0.0, worst.precision_at_1 - 1e-3), worst.precision_at_1 + 1e-3
    text = rule.format(worst=worst.label, below=below, above=above)
    (found,) = judge([condition_of(text, MEASURES)], report).rules
    assert found.status == status, found
    if status == "undecided":
        assert "lass" in found.remedy
    if text.startswith("worst"):
        assert repr(worst.label) in found.remedy


@pytest.mark.thorough
def test_a_gate_on_a_class_is_decided_on_its_pessimistic_end():
    vectors, labels, _ = large()
    report = embaudit.audit(np.round(vectors), labels)
    row = next(one for one in report.classes if one.precision_at_1_ends)
    lower, upper = row.precision_at_1_ends
    rule = f"precision_at_1 of class {row.label} >= {(lower + upper) / 2}"
    (found,) = judge([condition_of(rule, MEASURES)], report).rules
    assert (found.status, found.observed) == ("undecided", (lower, upper))
    assert "equally far" in found.remedy
