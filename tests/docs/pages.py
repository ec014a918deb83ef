"""Where the documentation is, and what can be read off it: blocks of code, links, headings."""

import re
from dataclasses import dataclass
from pathlib import Path

from embaudit.docs import FOLDER, NAMES

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "README.md"
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
MANUAL = {name: FOLDER / f"{name}.md" for name in NAMES}
PAGES = {"README": README, **MANUAL}
ALL = {**PAGES, "CONTRIBUTING": CONTRIBUTING, "sample_data": ROOT / "sample_data" / "README.md"}
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Snippet:
    """A block of code of a page, and its language ("" for an illustration)."""

    language: str
    code: str


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def snippets(page: Path) -> list[Snippet]:
    """The blocks of code of a page, in their order."""
    return [Snippet(*found) for found in _FENCE.findall(text_of(page))]


def commands(snippet: Snippet) -> list[str]:
    """The command lines of a block: joined, split at `&&`, without comments and the venv."""
    lines = snippet.code.replace("\\\n", " ").splitlines()
    single = [re.sub(r"(^|\s)#.*", "", part).strip() for line in lines for part in line.split("&&")]
    return [one.removeprefix(".venv/bin/") for one in single if one]


def links(page: Path) -> list[str]:
    """The targets of all links outside of code."""
    return _LINK.findall(_FENCE.sub("", text_of(page)))


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings: punctuation goes, blanks turn into hyphens."""
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
