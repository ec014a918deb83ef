"""Rows by themselves: lengths and strays."""

import warnings

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.evidence.norms_and_outliers import row_statistics_of


@pytest.mark.parametrize(
    ("vectors", "constant"),
    [
        (np.zeros((6, 3)), True),
        (np.eye(6), True),
        (np.vstack([np.zeros((2, 4)), np.eye(4)]), True),  # rows of zeros have no length to tell
        (np.diag([1.0, 2, 3, 4, 5, 6]), False),
    ],
)
def test_rows_are_as_long_as_each_other_or_not_and_no_warning_is_shown(vectors, constant):
    points = prepare(vectors, "l2", np.arange(len(vectors)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert row_statistics_of(points, np.array([0, len(vectors)])).constant_length is constant
