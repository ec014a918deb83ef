"""The page of a comparison: every figure is the JSON's, and what got worse is seen at once."""

import json
import re

import numpy as np
import pytest

from embaudit.measures import MEASURES
from embaudit.outputs import report_writers
from embaudit.render.html import comparison_page
from embaudit.render.html.comparison_html import CLASSES, REPORTS
from embaudit.render.pictures.changes_drawing import FAR, changes_picture
from embaudit.render.safe_text import figure
from embaudit.render.words.change_tables import meaning, own, signed
from embaudit.render.words.curves import SHOWN
from embaudit.report.changes_model import ClassChange, ClassChanges
from embaudit.settings.settings import settings_of
from embaudit.verbs.audit import run
from embaudit.verbs.audit_request import request_of
from embaudit.verbs.compare import compare
from embaudit.verbs.set_from_arrays import set_of
from tests.cli.test_cli import embaudit
from tests.render import samples
from tests.render.html.pages import Page, check_accessible, check_inert, found_at

SPECS = {measure.id: measure for measure in MEASURES}
TOLD = re.compile(r"Changes of (\d+) measure")
MARK = re.compile(r'<use [^>]*x="([\d.]+)" y="[\d.]+" style="fill: var\(--(?:bad|good)')


def audited(spread):
    """An audit of twelve classes with so much noise each."""
    rng = np.random.default_rng(3)
    labels = np.arange(360) % 12
    centres = np.random.default_rng(7).normal(size=(12, 8))
    vectors = centres[labels] + np.asarray(spread)[labels][:, None] * rng.normal(size=(360, 8))
    settings = settings_of(threads=1)
    return run(set_of(vectors, labels.tolist(), None, settings), settings, request_of(settings))


def save(folder):
    """Reports with their tables of anchors: one, and where classes broke, moved and mended."""
    loose = np.where(np.arange(12) < 2, 3.0, 0.3)
    for name, spread in (("was", loose[::-1]), ("worse", np.maximum(loose, loose[::-1])),
                         ("moved", loose), ("mended", np.full(12, 0.2))):  # fmt: skip
        paths = [folder / f"{name}{suffix}" for suffix in (".json", ".parquet")]
        report_writers().write(audited(spread), paths)
    return folder


def compared(folder, *names):
    return compare([folder / f"{name}.json" for name in names])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="module")
def two(saved):
    return compared(saved, "was", "moved")


@pytest.fixture(scope="module")
def several(saved):
    return compared(saved, "was", "worse", "moved", "mended")


@pytest.fixture(scope="module")
def html_of_two(two):
    return comparison_page(two, MEASURES)


@pytest.fixture(scope="module")
def html_of_several(several):
    return comparison_page(several, MEASURES)


def with_classes(comparison, labels):
    """The same, as if all these classes broke, and were repaired."""
    some = tuple(ClassChange(label=label, then=0.1, now=0.9) for label in labels)
    found = ClassChanges(newly_broken=some, repaired=some, worst_increase=None)
    one = comparison.against_first[0].model_copy(update={"classes": found})
    return comparison.model_copy(update={"against_first": (one,)})


@pytest.mark.thorough
def test_pages_are_inert_and_accessible(saved, html_of_two, html_of_several):
    alone = comparison_page(compared(saved, "was", "was"), MEASURES)
    for html in (html_of_two, html_of_several, alone):
        check_accessible(check_inert(html))
    text = Page(alone).all("main")[0].text
    assert "The very same input and options: nothing changed" in text


def expected(document, at):
    """What a number says, by its place in the JSON."""
    value = found_at(document, at)
    steps = at.split("/")
    if steps[-1] == "relative":
        return figure(value)
    if steps[0] == "measures":
        return figure(value, found_at(document, at.rpartition("/")[0])["unit"])
    if steps[-1] == "confidence":
        return "95 %"
    if isinstance(value, int):
        return str(value) if "worst_rows" in steps else f"{value:,}"
    if steps[2] != "changes" or "test" in steps:
        written = signed if "test" in steps else figure
        return written(value, "fraction")
    unit = SPECS[steps[3]].unit
    if steps[-1] in ("then", "now"):
        return figure(value, unit)
    return signed(value, "ratio" if unit == "state" else unit)


