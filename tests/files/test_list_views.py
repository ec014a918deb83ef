"""Lists that are views of one array of values, in any order: the same lists as plain ones."""

import pyarrow as pa
import pytest

from embaudit.files.arrow.list_columns import plain_lists

VALUES = pa.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
VIEWS = {  # offsets and sizes
    "in_order": ([0, 2, 4], [2, 2, 2]),
    "reversed": ([4, 2, 0], [2, 2, 2]),
    "overlapping": ([0, 1, 2], [2, 2, 2]),
    "one_for_all": ([3, 3, 3], [2, 2, 2]),
    "ragged": ([5, 0, 1], [1, 0, 3]),
}


@pytest.mark.parametrize("kind", [pa.ListViewArray, pa.LargeListViewArray])
@pytest.mark.parametrize("name", VIEWS)
def test_views_are_the_lists_that_they_show(name, kind):
    wide = pa.int64() if kind is pa.LargeListViewArray else pa.int32()
    offsets, sizes = (pa.array(one, wide) for one in VIEWS[name])
    views = kind.from_arrays(offsets, sizes, VALUES)
    shown = views.to_pylist()
    assert plain_lists(views).to_pylist() == shown
    assert plain_lists(views.slice(1)).to_pylist() == shown[1:]
    masked = kind.from_arrays(offsets, sizes, VALUES, mask=pa.array([False, True, False]))
    assert plain_lists(masked).to_pylist() == [shown[0], None, shown[2]]
