"""Documents as pages: every kind of block is shown, whole and harmless."""

from typing import get_args

import numpy as np
import pytest

from embaudit.render.html import document_page
from embaudit.render.html.html_document import KINDS
from embaudit.render.words import block_types as blocks
from embaudit.render.words import figure_blocks as figures
from embaudit.render.words.block_document import Block, BlockDocument, Detail, Only
from embaudit.render.words.curves import Curve
from embaudit.render.words.measured_value_words import Shown
from embaudit.render.words.rich_text import Data, FilePath, Label, Link, Name, Number
from embaudit.render.words.step_command import NextStep
from embaudit.report.shell_command import Line
from tests.cli.test_cli import embaudit
from tests.render import samples
from tests.render.html.pages import check_accessible, check_inert

HOSTILE = samples.HOSTILE[0]
COLUMNS = (blocks.TableColumn("one"), blocks.TableColumn(Link("two", "explain-two"), "right"))
TABLE = blocks.TableBlock(
    "A table", COLUMNS, ((Label("cell"), Number("7", 7.0, "a/b")),), "note of it"
)
METERS = figures.Meters(
    "Meters", (blocks.TableColumn("shape"), blocks.TableColumn("risk")), "shape", "risk",
    (figures.MeterRow(("2 x 4", "low"), "good", 0.1, 0.2, 0.3, True),), (0.6, 0.9), TABLE,
)  # fmt: skip
RANKED = figures.RankedTable(
    "Ranked", "name", (Name("step 1"), Name(HOSTILE)),
    (figures.RankedColumn("P@1", "right", ("1%", "2%")),), note="ranked note",
)  # fmt: skip
SOURCE = blocks.SourceBlock(
    "Read", "Read from ", (FilePath("a/b.npy"), ", 7 rows"), (), headed=True
)
EVERY = (
    (blocks.Heading("A heading", "bad"), "A heading"),
    (blocks.Paragraph(("Said of ", Data(HOSTILE)), quiet=True), "Said of "),
    (blocks.Note("A note"), "A note"),
    (blocks.Hint("all of it: --full"), ""),
    (
        figures.KeyFigures(
            "chance", (figures.KeyFigure("P@1", "86%", "2%", note="exact"),), (("mixed", "a/b"),)
        ),
        "Figures that decide figure this set chance P@1 86% 2% exact mixed a/b",
    ),
    (
        figures.ReadingsBlock(
            "Group", (Shown("d_iso", "7", "certified", "[6, 8]", "0.5 rms", "It says."),), "how"
        ),
        "Group measure value kind d_iso 7 certified [6, 8] 0.5 It says. how",
    ),
    (figures.GapsBlock(("gap_p1",), (0.5,), 9, True), "Gaps gap_p1 0.5000 9 anchors."),
    (
        figures.RulesBlock((figures.RuleLine("fail", "a <= 1", "observed 2", "fix it"),), 3),
        "Gate status fail a <= 1 observed 2 fix it 3 more rules, none more urgent.",
    ),
    (blocks.Listing("Holds", (("x", Label("y")),), "left out"), "Holds x, 'y' left out"),
    (blocks.Messages("Told", ("a message",)), "Told a message"),
    (blocks.Answers((blocks.Answer("warning", "An answer", ("why",)),)), "An answer (warning) why"),
    (blocks.Steps((NextStep("Do it:", Line("embaudit explain d_iso")),)), "embaudit explain d_iso"),
    (blocks.Facts((("name", "fact"),), "Facts"), "Facts name fact"),
    (TABLE, "A table one two 'cell' 7 note of it"),
    (METERS, "2 x 4 low"),
    (RANKED, "Ranked name P@1 step 1 1%"),
    (SOURCE, "Read Read from a/b.npy, 7 rows."),
)  # fmt: skip


def shown(*some):
    page = check_inert(document_page(BlockDocument("Title", "1.0", Name("run"), some)))
    check_accessible(page)
    return page


@pytest.mark.parametrize(("block", "told"), EVERY, ids=lambda one: type(one).__name__)
def test_every_block_is_shown(block, told):
    page = shown(block)
    spaced = " ".join(
        " ".join(one.text.split())
        for one in page.all("h2", "p", "li", "th", "td", "dt", "dd", "code")
        if one.attributes.get("class") != "hint"
    )
    for word in told.split():
        assert word in spaced


def test_no_kind_of_block_is_forgotten():
    kinds = set(get_args(Block)) - {Only, Detail}
    assert KINDS.keys() == kinds
    curves = {figures.CurvesBlock}
    assert {type(block) for block, _ in EVERY} == kinds - curves


def test_curves_are_a_table():
    curve = Curve(
        "d_iso", "d_iso", "distance", (1.0, 2.0, 3.0), (None,) * 3, (None,) * 3, ("1", "2", "3")
    )
    block = figures.CurvesBlock("Curves", "Each has its own scale.", (curve,), ("none",) * 3)
    page = shown(block)
    assert page.table("data-table", "Curves")[1][0] == "d_iso"


def test_all_in_one_and_a_table_of_many_rows_folds():
    long = blocks.TableBlock("Long", COLUMNS[:1], tuple((str(k),) for k in range(50)))
    page = shown(*(block for block, _ in EVERY), long)
    assert [one.text for one in page.all("summary")] == ["30 more"]
    assert len(page.table("data-table", "Long")) == 51


@pytest.mark.parametrize("verb", ["forecast", "mine", "project"])
def test_verbs_write_a_page(verb, tmp_path):
    rng = np.random.default_rng(0)
    y = np.arange(120) % 6
    np.save(tmp_path / "emb.npy", 2 * rng.normal(size=(6, 4))[y] + rng.normal(size=(120, 4)))
    np.save(tmp_path / "y.npy", y)
    done = embaudit(tmp_path, verb, "emb.npy", "--labels", "y.npy", "-q", "-o", "x.html")
    assert done.returncode == 0, done.stderr
    page = check_inert((tmp_path / "x.html").read_text(encoding="utf-8"))
    check_accessible(page)
    assert any("findings" in one.attributes.get("class", "") for one in page.all("ul"))
    assert page.all("table")
    assert any("Next" in one.text for one in page.all("h2"))
