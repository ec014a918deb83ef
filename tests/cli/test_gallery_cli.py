"""`--gallery` as a shell sees it: what is read, refused and written."""

import json

import jsonschema
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import embaudit as package
from embaudit.verbs.explain import report_schema
from tests.cli.test_cli import embaudit, told

NAMES = ("q.npy", "--labels", "ql.npy", "--gallery", "g.npy", "--gallery-labels", "gl.npy")
QUICK = ("--no-progress", "--threads", "1")


def some(rows, seed, classes):
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes[0], classes[1], rows)
    return (np.eye(8)[labels] * 3 + rng.normal(size=(rows, 8))).astype(np.float32), labels


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    queries, labels = some(60, 0, (0, 6))
    gallery, theirs = some(150, 1, (2, 8))
    gallery[7] = queries[3]
    theirs[7] = labels[3]
    for name, array in (("q", queries), ("ql", labels), ("g", gallery), ("gl", theirs)):
        np.save(folder / f"{name}.npy", array)
    np.save(folder / "narrow.npy", gallery[:, :5])
    np.save(folder / "other.npy", theirs + 100)
    broken = gallery.copy()
    broken[4, 4] = np.inf
    np.save(folder / "broken.npy", broken)
    rows = pa.FixedSizeListArray.from_arrays(gallery.ravel(), 8)
    parquet.write_table(pa.table({"emb": rows, "label": theirs}), folder / "g.parquet")
    with open(folder / "gl.csv", "w") as file:
        file.write("id,label\n")
        file.writelines(f"{row},{theirs[row]}\n" for row in reversed(range(150)))
    parquet.write_table(pa.table({"emb": rows, "id": np.arange(150)}), folder / "ids.parquet")
    return folder


def audit(folder, *arguments, names=NAMES):
    return embaudit(folder, "audit", *names, *QUICK, *arguments)


def report(folder, *arguments, names=NAMES):
    done = audit(folder, "--format", "json", *arguments, names=names)
    told(done, 0)
    return json.loads(done.stdout)


def test_the_report_names_both_sets_and_follows_the_schema(folder):
    found = report(folder, "--measures", "all")
    jsonschema.validate(found, json.loads(report_schema()), cls=jsonschema.Draft202012Validator)
    roles = [(one["role"], one["path"]) for one in found["inputs"]]
    assert roles == [
        ("embeddings", "q.npy"),
        ("labels", "ql.npy"),
        ("gallery", "g.npy"),
        ("gallery labels", "gl.npy"),
    ]
    assert (found["data"]["rows"], found["gallery"]["rows"]) == (60, 150)
    assert found["gallery"]["leaked_rows"] == 1
    assert found["gallery"]["own_rows"] == 1
    [told] = [m["message"] for m in found["warnings"] if m["code"] == "gallery_holds_queries"]
    assert "query row 3 is gallery row 7" in told


def test_the_cli_is_a_caller_of_the_api(folder):
    files = [np.load(folder / f"{name}.npy") for name in ("q", "ql", "g", "gl")]
    ours = json.loads(
        package.audit(files[0], files[1], gallery=files[2], gallery_labels=files[3]).to_json()
    )
    loaded = package.audit(
        package.load(folder / "q.npy", folder / "ql.npy", alone=False),
        gallery=package.load(folder / "g.npy", folder / "gl.npy", alone=False),
    )
    theirs = report(folder)
    for one in (ours, json.loads(loaded.to_json())):
        for part in ("measures", "classes", "hardest_triplets", "collapse", "data", "gallery"):
            assert one[part] == theirs[part]


def test_the_gallerys_labels_beside_it_or_joined_to_it(folder):
    expected = report(folder)
    beside = report(folder, names=(*NAMES[:4], "g.parquet"))
    for part in ("measures", "gallery", "hardest_triplets"):
        assert beside[part] == expected[part]
    itself = ("ids.parquet", "--labels", "gl.csv", "--gallery", "ids.parquet")
    joined = report(folder, "--join", "id", names=(*itself, "--gallery-labels", "gl.csv"))
    assert joined["gallery"]["leaked_same_label"] == joined["data"]["rows"] == 150
    assert joined["hardest_triplets"][0]["ids"] is not None


