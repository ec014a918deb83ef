"""What is wrong above all comes first, and what cannot be read then is not told."""

import pytest

from embaudit.render import tables
from embaudit.render.advice import next_steps
from embaudit.render.diagnosis import blamed, diagnosis, explained, outlook, suspects
from embaudit.render.text import label
from embaudit.render.verdict import findings
from embaudit.report.blame import REASONS
from tests.render import samples


def met(share):
    """A report in which so many of a thousand violating anchors meet a mislabel."""
    report = samples.regressed()
    anchors = dict.fromkeys(REASONS, 0) | {"meets_mislabel": share, "overlap": 1000 - share}
    return report.model_copy(update={"blame": report.blame.model_copy(update={"anchors": anchors})})


def fallen(**kinds):
    """Rows to blame in a set that has collapsed."""
    states = {"point": "none", "dimensional": "none", "class_": "none"} | kinds
    changed = samples.regressed().collapse.model_copy(update={"state": "collapsed", **states})
    return met(900).model_copy(update={"collapse": changed})


@pytest.mark.parametrize(
    ("report", "above", "first"),
    [
        (samples.collapsed(), "collapse", "Collapsed"),
        (fallen(dimensional="collapsed"), "collapse", "Collapsed (dimensional): one direction"),
        (met(500), "labels", "Suspect labels: 11 doubtful of 10,106 rows"),
        (met(499), "separation", "Not triplet-separated"),
        (samples.trained(), "separation", "Not triplet-separated"),
        (samples.healthy(), "separation", "Triplet-separated"),
        (samples.unlabelled(), "separation", "No labels"),
    ],
)
def test_the_diagnosis_is_the_first_finding(report, above, first):
    assert diagnosis(report) == above
    assert next(findings(report)).headline.startswith(first)


def test_suspects_are_clear_or_doubtful():
    """Clear: four tails nearer to the other class."""
    report = met(900)
    (row,) = [one for one in report.blame.worst_rows if one.attribution == "likely_mislabel"]
    for home, told in (
        (row.score - 4, "1 clear and 10 doubtful"),
        (row.score - 3.9, "11 doubtful"),
    ):
        known = row.model_copy(update={"home_score": home})
        blame = report.blame.model_copy(update={"worst_rows": (known, row)})
        first = next(findings(report.model_copy(update={"blame": blame})))
        assert first.headline == f"Suspect labels: {told} of 10,106 rows"


def test_what_saturates_does_not_shout_where_labels_explain_it():
    marks = {found.headline.split(":")[0]: found.mark for found in findings(met(900))}
    assert (marks["Suspect labels"], marks["Not triplet-separated"]) == ("bad", "warning")
    marks = {found.headline.split(":")[0]: found.mark for found in findings(met(100))}
    assert (marks["Suspect labels"], marks["Not triplet-separated"]) == ("warning", "bad")


def test_all_findings_are_told_whichever_comes_first():
    one, other = (sorted(found.headline for found in findings(met(share))) for share in (400, 900))
    assert one == other


def test_what_suspects_explain_is_told():
    told = " ".join(next(findings(met(750))).details)
    assert "750 of 1,000 violating anchors (75.00%) are such rows or meet one" in told
    assert explained(met(750)) == (750, 1000)


@pytest.mark.parametrize(
    "kinds", [{"class_": "collapsed"}, {"point": "collapsed", "class_": "collapsed"}]
)
def test_where_rows_or_classes_coincide_no_row_is_to_blame(kinds):
    report = fallen(**kinds)
    assert not blamed(report)
    assert suspects(report) == 0
    assert not list(tables.culprits(report, label))
    assert "suspect" not in " ".join(next_steps(report, label, 9))


def test_where_rows_coincide_neither_classes_nor_triplets_nor_the_forecast_are_told():
    report = fallen(point="collapsed", class_="collapsed")
    steps = " ".join(next_steps(report, label, 9))
    for words in ("classes", "hardest triplet", "Before batch-hard"):
        assert words not in steps
    assert outlook(report) == ()
    for table in (tables.classes, tables.confused, tables.triplets):
        assert table(report, label) is None
        assert table(met(900), label) is not None
    assert not any("pressure" in found.headline for found in findings(report))


def test_rows_that_were_saved_twice_still_have_classes():
    report = fallen(point="collapsed")
    data = report.data.model_copy(update={"duplicate_rows": report.data.rows})
    report = report.model_copy(update={"data": data})
    assert blamed(report)
    assert tables.triplets(report, label) is not None
    steps = next_steps(report, label, 9)
    assert "saved twice" in steps[0]
    assert "Do not ship" not in " ".join(steps)
    assert not any("says nothing" in found.headline for found in findings(report))


def test_suspects_beyond_those_listed_are_not_called_doubtful():
    """All that are listed are clear: more of the others may be."""
    report = met(900)
    (row,) = [one for one in report.blame.worst_rows if one.attribution == "likely_mislabel"]
    known = row.model_copy(update={"home_score": row.score - 9})
    blame = report.blame.model_copy(update={"worst_rows": (known,)})
    first = next(findings(report.model_copy(update={"blame": blame})))
    assert first.headline == "Suspect labels: 1 clear and 10 more of 10,106 rows"


def test_a_set_that_lies_in_one_direction_still_has_suspects():
    assert blamed(fallen(dimensional="collapsed"))


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


def test_the_surest_suspect_is_the_step_and_the_hardest_triplet_is_not_told_twice():
    steps = next_steps(met(900), label, 9)
    (told,) = [step for step in steps if "suspect label" in step]
    assert "row 977 is labelled 'five' and at home in 'uppercase S'" in told
    assert any("hardest triplet" in step for step in steps)
    report = met(900)
    row = report.hardest_triplets[0].positive
    known = report.blame.worst_rows[0].model_copy(update={"row": row})
    blame = report.blame.model_copy(update={"worst_rows": (known,)})
    steps = next_steps(report.model_copy(update={"blame": blame}), label, 9)
    assert not any("hardest triplet" in step for step in steps)


def test_confused_classes_are_those_that_overlap_without_suspects():
    steps = " ".join(next_steps(met(900), label, 9))
    assert "'uppercase I' and 'lowercase l'" in steps
    assert "150 of their anchors have a nearest row of the other" in steps
    assert "Look at class" not in steps
