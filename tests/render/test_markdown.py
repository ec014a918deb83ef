import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embaudit.render.markdown import code, prose, render_markdown
from tests.render import samples
from tests.render.samples import EVERY, MEASURES
from tests.render.test_text import ANY, assert_inert

CELL_END = re.compile(r"(?<!\\)\|")


def assert_tables_are_whole(text: str) -> None:
    width = 0
    for line in text.split("\n"):
        cells = len(CELL_END.findall(line)) - 1
        if not line.startswith("|"):
            width = 0
        else:
            assert width in (0, cells), line
            width = cells


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
    assert first.startswith("- ? **No labels: what is known is of the points alone**")


def test_ten_thousand_classes_say_how_many_more():
    assert "9,880 more with violations" in render_markdown(samples.many_classes(), MEASURES)
