import pytest

from embaudit.render.safe_text import label
from embaudit.render.words.next_steps import next_steps, worst_classes
from embaudit.render.words.step_command import command_of
from tests.render import samples


@pytest.mark.parametrize("name", samples.EVERY)
def test_there_are_one_to_three_steps(name):
    assert 1 <= len(next_steps(samples.EVERY[name](), label)) <= 3


def test_the_worst_pair_and_a_safe_batch_are_named():
    steps = " ".join(next_steps(samples.trained(), label))
    assert "'uppercase I'" in steps
    assert "'lowercase l'" in steps
    assert "8 classes x 4 rows" in steps


def test_no_safe_shape_is_said():
    report = samples.report(forecast=(samples.forecast(18, 4, 0.9, 0.5),))
    assert "no forecast batch shape is safe" in " ".join(next_steps(report, label))


def test_one_vector_under_two_labels_comes_first():
    report = samples.with_labels(("a",))
    same = {"gate": samples.report().gate, "diagnosis": samples.healthy().diagnosis}
    assert (
        "the same vector under two labels" in next_steps(report.model_copy(update=same), label)[0]
    )


def test_a_row_in_most_of_the_hardest_triplets_is_named():
    hardest = tuple(
        one.model_copy(update={"positive": 77}) for one in samples.trained().hardest_triplets
    )
    report = samples.report(
        hardest_triplets=hardest, diagnosis=samples.healthy().diagnosis, blame=None
    )
    steps = next_steps(report, label)
    assert steps[0] == "Check the label of row 77: it takes part in 12 of the 12 hardest triplets."


def test_an_undecided_rule_comes_next_after_the_diagnosis():
    found, undecided, *_ = next_steps(samples.gate_failing(), label)
    assert found.startswith("Close to a collapse: compare")
    assert "undecided gate rules" in undecided


def test_what_the_diagnosis_asks_for_comes_first_with_its_command():
    steps = next_steps(samples.regressed(), label)
    asked = samples.regressed().diagnosis.next
    assert [str(command_of(step)) for step in steps] == [one.command for one in asked]
    assert steps[0] == (
        "Suspect labels: look at these labels, the surest first, and fix what is wrong."
    )


def test_of_a_collapsed_embedding_no_state_is_held():
    steps = next_steps(samples.collapsed(), label)
    assert steps[0].startswith("Collapse: go back to the last checkpoint before it")
    assert "Hold this state" not in " ".join(steps)


def test_without_labels_no_step_is_about_them():
    steps = next_steps(samples.unlabelled(), label)
    assert steps[0].startswith("Close to a collapse")
    assert "(--labels FILE)" in steps[-1]
    assert not any(
        "violated_triplets" in step or "collapse_state == none" in step for step in steps
    )
    well = samples.diagnosis("points_only", samples.POINTS, chance=None)
    fine = samples.unlabelled().model_copy(
        update={"collapse": samples.collapse(), "diagnosis": well}
    )
    assert "collapse_state == none" in " ".join(next_steps(fine, label))
    assert "violated_triplets" not in " ".join(next_steps(fine, label))


def test_worst_classes_by_violations_then_gap():
    worst, more = worst_classes(samples.many_classes(), 3)
    assert [row.label for row in worst] == ["class 9998", "class 9897", "class 9796"]
    assert more == 9_900 - 3
