"""The sets that are measured: real ones in the folder EMBAUDIT_DATA, and synthetic clusters."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import embaudit
from tests.bench.plan import Plan, failure

SEED = 0
BLOCK_ROWS = 65_536
ROWS, DIM = 60_000, 128
NOISE = 0.5  # of rows about their centre, where it matters that these are clusters


class Unavailable(Exception):
    """This machine does not have the set."""


@dataclass(frozen=True)
class LabelledSet:
    """Vectors (N, n) in input order with N integer labels."""

    vectors: np.ndarray
    labels: np.ndarray

    @property
    def shape(self) -> dict:
        """What a row of the table says of the set."""
        rows, dim = self.vectors.shape
        return {"rows": rows, "dim": dim, "classes": len(np.unique(self.labels))}

    def first(self, plan: Plan) -> "LabelledSet":
        """The first rows, as many as the scale leaves."""
        kept = plan.scaled(len(self.labels))
        return LabelledSet(self.vectors[:kept], self.labels[:kept])

    def save(self, folder: Path) -> tuple[Path, Path]:
        """The vectors and the labels as files."""
        paths = folder / "vectors.npy", folder / "labels.npy"
        np.save(paths[0], self.vectors)
        np.save(paths[1], self.labels)
        return paths


def clustered(sizes: np.ndarray, dim: int, noise: float = 1.0) -> LabelledSet:
    """Shuffled rows around one centre a class, as many as `sizes` says."""
    rng = np.random.default_rng(SEED)
    labels = rng.permutation(np.repeat(np.arange(len(sizes), dtype=np.int32), sizes))
    vectors = np.empty((len(labels), dim), dtype=np.float32)
    for part, block in _blocks(labels, dim, rng, noise):
        vectors[part] = block
    return LabelledSet(vectors, labels)


def even(rows: int, classes: int) -> np.ndarray:
    """Class sizes that differ by at most one."""
    return np.bincount(np.arange(rows) % classes)


def write_clustered(folder: Path, rows: int, dim: int, classes: int) -> tuple[Path, Path]:
    """The same as float16 files that never were in memory as a whole."""
    paths = folder / "vectors.npy", folder / "labels.npy"
    rng = np.random.default_rng(SEED)
    labels = rng.integers(classes, size=rows, dtype=np.int32)
    np.save(paths[1], labels)
    with paths[0].open("wb") as file:
        form = {"descr": "<f2", "fortran_order": False, "shape": (rows, dim)}
        np.lib.format.write_array_header_1_0(file, form)
        for _, block in _blocks(labels, dim, rng, NOISE):
            block.astype("<f2").tofile(file)
    return paths


def _blocks(
    labels: np.ndarray, dim: int, rng: np.random.Generator, noise: float
) -> Iterator[tuple[slice, np.ndarray]]:
    centres = rng.standard_normal((int(labels.max()) + 1, dim), dtype=np.float32)
    for start in range(0, len(labels), BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        own = centres[labels[part]]
        own += np.float32(noise) * rng.standard_normal(own.shape, dtype=np.float32)
        yield part, own


def _data() -> Path:
    if "EMBAUDIT_DATA" not in os.environ:
        raise Unavailable("EMBAUDIT_DATA names no folder")
    return Path(os.environ["EMBAUDIT_DATA"])


def _glyph(plan: Plan) -> LabelledSet:
    folder = _data() / "glyph"
    vectors, labels = (
        np.load(folder / f"{name}.npy", allow_pickle=False)
        for name in ("train_step03000", "train_labels")
    )
    return LabelledSet(vectors, np.unique(labels, return_inverse=True)[1]).first(plan)


def _wordnet(plan: Plan) -> LabelledSet:
    data = embaudit.load(str(_data() / "wordnet_minilm_20k.parquet"))
    back = np.argsort(data.rows)  # a loaded set is ordered by class, a user's file is not
    return LabelledSet(data.vectors[back], data.codes[back]).first(plan)


def _one_large_class(plan: Plan) -> LabelledSet:
    rows = plan.scaled(ROWS)
    others = even(rows // 10, 9)
    return clustered(np.concatenate(([rows - others.sum()], others)), DIM)


SETS: dict[str, Callable[[Plan], LabelledSet]] = {
    "train_step03000": _glyph,
    "wordnet_minilm_20k": _wordnet,
    "10 classes": lambda plan: clustered(even(plan.scaled(ROWS), 10), DIM),
    "12,000 classes of 5": lambda plan: clustered(np.full(plan.scaled(ROWS // 5), 5), DIM),
    "a class of 90 %": _one_large_class,
}


def on_every_set(measure: Callable[[LabelledSet, Plan], dict], plan: Plan) -> Iterator[dict]:
    """A row for each set, one set in memory at a time; what is not here is said to be skipped."""
    for name, make in SETS.items():
        try:
            chosen = make(plan)
            row = {**chosen.shape, **measure(chosen, plan)}
        except Unavailable as reason:
            row = {"skipped": str(reason)}
        except Exception as error:  # the other sets are worth having
            row = failure(error)
        yield {"set": name, **row}
