"""The verdict is of the set: in another order, under other names, scaled, turned and moved."""

import numpy as np
import pytest

import embaudit
from tests.combined import in_part
from tests.zoo.sets import make

SAME = (
    "plain", "two_groups_apart", "hash_codes", "six_dimensions_of_768", "overlap_middle",
    "flips_middle", "placeholder_middle", "one_dimension_times_middle", "stray_middle",
    "two_models_at_random_middle",
)  # fmt: skip


def seen(x, y, **options):
    """State and serious findings: what a person acts on."""
    options = {"measures": "violated_triplets", "threads": 1} | options
    diagnosis = embaudit.audit(x, y.tolist(), **options).diagnosis
    serious = {one.id for one in diagnosis.findings if one.mark in ("bad", "warning")}
    return diagnosis.state, serious


def rewritten(y):
    """Another order, and names for the classes."""
    order = np.random.default_rng(1).permutation(len(y))
    names = np.array([f"class {code * 7 % 101}" for code in range(y.max() + 1)])
    return order, names


@pytest.mark.parametrize("name", in_part(SAME, 4, 1))
def test_the_verdict_is_of_the_set_and_not_of_how_it_is_written(name):
    """All that changes nothing at once, and what changes rounding: each alone is for soak."""
    one = make(name)
    x, y, rng = one.x.astype(np.float64), one.y, np.random.default_rng(1)
    as_given = seen(x, y)
    order, names = rewritten(y)
    assert seen((1000.0 * x)[order].astype(np.float32), names[y][order], threads=2) == as_given
    axes = "one_dimension" not in name  # which a rotation mixes with others
    if axes and name != "six_dimensions_of_768":
        turned = np.linalg.qr(rng.normal(size=(x.shape[1],) * 2))[0]
        assert seen(x @ turned + 3 * rng.normal(size=x.shape[1]), y) == as_given


@pytest.mark.soak
@pytest.mark.parametrize("name", SAME)
def test_the_verdict_is_the_same_in_each_way_to_write_it(name):
    one = make(name)
    x, y = one.x.astype(np.float64), one.y
    as_given = seen(x, y)
    order, names = rewritten(y)
    assert seen(x[order], y[order]) == as_given
    assert seen(x, names[y]) == as_given
    assert seen(x * 2.0**-12, y) == as_given
    assert seen(x * 1000.0, y) == as_given
    assert seen(x.astype(np.float32), y) == as_given
    assert seen(x, y, threads=2) == as_given
