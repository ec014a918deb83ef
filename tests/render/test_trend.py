import io
import re

import pytest
from rich.cells import cell_len

from embaudit.core.intervals import Estimate, certified, exact, undefined
from embaudit.data import Notice
from embaudit.render import console_for, document_markdown, show_document, trend_document
from embaudit.render.words.checkpoint_rows import MOST, shown_rows
from embaudit.render.words.curves import curve, grouped
from embaudit.report.trend_document import Checkpoint, Trend, TrendOptions
from embaudit.verbs.trend import best_of, events_of
from tests.combined import in_part
from tests.render import samples
from tests.render.test_safe_text import assert_inert

SPECS = {measure.id: measure for measure in samples.MEASURES}


def checkpoint(name, precision=0.5, cached=False, dim=128, **kinds) -> Checkpoint:
    report = samples.report()
    bounds = samples.BOUNDS | {
        "precision_at_1": exact(precision),
        "d_iso": certified(10, float("inf")),
    }
    if kinds.get("point") == "collapsed":
        bounds["separation_auc"] = undefined("all rows coincide")
    readings = {id: SPECS[id].reading(bound, 20.0) for id, bound in bounds.items()}
    return Checkpoint(
        name=name, path=f"runs/{name}.npy", run_id="0" * 16, inputs=report.inputs, cached=cached,
        data=report.data.model_copy(update={"dim": dim}), exact=True,
        collapse=samples.collapse(**kinds), measures=readings,
    )  # fmt: skip


def trend(*series, **changes) -> Trend:
    options = TrendOptions(
        metric="l2", labels=True, margin=0.2, batch=(18, 4), measures="standard,map_at_r",
        search="auto", effort=0, seed=0, sample=None,
    )  # fmt: skip
    fields = {
        "schema_version": 1,
        "tool": samples.report().tool,
        "run_id": "9f8a7c6b5d4e3f2a",
        "options": options,
        "checkpoints": series,
        "events": tuple(events_of(series)),
        "best": best_of(series),
        "warnings": (),
        "environment": {},
        "timing": {},
    }
    return Trend(**(fields | changes))


LEARNS = (
    checkpoint("step00000", 0.1, dimensional="warning"),
    checkpoint("step00300", 0.3),
    checkpoint("step03000", 0.95),
)
FELL = checkpoint("step03000_then_batch_hard_1800", 0.2, point="collapsed", cached=True)
EVERY = {
    "learns": trend(*LEARNS),
    "collapses": trend(*LEARNS, FELL),
    "warned first": trend(LEARNS[1], LEARNS[0], FELL),
    "lost": trend(*(checkpoint(name, 0.1, point="collapsed") for name in "ab")),
    "still": trend(checkpoint("a"), checkpoint("b")),
    "up and down": trend(*(checkpoint(f"s{k}", 0.1, **{"point": "collapsed"} if k % 2 else {})
                           for k in range(20))),
    "long": trend(*(checkpoint(f"step{k}", k / 1000) for k in range(1000))),
    "hostile": trend(
        *(checkpoint(text, k / 100) for k, text in enumerate(samples.HOSTILE)),
        warnings=tuple(Notice(text, text) for text in samples.HOSTILE),
    ),
    "of two sizes": trend(LEARNS[0], checkpoint("b", dim=1024)),
    "without labels": trend(
        *(one.model_copy(update={"measures": {}}) for one in LEARNS),
        options=trend(*LEARNS).options.model_copy(update={"labels": False, "batch": None}),
        best=None,
    ),
}  # fmt: skip


def rendered(name, width=80, color=False, encoding="utf-8"):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True, newline="\n")
    show_document(
        trend_document(EVERY[name]), console_for(stream, width=width, color=color, environ={})
    )
    return raw.getvalue().decode(encoding)


def words(name, width=80):
    return " ".join(rendered(name, width).split())


@pytest.mark.parametrize("width", in_part([40, 60, 80, 120]))
@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_lines_fit_and_hold_no_escape_sequence(name, width, encoding):
    text = rendered(name, width, encoding=encoding)
    assert "\x1b" not in text
    assert "\\u25" not in text  # our glyphs are spelt
    for line in text.splitlines():
        assert cell_len(line) <= width, line
        assert line == line.rstrip()
        assert_inert(line)


