import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from embaudit.measures import MEASURES as ALL_MEASURES
from embaudit.render.terminal.console import console_for
from embaudit.render.terminal.terminal_document import show_document, show_first_fitting
from embaudit.render.words.audit_summary import first_screens
from embaudit.render.words.audit_words import ORDER, audit_document
from embaudit.render.words.measured_value_words import interval
from embaudit.report import Report
from tests.combined import in_part
from tests.render import samples
from tests.render.samples import EVERY, MEASURES
from tests.render.test_safe_text import ANY, assert_inert

WIDTHS = (40, 60, 80, 120)
COMMAND = re.compile(r" {5,8}(embaudit|  --?\w)")  # a line of one is never cut


def printed(show, width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """What something shows on a console."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True, newline="\n")
    show(console_for(stream, width=width, color=color, environ={}))
    return raw.getvalue().decode(encoding)


def rendered(report: Report, width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """All of it, as --full prints it."""
    document = audit_document(report, MEASURES)
    return printed(lambda console: show_document(document, console), width, color, encoding)


def first_screen(
    report: Report, width: int = 80, color: bool = False, encoding: str = "utf-8"
) -> str:
    """What is printed where nothing else is asked for."""
    screens = first_screens(report)
    return printed(lambda console: show_first_fitting(screens, console), width, color, encoding)


@pytest.mark.parametrize("width", in_part(WIDTHS))
@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_lines_fit_and_hold_no_escape_sequence(name, width, encoding):
    text = rendered(EVERY[name](), width, encoding=encoding)
    assert "\x1b" not in text
    for line in text.splitlines():
        assert cell_len(line) <= width or COMMAND.match(line), line
        assert line == line.rstrip()
        assert_inert(line)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_what_is_not_utf_gets_pure_ascii(encoding):
    assert rendered(samples.hostile(), encoding=encoding).isascii()
    assert "\\u2" not in rendered(samples.trained(), encoding=encoding)  # our glyphs are spelt


@pytest.mark.parametrize("name", EVERY)
def test_every_measure_and_both_ends_of_its_interval_are_there(name):
    report = EVERY[name]()
    text = rendered(report, 120)
    for id, reading in report.measures.items():
        assert id in text
        assert interval(reading) in text


def test_kinds_can_be_told_apart_without_colour():
    text = rendered(samples.trained())
    for kind in ("exact", "certified", "sampled 99%", "estimate", "undefined"):
        assert kind in text


@given(st.lists(ANY, min_size=1, max_size=3))
@settings(max_examples=15, deadline=None)
def test_any_label_whatsoever(labels):
    text = rendered(samples.with_labels(tuple(labels)), 60)
    assert_inert(text.replace("\n", ""))
    assert all(cell_len(line) <= 60 for line in text.split("\n"))


def test_the_verdict_comes_first_and_a_constant_map_is_no_success():
    head = rendered(samples.collapsed())[:700]
    told = " ".join(head.split())
    assert "✗ COLLAPSED: inputs of different classes get nearly the same vector" in told
    assert "eparated" not in told
    assert "✓" not in head


def test_a_healthy_set_reads_healthy():
    text = rendered(samples.healthy())
    assert "Triplet-separated: none of 10,106 anchors violates" in text
    assert "✗" not in text
    assert "Worst classes" not in text


def test_without_labels_nothing_is_said_of_classes():
    text = rendered(samples.unlabelled())
    assert "\n?  POINTS ONLY: without labels nothing is known of classes\n" in text
    head = " ".join(text.split("Next")[0].split())
    assert "directions in use 3.142 128 exact" in head
    assert "! Close to a dimensional collapse" in head
    assert "10,106 rows x 128 dims, no labels, l2, margin 0.2" in text
    for words in ("riplet-separated", "0 classes", "0 anchors", "None", "search", "risk"):
        assert words not in text


def in_order(text: str, titles: tuple[str, ...]) -> bool:
    lines = [line.split("  ")[0] for line in text.splitlines()]
    places = [lines.index(title) for title in titles]
    return places == sorted(places)


def test_one_reads_from_the_verdict_to_the_worst_triplets():
    text = rendered(samples.regressed())
    assert text.index("CHECK LABELS") < text.index("nearest row right (P@1)")
    assert in_order(
        text,
        (
            "Gate",
            "Next",
            "Audited",
            "Separation",
            "Worst classes, by violated triplets",
            "Confused classes, without suspect rows",
            "Spectrum",
            "Collapse",
            "Forecast under batch-hard mining, classes x rows",
            "Thickness",
            "Distance to a triplet-separated map",
            "Hardest triplets",
        ),
    )


def test_the_order_is_of_groups_that_there_are():
    assert set(ORDER) <= {measure.group for measure in ALL_MEASURES}


def test_tables_do_not_wait_for_the_measures_of_their_group():
    only = {"precision_at_1": samples.BOUNDS["precision_at_1"]}
    whole, text = samples.regressed(), rendered(samples.report(only))
    blamed = rendered(samples.report(only, blame=whole.blame))
    for title in (
        "Worst classes, by violated triplets",
        "Forecast under batch-hard mining, classes x rows",
    ):
        assert title in text
    assert "Confused classes, without suspect rows" in blamed
    titles = "Suspect labels", "Duplicates under other labels", "Outliers"
    assert in_order(blamed, titles)


@pytest.mark.parametrize(("width", "drawn"), [(60, False), (80, True), (120, True)])
def test_a_strip_is_drawn_where_there_is_room(width, drawn):
    for text in (rendered(samples.trained(), width), first_screen(samples.trained(), width)):
        assert ("─●─" in text.split("Next")[0]) == drawn


def test_a_relative_length_is_not_torn_from_its_unit():
    for width in range(60, 121, 5):
        text = rendered(samples.trained(), width)
        assert not any(line.strip() == "rms" for line in text.splitlines()), width


def test_the_gate_shows_every_rule_with_its_remedy():
    text = rendered(samples.gate_failing())
    assert "Gate failed: 1 of 5 rules failed, 2 undecided" in text
    assert "observed [17.20, 31.90], limit 20" in text
    assert "tighter interval" in text
    assert "observed [212.5, ∞], limit 100.0 (warning only)" in text


def test_colour_only_reinforces():
    colored = rendered(samples.gate_failing(), color=True)
    plain = rendered(samples.gate_failing())
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_ten_thousand_classes_stay_a_page():
    text = rendered(samples.many_classes())
    assert len(text.splitlines()) < 200
    assert "9,880 more with violations" in text
