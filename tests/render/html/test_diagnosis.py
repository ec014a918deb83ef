"""The diagnosis on the page: its state, all findings, what to do, and no alarm without a cause."""

import json

import numpy as np
import pytest

from embaudit.measures import MEASURES
from embaudit.measures.collapse_state_spec import HALF
from embaudit.render.html import audit_page
from embaudit.render.safe_text import figure
from embaudit.render.words.diagnosis_states import MARKS
from embaudit.report.diagnosis_model import DIAGNOSES
from tests.cli.test_cli import embaudit as shell
from tests.combined import in_part
from tests.render import samples
from tests.render.audited import audited
from tests.render.html.pages import Page, check_accessible, check_inert, found_at
from tests.zoo.sets import make

STATES = {
    "classes_of_two_modes": "healthy",
    "labels_shifted_middle": "check_input",
    "zero_rows_strong": "check_input",
    "one_point": "collapsed",
    "flips_strong": "check_labels",
    "overlap_strong": "overlapping",
    "points_alone": "points_only",
}
OF_ROWS = {"Suspect rows", "Classes", "The hardest triplets", "Forecast"}


@pytest.fixture(scope="module", params=in_part(STATES))
def told(request):
    """A report of the zoo and its page."""
    report = audited(request.param)
    assert report.diagnosis.state == STATES[request.param]
    return report, audit_page(report, MEASURES)


def words(element):
    return " ".join(element.text.split())


def capital(text):
    return text[:1].upper() + text[1:]


def test_the_page_leads_with_one_banner(told):
    report, html = told
    page = check_inert(html)
    check_accessible(page)
    found = report.diagnosis
    banners = [one for one in page.all("div") if "banner" in one.attributes.get("class", "")]
    assert len(banners) == 1
    mark, state = words(page.all("h1")[0]).split(" ", 1)
    assert state == found.state.replace("_", " ").upper()
    assert mark == {"good": "✓", "warning": "!", "bad": "✗", "unknown": "?"}[MARKS[found.state]]
    assert words(banners[0]).endswith(capital(found.reason))
    assert page.all("title")[0].text.startswith(f"{state}: {capital(found.reason)}")


def test_every_finding_is_told_with_remedy_command_and_evidence(told):
    report, html = told
    document = json.loads(report.to_json())
    page = Page(html)
    start = next(k for k, one in enumerate(page.elements) if one.attributes.get("id") == "findings")
    items = [one for one in page.elements[start:] if one.tag == "li"]
    steps = [words(one) for one in page.elements[:start] if one.tag == "li"]
    asked = {one.id for one in report.diagnosis.next}
    for k, (one, item) in enumerate(zip(report.diagnosis.findings, items, strict=False)):
        text = words(item)
        for part in (capital(one.headline), *one.details):
            assert part in text
        told = " ".join(steps) if one.id in asked else text
        assert one.remedy[1:] in told
        assert one.id not in asked or not one.remedy or one.remedy not in text
        for key in one.evidence:
            assert key in text
        assert ("bad" in item.attributes["class"]) == (one.mark == "bad")
        places = [
            each.attributes["data-at"]
            for each in page.elements[start:]
            if each.tag == "data"
            and each.attributes["data-at"].startswith(f"diagnosis/findings/{k}/evidence/")
        ]
        numbers = [place for place, _ in numbers_of(document["diagnosis"]["findings"][k], k)]
        assert places == numbers
    pasted = [one.text for one in page.all("code") if one.attributes.get("class") == "paste"]
    commands = {one.command for one in report.diagnosis.findings if one.command}
    assert commands <= set(pasted)
    for element in page.all("data"):
        value = found_at(document, element.attributes["data-at"])
        assert value is None or float(element.attributes["value"]) == value


def numbers_of(finding, k):
    """The places of all numbers of the evidence."""

    def inside(value, at):
        if isinstance(value, list):
            for n, one in enumerate(value):
                yield from inside(one, f"{at}/{n}")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield at, value

    for key, value in finding["evidence"].items():
        yield from inside(value, f"diagnosis/findings/{k}/evidence/{key}")


def test_chance_stands_beside_precision(told):
    report, html = told
    places = [one.attributes["data-at"] for one in Page(html).all("data")]
    assert ("diagnosis/chance" in places) == (report.diagnosis.chance is not None)


def test_bars_start_at_zero(told):
    bars = [one for one in Page(told[1]).all("i") if "span" in one.inside]
    assert len(bars) >= 3
    assert all("left" not in one.attributes["style"] for one in bars)
    scales = [one for one in Page(told[1]).all("span") if one.attributes.get("class") == "ends"]
    assert all(one.text.startswith("0") for one in scales)
    assert len(scales) >= 3


