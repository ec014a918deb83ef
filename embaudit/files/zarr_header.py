"""What a Zarr array says of itself, read before the library sees it: a codec may run code.

https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html, and v2 there.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from embaudit.errors import InputRefused

LARGEST = 1 << 20  # bytes of a header
MOST = 10_000  # arrays
LARGEST_DIMENSION = 2**63 - 1
NAMES = ("zarr.json", ".zarray")
# What numcodecs decodes by arithmetic alone; pickle is none of them.
LOSSLESS = {"blosc", "bz2", "delta", "gzip", "lz4", "lzma", "shuffle", "vlen-utf8", "zlib", "zstd"}
SUMS = {"adler32", "crc32", "crc32c", "fletcher32", "jenkins_lookup3"}
SCALED = {"astype", "bitround", "fixedscaleoffset", "packbits", "quantize"}
CODES = LOSSLESS | SUMS | SCALED
CODECS = {"bytes", "transpose", "gzip", "zstd", "blosc", "crc32c", "sharding_indexed", "vlen-utf8"}
TEXT = "vlen-utf8"
CHUNK = re.compile(r"(c[/.])?[0-9]+([/.][0-9]+)*|c")


@dataclass(frozen=True)
class ArrayHeader:
    """An array of a store.

    path: in the store, empty of one that is the whole. chunks: the shape of what is stored
    together. codecs: the names of all. text: whether its objects are text. fill: of what is not
    stored.
    """

    path: str
    version: int
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    codecs: tuple[str, ...]
    fill: object

    @property
    def unknown(self) -> str | None:
        """A codec of which nobody knows what it does, or None."""
        known = CODES if self.version == 2 else CODECS | {f"numcodecs.{name}" for name in CODES}
        return next((name for name in self.codecs if name not in known), None)

    @property
    def text(self) -> bool:
        """Whether what it holds as objects is text."""
        return TEXT in self.codecs

    @property
    def count(self) -> int:
        """How many chunks there are to be."""
        pairs = zip(self.shape, self.chunks, strict=True)
        return math.prod(-(-length // step) for length, step in pairs)

    def holds(self, key: str) -> bool:
        """Whether a key of the store is a chunk of it."""
        prefix = f"{self.path}/" if self.path else ""
        return key.startswith(prefix) and CHUNK.fullmatch(key.removeprefix(prefix)) is not None


def headers_in(keys: Iterable[str], values: Mapping[str, bytes], where: str) -> list[ArrayHeader]:
    """The arrays of a store, in the order of their paths; groups are left out.

    Raises InputRefused for headers that are malformed, naming the first.
    """
    named = sorted(key for key in keys if key.rpartition("/")[2] in NAMES)
    if len(named) > MOST:
        raise InputRefused(
            f"{where}: holds more than {MOST} arrays.",
            "Save the embeddings in a store of their own.",
        )
    found = (_header(key, values[key], where) for key in named)
    return [one for one in found if one is not None]


def _header(key: str, data: bytes, where: str) -> ArrayHeader | None:
    path, _, name = key.rpartition("/")
    try:
        if len(data) > LARGEST:
            raise ValueError
        told = json.loads(data)
        if name == "zarr.json" and told["node_type"] == "group":
            return None
        shape, chunks, codecs = _of_second(told) if name == ".zarray" else _of_third(told)
        version = 2 if name == ".zarray" else 3
        header = ArrayHeader(path, version, shape, chunks, codecs, told.get("fill_value"))
        if len(shape) != len(chunks) or told["zarr_format"] != version:
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputRefused(
            f"{where}: {key!r} is malformed, or of a kind that is not known.",
            "Save the array again, in chunks of one size.",
        ) from error
    return header


def _of_second(told: Any) -> tuple[tuple[int, ...], tuple[int, ...], tuple[str, ...]]:
    packed = [*(told.get("filters") or []), *([told["compressor"]] if told["compressor"] else [])]
    codecs = tuple(str(one["id"]) for one in packed)
    return _sizes(told["shape"]), _sizes(told["chunks"], least=1), codecs


def _of_third(told: Any) -> tuple[tuple[int, ...], tuple[int, ...], tuple[str, ...]]:
    grid = told["chunk_grid"]
    if grid["name"] != "regular" or told.get("storage_transformers"):
        raise ValueError
    chunks = _sizes(grid["configuration"]["chunk_shape"], least=1)
    return _sizes(told["shape"]), chunks, tuple(_codecs(told["codecs"]))


def _codecs(told: Any) -> Iterable[str]:
    """The names of codecs, and of those within one that packs chunks into a shard."""
    for one in told:
        if isinstance(one, str):  # one that needs no configuration
            yield one
            continue
        yield str(one["name"])
        inner = one.get("configuration") or {}
        for name in ("codecs", "index_codecs"):
            yield from _codecs(inner.get(name) or ())


def _sizes(told: Any, least: int = 0) -> tuple[int, ...]:
    for one in told:
        if type(one) is not int or not least <= one <= LARGEST_DIMENSION:
            raise ValueError
    return tuple(told)