@pytest.mark.parametrize("which", ["two", "several"])
def test_every_number_is_the_jsons(which, request):
    comparison = request.getfixturevalue(which)
    document = json.loads(comparison.to_json())
    told = Page(request.getfixturevalue(f"html_of_{which}")).all("data")
    assert len(told) > 150
    for element in told:
        at = element.attributes["data-at"]
        assert float(element.attributes["value"]) == found_at(document, at)
        assert element.text.removeprefix("≥ ") == expected(document, at)


def test_every_change_is_told_in_reading_order(two, html_of_two):
    (one,) = two.against_first
    page = Page(html_of_two)
    rows = page.table("data-table", "Changes")[1:]
    assert [row[0] for row in rows] == [id for id in SPECS if id in one.changes]
    for id, then, now, change, said, _ in rows:
        found, unit = one.changes[id], SPECS[id].unit
        in_rms = own(found)
        assert then == ("-" if in_rms.then is None else figure(in_rms.then, unit))
        assert now == ("-" if in_rms.now is None else figure(in_rms.now, unit))
        assert (change == "-") == (found.value is None)
        assert ("[" in change) == (found.value is not None and in_rms.lower != in_rms.upper)
        assert said == meaning(found)
    ids = {element.attributes.get("id") for element in page.elements}
    assert {f"explain-{id}" for id in one.changes} <= ids


def test_the_picture_holds_what_has_a_better_side_and_moved(two):
    (one,) = two.against_first
    svg = changes_picture(one, MEASURES, "changes-2").svg
    moved = {
        id: change
        for id, change in one.changes.items()
        if SPECS[id].better != "none" and change.value is not None
        and change.direction != "same" and change.then and SPECS[id].unit != "state"
    }  # fmt: skip
    amount = int(TOLD.search(svg)[1])
    left, width = map(
        float, re.search(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)', svg).groups()
    )
    assert all(left <= float(x) <= left + width for x in MARK.findall(svg))
    assert amount == min(30, len(moved))
    names = [text for text in re.findall(r"<text[^>]*>(.*?)</text>", svg) if text in SPECS]
    assert set(names[:2]) == {"violated_triplets", "precision_at_1"}  # of which tests tell more
    order = [one.changes[name].direction for name in names[2:]]
    assert order == sorted(order, key=("worse", "better", "unknown").index)
    assert {"worse", "better"} <= set(order)
    assert "var(--bad)" in svg
    assert "var(--good)" in svg


def test_a_change_stands_where_its_share_is(two):
    """Marks lie along the axis as their shares do, where the scale is a plain one."""
    (one,) = two.against_first
    near = {
        id: change
        for id, change in one.changes.items()
        if change.value is not None and change.then
        and abs(own(change).value / own(change).then) < FAR
        and change.direction in ("worse", "better") and SPECS[id].unit != "state"
    }  # fmt: skip
    svg = changes_picture(one.model_copy(update={"changes": near}), MEASURES, "x").svg
    at = [float(x) for x in MARK.findall(svg)]
    shares = sorted(
        (change for change in near.items()),
        key=lambda pair: (
            pair[1].test is None,
            pair[1].direction == "better",
            list(SPECS).index(pair[0]),
        ),
    )
    shares = [own(change).value / abs(own(change).then) for _, change in shares][: len(at)]
    assert len(at) == min(30, len(near)) > 5
    slope, _ = np.polyfit(shares, at, 1)
    assert slope > 0
    assert np.allclose(np.polyval(np.polyfit(shares, at, 1), shares), at, atol=1e-3)


