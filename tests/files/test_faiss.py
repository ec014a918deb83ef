"""The vectors of an index are those that FAISS gives back, for every kind that is read."""

from pathlib import Path

import faiss
import numpy as np
import pytest

import embaudit
from embaudit.files.format_check import stored_file
from embaudit.files.formats import faiss_index
from tests.combined import in_part

KINDS = ["Flat", "IVF4,Flat", "HNSW4,Flat", "IVF4_HNSW4,Flat", "IDMap,Flat", "IDMap2,IVF4,Flat"]
CODES = ["SQ8", "SQ4", "SQ6", "SQfp16", "SQbf16", "IVF4,SQ8", "IVF4,SQfp16", "HNSW4,SQ8"]
TYPES = ["QT_8bit_uniform", "QT_4bit_uniform", "QT_8bit_direct", "QT_8bit_direct_signed"]


def index_of(kind: str, dim: int) -> "faiss.Index":
    if kind in TYPES:
        return faiss.IndexScalarQuantizer(dim, getattr(faiss.ScalarQuantizer, kind))
    return faiss.index_factory(dim, kind)


def given_back(index: "faiss.Index", rows: int) -> np.ndarray:
    inner = faiss.downcast_index(index.index) if hasattr(index, "id_map") else index
    if hasattr(inner, "make_direct_map"):
        inner.make_direct_map()
    vectors: np.ndarray = inner.reconstruct_n(0, rows)
    return vectors


@pytest.mark.parametrize("dim", [1, 7, 16])
@pytest.mark.parametrize("kind", in_part([*KINDS, *CODES, *TYPES]))
def test_every_kind_that_is_read(kind: str, dim: int, tmp_path: Path) -> None:
    x = np.random.default_rng(dim).normal(size=(60, dim)).astype(np.float32)
    x = np.round(x * 20).clip(-100, 100) + (120 if kind == "QT_8bit_direct" else 0)
    index, path = index_of(kind, dim), tmp_path / "x.faiss"
    index.train(x)
    ids = np.arange(60)[::-1] + 5
    index.add_with_ids(x, ids) if kind.startswith("IDMap") else index.add(x)
    faiss.write_index(index, str(path))
    vectors, *others = faiss_index.describe(stored_file(path, ("faiss",))).columns
    # faiss may fuse a product and a sum, which rounds once
    np.testing.assert_allclose(vectors.read(), given_back(index, 60), rtol=1e-6, atol=1e-5)
    for column in others:
        assert np.array_equal(column.read(), ids)
    assert bool(others) == kind.startswith("IDMap")


def test_lists_with_ids_are_read_in_the_order_of_these(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    ids = np.random.default_rng(1).permutation(1000)[:60]
    index = faiss.index_factory(5, "IVF4,Flat")
    index.train(x)
    index.add_with_ids(x, ids)
    faiss.write_index(index, str(tmp_path / "x.index"))
    loaded = embaudit.load(tmp_path / "x.index", labels=None, no_labels=True)
    assert loaded.ids == tuple(sorted(ids.tolist()))
    assert np.array_equal(loaded.vectors, x[np.argsort(ids)])
