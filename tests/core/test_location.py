"""Paths and addresses: what is told of them, what never is, and that a path is a path."""

import os
import pickle
from pathlib import Path

import pytest

from embaudit.core.location import Location, located

# what is given, what is told of it, its scheme, its suffix
PLACES = [
    ("x.npy", "x.npy", "", ".npy"),
    ("runs/step 2/x.NPZ", "runs/step 2/x.NPZ", "", ".NPZ"),
    ("/data/x", "/data/x", "", ""),
    ("C:/x.npy", "C:/x.npy", "", ".npy"),
    ("a:b.npy", "a:b.npy", "", ".npy"),
    ("./s3:/x.npy", "./s3:/x.npy", "", ".npy"),
    ("file:///data/a%20b.npy", "/data/a b.npy", "", ".npy"),
    ("file:/data/x.npy", "/data/x.npy", "", ".npy"),
    ("FILE://localhost/data/x.npy", "/data/x.npy", "", ".npy"),
    ("file://host/data/x.npy", "file://host/data/x.npy", "file", ".npy"),
    ("s3://bucket/a/x.parquet", "s3://bucket/a/x.parquet", "s3", ".parquet"),
    ("S3://Bucket/X.npy", "s3://Bucket/X.npy", "s3", ".npy"),
    ("s3://bucket", "s3://bucket", "s3", ""),
    ("s3://bucket/dir/", "s3://bucket/dir/", "s3", ""),
    ("s3://bucket/a#1.npy", "s3://bucket/a#1.npy", "s3", ".npy"),
    ("s3://bucket/x.npy?region=eu-west-1&scheme=http", "s3://bucket/x.npy", "s3", ".npy"),
    ("s3://key:secret@bucket/x.npy", "s3://bucket/x.npy", "s3", ".npy"),
    ("s3://key:sec%2Fret@bucket/x.npy?a=b", "s3://bucket/x.npy", "s3", ".npy"),
    ("s3://key:sec/ret@bucket/x.npy", "s3://***", "s3", ""),
    ("s3://key:s@cret@bucket/x.npy", "s3://bucket/x.npy", "s3", ".npy"),
    ("gs://anonymous@bucket/x.npy", "gs://bucket/x.npy", "gs", ".npy"),
    ("hdfs://user@host:8020/a/x.npy", "hdfs://host:8020/a/x.npy", "hdfs", ".npy"),
    ("hdfs:///a/x.npy", "hdfs:///a/x.npy", "hdfs", ".npy"),
    ("https://host/x.npy?token=t", "https://host/x.npy", "https", ".npy"),
    ("https://host/x.npy#token", "https://host/x.npy", "https", ".npy"),
    ("s3://key:12/ret@bucket/x.npy", "s3://***", "s3", ""),
    ("tls://user:12#3@host:8786", "tls://host:8786", "tls", ""),
    ("tls://user@host:8786#token", "tls://host:8786", "tls", ""),
]


@pytest.mark.parametrize(("given", "told", "scheme", "suffix"), PLACES)
def test_what_is_told_of_it(given, told, scheme, suffix):
    at = located(given)
    assert str(at) == told
    assert repr(at) == f"Location({told!r})"
    assert at.scheme == scheme
    assert at.suffix == suffix
    assert at.local == (not scheme)
    assert located(at) is at
    assert pickle.loads(pickle.dumps(at)) == at


@pytest.mark.parametrize(("given", "told", "scheme", "suffix"), PLACES)
def test_a_path_opens_and_an_address_does_not(given, told, scheme, suffix):
    if not scheme:
        assert os.fspath(located(given)) == told
        assert located(Path(given)) == located(str(Path(given)))
    else:
        with pytest.raises(TypeError, match="no path of this machine"):
            os.fspath(located(given))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("a/x.json", "a/x.parquet"),
        ("a.b/x", "a.b/x.parquet"),
        ("x.y.json", "x.y.parquet"),
        ("file:///a%20b/x.json", "/a b/x.parquet"),
        ("s3://bucket/x.json", "s3://bucket/x.parquet"),
        ("s3://bucket/a.b/x", "s3://bucket/a.b/x.parquet"),
        ("s3://k:s@bucket/x.json?region=eu.json", "s3://bucket/x.parquet"),
    ],
)
def test_another_suffix(given, told):
    other = located(given).with_suffix(".parquet")
    assert str(other) == told
    if "?" in given:
        assert other.written == "s3://k:s@bucket/x.parquet?region=eu.json"


def test_another_suffix_of_an_address_without_a_bucket_tells_no_secret():
    assert str(located("s3://?token=secret").with_suffix(".parquet")) == "s3://.parquet"


def test_what_is_in_a_directory():
    for given, told in (
        ("shards", "shards/a b.npy"),
        ("shards/", "shards/a b.npy"),
        ("s3://k:s@bucket/shards?region=x", "s3://bucket/shards/a b.npy"),
        ("s3://bucket/shards/", "s3://bucket/shards/a b.npy"),
    ):
        at = located(given) / "a b.npy"
        assert str(at) == told
        assert at.suffix == ".npy"
        assert str(at.with_suffix(".json")) == told.replace(".npy", ".json")
    assert located("shards") / "s3://x" == Location("shards", "s3://x")


def test_a_path_made_absolute_is_the_same_from_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(located("a/../x.npy").absolute()) == str(tmp_path / "x.npy")
    assert str((located("a") / "x.npy").absolute()) == str(tmp_path / "a" / "x.npy")
    secret = located("s3://key:secret@bucket/x.npy?region=eu")
    assert secret.absolute().written == secret.written
