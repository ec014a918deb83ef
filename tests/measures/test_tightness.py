"""How tight the intervals of d_iso and d_haus are with effort 1, on the documented generator."""

import numpy as np
import pytest

import embaudit
from tests.generators import READINGS

pytestmark = pytest.mark.soak

SEEDS = 10
HAUS = {"unlearned": 1.65, "blobs": 1.15}


def ratios(make, rows, dim, seed):
    """Upper over lower end of (d_iso, d_haus); 1 where both are 0."""
    vectors, labels = make(rows, dim, seed)
    readings = embaudit.audit(
        vectors, labels.tolist(), measures=["d_iso", "d_haus"], effort=1, threads=1
    ).measures
    ends = [(readings[m].lower, readings[m].upper) for m in ("d_iso", "d_haus")]
    return [1.0 if upper == 0 else upper / lower for lower, upper in ends]


def worst(reading, rows, dim, seeds):
    found = np.array([ratios(READINGS[reading], rows, dim, seed) for seed in range(seeds)])
    isometric, hausdorff = found.max(axis=0)
    print(
        f"\n{reading:28} N = {rows:5} n = {dim:3}  worst of {seeds:2}:"
        f"  d_iso {isometric:.3f}  d_haus {hausdorff:.3f}",
        flush=True,
    )
    return isometric, hausdorff


@pytest.mark.parametrize("dim", [8, 128])
@pytest.mark.parametrize("reading", READINGS)
def test_a_batch_of_72(reading, dim):
    isometric, hausdorff = worst(reading, 72, dim, SEEDS)
    assert isometric <= 1.05
    assert hausdorff <= HAUS[reading.split(",")[0]]


@pytest.mark.parametrize(("rows", "dim"), [(72, 2), (72, 3), (20, 8), (20, 128)])
@pytest.mark.parametrize("reading", READINGS)
def test_other_shapes_for_information(reading, rows, dim):
    assert min(worst(reading, rows, dim, SEEDS)) >= 1


@pytest.mark.parametrize(("rows", "dim"), [(200, 8), (200, 128), (400, 8), (400, 128)])
@pytest.mark.parametrize("reading", READINGS)
def test_larger_batches_for_information(reading, rows, dim):
    assert min(worst(reading, rows, dim, 2)) >= 1


def test_a_large_batch():
    isometric, hausdorff = worst("unlearned, classes of four", 1800, 128, 1)
    assert isometric <= 1.15
    assert hausdorff <= 1.9
