"""`.safetensors`: tensors by their names, and headers that lie."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.files.corpus import Case, X, Y, alone, files, labels, raw
from tests.files.writers import tensors


def good(name: str, notices: tuple[str, ...] = (), **held: Any) -> Case:
    return Case(f"safetensors {name}", alone(lambda t: saved(t, **held)), notices=notices)


def bad(name: str, says: tuple[str, ...], **held: Any) -> Case:
    return Case(f"safetensors {name}", alone(lambda t: saved(t, **held)), ("x.safetensors", *says))


def saved(tmp: Path, **held: Any) -> Path:
    return raw(tmp / "x.safetensors", tensors(held))


def damaged(name: str, change: Callable[[bytes], bytes], *says: str) -> Case:
    """change: of a sound file."""
    sound = tensors({"emb": X, "label": Y})
    return Case(
        f"safetensors {name}",
        alone(lambda t: raw(t / "x.safetensors", change(sound))),
        ("x.safetensors", *says),
    )


def told(name: str, *says: str, **fields: Any) -> Case:
    """A sound file but for what its header says of `emb`."""

    def change(data: bytes) -> bytes:
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        header["emb"] |= fields
        return headed(json.dumps(header).encode(), data[8 + length :])

    return damaged(name, change, *says)


def headed(header: bytes, values: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "little") + header + values


def bfloat16(tmp: Path) -> Path:
    return saved(tmp, emb=(X.view(np.uint32) >> 16).astype(np.uint16).view("V2"), label=Y)


TWICE = b'{"emb":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"emb":1}'
LONG = 2**62

CASES = [
    good("by name", embeddings=X, labels=Y),
    good("by shape", features=X, y=Y),
    good("padded", emb=X, label=Y, short=np.zeros(3, np.int8)),
    Case("safetensors bfloat16", alone(bfloat16)),
    Case("safetensors alone", files(lambda t: saved(t, weights=X))),
    Case("safetensors labels", labels(lambda t: saved(t, label=Y))),
    bad("two candidates", ("several columns", "'a', 'b'"), a=X, b=X, label=Y),
    bad("of three axes", ("emb", "(20, 4, 1)"), emb=X[:, :, None], label=Y),
    bad("no labels", ("no labels",), emb=X),
    damaged("no header", lambda data: b"x" * 64, "promises a header of"),
    damaged("header beyond the file", lambda data: headed(b"{}")[:8], "promises a header"),
    damaged("header of no JSON", lambda data: headed(b"{hello}"), "header is malformed"),
    damaged("header of a list", lambda data: headed(b"[1, 2]"), "header is malformed"),
    damaged("header nested", lambda data: headed(b"[" * 200_000), "header is malformed"),
    damaged("no tensors", lambda data: headed(b"{}"), "no tensors"),
    damaged("a name twice", lambda data: headed(TWICE), "several tensors", "'emb'"),
    damaged("cut short", lambda data: data[:-1], "bytes of tensors, there are"),
    damaged("with more behind it", lambda data: data + b"x", "bytes of tensors, there are"),
    told("another shape", "bytes for the shape (20, 5)", shape=[20, 5]),
    told("a vast shape", "impossible size", shape=[2**70, 0]),
    told("a product that overflows", "bytes for the shape", shape=[LONG, LONG]),
    told("a negative shape", "impossible size -4", shape=[20, -4]),
    told("a shape of halves", "impossible size 4.5", shape=[20, 4.5]),
    told("a shape of truth", "impossible size True", shape=[20, True]),
    told("offsets that overlap", "bytes for the shape", data_offsets=[0, 8]),
    told("offsets that leave a hole", "at byte 16 instead of 0", data_offsets=[16, 336]),
    told("offsets backwards", "malformed tensor 'emb'", data_offsets=[320, 0]),
    told("an unknown dtype", "'emb'", "F8_E4M3 of safetensors", dtype="F8_E4M3"),
    told("a dtype that is none", "malformed tensor 'emb'", dtype=["F32"]),
]
