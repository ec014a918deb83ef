"""What comes on standard input, kept in a file: it is read more than once, and not in order."""

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from embaudit.core.location import STANDARD, Location
from embaudit.errors import InputRefused, UsageError
from embaudit.files.atomic_write import temporary_file
from embaudit.files.formats import format_begun

ELSE = {b"PK\x03\x04": "npz", b"{": "jsonl", b"[": "json"}  # what of several formats is most likely
LOOKED_AT = 1 << 16  # bytes that tell what it is


@contextmanager
def kept_input() -> Iterator[Location]:
    """Standard input as a file that is there as long as this lasts, and is called `-`.

    Its format is told by how it begins; text is a table with tabs or commas. Raises UsageError for
    a terminal, InputRefused for nothing, or where there is no room to keep it.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("- reads standard input, and nothing is sent there.", "Send a file to it.")
    source = sys.stdin.buffer
    beginning = source.read(LOOKED_AT)
    if not beginning:
        raise InputRefused("-: standard input is empty.", "Send a file to it.")
    parts = itertools.chain([beginning], iter(lambda: source.read(LOOKED_AT), b""))
    with temporary_file(f".{_suffix_of(beginning)}", parts) as path:
        yield Location(str(path), called=STANDARD)


def _suffix_of(beginning: bytes) -> str:
    if told := format_begun(beginning):
        return told
    for mark, suffix in ELSE.items():
        if beginning.startswith(mark):
            return suffix
    header = beginning.partition(b"\n")[0]
    return "tsv" if b"\t" in header and b"," not in header else "csv"
