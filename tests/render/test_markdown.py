import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embaudit.data import Notice
from embaudit.render import audit_document, document_markdown
from embaudit.render.markdown.escapes import code, prose
from embaudit.report import Verdict
from tests.render import samples
from tests.render.samples import EVERY, MEASURES
from tests.render.test_safe_text import ANY, assert_inert

CELL_END = re.compile(r"(?<!\\)\|")


def render_markdown(report, measures):
    return document_markdown(audit_document(report, measures))


def assert_tables_are_whole(text: str) -> None:
    width = 0
    for line in text.split("\n"):
        cells = len(CELL_END.findall(line)) - 1
        if not line.startswith("|"):
            width = 0
        else:
            assert width in (0, cells), line
            width = cells


def crowded():
    """Whatever can grow, grown: classes, labels of 1 MB, rules, warnings, files and triplets."""
    long = "|&<" * 400_000
    report = samples.with_labels(tuple(f"{k}{long}" for k in range(25)))
    rules = samples.gated([(long, "pass")] * 2_000).gate.rules
    rules = (*rules, rules[0].model_copy(update={"status": "fail", "rule": "the one <= 0"}))
    return report.model_copy(
        update={
            "warnings": (Notice(long, long),) * 500,
            "classes": tuple(
                report.classes[k % 25].model_copy(update={"rows": k}) for k in range(10_000)
            ),
            "hardest_triplets": report.hardest_triplets * 100,
            "inputs": report.inputs * 100,
            "gate": Verdict(verdict="fail", rules=rules),
        }
    )


def test_whatever_grows_the_page_fits_into_a_step_summary():
    text = render_markdown(crowded(), MEASURES)
    assert len(text.encode()) < 1_000_000
    assert_tables_are_whole(text)
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings[:4] == ["# Embedding audit", "## Gate", "## Next", "## Audited"]
    verdict, gate = text.split("## Gate")[0], text.split("## Gate")[1].split("##")[0]
    assert "Gate failed: 1 of 2,001 rules failed" in verdict
    assert gate.splitlines()[4].startswith("| fail | `the one <= 0` |")
    assert "1,951 more rules, none more urgent" in gate
    assert "480 more warnings" in text


@pytest.mark.parametrize("name", EVERY)
def test_tables_are_whole_and_small(name):
    report = EVERY[name]()
    text = render_markdown(report, MEASURES)
    assert_tables_are_whole(text)
    assert_inert(text.replace("\n", ""))
    assert len(text.encode()) < 200_000
    for id in report.measures:
        assert f"`{id}`" in text


def test_no_markup_from_data_outside_code():
    text = render_markdown(samples.hostile(), MEASURES)
    text = re.sub(r"^ *```sh\n(.*\n)*? *```$", "", text, flags=re.MULTILINE)
    outside = re.sub(r"`[^`\n]*`", "", text.replace("``` ```", "").replace("\\`", ""))
    assert "<" not in outside.replace("violated_triplets <= LIMIT", "")
    assert "://" not in outside
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert "@" not in outside
    assert "`" not in outside


@given(st.lists(ANY, min_size=1, max_size=3))
@settings(max_examples=15, deadline=None)
def test_any_label_whatsoever(labels):
    text = render_markdown(samples.with_labels(tuple(labels)), MEASURES)
    assert_tables_are_whole(text)
    assert_inert(text.replace("\n", ""))


@given(ANY)
def test_a_code_span_cannot_be_left(text):
    shown = code(text)
    assert shown.count("`") == 2 or shown == "``` ```"
    assert "|" not in shown
    assert "\n" not in shown


def test_prose_is_not_markup():
    assert prose("a*b* <i> [x](http://y) _z_ p_1 #1 | `c`") == (
        "a\\*b\\* &lt;i&gt; \\[x\\](http&#58;//y) \\_z\\_ p_1 \\#1 &#124; \\`c\\`"
    )


def test_without_labels_the_first_line_says_so():
    first = render_markdown(samples.unlabelled(), MEASURES).splitlines()[2]
    assert first.startswith("- ? **POINTS ONLY: without labels nothing is known of classes**")


def test_ten_thousand_classes_say_how_many_more():
    assert "9,880 more with violations" in render_markdown(samples.many_classes(), MEASURES)
