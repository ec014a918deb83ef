"""The reference for a browser: every measure and finding under its id, and every id a link."""

import json
import re
from collections.abc import Collection, Iterator, Sequence

from embaudit.render.explain_page import Known, by_group, facts, is_name, related
from embaudit.render.gate_presets import presets_markdown
from embaudit.render.markdown.escapes import prose
from embaudit.report import GatePreset

LONGEST = 10_000  # of our own texts, which are never cut
MADE = (
    "Made by `embaudit explain --all -o REFERENCE.md` from the specifications that the tool itself "
    "reads. N rows of n dimensions in C classes; F_x is the distance from an anchor x to its "
    "furthest positive, M_x to its nearest negative; F_TS are the triplet-separated maps."
)


def reference_markdown(
    chosen: Sequence[Known], measures: Sequence[Known], presets: Sequence[GatePreset] = ()
) -> str:
    """The chosen ones of all by group; what is not on the page is no link.

    presets: of the gate, told below them.
    """
    page = "\n".join(_lines(chosen, measures)) + "\n"
    return f"{page}\n{presets_markdown(presets)}" if presets else page


def reference_json(chosen: Sequence[Known], measures: Sequence[Known]) -> str:
    """The same as data: the facts of each by its id."""
    told = {
        one.id: {
            "title": one.title,
            "group": one.group,
            **{name.removeprefix("if "): fact for name, fact in facts(one)},
            "meaning": one.meaning,
            "advice": one.advice,
            "related": related(one, measures),
        }
        for one in chosen
    }
    return json.dumps(told, indent=2) + "\n"


def _lines(chosen: Sequence[Known], measures: Sequence[Known]) -> Iterator[str]:
    here = {measure.id for measure in chosen}
    names = {measure.id for measure in chosen if is_name(measure)}
    groups = by_group(chosen)
    yield from ("# Reference of the diagnosis and the measures", "", _linked(MADE, ()), "")
    for number, (group, members) in enumerate(groups.items(), 1):
        yield f"{number}. {group}: {', '.join(_link(one.id, here) for one in members)}"
    for number, (group, members) in enumerate(groups.items(), 1):
        yield from ("", f"## {number}. {group}")  # by its number no anchor is that of a measure
        for one in members:
            yield from _section(one, related(one, measures), here, names)


def _section(
    measure: Known, others: Sequence[str], here: Collection[str], names: Collection[str]
) -> Iterator[str]:
    elsewhere = set(names) - {measure.id}
    yield from ("", f"### {measure.id}", "", f"**{prose(measure.title)}**", "")
    for name, fact in facts(measure):
        yield f"- **{name}** {f'`{fact}`' if name == 'formula' else _linked(fact, elsewhere)}"
    if others:
        yield f"- **see also** {', '.join(_link(id, here) for id in others)}"
    yield from ("", _linked(measure.meaning, elsewhere))
    yield from ("", f"**What to do:** {_linked(measure.advice, elsewhere)}")


def _link(id: str, here: Collection[str]) -> str:
    return f"[`{id}`](#{id})" if id in here else f"`{id}`"


def _linked(text: str, here: Collection[str]) -> str:
    """Our own words: what stands between backticks is code, an id of the page is a link."""
    parts = text.split("`")
    parts[::2] = [
        re.sub(
            r"\w+",
            lambda word: _link(word[0], here) if word[0] in here else word[0],
            prose(part, LONGEST),
        )
        for part in parts[::2]
    ]
    return "`".join(parts)
