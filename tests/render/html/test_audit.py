"""The page of an audit: every figure is the report's, nothing in it lives, anybody can read it."""

import base64
import io
import json
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from embaudit import outputs
from embaudit.errors import UsageError
from embaudit.measures import MEASURES
from embaudit.render.html import audit_page
from embaudit.render.html.row_preview import LARGEST, thumbnail
from embaudit.render.pictures import more_pictures
from embaudit.render.safe_text import figure
from embaudit.report import Report
from embaudit.settings.settings import settings_of
from embaudit.verbs.audit import run
from embaudit.verbs.audit_request import request_of
from embaudit.verbs.set_from_arrays import set_of
from tests.cli.test_cli import embaudit
from tests.combined import in_part
from tests.render import samples
from tests.render.html.pages import Page, check_accessible, check_inert, found_at

KEPT = {k: {"text": text, "n": k} for k, text in enumerate(samples.HOSTILE)}


def small(labels=None, dim=6, rows=120, **options):
    """A real report of few rows: overlapping classes, with every kind of figure."""
    rng = np.random.default_rng(7)
    codes = np.arange(rows) % 6
    vectors = rng.normal(size=(rows, dim)) + 1.5 * rng.normal(size=(6, dim))[codes]
    given = codes.tolist() if labels is None else [labels[code] for code in codes]
    settings = settings_of(threads=1, **options)
    return run(set_of(vectors, given, None, settings), settings, request_of(settings)).report


@pytest.fixture(scope="module")
def report():
    gate = ("violated_triplets <= 0.9", "precision_at_1 >= 0.99", "collapse_state == none")
    return small(gate=gate, dim=2)


@pytest.fixture(scope="module")
def html(report):
    return audit_page(report, MEASURES)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


@pytest.mark.parametrize("which", samples.EVERY)
def test_every_page_is_inert_and_accessible(which):
    made = samples.EVERY[which]()
    html = audit_page(made, samples.MEASURES, KEPT)
    check_accessible(check_inert(html))
    assert len(html.encode()) < 3_000_000


def test_a_real_page_is_inert_and_accessible(html):
    page = check_inert(html)
    check_accessible(page)
    drawn = {element.attributes["id"] for element in page.all("figure")}
    assert drawn == {"map", "densities", "spectrum", "lengths", "arrows", "forecast"}


@pytest.mark.thorough
def test_gaps_are_drawn_only_where_some_anchors_are_separated(report):
    """Where all violate, a picture of how far they do is of one colour and says nothing."""
    gaps = {"distances", "gaps", "class_gaps"}
    assert report.measures["violating_anchors"].value > 0.9
    assert not {one.id for one in more_pictures(report, MEASURES, str, True)} & gaps
    some = report.measures["violating_anchors"].model_copy(update={"value": 0.5})
    measures = report.measures | {"violating_anchors": some}
    apart = report.model_copy(update={"measures": measures})
    assert {one.id for one in more_pictures(apart, MEASURES, str, True)} >= gaps


@pytest.mark.thorough
def test_hostile_labels_are_text():
    """In tables, in drawings, in alternative texts; nothing of them becomes markup."""
    labels = [
        "<script>alert(1)</script>",
        "\u202eevil",
        "x" * 1_000_000,
        "$x_1$ <b>",
        "a\nb",
        "東京",
    ]
    page = check_inert(audit_page(small(labels), MEASURES))
    text = " ".join(element.text for element in page.all("body"))
    assert "<script>alert(1)</script>" in text
    assert "$x_1$ <b>" in text
    assert "東京" in text
    assert "\u202e" not in text
    assert len(text) < 300_000


def test_every_number_is_the_reports(report, page):
    """The value is the JSON's to the last bit, and the text is what it rounds to."""
    document = json.loads(report.to_json())
    told = page.all("data")
    assert len(told) > 100
    for element in told:
        at = element.attributes["data-at"]
        value = found_at(document, at)
        if value is None:  # an open end
            assert element.text in ("-∞", "∞")
            continue
        assert float(element.attributes["value"]) == value
        unit = "fraction" if at.startswith("classes/") else "ratio"
        if at.startswith("measures/") and not at.endswith("relative"):
            unit = document["measures"][at.split("/")[1]]["unit"]
        if at == "diagnosis/chance":
            unit = "fraction"
        expected = f"{value:,}" if isinstance(value, int) else figure(value, unit)
        if at.endswith(("/row", "/anchor", "/positive", "/negative")):
            expected = str(value)
        if at == "blame/expected_wrong":
            expected = f"{value:.0f}"
        assert element.text.removeprefix("≥ ") == expected


