"""The gate decides on the pessimistic end of what is known, and never on what is not."""

import functools
import operator as op
import re

import numpy as np
import pytest

import embaudit
from embaudit.errors import UsageError
from embaudit.gate import condition_of, judge
from embaudit.measures import MEASURES
from embaudit.report import Reading
from embaudit.report.changes_model import Change, ClassChange, ClassChanges, Compared, PairedTest

OPERATORS = {"<=": op.le, "<": op.lt, ">=": op.ge, ">": op.gt, "==": op.eq}
INTERVALS = {  # of a measure somewhere in [0.2, 0.4]
    "<= 0.4": "pass",
    "<= 0.3": "undecided",
    "<= 0.2": "undecided",  # the lower end alone may satisfy it
    "<= 0.1": "fail",
    "< 0.5": "pass",
    "< 0.4": "undecided",
    "< 0.2": "fail",
    ">= 0.2": "pass",
    ">= 0.3": "undecided",
    ">= 0.5": "fail",
    "> 0.1": "pass",
    "> 0.2": "undecided",
    "> 0.4": "fail",
    "== 0.3": "undecided",
    "== 0.5": "fail",
}


def reading(kind, value=None, lower=None, upper=None):
    return Reading(
        value=value,
        lower=lower,
        upper=upper,
        kind=kind,
        confidence=0.99 if kind == "sampled" else None,
        relative=None,
        unit="fraction",
        better="lower",
        reason="for a reason",
    )


def status(rule, one):
    condition = condition_of(rule, MEASURES)
    (judged,) = judge([condition], report_with({condition.measure.id: one})).rules
    return judged.status


@functools.cache
def small_report():
    return embaudit.audit([[0.0], [1.0], [2.0]], ["a", "a", "b"], measures="duplicate_rows")


def report_with(readings, **more):
    return small_report().model_copy(update={"measures": readings, **more})


@pytest.mark.parametrize("kind", ["certified", "sampled"])
@pytest.mark.parametrize(("rule", "expected"), INTERVALS.items())
def test_an_interval(rule, expected, kind):
    assert status(f"separation_auc {rule}", reading(kind, 0.3, 0.2, 0.4)) == expected


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("limit", [0.2, 0.3, 0.4])
def test_an_exact_number_is_always_decided(operator, limit):
    found = status(f"separation_auc {operator} {limit}", reading("exact", 0.3, 0.3, 0.3))
    holds = OPERATORS[operator](0.3, limit)
    assert found == ("pass" if holds else "fail")


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("limit", [-1e300, 0, 0.3, 1e300])
def test_what_is_undefined_or_an_estimate_never_passes(operator, limit):
    rule = f"thickness {operator} {limit}"
    assert status(rule, reading("undefined")) == "undecided"
    assert status(rule, reading("estimate", 0.3)) == "undecided"


def test_an_open_end_is_infinite():
    open_above = reading("certified", 0.2, 0.2, None)
    assert status("iap_factor <= 1e300", open_above) == "undecided"
    assert status("separation_auc <= 0.1", open_above) == "fail"
    assert status("separation_auc >= 0.2", open_above) == "pass"


def test_one_rule_that_does_not_pass_fails_the_gate():
    report = report_with({"separation_auc": reading("exact", 0.3, 0.3, 0.3)})
    passing, failing = (
        condition_of(f"separation_auc {rule}", MEASURES) for rule in ("<= 1", ">= 1")
    )
    assert judge([], report).verdict == "none"
    assert judge([passing], report).verdict == "pass"
    assert judge([passing, failing], report).verdict == "fail"


@pytest.mark.parametrize(
    "rule",
    [
        "", "violated_triplets", "violated_triplets <=", "<= 0.05", "violated_triplets = 0.05",
        "violated_triplets <= nan", "violated_triplets <= inf", "violated_triplets <= 0.05 0.06",
        "violated_triplets <= 0.05; import os", "no_such <= 1", "violated_triplets != 1",
        "violated_triplets <= none", "0.05 >= violated_triplets", "violated_triplets <= 5%",
    ],
)  # fmt: skip
def test_rules_that_cannot_be_read(rule):
    with pytest.raises(UsageError) as refused:
        embaudit.audit([[0.0], [1.0], [2.0]], ["a", "a", "b"], gate=rule)
    assert refused.value.message


@pytest.mark.parametrize("state", ["none", "0"])
def test_states_have_names(state):
    rng = np.random.default_rng(0)
    labels = (np.arange(200) % 8).tolist()
    centres = 10 * rng.normal(size=(8, 16))
    report = embaudit.audit(
        centres[labels] + rng.normal(size=(200, 16)), labels, gate=f"collapse_state <= {state}"
    )
    assert report.gate.verdict == "pass"
    constant = embaudit.audit(np.ones((200, 16)), labels, gate=f"collapse_state <= {state}")
    assert constant.gate.verdict == "fail"