def test_paired_tests_are_told_in_words(two, html_of_two):
    (one,) = two.against_first
    items = [" ".join(item.text.split()) for item in Page(html_of_two).all("li")]
    tests = {id: change.test for id, change in one.changes.items() if change.test}
    assert tests.keys() == {"violated_triplets", "precision_at_1", "adjusted_precision_at_1"}
    for id, test in tests.items():
        if id == "adjusted_precision_at_1":
            continue  # the same test, in another unit
        said = "is real" if test.real else "is not told from chance"
        start = f"{id}: the change of {signed(test.change, 'fraction')} {said}"
        assert any(item.startswith(start) for item in items)


def test_classes_and_rows_that_broke_are_named(two, html_of_two):
    (one,) = two.against_first
    page = Page(html_of_two)
    rows = page.table("data-table", "Classes by violated triplets")[1:]
    found = one.classes
    assert found.newly_broken
    assert found.repaired
    assert [(row[0], row[3]) for row in rows] == [
        *((str(one.label), "newly broken") for one in found.newly_broken),
        *((str(one.label), "repaired") for one in found.repaired),
    ]
    told = [element.attributes["data-at"] for element in page.all("data")]
    worst = [at for at in told if "/worst_rows/" in at]
    assert len(worst) == len(one.anchors.worst_rows) > 0


def test_more_than_two_are_small_multiples_and_side_by_side(several, html_of_two, html_of_several):
    page = Page(html_of_several)
    labels = [one.attributes["aria-label"] for one in page.all("svg")]
    panels = [label for label in labels if " at 4 places: " in label]
    assert len(panels) == len([id for id in SHOWN if id in several.measures])
    head, *rows = page.table("data-table", "Side by side")
    assert head == ["measure", "1", "2", "3", "4"]
    assert [row[0] for row in rows] == [id for id in SPECS if id in several.measures]
    assert [row[0].split(":")[0] for row in page.table("data-table", "States")[1:]] == list("1234")
    titles = [one.text for one in page.all("h2")]
    assert len([title for title in titles if "against" in title]) == 3
    assert " at 2 places: " not in html_of_two
    assert Page(html_of_two).table("data-table", "Side by side") == []


@pytest.mark.thorough
def test_many_reports_are_bounded(two):
    """As if it were forty against the first."""
    (one,), (first, other) = two.against_first, two.reports
    readings = {id: (was, *[now] * 40) for id, (was, now) in two.measures.items()}
    many = two.model_copy(
        update={
            "against_first": (one,) * 40,
            "reports": (first, *(other,) * 40),
            "measures": readings,
        }
    )
    html = comparison_page(many, MEASURES)
    check_accessible(check_inert(html))
    assert len(html.encode()) < 3_000_000
    assert f"{40 - REPORTS} more reports in the JSON" in html


def test_many_classes_are_bounded(two):
    html = comparison_page(with_classes(two, [f"class {k}" for k in range(10_000)]), MEASURES)
    page = check_inert(html)
    assert len(html.encode()) < 3_000_000
    assert len(page.table("data-table", "Classes by violated triplets")) == 1 + 2 * CLASSES
    assert f"{20_000 - 2 * CLASSES:,} more are in the JSON." in html


def test_what_is_data_is_text(two):
    hostile = with_classes(two, samples.HOSTILE)
    reports = tuple(
        one.model_copy(update={"path": text, "run_id": text, "inputs": (text,), "version": text})
        for one, text in zip(two.reports, ("<script>a()</script>", "\u202ex\x1b[0m"), strict=True)
    )
    one = hostile.against_first[0].model_copy(
        update={"path": samples.HOSTILE[14], "notes": samples.HOSTILE}
    )
    for page_of in (hostile, hostile.model_copy(
        update={"reports": reports, "against_first": (one,)}
    )):  # fmt: skip
        page = check_inert(comparison_page(page_of, MEASURES))
        check_accessible(page)
        text = page.all("body")[0].text
        assert "<script>alert(1)</script>" in text
        assert "\u202e" not in text
        assert "\x1b" not in text
        assert len(text) < 200_000


def test_from_the_shell(saved):
    done = embaudit(saved, "compare", "was.json", "moved.json", "-q", "-o", "c.html")
    assert done.returncode == 0, done.stderr
    check_inert((saved / "c.html").read_text(encoding="utf-8"))
