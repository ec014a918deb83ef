"""What pictures are drawn from counts every anchor once, and on the right side of 0."""

import numpy as np
import pytest

import embaudit

LINES = {
    "ties": ([0.0, 0, 0, 0, 0, 5], [0, 0, 1, 1, 2, 2]),  # five gaps are 0, one is 5
    "both sides": ([0.0, 1, 2, 10, 11, 3], [0, 0, 0, 1, 1, 1]),
    "separated": ([0.0, 1, 10, 11], [0, 0, 1, 1]),
    "all violate": ([0.0, 2, 1, 3], [0, 0, 1, 1]),
}


@pytest.mark.parametrize("name", LINES)
def test_bins_above_0_hold_the_anchors_that_violate(name):
    places, labels = LINES[name]
    report = embaudit.audit(np.array(places)[:, None], labels)
    found = report.distributions.gaps
    edges, counts = np.array(found.edges), np.array(found.counts)
    violating = report.measures["violating_anchors"].value * report.data.anchors
    assert counts[edges[:-1] >= 0].sum() == pytest.approx(violating)
    assert counts.sum() == report.data.anchors
    assert np.sum(report.distributions.distances.counts) == report.data.anchors