@pytest.mark.parametrize("preset", ["paper", "standard", "all"])
def test_a_constant_map_passes_on_violations_but_is_told_to_be_collapsed(preset):
    # zero violations (0 <= 0): so the collapse state is always shown beside them
    labels = (np.arange(40) % 4).tolist()
    report = embaudit.audit(np.ones((40, 3)), labels, measures=preset)
    assert report.measures["violated_triplets"].value == 0
    assert report.measures["tied_triplets"].value == 1
    assert report.collapse.state == "collapsed"


@pytest.mark.parametrize(
    "rule",
    [
        "violated_triplets <= 5",
        "violated_triplets <= -0.1",
        "collapse_state < 17",
        "collapse_state == ruined",
        "d_iso <= 1_0",
        "d_iso <= \u0660",  # a digit, but not one of ours
        "d_iso <= nan",
        "d_iso <= inf",
    ],
)
def test_a_limit_that_cannot_matter_is_an_error(rule):
    # a rule in percent would always be green
    with pytest.raises(UsageError):
        condition_of(rule, MEASURES)


def status_of_loss(loss, *, real=False, broken=(), error=1e-4, tested=True):
    """What becomes of `precision_at_1 decrease <= 0.01` where it lost that much.

    error: what the choice of rows moves it by. real: whether classes agree on the loss.
    """
    half = loss / 9 if real else 1.0
    test = PairedTest(
        change=-loss, lower=-loss - half, upper=-loss + half, confidence=0.95, real=real,
        classes=20, groups=50, error=error,
    )  # fmt: skip
    change = Change(
        then=0.9, then_lower=0.9, then_upper=0.9, now=0.9 - loss, value=-loss, lower=-loss,
        upper=-loss, kind="exact", direction="worse", test=test if tested else None, reason=None,
        error=error,
    )  # fmt: skip
    compared = Compared(
        path="then.json", run_id=None, comparable=True, differences=(), same_input=False,
        changes={"precision_at_1": change}, anchors=None, notes=(),
        classes=ClassChanges(newly_broken=broken, repaired=(), worst_increase=None),
    )  # fmt: skip
    condition = condition_of("precision_at_1 decrease <= 0.01", MEASURES)
    report = report_with({"precision_at_1": reading("exact", 0.9 - loss)}, baseline=compared)
    (judged,) = judge([condition], report).rules
    return judged


@pytest.mark.parametrize(
    ("loss", "expected"),
    [(0.01, "pass"), (0.011, "warn"), (0.0199, "warn"), (0.0201, "fail"), (0.029, "fail")],
)
def test_chance_between_classes_excuses_up_to_twice_the_limit(loss, expected):
    assert status_of_loss(loss).status == expected


@pytest.mark.parametrize("tested", [False, True])
@pytest.mark.parametrize("loss", [0.015, 0.1, 0.5])
def test_what_the_choice_of_rows_may_have_done_warns_whatever_its_size(loss, tested):
    z = 1.96  # one rule: 5 %, of two sides
    beyond = 0.25  # of the loss: where both tests agree
    assert status_of_loss(loss, error=loss / (z - 0.01), tested=tested).status == "warn"
    surely = status_of_loss(loss, error=loss * beyond, tested=tested, real=True)
    assert surely.status == "fail"
    assert "Chance does not explain it." in surely.remedy


def test_without_tables_a_warning_says_how_to_know_more():
    assert "-o report.parquet" in status_of_loss(0.015, error=0.1, tested=False).remedy


@pytest.mark.parametrize("tested", [False, True])
@pytest.mark.parametrize("error", [None, 0.0])
def test_what_chance_cannot_move_is_not_excused(error, tested):
    """Of the very same vectors, or where nothing is known of chance."""
    assert status_of_loss(0.011, error=error, tested=tested).status == "fail"


def test_what_a_paired_test_calls_real_is_not_excused():
    assert status_of_loss(0.015, real=True).status == "fail"


@pytest.mark.parametrize(("error", "expected"), [(1e-4, "fail"), (0.1, "warn")])
def test_where_a_class_broke_only_the_choice_of_rows_excuses(error, expected):
    broken = (ClassChange(label="seven", then=0.1, now=0.6),)
    judged = status_of_loss(0.015, error=error, broken=broken)
    assert judged.status == expected
    assert "'seven'" in judged.remedy


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.id)
def test_the_remedy_of_a_failed_rule_says_what_to_do_with_a_command(measure):
    name = measure.id
    rule = f"{name} {'>=' if measure.better == 'higher' else '<='} 0.5"
    failing = reading("exact", *[0.4 if ">=" in rule else 0.6] * 3)
    (judged,) = judge([condition_of(rule, MEASURES)], report_with({name: failing})).rules
    assert judged.status == "fail"
    assert re.search("`embaudit (explain|forecast|mine)", judged.remedy), judged.remedy
    assert "figure to" not in judged.remedy
