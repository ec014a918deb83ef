"""The picture of lengths claims of each what its kind says, and no more."""

import pytest

from embaudit.core.intervals import Estimate, certified, exact
from embaudit.render.pictures.inline_svg import drawing
from embaudit.render.pictures.interval_plot import draw_length
from tests.render.samples import MEASURES

DISTANCE = next(measure for measure in MEASURES if measure.id == "d_haus")
POINT = 1  # lines that every length has; an interval has its bar and its ends as well


@pytest.mark.parametrize(
    ("bound", "lines", "arrows"),
    [
        (exact(12.0), POINT, 0),
        (Estimate("estimate", 12.0), POINT, 0),
        (certified(11.0, 13.0), POINT + 2, 0),
        (certified(12.0, float("inf")), POINT, 1),
        (Estimate("sampled", 12.0, 11.0, 13.0, 0.99), POINT + 2, 0),
    ],
)
def test_only_an_interval_has_a_bar_and_only_an_open_one_an_arrow(bound, lines, arrows):
    with drawing(2, 2) as axes:
        draw_length(axes, 0, DISTANCE.reading(bound, 10.0), 10.0)
        assert (len(axes.lines), len(axes.texts)) == (lines, arrows)
