"""What rows show of themselves: columns that were kept, and pictures that they name."""

import base64
import io
import os
import stat
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from embaudit.render.safe_text import inert

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
LARGEST = 32 << 20  # bytes of a file
PIXELS = 50_000_000
SIDE = 160  # pixels of a thumbnail
TEXT = 400  # cells of a kept value

Kept = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True)
class Thumbnail:
    """A small copy of a picture, as a data URI; nothing is fetched to show it."""

    source: str
    width: int
    height: int


@dataclass(frozen=True)
class Exhibit:
    """What one row shows."""

    kept: tuple[tuple[str, str], ...]
    picture: Thumbnail | None


def exhibit(row: int, kept: Kept, assets: Path | None) -> Exhibit:
    """The kept columns of an input row, and the first picture among them, from below `assets`."""
    columns = kept.get(row, {})
    told = tuple((inert(name, 60), inert(_said(value), TEXT)) for name, value in columns.items())
    for value in columns.values() if assets is not None else ():
        if isinstance(value, str) and value.lower().endswith(SUFFIXES):
            picture = thumbnail(value, assets) if assets is not None else None
            if picture is not None:
                return Exhibit(told, picture)
    return Exhibit(told, None)


def thumbnail(path: str, assets: Path) -> Thumbnail | None:
    """A small copy of a picture below `assets`; None for what is elsewhere, too large or none.

    The file is read as a picture of a known format only, and what is shown is drawn anew: nothing
    of the file itself gets into the page.
    """
    root = Path(os.path.realpath(assets))
    try:
        file = Path(os.path.realpath(root / path))
        if not file.is_relative_to(root):
            return None
        told = os.stat(file)
        return _drawn(file, (told.st_dev, told.st_ino, told.st_size, told.st_ctime_ns))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


@lru_cache(maxsize=256)
def _drawn(file: Path, version: tuple[int, ...]) -> Thumbnail | None:
    """The small copy, made once of each version of a file, however many cards show it."""
    with open(file, "rb", opener=_without_waiting) as stream:
        told = os.fstat(stream.fileno())
        if not stat.S_ISREG(told.st_mode) or told.st_size > LARGEST:
            return None
        with _unwarned(), Image.open(stream, formats=FORMATS) as found:
            if found.width * found.height > PIXELS:
                return None
            found.thumbnail((SIDE, SIDE))
            small = found.convert("RGBA" if "A" in found.getbands() else "RGB")
    drawn = io.BytesIO()
    small.save(drawn, "WEBP", quality=80)
    source = f"data:image/webp;base64,{base64.b64encode(drawn.getvalue()).decode()}"
    return Thumbnail(source, small.width, small.height)


def _without_waiting(path: str, flags: int) -> int:
    """A pipe in the place of a picture would be waited for without end."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


@contextmanager
def _unwarned() -> Iterator[None]:
    """How large a picture may be is decided here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def _said(value: Any) -> str:
    return "-" if value is None else str(value)
