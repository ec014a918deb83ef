"""Which rules are in force: what can be written, what overrides what, and what presets hold."""

import pytest

from embaudit.errors import UsageError
from embaudit.findings import KNOWN_FINDINGS
from embaudit.gate import NO_WORSE, PRESETS, Asked, OfMeasure, condition_of, rules_in_force
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
        "worst_class.precision_at_1 <= 0.5",
        "worst_class.recall_at_5 >= 0.5",
        "worst_class.precision_at_1 of class I >= 0.5",
        "precision_at_1 of class I decrease <= 0.1",
        "precision_at_1 of class >= 0.5",
        "precision_at_1 of classes I >= 0.5",
        "worst_class.violated_triplets >= 0.5",
        "worst_class.violated_triplets increase <= 5%",
        "worst_class.violated_triplets decrease <= 0.1",
        "worst_class.violating_anchors increase <= 0.1",
        "collapse_state increase <= collapsed",
        "strct",
        "violated_triplets increase",
        "diagnosis",
        "diagnosis = healthy",
        "diagnosis >= healthy",
        "diagnosis == 0",
        "diagnosis == helthy",
        "diagnosis == healthy, collapsed",
        "no finding zero_rows 3",
        "no finding not_collapsed",  # good news
        "no finding mixed_space",
        "finding zero_rows",
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


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("no finding mixed_space", "Did you mean mixed_spaces"),
        ("no finding xyzzy", "zero_rows"),
        ("diagnosis == helthy", "Did you mean healthy?"),
        ("diagnosis != 17", "check_input"),
        ("diagnosis", "check_input"),
    ],
)
def test_unknown_findings_and_states_are_told_with_the_known_ones(text, wanted):
    with pytest.raises(UsageError) as refused:
        condition_of(text, MEASURES)
    assert wanted in refused.value.hint


@pytest.mark.parametrize(("id", "mark"), KNOWN_FINDINGS.items())
def test_every_finding_can_be_named(id, mark):
    one = condition_of(f" warn:  no finding {id} ", MEASURES, "embaudit.toml")
    assert (one.id, one.level, one.origin) == (id, "warn", "embaudit.toml")
    assert one.least == ("note" if mark == "note" else "warning")


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
        ("precision_at_1 of class I >= 0", "precision_at_1 of class O >= 0", False),
        ("precision_at_1 of class I >= 0", 'precision_at_1 of class "I" >= 0', True),
        ("strict", "adjusted_precision_at_1 >= 0.3", True),
        ("adjusted_precision_at_1 >= 0.3", "strict", True),  # flags win, presets too
        ("diagnosis != collapsed", "diagnosis == overlapping", True),
        ("diagnosis == healthy", "diagnosis == overlapping", True),
        ("diagnosis == healthy", "diagnosis != collapsed", False),
        ("diagnosis == healthy", "warn: diagnosis == overlapping", False),
        ("diagnosis != collapsed", "diagnosis != check_input", False),
        ("no finding zero_rows", "no finding", False),
        ("warn: no finding zero_rows", "no finding zero_rows", False),
        ("no finding", "no  findings", True),
        ("smoke", "diagnosis == collapsed", True),
    ],
)
def test_flags_take_the_place_of_what_a_file_says_on_the_same_side(earlier, later, replaced):
    rules = in_force(Asked(earlier, "embaudit.toml"), Asked(later, "--gate"))
    of_file = in_force(Asked(earlier, "embaudit.toml"))
    of_flag = in_force(Asked(later, "--gate"))
    assert rules[-len(of_flag) :] == of_flag
    assert (len(rules) < len(of_file) + len(of_flag)) == replaced


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("baseline", [False, True])
def test_presets_hold_the_file_the_collapse_and_precision_beyond_chance(preset, baseline, labels):
    found = rules_in_force([Asked(preset)], MEASURES, baseline=baseline, labels=labels)
    errors = [one for one in found if one.level == "error"]
    of = {(one.measure.id, one.turn) for one in errors if isinstance(one, OfMeasure)}
    assert "diagnosis != check_input" in {one.text for one in errors}
    assert ("collapse_state", None) in of
    assert (("adjusted_precision_at_1", None) in of) == labels
    assert (("violated_triplets", "increase") in of) == (baseline and labels)
    assert all(preset in one.origin for one in found)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_ask_for_nothing_that_the_number_of_classes_moves(preset):
    """Violations, precision and recall fall or rise with the number of classes alone."""
    found = rules_in_force([Asked(preset)], MEASURES)
    ids = {one.measure.id for one in found if isinstance(one, OfMeasure)}
    assert ids == {"collapse_state", "adjusted_precision_at_1"}


def test_presets_are_in_order_of_strictness():
    def limits(measure, turn):
        return [
            next(
                one.limit
                for one in (condition_of(text, MEASURES) for text in preset.rules + preset.against)
                if isinstance(one, OfMeasure) and (one.measure.id, one.turn) == (measure, turn)
            )
            for preset in (PRESETS["smoke"], PRESETS["recommended"], PRESETS["strict"])
        ]

    assert limits("adjusted_precision_at_1", None) == sorted(
        limits("adjusted_precision_at_1", None)
    )
    for measure, turn in (("violated_triplets", "increase"), ("precision_at_1", "decrease")):
        assert limits(measure, turn) == sorted(limits(measure, turn), reverse=True)


def test_what_is_written_overrides_a_preset_wherever_it_stands():
    rules = in_force("adjusted_precision_at_1 >= 0.3", "strict")
    assert "adjusted_precision_at_1 >= 0.3" in rules
    assert "adjusted_precision_at_1 >= 0.9" not in rules
    assert "collapse_state == none" in rules


def test_a_baseline_alone_asks_for_no_regression():
    assert in_force(baseline=True) == list(NO_WORSE)
    assert in_force("d_iso <= 1", baseline=True)[:-1] == list(NO_WORSE)
    also = in_force("d_iso increase <= 1", baseline=True)
    assert also == [*NO_WORSE, "d_iso increase <= 1"]
    lifted = in_force("precision_at_1 decrease <= 0.5", baseline=True)
    assert lifted == [*NO_WORSE[:2], "precision_at_1 decrease <= 0.5"]
