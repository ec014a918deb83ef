"""Addresses without a server: those of this machine, and those that nothing answers to."""

import errno
import json
import traceback
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from pyarrow import fs
from typer.testing import CliRunner

import embaudit
from embaudit.cli import app
from embaudit.errors import OutputFailed, StoreLost, UsageError
from embaudit.files import atomic_write, kind_of, store, write_atomically
from tests.faults.process import QUICK, data, told
from tests.faults.process import embaudit as command
from tests.files.corpus import X, Y, npy

ADDRESSES = ("s3://sets/x.npy", "gs://sets/x.npy", "hdfs://host/x.npy")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """What a command line answers in a folder that holds x.npy and y.npy."""
    monkeypatch.chdir(data(tmp_path))

    def run(code, *arguments):
        done = CliRunner().invoke(app, [*map(str, arguments)])
        assert done.exit_code == code, done.output
        return done

    return run


def address(path: Path) -> str:
    return f"file://{quote(str(path))}"


def test_a_file_address_is_its_path(tmp_path):
    folder = tmp_path / "a b%20#?"
    (folder / "shards").mkdir(parents=True)
    for number in (2, 10):
        npy(folder / "shards" / f"part-{number}.npy", X[: len(X) // 2])
    npy(folder / "y.npy", Y)
    found = embaudit.load(address(folder / "shards"), address(folder / "y.npy"))
    same = embaudit.load(folder / "shards", folder / "y.npy")
    assert np.array_equal(found.vectors, same.vectors)
    assert found.sources == same.sources
    write_atomically(address(folder / "out.json"), b"whole")
    assert (folder / "out.json").read_bytes() == b"whole"
    assert kind_of(address(folder)) == "directory"


def test_file_addresses_on_the_command_line(run, tmp_path):
    x, y, report, table, base, nowhere = (
        address(tmp_path / name)
        for name in ("x.npy", "y.npy", "r.json", "r.parquet", "base.json", "none/r.json")
    )
    json_of = ("--format", "json", *QUICK)
    done = run(0, "audit", x, "--labels", y, *json_of, "-o", report, "-o", table)
    plain = run(0, "audit", tmp_path / "x.npy", "--labels", tmp_path / "y.npy", *json_of)
    told, same = (json.loads(one.stdout) for one in (done, plain))
    assert told["inputs"] == same["inputs"]
    assert json.loads((tmp_path / "r.json").read_text()) == told
    run(0, "baseline", report, "-o", base)
    assert (tmp_path / "base.parquet").read_bytes() == (tmp_path / "r.parquet").read_bytes()
    run(0, "compare", base, report)
    run(5, "audit", x, "--labels", y, *QUICK, "-o", nowhere)
    told = run(2, "audit", x, "--labels", y, *QUICK, "--baseline", base, "-o", "base.json").stderr
    assert "would overwrite" in told


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("s4://sets/x.npy", "Did you mean s3?"),
        ("s3a://sets/x.npy", "Did you mean s3?"),
        ("gcs://sets/x.npy", "Did you mean gs?"),
        ("hdf://host/x.npy", "Did you mean hdfs?"),
        ("flie:///x.npy", "Did you mean file?"),
        ("ftp://host/x.npy", "s3://bucket/key"),
        ("file://host/x.npy", "file:///path"),
        ("s3:/sets/x.npy", "two slashes"),
    ],
)
def test_an_unknown_address_is_answered_with_what_is_right(run, path, right):
    labels = ("--labels", "y.npy", *QUICK)
    for line in (
        ("audit", path, *labels),
        ("audit", "x.npy", "--labels", path, *QUICK),
        ("audit", "x.npy", *labels, "--baseline", path.replace(".npy", ".json")),
        ("audit", "x.npy", *labels, "-o", path.replace(".npy", ".json")),
        ("inspect", path),
        ("trend", path, "x.npy", *labels),
    ):
        said = run(2, *line).stderr
        assert right in said
        assert "Did you mean" in right or "Did you mean" not in said


def test_a_path_of_pathlib_is_no_address():
    with pytest.raises(UsageError, match="no Path"):
        embaudit.load(Path("s3://sets/x.npy"))


@pytest.mark.parametrize(
    "path",
    [
        "s3://AKID:zxq/qxz@sets/x.npy",
        "s3://AKID:zxqxz%@sets/x.npy",
        "s3://AKID:zxqxz@sets/x.npy?secret=zxqxz",
        "s3://AKID:zxqxz@/x.npy",
        "s3a://AKID:zxqxz@sets/x.npy?secret=zxqxz",
    ],
)
def test_secrets_are_not_told(run, path):
    with pytest.raises(UsageError) as error:
        embaudit.load(path)
    told = "".join(traceback.format_exception(error.value))
    labels = ("--labels", "y.npy", *QUICK)
    for line in (("audit", path, *labels, "-v"), ("audit", "x.npy", *labels, "-v", "-o", path)):
        told += run(2, *line).output
    for secret in ("AKID", "zxq", "qxz"):
        assert secret not in told


