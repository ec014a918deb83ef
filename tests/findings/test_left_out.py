"""Rows that are left out: the audit is that of the set that was filtered by hand."""

import contextlib
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import embaudit
from embaudit.cli import app
from embaudit.data.left_out_rows import DROPPABLE
from embaudit.errors import InputRefused, UsageError
from embaudit.findings import FINDINGS
from tests.combined import alternating, in_part

ROWS, CLASSES, DIM = 240, 12, 16
OWN = {"run_id", "fingerprint", "digest", "inputs", "invocation", "warnings", "environment"}
OWN |= {"timing", "baseline"}  # of a report, and not of what is in it
WORDS = {"headline", "details", "command", "remedy", "reason", "next"}  # these name rows
ROW = {"anchor", "positive", "negative", "row", "neighbour", "twin"}


def planted():
    """Vectors and labels with every fault of rows, and the rows of each."""
    rng = np.random.default_rng(20)
    y = rng.permutation(np.arange(ROWS) % CLASSES)
    x = (2 * rng.normal(size=(CLASSES, DIM))[y] + rng.normal(size=(ROWS, DIM))).astype(np.float32)
    y = np.where(np.arange(ROWS) % 8 == 0, -1, y)  # the first row: classes appear in another order
    faults = {
        "zero_rows": np.r_[1, 33:41, 200],
        "repeated_vector": np.r_[2, 60:76:2, 130:150:2],
        "stray_rows": np.r_[90, 190],
        "repeated_block": np.arange(220, 232),
    }
    x[faults["zero_rows"]] = 0
    x[faults["repeated_vector"]] = x[4]
    x[faults["stray_rows"]] *= 1000
    x[faults["repeated_block"]] = x[100:112]
    y[faults["repeated_block"]] = y[100:112]
    faults["repeated_vector"] = np.union1d(faults["repeated_vector"], [4])
    return x, y, faults


X, Y, FAULTS = planted()
IGNORED = np.flatnonzero(Y == -1)
ASKED = {
    "a label": (("--ignore-label", "-1"), IGNORED),
    "a label with =": (("--ignore-label=-1",), IGNORED),
    "two labels": (("--ignore-label", "-1", "--ignore-label", "3"), np.flatnonzero(Y < 0)),
    **{id: (("--drop", id), rows) for id, rows in FAULTS.items()},
    "all of them": (
        ("--drop", ",".join(reversed(FAULTS)), "--ignore-label", "-1"),
        np.unique(np.concatenate([IGNORED, *FAULTS.values()])),
    ),
}
ASKED["two labels"] = (ASKED["two labels"][0], np.flatnonzero((Y == -1) | (Y == 3)))


