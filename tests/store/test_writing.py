"""What is written to a store, and read back from there: opt in with -m store."""

import io
import json
from xml.etree import ElementTree

import numpy as np
import pyarrow.parquet as pq
import pytest

from embaudit.files import write_atomically
from tests.core.test_disk_backed_rows import kept
from tests.faults.process import FAILING, embaudit, told

pytestmark = pytest.mark.store

MEASURES = ("--measures", "violated_triplets,precision_at_1,collapse_state", "--no-progress")


@pytest.fixture
def place(store, tmp_path):
    """A key of this test alone."""
    return f"{tmp_path.parent.name}/{tmp_path.name}/"


def outputs(store, place, *names):
    """Options that write files of these names there."""
    return [part for name in names for part in ("-o", f"s3://sets/{place}{name}")]


def test_every_report(store, address, folder, place):
    names = ("r.json", "r.md", "r.html", "r.xml", "r.parquet")
    there = ("audit", f"{address}/x.npy", "--labels", f"{address}/y.npy", *MEASURES)
    done = embaudit(
        folder, *there, "--gate", FAILING, "--format", "json", *outputs(store, place, *names)
    )
    told(done, 1)
    assert store.keys(place) == set(names)
    written = {name: store.get(f"{place}{name}") for name in names}
    report = json.loads(written["r.json"])
    assert report == json.loads(done.stdout)
    assert ElementTree.fromstring(written["r.xml"]).find(".//failure") is not None
    anchors = pq.read_table(io.BytesIO(written["r.parquet"]))
    assert len(anchors) == report["data"]["anchors"]
    assert anchors.schema.metadata[b"embaudit.run_id"].decode() == report["run_id"]
    for page in ("r.md", "r.html"):
        assert report["run_id"][:12] in written[page].decode()


def test_what_project_mine_and_explain_write(store, address, place, folder):
    own = (f"{address}/x.npy", "--labels", f"{address}/y.npy", "--no-progress", "-q")
    told(embaudit(folder, "project", *own, "--sample", 60, *outputs(store, place, "f.npy")), 0)
    assert np.load(io.BytesIO(store.get(f"{place}f.npy"))).shape == (60, 128)
    told(embaudit(folder, "mine", *own, *outputs(store, place, "t.parquet")), 0)
    assert len(pq.read_table(io.BytesIO(store.get(f"{place}t.parquet")))) > 0
    told(embaudit(folder, "explain", "d_iso", *outputs(store, place, "d_iso.md")), 0)
    assert store.get(f"{place}d_iso.md").startswith(b"# Reference")


@pytest.mark.parametrize("size", [0, 1, 25 << 20])  # the last in several parts
def test_bytes_arrive_as_they_are_and_replace_what_was_there(store, place, size):
    data = np.random.default_rng(size).bytes(size)
    write_atomically(f"s3://sets/{place}a b.json", b"old")
    write_atomically(f"s3://sets/{place}a b.json", data)
    assert store.get(f"{place}a b.json") == data
    assert store.keys(place) == {"a b.json"}


def test_an_input_is_not_overwritten_and_its_shards_are_not_joined(store, place, folder):
    there = store.put(folder, place)
    own = ("audit", f"{there}/x.npy", "--labels", f"{there}/y.npy", *MEASURES)
    for output in (f"{there}/x.npy", f"{there}/y.npy", f"{there}/%78.npy"):
        done = embaudit(folder, "project", *own[1:4], "-o", output)
        assert "would overwrite" in told(done, 2)
    done = embaudit(folder, "audit", there, *own[2:], "-o", f"{there}/anchors.parquet")
    assert "would overwrite or join" in told(done, 2)


def test_a_baseline_by_address(store, address, folder, place):
    worse = np.load(folder / "x.npy")
    worse[:300] = worse[300:600]
    np.save(folder / "worse.npy", worse)
    base = f"s3://sets/{place}base.json"
    own = ("--labels", f"{address}/y.npy", *MEASURES, "-q")
    first = outputs(store, place, "r.json", "r.parquet")
    gate = ("--baseline", base, "--format", "json")

    done = embaudit(folder, "audit", "x.npy", *own, *gate)
    told(done, 1)
    assert json.loads(done.stdout)["baseline"]["differences"] == ["there is no such file"]

    told(embaudit(folder, "audit", "x.npy", *own, *first), 0)
    done = embaudit(folder, "baseline", first[1], "-o", base)
    assert f"{base} and {base.replace('.json', '.parquet')}" in told(done, 0)
    assert store.get(f"{place}base.json") == store.get(f"{place}r.json")
    assert store.get(f"{place}base.parquet") == store.get(f"{place}r.parquet")
    done = embaudit(folder, "baseline", base, "-o", base)
    assert "is the baseline already" in told(done, 2)

    done = embaudit(folder, "audit", "x.npy", *own, *gate)
    told(done, 0)
    assert json.loads(done.stdout)["baseline"]["same_input"]
    second = outputs(store, place, "w.json", "w.parquet")
    done = embaudit(folder, "audit", "worse.npy", *own, *gate, *second)
    there = json.loads(done.stdout)["baseline"]
    assert there["path"] == base
    assert there["anchors"] is not None  # the tables were read

    for name in ("base.json", "base.parquet"):
        (folder / name).write_bytes(store.get(f"{place}{name}"))
    local = embaudit(folder, "audit", "worse.npy", *own, "--baseline", "base.json", *gate[2:])
    assert local.returncode == done.returncode
    moved, expected = (kept(one.stdout) for one in (local, done))
    assert moved.pop("digest") != expected.pop("digest")  # it is of the path, too
    assert json.loads(json.dumps(moved).replace("base.json", base)) == expected

    compared = embaudit(folder, "compare", base, second[1], "--format", "json")
    told(compared, 0)
    assert json.loads(compared.stdout)["against_first"][0]["anchors"] == there["anchors"]
    for output in (base, base.replace(".json", ".parquet")):
        done = embaudit(folder, "audit", "x.npy", *own, *gate, "-o", output)
        assert "would overwrite" in told(done, 2)


def test_a_baseline_of_the_configuration(store, address, folder, place, tmp_path):
    text = f'baseline = "s3://sets/{place}base.json"\nlabels = "{address}/y.npy"\n'
    (tmp_path / "embaudit.toml").write_text(text)
    own = ("audit", folder / "x.npy", *MEASURES, "-q", "-o", "r.json")
    told(embaudit(tmp_path, *own), 1)
    told(embaudit(tmp_path, "baseline", "r.json", "--accept-failing"), 0)
    told(embaudit(tmp_path, *own), 0)
