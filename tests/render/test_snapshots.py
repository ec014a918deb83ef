"""What a terminal shows, letter by letter: a change of it is seen, and meant.

Everything that a verb prints is kept in snapshots/, all widths in one file, once plain and once in
colour (`cat` shows that); `python -m tests.render.test_snapshots` writes them anew.
"""

import itertools
from pathlib import Path

import pytest

from tests.render.documents import SHOWN
from tests.render.test_terminal import printed

FOLDER = Path(__file__).parent / "snapshots"
WIDTHS = (40, 60, 80, 120)
CASES = list(itertools.product(SHOWN, (False, True)))


def place(name: str, color: bool) -> Path:
    return FOLDER / f"{name}{'_color' if color else ''}.txt"


def pages(name: str, color: bool) -> str:
    """It at every width, each under a line that tells it."""
    return "".join(
        f"{f' {width} columns ':=^{width}}\n{printed(SHOWN[name], width, color)}"
        for width in WIDTHS
    )


@pytest.mark.parametrize(("name", "color"), CASES)
def test_a_page_is_the_one_that_is_kept(name, color):
    kept = place(name, color).read_bytes().decode()
    assert pages(name, color) == kept, (
        "If it is meant, `python -m tests.render.test_snapshots` keeps it."
    )


def test_no_page_is_kept_that_nothing_renders():
    assert {path.name for path in FOLDER.iterdir()} == {place(*case).name for case in CASES}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        path.unlink()
    for case in CASES:
        place(*case).write_bytes(pages(*case).encode())
