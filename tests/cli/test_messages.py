"""What a user is told: an `error:` that names the cause, a `hint:` that names the way on."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from embaudit.cli import app

RNG = np.random.default_rng(0)
Y = np.repeat(np.arange(6), 10)
X = (RNG.normal(size=(6, 8))[Y] * 2 + RNG.normal(size=(60, 8)) * 0.5).astype("f4")


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Run a verb in a folder with x.npy and y.npy; its exit code, its causes and its hints."""
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", X)
    np.save("y.npy", Y)

    def run(line):
        done = CliRunner().invoke(app, line.split(), env={"COLUMNS": "80"})
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        told = done.stderr.splitlines()
        assert all(line.startswith(("error: ", "hint: ")) for line in told), done.stderr
        causes = [line[7:] for line in told if line.startswith("error: ")]
        return done.exit_code, "\n".join(causes), "\n".join(told[len(causes) :])

    return run


def saved(name, content=b"x"):
    with open(name, "wb") as file:
        file.write(content)


@pytest.mark.parametrize(
    ("name", "cause", "hint"),
    [
        ("e.pt", "is a PyTorch file, which can run code", "numpy.save('e.npy', torch.load('e.pt')"),
        ("e.pkl", "is a pickle, which can run code", "numpy.save('e.npy', "),
        ("e.npy.gz", "compressed", "Unpack it"),
        ("e.xyz", "the suffix '.xyz'", ".npy, .npz, .parquet"),
        ("it's.pt", "PyTorch", 'numpy.save("it\'s.npy", torch.load("it\'s.pt")'),
    ],
)
def test_a_file_of_another_format(name, cause, hint, said):
    saved(name)
    code, causes, hints = said(f"audit {name} --labels y.npy")
    assert code == 3
    assert cause in causes
    assert hint in hints


def test_a_pickle_of_labels_is_no_file_of_vectors(said):
    saved("y.pkl")
    code, causes, hints = said("audit x.npy --labels y.pkl")
    assert (code, "run code" in causes, ".csv" in hints, "stack" in hints) == (3, True, True, False)


