"""The projection: the nearest separated set found, from Python and from the shell."""

import json

import jsonschema
import numpy as np
import pyarrow.parquet as pq
import pytest

import embaudit as package
from embaudit import errors
from embaudit.geometry.separated_map_effort import BATCH
from tests import oracle
from tests.cli.test_cli import embaudit, told
from tests.combined import in_part

QUIET = ("--labels", "y.npy", "--no-progress", "--threads", "1")


def random_labels(rows=20, dim=2, classes=2, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(rows) % classes)
    return rng.normal(size=(rows, dim)), labels.tolist()


@pytest.fixture
def folder(tmp_path):
    vectors, labels = random_labels(24, 3, 4)
    np.save(tmp_path / "x.npy", vectors)
    np.save(tmp_path / "y.npy", np.array(labels))
    return tmp_path


def distances_to(before, after):
    return np.sqrt(oracle.left_to_right_sum((before - after) ** 2))


@pytest.mark.parametrize("seed", in_part(range(4)))
@pytest.mark.parametrize(("rows", "dim", "classes"), [(5, 2, 2), (20, 2, 2), (30, 8, 6)])
def test_the_set_is_separated_and_as_near_as_it_says(rows, dim, classes, seed):
    vectors, labels = random_labels(rows, dim, classes, seed)
    found = package.project(vectors, labels, seed=seed)
    interval = found.told.d_haus
    # Definition 1 itself, in float64; a set that was separated is only recomputed about its mean
    if interval.value:
        assert oracle.is_triplet_separated(found.vectors, labels)
    assert found.displacement == pytest.approx(distances_to(vectors, found.vectors), abs=1e-12)
    assert found.told.largest_displacement == found.displacement.max()
    assert interval.lower <= found.told.largest_displacement * (1 + 1e-12)
    assert found.told.largest_displacement <= interval.upper * (1 + 1e-9)
    change = oracle.isometric_distance(vectors, found.vectors)
    assert found.told.largest_change == pytest.approx(change, rel=1e-9)
    assert found.told.largest_change <= 2 * found.told.largest_displacement * (1 + 1e-9)


@pytest.mark.thorough
def test_twenty_rows_in_the_plane_with_random_labels_shrink():
    # the paper's Figure 4: unlearned data, and f* is smaller than f
    for seed in range(5):
        vectors, labels = random_labels(seed=seed)
        radius = package.project(vectors, labels).told.enclosing_radius
        assert radius.after < radius.before


def test_a_separated_set_stays():
    vectors = [[0.0, 0], [1, 0], [10, 0], [11, 0]]
    found = package.project(vectors, list("aabb"))
    assert found.told.d_haus.value == 0
    assert found.told.moved_rows == 0
    assert found.vectors == pytest.approx(np.array(vectors), abs=1e-12)
    assert found.displacement.max() == 0


def test_rows_that_coincide_across_classes_come_apart_or_stay_together():
    vectors = [[0.0, 0], [1, 0], [0, 0], [1, 1]]
    found = package.project(vectors, list("aabb"))
    assert oracle.is_triplet_separated(found.vectors, list("aabb"))


@pytest.mark.thorough
def test_more_effort_finds_nothing_further():
    vectors, labels = random_labels(40, 4, 8)
    far = [
        package.project(vectors, labels, effort=effort).told.largest_displacement
        for effort in (1, 2)
    ]
    assert far[1] <= far[0]


@pytest.mark.thorough
def test_order_ids_and_labels_are_those_of_the_input():
    vectors, labels = random_labels(12, 2, 3)
    ids = [f"row {number}" for number in range(12)]
    found = package.project(vectors, labels, ids=ids)
    assert found.labels == tuple(labels)
    assert found.ids == tuple(ids)
    assert found.rows.tolist() == list(range(12))
    again = package.project(vectors[::-1], labels[::-1])
    assert again.told.d_haus.lower == pytest.approx(found.told.d_haus.lower, rel=1e-2)


def test_a_sample_tells_which_rows_it_is():
    vectors, labels = random_labels(60, 2, 3)
    found = package.project(vectors, labels, sample=24)
    assert len(found.vectors) == len(found.rows) == 24
    assert (np.diff(found.rows) > 0).all()
    moved = distances_to(vectors[found.rows], found.vectors)
    assert found.displacement == pytest.approx(moved, abs=1e-12)


def test_a_set_too_large_is_refused_before_anything_is_computed():
    vectors, labels = random_labels(BATCH + 1, 2, 2)
    with pytest.raises(errors.UsageError) as refused:
        package.project(vectors, labels)
    assert "sample=2000" in refused.value.hint


@pytest.mark.thorough
def test_a_power_of_two_changes_nothing_else():
    vectors, labels = random_labels(30, 3, 5)
    one, large = (package.project(vectors * scale, labels) for scale in (1.0, 2.0**40))
    assert (large.vectors == one.vectors * 2.0**40).all()
    assert large.told.d_haus.upper == one.told.d_haus.upper * 2.0**40


