"""`-`: what comes on standard input is read as a file is, and a result goes out as to one."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.combined import in_part
from tests.faults.process import environment

RNG = np.random.default_rng(0)
Y = np.repeat(np.arange(6), 10)
X = (RNG.normal(size=(6, 8))[Y] * 2 + RNG.normal(size=(60, 8)) * 0.9).astype("f4")
MEASURED = ("--measures", "precision_at_1", "--no-progress")


@pytest.fixture
def run(tmp_path):
    """Run the program in a folder with x.npy and y.npy, with bytes on its standard input."""
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    (tmp_path / "tmp").mkdir()

    def run(*words, sent=b""):
        done = subprocess.run(
            [sys.executable, "-m", "embaudit", *words],
            input=sent,
            cwd=tmp_path,
            capture_output=True,
            env={**environment(), "TMPDIR": str(tmp_path / "tmp"), "COLUMNS": "80"},
        )
        assert not [*(tmp_path / "tmp").iterdir()], "what was sent is left behind"
        return done.returncode, done.stdout, done.stderr.decode()

    run.folder = tmp_path
    return run


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"embedding": X.tolist(), "label": Y}), sink)
    return sink.getvalue()


def npz() -> bytes:
    sink = io.BytesIO()
    np.savez(sink, emb=X, label=Y)
    return sink.getvalue()


@pytest.mark.parametrize("form", in_part(["npy", "npz", "parquet", "csv labels"], 4, 2))
def test_what_is_sent_is_read_as_a_file_is(form, run):
    given = {
        "npy": (["-", "--labels", "y.npy"], Path(run.folder / "x.npy").read_bytes()),
        "npz": (["-"], npz()),
        "parquet": (["-"], parquet()),
        "csv labels": (["x.npy", "--labels", "-"], "\n".join(["label", *map(str, Y)]).encode()),
    }
    words, sent = given[form]
    code, out, told = run("audit", *words, *MEASURED, "-o", "-", sent=sent)
    assert code == 0, told
    report = json.loads(out)
    assert "-" in [one["path"] for one in report["inputs"]]
    plain = json.loads(run("audit", "x.npy", "--labels", "y.npy", *MEASURED, "--format", "json")[1])
    for field in ("measures", "data", "classes", "collapse"):
        if form != "csv labels" or field != "classes":  # text has other labels than integers
            assert report[field] == plain[field]


@pytest.mark.parametrize(
    ("words", "begins"),
    in_part(
        [
            (["-o", "-"], b"{"),
            (["-o", "-", "--format", "parquet"], b"PAR1"),
            (["--format", "parquet", "-q"], b"PAR1"),
            (["-o", "-", "--format", "html"], b"<!DOCTYPE html>"),
            (["-o", "-", "--format", "markdown"], b"# "),
            (["-o", "-", "--format", "xml"], b"<?xml"),
        ],
        3,
    ),
)
def test_a_result_goes_to_standard_output_as_to_a_file(words, begins, run):
    code, out, told = run("audit", "x.npy", "--labels", "y.npy", *MEASURED, *words)
    assert code == 0, told
    assert out.startswith(begins)
    if begins == b"PAR1":
        assert pq.read_table(io.BytesIO(out)).num_rows == 60
    assert not Path(run.folder / "-").exists()


@pytest.mark.parametrize(
    ("words", "sent", "code", "says"),
    in_part(
        [
            (["-"], b"", 3, "standard input is empty"),
            (["-", "--labels", "-"], b"x", 2, "Only one input"),
            (["-", "--labels", "y.npy"], b"PAR1\x15\0 and no more", 3, "-: cannot be read"),
            (["-", "--labels", "y.npy"], b"\x93NUMPY\x01\x00", 3, "-: "),
            (["-", "--labels", "y.npy"], b"\x80\x04]\x94.", 3, "-: "),
        ],
        3,
    ),
)
@pytest.mark.thorough
def test_what_cannot_be_read_is_refused_under_its_name(words, sent, code, says, run):
    found, _, told = run("audit", *words, *MEASURED, sent=sent)
    assert (found, says in told) == (code, True), told


def test_a_file_of_that_name_is_named_by_its_folder(run):
    (run.folder / "x.npy").rename(run.folder / "-")
    code, _, told = run("inspect", "./-", "--labels", "y.npy")
    assert (code, "./-: a name without a suffix" in told or code == 3) == (3, True)
