"""The manual: pages of Markdown that are shipped, and printed by `embaudit explain PAGE`.

It knows the pages and their titles, and nothing of what they tell; it imports no other room.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
NAMES = (  # in reading order; each is a file of that name
    "inputs",
    "verdict",
    "labels",
    "measures",
    "gate",
    "ci",
    "training",
    "python",
    "forecast",
    "mining",
    "gallery",
    "cluster",
    "numerics",
    "benchmarks",
    "schema",
    "security",
    "changelog",
    "release",
    "architecture",
)


@dataclass(frozen=True)
class ManualPage:
    """A page of the manual: the name that asks for it, its title, and its Markdown."""

    name: str
    title: str
    text: str


@cache
def manual() -> dict[str, ManualPage]:
    """All pages by their name, in reading order."""
    return {name: _read(name) for name in NAMES}


def _read(name: str) -> ManualPage:
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return ManualPage(name, text.splitlines()[0].removeprefix("# "), text)
