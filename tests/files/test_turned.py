"""A vector a column: told as that where there are as many columns as labels, with the call."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embaudit
from embaudit.errors import InputRefused
from tests.files.cases_npz import npz
from tests.files.corpus import X, Y, npy, raw
from tests.files.writers import hdf5, lines, mat


def saved(write: Any, suffix: str) -> Callable[[Path], Path]:
    def build(tmp: Path) -> Path:
        write(tmp / f"x.{suffix}", np.ascontiguousarray(X.T), Y)
        return tmp / f"x.{suffix}"

    return build


TURNED: dict[str, Callable[[Path], Path]] = {
    "npy": lambda t: npy(t / "x.npy", X.T),
    "npz": lambda t: npz(t / "x.npz", feats=X.T, y=Y),
    "mat": saved(mat, "mat"),
    "h5": saved(hdf5, "h5"),
    "txt": lambda t: raw(t / "x.txt", lines(X.T, " ").encode()),
}


@pytest.mark.parametrize("form", TURNED)
def test_a_vector_a_column_is_told_with_the_call_that_turns_it(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = {"mat": "scipy", "h5": "h5py"}.get(form)
    modules = {library: pytest.importorskip(library)} if library else {}
    path = TURNED[form](tmp_path)
    beside = None if form in ("npz", "mat", "h5") else npy(tmp_path / "y.npy", Y)
    with pytest.raises(InputRefused, match="Each of its 20 columns is a vector") as refusal:
        embaudit.load(path, beside)
    monkeypatch.chdir(tmp_path)
    exec(str(refusal.value).partition("turn it: ")[2], {"numpy": np, **modules})
    turned = embaudit.load("x.T.npy", npy(tmp_path / "y.npy", Y))
    assert np.allclose(turned.vectors, X[turned.rows])


def test_an_array_is_told_too() -> None:
    with pytest.raises(InputRefused, match=r"x\.T"):
        embaudit.audit(X.T, Y)


def test_more_columns_than_rows_are_no_reason_by_themselves(tmp_path: Path) -> None:
    wide = npy(tmp_path / "x.npy", np.random.default_rng(1).standard_normal((20, 40)))
    assert embaudit.load(wide, npy(tmp_path / "y.npy", Y)).dim == 40
    with pytest.raises(InputRefused, match="Give one for every row"):
        embaudit.load(wide, npy(tmp_path / "z.npy", Y[:5]))


def test_answers_of_a_benchmark_are_no_embeddings(tmp_path: Path) -> None:
    """Of ann-benchmarks: distances are as long as queries, and as wide as neighbours."""
    held = {"test": X, "distances": X[:, :3], "neighbors": np.zeros((20, 3), int)}
    loaded = embaudit.load(npz(tmp_path / "x.npz", **held), npy(tmp_path / "y.npy", Y))
    assert np.array_equal(loaded.vectors, X[loaded.rows])
    both = npz(tmp_path / "b.npz", train=X, **held)
    with pytest.raises(InputRefused, match="embeddings: 'train', 'test'") as refusal:
        embaudit.load(both, npy(tmp_path / "y.npy", Y))
    assert "distances" not in str(refusal.value).partition("may be")[2]
    chosen = embaudit.load(both, tmp_path / "y.npy", embedding_column="distances")
    assert chosen.dim == 3
