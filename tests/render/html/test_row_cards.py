"""Suspects and triplets on a page: what each row is, what it shows, and the same row once."""

import json
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from embaudit.measures import MEASURES
from embaudit.render.html import audit_page
from embaudit.render.html.row_cards import BADGES, triplets
from embaudit.render.html.row_preview import thumbnail
from embaudit.render.html.templating import name
from embaudit.settings.settings import settings_of
from embaudit.verbs.audit import run
from embaudit.verbs.audit_request import request_of
from embaudit.verbs.set_from_arrays import set_of
from tests.cli.test_cli import embaudit
from tests.combined import in_part
from tests.faults.process import PATIENCE, environment
from tests.render.html.pages import Page, check_accessible, check_inert, found_at

CLASSES, EACH, FLIPPED = 6, 60, 36


def clusters():
    """Well separated classes, some rows of each under another label: vectors, labels, flipped."""
    rng = np.random.default_rng(5)
    codes = np.arange(CLASSES * EACH) % CLASSES
    vectors = 5 * rng.normal(size=(CLASSES, 16))[codes] + rng.normal(size=(len(codes), 16))
    flipped = np.arange(FLIPPED) * 7
    codes[flipped] = (codes[flipped] + 1 + np.arange(FLIPPED) % (CLASSES - 1)) % CLASSES
    return vectors, [f"class {code}" for code in codes], flipped


@pytest.fixture(scope="module")
def report():
    vectors, labels, _ = clusters()
    settings = settings_of(threads=1)
    return run(set_of(vectors, labels, None, settings), settings, request_of(settings)).report


@pytest.fixture(scope="module")
def page(report):
    html = check_inert(audit_page(report, MEASURES))
    check_accessible(html)
    return html


def test_the_title_says_what_is_wrong(page, report):
    (title,) = page.all("h1")
    total = report.blame.rows["likely_mislabel"]
    assert total >= FLIPPED - 2
    clear = [one for one in report.blame.worst_rows if one.score - (one.home_score or 0) >= 4]
    assert len(clear) == total  # clusters far apart
    assert title.text == "! CHECK LABELS"
    assert page.all("title")[0].text.startswith(f"CHECK LABELS: {total} rows (10%) have a suspect")
    titles = [one.text for one in page.all("h2")]
    assert titles.index("Pictures") < titles.index("Classes") < titles.index("Suspect rows")
    cards = [one for one in page.all("li") if one.attributes.get("class") == "card"]
    assert "Suspect labels" in cards[3].text


def test_every_suspect_is_there_with_its_figures_the_surest_first(page, report):
    told = [row for row in page.table("data-table", "Suspect labels") if row[0] != "row"]
    rows = [one for one in report.blame.worst_rows if one.attribution == "likely_mislabel"]
    assert len(rows) > 20  # the others lie in a fold
    assert [(int(row[0]), *row[1:]) for row in told] == [
        (
            one.row,
            name(one.label),
            name(one.likely_label),
            f"{one.score:.1f}",
            f"{one.home_score:z.1f}",
            f"{one.blamed:,}",
        )
        for one in rows
    ]
    assert any(f"{len(rows) - 10} more" in one.text for one in page.all("summary"))


def test_triplets_with_the_same_culprit_are_one_card(page, report):
    shown = triplets(report, {}, None)
    pairs = {frozenset((one.anchor, one.positive)) for one in report.hardest_triplets}
    assert sum(1 + len(one.others) for one in shown) == len(pairs) < 20  # some mirror others
    shared = [one for one in shown if one.shared]
    assert shared
    for one in shared:
        for trio in (one.first, *one.others):
            assert one.shared in [row.number.text for row in trio.rows]
    culprits = {str(one.row): one for one in report.blame.worst_rows}
    for trio in (trio for one in shown for trio in (one.first, *one.others)):
        for row in trio.rows:
            known = culprits.get(row.number.text)
            assert row.badge.startswith("" if known is None else BADGES[known.attribution])
            assert bool(row.badge) == (known is not None)
    drawn = [one for one in page.all("div") if one.attributes.get("class") == "trio"]
    assert len(drawn) == len(pairs)


