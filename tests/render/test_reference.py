"""The reference is made, and every link in it leads somewhere on GitHub."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

import embaudit
from embaudit.findings.diagnosis_glossary import TOPICS
from embaudit.gate import PRESETS
from embaudit.measures import MEASURES
from embaudit.render.explain_page import related
from embaudit.render.reference_pages import reference_json, reference_markdown

KEPT = Path(embaudit.__file__).parent / "REFERENCE.md"
README = KEPT.parent.parent / "README.md"
ALL = (*TOPICS, *MEASURES)
PAGE = reference_markdown(ALL, ALL, tuple(PRESETS.values()))
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE))


def anchors(page: str) -> list[str]:
    """What GitHub makes of the headings: punctuation goes, blanks turn into hyphens."""
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_the_kept_page_is_what_explain_prints_now():
    assert KEPT.read_text(encoding="utf-8") == PAGE, (
        "`python -m embaudit explain --all -o embaudit/REFERENCE.md` keeps it."
    )


def test_the_readme_links_it():
    assert f"({KEPT.relative_to(README.parent).as_posix()})" in README.read_text(encoding="utf-8")


def test_every_measure_has_an_anchor_of_its_own_and_no_link_is_dead():
    found = Counter(anchors(PAGE))
    assert [anchor for anchor, times in found.items() if times > 1] == []
    assert {one.id for one in ALL} <= set(found)
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) <= set(found)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.id)
def test_a_section_has_the_formula_as_it_is_and_links_what_is_related(measure):
    section = SECTIONS[measure.id]
    assert f"`{measure.formula}`" in section
    (line,) = re.findall(r"^- \*\*see also\*\* (.*)$", section, re.MULTILINE)
    assert re.findall(r"\(#(\w+)\)", line) == related(measure, ALL)
    assert f"(#{measure.id})" not in section


def test_one_alone_links_nothing_that_is_elsewhere():
    page = reference_markdown(MEASURES[:1], MEASURES)
    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= {MEASURES[0].id}
    assert "`tied_triplets`" in page


def test_as_data_it_has_the_words_of_the_specifications():
    told = json.loads(reference_json(ALL, ALL))
    assert list(told) == [one.id for one in ALL]
    for measure in MEASURES:
        for name in ("title", "group", "unit", "formula", "range", "low", "high", "source"):
            assert told[measure.id][name] == getattr(measure, name)
    for topic in TOPICS:
        facts = told[topic.id]
        assert (facts["title"], facts["meaning"], facts["advice"]) == (
            topic.title,
            topic.meaning,
            topic.advice,
        )


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.id)
def test_a_word_of_the_diagnosis_has_a_section_with_its_mark_and_its_cost(topic):
    section = SECTIONS[topic.id]
    for name, _ in topic.facts:
        assert f"- **{name}** " in section
    assert "**What to do:** " in section


def test_a_plain_word_is_no_link():
    """`collapsed` in a sentence is no reference to the state."""
    assert "collapsed" in SECTIONS["collapse_risk"]
    assert "](#collapsed)" not in SECTIONS["collapse_risk"]
    assert "](#near_copies)" in PAGE