def test_every_measure_is_told_with_its_explanation(report, page):
    told = {element.attributes["data-at"] for element in page.all("data")}
    ids = {element.attributes.get("id") for element in page.elements}
    for id, reading in report.measures.items():
        assert f"explain-{id}" in ids
        if reading.value is not None:
            assert f"measures/{id}/value" in told
        if reading.kind in ("certified", "sampled"):
            assert {f"measures/{id}/lower", f"measures/{id}/upper"} <= told


def test_pictures_tell_their_figures(report, page):
    """The tables beside the drawings hold the report's own figures."""
    some = report.measures["violating_anchors"].model_copy(update={"value": 0.5})
    apart = report.model_copy(update={"measures": report.measures | {"violating_anchors": some}})
    page = Page(audit_page(apart, MEASURES))
    found = report.distributions.gaps
    told = page.table("data-picture", "gaps")[1:]
    assert [row[1] for row in told] == [f"{count:,}" for count in found.counts]
    assert [row[0].split(" to ") for row in told] == [
        [figure(low), figure(high)] for low, high in zip(found.edges, found.edges[1:], strict=False)
    ]
    shares = [row[1] for row in page.table("data-picture", "spectrum")[1:]]
    assert shares == [figure(share, "fraction") for share in report.distributions.variances]
    rows = {row[0]: row[1:] for row in page.table("data-picture", "class_gaps")[1:]}
    assert len(rows) == len(report.classes)
    for row in report.classes:
        expected = [*map(figure, row.gap_quantiles), figure(row.largest_gap)]
        assert rows[str(row.label)] == expected
    lengths = {row[0]: row[1:] for row in page.table("data-picture", "lengths")[1:]}
    assert lengths.keys() >= {"d_iso", "d_haus", "thickness"}
    for id, row in lengths.items():
        reading = report.measures[id]
        assert row[0].removeprefix("≥ ") == figure(reading.value)
        assert row[3] == figure(reading.relative)


def test_tables_tell_the_reports_figures(report, page):
    by_label = {str(row.label): row for row in report.classes}
    told = page.table("data-table", "Classes")[1:]
    assert len(told) == len(report.classes)
    for label, rows, right, triplets, other in told:
        row = by_label[label]
        assert int(rows) == row.rows
        assert right == figure(row.precision_at_1, "fraction")
        assert triplets == figure(row.violated_triplets, "fraction")
        assert other == str(row.most_confused_with)
    pairs = [one for one in report.blame.confused_pairs if one.wrong_neighbours]
    mixed = page.table("data-table", "Pairs")[1:]
    assert [row[0] for row in mixed] == [f"{a} / {b}" for a, b in (one.labels for one in pairs)]
    assert [row[1:] for row in mixed] == [[str(p.wrong_neighbours), str(p.anchors)] for p in pairs]
    told = page.table("data-table", "Gate")[1:]
    assert [row[0] for row in told] == [rule.status for rule in report.gate.rules]


def test_the_first_screen_has_the_verdict_the_gate_and_the_numbers(page):
    titles = [" ".join(one.text.split()) for one in page.all("h1", "h2", "h3")]
    assert titles[1:4] == ["Next", "Findings", "Gate: fail"]
    (first,) = [one for one in page.all("a") if one.attributes["href"] == "#gate"][:1]
    assert first.text == "fail"
    assert "header" in first.inside
    cards = [one for one in page.all("li") if one.attributes.get("class") == "card"]
    (tiles,) = [one for one in page.all("ul") if one.attributes.get("class") == "cards tiles"]
    assert len([one for one in cards if "ul" in one.inside]) == 5
    start = page.elements.index(tiles)
    assert start < page.elements.index(page.all("h2")[0])


HUES = [f"--hue{k}" for k in range(1, 7)]  # names of classes on the map are text


