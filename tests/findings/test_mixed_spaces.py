"""Rows of two networks in no order: found, and which; nothing of the kind is seen elsewhere."""

import numpy as np
import pytest

import embaudit

CLASSES, EACH, DIM = 24, 30, 128
WIDTHS = np.arange(1, DIM + 1) ** -0.6


def turned(rng):
    return np.linalg.qr(rng.normal(size=(DIM, DIM)))[0]


def embedded(rng, labels, places):
    """Rows about the places of their classes, as a network of its own turns and blurs them."""
    own = places + 0.2 * rng.normal(size=places.shape) * WIDTHS
    noise = rng.normal(size=(len(labels), DIM)) * WIDTHS
    return (own[labels] + 0.4 * noise @ turned(rng)) @ turned(rng)


def found_in(x, labels):
    options = {"measures": "violated_triplets", "threads": 1}
    diagnosis = embaudit.audit(x, labels.tolist(), **options).diagnosis
    return next((one for one in diagnosis.findings if one.id == "mixed_spaces"), None)


@pytest.mark.parametrize("share", [0.15, 0.5])
def test_rows_of_two_networks_in_no_order_are_told_apart(share):
    rng = np.random.default_rng(round(100 * share))
    labels = rng.permutation(np.repeat(np.arange(CLASSES), EACH))
    places = rng.normal(size=(CLASSES, DIM)) * WIDTHS
    second = rng.random(len(labels)) < share
    x = np.where(second[:, None], *(embedded(rng, labels, places) for _ in range(2)))
    found = found_in(x, labels)
    assert found is not None
    assert found.mark == "bad"
    assert found.evidence["share"] == pytest.approx(min(second.mean(), 1 - second.mean()), abs=0.03)
    assert found.evidence["precision_at_1_across"] < 0.2
    assert found.evidence["precision_at_1_within"] > 0.9
    assert "ranges" not in found.evidence
    few = np.flatnonzero(second if second.mean() < 0.5 else ~second)
    named = np.array(found.evidence["rows"])  # the first of them
    right = np.isin(named, few).mean()
    assert (right if share < 0.5 else max(right, 1 - right)) > 0.95


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_classes_of_two_modes_are_of_one_space(share):
    rng = np.random.default_rng(1)
    labels = rng.permutation(np.repeat(np.arange(CLASSES), EACH))
    second = rng.random(len(labels)) < share
    kinds = labels + CLASSES * second
    x = embedded(rng, kinds, rng.normal(size=(2 * CLASSES, DIM)) * WIDTHS)
    assert found_in(x, labels) is None


def test_two_domains_in_which_classes_lie_alike_are_of_one_space():
    rng = np.random.default_rng(2)
    labels = rng.permutation(np.repeat(np.arange(CLASSES), EACH))
    x = embedded(rng, labels, rng.normal(size=(CLASSES, DIM)) * WIDTHS)
    x[rng.random(len(labels)) < 0.4] += 2 * rng.normal(size=DIM)
    assert found_in(x, labels) is None


def test_of_many_classes_some_are_looked_at_and_it_is_said():
    rng = np.random.default_rng(3)
    labels = rng.permutation(np.repeat(np.arange(150), 14))
    places = rng.normal(size=(150, DIM)) * WIDTHS
    second = rng.random(len(labels)) < 0.4
    x = np.where(second[:, None], *(embedded(rng, labels, places) for _ in range(2)))
    found = found_in(x, labels)
    assert found is not None
    assert f"of {64 * 14:,} that were looked at" in found.headline
    assert found.evidence["share"] == pytest.approx(second.mean(), abs=0.05)
    assert np.isin(found.evidence["rows"], np.flatnonzero(second)).mean() > 0.95
