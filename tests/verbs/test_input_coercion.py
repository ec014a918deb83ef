"""What Python holds or names is audited as it is: paths, tensors, frames, columns, data sets."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import embaudit
from embaudit.errors import InputRefused, UsageError

RNG = np.random.default_rng(0)
Y = np.repeat(np.arange(6), 10)
X = (RNG.normal(size=(6, 8))[Y] * 2 + RNG.normal(size=(60, 8)) * 0.5).astype("f4")
QUICK = "precision_at_1,violated_triplets"
TABLE = pa.table({"embedding": list(X), "label": Y, "note": ["a"] * 60})
LISTS = TABLE["embedding"]


def audited(*given, **options):
    return embaudit.audit(*given, measures=QUICK, **options)


REFERENCE = audited(X, Y)


def same(report, reference=REFERENCE):
    """The same rows, and so the same figures."""
    return report.fingerprint == reference.fingerprint and report.measures == reference.measures


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    at = tmp_path_factory.mktemp("given")
    np.save(at / "x.npy", X)
    np.save(at / "y.npy", Y)
    pq.write_table(TABLE, at / "x.parquet")
    return at


class Frame:
    """As pandas and polars have it: columns, and Arrow on request."""

    def __init__(self, table):
        self.table, self.columns = table, table.column_names

    def __arrow_c_stream__(self, schema=None):
        return self.table.__arrow_c_stream__(schema)

    def __array__(self, dtype=None, copy=None):
        columns = [column.to_numpy(zero_copy_only=False) for column in self.table.columns]
        return np.stack(columns, axis=1)


class Series:
    """A column that speaks Arrow."""

    def __init__(self, column):
        self.column = column

    def __arrow_c_stream__(self, schema=None):
        return self.column.__arrow_c_stream__(schema)


class Tensor:
    """As torch has it: on a device, with a gradient, in a type that numpy has not."""

    def __init__(self, values, dtype="torch.float32", device="cpu", grad=False):
        self.values, self.dtype, self.device, self.grad = values, dtype, device, grad
        self.shape, self.ndim = values.shape, values.ndim

    def _with(self, **changed):
        return Tensor(**{**vars_of(self), **changed})

    def detach(self):
        return self._with(grad=False)

    def cpu(self):
        return self._with(device="cpu")

    def float(self):
        return self._with(dtype="torch.float32")

    def __array__(self, dtype=None, copy=None):
        if self.grad or self.device != "cpu" or self.dtype == "torch.bfloat16":
            raise TypeError("cannot be had by numpy")
        return self.values


def vars_of(tensor):
    return {name: getattr(tensor, name) for name in ("values", "dtype", "device", "grad")}


class DataSet:
    """As Hugging Face has it: rows in the format that is asked for."""

    features = ()

    def __init__(self, table):
        self.table = table

    def __len__(self):
        return len(self.table)

    def with_format(self, name):
        assert name == "arrow"
        return Sliced(self.table)


class Sliced:
    def __init__(self, table):
        self.table = table

    def __getitem__(self, rows):
        assert rows == slice(None)
        return self.table


class OnGPU:
    """DLPack alone, of another device, from which it is copied on request."""

    def __dlpack__(self, *, dl_device=None, **options):
        if dl_device != (1, 0):
            raise BufferError("not on the CPU")
        return X.__dlpack__()

    def __dlpack_device__(self):
        return 2, 0


@pytest.mark.parametrize("labels", ["y.npy", Y, Y.tolist(), pa.array(Y)])
def test_a_path_is_read_as_load_does(folder, labels):
    labels = folder / labels if isinstance(labels, str) else labels
    report = audited(str(folder / "x.npy"), labels)
    assert same(report)
    assert report.inputs[0].path == str(folder / "x.npy")
    loaded = embaudit.load(folder / "x.npy", folder / "y.npy")
    assert report.inputs[0].sha256 == loaded.sources[0].sha256


def test_labels_of_an_array_are_read_from_a_path(folder):
    assert same(audited(X, str(folder / "y.npy")))
    report = audited(X[:, :, None], folder / "y.npy")
    assert same(report)
    assert [one.code for one in report.warnings] == ["squeezed_axes"]


def test_columns_of_a_path_are_found_or_named(folder, tmp_path):
    assert same(audited(folder / "x.parquet"))
    other = tmp_path / "other.parquet"
    pq.write_table(TABLE.rename_columns(["vec", "species", "note"]), other)
    assert same(audited(other, embedding_column="vec", label_column="species"))
    with pytest.raises(InputRefused, match="label_column"):
        audited(other)


@pytest.mark.parametrize("verb", ["forecast", "mine", "project"])
def test_every_verb_of_a_set_takes_a_path(folder, verb):
    options = {"batches": "2x2"} if verb == "forecast" else {}
    function = getattr(embaudit, verb)
    of_path, of_array = function(folder / "x.parquet", **options), function(X, Y, **options)
    told = [getattr(one, "told", one).model_dump() for one in (of_path, of_array)]
    kept = [{k: v for k, v in one.items() if k not in APART} for one in told]
    assert kept[0] == kept[1]


APART = ("inputs", "run_id", "timing", "environment", "digest")


def test_a_gallery_may_be_a_path_beside_arrays(folder):
    both = audited(X, Y, gallery=X, gallery_labels=Y)
    paths = (folder / "x.npy", folder / "y.npy")
    assert same(audited(*paths, gallery=paths[0], gallery_labels=paths[1]), both)
    assert same(audited(X, Y, gallery=folder / "x.parquet"), both)
    assert same(audited(TABLE, gallery=X, gallery_labels=Y), both)
    with pytest.raises(InputRefused, match="gallery_labels="):
        audited(X, Y, gallery=paths[0])


def test_options_of_reading_hold_for_a_path(folder):
    options = {"sample": 30, "seed": 3, "ignore_label": 5}
    assert same(audited(folder / "x.parquet", **options), audited(X, Y, **options))
    bare = embaudit.audit(folder / "x.npy", no_labels=True, measures="rankme")
    assert bare.measures == embaudit.audit(X, no_labels=True, measures="rankme").measures


def test_ids_beside_a_path_or_table_are_a_column_of_it(folder):
    for source in (folder / "x.parquet", TABLE):
        with pytest.raises(UsageError, match="id_column="):
            audited(source, ids=Y)


TENSORS = {
    "grad": Tensor(X, grad=True),
    "gpu": Tensor(X, device="cuda:0"),
    "all at once": Tensor(X, device="cuda:0", grad=True),
    "rows": [Tensor(row, grad=True) for row in X],
    "dlpack of another device": OnGPU(),
}


@pytest.mark.parametrize("values", TENSORS.values(), ids=TENSORS)
def test_tensors_are_taken_as_they_are(values):
    if isinstance(values, OnGPU) and np.lib.NumpyVersion(np.__version__) < "2.1.0":
        pytest.skip("numpy asks for no device")
    assert same(audited(values, Tensor(Y, "torch.int64", "cuda:0")))


def test_narrow_floats_become_float32():
    assert same(audited(Tensor(X, "torch.bfloat16", "cuda:0", True), Y))


TABLES = {
    "table": TABLE,
    "batch": TABLE.combine_chunks().to_batches()[0],
    "frame": Frame(TABLE),
    "data set": DataSet(TABLE),
    "reader": None,
    "a column a dimension": Frame(
        pa.table({**{f"emb_{i}": X[:, i] for i in range(8)}, "label": Y})
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_are_read_as_files_of_them_are(kind):
    values = TABLES[kind]
    report = audited(TABLE.to_reader() if values is None else values)
    assert same(report)
    assert (report.inputs[0].path, report.inputs[0].format) == ("<table>", "table")


COLUMNS = {
    "chunked": LISTS,
    "array": LISTS.combine_chunks(),
    "fixed": pa.FixedSizeListArray.from_arrays(pa.array(X.ravel()), 8),
    "tensors": pa.FixedShapeTensorArray.from_numpy_ndarray(X),
    "series": Series(LISTS),
    "objects": np.array([*X, None], object)[:-1],
    "lists in objects": np.array([*X.tolist(), None], object)[:-1],
    "lists": X.tolist(),
}


@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS)
def test_a_column_of_vectors_is_a_matrix(values):
    report = audited(values, Y)
    assert report.measures == REFERENCE.measures


def test_labels_given_apart_win_over_those_of_a_table():
    report = audited(TABLE.set_column(1, "label", pa.array(Y[::-1])), Y)
    assert same(report)
    assert [one.code for one in report.warnings] == ["labels_ignored"]


def test_plain_numbers_with_labels_apart_are_a_matrix():
    """A frame of features has no column of vectors; all of it is."""
    names = ["x", "y", *"abcdef"]
    assert same(audited(Frame(pa.table(dict(zip(names, X.T, strict=True)))), Y))


def test_a_row_that_is_no_vector_is_told_by_its_number():
    holes = [*X[:-1], None]
    for values in (pa.array(holes), Frame(pa.table({"embedding": pa.array(holes), "label": Y}))):
        with pytest.raises(InputRefused, match=r"null vectors in 1 of 60 rows \(row 59\)"):
            audited(values, None if isinstance(values, Frame) else Y)
    ragged = np.array([*X[:-1], X[0, :3]], object)
    for values in (ragged, pa.array(list(ragged))):
        with pytest.raises(InputRefused, match=r"\(row 59\)"):
            audited(values, Y)


class Lazy:
    def collect(self):
        raise AssertionError("asked for unasked")


class Stream:
    features = ()

    def with_format(self, name):
        raise AssertionError("asked for unasked")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"train": X}, "x[NAME]"),
        (Lazy(), "x.collect()"),
        (Stream(), "x.take("),
        ([X[:20], X[20:40], X[40:50]], "numpy.concatenate(batches)"),
    ],
)
def test_what_holds_no_rows_is_told_the_line_that_does(values, says):
    for labels in (Y, None):
        if labels is None and isinstance(values, list):
            continue
        with pytest.raises(InputRefused) as refusal:
            audited(values, labels)
        assert says in str(refusal.value)


def test_values_are_viewed_and_not_changed():
    before = X.copy()
    for values in (X, TABLE, Tensor(X, grad=True)):
        audited(values, Y)
    assert (before == X).all()


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_of_the_libraries(library):
    """The real ones, where they are installed."""
    frames = pytest.importorskip(library)
    frame = frames.DataFrame({"embedding": list(X), "label": Y})
    assert same(audited(frame))
    assert same(audited(frame["embedding"], frame["label"]))
    assert same(audited(frames.DataFrame(X), Y))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_arrays_of_torch(dtype):
    torch = pytest.importorskip("torch")
    values = torch.tensor(X, dtype=getattr(torch, dtype), requires_grad=True)
    expected = audited(values.detach().float().numpy(), Y)
    assert same(audited(values, torch.tensor(Y)), expected)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float8_e4m3fn"])
def test_arrays_of_jax(dtype):
    jax = pytest.importorskip("jax.numpy")
    values = jax.asarray(X, dtype=getattr(jax, dtype))
    assert same(audited(values, jax.asarray(Y)), audited(np.asarray(values.astype("float32")), Y))


@pytest.mark.parametrize("name", ["labels", "ids", "gallery_labels"])
def test_the_same_index_in_another_order_is_not_matched_by_position(name: str) -> None:
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(rng.normal(size=(20, 4)), index=[f"r{row}" for row in range(20)])
    values = {
        "labels": pandas.Series(np.arange(20) % 4, frame.index),
        "ids": pandas.Series(np.arange(20), frame.index),
    }
    if name == "gallery_labels":
        values |= {"gallery": frame + 1, "gallery_labels": values["labels"]}
    shuffled = values[name].iloc[::-1]
    with pytest.raises(InputRefused, match=rf"(?s){name}: .*another order.*{name}\.loc\["):
        audited(frame, **{**values, name: shuffled})
    right = audited(frame, **values).measures
    for same in (shuffled.loc[frame.index], values[name].to_numpy()):
        assert audited(frame, **{**values, name: same}).measures == right


def test_indexes_of_other_values_say_nothing() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(np.random.default_rng(0).normal(size=(20, 4)))
    labels = pandas.Series(np.arange(20) % 4)
    for index in (range(5, 25), [*range(10)] * 2):
        assert audited(frame, labels.set_axis(index)).measures
