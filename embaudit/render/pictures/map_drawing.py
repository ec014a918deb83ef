"""Rows in a plane, classes named at their centres, suspect rows ringed, what a row is on hover."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.render.pictures.captioned_drawing import Name, Picture
from embaudit.render.safe_text import count, inert
from embaudit.render.words.visibility_rules import blamed, mistaken
from embaudit.report import Report
from embaudit.report.plot_data import RowMap

WIDE, TALL, EDGE = 480, 400, 16  # of the drawing, in its own units
NAMED, MIXED = 12, 8  # classes, and how many of them because they are mistaken
HUES = 6  # of the style sheet: hue1 and so on
MANY = 100  # suspect rows: beyond, their rings are small
TAIL = 0.5  # per cent of the rows at either end that do not set the scale
OUTSIDE = 0.015  # of the scale: where rows beyond it lie
LETTER, LINE = 9, 18  # room that a name takes
SAID = 36  # cells of a kept value
COLUMNS = 3  # that were kept

Positions = NDArray[np.float64]
Kept = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True)
class _Map:
    """A map with what is said of its rows; at: (m, 2) where they are drawn."""

    found: RowMap
    at: Positions
    names: Sequence[str]
    named: Sequence[int]
    suspects: Mapping[int, str]
    kept: Kept


def map_picture(report: Report, name: Name, kept: Kept, tell: bool) -> Picture | None:
    """The map of a report. tell: whether labels are to be seen; else it is one of points alone."""
    found = report.distributions and report.distributions.map
    if not found or not found.rows:
        return None
    at = np.column_stack((_placed(found.x, WIDE), TALL - _placed(found.y, TALL)))
    names = [name(one) for one in found.labels]
    suspects = {one.row: _suspected(one.likely_label, name) for one in blamed(report)}
    seen = _Map(
        found, at, names, _named(report, found) if tell else (), suspects if tell else {}, kept
    )
    ringed = sum(row in seen.suspects for row in found.rows)
    centres = list(_centres(seen))
    told = f"Map of {count(len(found.rows), 'row')}, {ringed:,} of them suspect."
    head = f'<svg class="map" viewBox="0 0 {WIDE} {TALL}" role="img" aria-label="{told}">'
    svg = "".join((head, *_points(seen), *centres, "</svg>"))
    return Picture("map", "Map of the rows", svg, _caption(seen, len(centres), ringed))


def _placed(values: Sequence[float], size: int) -> Positions:
    """Values along an axis of so many units; what is far off lies at its end."""
    known = np.asarray(values)
    low, high = np.percentile(known, (TAIL, 100 - TAIL))
    if not high > low:
        return np.full(len(known), size / 2)
    shares = np.clip((known - low) / (high - low), -OUTSIDE, 1 + OUTSIDE)
    placed: Positions = EDGE + shares * (size - 2 * EDGE)
    return placed


def _named(report: Report, found: RowMap) -> list[int]:
    """Places of the classes that have a name: those that are mistaken first, then the largest."""
    places = {(type(one), one): place for place, one in enumerate(found.labels)}
    mixed = [one for pair in mistaken(report) for one in pair.labels][:MIXED]
    large = [row.label for row in sorted(report.classes, key=lambda row: -row.rows)]
    wanted = dict.fromkeys((type(one), one) for one in (*mixed, *large))
    return [places[one] for one in wanted if one in places][:NAMED]


def _suspected(likely: Any, name: Name) -> str:
    return "suspect" if likely is None else f"suspect, likely {name(likely)}"


def _points(seen: _Map) -> Iterator[str]:
    """The rows: of no name first, suspect ones last, so that these are seen."""
    hues = {code: f"hue{place % HUES + 1}" for place, code in enumerate(seen.named)}
    codes = seen.found.codes or (-1,) * len(seen.found.rows)
    groups: dict[str, list[int]] = {"other": [], **{hue: [] for hue in hues.values()}}
    groups["suspect"] = []
    for place, (row, code) in enumerate(zip(seen.found.rows, codes, strict=True)):
        groups["suspect" if row in seen.suspects else hues.get(code, "other")].append(place)
    sizes = {"suspect": 5 if len(groups["suspect"]) < MANY else 3.5}
    for group, places in groups.items():
        yield f'<g class="{group}">'
        for place in places:
            x, y = seen.at[place]
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{sizes.get(group, 2.5):g}"><title>'
            yield f"{escape(_said(seen, place))}</title></circle>"
        yield "</g>"


def _said(seen: _Map, place: int) -> str:
    """What is known of a row, a line each."""
    row = seen.found.rows[place]
    label = f": {seen.names[seen.found.codes[place]]}" if seen.found.codes else ""
    lines = [f"row {row}{label}"]
    if row in seen.suspects:
        lines.append(seen.suspects[row])
    columns = list(seen.kept.get(row, {}).items())[:COLUMNS]
    lines += [f"{inert(column, 30)}: {inert(str(value), SAID)}" for column, value in columns]
    return "\n".join(lines)


def _centres(seen: _Map) -> Iterator[str]:
    """The names of classes at the medians of their rows, each where no other one is."""
    codes, taken = np.asarray(seen.found.codes), list[tuple[float, float, float]]()
    for place, code in enumerate(seen.named):
        x, y = np.median(seen.at[codes == code], axis=0)
        room = len(_short(seen.names[code])) * LETTER / 2 + 2
        x = float(np.clip(x, room, WIDE - room))
        for shift in (0, -1, 1, -2, 2, -3, 3):
            at = float(np.clip(y + shift * LINE, LINE, TALL - 4))
            if all(abs(x - a) > room + r or abs(at - b) >= LINE for a, b, r in taken):
                break
        else:
            continue
        taken.append((x, at, room))
        text = escape(_short(seen.names[code]))
        hue = place % HUES + 1
        yield f'<text class="hue{hue}" x="{x:.1f}" y="{at:.1f}">{text}</text>'


def _short(name: str) -> str:
    """A name in a picture: without its quotes."""
    return inert(name.strip("'\""), 14)


def _caption(seen: _Map, centres: int, ringed: int) -> str:
    shown, of = len(seen.found.rows), seen.found.of
    which = f"{shown:,} of {of:,} rows" if shown < of else f"All {shown:,} rows"
    parts = [f"{which} along {seen.found.axes}; each axis has its own scale."]
    if centres:
        grey = "; others are grey" if len(seen.named) < len(seen.names) else ""
        named = f"{count(centres, 'class', 'classes')}, above all those that are mistaken"
        parts.append(f"Named at their centres: {named}{grey}.")
    if ringed:
        parts.append(f"Rings: {count(ringed, 'suspect row')}.")
    parts.append("What a row is appears where the pointer rests on it.")
    return " ".join(parts)
