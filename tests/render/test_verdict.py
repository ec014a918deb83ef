"""The diagnosis is what is read first, in every medium, and its words are those of the report."""

import re
from functools import cache
from pathlib import Path

import pytest

import embaudit
from embaudit.findings import FINDINGS
from embaudit.findings.diagnosis_glossary import TOPICS
from embaudit.measures import MEASURES as ALL_MEASURES
from embaudit.outputs.media.as_annotations import render_github
from embaudit.outputs.media.as_junit import render_junit
from embaudit.render.words.diagnosis_states import MARKS
from embaudit.render.words.diagnosis_words import findings, said
from embaudit.report import Report
from embaudit.report.diagnosis_model import DIAGNOSES, Diagnosis, Finding
from embaudit.report.notice_catalog import NOTICES
from tests.combined import in_part
from tests.render import samples
from tests.render.audited import audited
from tests.render.test_markdown import render_markdown
from tests.render.test_terminal import first_screen, rendered
from tests.zoo.sets import make

SAMPLE = Path(embaudit.__file__).parent.parent / "sample_data" / "healthy.parquet"
OF_STATE = {
    "check_input": ("zero_rows_strong", "✗"),
    "collapsed": ("one_point", "✗"),
    "check_labels": ("flips_strong", "!"),
    "overlapping": ("overlap_strong", "!"),
    "healthy": ("plain", "✓"),
    "points_only": ("points_alone", "?"),
}
IDS = sorted({*(spec.id for spec in FINDINGS), "suspect_labels", "collapse_warning"})


@cache
def sample() -> Report:
    return embaudit.audit(embaudit.load(SAMPLE), threads=1)


def head(text: str, lines: int = 12) -> list[str]:
    return text.splitlines()[:lines]


@pytest.mark.parametrize("state", OF_STATE)
def test_the_first_line_is_the_state_with_its_mark_and_its_reason(state):
    name, mark = OF_STATE[state]
    report = audited(name)
    assert report.diagnosis.state == state
    told = f"{said(state)}: {report.diagnosis.reason}"
    for text in (rendered(report, 200), first_screen(report, 200)):
        assert text.splitlines()[2] == f"{mark}  {told}"
    bullet = render_markdown(report, ALL_MEASURES).splitlines()[2]
    assert bullet.startswith(f"- {mark} **{said(state)}: ")
    assert f"{said(state)}: " in render_github(report).splitlines()[0]
    assert f'name="diagnosis" value="{state}"' in render_junit(report).decode()


def test_every_state_has_a_mark_and_a_set():
    assert set(MARKS) - {"none", "warning"} == set(OF_STATE) == set(DIAGNOSES)


@pytest.mark.parametrize("state", OF_STATE)
def test_what_the_state_is_decided_by_is_said_once(state):
    report = audited(OF_STATE[state][0])
    text = " ".join(rendered(report, 200).split("Numbers that matter")[0].split())
    assert text.casefold().count(report.diagnosis.reason.casefold()) == 1


@pytest.mark.parametrize("state", OF_STATE)
def test_the_others_follow_in_the_order_of_the_diagnosis(state):
    report = audited(OF_STATE[state][0])
    first, *others = (one.id for one in findings(report) if one.id or one.headline[0].isupper())
    ids = [one.id for one in report.diagnosis.findings]
    assert [id for id in others if id] == [id for id in ids if id != first]


@pytest.mark.parametrize("id", in_part(IDS, 3))
@pytest.mark.parametrize("mark", ["bad", "warning", "note"])
def test_every_finding_is_told_with_its_remedy_and_its_command(id, mark):
    """In the terminal and in Markdown; what to do is said once."""
    one = Finding(
        id=id, title="A title", mark=mark, headline=f"Rows 3 and 17 have {id}",
        details=("And here is why.",), remedy="Look at them.", command=f"embaudit explain {id}",
    )  # fmt: skip
    others = tuple(
        other
        for other in (samples.SUSPECTS, samples.COPIES, samples.FEW_DIRECTIONS)
        if other.id != id
    )
    for asked in ((one,), others):  # among the next steps, and not
        found = Diagnosis(
            state="healthy", reason="well", findings=(*others, one), next=asked, chance=0.1
        )
        report = samples.report(diagnosis=found)
        text = rendered(report, 100)
        page = render_markdown(report, samples.MEASURES).replace("\\", "")
        for told in (" ".join(text.split()), " ".join(page.split())):
            assert one.headline in told
            assert "And here is why." in told
            assert len(re.findall("look at them", told, re.IGNORECASE)) == 1
        for lines in (text.splitlines(), page.splitlines()):
            assert [line.strip() for line in lines].count(one.command) == 1


