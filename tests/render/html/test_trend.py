"""The page of a series: every figure is the JSON's, panels show what happened."""

import json
import re
from functools import cache

import numpy as np
import pytest

from embaudit import outputs
from embaudit.errors import UsageError
from embaudit.measures import MEASURES
from embaudit.render.html import trend_page
from embaudit.render.pictures.panels_drawing import LABELS, PanelSeries, panel_svg
from embaudit.render.safe_text import cut, figure
from embaudit.render.words.change_tables import signed
from embaudit.render.words.curves import curve, curves
from tests.combined import in_part
from tests.render import samples
from tests.render.html.pages import Page, check_accessible, check_inert, found_at
from tests.render.test_trend import EVERY, FELL, LEARNS, checkpoint, trend
from tests.verbs.test_trend import QUICK, folder, follow  # noqa: F401 - a fixture

DRAWINGS = re.compile(r"<svg.*?</svg>", re.DOTALL)


@cache
def page_of(which):
    """The page of one of the samples, as text."""
    return trend_page(EVERY[which], samples.MEASURES)


def drawings(html):
    """The svg of each panel, by its measure."""
    return {re.search(r'id="panel-(\w+?)-', one)[1]: one for one in DRAWINGS.findall(html)}


def texts(svg):
    return re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)


def behind(svg, colour):
    """How many areas are filled so faintly."""
    return len(re.findall(rf"fill: var\(--{colour}\); opacity: 0.13", svg))


def lines(svg, colour):
    """How many dashed lines there are."""
    return len(re.findall(rf"stroke-dasharray: 3.7,1.6[^\"]*stroke: var\(--{colour}\)", svg))


@pytest.mark.parametrize("which", in_part(EVERY))
def test_every_page_is_inert_accessible_and_bounded(which):
    html = page_of(which)
    check_accessible(check_inert(html))
    assert len(html.encode()) < 3_000_000


def expected(document, at):
    """What a number says, by its place in the JSON."""
    value = found_at(document, at)
    if at.startswith("events/"):
        written = figure if at.endswith(("then", "now")) else signed
        return written(value, "fraction")
    if at.endswith("relative"):
        return figure(value)
    return figure(value, found_at(document, at.rpartition("/")[0])["unit"])


@pytest.mark.parametrize("which", ["collapses", "warned first", "long", "without labels"])
def test_every_number_is_the_jsons(which):
    document = json.loads(EVERY[which].to_json())
    told = Page(page_of(which)).all("data")
    assert len(told) >= 50 or which == "without labels"
    for element in told:
        at = element.attributes["data-at"]
        assert float(element.attributes["value"]) == found_at(document, at)
        assert element.text.removeprefix("≥ ") == expected(document, at)


def test_a_real_series_is_told(folder):  # noqa: F811
    found = follow()
    page = check_inert(trend_page(found, MEASURES))
    check_accessible(page)
    told = {element.attributes["data-at"] for element in page.all("data")}
    for k, one in enumerate(found.checkpoints):
        for id in ("precision_at_1", "violated_triplets", "separation_auc"):
            known = one.measures[id].value is not None
            assert (f"checkpoints/{k}/measures/{id}/value" in told) == known
    assert page.all("h1")[0].text.startswith("Series of checkpoints: Collapse began")
    rows = page.table("data-table", "Events")[1:]
    assert [row[0] for row in rows] == [one.kind.replace("_", " ") for one in found.events]
    best = [row[0] for row in page.table("data-table", "Checkpoints")[1:] if "★" in row[0]]
    assert best == [f"{found.best} ★ best"]


def test_a_panel_a_measure_in_reading_order():
    found = EVERY["collapses"]
    shown = drawings(page_of("collapses"))
    known = {measure.id for measure in samples.MEASURES}
    assert list(shown) == [one.id for one in curves(found) if one.id in known]
    assert {"precision_at_1", "violated_triplets", "d_iso", "map_at_r"} <= shown.keys()
    for id, svg in shown.items():
        first, last, least, most = curve(found, id).ends
        assert f"first {first}, last {last}, least {least}, most {most}." in svg
    assert all(len(set(svg.split())) > 10 for svg in shown.values())


