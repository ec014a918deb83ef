"""The map on the page: every row that the report has there, suspects ringed, all data as text."""

import re

import numpy as np
import pytest

import embaudit
from embaudit.measures import MEASURES
from embaudit.render.html import audit_page
from embaudit.render.pictures.map_drawing import NAMED, map_picture
from tests.render import samples
from tests.render.html.pages import Page, check_accessible, check_inert
from tests.render.html.test_row_cards import clusters

CIRCLE = re.compile(
    r'<circle cx="([-\d.]+)" cy="([-\d.]+)" r="[\d.]+"><title>(.*?)</title>', re.DOTALL
)
VIEW = re.compile(r'viewBox="0 0 (\d+) (\d+)"')


@pytest.fixture(scope="module")
def report():
    vectors, labels, _ = clusters()
    return embaudit.audit(vectors, labels, threads=1)


def test_every_row_of_the_report_is_drawn_inside_with_what_it_is(report):
    found = report.distributions.map
    svg = map_picture(report, str, {}, True).svg
    points = CIRCLE.findall(svg)
    wide, tall = map(int, VIEW.search(svg).groups())
    assert all(0 < float(x) < wide and 0 < float(y) < tall for x, y, _ in points)
    told = {int(re.match(r"row (\d+)", text)[1]): text for *_, text in points}
    assert told.keys() == set(found.rows)
    for row, code in zip(found.rows, found.codes, strict=True):
        assert told[row].startswith(f"row {row}: {found.labels[code]}")
    assert map_picture(report, str, {}, True).svg == svg


def test_a_row_lies_where_the_report_says(report):
    """Right of another where its x is larger, above it where its y is, but for the clipped ends."""
    found = report.distributions.map
    points = CIRCLE.findall(map_picture(report, str, {}, True).svg)
    at = {int(re.match(r"row (\d+)", text)[1]): (float(x), float(y)) for x, y, text in points}
    drawn = np.array([at[row] for row in found.rows])
    for values, places in ((found.x, drawn[:, 0]), (found.y, -drawn[:, 1])):
        assert np.corrcoef(values, places)[0, 1] > 0.99
        order = np.argsort(values)
        assert (np.diff(places[order]) >= 0).all()


def test_suspects_are_ringed_and_classes_named(report):
    svg = map_picture(report, str, {}, True).svg
    ringed = svg[svg.index('<g class="suspect">') :]
    rows = {int(re.match(r"row (\d+)", text)[1]) for *_, text in CIRCLE.findall(ringed)}
    assert rows == {one.row for one in report.blame.worst_rows}
    assert all("suspect" in text for *_, text in CIRCLE.findall(ringed))
    names = re.findall(r"<text[^>]*>(.*?)</text>", svg)
    assert names
    assert len(names) == len(set(names)) <= NAMED
    assert set(names) <= {str(row.label) for row in report.classes}
    bare = map_picture(report, str, {}, False).svg
    assert "<text" not in bare
    assert '<g class="suspect"></g>' in bare


def test_a_page_without_a_map_says_why():
    report = embaudit.audit(np.arange(12.0)[:, None] % 5, [0, 1] * 6)
    page = Page(audit_page(report, MEASURES))
    assert any("No map of the rows: a single dimension" in one.text for one in page.all("p"))
    assert not [one for one in page.all("figure") if one.attributes["id"] == "map"]


def test_hostile_labels_and_kept_values_are_text_and_bounded(report):
    vectors, labels, _ = clusters()
    hostile = {f"class {k}": text for k, text in enumerate(samples.HOSTILE[:6])}
    told = embaudit.audit(vectors, [hostile[one] for one in labels], threads=1)
    long = {f"<b>{k}": "</title><script>" + "x" * 10_000 for k in range(20)}
    html = audit_page(told, MEASURES, dict.fromkeys(range(len(labels)), long))
    page = check_inert(html)
    check_accessible(page)
    hovers = [one.text for one in page.all("title") if "svg" in one.inside]
    assert len(hovers) == len(labels)
    assert max(map(len, hovers)) < 400


@pytest.mark.thorough
def test_a_page_of_many_rows_is_small():
    """What is drawn of a large set is bounded, with what was kept of its rows as well."""
    rng = np.random.default_rng(0)
    y = np.arange(6000) % 60
    x = 3 * rng.normal(size=(60, 12))[y] + rng.normal(size=(6000, 12))
    y[rng.choice(6000, 600, replace=False)] = 7
    report = embaudit.audit(x, y)
    found = report.distributions.map
    assert len(found.rows) == 700
    assert len(map_picture(report, str, {}, True).svg) < 120_000
    kept = {row: {"text": "lorem ipsum dolor " * 50} for row in range(6000)}
    assert len(map_picture(report, str, kept, True).svg) < 250_000
    assert len(report.to_json()) < 150_000
