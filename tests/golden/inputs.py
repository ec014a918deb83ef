"""The sets that the cases read: the samples, and small ones that tests know how to break."""

import json
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from tests import sets
from tests.zoo.sets import ZOO, make

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
CLASSES = np.arange(90) % 9
STEPS = {2: 3.0, 10: 20.0, 100: 1.5}  # of a training run: how far apart the classes are
APPROXIMATE = 33_000  # rows, enough for an approximate search to be one


def write(folder: Path) -> None:
    """Write all of them into a folder that is there: the same bytes every time."""
    for sample in sorted(SAMPLES.glob("*.*")):
        if sample.suffix != ".md":
            shutil.copyfile(sample, folder / sample.name)
    _formats(folder)
    _gallery(folder)
    _checkpoints(folder)
    _pictures(folder)
    _broken(folder)
    for name, maker in sets.SETS.items():
        made = maker(min(maker.size, 150))
        _pair(folder / "odd", name, made.vectors, np.array(made.labels))
    for name in ZOO:
        found = make(name)
        _pair(folder / "zoo", name, found.x, found.y)


def _pair(folder: Path, name: str, vectors: np.ndarray, labels: np.ndarray | None) -> None:
    folder.mkdir(exist_ok=True)
    np.save(folder / f"{name}.npy", vectors)
    if labels is not None:
        np.save(folder / f"{name}.y.npy", labels)


def spread(apart: float, seed: int = 0) -> np.ndarray:
    """Nine classes of ten rows around the ends of axes."""
    rng = np.random.default_rng(seed)
    centres = np.vstack([np.eye(8), -np.eye(8)])[:9]
    return (apart * centres[CLASSES] + rng.normal(size=(90, 8))).astype(np.float32)


def _formats(folder: Path) -> None:
    """One small set in every format, and a larger one for an approximate search."""
    x, names = spread(3.0), np.array([f"class {one}" for one in CLASSES])
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", CLASSES)
    np.savez(folder / "both.npz", embeddings=x, labels=CLASSES)
    np.save(folder / "half.npy", x.astype(np.float16))
    (folder / "y.txt").write_text("\n".join(names) + "\n")
    order = np.random.default_rng(1).permutation(90)
    rows = "".join(f"r{row},{names[row]}\n" for row in order)
    (folder / "y.csv").write_text(f"id,label\n{rows}")
    columns = {f"emb_{at}": x[:, at] for at in range(8)}
    parquet.write_table(pa.table({**columns, "target": names}), folder / "wide.parquet")
    shards = folder / "shards"
    shards.mkdir()
    for part, at in enumerate(range(0, 90, 30)):
        np.save(shards / f"part{part}.npy", x[at : at + 30])
    marked = np.where(np.arange(90) % 10 == 0, -1, CLASSES)
    np.save(folder / "marked.npy", marked)
    ids = [f"r{row}" for row in range(90)]
    for end, apart in (("", 3.0), ("10", 20.0)):  # the second as a later checkpoint
        x = spread(apart)
        np.save(folder / f"bits{end}.npy", np.packbits(x > 0, axis=1))
        one = pa.table({"embedding": [*x], "id": ids})
        parquet.write_table(one, folder / f"ids{end}.parquet")
        two = pa.table({"first": [*-x], "other": [*x], "kind": names, "a": CLASSES, "name": ids})
        parquet.write_table(two, folder / f"two{end}.parquet")
        levels = pa.array([[one % 2, one] for one in CLASSES.tolist()], pa.list_(pa.int64(), 2))
        part = pa.table({"embedding": [*x], "label": levels, "fold": CLASSES % 3})
        parquet.write_table(part, folder / f"levels{end}.parquet")
        holes = [None if row % 9 == 0 else name for row, name in enumerate(names)]
        parquet.write_table(
            pa.table({"embedding": [*x], "label": holes}), folder / f"holes{end}.parquet"
        )
    both = {"query_f": [*spread(3.0)], "gallery_f": [*spread(4.0)], "kind": names, "name": ids}
    parquet.write_table(pa.table(both), folder / "sides.parquet")
    small = sets.SETS["blobs"](150)
    _pair(folder, "small", small.vectors, np.array(small.labels))
    rng = np.random.default_rng(5)
    labels = rng.permutation(np.arange(APPROXIMATE) % 300)
    large = rng.normal(size=(300, 12))[labels] + 0.45 * rng.normal(size=(APPROXIMATE, 12))
    _pair(folder, "large", large.astype(np.float32), labels)


