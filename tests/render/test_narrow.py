"""On a narrow screen no word of a table is torn, and no hint points at what is shown already."""

import pytest
from rich.cells import cell_len

from embaudit.render.terminal.terminal_document import show_document
from embaudit.render.words.audit_words import audit_document
from embaudit.render.words.block_document import BlockDocument
from embaudit.render.words.block_types import TableBlock
from embaudit.render.words.comparison_words import comparison_document
from embaudit.render.words.rich_text import inert_text
from tests.render import samples
from tests.render.documents import SHOWN, comparison
from tests.render.samples import MEASURES
from tests.render.test_terminal import printed

DOCUMENTS = {
    "compare": comparison_document(comparison(), MEASURES),
    "audit": audit_document(samples.regressed(), MEASURES),
}


@pytest.mark.parametrize("width", [40, 50, 60, 75])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_word_of_a_table_is_torn(name, width):
    for block in DOCUMENTS[name].seen("terminal"):
        if not isinstance(block, TableBlock):
            continue
        alone = BlockDocument("", "", "", (block,))
        text = printed(lambda console, one=alone: show_document(one, console), width)
        shown = set(text.replace(",", " ").split())
        for row in block.seen("terminal", roomy=False).rows:
            for cell in row:
                for word in inert_text(cell, 14, 40).replace(",", " ").split():
                    assert word in shown or cell_len(word) > width - 6, (word, text)


@pytest.mark.parametrize("name", [name for name in SHOWN if name.endswith("_full")])
def test_what_is_shown_whole_has_no_hint_of_more(name):
    assert ": --full" not in printed(SHOWN[name])
