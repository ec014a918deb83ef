"""What was acknowledged is counted and told nowhere; what is bad is told all the same."""

import ast
import json

import numpy as np
import pytest
from typer.testing import CliRunner

import embaudit
from embaudit.cli import app
from embaudit.errors import UsageError
from embaudit.findings import KNOWN_FINDINGS, OF_STATES
from embaudit.findings.diagnosis_glossary import TOPICS
from embaudit.gate import condition_of, judge
from embaudit.measures import MEASURES
from embaudit.report import Report
from tests.combined import in_part
from tests.gate.test_diagnosis_rules import report
from tests.package.test_layers import FILES

RNG = np.random.default_rng(0)
LABELS = np.repeat(["A", "a", "B", "C", "D", "E"], 10)
ROWS = (4 * RNG.normal(size=(6, 8))[np.repeat(np.arange(6), 10)] + RNG.normal(size=(60, 8))).astype(
    "f4"
)
TOLD = "differ only in case"


def codes_in_the_source():
    """The code of every notice that is made anywhere: a text, or a name that stands for one."""
    for file in FILES:
        tree = ast.parse(file.read_text())
        names = {
            node.targets[0].id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice":
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    yield code.value
                elif code.id in names:
                    yield names[code.id]


@pytest.mark.thorough
def test_every_notice_can_be_explained_and_acknowledged():
    codes = set(codes_in_the_source())
    assert len(codes) > 20
    known = {topic.id for topic in TOPICS}
    for code in codes:
        assert code in known
        if code not in OF_STATES:
            embaudit.audit(
                [[0.0], [1.0], [2.0]], [1, 1, 2], measures="duplicate_rows", acknowledge=code
            )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("e.npz", embedding=ROWS, label=LABELS)
    return tmp_path


def ran(line, code=0):
    done = CliRunner().invoke(app, line.split(), env={"COLUMNS": "200"})
    assert done.exit_code == code, done.output
    return done.stdout + done.stderr


LINES = (
    "audit e.npz -o r.json -o r.md -o r.html --format github -q",
    "trend e.npz f.npz -o r.json -o r.md -o r.html --no-cache -q",
    "forecast e.npz -o r.json -o r.md -q",
    "project e.npz -o r.json -q",
    "mine e.npz -o r.json -o t.parquet -q",
    "inspect e.npz --format json",
)


@pytest.mark.parametrize("line", in_part(LINES), ids=lambda line: line.split()[0])
def test_an_acknowledged_notice_is_counted_and_told_in_no_medium(line, folder):
    np.savez("f.npz", embedding=2 * ROWS, label=LABELS)

    def told():
        out = ran(line)
        files = {one.name: one.read_text() for one in folder.glob("r.*")}
        document = json.loads(files.get("r.json", out))
        return out + "".join(files.values()), document["acknowledged"]

    text, counted = told()
    assert TOLD in text
    assert counted == {}
    (folder / "embaudit.toml").write_text('acknowledge = ["label_twins", "left_out"]')
    text, counted = told()
    assert TOLD not in text
    assert counted == {"label_twins": line.count(".npz")}  # one a file


def test_an_acknowledgement_on_the_command_line_may_be_repeated(folder):
    ran("audit e.npz --acknowledge label_twins --acknowledge suspect_labels -q -o r.json")
    assert json.loads((folder / "r.json").read_text())["acknowledged"] == {"label_twins": 1}


@pytest.mark.parametrize(
    ("mark", "counted"),
    [("bad", {}), ("warning", {"near_copies": 1}), ("note", {"near_copies": 1})],
)
def test_a_finding_is_acknowledged_unless_it_is_bad(mark, counted):
    before = report("healthy", ("near_copies", mark), ("zero_rows", "bad"))
    after = before.acknowledging(["near_copies", "zero_rows", "no_margin"])
    assert after.acknowledged == counted
    told = [one.id for one in after.diagnosis.findings]
    assert told == [one for one in ("near_copies", "zero_rows") if one not in counted]
    assert [one.id for one in after.diagnosis.next] == told
    assert after.diagnosis.state == before.diagnosis.state


def test_a_warning_that_was_acknowledged_passes_a_gate_and_a_bad_one_does_not():
    rule = condition_of("no finding", MEASURES)
    for mark, status in (("warning", "pass"), ("bad", "fail")):
        known = report("healthy", ("near_copies", mark)).acknowledging(["near_copies"])
        assert judge([rule], known).rules[0].status == status


def test_what_is_next_is_filled_up_from_what_is_still_told():
    ids = ("near_copies", "low_precision", "saturated_values", "narrow_cone")
    known = report("healthy", *((id, "warning") for id in ids)).acknowledging(["low_precision"])
    assert [one.id for one in known.diagnosis.next] == [ids[0], *ids[2:]]


def test_a_fault_of_the_file_fails_whatever_was_acknowledged():
    rows = np.concatenate((ROWS, np.zeros((20, 8), "f4")))
    labels = [*LABELS, *LABELS[::3]]
    every = sorted(KNOWN_FINDINGS.keys() - OF_STATES)
    found = embaudit.audit(rows, labels, gate="smoke", acknowledge=every)
    plain = embaudit.audit(rows, labels, gate="smoke")
    assert found.diagnosis.state == plain.diagnosis.state == "check_input"
    assert found.gate.verdict == plain.gate.verdict == "fail"
    bad = [one.id for one in plain.diagnosis.findings if one.mark == "bad"]
    assert [one.id for one in found.diagnosis.findings if one.mark == "bad"] == bad


@pytest.mark.parametrize("id", ["label_twin", "Label_twins", "", "precision_at_1"])
def test_an_unknown_id_is_an_error_that_lists_the_known_ones(id):
    with pytest.raises(UsageError) as refused:
        embaudit.audit(ROWS, LABELS, acknowledge=[id])
    (problem,) = refused.value.problems
    assert "acknowledge: unknown id" in problem.cause
    assert "label_twins" in problem.remedy
    assert "near_copies" in problem.remedy
    assert "overlapping" not in problem.remedy


@pytest.mark.parametrize("id", sorted(OF_STATES))
def test_a_state_cannot_be_acknowledged(id):
    with pytest.raises(UsageError, match="is a state"):
        embaudit.audit(ROWS, LABELS, acknowledge=id)


def test_a_report_of_before_has_nothing_acknowledged():
    told = json.loads(embaudit.audit(ROWS, LABELS).to_json())
    del told["acknowledged"]
    assert Report.model_validate(told).acknowledged == {}