@pytest.mark.parametrize("path", ADDRESSES)
def test_what_stays_on_this_machine(run, path, tmp_path):
    before = {one.name for one in tmp_path.iterdir()}
    folder = path.removesuffix("/x.npy")
    assert "of this machine" in run(2, "trend", "x.npy", "x.npy", "--cache-dir", folder).stderr
    run(2, "audit", "x.npy", "--config", f"{folder}/embaudit.toml")
    run(2, "audit", "x.npy", "--labels", "y.npy", "--asset-root", folder)
    assert {one.name for one in tmp_path.iterdir()} == before


def test_hdfs_without_java_says_what_it_needs(tmp_path):
    env = {"JAVA_HOME": str(tmp_path), "HADOOP_HOME": str(tmp_path)}
    folder = data(tmp_path)
    for line in (
        ("audit", "hdfs://localhost:1/x.npy", "--labels", "y.npy"),
        ("audit", "x.npy", "--labels", "hdfs://localhost:1/y.npy"),
    ):
        said = told(command(folder, *line, env=env), 3)
        assert "hdfs://localhost:1/" in said
        assert "JAVA_HOME" in said
    output = ("-o", "hdfs://localhost:1/r.json")
    said = told(command(folder, "audit", "x.npy", "--labels", "y.npy", *output, env=env), 5)
    assert "JAVA_HOME" in said


@pytest.mark.thorough
def test_a_store_that_nobody_answers_for():
    options = "endpoint_override=127.0.0.1:9&scheme=http&retry_limit_seconds=0.1"
    path = f"gs://anonymous@sets/x.npy?{options}"
    with pytest.raises(StoreLost, match=r"^gs://sets/x\.npy: the store cannot be reached"):
        embaudit.load(path)
    with pytest.raises(OutputFailed, match=r"^gs://sets/x\.npy: cannot be written: the store"):
        write_atomically(path, b"new")


HEAD = "When getting information for key 'SLOW_DOWN/x.npy' in bucket 'no-such-bucket': AWS Error "
ANSWERS = {  # of stores, as pyarrow tells them
    "Bucket 'sets' not found": "no such bucket",
    "When initiating multiple part upload for key 'r.json' in bucket 'sets': AWS Error "
    "NO_SUCH_BUCKET during CreateMultipartUpload operation: The specified bucket does not exist "
    "(Request ID: 1IXdSx)": "no such bucket",
    f"{HEAD}ACCESS_DENIED during HeadObject operation: No response body.": "access is denied",
    f"{HEAD}UNKNOWN (HTTP status 403) during HeadObject operation: x": "access is denied",
    f"{HEAD}NETWORK_CONNECTION during HeadObject operation: curlCode: 7, Could not connect to "
    "server": "cannot be reached",
    f"{HEAD}SLOW_DOWN during HeadObject operation: Please reduce your rate.": "overloaded",
    f"{HEAD}INTERNAL_FAILURE during HeadObject operation: data": "answered INTERNAL_FAILURE; try",
    f"{HEAD}UNKNOWN (HTTP status 400) during HeadObject: data": "UNKNOWN (HTTP status 400);",
    "google::cloud::Status(UNAVAILABLE: Retry policy exhausted, with a last message of "
    "PerformWork() - CURL error [7]=Could not connect to server": "cannot be reached",
    "google::cloud::Status(PERMISSION_DENIED: Permanent error": "access is denied",
    "google::cloud::Status(INVALID_ARGUMENT: data": "answered INVALID_ARGUMENT; try",
    "Unable to load libjvm: ...": "needs Java",
    "Prior attempt to load libhdfs failed": "needs Java",
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_a_store_answers_is_told_in_words_of_ours(answer):
    told = store.reason(OSError(answer))
    assert ANSWERS[answer] in told
    assert "; " in told  # a remedy
    assert told.endswith(".")
    for name in ("data", "x.npy", "sets", "Request"):
        assert name not in told
    assert store.lost(OSError(answer)) == ("cannot be reached" in told)
    assert store.denied(OSError(answer)) == ("access is denied" in told)


def test_what_no_store_says_is_told_by_others():
    for text in ("Couldn't deserialize thrift: 'ACCESS_DENIED'", "Invalid argument", ""):
        assert store.reason(OSError(text)) == ""


class Failing(fs.LocalFileSystem):
    """A file system that fails in the middle of a file."""

    fault: BaseException

    def open_output_stream(self, path):
        return Half(super().open_output_stream(path), self.fault)


class Half:
    def __init__(self, stream, fault):
        self.stream, self.fault = stream, fault

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def write(self, data):
        self.stream.write(data[:1])
        raise self.fault


@pytest.mark.parametrize("old", [None, b"old"])
def test_a_file_takes_its_name_when_it_is_whole(tmp_path, old):
    """As on HDFS, by another file system that shows files before they are whole."""
    target, failing = tmp_path / "r.json", Failing()
    if old is not None:
        target.write_bytes(old)
    for failing.fault in (OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()):
        with pytest.raises(type(failing.fault)):
            atomic_write._put_beside(failing, str(target), b"new")
        assert [one.read_bytes() for one in tmp_path.iterdir()] == ([] if old is None else [old])
    atomic_write._put_beside(fs.LocalFileSystem(), str(target), b"new")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("r.json", b"new")]