def test_suspects_show_what_was_kept_of_their_rows(tmp_path):
    vectors, labels, flipped = clusters()
    texts = [f"<b>text</b> {row}" for row in range(len(labels))]
    table = {"embedding": list(vectors.astype(np.float32)), "label": labels, "text": texts}
    pq.write_table(pa.table(table), tmp_path / "emb.parquet")
    outputs = ("-o", "r.html", "-o", "r.json", "--keep-columns", "text")
    done = embaudit(tmp_path, "audit", "emb.parquet", "-q", *outputs)
    assert done.returncode == 0, done.stderr
    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    document = json.loads((tmp_path / "r.json").read_text())
    shown = [
        one for one in page.all("data") if one.attributes["data-at"].startswith("blame/worst_rows")
    ]
    assert len(shown) == 24
    for one in shown:
        assert found_at(document, one.attributes["data-at"]) == int(one.text)
        assert int(one.text) in flipped
    cards = [one.text for one in page.all("div") if one.attributes.get("class") == "row suspect"]
    assert all(f"<b>text</b> {one.text}" in card for one, card in zip(shown, cards, strict=True))


def test_of_a_collapsed_set_no_row_is_shown_and_why_is_said():
    vectors, labels, _ = clusters()
    settings = settings_of(threads=1)
    same = np.ones_like(vectors) + (np.arange(len(vectors)) % 50 == 0)[:, None]
    report = run(set_of(same, labels, None, settings), settings, request_of(settings)).report
    page = check_inert(audit_page(report, MEASURES))
    check_accessible(page)
    (title,) = page.all("h1")
    assert title.text == "✗ COLLAPSED"
    titles = {one.text for one in page.all("h2")}
    assert not titles & {"Suspect rows", "Classes", "The hardest triplets", "Forecast"}
    assert any("are left out" in one.text for one in page.all("p"))


@pytest.mark.parametrize("thing", in_part(["pipe", "/dev/zero", "directory"], 3))
def test_what_is_no_file_is_no_picture(thing, tmp_path):
    code = "import sys; from pathlib import Path; from embaudit.render.html.row_preview import *; "
    code += "sys.exit(thumbnail('x.png', Path(sys.argv[1])) is not None)"
    path = tmp_path / "x.png"
    if thing == "pipe":
        os.mkfifo(path)
    elif thing == "directory":
        path.mkdir()
    else:
        path.symlink_to(thing)
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert subprocess.run(command, env=environment(), timeout=PATIENCE).returncode == 0


def test_a_picture_is_decoded_once_however_many_cards_show_it(tmp_path, monkeypatch):
    Image.new("RGB", (900, 700), "red").save(tmp_path / "x.png")
    (tmp_path / "link.png").symlink_to("x.png")
    decoded, real = [], Image.Image.thumbnail
    monkeypatch.setattr(
        Image.Image, "thumbnail", lambda self, size: (decoded.append(size), real(self, size))[1]
    )
    first = thumbnail("x.png", tmp_path)
    assert all(thumbnail(name, tmp_path) == first for name in ("x.png", "link.png"))
    assert len(decoded) == 1
    Image.new("RGB", (700, 900), "blue").save(tmp_path / "x.png")  # another one by now
    second = thumbnail("x.png", tmp_path)
    assert second.height > second.width
    assert len(decoded) == 2


def test_triplets_that_mirror_each_other_are_shown_once(report):
    """A pair of rows that are each other's furthest positive: the harder of its triplets."""
    first = report.hardest_triplets[0]
    mirror = first.model_copy(
        update={
            "anchor": first.positive,
            "positive": first.anchor,
            "violation": first.violation - 1e-6,
        }
    )
    both = report.model_copy(update={"hardest_triplets": (mirror, first)})
    (shown,) = triplets(both, {}, None)
    assert [row.number.text for row in shown.first.rows[:1]] == [str(first.anchor)]
    assert shown.others == ()
