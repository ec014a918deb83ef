"""Queries and gallery as they are saved: columns of one file, members of an .npz, pairs by row."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import embaudit
from embaudit.cli import app
from embaudit.errors import InputRefused

RNG = np.random.default_rng(0)
Y = np.repeat(np.arange(6), 10)
X = (RNG.normal(size=(6, 8))[Y] * 2 + RNG.normal(size=(60, 8)) * 0.9).astype("f4")
G = (X + RNG.normal(size=X.shape) * 0.9).astype("f4")
EVEN, ODD = slice(0, None, 2), slice(1, None, 2)


@pytest.fixture
def audited(tmp_path, monkeypatch):
    """Audit in a folder of its own; the exit code, what is said, and the report."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        line = ["audit", *words, "--measures", "precision_at_1", "-q", "-o", "report.json"]
        done = CliRunner().invoke(app, line, env={"COLUMNS": "80"})
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        report = json.loads(Path("report.json").read_text()) if done.exit_code == 0 else None
        return done.exit_code, done.stderr, report

    return run


def precision(queries, marks, gallery, others):
    """The share of queries whose nearest gallery row has their label."""
    distances = ((queries[:, None].astype(float) - gallery[None]) ** 2).sum(-1)
    return float((others[distances.argmin(1)] == marks).mean())


def saved(**columns):
    pq.write_table(
        pa.table({n: v.tolist() if v.ndim == 2 else v for n, v in columns.items()}), "e.parquet"
    )


def test_a_gallery_has_columns_of_its_own(audited):
    saved(embedding=X, label=Y, other=G, mark=Y[::-1].copy(), id=np.arange(60))
    code, _, report = audited("e.parquet", "--gallery-embedding-column", "other")
    assert (code, report["measures"]["precision_at_1"]["value"]) == (0, precision(X, Y, G, Y))
    more = ["--gallery-label-column", "mark", "--gallery-id-column", "id"]
    code, _, report = audited("e.parquet", "--gallery-embedding-column", "other", *more)
    assert report["measures"]["precision_at_1"]["value"] == precision(X, Y, G, Y[::-1])
    assert {(one["role"], one["column"]) for one in report["inputs"]} == {
        ("embeddings", "embedding"),
        ("labels", "label"),
        ("gallery", "other"),
        ("gallery labels", "mark"),
    }


def test_one_table_holds_both_sides(audited):
    saved(embedding=X, label=Y, query=np.arange(60) % 2 == 0)
    code, _, report = audited("e.parquet", "--where", "query", "--gallery-where", "not query")
    expected = precision(X[EVEN], Y[EVEN], X[ODD], Y[ODD])
    assert (code, report["measures"]["precision_at_1"]["value"]) == (0, expected)
    assert (report["data"]["rows"], report["gallery"]["rows"]) == (30, 30)


@pytest.mark.parametrize(
    ("vectors", "labels"),
    [("{}_f", "{}_label"), ("{}_features", "{}_pids"), ("{}", "{}_labels"), ("{}f", "{}_pids")],
)
def test_queries_and_gallery_of_one_npz_are_found(vectors, labels, audited):
    marks = ("q", "g") if vectors == "{}f" else ("query", "gallery")
    if vectors == "{}":
        vectors = "{}_x"
    sides = ((X[EVEN], Y[EVEN]), (X[ODD], Y[ODD]))
    arrays = {
        name.format(mark): part
        for mark, side in zip(marks, sides, strict=True)
        for name, part in zip((vectors, labels), side, strict=True)
    }
    cameras = {f"{mark}_cam": np.arange(30) % 3 for mark in marks}
    np.savez("reid.npz", **arrays, **cameras)
    code, _, report = audited("reid.npz")
    expected = precision(X[EVEN], Y[EVEN], X[ODD], Y[ODD])
    assert (code, report["measures"]["precision_at_1"]["value"]) == (0, expected)
    assert "query_and_gallery" in [one["code"] for one in report["warnings"]]


def test_embeddings_that_are_obvious_are_no_side(audited):
    np.savez("x.npz", embeddings=X, labels=Y, query_f=X, gallery_f=G, query_y=Y, gallery_y=Y)
    code, _, report = audited("x.npz")
    assert (code, report["gallery"]) == (0, None)


@pytest.fixture
def reid(tmp_path):
    path = tmp_path / "reid.npz"
    np.savez(path, query_f=X[EVEN], gallery_f=X[ODD], query_pid=Y[EVEN], gallery_pid=Y[ODD])
    return path