def test_collapse_stands_behind_every_panel():
    states = {
        "learns": (1, 0, 1, 0),  # areas of warning and collapse, lines of each
        "collapses": (1, 1, 1, 1),
        "warned first": (1, 1, 1, 1),  # none, warning, collapsed
        "still": (0, 0, 0, 0),
        "lost": (0, 1, 0, 0),  # from the start: nothing turned
        "up and down": (0, 10, 0, 19),
    }
    for which, shown in states.items():
        for svg in drawings(page_of(which)).values():
            areas = behind(svg, "warn"), behind(svg, "bad")
            assert (*areas, lines(svg, "warn"), lines(svg, "bad")) == shown, which


def test_a_place_is_where_it_belongs():
    """Values are as far apart as their places; the interval holds them; the best has its star."""
    found = curve(trend(*LEARNS, FELL), "precision_at_1")
    names = tuple("abcd")
    svg = panel_svg(found, PanelSeries(names, ("none",) * 4, 2, range(4)))
    path = re.search(r'<path d="([^"]*)"[^>]*stroke: var\(--accent\); stroke-width: 1.2', svg)[1]
    points = np.array(re.findall(r"[ML] ([\d.]+) ([\d.]+)", path), dtype=float)
    assert np.allclose(np.diff(points[:, 0]), np.diff(points[:, 0])[0])
    heights = points[0, 1] - points[:, 1]
    values = np.array([0.1, 0.3, 0.95, 0.2])
    assert np.allclose(heights / heights[2], (values - 0.1) / 0.85, atol=1e-4)
    star = re.search(r'x="([\d.]+)" y="([\d.]+)" style="fill: var\(--good\)', svg)
    assert np.allclose([float(star[1]), float(star[2])], points[2])
    assert texts(svg)[:4] == list(names)


def test_a_measure_without_an_upper_end_says_so():
    shown = drawings(page_of("learns"))
    marks = {
        id: len(re.findall(r'<use [^>]*style="fill: var\(--accent\)', shown[id]))
        for id in ("d_iso", "precision_at_1")
    }
    assert marks["d_iso"] - marks["precision_at_1"] == 3  # a triangle each
    assert "≥" in shown["d_iso"]


@pytest.mark.parametrize("amount", in_part([1, 2, 8, 9, 17, 1000]))
def test_few_names_stand_at_the_axis(amount):
    series = [checkpoint(f"step{k}", k / amount) for k in range(amount)]
    html = trend_page(trend(*series), samples.MEASURES)
    names = [one for one in texts(drawings(html)["precision_at_1"]) if one.startswith("step")]
    assert len(names) == min(amount, LABELS) or 4 <= len(names) <= LABELS
    assert (names[0], names[-1]) == ("step0", f"step{amount - 1}")
    assert len(set(names)) == len(names)


def test_names_are_cut_in_the_middle():
    assert cut("step03000") == "step03000"
    assert cut("step03000_then_batch_hard_1800") == "step03…rd_1800"
    assert cut("東" * 3000) == "東東東…東東東"
    assert len(cut("x" * 1_000_000 + "y")) == 14
    assert cut("x" * 1_000_000 + "y").endswith("y")


def test_what_is_huge_is_drawn():
    huge = [checkpoint(name) for name in "abc"]
    for one, value in zip(huge, (-1.7e308, 1.7e308, 5e-324), strict=True):
        reading = one.measures["rms_pair_distance"]
        one.measures["rms_pair_distance"] = reading.model_copy(
            update={"value": value, "lower": value, "upper": value}
        )
    check_inert(trend_page(trend(*huge), samples.MEASURES))


def test_from_the_shell(folder):  # noqa: F811
    from tests.cli.test_cli import embaudit

    done = embaudit(
        folder, "trend", "step2.npy", "step10.npy", *QUICK, "-q", "-o", "t.html", "-o", "t.json"
    )
    assert done.returncode == 0, done.stderr
    page = check_inert((folder / "t.html").read_text(encoding="utf-8"))
    document = json.loads((folder / "t.json").read_text())
    assert f"Run {document['run_id']}" in page.all("footer")[0].text


def test_without_the_extra_it_is_told_before_anything_is_read(monkeypatch, tmp_path):
    monkeypatch.setattr(outputs.writers, "find_spec", lambda name: None)
    for writers in (outputs.trend_writers(), outputs.comparison_writers()):
        with pytest.raises(UsageError, match="jinja2 and matplotlib"):
            writers.check([tmp_path / "page.html"])