@pytest.mark.parametrize("name", EVERY)
def test_colour_only_reinforces(name):
    colored = rendered(name, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == rendered(name)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_answer_comes_first(width):
    text = words("collapses", width)
    assert "! Precision@1 grew most from step00300 to step03000: 30.00% to 95.00%" in text
    assert "It fell most from step03000 to step03000_then_batch_hard_1800" in text
    assert "! A warning of collapse was there from the start (dimensional)" in text
    assert "It is over at step00300." in text
    assert (
        "✗ Collapse began between step03000 and step03000_then_batch_hard_1800 (point) It lasts"
        in text
    )
    assert "✓ Best: step03000, precision@1 95.00%, not collapsed" in text
    assert "Go back to step03000" in text
    assert text.index("Best:") < text.index("Checkpoints") < text.index("Next")


def test_a_warning_that_became_a_collapse_is_one_spell():
    text = words("warned first")
    assert "Collapse began between step00300 and step00000 (point)" in text
    assert "First a warning (dimensional), collapsed (point) from step03000_then" in text


def test_what_is_lost_does_not_look_good():
    assert "✓" not in rendered("lost")
    assert "No checkpoint is fit" in rendered("lost")
    assert "Precision@1 moved nowhere" in rendered("still")
    assert "✓  No collapse at any of 2 checkpoints" in rendered("still")


def test_spells_are_bounded():
    text = words("up and down")
    assert text.count("Collapse began") == 4
    assert "6 more collapses" in text


def table_lines(text):
    lines = text.splitlines()
    start = lines.index("Checkpoints") + 1
    return lines[start : lines.index("", start)]


def test_a_row_a_checkpoint():
    head, *rows = table_lines(rendered("collapses", 120))
    assert head.split() == ["checkpoint", "state", "P@1", "violated", "AUC", "d_iso/rms", "risk",
                            "cached"]  # fmt: skip
    assert rows[0].split()[:3] == ["step00000", "warning", "10.00%"]
    assert rows[-1].split() == [
        "step03000_then_batch_hard_1800", "collapsed", "20.00%", "4.12%", "-", "≥", "0.5000",
        "71.00%", "✓",
    ]  # fmt: skip
    assert "cached" not in rendered("learns")  # nothing was


@pytest.mark.parametrize("width", [40, 80])
def test_what_has_no_room_is_left_out_and_names_are_whole(width):
    rows = table_lines(rendered("collapses", width))
    folded = "".join(row[2:].split()[0] for row in rows[4:])
    assert folded.startswith("step03000")
    assert "P@1" in rows[0]
    assert ("AUC" in rows[0]) == (width == 80)


def test_a_curve_rises_where_the_measure_does():
    found = curve(EVERY["learns"], "precision_at_1")
    assert found.bars(grouped(3, 10)) == ["▁", "▃", "█"]
    assert found.ends == ("10.00%", "95.00%", "10.00%", "95.00%")
    unknown = curve(EVERY["collapses"], "separation_auc")
    assert unknown.bars(grouped(4, 10)) == ["▅", "▅", "▅", "-"]  # flat, and then nothing
    assert unknown.ends[1] == "-"
    assert curve(EVERY["learns"], "no_such") is None
    for line in rendered("learns").splitlines():
        if "precision_at_1" in line and "▁" in line:
            break
    else:
        pytest.fail("no curve")


def test_a_curve_of_huge_values_is_finite():
    huge = [checkpoint(name) for name in "ab"]
    for one, value in zip(huge, (-1.7e308, 1.7e308), strict=True):
        one.measures["rms_pair_distance"] = SPECS["rms_pair_distance"].reading(
            Estimate("exact", value, value, value), None
        )
    found = curve(trend(*huge), "rms_pair_distance")
    assert found.bars(grouped(2, 9)) == ["▁", "█"]


@pytest.mark.parametrize(("amount", "room"), [(1, 9), (9, 9), (10, 9), (1000, 7)])
def test_groups_cover_all_in_order(amount, room):
    groups = grouped(amount, room)
    assert [k for group in groups for k in group] == list(range(amount))
    assert len(groups) <= room


def test_a_long_series_is_bounded_and_keeps_what_matters():
    series = [checkpoint(f"s{k}", 0.5) for k in range(400)]
    series[217] = checkpoint("s217", 0.9)
    rows, note = shown_rows(trend(*series))
    assert len(rows) <= MOST
    assert {0, 216, 217, 218, 399} <= set(rows)
    assert f"{400 - len(rows)} more" in note
    assert len(document_markdown(trend_document(EVERY["long"]))) < 12_000
    assert len(rendered("long").splitlines()) < 100


def test_markdown_says_the_same():
    text = document_markdown(trend_document(EVERY["collapses"]))
    assert "**Precision&#64;1 grew most from step00300 to step03000" in text
    assert "| `step03000_then_batch_hard_1800` | collapsed | 20.00% |" in text
    assert "| `precision_at_1` | ▁▃█▂ | 10.00% | 20.00% | 10.00% | 95.00% |" in text
    hostile = document_markdown(trend_document(EVERY["hostile"]))
    assert "<script" not in re.sub(r"`[^`\n]+`", "", hostile)  # in a code span it is only text
    assert "\x1b" not in hostile
