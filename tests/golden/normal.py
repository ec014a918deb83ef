"""What differs between two equal runs by nature: made alike here and nowhere else."""

import json
import re
from functools import partial
from pathlib import Path

# (outputs that are not kept, why)
UNKEPT = (
    (".embaudit_cache/", "audits kept for the next run: named by their content, timing included"),
)

VARYING = ("environment", "timing")  # of every document: versions and work done; seconds a stage
MASK = "~"

# (lines that hold this, the part of them that varies, why)
LINES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"^embaudit: [^:\n]+: (?:\d+%|working) after \d+ s.*\n", re.MULTILINE),
        r"[\s\S]+",
        "progress in a log: a line after 10, 20, 40, ... seconds, so only where a run is slow",
    ),
    (
        re.compile(r"^time: .*\n", re.MULTILINE),
        r"\d+\.\d+(?= s\b)",
        "seconds a stage, told by --verbose",
    ),
    (
        re.compile(r"^scan: .*\n", re.MULTILINE),
        r"\d+\.\d+(?= s\b)",
        "seconds of the scan and of a product, told by --verbose",
    ),
)


def kept(name: str) -> bool:
    """Whether a file that a run wrote is an output."""
    return not any(part in name for part, _ in UNKEPT)


def normal(content: bytes, work: Path, tree: Path) -> bytes:
    """An output without what differs by nature; what is no text stays as it is.

    work: the temporary folder of the run, and tree: where the program lies, both in messages only.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    for path, name in ((work, "WORK"), (tree, "TREE")):
        text = text.replace(str(path), name)
    for pattern, varies, _ in LINES:
        text = pattern.sub(partial(_without, varies), text)
    for name in VARYING:
        text = _masked(text, name)
    return text.encode()


def _without(varies: str, line: re.Match[str]) -> str:
    """A line with its part that varies masked; nothing of a line that varies as a whole."""
    if re.fullmatch(varies, line[0]):
        return ""
    return re.sub(varies, MASK, line[0])


def _masked(text: str, name: str) -> str:
    """JSON whose object of that name has its keys, and no values; all else to the byte."""
    parts, at = [], 0
    for found in re.finditer(rf'"{name}": ?(?=\{{)', text):
        try:
            value, end = json.JSONDecoder().raw_decode(text, found.end())
        except ValueError:  # a text that speaks of JSON
            continue
        if found.start() < at or "type" in value or "$ref" in value:  # a schema's
            continue
        parts += [text[at : found.end()], json.dumps(_emptied(value))]
        at = end
    return "".join([*parts, text[at:]])


def _emptied(value: object) -> object:
    """The keys of an object, sorted as they stand, over masks."""
    if isinstance(value, dict):
        return {name: _emptied(one) for name, one in value.items()}
    return MASK
