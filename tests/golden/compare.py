"""Two folders of outputs, compared byte by byte; where they differ, how."""

import difflib
import fnmatch
import io
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ACCEPTED = Path(__file__).with_name("accepted.toml")
MOST = 12  # lines told of an output
WIDE = 160  # characters told of a line


@dataclass(frozen=True)
class Accepted:
    """A difference that is intended: of these outputs, the lines that hold a pattern, or all."""

    outputs: str
    reason: str
    lines: str | None = None

    def has(self, output: str) -> bool:
        """Whether an output is one of these."""
        return fnmatch.fnmatchcase(output, self.outputs)

    def holds(self, line: str) -> bool:
        """Whether a line may differ."""
        return self.lines is None or re.search(self.lines, line) is not None


@dataclass(frozen=True)
class Difference:
    """An output that is not the same in both folders, and the lines that tell so, with + and -.

    whole: missing, new or of other bytes, so that no pattern over lines can accept it.
    """

    output: str
    lines: tuple[str, ...]
    whole: bool = False


@dataclass
class Compared:
    """What differs and is not intended; how many outputs each entry accepted a difference of."""

    outputs: int
    differences: list[Difference]
    accepted: dict[Accepted, int]


def accepted_in(path: Path) -> list[Accepted]:
    """The intended differences that a file lists."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Accepted(**one) for one in told.get("accepted", [])]


def compare(
    base: Path, now: Path, groups: Sequence[str] = (), accepted: Sequence[Accepted] = ()
) -> Compared:
    """Compare the outputs of these groups, or of all."""
    names = sorted({*_outputs(base, groups), *_outputs(now, groups)})
    if not names:
        raise SystemExit(f"no outputs in {base} and {now}")
    told = Compared(len(names), [], dict.fromkeys(accepted, 0))
    for name in names:
        found = _difference(name, base / name, now / name)
        if found is None:
            continue
        left, used = _without(found, accepted)
        for one in used:
            told.accepted[one] += 1
        if left is not None:
            told.differences.append(left)
    return told


def _outputs(folder: Path, groups: Sequence[str]) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and (not groups or name.parts[0] in groups):
            yield name.as_posix()


def _without(
    found: Difference, accepted: Sequence[Accepted]
) -> tuple[Difference | None, list[Accepted]]:
    """What is left of a difference, and the entries that took something from it."""
    lines, used = list(found.lines), []
    for one in accepted:
        if not one.has(found.output) or (found.whole and one.lines is not None):
            continue
        left = [line for line in lines if not one.holds(line[1:])]
        if len(left) < len(lines):
            lines, used = left, [*used, one]
    return (Difference(found.output, tuple(lines), found.whole) if lines else None), used


def _difference(name: str, base: Path, now: Path) -> Difference | None:
    """Lines removed and added, None where the bytes are equal."""
    for path, other, word in ((base, now, "missing"), (now, base, "new")):
        if not other.exists():
            sign = "-" if word == "missing" else "+"
            return Difference(name, (f"{sign}{word}: {path.stat().st_size} bytes",), whole=True)
    before, after = base.read_bytes(), now.read_bytes()
    if before == after:
        return None
    pair = _text(name, before), _text(name, after)
    if None in pair or pair[0] == pair[1]:
        return Difference(name, (f"+{len(before)} bytes became {len(after)} others",), whole=True)
    return Difference(name, tuple(_changed(*map(str, pair))))


def _changed(before: str, after: str) -> Iterator[str]:
    """The lines of a text that were removed and added, in their order; first those alone."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag != "equal":
            yield from (f"-{line}" for line in old[low:high])
            yield from (f"+{line}" for line in new[start:end])


def _text(name: str, content: bytes) -> str | None:
    """An output as lines: tables a row a line, arrays a row a line."""
    if name.endswith(".parquet"):
        return _table(content)
    if name.endswith(".npy"):
        return _array(content)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _table(content: bytes) -> str:
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(content))
    told = [f"{one.name}: {one.type}, {one.metadata}" for one in table.schema]
    told += [f"{key!r}: {value!r}" for key, value in (table.schema.metadata or {}).items()]
    told += [repr(row) for row in table.to_pylist()]
    return "\n".join(told)


def _array(content: bytes) -> str:
    import numpy as np

    array = np.load(io.BytesIO(content))
    return "\n".join([f"{array.shape} {array.dtype}", *map(repr, array.tolist())])


def report(told: Compared) -> Iterator[str]:
    """What was found, in lines."""
    for found in told.differences:
        yield f"{found.output}"
        for line in found.lines[:MOST]:
            yield f"  {_short(line.rstrip(chr(10)))}"
        if len(found.lines) > MOST:
            yield f"  ... {len(found.lines) - MOST} more lines"
    for one, served in told.accepted.items():
        use = f"{served} outputs" if served else "no longer of use: take it out"
        lines = f" ~ {one.lines}" if one.lines else ""
        yield f"accepted, {use}: {one.outputs}{lines}: {one.reason}"
    if told.differences:
        groups = Counter(found.output.partition("/")[0] for found in told.differences)
        yield "differ: " + ", ".join(f"{name} {count}" for name, count in groups.items())
    yield f"{len(told.differences)} of {told.outputs} outputs differ"


def _short(line: str) -> str:
    return line if len(line) <= WIDE else f"{line[:WIDE]}... ({len(line)} characters)"
