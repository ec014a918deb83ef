"""What is told of a set with a fault, and what is not told beside it."""

import json

import numpy as np
import pytest

import embaudit
from embaudit.findings import Found

TIGHT = 0.35  # spread of a class beside its distance to others: the nearest row is always right


def classes(rng, rows=600, dim=48, spread=TIGHT):
    y = rng.integers(0, 12, rows)
    return rng.normal(size=(12, dim))[y] + spread * rng.normal(size=(rows, dim)), y


def diagnosed(x, y, **options):
    options = {"measures": "violated_triplets", "threads": 1} | options
    diagnosis = embaudit.audit(x.astype(np.float32), y.tolist(), **options).diagnosis
    return diagnosis.state, {one.id: one for one in diagnosis.findings}


def test_a_dimension_that_drowns_tight_classes_is_a_fault():
    rng = np.random.default_rng(0)
    x, y = classes(rng, dim=96)
    x[:, 5] = 40 * rng.normal(size=len(y))
    state, found = diagnosed(x, y)
    told = found["rogue_dimensions"].evidence
    assert (state, told["dimensions"]) == ("check_input", [5])
    assert told["precision_at_1"] > 0.9  # which hides it
    assert told["auc"] < 0.7 < 0.95 < told["auc_without"]


def test_a_dimension_that_carries_the_classes_is_none():
    rng = np.random.default_rng(0)
    x, y = classes(rng)
    x[:, 5] = 10 * y
    state, found = diagnosed(x, y)
    assert (state, "rogue_dimensions" in found) == ("healthy", False)


def test_lengths_that_drown_tight_classes_are_told():
    rng = np.random.default_rng(0)
    x, y = classes(rng, dim=128)
    x *= np.exp(rng.uniform(-2, 2, size=(len(y), 1)))
    _, found = diagnosed(x, y)
    told = found["metric_mismatch"].evidence
    assert told["auc_other"] - told["auc"] > 0.1
    _, found = diagnosed(x, y, metric="cosine")
    assert "metric_mismatch" not in found


def test_a_row_far_off_makes_no_suspects_of_its_class():
    rng = np.random.default_rng(0)
    x, y = classes(rng, rows=240)
    x[77] *= 1e4
    state, found = diagnosed(x, y)
    assert found["stray_rows"].evidence["rows"] == [77]
    assert (state, "suspect_labels" in found) == ("check_input", False)


@pytest.mark.parametrize("fault", ["rogue_dimensions", "mixed_lengths"])
def test_no_label_advice_where_a_fault_decides_who_is_near(fault):
    rng = np.random.default_rng(0)
    x, y = classes(rng)
    if fault == "rogue_dimensions":
        x[:, 0] = np.arange(len(y)) / 12
    else:
        x[::2] /= np.linalg.norm(x[::2], axis=1, keepdims=True)
    y[:30] = (y[:30] + 1) % 12
    _, found = diagnosed(x, y)
    assert found[fault].mark == "bad"
    assert "suspect_labels" not in found


def test_a_few_live_units_are_a_collapse_and_no_labels_of_other_rows():
    rng = np.random.default_rng(0)
    x, y = np.zeros((900, 64)), rng.integers(0, 20, 900)
    x[:, :3] = np.maximum(rng.normal(size=(900, 3)), 0)
    x += 0.05 * (rng.random((900, 1)) < 0.5) * (x.sum(1, keepdims=True) == 0)
    _, found = diagnosed(x, y)
    assert {"collapsed"} <= found.keys()
    assert "misaligned_labels" not in found


@pytest.mark.parametrize(("apart", "told"), [(1.9, False), (2.5, True)])
def test_no_label_advice_where_classes_are_not_told_apart_without_the_suspects_either(apart, told):
    # as of a network that has hardly been trained: of its nearest rows half are wrong
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(20), 60)
    means = apart * rng.normal(size=(20, 12))
    x = means[y] + rng.normal(size=(len(y), 12)) * rng.uniform(0.5, 4, size=(len(y), 1))
    flips = rng.random(len(y)) < 0.03
    y[flips] = rng.integers(20, size=flips.sum())
    report = embaudit.audit(x, y.tolist())
    assert report.blame.rows["likely_mislabel"] > 0
    assert (report.measures["adjusted_precision_at_1"].value > 0.6) == told
    assert any(one.id == "suspect_labels" for one in report.diagnosis.findings) == told


def test_evidence_may_hold_what_numpy_gives():
    rows = np.arange(2)
    found = Found("", {"count": np.int64(3), "rows": rows, "by": [{"share": np.float32(0.5)}]})
    assert json.dumps(found.evidence) == '{"count": 3, "rows": [0, 1], "by": [{"share": 0.5}]}'
