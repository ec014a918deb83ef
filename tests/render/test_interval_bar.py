from hypothesis import given
from hypothesis import strategies as st

from embaudit.core.intervals import Estimate, certified, exact
from embaudit.measures.measure import Measure
from embaudit.render.interval_bar import ESTIMATE, LEGEND, LINE, OPEN, VALUE, strip, track
from embaudit.render.safe_text import spell
from embaudit.report import Reading
from tests.render.samples import MEASURES

SHARE = next(measure for measure in MEASURES if measure.unit == "fraction")
LENGTH = next(measure for measure in MEASURES if measure.unit == "distance")
STATE = next(measure for measure in MEASURES if measure.unit == "state")
WIDTH = 23


def reading(bound: Estimate, measure: Measure = SHARE) -> Reading:
    return measure.reading(bound, None)


def sampled(low: float, value: float, high: float) -> Estimate:
    return Estimate("sampled", value, low, high, 0.99)


def test_a_share_lies_where_it_is():
    middle = strip(reading(exact(0.5)), WIDTH)
    assert middle == LINE * 11 + VALUE + LINE * 11
    assert strip(reading(exact(0)), WIDTH).index(VALUE) == 1
    assert strip(reading(exact(1)), WIDTH).index(VALUE) == WIDTH - 2


def test_what_is_certain_looks_otherwise_than_what_is_likely_or_estimated():
    ends = (0.25, 0.5, 0.75)
    square, round_ = (
        strip(reading(Estimate("certified", 0.5, 0.25, 0.75)), WIDTH),
        strip(reading(sampled(*ends)), WIDTH),
    )
    assert square.strip(LINE) == "[━━━━●━━━━]"
    assert round_.strip(LINE) == "(━━━━●━━━━)"
    assert strip(reading(Estimate("estimate", 0.5)), WIDTH).strip(LINE) == ESTIMATE
    assert all(glyph in LEGEND for glyph in (VALUE, "[━]", "(━)"))


def test_an_interval_narrower_than_a_column_is_still_one():
    assert strip(reading(sampled(0.5, 0.5, 0.5)), WIDTH).strip(LINE) == "(●)"
    assert strip(reading(Estimate("certified", 0.0, 0.0, 0.0)), WIDTH).startswith("[●]")
    assert strip(reading(Estimate("certified", 1.0, 1.0, 1.0)), WIDTH).endswith("[●]")


def test_an_open_end_runs_out_of_the_strip():
    for value in (3.0, 1.7e308):
        drawn = strip(reading(certified(value, float("inf")), LENGTH), WIDTH)
        assert drawn.endswith(OPEN)
        assert "[" in drawn
        assert "]" not in drawn


def test_what_has_no_place_between_0_and_an_end_has_no_strip():
    assert strip(reading(exact(1), STATE), WIDTH) == ""
    assert strip(reading(exact(-1.5), LENGTH), WIDTH) == ""
    assert strip(reading(exact(3.5), LENGTH), WIDTH) == ""  # of what?
    assert strip(reading(certified(0, 1), LENGTH), WIDTH).strip(LINE).startswith("[")


@given(
    st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted),
    st.integers(3, 60),
    st.sampled_from(("certified", "sampled")),
    st.sampled_from(((SHARE, 1.0), (LENGTH, 1.0), (LENGTH, 1e-300), (LENGTH, 1.7e308))),
)
def test_walls_stand_where_the_ends_are_to_a_column(ends, width, kind, scaled):
    measure, scale = scaled
    low, value, high = (scale * end for end in ends)
    one = reading(Estimate(kind, value, low, high, 0.99 if kind == "sampled" else None), measure)
    drawn, on = strip(one, width), track(one)
    assert len(drawn) == width
    assert on.low <= on.at <= on.high <= 1
    left, at, right = (
        next(k for k, glyph in enumerate(drawn) if glyph in glyphs)
        for glyphs in ("[(", VALUE, "])")
    )
    assert left < at < right
    for column, share in ((left, on.low), (at, on.at), (right, on.high)):
        assert abs(column - 1 - share * (width - 3)) <= 1.5


def test_in_ascii_nothing_is_lost():
    drawn = strip(reading(sampled(0.2, 0.5, 0.8)), WIDTH)
    assert spell(drawn) == "-----(=====o=====)-----"
    assert spell(ESTIMATE) == "~"
