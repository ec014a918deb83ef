import pytest
from hypothesis import given
from hypothesis import strategies as st

from embaudit.render.terminal.gap_chart import SHARES, _edges, _masses, chart
from embaudit.render.words.audit_words import gap_quantiles as quantiles
from tests.render import samples

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=7, max_size=7).map(sorted)


@given(VALUES, st.integers(10, 80))
def test_the_bars_hold_every_anchor_between_the_end_quantiles(values, width):
    if values[0] < values[-1]:
        edges, zero = _edges(values[0], values[-1], width)
        assert len(edges) == width + 1
        assert sum(_masses(values, edges)) == pytest.approx(SHARES[-1] - SHARES[0])
        assert zero is None or edges[zero] == 0


@given(VALUES, st.integers(10, 80), st.booleans())
def test_lines_fit_the_width(values, width, ascii_only):
    drawn = chart(values, width, ascii_only=ascii_only)
    assert all(len(line) <= width for line in (*drawn.bars, drawn.axis, drawn.ticks))


def test_bars_left_of_zero_are_what_does_not_violate():
    values = [-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 4.0]
    edges, zero = _edges(values[0], values[-1], 41)
    masses = _masses(values, edges)
    assert zero is not None
    assert sum(masses[:zero]) == pytest.approx(49 + 12.5)  # p1 to p50, and half of p50 to p75


def test_a_constant_map_has_no_chart_but_a_sentence():
    values = quantiles(samples.collapsed())
    assert values is not None
    drawn = chart(values, 60)
    assert drawn.bars == ()
    assert "same gap, 0" in drawn.note


@pytest.mark.parametrize("scale", [5e-324, 1e-310, 1e-300, 1e300])
def test_extreme_scales_are_drawn_or_told(scale):
    drawn = chart([k * scale for k in (-3, -2, -1, 0, 1, 2, 3)], 72)
    assert drawn.bars or drawn.note


def test_unknown_quantiles_draw_nothing():
    assert quantiles(samples.mostly_undefined()) is None
