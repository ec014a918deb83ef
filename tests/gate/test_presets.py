"""What presets ask, held against sets of known truth."""

from functools import cache

import pytest

import embaudit
from embaudit.gate import PRESETS
from tests.combined import in_part
from tests.zoo.audited import EACH_TIME, zoo_report
from tests.zoo.presets import NEEDED, of_preset, report_on
from tests.zoo.sets import COLLAPSED, HEALTHY, INPUT, ZOO, make

# Of each kind some, chosen for being small and unlike each other.
FEW = (
    "plain", "two_classes", "small_scale_with_a_margin", "copies_within_classes",
    "two_groups_apart", "classes_of_two_modes", "narrow_cone_that_separates", "hash_codes",
    "one_point", "stuck_at_the_margin", "six_dimensions_of_768", "a_line_in_the_order_of_classes",
    "collapsed_but_for_three_rows", "a_rare_class_inside_another",
    "zero_rows_weak", "placeholder_weak", "stray_weak", "partly_normalised_weak",
    "one_dimension_times_weak", "labels_shifted_weak", "points_alone", "zero_points",
    "one_vector_without_labels",
)  # fmt: skip


def small(name):
    """Whether an audit of it is there already, or is one of few rows."""
    return name in EACH_TIME or name.endswith("_weak")


def check(one, report):
    """Smoke fails what is broken and passes what is healthy."""
    gate = of_preset("smoke", report, one.y is not None)
    broken = set(one.states) <= {COLLAPSED, INPUT}
    if broken or HEALTHY in one.states or one.y is None:
        assert gate.verdict == ("fail" if broken else "pass"), gate


@pytest.mark.parametrize(
    "name",
    in_part(pytest.param(name, marks=() if small(name) else pytest.mark.thorough) for name in FEW),
)
def test_smoke_fails_what_is_broken_and_passes_what_is_healthy(name):
    check(make(name), zoo_report(name))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ZOO)
def test_smoke_on_the_whole_zoo(name, seed):
    one = make(name, seed)
    check(one, report_on(one))


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("name", "passes"), [("plain", True), ("one_point", False)])
def test_a_plain_set_passes_all_presets_and_a_point_none(name, passes, preset):
    assert of_preset(preset, zoo_report(name)).verdict == ("pass" if passes else "fail")


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_hold_without_labels(preset):
    assert of_preset(preset, zoo_report("points_alone"), labels=False).verdict == "pass"
    assert (
        of_preset(preset, zoo_report("one_vector_without_labels"), labels=False).verdict == "fail"
    )


@cache
def against_a_gallery(leak):
    one = make("plain")
    queries, others = (slice(100), slice(0 if leak else 100, None))
    return embaudit.audit(
        one.x[queries], one.y[queries].tolist(), gallery=one.x[others],
        gallery_labels=one.y[others].tolist(), measures=NEEDED,
    )  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("leak", [False, True])
def test_presets_hold_against_a_gallery(preset, leak):
    """A gallery that holds its queries is a fault of the input."""
    gate = of_preset(preset, against_a_gallery(leak))
    assert all(rule.status != "undecided" for rule in gate.rules)
    assert gate.verdict == ("fail" if leak else "pass")


def test_presets_say_what_they_ask_and_how_often_they_err():
    for preset in PRESETS.values():
        assert preset.asks
        assert "zoo" in preset.errs
