"""Sampled intervals: they hold the full value about as often as they claim, or more often."""

from functools import cache

import numpy as np
import pytest

import embaudit
from embaudit.evidence import Budget
from embaudit.verbs import run_context
from tests import oracle
from tests.combined import in_part
from tests.measures.measured import SAMPLED, measured
from tests.sets import SETS

SEEDS = range(30)
RANKED = ("violated_triplets", "tied_triplets", "separation_auc", "r_precision", "map_at_r")


@pytest.fixture
def frugal(monkeypatch):
    """A budget that leaves no small set to be counted fully."""
    monkeypatch.setattr(run_context, "STANDARD", SAMPLED)


@pytest.mark.parametrize("name", in_part(["blobs", "one_class_of_nine_tenths", "lattice_int8"], 3))
def test_a_sample_of_anchors_holds_the_full_value(name):
    case = SETS[name](300)
    expected = oracle.separation(oracle.scan(case.vectors, case.labels))
    samples = [
        measured(case.vectors, case.labels, RANKED, seed=seed, budget=SAMPLED) for seed in SEEDS
    ]
    for measure in RANKED:
        truth, found = expected[measure], [sample[measure] for sample in samples]
        assert {reading.kind for reading in found} == {"sampled"}
        assert all(0 <= r.lower <= r.value <= r.upper <= 1 for r in found)
        # each misses with probability 1 % at most: three of thirty hardly ever
        assert sum(not r.lower <= truth <= r.upper for r in found) <= 2
        values = [reading.value for reading in found]
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert abs(np.mean(values) - truth) <= 4 * error + 1e-12, "biased"


def flipped(rows=3000, classes=10, flips=6):
    """Separated classes, of which a few labels are wrong: a small share of triplets violates."""
    rng = np.random.default_rng(5)
    labels = np.arange(rows) % classes
    vectors = 8 * np.eye(classes)[labels] + 0.3 * rng.normal(size=(rows, classes))
    labels[rng.choice(rows, flips, replace=False)] = rng.integers(classes, size=flips)
    return vectors, labels.tolist()


@cache
def violated_of_flipped():
    return oracle.separation(oracle.scan(*flipped()))["violated_triplets"]


def judged(rule, **options):
    report = embaudit.audit(*flipped(), measures=["separation_auc"], gate=rule, **options)
    return report.gate.rules[0].status, report.measures["violated_triplets"]


@pytest.mark.thorough
def test_anchors_are_drawn_until_a_limit_is_decided_or_the_stated_cost_is_reached(frugal):
    truth = violated_of_flipped()
    assert 0 < truth < 0.004
    for limit, status, drawn in (
        (0.2, "pass", 256),  # decided at once
        (0.02, "pass", 1024),
        (truth, "undecided", 1024),  # no sample can tell
    ):
        found, reading = judged(f"violated_triplets <= {limit}")
        assert found == status
        assert reading.reason == f"{drawn} of 3000 anchors drawn at random"
        assert reading.lower <= truth <= reading.upper


@pytest.mark.parametrize(
    "rule", ["worst_class.violated_triplets <= 0.3", "precision_at_1 >= 0.5", "d_iso <= 1"]
)
def test_no_anchors_are_drawn_for_what_they_cannot_decide(rule, frugal):
    report = embaudit.audit(*flipped(), measures=["separation_auc"], gate=rule)
    assert report.measures["separation_auc"].reason.startswith("256 of")


@pytest.mark.thorough
def test_drawing_on_depends_on_the_seed_alone(frugal):
    once = judged("violated_triplets <= 0.02", threads=1)
    assert judged("violated_triplets <= 0.02", threads=2, block_rows=33) == once
    assert judged("violated_triplets <= 0.02", seed=1)[1].value != once[1].value


def test_what_was_drawn_on_is_counted_as_if_drawn_at_once(frugal, monkeypatch):
    on = embaudit.audit(*flipped(), measures=RANKED, gate="violated_triplets <= 0.02")
    at_once = Budget(
        ranked_pairs=1024 * 3000, deciding=0, diameter=0, isometry=0, suspects=0, votes=0, pairs=0
    )
    monkeypatch.setattr(run_context, "STANDARD", at_once)
    directly = embaudit.audit(*flipped(), measures=RANKED)
    assert on.classes == directly.classes
    for measure in RANKED:
        assert on.measures[measure].value == directly.measures[measure].value


@pytest.mark.thorough
def test_a_sample_of_all_anchors_is_exact(monkeypatch):
    everything = Budget(
        ranked_pairs=0, deciding=1e12, diameter=0, isometry=0, suspects=0, votes=0, pairs=0
    )
    monkeypatch.setattr(run_context, "STANDARD", everything)
    truth = violated_of_flipped()
    status, reading = judged(f"violated_triplets <= {truth!r}")
    assert (status, reading.kind) == ("pass", "exact")
    assert reading.value == pytest.approx(truth)