def test_where_labels_tell_nothing_no_row_class_or_triplet_is_shown(told):
    report, html = told
    page = Page(html)
    titles = {words(one) for one in page.all("h2")}
    drawn = {one.attributes.get("id") for one in page.all("figure")}
    named = [one for one in page.all("text") if "hue" in one.attributes.get("class", "")]
    cards = " ".join(words(one) for one in page.all("li") if one.attributes.get("class") == "card")
    ids = {one.id for one in report.diagnosis.findings}
    if report.diagnosis.state == "collapsed" or "misaligned_labels" in ids:
        assert not report.diagnosis.labels_tell
        assert not titles & OF_ROWS
        assert not named
    if report.diagnosis.state in ("collapsed", "check_input"):
        assert not titles & OF_ROWS
        assert "Suspect labels" not in cards
        assert "Worst pair" not in cards
    elif report.diagnosis.state in ("healthy", "overlapping"):
        assert {"Classes", "The hardest triplets"} <= titles
        assert drawn >= {"map", "densities", "forecast"}
        assert named
        assert "Suspect labels" in cards


def test_a_healthy_page_raises_no_alarm():
    """Although every anchor violates."""
    report = audited("classes_of_two_modes")
    assert report.measures["violating_anchors"].value == 1
    html = audit_page(report, MEASURES)
    page = Page(html)
    for element in page.elements:
        assert not {"bad", "warning", "fail"} & set(element.attributes.get("class", "").split())
    assert "suspect" not in {element.attributes.get("class") for element in page.all("circle")}
    lead = " ".join(
        words(one) for one in page.all("title", "h1", "h2", "strong") if "article" not in one.inside
    )
    assert "HEALTHY" in lead
    assert "violat" not in lead.lower()
    start = html.index('<figure id="map"')
    assert "var(--bad)" not in html[start : html.index("</figure>", start)]


@pytest.mark.thorough
def test_a_command_is_the_one_of_the_json(tmp_path):
    """Of a file with a name that a shell and a page would both take apart."""
    animal = make("flips_strong")
    np.save(tmp_path / "a <b> & 'c'.npy", animal.x)
    np.save(tmp_path / "y.npy", animal.y)
    asked = ("--labels", "y.npy", "-q", "-o", "r.html", "-o", "r.json")
    assert shell(tmp_path, "audit", "a <b> & 'c'.npy", *asked).returncode == 0
    document = json.loads((tmp_path / "r.json").read_text())
    page = check_inert((tmp_path / "r.html").read_text(encoding="utf-8"))
    pasted = [one.text for one in page.all("code") if one.attributes.get("class") == "paste"]
    commands = [one["command"] for one in document["diagnosis"]["findings"] if one["command"]]
    assert any("a <b>" in command for command in commands)
    assert set(commands) <= set(pasted)
    assert len(set(pasted)) == len(pasted)  # no step says again what a finding says


def test_a_gate_that_does_not_look_at_the_state_is_told():
    report = audited("one_point")
    rule = samples.gate_failing().gate.rules[0]
    passed = samples.gate_failing().gate.model_copy(update={"verdict": "pass", "rules": (rule,)})
    html = audit_page(report.model_copy(update={"gate": passed}), MEASURES)
    assert "does not look at this state" in html
    healthy = audited("plain").model_copy(update={"gate": passed})
    assert "does not look at this state" not in audit_page(healthy, MEASURES)


def test_what_is_data_is_text():
    """A label in a finding, a name in a command."""
    report = audited("flips_strong")
    hostile = tuple(
        one.model_copy(
            update={
                "id": text,
                "headline": text,
                "details": (text,),
                "remedy": text,
                "evidence": {text: text, "labels": [text, [1, 2], None, True]},
            }
        )
        for one in report.diagnosis.findings
        for text in samples.HOSTILE
    )
    found = report.diagnosis.model_copy(update={"findings": hostile, "reason": samples.HOSTILE[0]})
    page = check_inert(audit_page(report.model_copy(update={"diagnosis": found}), MEASURES))
    check_accessible(page)
    text = page.all("body")[0].text
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_a_report_without_a_diagnosis_is_a_page():
    old = audited("plain").model_copy(update={"diagnosis": None})
    page = check_inert(audit_page(old, MEASURES))
    check_accessible(page)
    assert words(page.all("h1")[0]) == "✓ NOT COLLAPSED"


def test_every_state_has_a_mark():
    assert set(DIAGNOSES) <= MARKS.keys()


def tiles_of(name):
    """The tiles of a page, as texts."""
    page = Page(audit_page(audited(name), MEASURES))
    (tiles,) = [one for one in page.all("ul") if one.attributes.get("class") == "cards tiles"]
    start = page.elements.index(tiles)
    stop = next(k for k, one in enumerate(page.elements) if k > start and one.tag == "h2")
    return [words(one) for one in page.elements[start:stop] if one.tag == "li"]


def test_of_a_collapse_the_figures_that_decide_stand_beside_their_limits():
    told = " ".join(tiles_of("one_point"))
    assert f"collapsed at {HALF:g} or less" in told
    assert "Worst pair" not in told


def test_of_a_fault_the_figures_with_and_without_it_are_compared():
    found = audited("labels_shifted_middle").diagnosis.findings[0]
    told = tiles_of("labels_shifted_middle")
    (without,) = [one for one in told if "without what was found" in one]
    assert figure(found.evidence["precision_at_1_without"], "fraction") in without
    assert "Suspect labels" not in " ".join(told)
