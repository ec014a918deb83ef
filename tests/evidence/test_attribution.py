"""Rows to blame: planted truth is found, overlap is left alone, every row is one thing at most."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.evidence.violation_causes import AT_HOME, FURTHEST, WORTH
from embaudit.measures import MEASURES, anchors_of
from embaudit.report.suspects import CULPRITS, REASONS, SURE
from embaudit.settings.settings import settings_of
from embaudit.verbs.audit import run
from embaudit.verbs.audit_request import request_of
from tests.combined import in_part
from tests.faults.process import embaudit as command

IDS = ("cross_label_duplicates", "likely_mislabels", "outliers")
CLASSES, EACH, DIM = 8, 50, 24


def clusters(seed=0, noise=1.0):
    """Well separated normal classes: (N, n) vectors and N codes."""
    rng = np.random.default_rng(seed)
    codes = np.arange(CLASSES * EACH) % CLASSES
    centres = rng.normal(size=(CLASSES, DIM)) * 6
    return centres[codes] + noise * rng.normal(size=(len(codes), DIM)), codes


def audited(vectors, labels, **options):
    chosen = settings_of(measures=",".join(IDS), **options)
    data = EmbeddingSet.from_arrays(np.asarray(vectors), [*np.asarray(labels).tolist()])
    return run(data, chosen, request_of(chosen))


def blamed_rows(vectors, labels, **options):
    """Input rows by what they are."""
    found = audited(vectors, labels, **options).evidence
    rows = found.data.input_rows
    return {
        kind: set(rows[found.attribution.suspect_kind == number].tolist())
        for number, kind in enumerate(CULPRITS)
    }


@pytest.mark.parametrize("metric", in_part(["l2", "cosine"]))
@pytest.mark.parametrize("seed", range(4))
def test_planted_truth_is_found(seed, metric):
    vectors, codes = clusters(seed)
    rng = np.random.default_rng(seed)
    planted = rng.permutation(len(codes))[:12].reshape(3, 4)
    copied, flipped, thrown = planted
    sources = (copied + 1) % len(codes)  # of the next class
    assert not np.isin(sources, planted).any() or seed  # the seeds are fixed, so is this
    vectors[thrown] = rng.normal(size=(4, DIM)) * 30
    codes[flipped] = (codes[flipped] + 3) % CLASSES
    vectors[copied] = vectors[sources]
    found = blamed_rows(vectors, codes, metric=metric)
    assert found["duplicate"] >= {*copied.tolist(), *sources.tolist()}
    assert found["likely_mislabel"] == {*flipped.tolist()} - found["duplicate"]
    if metric == "l2":
        assert found["outlier"] == {*thrown.tolist()} - found["duplicate"]


def test_a_clean_set_blames_nobody():
    assert blamed_rows(*clusters()) == {kind: set() for kind in CULPRITS}


def test_flips_in_small_classes_are_mislabels_even_beside_larger_classes():
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(60), 5)
    vectors = (rng.normal(size=(60, DIM)) * 4)[codes] + 0.5 * rng.normal(size=(300, DIM))
    flipped = [0, 101, 202]
    codes[flipped] = (codes[flipped] + 7) % 60
    found = blamed_rows(vectors, codes)
    assert found == {"duplicate": set(), "likely_mislabel": set(flipped), "outlier": set()}


def test_many_rows_mislabelled_alike_have_the_highest_scores_and_are_no_outliers():
    vectors, codes = clusters()
    alike = np.flatnonzero(codes == 2)[:10]  # a fifth of the class, each other's neighbours
    codes[alike] = 6
    evidence = audited(vectors, codes).evidence
    rows, found = evidence.data.input_rows, evidence.attribution
    assert set(rows[np.argsort(-found.wrong)[:10]].tolist()) == set(alike.tolist())
    assert not (found.suspect_kind == CULPRITS.index("outlier")).any()


def test_a_second_cluster_of_a_class_is_nobodys_fault():
    vectors, codes = clusters()
    second = np.flatnonzero(codes == 2)[:10]
    vectors[second] += 60
    assert blamed_rows(vectors, codes) == {kind: set() for kind in CULPRITS}


def test_where_most_rows_of_a_class_coincide_the_others_are_no_outliers():
    vectors, codes = clusters(noise=0.0)
    vectors[:80] += 0.02 * np.random.default_rng(0).normal(size=(80, DIM))
    assert blamed_rows(vectors, codes) == {kind: set() for kind in CULPRITS}


def test_overlapping_classes_are_a_confused_pair_and_no_mislabels():
    vectors, codes = clusters()
    one, other = (codes == 2).nonzero()[0], (codes == 5).nonzero()[0]
    vectors[other] += vectors[one].mean(axis=0) - vectors[other].mean(axis=0)
    report = audited(vectors, codes).report
    assert report.blame is not None
    assert report.blame.rows["likely_mislabel"] == 0
    pair = report.blame.confused_pairs[0]
    assert set(pair.labels) == {2, 5}
    assert pair.wrong_neighbours > EACH / 2
    assert pair.anchors == 2 * EACH == report.blame.anchors["overlap"]


def test_a_mislabel_names_the_class_it_is_of():
    vectors, codes = clusters()
    codes[17] = (codes[17] + 3) % CLASSES
    report = audited(vectors, codes).report
    assert report.blame is not None
    (row,) = report.blame.worst_rows
    assert (row.row, row.label, row.likely_label) == (17, (17 + 3) % CLASSES, 17 % CLASSES)
    assert row.home_score < AT_HOME < FURTHEST < row.score
    assert row.label_score > SURE
    assert row.blamed >= EACH  # the furthest positive of a class, the nearest negative of another
    assert report.blame.anchors["likely_mislabel"] == 1
    assert report.blame.anchors["meets_mislabel"] == sum(report.blame.anchors.values()) - 1


def test_rows_nearly_equal_count_as_duplicates_and_rows_further_apart_do_not():
    vectors, codes = clusters()
    rms = audited(vectors, codes).evidence.moments.rms_pair_distance
    for factor, found in ((0.5, {0, 1}), (2.0, set())):
        near = vectors.copy()
        near[1] = near[0]
        near[1, 0] += factor * 1e-6 * rms
        assert blamed_rows(near, codes)["duplicate"] == found


def test_duplicates_in_classes_of_one_row_are_found():
    vectors, codes = clusters()
    labels = [*codes.tolist(), 100, 101]
    twins = np.concatenate((vectors, [vectors.max(axis=0)] * 2))
    assert blamed_rows(twins, labels)["duplicate"] == {len(codes), len(codes) + 1}


def test_copies_inside_a_class_are_nobodys_fault():
    vectors, codes = clusters()
    vectors[CLASSES] = vectors[0]
    assert blamed_rows(vectors, codes)["duplicate"] == set()


def test_of_a_collapsed_set_every_row_is_a_duplicate():
    found = blamed_rows(np.ones((40, 4)), np.arange(40) % 4)
    assert found == {"duplicate": set(range(40)), "likely_mislabel": set(), "outlier": set()}


def test_a_handful_of_very_many_rows_is_not_looked_up():
    vectors, codes = clusters()
    codes[:40] = (codes[:40] + 3) % CLASSES
    evidence = audited(vectors, codes).evidence
    evidence.__dict__.pop("attribution")
    evidence.budget = replace(evidence.budget, suspects=(WORTH - 1) * vectors.size)
    assert evidence.attribution.undecided >= 36
    assert not (evidence.attribution.suspect_kind == CULPRITS.index("outlier")).any()


def test_suspects_beyond_the_budget_leave_an_interval(monkeypatch):
    monkeypatch.setattr("embaudit.evidence.violation_causes.WORTH", 1)
    vectors, codes = clusters()
    thrown = np.arange(40)
    vectors[thrown] += 40 * np.random.default_rng(0).normal(size=(40, DIM))
    full = audited(vectors, codes)
    assert full.report.measures["outliers"].value >= 36
    evidence = audited(vectors, codes).evidence
    evidence.__dict__.pop("attribution")
    evidence.budget = replace(evidence.budget, suspects=25.5 * vectors.size)
    by_id = {measure.id: measure for measure in MEASURES}
    found = by_id["outliers"].compute(evidence)
    assert found.kind == "certified"
    assert 15 < found.lower <= 25
    assert found.upper >= full.report.measures["outliers"].value


SETS = st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(2, 6), st.booleans()


@settings(max_examples=12)
@given(*SETS)
def test_counts_add_up_whatever_the_set(seed, dim, classes, ties):
    check_counts(seed, dim, classes, ties)


@pytest.mark.soak
@settings(max_examples=300)
@given(*SETS)
def test_counts_add_up_of_many_sets(seed, dim, classes, ties):
    check_counts(seed, dim, classes, ties)


def check_counts(seed, dim, classes, ties):
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-2, 3, (40, dim)) if ties else rng.normal(size=(40, dim))
    labels = rng.integers(classes, size=40)
    labels[:3] = 0, 0, 1
    found = audited(vectors.astype(np.float32), labels)
    blame, evidence = found.report.blame, found.evidence
    assert sum(blame.anchors.values()) == int((evidence.gaps > 0).sum())
    assert sum(blame.rows.values()) == int((evidence.attribution.suspect_kind >= 0).sum())
    assert [found.report.measures[id].value for id in IDS] == list(blame.rows.values())
    assert int(evidence.attribution.blamed.sum()) == 2 * int((evidence.gaps > 0).sum())
    for kind in CULPRITS:
        rows = [row for row in blame.worst_rows if row.attribution == kind]
        sure = [
            row.label_score if kind == "likely_mislabel" else row.score - (row.home_score or 0.0)
            for row in rows
        ]
        assert sure == sorted(sure, reverse=True)
        assert all((row.home_score is None) == (row.likely_label is None) for row in rows)


def test_threads_change_nothing():
    vectors, codes = clusters(noise=4.0)
    codes[:9] = (codes[:9] + 1) % CLASSES
    one, two = (audited(vectors, codes, threads=threads).report.blame for threads in (1, 2))
    assert one == two


def test_the_table_has_a_row_for_each_anchor():
    vectors, codes = clusters(noise=4.0)
    codes[3] = (codes[3] + 3) % CLASSES
    labels = [f"class {code}" for code in codes]
    labels[7] = "alone"
    report = embaudit.audit(vectors, labels)
    data = EmbeddingSet.from_arrays(vectors, labels, [f"id {row}" for row in range(len(labels))])
    chosen = settings_of()
    evidence = run(data, chosen, request_of(chosen)).evidence
    table = {name: list(column) for name, column in anchors_of(evidence).items()}
    assert table["row"] == [row for row in range(len(labels)) if row != 7]
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=2)
    for at, row in enumerate(table["row"]):
        same = np.array([label == labels[row] for label in labels])
        others = np.flatnonzero(~same)
        same[row] = False
        own = np.flatnonzero(same)
        furthest = own[distances[row, own].argmax()]
        nearest = others[distances[row, others].argmin()]
        assert table["id"][at] == f"id {row}"
        assert table["furthest_positive"][at] == furthest
        assert table["nearest_positive"][at] == own[distances[row, own].argmin()]
        assert table["nearest_negative_id"][at] == f"id {nearest}"
        assert table["nearest_negative_label"][at] == labels[nearest]
        assert table["gap"][at] == pytest.approx(distances[row, furthest] - distances[row, nearest])
        violated = (distances[row, own][:, None] > distances[row, others]).mean()
        assert table["violated_share"][at] == pytest.approx(violated)
        assert (table["attribution"][at] is None) == (table["gap"][at] <= 0)
    assert table["attribution"][3] == "likely_mislabel"
    assert table["likely_label"][3] == "class 3"
    assert table["home_score"][3] < AT_HOME < FURTHEST < table["own_score"][3]
    told = [np.isnan(home) for home in table["home_score"]]
    assert told == [label is None for label in table["likely_label"]]
    assert {*filter(None, table["attribution"])} <= {*REASONS}
    assert report.blame is not None


def test_of_two_duplicates_the_one_that_is_not_at_home_has_a_likely_label():
    vectors, codes = clusters()
    vectors[3] = vectors[12]  # labelled 3, a copy of a row of class 4
    report = audited(vectors, codes).report
    assert report.blame is not None
    told = {row.row: row.likely_label for row in report.blame.worst_rows}
    assert told == {3: 4, 12: None}


def shell(folder, *arguments):
    return command(folder, "audit", *arguments, "--no-progress")


@pytest.fixture
def stored(tmp_path):
    """A Parquet file of clusters with texts, of which some are missing."""
    vectors, codes = clusters(noise=3.0)
    columns = {
        "embedding": vectors.tolist(),
        "label": [f"c{code}" for code in codes],
        "text": [None if row % 7 == 0 else f"text {row}" for row in range(len(codes))],
        "score": [row / 3 for row in range(len(codes))],
    }
    pq.write_table(pa.table(columns), tmp_path / "emb.parquet")
    return tmp_path


def test_columns_go_along_into_the_table(stored):
    done = shell(stored, "emb.parquet", "-q", "--keep-columns", "text, score", "-o", "a.parquet")
    assert (done.returncode, done.stderr) == (0, "")
    table = pq.read_table(stored / "a.parquet").to_pydict()
    given = pq.read_table(stored / "emb.parquet").to_pydict()
    assert table["row"] == [*range(CLASSES * EACH)]
    assert [table[name] for name in ("text", "score", "label")] == [
        given[name] for name in ("text", "score", "label")
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--keep-columns", "text"], 2, "-o anchors.parquet"),
        (["--keep-columns", "gap", "-o", "a.parquet"], 2, "of its own"),
        (["--keep-columns", "texte", "-o", "a.parquet"], 3, "'text'"),
        (["--no-labels", "-o", "a.parquet"], 2, "without labels there are none"),
        (["-o", "missing/a.parquet"], 5, "missing"),
    ],
)
def test_a_table_that_cannot_be_written_is_told_before_anything_is_read(
    stored, arguments, code, words
):
    done = shell(stored, "emb.parquet", *arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (stored / "a.parquet").exists()