def _gallery(folder: Path) -> None:
    """Queries and a gallery that share most classes, and a row."""
    rng = np.random.default_rng(2)
    labels, theirs = rng.integers(0, 6, 60), rng.integers(2, 8, 150)
    queries, gallery = (
        (np.eye(8)[one] * 3 + rng.normal(size=(len(one), 8))).astype(np.float32)
        for one in (labels, theirs)
    )
    gallery[7], theirs[7] = queries[3], labels[3]
    _pair(folder, "queries", queries, labels)
    _pair(folder, "gallery", gallery, theirs)


def _checkpoints(folder: Path) -> None:
    """A run that learns, is at its best, and falls back."""
    for step, apart in STEPS.items():
        np.save(folder / f"step{step}.npy", spread(apart))
    np.save(folder / "step300.npy", np.ones((90, 8), np.float32))


def _pictures(folder: Path) -> None:
    """A table whose rows have a text, and a picture below a folder."""
    pictures = folder / "pictures"
    pictures.mkdir()
    for kind in range(9):
        (pictures / f"{kind}.png").write_bytes(_png(16, (25 * kind, 90, 200 - 20 * kind)))
    text = [f"row {row} & <b>{row % 7}</b>" for row in range(90)]
    image = [f"{kind}.png" for kind in CLASSES]
    told = {"embedding": [*spread(1.5)], "label": CLASSES, "text": text, "image": image}
    parquet.write_table(pa.table(told), folder / "shown.parquet")


def _png(side: int, colour: tuple[int, int, int]) -> bytes:
    """A square of one colour, by the format's own definition."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        told = kind + content
        return struct.pack(">I", len(content)) + told + struct.pack(">I", zlib.crc32(told))

    lines = (b"\0" + bytes(colour) * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(lines, 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*one) for one in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    )


def _broken(folder: Path) -> None:
    """What is refused."""
    bad = folder / "bad"
    bad.mkdir()
    x = spread(3.0)
    np.save(bad / "nan.npy", np.where(np.arange(90)[:, None] % 30 == 7, np.nan, x))
    np.save(bad / "zeros.npy", np.where(np.arange(90)[:, None] % 3, x, 0))
    np.save(bad / "flat.npy", x[:, 0])
    np.save(bad / "cube.npy", x.reshape(90, 2, 4))
    np.save(bad / "object.npy", np.array([*x, None], object), allow_pickle=True)
    np.save(bad / "text.npy", np.array(["a", "b"] * 45))
    np.save(bad / "none.npy", x[:0])
    np.save(bad / "short.npy", CLASSES[:80])
    np.save(bad / "one_class.npy", np.zeros(90, int))
    np.save(bad / "alone.npy", np.arange(90))
    np.save(bad / "levels.npy", np.stack([CLASSES, CLASSES // 2], 1))
    np.save(bad / "narrow.npy", x[:, :5])
    (bad / "cut.npy").write_bytes((folder / "x.npy").read_bytes()[:500])
    for suffix in ("pt", "pkl", "csv", "h5", "npy.gz", "xyz"):
        (bad / f"e.{suffix}").write_bytes(b"x")
    (bad / "twice.csv").write_text("id,label\nr1,a\nr1,b\n")
    unlike = {"emb": [*x], "row": np.arange(90), "cls": CLASSES, "my txt": ["a", "b"] * 45}
    parquet.write_table(pa.table(unlike), bad / "unlike.parquet")
    two = {"first": [*x], "other": [*x], "label": CLASSES}
    parquet.write_table(pa.table(two), bad / "two.parquet")
    (bad / "unknown.toml").write_text("metrics = 'cosine'\nmargin = 'wide'\n")
    (bad / "broken.toml").write_text("metric = \n")
    (bad / "report.json").write_text(json.dumps({"schema_version": 99}))
    (bad / "no.json").write_text("{")
    (folder / "shared.toml").write_text(
        'metric = "cosine"\nlabels = "y.npy"\nignore_label = [3]\nseed = 7\nthreads = 2\n'
        'baseline = "configured.json"\n'
    )
    (folder / "gate.toml").write_text(
        'metric = "cosine"\nmargin = 0.2\nseed = 3\n\n[gate]\ncollapse_state = { max = 1 }\n'
        'violated_triplets = { max = 0.9, level = "warn" }\n'
    )
