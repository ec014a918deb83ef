"""Rules about the diagnosis and about findings hold what the report says, in every medium."""

import functools
import json
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner

import embaudit
from embaudit.cli import app
from embaudit.findings import KNOWN_FINDINGS
from embaudit.gate import condition_of, judge
from embaudit.measures import MEASURES
from embaudit.outputs.media.as_annotations import render_github
from embaudit.outputs.media.as_junit import render_junit
from embaudit.report.diagnosis_model import DIAGNOSES, MARKS, Diagnosis, Finding

ORDER = {mark: at for at, mark in enumerate(MARKS)}


@functools.cache
def small():
    return embaudit.audit([[0.0], [1.0], [2.0]], ["a", "a", "b"], measures="duplicate_rows")


def report(state="healthy", *findings):
    """A report with a diagnosis of findings (id, mark)."""
    told = tuple(
        Finding(id=id, mark=mark, headline=f"There is {id}", remedy="Mend it.",
                command=f"embaudit explain {id}")
        for id, mark in findings
    )  # fmt: skip
    diagnosis = Diagnosis(state=state, reason="so it is", findings=told, next=told[:3])
    return small().model_copy(update={"diagnosis": diagnosis})


def rule(text, of):
    (one,) = judge([condition_of(text, MEASURES)], of).rules
    return one


@pytest.mark.parametrize("state", DIAGNOSES)
@pytest.mark.parametrize("wanted", DIAGNOSES)
def test_the_state_is_as_asked(state, wanted):
    found = report(state)
    for operator, holds in (("==", state == wanted), ("!=", state != wanted)):
        one = rule(f"diagnosis {operator} {wanted}", found)
        assert one.status == ("pass" if holds else "fail")
        assert (one.kind, one.found, one.measure) == ("diagnosis", (state,), None)
        assert holds or (state in one.remedy and "so it is" in one.remedy)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("id", KNOWN_FINDINGS)
def test_a_finding_fails_from_a_warning_on_or_as_it_is_usually_marked(id, mark):
    one = rule(f"no finding {id}", report("healthy", (id, mark), ("other", "bad")))
    least = min(ORDER["warning"], ORDER[KNOWN_FINDINGS[id]])
    assert one.status == ("fail" if ORDER[mark] >= least else "pass")
    assert one.kind == "finding"
    assert one.found == ((id,) if one.status == "fail" else ())
    assert rule(f"no finding {id}", report("healthy", ("other", "bad"))).status == "pass"


@pytest.mark.parametrize("mark", MARKS)
def test_no_finding_at_all_is_none_that_may_mislead(mark):
    one = rule("no finding", report("healthy", ("narrow_cone", "note"), ("zero_rows", mark)))
    assert one.status == ("fail" if mark in ("warning", "bad") else "pass")


def test_what_fails_says_what_was_found_and_the_command():
    found = report("check_input", ("mixed_spaces", "bad"), ("near_copies", "warning"))
    for text in ("no finding", "no finding mixed_spaces", "diagnosis == healthy"):
        assert "Mend it. `embaudit explain mixed_spaces`" in rule(text, found).remedy
    assert "There is mixed_spaces." in rule("no finding", found).remedy
    assert rule("no finding", found).found == ("mixed_spaces", "near_copies")
    assert "near_copies" in rule("no finding", found).remedy
    warned = rule("warn: no finding mixed_spaces", found)
    assert (warned.status, warned.level) == ("warn", "warn")


def test_of_points_only_it_says_what_is_missing():
    found = report("points_only")
    options = found.options.model_copy(update={"labels": False})
    one = rule("diagnosis == healthy", found.model_copy(update={"options": options}))
    assert one.status == "fail"
    assert "--labels" in one.remedy


@pytest.mark.parametrize("text", ["no finding zero_rows", "no finding", "diagnosis != collapsed"])
def test_a_report_without_a_diagnosis_decides_nothing(text):
    bare = small().model_copy(update={"diagnosis": None})
    one = rule(text, bare)
    assert one.status == "undecided"
    assert "audit again" in one.remedy
    assert rule(f"warn: {text}", bare).status == "warn"


def judged(text, of):
    return of.model_copy(update={"gate": judge([condition_of(text, MEASURES)], of)})


