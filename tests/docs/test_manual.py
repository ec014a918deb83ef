"""The manual: every page is reached, every link leads somewhere, what is made is made anew."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from embaudit.docs import FOLDER, NAMES, manual
from embaudit.findings.diagnosis_glossary import TOPICS
from embaudit.gate import PRESETS
from embaudit.measures import MEASURES
from tests.docs.generated import PARTS
from tests.docs.pages import ALL, CONTRIBUTING, MANUAL, README, ROOT, anchors, links, text_of
from tests.docs.parts import blocks_of
from tests.zoo.sets import ZOO

WRITE = "`python -m tests.docs` writes it anew."
MEASURED = ("zoo", "flips")  # parts that take too long to be made anew by a test
WORDS = {one.id for one in (*TOPICS, *MEASURES)} | PRESETS.keys()


def targets(page: Path) -> set[Path]:
    """The files of the project that a page links to."""
    paths = (link.partition("#")[0] for link in links(page) if "://" not in link)
    return {(page.parent / path).resolve() for path in paths if path}


@pytest.mark.parametrize("name", ALL)
def test_every_link_within_the_project_leads_somewhere(name):
    page = ALL[name]
    for link in links(page):
        path, _, heading = link.partition("#")
        if "://" not in link:
            target = (page.parent / path).resolve() if path else page
            assert target.is_file(), link
            assert not heading or heading in anchors(target), link


def test_every_page_is_reached_from_the_readme_and_from_the_architecture():
    pages = {path.resolve() for path in MANUAL.values()}
    assert pages <= targets(README)
    assert pages - {MANUAL["architecture"].resolve()} <= targets(MANUAL["architecture"])
    assert CONTRIBUTING.resolve() in targets(README)


def test_every_file_of_the_folder_is_a_page_or_shown_on_one():
    shown = {path for page in ALL.values() for path in targets(page)}
    files = {path.resolve() for path in FOLDER.iterdir() if path.suffix not in (".py", "")}
    assert files <= shown | {path.resolve() for path in MANUAL.values()}
    assert {path.stem for path in FOLDER.glob("*.md")} == set(NAMES)


def test_every_page_has_a_title_of_its_own():
    titles = [page.title for page in manual().values()]
    assert len(set(titles)) == len(titles)
    for name, page in MANUAL.items():
        assert text_of(page).startswith("# ")
        assert name.lower() in text_of(page).splitlines()[0].lower()


def test_a_page_has_no_name_of_a_measure_a_finding_or_a_preset():
    """So that `embaudit explain NAME` means one thing."""
    assert WORDS.isdisjoint(NAMES)


@pytest.mark.parametrize("name", [name for name in PARTS if name != "first_screen"])
def test_what_is_made_from_the_code_is_as_the_code_is(name):
    page, made = PARTS[name]
    assert blocks_of(page)[name] == made(), WRITE


def test_every_made_part_has_a_place():
    places = [name for page in ALL.values() for name in blocks_of(page)]
    assert sorted(places) == sorted([*PARTS, *MEASURED])


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_measure_finding_state_and_preset_is_named_by_its_id(word):
    assert any(f"`{word}`" in text_of(page) for page in MANUAL.values())


@pytest.mark.parametrize("name", ALL)
def test_what_is_explained_exists(name):
    """A page sends nobody to a word that `embaudit explain` does not know."""
    said = re.findall(r"embaudit explain (\w+)", text_of(ALL[name]))
    assert set(said) <= WORDS | set(NAMES) | {"ID", "WORD", "PAGE"}


def test_the_presets_name_as_many_sets_as_the_zoo_has():
    assert all(f"the zoo's {len(ZOO)} sets" in one.errs for one in PRESETS.values())


def test_the_picture_is_small_and_loads_nothing():
    picture = FOLDER / "overview.svg"
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    assert picture.stat().st_size < 5000
    assert "href" not in text_of(picture)
    assert picture.resolve() in targets(README)


def test_the_files_that_contributing_names_are_there():
    named = re.findall(r"`((?:embaudit|tests)/[\w/.]+?)/?`", text_of(CONTRIBUTING))
    assert named
    assert [path for path in named if not (ROOT / path).exists() and "NAME" not in path] == []
