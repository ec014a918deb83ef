"""A page as a reader of it sees it: read back with the standard library's parser."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

# What may stand in a page: structure, text, tables, drawings. Nothing that runs or loads.
TAGS = {
    *("html", "head", "meta", "title", "link", "style", "body", "header", "main", "footer", "nav"),
    *("section", "article", "div", "h1", "h2", "h3", "h4", "p", "a", "span", "strong", "i", "b"),
    *("u", "br"),
    *("ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "code", "pre", "data", "img"),
    *("table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"),
    *("svg", "defs", "g", "path", "use", "text", "tspan", "clippath", "rect", "circle"),
}
VOID = {"br", "img", "link", "meta"}


@dataclass
class Element:
    """A tag with its attributes, and the text inside it."""

    tag: str
    attributes: dict[str, str]
    parts: list[str] = field(default_factory=list)
    inside: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "".join(self.parts)


class Page(HTMLParser):
    """Every element of a page, in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        self.left_open = [element.tag for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        inside = tuple(element.tag for element in self._open)
        element = Element(tag, {name: value or "" for name, value in attrs}, inside=inside)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, tag
        assert self._open[-1].tag == tag, (self._open[-1].tag, tag)
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.parts.append(data)

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def table(self, key: str, value: str) -> list[list[str]]:
        """The rows of the table that has such an attribute, its head first, and of its fold."""
        rows: list[list[str]] = []
        found = False
        for element in self.elements:
            if element.tag == "table":
                found = element.attributes.get(key) == value
            elif found and element.tag == "tr" and "table" in element.inside:
                rows.append([])
            elif found and element.tag in ("td", "th"):
                rows[-1].append(" ".join(element.text.split()))
            elif found and element.tag in ("h2", "h3", "h4", "figure"):
                break
        return rows[:1] + [row for row in rows[1:] if row != rows[0]]


def found_at(document: Any, at: str) -> Any:
    """What a document has at a path of names and positions."""
    for step in at.split("/"):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def check_inert(html: str) -> Page:
    """Nothing runs, nothing loads, and what is data is text."""
    page = Page(html)
    assert page.left_open == []
    assert {element.tag for element in page.elements} <= TAGS
    policies = [
        element.attributes["content"]
        for element in page.all("meta")
        if element.attributes.get("http-equiv", "").lower() == "content-security-policy"
    ]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'")
    for element in page.elements:
        for name, value in element.attributes.items():
            assert not name.startswith("on"), element
            if name in ("href", "xlink:href"):
                assert value.startswith("#") or value == "data:,", element
            if name == "src":
                assert value.startswith("data:image/"), element
            assert "javascript:" not in value.lower(), element
            if name == "style":
                assert "url(" not in value, element
            if name == "clip-path":
                assert value.startswith("url(#"), element
        if element.tag == "meta":
            assert element.attributes.get("http-equiv", "").lower() != "refresh"
    style = "".join(element.text for element in page.all("style"))
    assert "@import" not in style
    assert "url(" not in style
    return page


def check_accessible(page: Page) -> None:
    """Headings in order, names for what is seen only, and every link leads somewhere."""
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.all("title")[0].text.strip()
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))
    assert all(element.text.strip() for element in page.all("h1", "h2", "h3", "h4", "a", "th"))
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    for element in page.elements:
        for name in ("href", "xlink:href"):
            value = element.attributes.get(name, "")
            assert not value.startswith("#") or value[1:] in ids, element
        for name in ("aria-labelledby",):
            assert element.attributes.get(name, ids[0]) in ids, element
        if element.tag == "svg":
            assert element.attributes["role"] == "img"
            assert element.attributes["aria-label"].strip()
        if element.tag == "img":
            assert element.attributes["alt"].strip()
        if element.tag == "th":
            assert element.attributes["scope"] in ("col", "row")