def test_junit_and_annotations_tell_them():
    found = report("check_input", ("zero_rows", "bad"))
    failed = judged("no finding zero_rows", found)
    (case,) = ElementTree.fromstring(render_junit(failed)).iter("testcase")
    assert (case.get("name"), case.get("classname")) == ("no finding zero_rows", "embaudit.finding")
    assert "There is zero_rows" in case.find("failure").text
    properties = ElementTree.fromstring(render_junit(failed)).iter("property")
    assert ("diagnosis", "check_input") in {(p.get("name"), p.get("value")) for p in properties}
    line = next(one for one in render_github(failed).splitlines() if "Gate%3A" in one)
    assert line.startswith("::error title=Gate%3A no finding zero_rows::Failed: There is zero_rows")
    told = render_github(judged("warn: diagnosis == healthy", found)).splitlines()
    line = next(one for one in told if "Gate%3A" in one)
    assert line.startswith("::warning title=Gate%3A warn%3A diagnosis == healthy::Warning: It is")


ZEROS = """
[gate]
diagnosis = "healthy"

[gate.no_finding]
zero_rows = "error"
near_copies = "warn"
any = "warn"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("gated")
    rng = np.random.default_rng(0)
    y = np.arange(120) % 6
    x = 3 * rng.normal(size=(6, 8))[y] + rng.normal(size=(120, 8))
    np.savez(made / "good.npz", embedding=x, label=y)
    x[:20] = 0
    np.savez(made / "zeros.npz", embedding=x, label=y)
    (made / "embaudit.toml").write_text(ZEROS)
    return made


@pytest.mark.parametrize(("name", "verdict"), [("good", "pass"), ("zeros", "fail")])
def test_from_a_file_and_from_flags_they_decide_the_same(folder, name, verdict):
    asked = ["diagnosis == healthy", "no finding zero_rows", "warn: no finding near_copies",
             "warn: no finding"]  # fmt: skip
    data = str(folder / f"{name}.npz")
    quick = ["--measures", "duplicate_rows", "--threads", "1", "--format", "json"]
    flags = [word for text in asked for word in ("--gate", text)]
    for place in (["--config", str(folder / "embaudit.toml")], ["--no-config", *flags]):
        done = CliRunner().invoke(app, ["audit", data, *quick, *place])
        gate = json.loads(done.stdout)["gate"]
        assert [one["rule"] for one in gate["rules"]] == asked
        assert gate["verdict"] == verdict
        assert done.exit_code == (verdict == "fail")
        statuses = [one["status"] for one in gate["rules"]]
        assert statuses == (["pass"] * 4 if name == "good" else ["fail", "fail", "pass", "warn"])


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("[gate]\ndiagnosis = 5", "gate.diagnosis: give a state"),
        ("[gate.diagnosis]\nlevel = 'warn'", "gate.diagnosis: names no state"),
        ("[gate.diagnosis]\nisnt = 'healthy'", "gate.diagnosis.isnt: unknown key"),
        ("[gate]\nno_finding = 'zero_rows'", "gate.no_finding: give a table"),
        ("[gate.no_finding]\nzero_rows = true", "gate.no_finding.zero_rows: "),
        ("[gate.no_finding]\nzero_row = 'error'", "Did you mean zero_rows"),
        ("[gate]\ndiagnosis = 'helthy'", "Did you mean healthy?"),
    ],
)
def test_a_file_that_cannot_mean_anything_is_refused(folder, tmp_path, table, problem):
    config = tmp_path / "embaudit.toml"
    config.write_text(table)
    done = CliRunner().invoke(app, ["audit", str(folder / "good.npz"), "--config", str(config)])
    assert done.exit_code == 2
    assert problem in " ".join(done.stderr.split())
    assert "embaudit.toml" in done.stderr


def test_states_of_a_table(folder, tmp_path):
    config = tmp_path / "embaudit.toml"
    config.write_text("[gate.diagnosis]\nis_not = ['collapsed', 'check_input']\nlevel = 'warn'\n")
    arguments = ["audit", str(folder / "zeros.npz"), "--config", str(config), "--format", "json",
                 "--measures", "duplicate_rows"]  # fmt: skip
    rules = json.loads(CliRunner().invoke(app, arguments).stdout)["gate"]["rules"]
    assert [(one["rule"], one["status"]) for one in rules] == [
        ("warn: diagnosis != collapsed", "pass"),
        ("warn: diagnosis != check_input", "warn"),
    ]
