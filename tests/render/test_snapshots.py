"""What a terminal shows, letter by letter: a change of it is seen, and meant.

The pages are kept in snapshots/; `python -m tests.render.test_snapshots` writes them anew. Those
with colour are shown by `cat`.
"""

import itertools
from pathlib import Path

import pytest

from tests.render.samples import EVERY
from tests.render.test_terminal import rendered

FOLDER = Path(__file__).parent / "snapshots"
REPORTS = ("healthy", "collapsed", "regressed", "unlabelled")
WIDTHS = (60, 80, 120)
CASES = list(itertools.product(REPORTS, WIDTHS, (False, True)))


def place(name: str, width: int, color: bool) -> Path:
    return FOLDER / f"{name}_{width}{'_color' if color else ''}.txt"


def page(name: str, width: int, color: bool) -> bytes:
    return rendered(EVERY[name](), width, color).encode()


@pytest.mark.parametrize(("name", "width", "color"), CASES)
def test_a_page_is_the_one_that_is_kept(name, width, color):
    kept = place(name, width, color).read_bytes().decode()
    assert page(name, width, color).decode() == kept, (
        "If it is meant, `python -m tests.render.test_snapshots` keeps it."
    )


def test_no_page_is_kept_that_nothing_renders():
    assert {path.name for path in FOLDER.iterdir()} == {place(*case).name for case in CASES}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for case in CASES:
        place(*case).write_bytes(page(*case))
