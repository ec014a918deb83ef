"""What is printed where nothing else is asked for: 24 lines that are read in ten seconds."""

import re
from decimal import ROUND_CEILING, ROUND_FLOOR

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embaudit.render import failures
from embaudit.render.words.audit_summary import _rounded
from embaudit.render.words.key_figures import key_figures
from embaudit.verbs.explain import explained
from tests.render import samples
from tests.render.audited import audited
from tests.render.samples import EVERY
from tests.render.test_terminal import COMMAND, first_screen, rendered
from tests.render.test_verdict import OF_STATE, sample

LINES = 24
NAMED = {  # which are no measures
    "input": "check_input",
    "without the fault": "check_input",
    "directions in use": "entropy_rank",
    "copies of another row": "duplicate_rows",
    "cosine of two random rows": "mean_cosine",
}
HINT = "All figures: --full, or -o report.html. Any word: embaudit explain WORD"


def by_itself(text: str) -> str:
    """A screen without its gate, which stands last however long it is."""
    return text[: text.index(HINT) + len(HINT) + 1]


@pytest.mark.parametrize("state", OF_STATE)
def test_it_fits_for_every_state(state):
    text = first_screen(audited(OF_STATE[state][0]))
    assert text.count("\n") <= LINES, text


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"hostile"}))
def test_it_fits_whatever_a_report_holds(name):
    assert by_itself(first_screen(EVERY[name]())).count("\n") <= LINES


def test_it_fits_for_the_sample():
    assert first_screen(sample()).count("\n") <= LINES


@pytest.mark.parametrize("state", OF_STATE)
def test_the_state_comes_first_then_figures_then_what_to_do(state):
    report = audited(OF_STATE[state][0])
    text = first_screen(report)
    parts = [OF_STATE[state][1], "collapse", "\nNext\n", HINT]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)
    assert f"{report.data.rows:,} rows x {report.data.dim:,} dims" in text.splitlines()[0]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("state", sorted(set(OF_STATE) - {"points_only"}))
def test_the_figures_and_what_chance_gives_stand_at_every_width(state, width):
    report = audited(OF_STATE[state][0])
    text = first_screen(report, width)
    for one in key_figures(report).figures:
        name = one.name if width >= 76 else one.name.partition(" (")[0]
        assert re.search(
            rf"{re.escape(name)} +{re.escape(one.here)} *{re.escape(one.beside)}", text
        )


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_command_is_cut(width):
    report = samples.regressed()
    told = report.diagnosis.next[0].command
    lines = [line for line in first_screen(report, width).splitlines() if COMMAND.match(line)]
    assert told in " ".join(line.strip().removesuffix(" \\") for line in lines)


def test_the_gate_is_the_last_line_and_its_failures_can_stand_alone():
    report = samples.gate_failing()
    *_, last = first_screen(report).splitlines()
    assert last == "✗  Gate failed: 1 of 5 rules failed, 2 undecided"
    assert rendered(report).splitlines()[-1] == last
    told = failures(report)
    failed = [rule for rule in report.gate.rules if rule.level == "error" and rule.status != "pass"]
    assert len(told) == len(failed)
    assert all(rule.rule in line for rule, line in zip(failed, told, strict=True))
    assert failures(samples.trained()) == []


def test_rules_that_passed_are_only_counted():
    text = first_screen(samples.gated([(f"d_iso <= {k}", "pass") for k in range(9)]))
    assert "d_iso <= 3" not in text
    assert text.splitlines()[-1] == "✓  Gate passed: 9 rules"


def test_of_a_collapse_no_label_or_class_is_told():
    text = first_screen(audited("one_point"))
    for words in ("most often mixed up", "risk of batch-hard", "Look at classes"):
        assert words not in text
    assert re.search(r"suspect labels +- ", text)


def test_of_a_fault_the_figure_without_it_stands_below_that_with_it():
    report = audited(OF_STATE["check_input"][0])
    own = report.diagnosis.findings[0].evidence.get("precision_at_1_without")
    assert (own is not None) == ("without the fault" in first_screen(report))


def test_a_label_in_quotes_stays_apart_from_a_number():
    text = first_screen(sample())
    assert "'I' and 'l' (27)" in text


@given(st.floats(-1e12, 1e12), st.sampled_from([ROUND_FLOOR, ROUND_CEILING]))
def test_ends_are_rounded_outward(end, way):
    told = float(_rounded(end, way))
    assert told <= end if way == ROUND_FLOOR else told >= end
    assert abs(told - end) <= 0.0101 * abs(end)


def test_the_four_figures_of_the_paper_stand_on_a_healthy_screen():
    text = " ".join(first_screen(sample()).split())
    for name in ("d_iso [", "thickness [", "violated triplets", "risk of batch-hard"):
        assert name in text


@pytest.mark.parametrize(
    ("word", "id"),
    [("P@1", "precision_at_1"), ("suspect labels", "suspect_labels"), ("Thickness", "thickness"),
     ("collapse of classes", "class_collapse"), ("d-iso", "d_iso"), ("AUC", "separation_auc")],
)  # fmt: skip
def test_a_word_of_the_screen_is_explained(word, id):
    (one,) = explained(word)
    assert one.id == id


def test_every_name_on_the_screen_is_explained():
    for state in OF_STATE:
        for one in key_figures(audited(OF_STATE[state][0])).figures:
            assert explained(NAMED.get(one.name, one.name.partition(" (")[0]))
