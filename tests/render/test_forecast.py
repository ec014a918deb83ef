import io
import re

import pytest
from rich.cells import cell_len

from embaudit.core.intervals import Estimate
from embaudit.data import Notice
from embaudit.render import (
    console_for,
    document_markdown,
    forecast_document,
    show_document,
)
from embaudit.report import largest_safe
from embaudit.report.forecast_document import Sweep, SweepOptions
from tests.render import samples
from tests.render.test_safe_text import assert_inert

ROWS = (
    samples.forecast(2, 4, 0.05, -0.5),
    samples.forecast(18, 4, 0.58, -0.2),
    samples.forecast(62, 2, 0.65, -0.06),
    samples.forecast(62, 4, 0.75, 0.0),
    samples.forecast(62, 32, 0.95, None),
)
COLLAPSED = Notice("collapsed", "Collapsed to a point already, or not trained yet. So it is.")
UNTRAINED = Notice("low_precision", "Precision@1 is low. It may be untrained.")


def sweep(rows=ROWS, cautions=(), state="none", **changes) -> Sweep:
    report = samples.report()
    bound = Estimate("sampled", 0.9, 0.88, 0.92, 0.99)
    measure = next(one for one in samples.MEASURES if one.id == "precision_at_1")
    fields = {
        "schema_version": 1,
        "tool": report.tool,
        "run_id": report.run_id,
        "inputs": report.inputs,
        "data": report.data,
        "options": SweepOptions(metric="l2", margin=0.2, batches=(), seed=0, sample=None),
        "warnings": (),
        "cautions": cautions,
        "point_collapse": state,
        "precision_at_1": measure.reading(bound, None),
        "forecast": rows,
        "largest_safe": largest_safe(rows),
        "environment": {},
        "timing": {},
    }
    return Sweep(**(fields | changes))


LOST = tuple(row.model_copy(update={"risk": "high", "safe": False}) for row in ROWS)
EVERY = {
    "healthy": sweep(),
    "all safe": sweep(ROWS[:2]),
    "untrained": sweep(ROWS[3:], (UNTRAINED,)),
    "collapsed": sweep(LOST, (COLLAPSED,), "collapsed"),
    "hostile": sweep(warnings=tuple(Notice(text, text) for text in samples.HOSTILE)),
    "huge": sweep((samples.forecast(10**9, 10**9, 0.5, 1e9),)),
}


def rendered(name, width=80, color=False, encoding="utf-8"):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True, newline="\n")
    show_document(
        forecast_document(EVERY[name]), console_for(stream, width=width, color=color, environ={})
    )
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
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


@pytest.mark.parametrize(("width", "encoding"), [(60, "ascii"), (80, "utf-8"), (120, "utf-8")])
def test_the_curve_stands_between_its_bands(width, encoding):
    text = rendered("healthy", width, encoding=encoding)
    head = next(line for line in text.splitlines() if "pressure " in line and "60%" in line)
    point, edge = ("o", ":") if encoding == "ascii" else ("●", "┊")
    zero, sixty = head.index("0%"), head.index("60%")
    lines = [next(line for line in text.splitlines() if shape in line and "%" in line)
             for shape in (" 2 x 4 ", "18 x 4 ", "62 x 32 ")]  # fmt: skip
    places = [line.index(point) for line in lines]
    assert zero <= places[0] < places[1] <= sixty < places[2]
    assert lines[0][sixty] == edge
    assert "low" in lines[0]
    assert "high" in lines[2]


@pytest.mark.parametrize("width", [40, 60, 120])
def test_the_largest_safe_batch_is_said_and_marked(width):
    text = " ".join(rendered("healthy", width).split())
    assert "✓ Largest safe batch: 62 classes x 2 rows (124 rows)" in text
    assert text.count("✓ largest") == 1
    assert "! Moderate risk from 62 classes x 4 rows (248 rows) on" in text
    assert "✗ High risk from 62 classes x 32 rows (1,984 rows) on" in text


def test_what_is_not_safe_does_not_look_so():
    for name in ("untrained", "collapsed"):
        assert "✓" not in rendered(name)
    assert "No batch shape of these is known to be safe" in rendered("untrained")
    assert "! Precision@1 is low" in " ".join(rendered("untrained").split())
    assert "✗  Collapsed to a point already" in rendered("collapsed")
    assert "2 x 4" not in rendered("collapsed")  # there is nothing left to push


def test_markdown_says_the_same():
    text = document_markdown(forecast_document(EVERY["healthy"]))
    assert "**Largest safe batch: 62 classes x 2 rows (124 rows)**" in text
    assert "| 62 x 2 | 124 |" in text
    assert "moderate, safe" in text
    assert "| 2 x 4 |" not in document_markdown(forecast_document(EVERY["collapsed"]))
    assert "<script" not in document_markdown(forecast_document(EVERY["hostile"]))
