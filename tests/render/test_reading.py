from dataclasses import replace

import pytest

from embaudit.core.intervals import Estimate, certified, exact, undefined
from embaudit.render.words.measured_value_words import grouped, shown
from tests.render import samples

LENGTH = next(one for one in samples.MEASURES if one.id == "d_haus")
STATE = next(one for one in samples.MEASURES if one.id == "collapse_state")


@pytest.mark.parametrize(
    ("bound", "value", "worth", "says"),
    [
        (exact(2), "2.000", "exact  1.000 rms", "Some row must move by 2.000."),
        (
            certified(1, 3),
            "2.000",
            "certified   [1.000, 3.000]  1.000 rms",
            "Some row must move by 1.000 to 3.000.",
        ),
        (
            certified(4, float("inf"), "no witness"),
            "≥ 4.000",
            "certified   [4.000, ∞]  2.000 rms",
            "Some row must move by at least 4.000. No witness.",
        ),
        (
            Estimate("sampled", 2, 1, 3, 0.99),
            "2.000",
            "sampled 99% [1.000, 3.000]  1.000 rms",
            "Some row must move by 2.000.",
        ),
        (
            Estimate("estimate", 2),
            "2.000",
            "estimate  1.000 rms",
            "Some row must move by about 2.000.",
        ),
        (undefined("no row at all"), "-", "undefined", "No row at all."),
    ],
)
def test_a_reading_claims_no_more_than_is_known(bound, value, worth, says):
    one = shown(LENGTH, LENGTH.reading(bound, 2.0))
    assert (one.value, one.worth, one.says) == (value, worth, says)


@pytest.mark.parametrize(("value", "word"), [(0, "none"), (1, "warning"), (2, "collapsed")])
def test_states_are_words(value, word):
    one = shown(STATE, STATE.reading(exact(value), None))
    assert one.value == word
    assert one.says == f"Collapse state: {word}."


def test_braces_in_a_spec_are_plain_text():
    odd = replace(LENGTH, says="{value} of {everything}")
    assert shown(odd, odd.reading(exact(2), None)).says == "2.000 of {everything}."


def test_groups_keep_the_reading_order():
    groups = [group for group, _ in grouped(samples.trained(), samples.MEASURES)]
    assert groups == list(dict.fromkeys(measure.group for measure in samples.MEASURES))
