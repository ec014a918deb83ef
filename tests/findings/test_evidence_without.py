"""What precision@1 is of the rows that a fault of rows leaves alone."""

import numpy as np
import pytest

import embaudit
from tests.zoo.sets import make


@pytest.mark.parametrize(
    ("name", "id"), [("placeholder_strong", "repeated_vector"), ("zero_rows_strong", "zero_rows")]
)
@pytest.mark.thorough
def test_it_is_that_of_the_other_rows_by_hand(name, id):
    one = make(name)
    found = embaudit.audit(one.x, one.y.tolist(), threads=1, **one.options).diagnosis
    (fault,) = [finding for finding in found.findings if finding.id == id]
    x = one.x.astype(float)
    apart = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    first = fault.evidence["rows"][0]  # 200 are listed at most, and all hold the same vector
    others = np.flatnonzero((x != x[first]).any(axis=1))
    assert len(x) - len(others) == fault.evidence["count"]
    right = []
    for row in others:  # of rows that are equally near, as one is expected
        near = np.flatnonzero(apart[row] == apart[row].min())
        right.append(float((one.y[near] == one.y[row]).mean()))
    assert fault.evidence["precision_at_1_without"] == pytest.approx(np.mean(right))
