"""Fewer rows than dimensions: the same figures as of the same rows in as few dimensions."""

import numpy as np
import pytest

import embaudit
from embaudit.planning.memory import Workload, needs_of_audit

ROWS, DIM = 60, 1100
LENGTHS = ("rms_pair_distance", "diameter", "thickness_intrinsic", "enclosing_radius", "d_haus")
COUNTS = ("entropy_rank", "participation_ratio", "affine_dimension", "nc1", "etf_distance")


def audited(vectors, metric):
    labels = (np.arange(ROWS) % 4).tolist()
    return embaudit.audit(vectors, labels, metric=metric, threads=1).measures


@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_figures_of_few_rows_are_those_in_their_own_span(metric, offset):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((ROWS, DIM)) * np.arange(1, DIM + 1) ** -0.3
    x += (np.arange(ROWS) % 4)[:, None] * rng.standard_normal(DIM) / 2 + offset
    own = x @ np.linalg.qr(x.T)[0]  # the rows as they are, in 60 dimensions
    wide, few = audited(x, metric), audited(own, metric)
    tolerance = 1e-9 if not offset else 1e-6
    for name in (*LENGTHS[:2], *COUNTS, "rankme"):
        assert wide[name].kind == few[name].kind, name
        assert wide[name].value == pytest.approx(few[name].value, rel=tolerance), name
    for name in LENGTHS[2:]:  # intervals, both of which hold the truth
        assert wide[name].lower <= few[name].upper * (1 + tolerance), name
        assert few[name].lower <= wide[name].upper * (1 + tolerance), name
        assert wide[name].upper == pytest.approx(few[name].upper, rel=0.01), name
    assert wide["thickness"].value == 0


def test_few_rows_of_very_many_dimensions_fit():
    work = Workload(120, 65_536, 4, "l2", classes=6)
    assert needs_of_audit(work).total < 1 << 30
