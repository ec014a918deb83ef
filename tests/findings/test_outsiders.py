"""Sets that somebody else thought of, and that were told wrongly once."""

import numpy as np
import pytest

import embaudit


def diagnosis(vectors, labels, **options):
    options = {"measures": "precision_at_1,collapse_state", "threads": 1, **options}
    return embaudit.audit(vectors, labels.tolist(), **options).diagnosis


def found(told):
    return {one.id: one for one in told.findings}


@pytest.mark.parametrize("classes", [2, 6, 12])
def test_opposite_modes_of_classes_are_no_two_spaces(classes):
    rng = np.random.default_rng(classes)
    means, labels = rng.normal(size=(classes, 32)), np.repeat(np.arange(classes), 40)
    side = rng.choice([-1, 1], len(labels))
    told = diagnosis(means[labels] * side[:, None] + rng.normal(0, 0.2, (len(labels), 32)), labels)
    assert told.state == "healthy"
    assert "mixed_spaces" not in found(told)


@pytest.mark.parametrize("seed", range(6))
def test_scattered_modes_of_few_classes_are_no_two_spaces(seed):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(4), 30)
    means, mode = 2 * rng.normal(size=(4, 2, 32)), rng.integers(0, 2, len(labels))
    told = diagnosis(means[labels, mode] + rng.normal(0, 0.5, (len(labels), 32)), labels)
    assert "mixed_spaces" not in found(told)


@pytest.mark.parametrize("seed", range(4))
def test_classes_that_overlap_on_a_plane_get_no_advice_on_labels(seed):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(10), 60)
    means = rng.normal(size=(10, 2))
    told = diagnosis(means[labels] + rng.normal(0, 0.45, (len(labels), 2)), labels)
    assert told.state == "overlapping"
    assert "suspect_labels" not in found(told)


@pytest.mark.parametrize("merged", [3, 10])
def test_some_classes_that_have_merged_are_named(merged):
    rng = np.random.default_rng(4)
    labels = np.repeat(np.arange(30), 20)
    means = rng.normal(size=(30, 48))
    means[:merged] = means[0]
    noise = np.where(labels < merged, 0.005, 0.4)[:, None]
    told = diagnosis(means[labels] + noise * rng.normal(size=(len(labels), 48)), labels)
    assert found(told)["collapse_warning"].evidence["classes"] == list(range(merged))
    assert "close to a point collapse" in told.reason


def test_rows_whose_label_means_none_are_no_matter_of_labels():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(20), 40)
    vectors = 3 * rng.normal(size=(20, 32))[labels] + rng.normal(size=(len(labels), 32))
    labels[rng.choice(len(labels), 60, replace=False)] = -1
    told = diagnosis(vectors, labels)
    assert told.state == "healthy"
    assert [one.id for one in told.findings[:2]] == ["sentinel_labels", "suspect_labels"]
    assert found(told)["suspect_labels"].mark == "note"


def test_a_time_stamp_under_cosine_is_no_dead_dimension():
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(20), 30)
    vectors = rng.normal(size=(20, 48))[labels] + rng.normal(0, 0.3, (len(labels), 48))
    vectors[:, 47] = 1.7e9 + rng.uniform(0, 1e7, len(labels))
    told = found(diagnosis(vectors, labels, metric="cosine"))
    assert "constant_dimensions" not in told
    assert told["rogue_dimensions"].evidence["dimensions"] == [47]
    vectors[:, 47] = 1.7e9
    assert "constant_dimensions" in found(diagnosis(vectors, labels, metric="cosine"))


def test_of_rows_far_off_it_is_said_what_they_change():
    rng = np.random.default_rng(2)
    labels = np.repeat(np.arange(10), 30)
    vectors = rng.normal(size=(10, 16))[labels] + rng.normal(0, 0.2, (len(labels), 16))
    without = embaudit.audit(np.delete(vectors, 7, 0), np.delete(labels, 7).tolist(), threads=1)
    vectors[7] *= 500
    told = found(diagnosis(vectors, labels))["stray_rows"].evidence
    usual = without.measures["rms_pair_distance"].value
    assert told["rms_pair_distance_without"] == pytest.approx(usual, rel=0.01)
    assert told["rms_pair_distance"] > 10 * usual
