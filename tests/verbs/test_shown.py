"""Results in Python: a few lines, a card for a notebook, the first screen, a page."""

import io
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest

import embaudit
from embaudit.measures import MEASURES
from embaudit.render import console_for, first_screens, show_first_fitting
from embaudit.render.html import audit_page
from embaudit.settings.settings import settings_of
from embaudit.verbs.compare import compare
from embaudit.verbs.trend import Cache, series_of, trend_of
from tests.combined import in_part

RNG = np.random.default_rng(0)
LABELS = np.repeat(["<b>a</b>", "A & B", "c", "d", "e", "f"], 12)
ROWS = 4 * RNG.normal(size=(6, 8))[np.repeat(np.arange(6), 12)] + RNG.normal(size=(72, 8))
MOST = 30_000  # bytes of a card
VOID = {"meta", "br", "img", "hr"}


@cache
def saved(folder):
    """The paths of two reports."""
    paths = [folder / "a.json", folder / "b.json"]
    for k, path in enumerate(paths):
        path.write_text(embaudit.audit(ROWS + k * RNG.normal(size=ROWS.shape), LABELS).to_json())
    return paths


def trend(folder):
    from embaudit.core.location import located
    from embaudit.files import Names

    for k in range(2):
        np.savez(folder / f"step{k}.npz", embedding=ROWS / (k + 1), label=LABELS)
    paths = [located(folder / f"step{k}.npz") for k in range(2)]
    series = series_of(paths, None, Names(), settings_of(measures="precision_at_1"))
    return trend_of(series, Cache(None, lambda _: None))


RESULTS = {
    "audit": lambda _: embaudit.audit(ROWS, LABELS, gate="smoke"),
    "audit of a collapse": lambda _: embaudit.audit(np.ones((40, 3)), LABELS[:40]),
    "audit without labels": lambda _: embaudit.audit(ROWS, no_labels=True),
    "audit with a gallery": lambda _: embaudit.audit(
        ROWS, LABELS, gallery=ROWS + 0.1, gallery_labels=LABELS
    ),
    "forecast": lambda _: embaudit.forecast(ROWS, LABELS, margin=0.2),
    "mining": lambda _: embaudit.mine(ROWS, LABELS),
    "projection": lambda _: embaudit.project(ROWS, LABELS),
    "trend": trend,
    "comparison": lambda folder: compare(saved(folder)),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shown")
    return {kind: make(folder) for kind, make in RESULTS.items()}


class Outline(HTMLParser):
    """Tags that are open, and all that are met."""

    def __init__(self):
        super().__init__()
        self.open, self.met, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.met.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("kind", RESULTS)
def test_a_result_is_a_few_lines_of_text(results, kind):
    told = repr(results[kind])
    assert told == str(results[kind])
    lines = told.splitlines()
    assert 2 <= len(lines) <= 8
    assert lines[0].startswith(f"embaudit {embaudit.__version__} {kind.split()[0]}")
    assert len(told) < 1500


@pytest.mark.parametrize("kind", RESULTS)
def test_a_card_is_small_whole_and_asks_for_nothing_else(results, kind):
    card = results[kind]._repr_html_()
    assert len(card.encode()) < MOST
    outline = Outline()
    outline.feed(card)
    assert outline.open == []
    assert not {*outline.met} & {"script", "link", "img", "iframe"}
    assert "<b>a</b>" not in card  # data is escaped
    assert not re.search(r"https?://|url\(", card)


def test_a_card_of_an_audit_has_its_banner_its_tiles_and_what_is_next(results):
    report = results["audit of a collapse"]
    outline = Outline()
    outline.feed(report._repr_html_())
    assert "COLLAPSED" in outline.text
    assert "Nearest row right (precision@1)" in outline.text
    assert report.diagnosis.next[0].remedy in outline.text
    assert "Suspect labels" not in outline.text  # of a collapse no label is told
    assert "mislabels" not in repr(report)
    assert "Gate: pass" in results["audit"]._repr_html_()


def test_what_was_acknowledged_is_said_by_its_id_alone():
    labels = ["", *LABELS[1:].tolist()]
    report = embaudit.audit(ROWS, labels, acknowledge="empty_labels")
    assert "Acknowledged: empty_labels" in repr(report)
    assert "Acknowledged: empty_labels" in report._repr_html_()


def test_without_jinja_a_card_is_the_lines_as_they_are():
    code = (
        "import sys, importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'jinja2' else find(name, *more)\n"
        "sys.modules['jinja2'] = None\n"
        "import embaudit\n"
        "found = embaudit.audit([[0.], [1.], [5.], [6.]], ['<i>', '<i>', 'b', 'b'])\n"
        "print(found._repr_html_())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<pre>embaudit ")
    assert done.stdout.rstrip().endswith("</pre>")
    assert "<i>" not in done.stdout


@pytest.mark.parametrize("kind", RESULTS)
def test_show_prints_what_a_terminal_shows(results, kind, capsys):
    assert results[kind].show() is None
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) > 3
    if kind == "audit":
        stream = io.StringIO()
        show_first_fitting(first_screens(results[kind]), console_for(stream))
        assert shown == stream.getvalue()


@pytest.mark.parametrize("kind", in_part(["audit", "trend", "comparison"], 3, 2))
def test_a_page_is_written_whole(results, kind, tmp_path):
    results[kind].to_html(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    if kind == "audit":
        assert page == audit_page(results[kind], MEASURES)
    with pytest.raises(embaudit.errors.OutputFailed):
        results[kind].to_html(tmp_path / "missing" / "page.html")


def test_a_report_that_is_read_again_is_shown_alike(results, tmp_path):
    report = results["audit"]
    (tmp_path / "r.json").write_text(report.to_json())
    code = (
        "import embaudit, sys; print(embaudit.Report.model_validate_json(open(sys.argv[1]).read()))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "r.json")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.rstrip() == repr(report), done.stderr


CELLS = (
    "import numpy as np, embaudit\n"
    "rng = np.random.default_rng(0); labels = np.arange(120) % 6\n"
    "rows = 4 * rng.normal(size=(6, 8))[labels] + rng.normal(size=(120, 8))\n"
    "report = embaudit.audit(rows, labels, gate='smoke'); report",
    "print(report)",
    "report.show()",
    "embaudit.forecast(rows, labels, margin=0.2)",
    "embaudit.mine(rows, labels)",
    "embaudit.project(rows, labels)",
    "embaudit.audit(np.ones((40, 3)), labels[:40])",
)


@pytest.mark.notebook
def test_a_notebook_shows_results(tmp_path):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in CELLS])
    nbclient.NotebookClient(book, timeout=300, resources={"metadata": {"path": tmp_path}}).execute()
    (tmp_path / "executed.ipynb").write_text(nbformat.writes(book))
    shown, printed, screen, *others = [cell["outputs"] for cell in book["cells"]]
    data = shown[-1]["data"]
    assert "embaudit-card" in data["text/html"]
    assert "HEALTHY" in data["text/html"]
    assert len(data["text/html"].encode()) < MOST
    assert data["text/plain"].startswith("embaudit ")
    assert printed[0]["text"].rstrip() == data["text/plain"]
    assert "Next" in "".join(one["text"] for one in screen)
    for outputs in others:
        data = outputs[-1]["data"]
        assert "embaudit-card" in data["text/html"]
        assert len(data["text/plain"].splitlines()) <= 8
    assert "COLLAPSED" in others[-1][-1]["data"]["text/html"]