def test_under_cosine_the_unit_vectors_are_projected():
    vectors, labels = random_labels(20, 3, 4)
    found = package.project(vectors, labels, metric="cosine")
    unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    assert found.displacement == pytest.approx(distances_to(unit, found.vectors), abs=1e-12)


# The command.


def test_files_hold_what_python_gives(folder):
    outputs = ("-o", "f.npy", "-o", "f.parquet", "-o", "f.json", "-o", "f.md")
    done = embaudit(folder, "project", "x.npy", *QUIET, *outputs)
    assert done.returncode == 0, done.stderr
    found = package.project(np.load(folder / "x.npy"), np.load(folder / "y.npy").tolist())
    assert (np.load(folder / "f.npy") == found.vectors).all()
    table = pq.read_table(folder / "f.parquet").to_pydict()
    assert table["row"] == list(range(24))
    assert table["label"] == list(found.labels)
    assert table["displacement"] == found.displacement.tolist()
    assert (np.array(table["embedding"]) == found.vectors).all()
    summary = json.loads((folder / "f.json").read_text())
    assert summary["largest_displacement"] == found.told.largest_displacement
    jsonschema.validate(summary, json.loads(embaudit(folder, "schema", "projection").stdout))
    assert "Rows that move most" in (folder / "f.md").read_text()


def test_the_text_says_how_far_and_what_is_certified(folder):
    done = embaudit(folder, "project", "x.npy", *QUIET, "--full")
    assert "Some row must move by" in done.stdout
    assert "The lower end is certified" in done.stdout
    assert "Rows that move most" in done.stdout


def test_json_goes_to_standard_output_and_quiet_is_quiet(folder):
    done = embaudit(folder, "project", "x.npy", *QUIET, "--format", "json")
    assert json.loads(done.stdout)["options"]["effort"] == 1
    done = embaudit(folder, "project", "x.npy", *QUIET, "-q", "-o", "f.npy")
    assert (done.stdout, done.stderr) == ("", "")
    assert np.load(folder / "f.npy").shape == (24, 3)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("-o", "f.txt"), 2, ".parquet"),
        (("--effort", "7"), 2, "effort"),
        (("--effort", "0"), 2, "effort"),
        (("--sample", "3"), 2, "--sample"),
        (("-o", "missing/f.npy"), 5, "missing"),
        (("--labels", "none.npy"), 3, "none.npy"),
    ],
)
def test_what_is_wrong_is_said(folder, arguments, code, says):
    assert says in told(embaudit(folder, "project", "x.npy", *QUIET, *arguments), code)


@pytest.mark.parametrize("replaced", ["x.npy", "y.npy", "link.npy"])
def test_no_output_replaces_an_input(folder, replaced):
    (folder / "link.npy").symlink_to("x.npy")
    before = (folder / replaced).read_bytes()
    done = embaudit(folder, "project", "x.npy", *QUIET, "-o", replaced)
    assert "another name" in told(done, 2)
    assert (folder / replaced).read_bytes() == before


def test_a_collapsed_set_is_separated_in_name_only(folder):
    np.save(folder / "x.npy", np.ones((24, 3)))
    done = embaudit(folder, "project", "x.npy", *QUIET)
    assert "in name only" in done.stdout


@pytest.mark.parametrize("scale", in_part([1e-200, 1e200]))
def test_huge_and_tiny_sets_are_projected_without_a_word(folder, scale):
    np.save(folder / "x.npy", np.load(folder / "x.npy") * scale)
    done = embaudit(folder, "project", "x.npy", *QUIET, "-o", "f.npy", "--format", "json")
    assert done.stderr == ""
    assert json.loads(done.stdout)["warnings"] == []


def test_a_tied_set_is_written_as_it_is():
    # on a lattice of powers of two the tie at the middle is exact, about the mean it is rounded
    vectors = np.array([[0.0, 0.1], [0.25, 0.1], [0.5, 0.1], [0.75, 0.1], [9.0, 0.3]])
    found = package.project(vectors, list("aabbc"))
    assert found.told.d_haus.value == 0
    assert (found.vectors == vectors).all()


def test_what_rounding_takes_far_from_the_origin_is_told():
    vectors, labels = random_labels(24, 3, 4)
    found = package.project(vectors * 3e-8 + 1e8, labels)
    assert "rounded" in [notice.code for notice in found.told.warnings]
    moved = distances_to(vectors * 3e-8 + 1e8, found.vectors)
    assert found.told.largest_displacement == pytest.approx(moved.max(), rel=1e-9)


def test_too_many_rows_are_refused_from_the_header(folder):
    np.save(folder / "x.npy", np.zeros((BATCH + 1, 2)))
    np.save(folder / "y.npy", np.arange(BATCH + 1) % 2)
    assert "--sample" in told(embaudit(folder, "project", "x.npy", *QUIET), 2)