@pytest.mark.soak
def test_strict_is_decided_on_many_rows_with_a_few_wrong_labels():
    vectors, labels = flipped(80_000, 16, 40)
    for seed in range(2):
        report = embaudit.audit(
            vectors.astype(np.float32), labels, measures="paper", gate="strict", seed=seed
        )
        assert report.gate.verdict == "pass"
        reading = report.measures["violated_triplets"]
        assert reading.kind == "sampled"
        assert reading.upper <= 0.02


def test_what_is_always_exact_stays_exact(frugal):
    # F, M, the nearest positive and precision@1 are exact in exact search, whatever the budget
    case = SETS["blobs"](400)
    readings = embaudit.audit(case.vectors, case.labels).measures
    expected = oracle.separation(oracle.scan(case.vectors, case.labels))
    for measure in ("violating_anchors", "hardest_triplet_loss", "precision_at_1", "recall_at_10"):
        assert readings[measure].kind == "exact"
        assert readings[measure].value == pytest.approx(expected[measure])


def test_over_budget_diameter_is_an_interval(frugal):
    case = SETS["blobs"](400)
    readings = embaudit.audit(case.vectors, case.labels, measures=["diameter"]).measures
    assert readings["diameter"].kind in ("exact", "certified")
    assert readings["diameter"].lower <= oracle.diameter(case.vectors) * (1 + 1e-12)
    assert readings["diameter"].upper >= oracle.diameter(case.vectors)


FORECAST = ("collapse_pressure", "batch_gap")


def balanced(classes=6, rows=4, dim=8, seed=3):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), rows)
    return rng.normal(size=(classes, dim))[labels] + rng.normal(size=(len(labels), dim)), labels


@pytest.mark.parametrize("margin", [0.0, 0.5])
def test_a_batch_of_the_whole_set_has_no_chance_in_it(margin):
    vectors, labels = balanced()
    readings = embaudit.audit(
        vectors, labels.tolist(), batch=(6, 4), margin=margin, measures=FORECAST
    ).measures
    for measure, value in zip(
        FORECAST, oracle.batch_pressure(vectors, labels, margin), strict=True
    ):
        reading = readings[measure]
        assert (reading.lower, reading.value, reading.upper) == pytest.approx((value,) * 3)


@pytest.mark.thorough
def test_batches_are_drawn_as_defined():
    # P classes x K rows, each class and each row equally likely; classes of one row are not drawn
    vectors, labels = balanced(classes=8, rows=6)
    vectors, labels = np.concatenate((vectors, vectors[:3] + 1)), [*labels.tolist(), 100, 101, 102]
    rng = np.random.default_rng(11)
    codes, drawn = np.array(labels), []
    for _ in range(1500):
        chosen = rng.choice(8, 4, replace=False)
        rows = np.concatenate(
            [rng.choice(np.flatnonzero(codes == c), 3, replace=False) for c in chosen]
        )
        drawn.append(oracle.batch_pressure(vectors[rows], codes[rows], 0.3))
    means, errors = np.mean(drawn, axis=0), np.std(drawn, axis=0) / np.sqrt(len(drawn))
    report = embaudit.audit(vectors, labels, batch="4x3", margin=0.3, measures=FORECAST)
    row = next(one for one in report.forecast if one.batch == 12)
    assert (row.classes_per_batch, row.samples_per_class, row.batch) == (4, 3, 12)
    outside = np.zeros(2)
    for seed in SEEDS:
        found = measured(vectors, labels, FORECAST, batch=(4, 3), margin=0.3, seed=seed)
        for at, measure in enumerate(FORECAST):
            reading = found[measure]
            assert reading.kind == "sampled"
            slack = 3 * errors[at]
            outside[at] += not reading.lower - slack <= means[at] <= reading.upper + slack
    assert outside.max() <= 2


def test_small_classes_give_what_they_have():
    vectors, labels = balanced(classes=5, rows=3)
    report = embaudit.audit(vectors, labels.tolist(), batch=(5, 50), measures=FORECAST)
    assert [one.batch for one in report.forecast if one.samples_per_class == 50] == [15]


def test_risk_is_pressure_unless_collapsed_already():
    vectors, labels = balanced()
    asked = ["collapse_risk", "collapse_pressure"]
    healthy = embaudit.audit(vectors, labels.tolist(), measures=asked).measures
    assert healthy["collapse_risk"].value == healthy["collapse_pressure"].value
    collapsed = embaudit.audit(np.ones_like(vectors), labels.tolist(), measures=asked).measures
    assert collapsed["collapse_risk"].value == 1
