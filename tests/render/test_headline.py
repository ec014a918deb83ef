import pytest

from embaudit.core.intervals import exact, undefined
from embaudit.measures import MEASURES
from embaudit.measures.measure import UNDEFINED, Measure
from embaudit.render.words.headline_measures import HEADLINE, MOST, headline
from embaudit.report import Report
from tests.render import samples

SPECS = {measure.id: measure for measure in MEASURES}
DEFAULT = [measure for measure in MEASURES if "standard" in measure.presets]


def ids(measures: list[Measure], **bounds) -> list[str]:
    """What is shown of a report that has these measures."""
    readings = {one.id: one.reading(bounds.get(one.id, exact(0.5)), None) for one in measures}
    report: Report = samples.report(measures=readings)
    return [measure.id for measure, _ in headline(report, MEASURES)]


def test_a_default_report_has_the_first_six():
    assert ids(DEFAULT) == list(HEADLINE[:MOST])


@pytest.mark.parametrize(
    "known",
    [
        [one for one in DEFAULT if not one.needs_labels],
        [one for one in DEFAULT if one.with_gallery != UNDEFINED],
    ],
    ids=["without labels", "against a gallery"],
)
def test_where_some_are_not_known_others_stand_in(known):
    shown = ids(known)
    assert len(shown) == min(MOST, sum(one.id in HEADLINE for one in known))
    assert len(shown) >= 5
    assert shown == [id for id in HEADLINE if id in shown]  # in one order everywhere
    assert set(shown) <= {one.id for one in known}


def test_what_is_undefined_gives_way():
    shown = ids(DEFAULT, d_iso=undefined("no such thing"))
    assert "d_iso" not in shown
    assert len(shown) == MOST


def test_few_measures_are_few_numbers():
    assert ids([SPECS["precision_at_1"], SPECS["nc1"]]) == ["precision_at_1"]
    assert ids([]) == []
