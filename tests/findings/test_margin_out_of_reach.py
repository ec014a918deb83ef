"""A margin beside the lengths of rows."""

import warnings

import numpy as np

import embaudit


def test_of_zero_rows_alone_every_margin_is_out_of_reach_and_no_warning_is_shown():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = embaudit.audit(np.zeros((12, 3)), [0, 1, 2] * 4, margin=0.5)
    found = {one.id: one.evidence for one in report.diagnosis.findings}
    assert found["margin_out_of_reach"]["largest_distance"] == 0
