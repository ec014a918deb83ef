"""What hostile text may reach: any bytes give a value or a refusal, and never another exception.

A target takes bytes, and raises for a finding. SEEDS has inputs to begin with, a few a target;
what was found once is among them. `coverage.py` looks for more.
"""

import io
import math
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from embaudit.core.location import located
from embaudit.errors import InputRefused, UsageError
from embaudit.files.formats.npy import array_of
from embaudit.files.npy_header import read_header
from embaudit.gate import Asked, rules_in_force
from embaudit.measures import MEASURES
from embaudit.render.html.row_preview import thumbnail
from embaudit.settings.config_file import configuration_from
from embaudit.settings.settings import settings_of

SECRET = "s3cr3t"
SMALL = 1 << 16  # bytes of values that are read too
INSIDE, OUTSIDE = (7, 5), (9, 9)  # sizes of pictures

Target = Callable[[bytes], None]


def header(data: bytes) -> None:
    """The bytes of a .npy: what is accepted, numpy reads alike."""
    try:
        found = read_header(io.BytesIO(data), len(data), "x.npy")
    except InputRefused as refusal:
        _check_told(str(refusal))
        return
    if found.dtype is None:
        return
    assert found.dtype.kind in "biufUS"
    assert found.nbytes == len(data) - found.offset
    if found.nbytes > SMALL or math.prod(found.shape) > SMALL:
        return
    values = array_of(io.BytesIO(data), found, "x.npy")
    with suppress(ValueError):  # numpy evaluates headers more strictly
        same = np.load(io.BytesIO(data), allow_pickle=False)
        assert same.shape == values.shape
        assert same.dtype == values.dtype
        assert same.tobytes("A") == values.tobytes("A")


def header_text(data: bytes) -> None:
    """The text of a header, in a sound frame."""
    header(_framed(data))


def dtype_text(data: bytes) -> None:
    """The text of a dtype, in a sound header of one value of any width."""
    descr = data.decode("utf-8", "replace")
    for width in (0, 1, 2, 4, 8):
        text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': (1,)}}"
        header(_framed(text.encode("utf-8", "replace"), bytes(width)))


def config(data: bytes) -> None:
    """The bytes of a configuration file, and what its options and rules say."""
    path = _folder() / "embaudit.toml"
    path.write_bytes(data)
    with _only(UsageError):
        found = configuration_from(path, path.parent)
        options = {name: value for name, value in found.values.items() if name in SETTINGS}
        settings_of(**options)
        rules_in_force([Asked(rule, "embaudit.toml") for rule in found.gate], MEASURES)


def options(data: bytes) -> None:
    """The text of options that have a grammar of their own."""
    text = data.decode("utf-8", "replace")
    for name in ("batch", "batches", "measures", "memory_budget"):
        with _only(UsageError):
            settings_of(**{name: text})
    with _only(UsageError):
        rules_in_force([Asked(text)], MEASURES)


def address(data: bytes) -> None:
    """A path or an address: it can be told, joined and turned, and tells no secret."""
    text = data.decode("utf-8", "surrogateescape")
    hidden = [f"s3://key:{SECRET}@{text}", f"gs://{text}?token={SECRET}", f"s3://{SECRET}:@{text}"]
    for written in (text, f"hdfs://{text}", *(hidden if SECRET not in text else [])):
        at = located(written)
        for one in (at, at / "part-0.npy", at.with_suffix(".parquet"), at.absolute()):
            assert one == located(one)
            told = f"{one} {one!r} {one.suffix} {one.scheme}"
            assert SECRET in text or SECRET not in told
            if one.local:
                assert os.fspath(one) == str(one)


def asset_path(data: bytes) -> None:
    """A path that data name: a picture below the root, or none."""
    found = thumbnail(data.decode("utf-8", "surrogateescape"), _pictures())
    assert found is None or (found.width, found.height) == INSIDE


SETTINGS = ("metric", "margin", "batch", "measures", "search", "sample", "effort", "seed",
            "threads", "memory_budget", "baseline")  # fmt: skip
TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (header, header_text, dtype_text, config, options, address, asset_path)
}


def _framed(text: bytes, values: bytes = b"\0" * 320) -> bytes:
    return b"\x93NUMPY\x02\x00" + len(text).to_bytes(4, "little") + text + values


def _check_told(message: str) -> None:
    assert message.startswith("x.npy: ")
    assert len(message) < 500


@contextmanager
def _only(error: type[Exception]) -> Iterator[None]:
    """A refusal is no finding, if a terminal can tell it."""
    try:
        yield
    except error as refusal:
        str(refusal).encode("utf-8", "surrogateescape")


@cache
def _home() -> Any:
    return tempfile.TemporaryDirectory(prefix="embaudit-fuzz-")


def _folder() -> Path:
    return Path(_home().name)


@cache
def _pictures() -> Path:
    """A root of pictures, with others beside it and a way out."""
    root = _folder() / "root"
    (root / "below").mkdir(parents=True)
    Image.new("RGB", INSIDE).save(root / "a.png")
    Image.new("RGBA", INSIDE).save(root / "below" / "b.webp")
    (root / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    Image.new("RGB", OUTSIDE).save(root.parent / "c.png")
    (root / "out").symlink_to(root.parent)
    (root / "out.png").symlink_to(root.parent / "c.png")
    return root


SOUND = b"{'descr': '<f4', 'fortran_order': False, 'shape': (20, 4), }\n"
SEEDS: dict[str, tuple[bytes, ...]] = {
    "header": (_framed(SOUND), b"\x93NUMPY\x01\x00\x3d\x00" + SOUND + bytes(320)),
    "header_text": (
        SOUND,
        b"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (20,)}",
        b"{'descr': '<U4', 'fortran_order': True, 'shape': (20,)}",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (0x" + b"f" * 5000 + b", 3)}",
        b"0x1" + b"0" * 5000 + b"+1j",
        b"(" * 5000,
    ),
    "dtype_text": (b"<f4", b"|S8", b">U2", b"M8[Y/0]", b"<M8[25s]", b"|V4", b"<c8", b"f4,i4"),
    "config": (
        b"metric = 'cosine'\nbatch = '18x4'\nmeasures = ['d_iso', 'paper']\nmemory_budget = '2G'\n"
        b"seed = 1\n[gate]\npreset = 'strict'\n[gate.d_iso]\nmax = 0.5\nmax_increase = '5%'\n"
        b"level = 'warn'\n[gate.worst_class.violated_triplets]\nmax = 1\n",
        b"seed = 0x" + b"f" * 5000,
        b"seed = " + b"9" * 5000,
        b"a = " + b"[" * 4000,
        b"metric." + b"a." * 2000 + b"a = 1",
        b"threads = 1e3\nmargin = inf\nlabels = 's3://bucket/y.npy'\nbaseline = 'a\\u0000b'",
    ),
    "options": (b"18x4,62x8", b"2GiB", b"standard, all", b"warn: d_iso increase <= 5%",
                b"worst_class.violated_triplets <= 1e-3"),
    "address": (b"bucket/key.npy?region=eu", b"host:8020/a/b", b"file:///a%20b.npy", b"s3:/x", b"",
                b"user@host/x", b"/tmp/x.npy", b"C:\\x", b"\xff/\0"),
    "asset_path": (b"a.png", b"below/b.webp", b"../c.png", b"out/c.png", b"out.png",
                   b"broken.png", b"/etc/passwd", b"a.png\0", b"~/x.png", b"a" * 5000),
}  # fmt: skip
