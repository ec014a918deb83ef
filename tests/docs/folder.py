"""The files that the documentation speaks of: small, and as healthy as it says."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from tests.docs.pages import ROOT

CLASSES, EACH, DIM = 6, 20, 12


def made(folder: Path) -> dict[str, object]:
    """Write the files; the names that snippets in Python use, with their values."""
    rng = np.random.default_rng(0)
    codes = np.arange(CLASSES * EACH) % CLASSES
    centres = rng.normal(size=(CLASSES, DIM))
    vectors = (centres[codes] + 0.15 * rng.normal(size=(len(codes), DIM))).astype(np.float32)
    again = vectors + 1e-6 * rng.normal(size=vectors.shape).astype(np.float32)
    names = np.array(["unknown", *"abcde"])[codes]
    _table(folder / "emb.parquet", vectors, names)
    _table(folder / "new.parquet", again, names)
    np.save(folder / "emb.npy", vectors)
    np.save(folder / "labels.npy", codes)
    np.save(folder / "codes.npy", np.packbits(np.hstack([vectors, vectors]) > 0, axis=1))
    lines = (f"row-{row},{name}" for row, name in enumerate(names))
    (folder / "labels.csv").write_text("\n".join(["id,label", *lines]) + "\n")
    for number, noise in enumerate((1.0, 0.5, 0.15)):
        moved = centres[codes] + noise * rng.normal(size=vectors.shape)
        np.save(folder / f"step{number}000.npy", moved.astype(np.float32))
    (folder / "images").mkdir()
    Image.new("RGB", (8, 8), "red").save(folder / "images" / "one.png")
    (folder / "sample_data").symlink_to(ROOT / "sample_data")
    half = len(codes) // 2
    return {
        "embeddings": vectors,
        "labels": codes,
        "queries": vectors[:half],
        "query_labels": codes[:half],
        "train": vectors[half:],
        "train_labels": codes[half:],
        "model": Model(),
        "held_out": vectors,
        "held_out_labels": codes,
    }


class Model:
    """A network that is trained, and maps all rows to one point in the end."""

    def __init__(self) -> None:
        self.steps = 0

    def train_step(self) -> None:
        self.steps += 1

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return rows if self.steps < 50 else np.ones(rows.shape)


def _table(path: Path, vectors: np.ndarray, names: np.ndarray) -> None:
    rows = range(len(names))
    columns = {
        "id": [f"row-{row}" for row in rows],
        "label": names.tolist(),
        "text": [f"text of row {row}" for row in rows],
        "image": ["one.png" for _ in rows],
        "embedding": vectors.tolist(),
    }
    pq.write_table(pa.table(columns), path)