def run(folder, *arguments):
    """The command line in this process; a defect of ours is raised."""
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, arguments, env={"COLUMNS": "80"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def report_of(folder, *arguments, code=0):
    done = run(folder, "audit", *arguments, "--format", "json", "-q", "--threads", "1")
    assert done.exit_code == code, done.stderr
    return json.loads(done.stdout)


def put(folder, name, x, y, form="npy", ids=None):
    """The arguments of an audit of a set in a form."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.{'parquet' if form == 'join' else form}"
    match form:
        case "npy":
            np.save(path, x)
            np.save(folder / f"{name}_y.npy", y)
            return path.name, "--labels", f"{name}_y.npy"
        case "npz":
            np.savez(path, embeddings=x, labels=y)
            return (path.name,)
        case "parquet":
            pq.write_table(pa.table({"embedding": list(x), "label": y}), path, row_group_size=50)
            return (path.name,)
        case "shards":
            path.mkdir()
            for number, at in enumerate(range(0, len(x), 70)):
                table = pa.table({"embedding": list(x[at : at + 70]), "label": y[at : at + 70]})
                pq.write_table(table, path / f"part{number}.parquet")
            return (path.name,)
        case "join":
            mixed = np.random.default_rng(1).permutation(len(x))
            ids = np.arange(len(x)) if ids is None else ids
            pq.write_table(pa.table({"embedding": list(x), "id": ids}), path)
            beside = pa.table({"key": ids[mixed], "label": y[mixed]})
            pq.write_table(beside, folder / f"{name}_y.parquet")
            return path.name, "--labels", f"{name}_y.parquet", "--join", "key"
    raise AssertionError(form)


def told(report, kept):
    """What a report tells of a set: with rows by their place among those that are kept."""
    place = {int(row): at for at, row in enumerate(kept)}

    def mapped(value, key=""):
        if isinstance(value, dict):
            if "overlap" in value:
                return value  # of densities, which count pairs
            return {name: mapped(one, name) for name, one in value.items() if name not in WORDS}
        if isinstance(value, list):
            return [mapped(one, key) for one in value]
        if isinstance(value, int) and not isinstance(value, bool) and key in ROW | {"rows_"}:
            return place[value]
        return value

    plain = {name: value for name, value in report.items() if name not in OWN}
    plain = json.loads(json.dumps(plain))
    for one in plain["diagnosis"]["findings"]:
        for key in {"rows", "ranges"} & set(one["evidence"]):
            one["evidence"][key] = [
                place[row] for row in np.ravel(one["evidence"][key]).astype(int).tolist()
            ]
    drawn = plain["distributions"]["map"]
    drawn["rows"] = [place[row] for row in drawn["rows"]]
    plain["data"].pop("left_out")
    for name in ("drop", "ignore_label"):
        plain["options"].pop(name)
    return mapped(plain)


def figures(report):
    """The measures without the words that name rows."""
    return {id: (one.value, one.lower, one.upper, one.kind) for id, one in report.measures.items()}


def by_hand(report, kept):
    """The same of the set that was filtered by hand."""
    return told(report, np.arange(len(kept)))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The report on the set of which nothing is left out."""
    folder = tmp_path_factory.mktemp("whole")
    return report_of(folder, *put(folder, "all", X, Y))


@pytest.mark.parametrize("asked", in_part(ASKED, 4, 3))
def test_a_report_without_rows_is_that_of_the_set_filtered_by_hand(tmp_path, whole, asked):
    options, out = ASKED[asked]
    kept = np.delete(np.arange(ROWS), out)
    found = report_of(tmp_path, *put(tmp_path, "all", X, Y), *options)
    wanted = report_of(tmp_path, *put(tmp_path, "some", X[kept], Y[kept]))
    assert told(found, kept) == by_hand(wanted, kept)
    assert sum(found["data"]["left_out"].values()) == len(out)
    assert found["fingerprint"] != whole["fingerprint"]
    assert {one["code"] for one in found["warnings"]} >= {"left_out"}


@pytest.mark.parametrize("form", in_part(["npz", "parquet", "shards", "join"]))
def test_it_is_so_in_every_form_of_files(tmp_path, form):
    options, out = ASKED["all of them"]
    kept = np.delete(np.arange(ROWS), out)
    found = report_of(tmp_path, *put(tmp_path, "all", X, Y, form), *options)
    wanted = report_of(tmp_path, *put(tmp_path, "some", X[kept], Y[kept], form, ids=kept))
    assert told(found, kept) == by_hand(wanted, kept)


OPTIONS = (
    ("--metric", "cosine"),
    ("--sample", "80", "--seed", "4"),
    ("--metric", "cosine", "--sample", "90", "--margin", "0.2"),
    ("--memory-budget", "20M"),
)


@pytest.mark.parametrize(
    ("asked", "options"), in_part(alternating(("a label", "zero_rows", "all of them"), OPTIONS), 3)
)
def test_it_is_so_under_other_options(tmp_path, options, asked):
    """Cosine cannot take rows of zeros, and a sample is drawn from what is left."""
    chosen, out = ASKED[asked]
    if asked == "a label" and "cosine" in options:
        chosen, out = (*chosen, "--drop", "zero_rows"), np.union1d(out, FAULTS["zero_rows"])
    if asked == "all of them" and "cosine" in options:  # which knows no lengths
        out = np.setdiff1d(out, np.setdiff1d(FAULTS["stray_rows"], IGNORED))
    kept = np.delete(np.arange(ROWS), out)
    found = report_of(tmp_path, *put(tmp_path, "all", X, Y), *chosen, *options)
    wanted = report_of(tmp_path, *put(tmp_path, "some", X[kept], Y[kept]), *options)
    assert told(found, kept) == by_hand(wanted, kept)


def test_rows_are_counted_once_for_the_first_reason(tmp_path):
    options, _ = ASKED["all of them"]
    counts = report_of(tmp_path, *put(tmp_path, "all", X, Y), *options)["data"]["left_out"]
    left, wanted = np.setdiff1d(np.arange(ROWS), IGNORED), {"ignore_label": len(IGNORED)}
    for id in DROPPABLE:
        wanted[id] = len(np.intersect1d(left, FAULTS[id]))
        left = np.setdiff1d(left, FAULTS[id])
    assert counts == wanted


def test_from_python_it_is_the_same(tmp_path):
    options, _ = ASKED["all of them"]
    wanted = report_of(tmp_path, *put(tmp_path, "all", X, Y), *options)
    ways = {"drop": list(FAULTS), "ignore_label": -1}
    loaded = embaudit.load(tmp_path / "all.npy", tmp_path / "all_y.npy", ignore_label=(-1,),
                           drop="zero_rows")  # fmt: skip
    for report in (
        embaudit.audit(X, Y, **ways, threads=1),
        embaudit.audit(loaded, drop=tuple(FAULTS)[1:], threads=1),
    ):
        found = json.loads(report.to_json())
        assert told(found, np.arange(ROWS)) == told(wanted, np.arange(ROWS))
        assert found["options"] == wanted["options"]
        assert found["data"] == wanted["data"]


@pytest.mark.thorough
def test_other_verbs_leave_out_the_same_rows():
    kept = np.delete(np.arange(ROWS), ASKED["all of them"][1])
    ways = {"drop": tuple(FAULTS), "ignore_label": (-1,)}
    x, y = X[kept], Y[kept]
    swept, by_hand = embaudit.forecast(X, Y, **ways), embaudit.forecast(x, y)
    assert swept.forecast == by_hand.forecast
    assert sum(swept.data.left_out.values()) == ROWS - len(kept)
    mined, wanted = embaudit.mine(X, Y, **ways), embaudit.mine(x, y)
    assert np.array_equal(mined.rows, kept[wanted.rows])
    assert np.array_equal(mined.distances, wanted.distances)
    moved, wanted = embaudit.project(X, Y, **ways), embaudit.project(x, y)
    assert np.array_equal(moved.vectors, wanted.vectors)
    assert np.array_equal(moved.rows, kept)


def test_a_gallery_is_without_them_too():
    """And a label that only one of two sets has is no mistake."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(60, 4)), np.arange(60) % 6
    queries, gallery = (x[:30].copy(), y[:30]), (x[30:].copy(), np.where(y[30:] == 5, -1, y[30:]))
    queries[0][3], gallery[0][7] = 0, 0
    ways = {"metric": "cosine", "drop": "zero_rows", "ignore_label": -1}
    found = embaudit.audit(*queries, gallery=gallery[0], gallery_labels=gallery[1], **ways)
    here, there = np.delete(np.arange(30), 3), np.setdiff1d(np.flatnonzero(gallery[1] >= 0), [7])
    wanted = embaudit.audit(queries[0][here], queries[1][here], gallery=gallery[0][there],
                            gallery_labels=gallery[1][there], metric="cosine")  # fmt: skip
    assert figures(found) == figures(wanted)
    assert found.data.left_out == {"ignore_label": 0, "zero_rows": 1}
    assert found.gallery.left_out == {"ignore_label": 5, "zero_rows": 1}
    with pytest.raises(InputRefused, match="'-2'"):
        embaudit.audit(*queries, gallery=gallery[0], gallery_labels=gallery[1],
                       ignore_label=-2)  # fmt: skip


def test_values_that_cannot_be_audited_may_be_left_out():
    x = X.copy()
    x[IGNORED] = np.nan
    kept = np.delete(np.arange(ROWS), IGNORED)
    found = embaudit.audit(x, Y, ignore_label=-1)
    assert figures(found) == figures(embaudit.audit(X[kept], Y[kept]))
    x[9] = np.inf
    with pytest.raises(InputRefused, match=r"1 of 240 rows \(rows 9\)"):
        embaudit.audit(x, Y, ignore_label=-1)


@pytest.mark.parametrize("label", in_part(["unknown", "", "-1", "True", " odd ", "n/a"]))
def test_a_text_is_matched_as_it_is(label):
    names = np.array(["a", "b", "c", label])[np.arange(40) % 4]
    x = np.random.default_rng(0).normal(size=(40, 3))
    found = embaudit.audit(x, names, ignore_label=label)
    kept = names != label
    assert figures(found) == figures(embaudit.audit(x[kept], names[kept]))
    assert found.options.ignore_label == (label,)
    assert [one.label for one in found.classes] == ["a", "b", "c"]
    assert not {"empty_labels"} & {one.code for one in found.warnings}


def test_an_unknown_label_is_answered_with_near_ones(tmp_path):
    given = put(tmp_path, "all", X, np.array(["cat", "unknown"])[Y % 2])
    done = run(tmp_path, "audit", *given, "--ignore-label", "unknwn")
    assert done.exit_code == 3
    assert "all_y.npy: no row is labelled 'unknwn'" in done.stderr
    assert "Did you mean unknown?" in done.stderr
    done = run(tmp_path, "audit", *given, "--ignore-label", "unknwn", "--dry-run")
    assert done.exit_code == 3


def test_what_remains_must_be_a_set(tmp_path):
    y = np.where(Y < 0, -1, 1)
    given = put(tmp_path, "all", X, y)
    done = run(tmp_path, "audit", *given, "--ignore-label", "-1")
    assert done.exit_code == 3
    assert "only one class" in done.stderr
    assert "without the 30 of 240 rows that were to be left out (30 labelled '-1')" in done.stderr
    done = run(tmp_path, "audit", *given, "--ignore-label", "-1", "--ignore-label", "1")
    assert "no row is left" in done.stderr
    with pytest.raises(InputRefused, match=r"no row is left, .*4 of zeros only"):
        embaudit.audit(np.zeros((4, 2)), [0, 0, 1, 1], drop="zero_rows")
    with pytest.raises(InputRefused, match=r"a single row, .*3 of zeros only"):
        embaudit.audit(np.eye(4)[[0, 1, 1, 1]] * [1, 0, 0, 0], no_labels=True, drop="zero_rows")


def test_what_names_no_rows_is_not_dropped(tmp_path):
    given = put(tmp_path, "all", X, Y)
    done = run(tmp_path, "audit", *given, "--drop", "zero_rows,narrow_cone")
    assert done.exit_code == 2
    assert "'narrow_cone' names no rows" in done.stderr
    for id in DROPPABLE:
        assert id in done.stderr
    with pytest.raises(UsageError, match="depends on the metric"):
        embaudit.load(tmp_path / "all.npy", tmp_path / "all_y.npy", drop="stray_rows")
    done = run(tmp_path, "audit", given[0], "--no-labels", "--ignore-label", "3")
    assert done.exit_code == 2


def test_the_findings_that_name_rows_are_those_that_can_be_dropped():
    assert {spec.id for spec in FINDINGS if spec.rows is not None} == set(DROPPABLE)


def test_a_configuration_asks_for_it(tmp_path):
    options, _ = ASKED["all of them"]
    given = put(tmp_path, "all", X, Y)
    wanted = report_of(tmp_path, *given, *options)
    (tmp_path / "embaudit.toml").write_text(
        'drop = ["zero_rows", "repeated_vector", "repeated_block", "stray_rows"]\n'
        "ignore_label = [-1]\n"
    )
    found = report_of(tmp_path, *given)
    assert found["options"] == wanted["options"]
    assert found["measures"] == wanted["measures"]
    inspected = run(tmp_path, "inspect", *given, "--format", "json")
    codes = [one["code"] for one in json.loads(inspected.stdout)["notices"]]
    assert codes == ["left_out", "left_out_later"]


@pytest.mark.thorough
def test_a_series_and_a_baseline_know_what_was_left_out(tmp_path):
    given = put(tmp_path, "all", X, Y)
    np.save(tmp_path / "next.npy", X[:, ::-1])
    done = run(tmp_path, "trend", "all.npy", "next.npy", *given[1:], "--drop", "zero_rows",
               "--ignore-label", "-1", "--format", "json", "-q")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    trend = json.loads(done.stdout)
    assert trend["options"]["drop"] == ["zero_rows"]
    assert trend["options"]["ignore_label"] == ["-1"]
    alone = report_of(tmp_path, *given, "--drop", "zero_rows", "--ignore-label", "-1")
    assert trend["checkpoints"][0]["measures"] == alone["measures"]
    again = run(tmp_path, "trend", "all.npy", "next.npy", *given[1:], "--format", "json", "-q")
    other = json.loads(again.stdout)["checkpoints"]  # of another key in the cache
    assert not any(one["cached"] for one in other)
    (tmp_path / "base.json").write_text(json.dumps(alone))
    compared = report_of(
        tmp_path, *given, "--ignore-label", "-1", "--baseline", "base.json", code=1
    )
    assert "drop: zero_rows then, none now" in json.dumps(compared["baseline"])


def test_anchors_and_kept_columns_have_input_rows(tmp_path):
    names = [f"row {row}" for row in range(ROWS)]
    table = pa.table({"embedding": list(X), "label": Y, "id": np.arange(ROWS) * 2, "name": names})
    pq.write_table(table, tmp_path / "all.parquet")
    options, out = ASKED["all of them"]
    done = run(tmp_path, "audit", "all.parquet", *options, "--keep-columns", "name", "-q", "-o",
               "anchors.parquet", "-o", "page.html")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    anchors = pq.read_table(tmp_path / "anchors.parquet")
    rows = anchors["row"].to_pylist()
    assert rows
    assert not set(rows) & set(out.tolist())
    assert anchors["name"].to_pylist() == [f"row {row}" for row in rows]
    assert anchors["id"].to_pylist() == [2 * row for row in rows]
    assert anchors["label"].to_pylist() == Y[rows].tolist()


SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.thorough
@settings(max_examples=8)
@given(SEEDS)
def test_leaving_out_then_drawing_is_drawing_from_what_is_left(seed):
    """Over random sets: of the arrays, and of a set that is there already."""
    check_drawing(seed)


@pytest.mark.soak
@settings(max_examples=100)
@given(SEEDS)
def test_leaving_out_then_drawing_of_many_sets(seed):
    check_drawing(seed)


def check_drawing(seed):
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(20, 60))
    y = rng.integers(-1, 4, rows)
    y[:8] = np.arange(8) % 4
    x = rng.integers(0, 2, (rows, 3)).astype(np.float64)
    x[:8] += 5
    kept = np.flatnonzero(x.any(axis=1) & (y >= 0))
    sample = int(rng.integers(8, 14))
    ignored = [-1] if (y == -1).any() else []
    there = embaudit.audit(x, y, drop="zero_rows", ignore_label=ignored, sample=sample)
    wanted = embaudit.audit(x[kept], y[kept], sample=sample)
    assert figures(there) == figures(wanted)
    assert [one.label for one in there.classes] == [one.label for one in wanted.classes]


def test_a_row_whose_squares_vanish_is_no_row_of_zeros():
    """What is flagged is what is dropped: values that are all zero, not a length that rounds."""
    x = X.astype(np.float64)
    x[7], x[9] = 0, 1e-180
    found = embaudit.audit(x, Y, measures="violated_triplets")
    zero = next(one for one in found.diagnosis.findings if one.id == "zero_rows")
    rows = np.union1d(FAULTS["zero_rows"], [7]).tolist()
    assert zero.evidence["rows"] == rows
    dropped = embaudit.audit(x, Y, measures="violated_triplets", drop="zero_rows")
    assert dropped.data.left_out == {"zero_rows": len(rows)}


def test_a_cluster_says_what_it_does_not_leave_out(tmp_path):
    done = run(tmp_path, "audit", *put(tmp_path, "all", X, Y), "--workers", "2", "--drop",
               "zero_rows,stray_rows")  # fmt: skip
    assert done.exit_code == 2
    assert "does not leave out stray_rows" in done.stderr


def test_a_gallery_in_files_is_without_them_too(tmp_path):
    queries, gallery = put(tmp_path, "q", X[:120], Y[:120]), put(tmp_path, "g", X[120:], Y[120:])
    asked = (*queries, "--gallery", gallery[0], "--gallery-labels", gallery[2])
    found = report_of(tmp_path, *asked, "--drop", "zero_rows,stray_rows", "--ignore-label", "-1")
    wanted = embaudit.audit(X[:120], Y[:120], gallery=X[120:], gallery_labels=Y[120:], threads=1,
                            drop=("zero_rows", "stray_rows"), ignore_label=-1)  # fmt: skip
    wanted = json.loads(wanted.to_json())
    for name in ("measures", "data", "gallery", "options"):
        assert found[name] == wanted[name]