@pytest.mark.parametrize(
    ("line", "code", "cause", "hint"),
    [
        ("audit x.npy y.npy", 2, "one argument too many", "Labels? --labels y.npy. Several"),
        ("audit a/0.npy a/1.npy a/2.npy", 2, "a/1.npy: is one", "Give their folder: a. Several"),
        ("audit x.npy --metric dot", 2, "'dot' is not one of 'l2', 'cosine'", "use cosine"),
        ("audit", 2, "EMBEDDINGS", "embaudit audit --help"),
        ("explain d_iso d_haus", 2, "d_haus: is one argument too many", "embaudit explain --help"),
        ("audit x.npy --labels", 2, "requires an argument", "embaudit audit --help"),
        ("audit x.npy --threads x", 2, "--threads: 'x' is no whole number", "audit --help"),
        ("audit x.npy --margin x", 2, "--margin: 'x' is no number", "audit --help"),
        ("audit x.npy --labels y.npy --effort 9", 2, "--effort: 9 is above 6, the most", ""),
        ("audit x.npy --labels y.npy --workers 0", 2, "--workers: 0 is below 1, the least", ""),
        ("audit x.npy --format jso", 2, "--format: 'jso' is not one of", "Did you mean json?"),
        ("audti x.npy", 2, "There is no command 'audti'", "Did you mean audit?"),
        ("audit x.npy --metrc l2", 2, "No such option: --metrc.", "--metric"),
        ("frobnicate", 2, "'frobnicate'", "embaudit --help"),
        ("audit x.npy --metrik l2", 2, "--metrik", "--metric"),
        ("audit x.npy --margin -1", 2, "--margin: -1.0 is below 0, the least", ""),
        ("audit x.npy", 3, "x.npy: no labels", "--labels PATH or audit with --no-labels"),
        ("audit no.npy --labels y.npy", 3, "no.npy: there is no such", "Check the path"),
        ("audit x.npy --labels y.npy --gallery x.npy", 3, "no labels", "--gallery-labels PATH"),
        ("audit x.npy --labels y.npy --gallery x.npy", 3, "no labels", "--pairs"),
        ("audit x.npy --labels y.npy --join id", 3, "no column", ""),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_run(line, code, cause, hint, said):
    found, causes, hints = said(line)
    assert found == code
    assert cause in causes
    assert "Value error" not in causes
    assert hint in hints


def test_likely_labels_are_named_by_how_few_values_they_have(said):
    columns = {
        "emb": pa.array(X.tolist()),
        "row": np.arange(60),
        "cls": Y,
        "my txt": ["a", "b"] * 30,
    }
    pq.write_table(pa.table(columns), "e.parquet")
    _, causes, hints = said("audit e.parquet")
    assert "it has 'emb', 'row', 'cls', 'my txt'" in causes
    assert "Likely: --label-column 'my txt' (2 values) or --label-column cls (6 values)." in hints


@pytest.mark.parametrize(
    ("array", "cause", "hint"),
    [
        (X.reshape(60, 2, 4, 1), "has shape (60, 2, 4, 1)", "x.reshape(60, 8)"),
        (X[None], "has shape (1, 60, 8)", "x.reshape(60, 8)"),
        (X.reshape(60, 2, 4), "has shape (60, 2, 4)", "x.reshape(60, 8)"),
        (np.array([*X, None], object), "holds object (pickled)", "numpy.stack(rows)"),
    ],
)
def test_an_array_of_another_shape(array, cause, hint, said):
    np.save("e.npy", array, allow_pickle=True)
    code, causes, hints = said("audit e.npy --labels y.npy")
    assert (code, cause in causes, hint in hints) == (3, True, True)


def test_labels_of_several_levels_and_pickled_ones(said):
    np.save("levels.npy", np.stack([Y, Y // 2], 1))
    assert "y[:, 0]" in said("audit x.npy --labels levels.npy")[2]
    np.save("names.npy", np.array(["cat", "dog"] * 30, object), allow_pickle=True)
    assert "y.astype(str)" in said("audit x.npy --labels names.npy")[2]


@pytest.mark.parametrize(
    ("mark", "called"), [(" ", "a blank"), (";", "a semicolon"), ("\t", "a tab")]
)
def test_lines_of_several_fields_that_no_two_share_are_no_labels(mark, called, said):
    with open("y.txt", "w") as file:
        file.writelines(f"img{row}{mark}{row}\n" for row, _ in enumerate(Y))
    code, causes, hints = said("audit x.npy --labels y.txt")
    assert (code, "every class has a single row" in causes) == (3, True)
    assert f"2 fields with {called}" in hints
    assert "--label-column" in hints
    with open("y.txt", "w") as file:
        file.writelines(f"img{row}{mark}{label}\n" for row, label in enumerate(Y))
    assert said("audit x.npy --labels y.txt --measures precision_at_1 -q")[0] == 0


def test_tabs_between_labels_are_read_as_the_projector_writes_them(said):
    with open("metadata.tsv", "w") as file:
        file.writelines(
            ["label\timage\n", *(f"'{label}\" a\timg{r}\n" for r, label in enumerate(Y))]
        )
    assert said("audit x.npy --labels metadata.tsv --measures precision_at_1 -q")[0] == 0
    with open("alone.tsv", "w") as file:
        file.writelines(f"{label}\n" for label in Y)
    assert said("audit x.npy --labels alone.tsv --measures precision_at_1 -q")[0] == 0


def test_zero_rows_under_cosine_name_the_file_and_the_way_on(said):
    np.save("e.npy", np.where(np.arange(60)[:, None] % 3, X, 0))
    code, causes, hints = said("audit e.npy --labels y.npy --metric cosine --no-progress")
    assert code == 3
    assert "e.npy: 20 of 60 rows are zero vectors" in causes
    assert "(rows 0, 3, 6, 9, 12, ...)" in causes
    assert "--drop zero_rows" in hints


def test_tensors_of_arrow_are_read(said):
    tensor = pa.FixedShapeTensorArray.from_numpy_ndarray(X)
    pq.write_table(pa.table({"embedding": tensor, "label": Y}), "e.parquet", row_group_size=7)
    assert said("audit e.parquet --measures precision_at_1 -q")[0] == 0


def test_a_hint_that_several_share_is_told_once(said):
    np.save("a.npy", X[:, 0])
    np.save("b.npy", X[:, 0])
    _, causes, hints = said("trend a.npy b.npy --labels y.npy --no-cache")
    assert len(causes.splitlines()) == 2
    assert len(hints.splitlines()) == 1
