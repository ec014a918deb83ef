"""What cannot be read of a set in its state is not told."""

import pytest

from embaudit.render.safe_text import label
from embaudit.render.words import tables
from embaudit.render.words.diagnosis_words import findings
from embaudit.render.words.next_steps import next_steps
from embaudit.render.words.visibility_rules import blamed, outlook
from embaudit.report.diagnosis_model import Finding
from embaudit.report.suspects import REASONS
from tests.render import samples


def met(share):
    """A report in which so many of a thousand violating anchors meet a mislabel."""
    report = samples.regressed()
    anchors = dict.fromkeys(REASONS, 0) | {"meets_mislabel": share, "overlap": 1000 - share}
    return report.model_copy(update={"blame": report.blame.model_copy(update={"anchors": anchors})})


COLLAPSED = samples.collapsed().diagnosis


def fallen(**kinds):
    """Rows to blame in a set that has collapsed."""
    states = {"point": "none", "dimensional": "none", "class_": "none"} | kinds
    changed = samples.regressed().collapse.model_copy(update={"state": "collapsed", **states})
    return met(900).model_copy(update={"collapse": changed, "diagnosis": COLLAPSED})


@pytest.mark.parametrize(
    "kinds", [{"class_": "collapsed"}, {"point": "collapsed", "class_": "collapsed"}]
)
def test_where_rows_or_classes_coincide_no_row_is_to_blame(kinds):
    report = fallen(**kinds)
    assert not blamed(report)
    assert not list(tables.culprits(report))
    assert "suspect" not in " ".join(next_steps(report, label, 9))


def test_where_rows_coincide_neither_classes_nor_triplets_nor_the_forecast_are_told():
    report = fallen(point="collapsed", class_="collapsed")
    steps = " ".join(next_steps(report, label, 9))
    for words in ("classes", "hardest triplet", "Before batch-hard"):
        assert words not in steps
    assert outlook(report) == ()
    for table in (tables.classes, tables.confused, tables.triplets):
        assert table(report) is None
        assert table(met(900)) is not None
    assert not any("pressure" in found.headline for found in findings(report))


def test_rows_that_were_saved_twice_still_have_classes():
    report = fallen(point="collapsed")
    data = report.data.model_copy(update={"duplicate_rows": report.data.rows})
    report = report.model_copy(update={"data": data})
    assert tables.triplets(report) is not None
    assert "saved twice" in next_steps(report, label, 9)[-1]
    coincides = fallen(point="collapsed", class_="collapsed").model_copy(update={"data": data})
    assert "maps its inputs to a few vectors" in next_steps(coincides, label, 9)[-1]


@pytest.mark.parametrize("state", ["overlapping", "check_input"])
def test_of_an_untrained_or_misaligned_set_no_row_is_suspect(state):
    other = Finding(id="misaligned_labels", mark="bad", headline="Labels are off by a row")
    found = (other,) if state == "check_input" else ()
    report = met(900).model_copy(
        update={"diagnosis": samples.diagnosis(state, other.headline, *found)}
    )
    assert blamed(met(900))
    assert not blamed(report)
    assert not list(tables.culprits(report))


@pytest.mark.parametrize("state", ["collapsed", "check_input"])
def test_a_fault_is_dealt_with_before_any_class_or_batch_is(state):
    told = samples.diagnosis(state, samples.ONE_POINT.headline, samples.ONE_POINT)
    report = met(900).model_copy(update={"diagnosis": told})
    if state == "collapsed":
        report = fallen(class_="collapsed")
    assert [step for step in next_steps(report, label, 9) if "gate rule" not in step] == [
        "Collapse: go back to the last checkpoint before it, and train on with semi-hard negatives."
    ]


def test_a_gate_that_passes_a_collapsed_set_is_no_success():
    rule = samples.gate_failing().gate.rules[0]
    passed = samples.gate_failing().gate.model_copy(update={"verdict": "pass", "rules": (rule,)})
    blind = [*findings(samples.collapsed().model_copy(update={"gate": passed}))][-1]
    assert (blind.mark, blind.headline) == (
        "bad",
        "Gate passed (1 rule), but no rule looks at the collapse",
    )
    watching = rule.model_copy(update={"measure": "point_collapse"})
    seen = passed.model_copy(update={"rules": (watching,)})
    assert [*findings(samples.collapsed().model_copy(update={"gate": seen}))][-1].mark == "good"


def test_the_hardest_triplet_is_not_told_where_a_suspect_explains_it():
    steps = next_steps(met(900), label, 9)
    assert any("hardest triplet" in step for step in steps)
    report = met(900)
    row = report.hardest_triplets[0].positive
    known = report.blame.worst_rows[0].model_copy(update={"row": row})
    blame = report.blame.model_copy(update={"worst_rows": (known,)})
    steps = next_steps(report.model_copy(update={"blame": blame}), label, 9)
    assert not any("hardest triplet" in step for step in steps)


def test_confused_classes_are_those_that_overlap_without_suspects():
    report = met(900)
    assert "Look at class" not in " ".join(next_steps(report, label, 9))  # labels are wrong
    fine = report.model_copy(update={"diagnosis": samples.healthy().diagnosis})
    steps = " ".join(next_steps(fine, label, 9))
    told = "Look at classes 'uppercase I' and 'lowercase l': 150 rows of either are nearest to the"
    assert told in steps
    assert "Look at class '" not in steps
