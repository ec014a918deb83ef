"""Text that is safe to print: data made inert, numbers made readable, glyphs made ASCII."""

import math
import re
import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len

from embaudit.report import STATES, Unit
from embaudit.report.base_model import LabelField

SPELLING = {
    "…": "...",
    "∞": "inf",
    "≤": "<=",
    "≥": ">=",
    "✓": "+",
    "✗": "x",
    "·": "-",
    "─": "-",
    "┼": "+",
    "━": "=",
    "●": "o",
    "≈": "~",
    "┊": ":",
}
SPELLING |= {"▁": "_", "▂": ".", "▃": ".", "▄": ":", "▅": ":", "▆": "#", "▇": "#", "█": "#"}
_SPELL = str.maketrans(SPELLING)

# Control, format (bidi, zero-width), surrogate, private, unassigned, line and paragraph separator.
_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
# Letters and marks that draw nothing: fillers, joiners, variation selectors, the braille blank.
_HIDDEN = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
_HIDDEN |= {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
_MOST_MARKS = 4  # in a row: more would paint over other lines, or be long and take no room
# Where a runner of CI reads commands out of its log: `::error::` of GitHub at the start of a line,
# and a line may be wrapped anywhere; `##[error]`, `##vso[...]` and `##teamcity[...]` wherever.
_COMMAND = re.compile(r":(?=[A-Za-z])|#(?=[A-Za-z]*\[)")


def inert(text: str, most: int = 60, ascii_only: bool = False) -> str:
    r"""Text from data, harmless to a terminal and at most `most` cells wide.

    Everything that moves the cursor, reorders, hides or draws nothing is shown as an escape
    (`\x1b`, `\u202e`), and so is what makes a command of a log (`:\x3aerror::`, `#\x23[error]`);
    what is too long ends in an ellipsis. Every label, id, path and column name passes through
    here before any output.
    """
    ellipsis = SPELLING["…"] if ascii_only else "…"
    kept: list[str] = []
    room = [0]  # room[i]: cells of the first i pieces
    for piece in _pieces(text, ascii_only):
        kept.append(piece)
        room.append(room[-1] + cell_len(piece))
        if room[-1] > most:
            while kept and room[len(kept)] > most - len(ellipsis):
                kept.pop()
            return "".join(kept) + ellipsis[:most]
    return "".join(kept)


def _pieces(text: str, ascii_only: bool) -> Iterator[str]:
    """The characters of a text, each shown or escaped."""
    before, marks = "", _MOST_MARKS  # a mark at the very start would join what stands before it
    for at, character in enumerate(text):
        code = ord(character)
        if 0x20 <= code < 0x7F:
            marks = 0
            commands = character == before and _COMMAND.match(text, at)
            before = character
            yield _escape(code) if commands else character
            continue
        before = character
        category = unicodedata.category(character)
        joins = category.startswith("M") or cell_len(character) == 0
        marks = marks + 1 if joins else 0
        hidden = category in _HIDDEN_CATEGORIES or code in _HIDDEN or marks > _MOST_MARKS
        yield _escape(code) if hidden or ascii_only else character


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def spell(text: str) -> str:
    """Our own text in ASCII: glyphs by their nearest spelling, the rest as escapes."""
    return text.translate(_SPELL).encode("ascii", "backslashreplace").decode("ascii")


def label(value: LabelField | None, most: int = 24, ascii_only: bool = False) -> str:
    """A label or id: strings in quotes, so that 1, '1' and True stay apart."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return f"'{inert(value, max(1, most - 2), ascii_only)}'"
    return inert(str(value), most, ascii_only)


def path(value: str, most: int = 40, ascii_only: bool = False) -> str:
    """A file's path, cut on the left: its name is what one looks for."""
    shown = inert(value[-10_000:], 100_000, ascii_only)
    if cell_len(shown) <= most:
        return shown
    while cell_len(shown) >= most:
        shown = shown[max(1, (cell_len(shown) - most) // 2) :]
    return ("..." if ascii_only else "…") + shown


def cut(value: str, most: int = 14) -> str:
    """A name, cut in the middle: names of a series differ at their ends."""
    shown = inert(value[:1000], 4000) + inert(value[1000:][-1000:], 4000)
    if cell_len(shown) <= most:
        return shown
    head, tail = shown[:most], shown[-most:]
    while cell_len(head) > most // 2 - 1:
        head = head[:-1]
    while cell_len(tail) > most - most // 2:
        tail = tail[1:]
    return f"{head}…{tail}"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 row`, `10,106 rows`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def figure(value: float | None, unit: Unit = "ratio", unbounded: str = "∞") -> str:
    """A number for reading: 4 significant digits, shares in percent, an open end as infinity."""
    if value is None or not math.isfinite(value):
        return "-" + unbounded if value is not None and value < 0 else unbounded
    if unit == "state":
        return STATES[min(max(round(value), 0), len(STATES) - 1)]
    if unit == "fraction":
        return _percent(value)
    if unit in ("rows", "dimensions") and abs(value) < 1e9 and value == int(value):
        return f"{int(value):,}"
    return _significant(value)


def _percent(share: float) -> str:
    """Two decimals; never 0 % or 100 % for a share that is not."""
    percent = 100 * share + 0.0  # of -0 as well: a change turned round
    if share in (0, 1):
        return f"{percent:.0f}%"
    if 0 < percent < 0.01:
        return _exponent(f"{percent:.1e}") + "%"
    return ">99.99%" if 99.995 <= percent < 100 else f"{percent:.2f}%"


def _significant(value: float) -> str:
    rounded = float(f"{value:.4g}")
    if rounded == 0:
        return "0"
    size = math.floor(math.log10(abs(rounded))) if math.isfinite(rounded) else 308
    if -4 <= size <= 8:
        return f"{value if size > 3 else rounded:,.{max(0, 3 - size)}f}"
    return _exponent(f"{value:.3e}")


def _exponent(text: str) -> str:
    """`4.1e-05` as `4.1e-5`."""
    mantissa, _, power = text.partition("e")
    return f"{mantissa}e{int(power)}"