def test_a_row_an_anchor_goes_to_a_table(folder, tmp_path):
    told(audit(folder, "-o", tmp_path / "anchors.parquet"), 0)
    table = parquet.read_table(tmp_path / "anchors.parquet").to_pydict()
    theirs = np.load(folder / "gl.npy")
    assert [int(theirs[row]) for row in table["nearest_negative"]] == table[
        "nearest_negative_label"
    ]
    assert [int(theirs[row]) for row in table["furthest_positive"]] == table["label"]


@pytest.mark.thorough
def test_the_run_id_depends_on_both_sets(folder):
    other = ("g2.npy", "--gallery-labels", "gl.npy")
    gallery = np.load(folder / "g.npy")
    gallery[-1] += 1
    np.save(folder / "g2.npy", gallery)
    runs = [
        report(folder),
        report(folder),
        report(folder, names=(*NAMES[:4], *other)),
        report(folder, names=NAMES[:3]),
    ]
    ids = [one["run_id"] for one in runs]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert runs[3]["gallery"] is None


@pytest.mark.parametrize(
    ("gallery", "labels", "named"),
    [
        ("narrow.npy", "gl.npy", "narrow.npy: the gallery has 5 dimensions"),
        ("g.npy", "other.npy", "other.npy: none of the queries' labels"),
        ("broken.npy", "gl.npy", "broken.npy"),
        ("g.npy", "ql.npy", "60 labels for the 150 embeddings"),
        ("g.npy", None, "no labels"),
    ],
)
def test_3_a_gallery_that_cannot_be_compared(folder, tmp_path, gallery, labels, named):
    given = () if labels is None else ("--gallery-labels", labels)
    names = (*NAMES[:3], "--gallery", gallery, *given)
    done = audit(folder, "-o", tmp_path / "report.json", names=names)
    assert named in told(done, 3)
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_3_what_is_wrong_with_either_is_told_at_once(folder):
    done = audit(folder, names=("no.npy", "--labels", "ql.npy", "--gallery", "nor.npy"))
    said = told(done, 3)
    assert "no.npy" in said
    assert "nor.npy" in said


def test_2_a_gallery_without_labels(folder):
    names = ("q.npy", "--no-labels", *NAMES[3:])
    assert "needs labels" in told(audit(folder, names=names), 2)


def test_2_labels_of_no_gallery(folder):
    assert "--gallery" in told(audit(folder, names=(*NAMES[:3], *NAMES[5:])), 2)


def test_2_an_output_never_replaces_the_gallery(folder):
    (folder / "g.json").write_text("{}")
    told(audit(folder, "-o", "g.json", names=(*NAMES[:4], "g.json")), 2)
    assert (folder / "g.json").read_text() == "{}"


def test_4_both_sets_count_for_the_memory(folder):
    rows = 200_000
    np.lib.format.open_memmap(folder / "long.npy", "w+", np.float32, (rows, 8))
    np.save(folder / "long_labels.npy", np.arange(rows) % 6)
    names = (*NAMES[:4], "long.npy", "--gallery-labels", "long_labels.npy")
    alone = audit(folder, "--memory-budget", "60M", "--measures", "paper", names=NAMES[:3])
    told(alone, 0)
    said = told(audit(folder, "--memory-budget", "60M", names=names), 4)
    assert "200,000" in said


def test_rows_on_disk_give_the_same_figures(folder):
    needed = report(folder, "--dry-run")["memory"]
    found = report(folder, "--memory-budget", str(needed))
    there = report(folder, "--memory-budget", str(needed - 1000))
    for one in (found, there):
        del one["environment"], one["timing"]
    assert there == found


def test_a_dry_run_counts_both(folder):
    done = audit(folder, "--dry-run")
    told(done, 0)
    said = " ".join(done.stdout.split())
    assert "60 rows x 8 dims of float32" in said
    assert "against a gallery of 150 rows" in said
    cost = report(folder, "--dry-run", "--search", "approximate")
    assert (cost["rows"], cost["gallery"], cost["search"]) == (60, 150, "exact")


def test_a_page_says_which_rows_are_whose(folder):
    done = audit(folder, "--full")
    told(done, 0)
    said = " ".join(done.stdout.split())
    assert "against 150 gallery rows" in said
    assert "Hardest triplets: queries, positives and negatives of the gallery" in said
    assert "rows of the gallery themselves" in said