def test_python_finds_both_sides_as_the_command_does(reid):
    expected = precision(X[EVEN], Y[EVEN], X[ODD], Y[ODD])
    report = embaudit.audit(reid)
    assert report.measures["precision_at_1"].value == expected
    assert "query_and_gallery" in [one.code for one in report.warnings]
    np.savez(reid, query_f=X, gallery_f=G)
    rows = np.arange(60)
    found = embaudit.audit(reid, pairs=True).measures["precision_at_1"].value
    assert found == precision(X, rows, G, rows)


def test_inspect_tells_both_sides(reid):
    seen = embaudit.inspect(reid)
    roles = {column.name: column.role for file in seen.files for column in file.columns}
    assert seen.problems == ()
    assert (seen.rows, seen.classes.count) == (30, len({*Y[EVEN].tolist()}))
    assert roles == {
        "query_f": "embeddings",
        "gallery_f": "gallery embeddings",
        "query_pid": "labels",
        "gallery_pid": "gallery labels",
    }
    np.savez(reid, query_f=X, gallery_f=G[:, 1:], query_pid=Y, gallery_pid=Y)
    assert "dimensions" in " ".join(embaudit.inspect(reid).problems)
    wrong = G.copy()
    wrong[7] = np.nan
    np.savez(reid, query_f=X, gallery_f=wrong, query_pid=Y, gallery_pid=Y)
    (problem,) = embaudit.inspect(reid).problems
    assert "gallery_f" in problem
    assert "(rows 7)" in problem


@pytest.mark.parametrize("verb", ["load", "mine", "forecast", "project"])
def test_a_verb_of_one_set_tells_how_to_choose_it(verb, reid):
    with pytest.raises(InputRefused) as refusal:
        getattr(embaudit, verb)(reid)
    (problem,) = refusal.value.problems
    assert "queries ('query_f') and their gallery ('gallery_f')" in problem
    assert problem.remedy == "Choose one: embedding_column='query_f' and label_column='query_pid'."


@pytest.mark.parametrize("beside", [True, False])
def test_row_i_belongs_to_row_i(beside, audited):
    np.save("x.npy", X)
    np.save("g.npy", G)
    np.savez("both.npz", query_f=X, gallery_f=G)
    code, _, report = audited(
        *(["both.npz"] if beside else ["x.npy", "--gallery", "g.npy"]), "--pairs"
    )
    rows = np.arange(60)
    assert (code, report["measures"]["precision_at_1"]["value"]) == (0, precision(X, rows, G, rows))
    assert {one["role"] for one in report["inputs"]} == {"embeddings", "gallery"}


@pytest.mark.parametrize(
    ("words", "exit_code", "says"),
    [
        (["x.npy", "--pairs"], 2, "--pairs needs --gallery"),
        (["x.npy", "--gallery", "g.npy", "--pairs", "--labels", "y.npy"], 2, "does not go with"),
        (["x.npy", "--gallery", "g.npy", "--pairs", "--gallery-labels", "y.npy"], 2, "not go with"),
        (["x.npy", "--gallery", "few.npy", "--pairs"], 3, "has 50 rows, the embeddings 60"),
        (["x.npy", "--gallery", "g.npy"], 3, "--pairs"),
        (["x.npy", "--labels", "y.npy", "--gallery-labels", "y.npy"], 2, "needs --gallery"),
        (["x.npy", "--labels", "y.npy", "--gallery-where", "row <"], 2, "--gallery-where"),
    ],
)
def test_what_makes_no_pairs_is_refused(words, exit_code, says, audited):
    for name, array in (("x", X), ("g", G), ("y", Y), ("few", G[:50])):
        np.save(f"{name}.npy", array)
    code, told, _ = audited(*words)
    assert (code, says in told) == (exit_code, True), told


def test_distractors_of_queries_and_gallery_are_no_pairs(audited):
    holes = pa.array([None if row % 5 == 0 else int(y) for row, y in enumerate(Y)])
    for name, rows in (("q", X), ("g", G)):
        pq.write_table(pa.table({"embedding": rows.tolist(), "label": holes}), f"{name}.parquet")
    words = ["q.parquet", "--gallery", "g.parquet", "--unlabelled", "distractor"]
    code, told, report = audited(*words)
    assert code == 0, told
    labelled = np.arange(60) % 5 > 0
    own = np.where(labelled, Y, -1 - np.arange(60))
    expected = precision(X[labelled], Y[labelled], G, own)
    assert report["measures"]["precision_at_1"]["value"] == expected
    assert report["data"]["anchors"] == 48