def test_every_finding_and_state_is_explained():
    words = {topic.id for topic in TOPICS}
    assert {*IDS, *DIAGNOSES, "not_collapsed", *(one.id for one in NOTICES)} == words
    assert not words & {measure.id for measure in ALL_MEASURES}
    for topic in TOPICS:
        assert all((topic.title, topic.meaning, topic.advice, dict(topic.facts)["mark"]))


@pytest.mark.parametrize(
    "name", ["zero_rows_middle", "minus_one_middle", "permuted_dimensions_middle"]
)
def test_a_real_fault_is_told_with_its_evidence(name):
    report = audited(name)
    wanted = {*make(name).findings}
    told = " ".join(rendered(report, 200).split())
    for one in report.diagnosis.findings:
        if one.id in wanted:
            wanted.remove(one.id)
            assert one.headline in told
            assert one.remedy[1:] in told
    assert not wanted


def test_a_label_that_means_none_is_no_class_to_be_told_apart():
    text = rendered(audited("minus_one_strong")).split("\nAudited\n")[0]
    assert not re.search(r"-1 and|and -1", text)


def test_a_healthy_set_has_no_mark_against_it_and_no_saturated_figure_first():
    assert sample().diagnosis.state == "healthy"
    for text in (rendered(sample()), rendered(sample(), encoding="ascii")):
        first = head(text)
        assert not any(line.startswith(("✗", "!", "x ")) for line in first)
        assert not re.search(r"violat\w* anchors|anchors violat", " ".join(first))
        assert "99.95%" not in " ".join(first)
    marks = {one.mark for one in findings(sample())}
    assert marks <= {"good", "note"}
    bullets = [line for line in render_markdown(sample(), ALL_MEASURES).splitlines()[:12] if line]
    assert not any(line.startswith(("- ✗", "- !")) for line in bullets)


def test_a_healthy_set_has_no_red_on_its_first_screen():
    colored = rendered(sample(), color=True)
    assert not re.search(r"\x1b\[[0-9;]*(?<![0-9])3[13](?![0-9])", colored.split("Next")[0])


def test_figures_stand_beside_what_chance_has():
    text = rendered(sample())
    assert re.search(r"this set +chance\n +nearest row right \(P@1\) +86\.5% +1\.56%", text)
    assert re.search(r"same class nearer \(AUC\) +98\.8% +50%", text)
    assert text.index("(P@1)") < text.index("violated_triplets")


def test_the_forecast_is_one_plain_line():
    report = sample()
    risk = report.measures["collapse_risk"]
    (line,) = [one for one in findings(report) if "collapse pressure" in one.headline]
    assert (line.mark, line.details) == ("note", ())
    assert line.headline == (
        f"Batch-hard training at 18 x 4: collapse pressure {risk.lower:.2%} to {risk.upper:.2%}, "
        "moderate"
    )


@pytest.mark.parametrize("name", ["one_point", "labels_shifted_strong", "overlap_strong"])
def test_where_labels_or_classes_mean_nothing_no_advice_is_on_them(name):
    text = rendered(audited(name), 200)
    steps = text.split("\nNext\n")[1].split("\nAudited\n")[0]
    assert not re.search(
        r"suspect label|label of row|hardest triplet|Look at class|Fix rows", steps
    )
    assert "Suspect labels" not in text
    if name != "overlap_strong":
        assert "told apart?" not in steps


def test_a_report_of_before_there_were_diagnoses_is_still_told():
    old = samples.collapsed().model_copy(update={"diagnosis": None})
    assert "\n✗  Collapse: collapsed\n" in rendered(old)
    assert "- ✗ **Collapse: collapsed**" in render_markdown(old, samples.MEASURES)
    assert "Collapse: collapsed" in render_github(old)
    assert b"diagnosis" not in render_junit(old)
    again = Report.model_validate_json(
        sample().model_copy(update={"diagnosis": None}).model_dump_json(by_alias=True)
    )
    assert "\n✓  Collapse: none\n" in rendered(again)
