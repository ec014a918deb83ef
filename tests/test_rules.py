"""Which rules are in force: what can be written, what overrides what, and what presets hold."""

import pytest

from embaudit.errors import UsageError
from embaudit.gate import PRESETS, PRESETS_AGAINST, Asked, condition_of, rules_in_force
from embaudit.measures import MEASURES


def in_force(*texts, baseline=False):
    asked = [text if isinstance(text, Asked) else Asked(text) for text in texts]
    return [one.text for one in rules_in_force(asked, MEASURES, baseline=baseline)]


def test_every_part_of_a_rule_is_read():
    one = condition_of("warn: precision_at_1 decrease < 2.5%", MEASURES, "embaudit.toml")
    assert (one.level, one.measure.id, one.turn) == ("warn", "precision_at_1", "decrease")
    assert (one.operator, one.limit, one.relative) == ("<", 0.025, True)
    assert (one.worst_class, one.origin) == (False, "embaudit.toml")
    worst = condition_of("worst_class.violated_triplets increase <= 0.1", MEASURES)
    assert worst.worst_class
    assert (worst.turn, worst.relative, worst.limit) == ("increase", False, 0.1)


@pytest.mark.parametrize(
    "text",
    [
        "precision_at_1 decrease >= 1%",  # from above only
        "precision_at_1 decrease <= -1%",
        "precision_at_1 shrinks <= 1%",
        "precision_at_1 <= 1%",  # a share of what?
        "info: precision_at_1 >= 0.1",
        "best_class.violated_triplets <= 0.1",
        "worst_class.precision_at_1 >= 0.5",
        "worst_class.violated_triplets >= 0.5",
        "worst_class.violated_triplets increase <= 5%",
        "worst_class.violated_triplets decrease <= 0.1",
        "worst_class.violating_anchors increase <= 0.1",
        "collapse_state increase <= collapsed",
        "strct",
        "violated_triplets increase",
    ],
)
def test_rules_that_cannot_mean_anything(text):
    with pytest.raises(UsageError) as refused:
        condition_of(text, MEASURES)
    assert refused.value.hint


def test_an_unknown_preset_suggests_the_right_one():
    with pytest.raises(UsageError) as refused:
        condition_of("recomended", MEASURES)
    assert refused.value.hint.startswith("Did you mean recommended? ")


def test_an_error_names_where_the_rule_was_written():
    with pytest.raises(UsageError, match=r"^embaudit\.toml: Unknown measure"):
        rules_in_force([Asked("no_such <= 1", "embaudit.toml")], MEASURES)


def test_rules_of_one_place_all_hold():
    both = ["d_iso <= 1", "d_iso < 2"]
    assert in_force(*both) == both


@pytest.mark.parametrize(
    ("earlier", "later", "replaced"),
    [
        ("d_iso <= 1", "d_iso < 2", True),
        ("d_iso <= 1", "d_iso >= 0.5", False),
        ("d_iso <= 1", "d_iso == 0", True),
        ("d_iso <= 1", "d_iso increase <= 1", False),
        ("d_iso <= 1", "warn: d_iso <= 0.5", False),  # a warning lifts no error
        ("warn: d_iso <= 1", "warn: d_iso <= 0.5", True),
        ("violated_triplets <= 1", "worst_class.violated_triplets <= 1", False),
        ("strict", "violated_triplets <= 0.3", True),
        ("violated_triplets <= 0.3", "strict", True),  # flags win, presets too
    ],
)
def test_flags_take_the_place_of_what_a_file_says_on_the_same_side(earlier, later, replaced):
    rules = in_force(Asked(earlier, "embaudit.toml"), Asked(later, "--gate"))
    of_file = in_force(Asked(earlier, "embaudit.toml"))
    of_flag = in_force(Asked(later, "--gate"))
    assert rules[-len(of_flag) :] == of_flag
    assert (len(rules) < len(of_file) + len(of_flag)) == replaced


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("baseline", [False, True])
def test_presets_hold_the_collapse_state_beside_violations(preset, baseline):
    found = rules_in_force([Asked(preset)], MEASURES, baseline=baseline)
    errors = [one for one in found if one.level == "error"]
    of = {(one.measure.id, one.turn) for one in errors}
    assert {("collapse_state", None), ("violated_triplets", None)} <= of
    assert (("violated_triplets", "increase") in of) == baseline
    assert all(preset in one.origin for one in found)


def test_presets_are_in_order_of_strictness():
    for table in (PRESETS, PRESETS_AGAINST):
        limits = [
            next(
                condition.limit
                for condition in (condition_of(text, MEASURES) for text in rules)
                if condition.measure.id == "violated_triplets"
            )
            for rules in (table["smoke"], table["recommended"], table["strict"])
        ]
        assert limits == sorted(limits, reverse=True)


def test_what_is_written_overrides_a_preset_wherever_it_stands():
    rules = in_force("violated_triplets <= 0.3", "strict")
    assert "violated_triplets <= 0.3" in rules
    assert "violated_triplets <= 0.02" not in rules
    assert "collapse_state == none" in rules


def test_a_baseline_alone_asks_for_no_regression():
    assert in_force(baseline=True) == list(PRESETS_AGAINST["recommended"])
    assert in_force("d_iso <= 1", baseline=True)[:-1] == list(PRESETS_AGAINST["recommended"])
    also = in_force("d_iso increase <= 1", baseline=True)
    assert also == [*PRESETS_AGAINST["recommended"], "d_iso increase <= 1"]
    lifted = in_force("precision_at_1 decrease <= 0.5", baseline=True)
    assert lifted == [*PRESETS_AGAINST["recommended"][:2], "precision_at_1 decrease <= 0.5"]
