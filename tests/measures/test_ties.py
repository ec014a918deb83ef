"""Where rows are equally far, no figure depends on which of them comes first in the input."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import embaudit
from embaudit.baseline.paired_comparison import paired_tests, right_neighbours
from embaudit.evidence import Evidence, EvidenceOptions, anchor_evidence
from embaudit.evidence.budget import STANDARD
from embaudit.measures import MEASURES
from embaudit.settings.settings import settings_of
from embaudit.verbs.audit import run
from embaudit.verbs.audit_request import request_of
from embaudit.verbs.set_from_arrays import set_of
from tests import oracle
from tests.measures.test_approximate import clusters, forced

RETRIEVAL = ("precision_at_1", "recall_at_5", "recall_at_10", "r_precision", "map_at_r")


def codes(rows=400, bits=24, classes=8, seed=0):
    """Binary codes: distances are square roots of small whole numbers."""
    rng = np.random.default_rng(seed)
    vectors = (rng.random((rows, bits)) < 0.5).astype(np.float32)
    return vectors, rng.integers(0, classes, rows).tolist()


def ends(reading):
    return reading.lower, reading.value, reading.upper


def audited(vectors, labels, **options):
    settings = settings_of(**{"measures": ",".join(RETRIEVAL), "threads": 1} | options)
    return run(set_of(vectors, labels, None, settings), settings, request_of(settings))


@cache
def truth():
    return oracle.retrieval(oracle.scan(*codes()))


@pytest.mark.parametrize("seed", range(3))
def test_no_order_of_rows_decides_a_figure(seed):
    vectors, labels = codes()
    order = np.random.default_rng(seed).permutation(len(labels))
    report = embaudit.audit(vectors[order], np.array(labels)[order])
    for id in RETRIEVAL:
        reading = report.measures[id]
        assert reading.kind == "certified"
        assert "order" in reading.reason
        assert ends(reading) == pytest.approx(truth()[id], rel=1e-12)


def test_rows_that_are_all_equal_are_found_by_lot():
    report = embaudit.audit(np.ones((100, 3)), np.repeat([0, 1], [90, 10]))
    by_lot = (90 * 89 / 99 + 10 * 9 / 99) / 100
    for id in ("precision_at_1", "r_precision"):
        assert report.measures[id].value == pytest.approx(by_lot)
    assert ends(report.measures["precision_at_1"])[::2] == (0, 1)
    assert report.collapse.class_ == "collapsed"


def test_without_ties_the_figures_are_exact():
    vectors, labels = np.random.default_rng(0).normal(size=(200, 4)), np.arange(200) % 9
    for id in RETRIEVAL:
        assert embaudit.audit(vectors, labels).measures[id].kind == "exact"


def test_a_gate_decides_on_the_worst_order():
    vectors, labels = codes()
    worst, expected, _ = truth()["precision_at_1"]
    limit = (worst + expected) / 2
    report = embaudit.audit(vectors, labels, gate=f"precision_at_1 >= {limit}")
    assert report.gate.rules[0].status == "undecided"


def test_a_sample_of_anchors_encloses_every_order(monkeypatch):
    """R-precision and MAP@R of drawn anchors: each end is that of its own order."""
    vectors, labels = codes()
    monkeypatch.setattr(anchor_evidence, "LEAST_RANKED", 64)
    data = set_of(vectors, labels, None, settings_of())
    for seed in range(5):
        evidence = Evidence(
            data, EvidenceOptions(seed=seed, budget=replace(STANDARD, ranked_pairs=1.0))
        )
        assert evidence.drawn is not None
        for values, id in (
            (evidence.ranks.r_precision, "r_precision"),
            (evidence.ranks.average_precision, "map_at_r"),
        ):
            found = evidence.over_orders(values)
            assert found.kind == "sampled"
            assert found.lower <= truth()[id][0]
            assert found.upper >= truth()[id][2]


def test_an_approximate_search_keeps_ties_between_its_ends(monkeypatch):
    forced(monkeypatch)
    vectors, labels = clusters(3000, 8, 3, 2, 1, 2, dim=5)
    vectors, labels = np.round(vectors), labels.tolist()
    evidence = Evidence(
        set_of(vectors, labels, None, settings_of()), EvidenceOptions(approximate=True)
    )
    assert evidence.search_recall is not None
    expected = oracle.retrieval(oracle.scan(vectors, labels, graded=False))
    for measure in (one for one in MEASURES if one.id in RETRIEVAL[:3]):
        reading, (worst, _, best) = measure.of(evidence), expected[measure.id]
        assert reading.kind == "sampled"
        assert worst < best
        assert reading.lower <= worst + 1e-12
        assert reading.upper >= best - 1e-12
        assert reading.lower <= reading.value <= reading.upper


def test_the_table_of_anchors_counts_ties():
    vectors, labels = codes()
    one = audited(vectors, labels)
    table = one.anchors()
    right, _ = right_neighbours(table)
    assert right.mean() == pytest.approx(truth()["precision_at_1"][1], rel=1e-12)
    order = np.random.default_rng(1).permutation(len(labels))
    other = audited(vectors[order], np.array(labels)[order]).anchors()
    for name in ("closer_positives", "closer_negatives", "tied_positives", "tied_negatives"):
        assert np.array_equal(np.asarray(table[name])[order], np.asarray(other[name])), name


def test_the_paired_test_is_of_the_measure_and_of_no_order():
    """Rows keep their places, and so their groups; only who wins a tie could differ."""
    before, after = (audited(*codes(600, bits=10, classes=12, seed=seed)) for seed in (0, 1))
    tables = before.anchors(), after.anchors()
    found = paired_tests(*tables, 600)["precision_at_1"]
    values = [one.report.measures["precision_at_1"].value for one in (before, after)]
    assert found.change == pytest.approx(values[1] - values[0], abs=1e-12)
    # equal rows of a class trade places: nothing that is told of either changes
    swapped = [dict(table) for table in tables]
    for table in swapped:
        for name in ("nearest_positive", "nearest_negative"):
            mixed = np.asarray(table["tied_positives"]) + np.asarray(table["tied_negatives"]) > 1
            alone = np.asarray(table["closer_negatives"]) != 1
            alone &= np.asarray(table["closer_positives"]) != 1
            table[name] = np.where(mixed & alone, np.asarray(table["row"])[::-1], table[name])
    again = paired_tests(*swapped, 600)["precision_at_1"]
    assert (again.lower, again.upper) == (found.lower, found.upper)


def test_a_table_from_before_ties_were_counted_is_no_base_for_a_test():
    table = dict(audited(*codes(600, classes=12)).anchors())
    old = {name: values for name, values in table.items() if not name.startswith("tied_")}
    assert "precision_at_1" not in paired_tests(old, table, 600)
    assert "violated_triplets" in paired_tests(old, table, 600)
