"""Files that are not read are told by their first bytes, with the call that converts them."""

import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embaudit
from embaudit.errors import InputRefused
from embaudit.files.formats import SUFFIXES, format_begun, format_of
from tests.files.corpus import NAMES, X, Y, raw
from tests.files.every_format import saved

LOAD = "pandas.read_pickle('x.pkl')"
STACKED = "x = {}; numpy.savez('x.npz', id=[*x], embeddings=numpy.stack([{} for v in x.values()]))"
IDS = [f"images/cat {row}.jpg" for row in range(20)]
BY_ID = dict(zip(IDS, X, strict=True))
PICKLES: dict[str, tuple[Any, str]] = {
    "array": (X, f"numpy.save('x.npy', numpy.stack({LOAD}))"),
    "list of vectors": ([*X], f"numpy.save('x.npy', numpy.stack({LOAD}))"),
    "list of lists": (X.tolist(), f"numpy.save('x.npy', numpy.stack({LOAD}))"),
    "by id": (BY_ID, STACKED.format(LOAD, "v")),
    "by number": (dict(enumerate(X)), STACKED.format(LOAD, "v")),
    "arrays by name": ({"embeddings": X, "labels": Y}, f"numpy.savez('x.npz', **{LOAD})"),
    "lists by name": ({"train_x": X.tolist(), "y": NAMES}, f"numpy.savez('x.npz', **{LOAD})"),
    "records": (
        [{"label": y, "vector": x} for x, y in zip(X, NAMES, strict=True)],
        f"pandas.DataFrame({LOAD}).to_parquet('x.parquet')",
    ),
}


def told(path: Path) -> str:
    with pytest.raises(InputRefused) as refusal:
        embaudit.load(path)
    return str(refusal.value)


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("held", PICKLES)
def test_a_pickle_is_converted_by_what_it_holds(held: str, protocol: int, tmp_path: Path) -> None:
    content, call = PICKLES[held]
    path = raw(tmp_path / "x.pkl", pickle.dumps(content, protocol))
    assert told(path).endswith(f"which can run code when it is read. Convert it once: {call}")


@pytest.mark.writers
@pytest.mark.parametrize("held", [*PICKLES, "frame", "column"])
def test_the_call_converts(held: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"embedding": [*X], "label": NAMES})
    more = {"frame": frame, "column": frame["embedding"]}
    monkeypatch.chdir(tmp_path)
    raw(Path("x.pkl"), pickle.dumps(more[held] if held in more else PICKLES[held][0]))
    exec(told(Path("x.pkl")).partition("once: ")[2], {"numpy": np, "pandas": pandas})
    (made,) = [path for path in Path().iterdir() if path.suffix != ".pkl"]
    loaded = embaudit.load(made, no_labels=True)
    assert np.array_equal(loaded.vectors, X)


def of_pytorch(path: Path, made: bytes) -> Path:
    """As `torch.save` lays out what a pickle makes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("x/data.pkl", b"\x80\x02" + made)
    return path


TENSORS = {
    b"ctorch._utils\n_rebuild_tensor_v2\n": "numpy.save('x.npy', torch.load('x.pt').float()",
    b"}q\0(X\5\0\0\0img_0q\1": STACKED.format("torch.load('x.pt')", "numpy.asarray(v)"),
    b"}q\0(X\x08\0\0\0featuresq\1": "numpy.savez('x.npz', **{k: numpy.asarray(v)",
    b"]q\0(ctorch._utils\n": "torch.stack(torch.load('x.pt')).float().numpy()",
}


@pytest.mark.parametrize(("made", "call"), TENSORS.items())
def test_a_pytorch_file_is_converted_by_what_it_holds(
    made: bytes, call: str, tmp_path: Path
) -> None:
    assert call in told(of_pytorch(tmp_path / "x.pt", made))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"20 4\ncat " + X[0].tobytes(), ("word2vec", "binary=True", "format('x.txt')")),
        (b"\xba\x16\x4f\x2f\x0c\x00", ("fastText", "load_facebook_vectors('x.bin')")),
        (X.tobytes(), ("no known format", "numpy.fromfile('x.bin', 'float32')")),
        (b"\x80\x02ctorch._utils\n", ("PyTorch", "torch.load('x.bin')")),
        (b"", ("PyTorch",)),
    ],
)
def test_a_bin_is_told_by_its_bytes(content: bytes, says: tuple[str], tmp_path: Path) -> None:
    said = told(raw(tmp_path / "x.bin", content))
    for word in says:
        assert word in said


@pytest.mark.parametrize(("suffix", "dtype"), [("fbin", "f4"), ("u8bin", "u1"), ("i8bin", "i1")])
def test_values_behind_their_shape_are_converted_by_the_call(
    suffix: str, dtype: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = (X * 10).astype(dtype)
    monkeypatch.chdir(tmp_path)
    raw(Path(f"x.{suffix}"), np.array(values.shape, "u4").tobytes() + values.tobytes())
    exec(told(Path(f"x.{suffix}")).partition("once: ")[2], {"numpy": np})
    assert np.array_equal(embaudit.load("x.npy", no_labels=True).vectors, values)


def test_a_call_names_a_file_that_is_called_as_its_words(tmp_path: Path) -> None:
    path = raw(tmp_path / "TABLE NPY.xlsx", b"PK")
    assert told(path).endswith(
        "pandas.read_excel('TABLE NPY.xlsx').to_parquet('TABLE NPY.parquet')"
    )


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if format_of(suffix).magic])
def test_a_file_that_is_saved_begins_as_its_format(suffix: str, tmp_path: Path) -> None:
    assert format_begun(saved(tmp_path, suffix).read_bytes()) == format_of(suffix).suffixes[0]


def test_the_letters_of_a_text_tell_no_format() -> None:
    assert format_begun(b"PAR1,PAR2,label\n0.1,0.2,a\n") is None


def test_what_single_cells_are_kept_in_is_told(tmp_path: Path) -> None:
    said = told(raw(tmp_path / "x.h5ad", b"\x89HDF"))
    assert "AnnData" in said
    assert said.endswith("numpy.save('x.npy', anndata.read_h5ad('x.h5ad').obsm['X_pca'])")
