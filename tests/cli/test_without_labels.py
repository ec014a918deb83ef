"""`--no-labels` as a shell and Python see it: every form of file, gates, refusals, memory."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import embaudit as package
from embaudit.core.machine import available_threads
from embaudit.errors import InputRefused, UsageError
from embaudit.measures import MEASURES
from embaudit.planning.memory import Workload, needs_of_audit
from embaudit.verbs.explain import report_schema
from tests.faults.process import embaudit, told

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
ROWS, DIM = 90, 6
X = np.random.default_rng(3).normal(size=(ROWS, DIM)).astype(np.float32)
LABELS = [None, "a", "b"] * (ROWS // 3)  # no label can be null, but nobody looks
FREE = [measure.id for measure in MEASURES if not measure.needs_labels]


def npy(folder):
    np.save(folder / "x.npy", X)
    return folder / "x.npy"


def npz(folder):
    """Labels beside them that no audit could read."""
    np.savez(folder / "x.npz", emb=X, label=np.zeros((3, 2)))
    return folder / "x.npz"


def parquet(folder):
    table = pa.table({"id": np.arange(ROWS), "emb": X.tolist(), "label": LABELS})
    pq.write_table(table, folder / "x.parquet")
    return folder / "x.parquet"


def wide(folder):
    columns = {f"emb_{at}": X[:, at] for at in range(DIM)}
    pq.write_table(pa.table(columns), folder / "wide.parquet")
    return folder / "wide.parquet"


def shards(folder):
    (folder / "shards").mkdir()
    for part in range(3):
        np.save(folder / "shards" / f"part-{9 + part}.npy", X[30 * part : 30 * (part + 1)])
    return folder / "shards"


def same_figures(report, other):
    ours, theirs = (json.loads(one.to_json()) for one in (report, other))
    for part in ("measures", "collapse", "data", "classes", "hardest_triplets", "forecast"):
        assert ours[part] == theirs[part]


def audit(folder, *arguments, data="x.npy", **options):
    return embaudit(folder, "audit", data, "--no-labels", "--no-progress", *arguments, **options)


@pytest.mark.parametrize("build", [npy, npz, parquet, wide, shards])
def test_every_form_is_read_without_looking_for_labels(build, tmp_path):
    loaded = package.load(build(tmp_path), no_labels=True)
    assert not loaded.labelled
    assert len(loaded.sizes) == len(loaded.codes) == 0
    assert (loaded.vectors == X).all()
    report = package.audit(loaded)  # the set knows
    same_figures(report, package.audit(X.astype(np.float32), no_labels=True))
    assert {source.role for source in report.inputs} == {"embeddings"}


@pytest.mark.parametrize("build", [npz, parquet, shards])
def test_from_a_shell(build, tmp_path):
    path = build(tmp_path)
    done = audit(tmp_path, "--format", "json", "--measures", "all", "--effort", "0", data=path.name)
    told(done, 0)
    report = json.loads(done.stdout)
    jsonschema.validate(report, json.loads(report_schema()), cls=jsonschema.Draft202012Validator)
    assert list(report["measures"]) == FREE
    assert report["collapse"]["class"] is None
    assert report["options"]["labels"] is False
    assert report["options"]["batch"] is None
    assert report["search"]["backend"] == "none"


def test_a_run_of_its_own(tmp_path):
    labels = np.arange(ROWS) % 2
    np.savez(tmp_path / "both.npz", emb=X, label=labels)
    runs = [package.audit(package.load(tmp_path / "both.npz", no_labels=no)) for no in (0, 1)]
    assert runs[0].run_id != runs[1].run_id
    assert (
        runs[1].run_id == package.audit(package.load(tmp_path / "both.npz", no_labels=True)).run_id
    )
    assert [run.options.labels for run in runs] == [True, False]


def test_ids_are_still_read(tmp_path):
    assert package.load(parquet(tmp_path), no_labels=True).ids == tuple(range(ROWS))


def test_a_sample_of_the_rows():
    report = package.audit(X, no_labels=True, sample=20, seed=1)
    assert (report.data.rows, report.options.sample) == (20, 20)
    (notice,) = report.warnings
    assert notice.code == "sampled_rows"
    assert "class" not in notice.message
    assert package.audit(X, no_labels=True, sample=2).data.rows == 2
    assert package.audit(X, no_labels=True, sample=ROWS).warnings == ()
    with pytest.raises(UsageError, match="at least 2"):
        package.audit(X, no_labels=True, sample=1)


# Gates.


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("collapse_state == none", 0),
        ("entropy_rank >= 3", 0),
        ("entropy_rank >= 6.5", 1),
        ("diameter < 1", 1),
        ("violated_triplets <= 0.05", 2),
        ("class_collapse == none", 2),
        ("collapse_risk <= 0.6", 2),
    ],
)
def test_gates(tmp_path, rule, code):
    npy(tmp_path)
    done = audit(tmp_path, "--gate", rule, "--measures", "mean_cosine", "-o", "r.json")
    said = told(done, code)
    assert (tmp_path / "r.json").exists() == (code < 2)
    if code == 2:
        assert f"no {rule.split()[0]}" in said
        assert all(id in said for id in FREE)


def test_a_collapsed_set_does_not_pass(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((30, 4)))
    told(audit(tmp_path, "--gate", "collapse_state == none"), 1)


@pytest.mark.parametrize(
    ("name", "state"), [("healthy.parquet", "none"), ("collapsed.npy", "warning")]
)
def test_real_networks(name, state):
    sample = package.load(SAMPLES / name, no_labels=True)
    report = package.audit(sample, margin=0.2, measures="collapse_state")
    assert report.collapse.state == state


# What does not go together.


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--labels", "y.npy"), "--labels"),
        (("--label-column", "y"), "--label-column"),
        (("--join", "id"), "--join"),
        (("--labels", "y.npy", "--join", "id", "--label-column", "y"), "--labels and"),
        (("--batch", "18x4"), "--batch"),
        (("--measures", "d_iso,thickness"), "no d_iso"),
        (("--measures", "standard,gap_p1,map_at_r"), "gap_p1 nor map_at_r"),
    ],
)
def test_2_what_needs_labels(tmp_path, arguments, named):
    done = audit(tmp_path, *arguments, data="no_such_file.npy")
    assert named in told(done, 2)
    assert done.stdout == ""


def test_2_inspect_too(tmp_path):
    told(embaudit(tmp_path, "inspect", "x.npy", "--no-labels", "--labels", "y.npy"), 2)


def test_3_without_the_flag_the_refusal_names_it(tmp_path):
    npy(tmp_path)
    assert "--no-labels" in told(embaudit(tmp_path, "audit", "x.npy"), 3)
    with pytest.raises(InputRefused, match=r"no_labels=True to audit"):
        package.audit(X)


def test_3_nothing_to_audit(tmp_path):
    for rows, words in enumerate(("in 0 rows", "a single row")):
        np.save(tmp_path / "x.npy", X[:rows])
        with pytest.raises(InputRefused, match=words):
            package.load(tmp_path / "x.npy", no_labels=True)
    for verb in (("audit", "--dry-run"), ("inspect",)):
        done = embaudit(tmp_path, *verb, "x.npy", "--no-labels")
        assert "a single row" in told(done, 3) + done.stdout


def test_python_refuses_both():
    with pytest.raises(UsageError, match="no_labels"):
        package.audit(X, np.arange(ROWS) % 2, no_labels=True)


def test_a_loaded_set_knows_whether_it_has_labels(tmp_path):
    np.savez(tmp_path / "x.npz", emb=X, label=np.arange(ROWS) % 2)
    with pytest.raises(UsageError, match=r"no_labels to embaudit\.load"):
        package.audit(package.load(tmp_path / "x.npz"), no_labels=True)
    without = package.load(tmp_path / "x.npz", no_labels=True)
    assert not package.audit(without, no_labels=True).options.labels
    for verb in (package.forecast, package.project):
        with pytest.raises(InputRefused, match="Load it with its labels"):
            verb(without)
        with pytest.raises(InputRefused, match="labels: none given"):
            verb(X)


def test_forecast_and_project_have_no_such_flag(tmp_path):
    npy(tmp_path)
    for verb in ("forecast", "project"):
        told(embaudit(tmp_path, verb, "x.npy", "--no-labels"), 2)


# What it says beforehand.


def test_inspect_misses_no_labels(tmp_path):
    npz(tmp_path)
    done = embaudit(tmp_path, "inspect", "x.npz", "--no-labels", "--format", "json")
    told(done, 0)
    seen = json.loads(done.stdout)
    assert (seen["problems"], seen["classes"], seen["rows"]) == ([], None, ROWS)
    roles = {column["name"]: column["role"] for column in seen["files"][0]["columns"]}
    assert roles == {"emb": "embeddings", "label": None}


def test_dry_run(tmp_path):
    npz(tmp_path)
    said = json.loads(audit(tmp_path, "--dry-run", "--format", "json", data="x.npz").stdout)
    shape = Workload(ROWS, DIM, 4, "l2", threads=available_threads(), labelled=False)
    assert said["memory"] == needs_of_audit(shape).total
    assert (said["rows"], said["classes"], said["search"]) == (ROWS, 0, "none")
    done = audit(tmp_path, "--dry-run", data="x.npz")
    told(done, 0)
    assert "none are read" in done.stdout
    assert "0 classes" not in done.stdout


def test_memory_has_no_terms_of_a_scan():
    for rows, dim in ((1000, 16), (1_000_000, 128)):
        needs = {
            labelled: needs_of_audit(Workload(rows, dim, 4, "l2", labelled=labelled))
            for labelled in (True, False)
        }
        assert needs[False].total < needs[True].total
        assert not {"the audited batches", "centres of classes"} & set(needs[False].terms)


def test_rows_on_disk_where_memory_is_short(tmp_path):
    rows, dim = 3000, 1000  # reading takes less than either
    x = np.random.default_rng(0).normal(size=(rows, dim)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    shape = Workload(rows, dim, 4, "l2", threads=available_threads(), labelled=False)
    least = needs_of_audit(shape, on_disk=True).total
    assert least < needs_of_audit(shape).total
    short = package.load(tmp_path / "x.npy", no_labels=True, memory_budget=least)
    assert short.mapped_rows is not None
    asked = {"measures": ["rms_pair_distance", "affine_dimension"], "memory_budget": least}
    assert (
        package.audit(short, **asked).measures == package.audit(x, no_labels=True, **asked).measures
    )
    told(audit(tmp_path, "--memory-budget", least - 1, "--dry-run"), 4)


def test_timing_names_what_was_done(tmp_path):
    npy(tmp_path)
    said = told(audit(tmp_path, "-v"), 0)
    assert "measures" in said
    assert "scan" not in said
    assert "settled" not in said