def palettes():
    """The colours of the light page, the dark one and the printed one."""
    css = files("embaudit.render.html").joinpath("templates/page.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    assert len(blocks) == 3
    return [dict(re.findall(r"(--\w+): (#[0-9a-f]{3,6})", block)) for block in blocks]


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return np.dot((0.2126, 0.7152, 0.0722), linear)


@pytest.mark.parametrize("palette", palettes())
def test_text_has_contrast(palette):
    """WCAG 2.1, 1.4.3: 4.5 for text."""
    for ground in ("--paper", "--card"):
        for ink in ("--ink", "--muted", "--good", "--warn", "--bad", "--accent", *HUES):
            pair = sorted((luminance(palette[ground]), luminance(palette[ink])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (ground, ink)


def test_the_same_report_is_the_same_page(report, html):
    assert audit_page(Report.model_validate_json(report.to_json()), MEASURES) == html


@pytest.fixture
def assets(tmp_path):
    """Pictures, and what only looks like one."""
    root = tmp_path / "assets"
    (root / "deep").mkdir(parents=True)
    Image.new("RGB", (640, 320), (200, 30, 30)).save(root / "deep" / "red.png")
    Image.new("P", (20, 20)).save(root / "palette.gif")
    Image.new("L", (10_000, 10_000)).save(root / "vast.png")
    (root / "text.png").write_text("<svg onload=alert(1)>")
    (root / "picture.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    with (root / "long.png").open("wb") as file:
        file.truncate(LARGEST + 1)
    Image.new("RGB", (9, 9)).save(tmp_path / "outside.png")
    (root / "link.png").symlink_to(tmp_path / "outside.png")
    return root


def test_a_picture_becomes_a_small_one(assets):
    found = thumbnail("deep/red.png", assets)
    assert (found.width, found.height) == (160, 80)
    kind, data = found.source.split(",")
    assert kind == "data:image/webp;base64"
    shown = Image.open(io.BytesIO(base64.b64decode(data)))
    red, green, blue = shown.convert("RGB").getpixel((80, 40))
    assert red > 150 > 80 > max(green, blue)
    assert thumbnail("palette.gif", assets).width == 20


@pytest.mark.parametrize(
    "path",
    in_part(
        [
            "../outside.png",
            "deep/../../outside.png",
            "link.png",
            "text.png",
            "long.png",
            "vast.png",
            "no/such.png",
            "deep",
            "http://127.0.0.1/red.png",
            "file:///etc/passwd.png",
            "x" * 5000 + ".png",
            "nul\0.png",
        ]
    ),
)
def test_what_is_elsewhere_or_no_picture_is_not_shown(assets, path):
    assert thumbnail(path, assets) is None
    assert thumbnail(str(assets.parent / "outside.png"), assets) is None


def test_kept_columns_and_pictures_from_the_shell(tmp_path, assets):
    rng = np.random.default_rng(0)
    table = {
        "embedding": list(
            (rng.normal(size=(40, 4)) + 2 * np.tile(np.eye(4), (10, 1))).astype("f4")
        ),
        "label": [k % 4 for k in range(40)],
        "text": [f"<i>row {k}</i>" for k in range(40)],
        "image": ["deep/red.png"] * 40,
    }
    pq.write_table(pa.table(table), tmp_path / "emb.parquet")
    kept = ("--keep-columns", "text,image", "--asset-root", assets)
    done = embaudit(tmp_path, "audit", "emb.parquet", "-q", "-o", "report.html", *kept)
    assert done.returncode == 0, done.stderr
    page = check_inert((tmp_path / "report.html").read_text(encoding="utf-8"))
    shown = len(page.all("img"))
    assert shown >= 3 * 10  # of the triplets, and of suspects where there are any
    assert {one.text for one in page.all("dt")} >= {"text", "image"}
    rows = [one.text for one in page.all("dd") if one.text.startswith("<i>row ")]
    assert len(rows) == shown
    hovers = [one.text for one in page.all("title") if "svg" in one.inside]
    assert len(hovers) == 40
    assert all("text: <i>row " in text and "image: deep/red.png" in text for text in hovers)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--asset-root", "nowhere", "-o", "r.html", "--keep-columns", "a"], "no such directory"),
        (["--asset-root", ".", "-o", "r.html"], "--keep-columns"),
        (["--asset-root", ".", "--keep-columns", "a", "-o", "r.parquet"], "-o report.html"),
    ],
)
def test_a_directory_of_pictures_that_is_no_use_is_an_error(tmp_path, arguments, said):
    np.save(tmp_path / "emb.npy", np.eye(4))
    done = embaudit(tmp_path, "audit", "emb.npy", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_without_the_extra_it_is_told_before_anything_is_read(monkeypatch):
    monkeypatch.setattr(outputs.writers, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="jinja2 and matplotlib") as refused:
        outputs.report_writers().check([Path("report.html")])
    assert "pip install '.[report]'" in str(refused.value.hint)
