"""Mined triplets: against enumeration, with planted copies and mislabelled rows, and as files."""

import json
import os
from pathlib import Path

import hypothesis.strategies as st
import jsonschema
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

import embaudit as package
from embaudit import errors
from embaudit.verbs.mine.selection import _least_square, band_of
from tests import oracle
from tests.cli.test_cli import embaudit, told
from tests.combined import in_part
from tests.sets import SETS, crossed

QUIET = ("--labels", "y.npy", "--no-progress", "--threads", "1")
MODES = ("hardest", "semi-hard", "multi-similarity", "percentile")


def options_of(mode, vectors, metric, share=0.3):
    """What a mode needs, in proportion to the set."""
    length = share * oracle.rms_pair_distance(vectors, metric)
    given = {
        "semi-hard": {"margin": length or 1.0},
        "multi-similarity": {"epsilon": 0.1 if metric == "cosine" else length},
        "percentile": {"band": (10.0, 30.0)},
    }
    return given.get(mode, {})


def by_anchor(found):
    """{anchor: (positive, [negatives])} with distances checked to belong to the rows."""
    triplets = {}
    for anchor, positive, negative in found.rows.tolist():
        own, negatives = triplets.setdefault(anchor, (positive, []))
        assert own == positive
        negatives.append(negative)
    return triplets


def assert_mined(
    vectors, labels, metric, mode, per_anchor, positive="hardest", rows=None, **options
):
    """What is mined without filters is what enumeration allows, and as much of it as there is."""
    data = vectors
    if isinstance(vectors, package.data.EmbeddingSet):
        vectors, labels = in_input_order(vectors)
    found = package.mine(
        data,
        labels,
        metric=metric,
        mode=mode,
        per_anchor=per_anchor,
        positive=positive,
        keep_duplicates=True,
        **options,
    )
    triplets = by_anchor(found)
    rows = range(len(vectors)) if rows is None else rows
    for ranking in oracle.rankings(vectors, labels, rows, metric):
        assert_as_enumerated(ranking, triplets, metric, mode, per_anchor, positive, **options)
    return found


def assert_as_enumerated(
    ranking, triplets, metric, mode, per_anchor, positive="hardest", **options
):
    """One anchor's triplets are those of its ranking."""
    taken, negatives = triplets.get(ranking.anchor, (None, []))
    wanted = ranking.positives[0] if positive == "easiest" else taken
    if positive == "hardest":  # of equally far ones the lowest row
        furthest = ranking.d2_positives == ranking.d2_positives[-1]
        wanted = ranking.positives[furthest].min()
    if wanted is None:
        return  # a positive that was drawn is only told with a triplet
    assert taken in (None, wanted)
    assert wanted in ranking.positives
    d2_positive = ranking.d2_positives[ranking.positives == wanted][0]
    allowed = oracle.mined_negatives(ranking, d2_positive, mode, metric=metric, **options)
    if mode == "percentile":
        assert len(set(negatives)) == len(negatives) == min(per_anchor, len(allowed))
        assert set(negatives) <= set(allowed.tolist())
    else:
        assert negatives == allowed[:per_anchor].tolist()


def in_input_order(data):
    vectors = np.empty_like(data.vectors)
    vectors[data.rows] = data.vectors
    codes = np.empty(data.size, dtype=np.int64)
    codes[data.rows] = data.codes
    return vectors, [data.classes[code] for code in codes]


def overlapping(rows=120, dim=4, classes=5, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(rows) % classes)
    centres = rng.normal(size=(classes, dim))
    return centres[labels] + 0.7 * rng.normal(size=(rows, dim)), labels.tolist()


@pytest.mark.parametrize(("name", "metric", "mode"), crossed(MODES))
def test_every_mode_equals_brute_force_on_every_set(name, metric, mode):
    case = SETS[name](min(SETS[name].size, 100))
    options = options_of(mode, case.vectors, metric)
    assert_mined(case.vectors, case.labels, metric, mode, 3, **options)


@pytest.mark.parametrize("positive", ["hardest", "easiest", "random"])
@pytest.mark.parametrize("per_anchor", [1, 4, 500])
@pytest.mark.parametrize("metric", in_part(["l2", "cosine"]))
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_with_every_positive(mode, metric, per_anchor, positive):
    vectors, labels = overlapping()
    options = options_of(mode, vectors, metric)
    found = assert_mined(vectors, labels, metric, mode, per_anchor, positive, **options)
    assert found.told.triplets == len(found.rows) > 0
    assert found.distances[:, 1] == pytest.approx(
        distances(vectors, metric, found.rows[:, [0, 2]]), rel=1e-12
    )


def distances(vectors, metric, pairs):
    points, unit = oracle.prepared(vectors, metric)
    return unit * np.sqrt(
        oracle.left_to_right_sum((points[pairs[:, 0]] - points[pairs[:, 1]]) ** 2)
    )


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(6, 40),
    k=st.integers(1, 6),
    mode=st.sampled_from(MODES),
)
def test_ties_on_a_lattice(seed, rows, k, mode):
    # distances of the lattice are few, so windows end exactly at rows
    rng = np.random.default_rng(seed)
    vectors = rng.integers(0, 4, size=(rows, 1)).astype(float)
    labels = (np.arange(rows) % 3).tolist()
    options = {
        "hardest": {},
        "semi-hard": {"margin": 1.0},
        "multi-similarity": {"epsilon": 1.0},
        "percentile": {"band": (10.0, 60.0)},
    }[mode]
    assert_mined(vectors, labels, "l2", mode, k, **options)


# The filters.


def assert_filtered(vectors, labels, metric, mode, per_anchor, **filters):
    """Of the negatives a mode allows the nearest that pass; and what was removed is counted."""
    options = options_of(mode, vectors, metric)
    found = package.mine(
        vectors, labels, metric=metric, mode=mode, per_anchor=per_anchor, **options, **filters
    )
    triplets = by_anchor(found)
    codes = oracle.class_codes(labels)
    copied = oracle.copies(vectors, labels, metric)
    around = oracle.label_of_neighbours(vectors, labels, 10, metric)
    removed = dict.fromkeys(("duplicates", "min_distance", "relative_margin", "agreement"), 0)
    for ranking in oracle.rankings(vectors, labels, range(len(vectors)), metric):
        d2_positive = ranking.d2_positives[-1]
        d_positive = np.sqrt(d2_positive) * ranking.unit
        allowed = oracle.mined_negatives(ranking, d2_positive, mode, metric=metric, **options)
        far = dict(zip(ranking.negatives.tolist(), ranking.d_negatives.tolist(), strict=True))

        def reason(row, ranking=ranking, far=far, d_positive=d_positive):
            if copied[row] and not filters.get("keep_duplicates"):
                return "duplicates"
            if far[row] < filters.get("min_distance", 0):
                return "min_distance"
            if "relative_margin" in filters:  # of similarities s = 1 - d^2 / 2
                most = (1 - filters["relative_margin"]) * (1 - d_positive**2 / 2)
                if 1 - far[row] ** 2 / 2 > most:
                    return "relative_margin"
            if filters.get("agreement") and around[row] == codes[ranking.anchor]:
                return "agreement"
            return None

        negatives = triplets.get(ranking.anchor, (None, []))[1]
        passing = [row for row in allowed.tolist() if reason(row) is None]
        if mode == "percentile":
            assert set(negatives) <= set(passing)
            continue
        assert negatives == passing[:per_anchor]
        for row in allowed[:per_anchor].tolist():
            if reason(row) is not None:
                removed[reason(row)] += 1
    if mode != "percentile":
        assert found.told.removed.model_dump() == removed
    assert sum(found.told.without.model_dump().values()) == len(vectors) - found.told.anchors
    return found


def planted(seed=0):
    """Overlapping classes with copies under other labels, and flipped labels far inside others."""
    vectors, labels = overlapping(rows=150, seed=seed)
    rng = np.random.default_rng(seed + 100)
    originals = rng.choice(150, 12, replace=False)
    other = [(labels[row] + 1) % 5 for row in originals.tolist()]
    vectors = np.concatenate((vectors, vectors[originals]))
    vectors[-3:] += 1e-9  # nearly equal ones count, too
    return vectors, labels + other, originals


@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"agreement": True},
        {"min_distance": 0.6},
        {"relative_margin": 0.1},
        {"min_distance": 0.3, "relative_margin": 0.05, "agreement": True},
        {"min_distance": 0.3, "agreement": True, "keep_duplicates": True},
    ],
    ids=lambda filters: "+".join(filters) or "duplicates",
)
def test_filters_remove_what_they_say_and_count_it(mode, metric, filters):
    vectors, labels, _ = planted()
    if metric == "l2" and "relative_margin" in filters:
        with pytest.raises(errors.UsageError, match="similarity"):
            package.mine(vectors, labels, **filters)
        return
    found = assert_filtered(vectors, labels, metric, mode, 3, **filters)
    if mode == "hardest":
        assert sum(found.told.removed.model_dump().values()) > 0


@pytest.mark.parametrize("seed", range(6))
def test_what_is_exactly_at_a_limit_stays(seed):
    rng = np.random.default_rng(seed)
    vectors = rng.integers(0, 5, size=(40, 1)).astype(float)
    labels = rng.permutation(np.arange(40) % 3).tolist()
    assert_filtered(vectors, labels, "l2", "hardest", 4, keep_duplicates=True, min_distance=1.0)


def test_relative_margin_is_that_of_sentence_transformers():
    """At 0.05 no negative is more than 95 % as similar as the positive; 0 is a limit, too."""
    rng = np.random.default_rng(0)
    labels = (np.arange(90) % 3).tolist()
    vectors = np.eye(3)[labels] + 1 + 0.5 * rng.random((90, 3))
    unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    counts = []
    for margin in (None, 0.0, 0.05, 0.3):
        found = package.mine(
            vectors, labels, metric="cosine", positive="easiest", relative_margin=margin
        )
        counts.append(found.told.triplets)
        s_positive, s_negative = (
            (unit[found.rows[:, 0]] * unit[found.rows[:, at]]).sum(axis=1) for at in (1, 2)
        )
        if margin is not None:
            assert (s_negative <= (1 - margin) * s_positive + 1e-12).all()
    none, most = counts[0], np.array(counts[1:])
    assert none == 90
    possible = [
        sum(
            (unit[other != np.array(labels)] @ unit[row]).min()
            <= (1 - margin) * np.delete(unit[own] @ unit[row], np.flatnonzero(own) == row).max()
            for row, other in enumerate(labels)
            for own in [np.array(labels) == other]
        )
        for margin in (0.0, 0.05, 0.3)
    ]
    assert most.tolist() == possible
    assert most[1] > most[2]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mode", MODES)
def test_planted_copies_never_come_out_as_negatives(mode, seed):
    vectors, labels, originals = planted(seed)
    options = options_of(mode, vectors, "l2")
    found = package.mine(vectors, labels, mode=mode, per_anchor=4, **options)
    doubtful = {*originals.tolist(), *range(150, len(vectors))}
    assert doubtful.isdisjoint(found.rows[:, 2].tolist())
    assert len(found.rows) > 300


@pytest.mark.parametrize("name", ["four_distinct_rows", "all_identical", "duplicates_everywhere"])
def test_a_collapsed_set_keeps_only_what_has_no_copy(name):
    case = SETS[name](200)
    found = assert_filtered(case.vectors, case.labels, "l2", "hardest", 2, agreement=True)
    if name != "duplicates_everywhere":
        assert found.told.triplets == 0
        assert found.told.without.filtered == found.told.data.anchors


def test_agreement_finds_a_flipped_label():
    rng = np.random.default_rng(0)
    vectors = np.concatenate((rng.normal(size=(30, 3)), 20 + rng.normal(size=(30, 3))))
    labels = [0] * 30 + [1] * 30
    labels[7] = 1
    plain, careful = (package.mine(vectors, labels, agreement=on) for on in (False, True))
    assert 7 in plain.rows[:, 2]
    assert 7 not in careful.rows[careful.rows[:, 0] < 30, 2]
    assert careful.told.removed.agreement == 29


def test_windows_are_decided_as_distances_are():
    rng = np.random.default_rng(0)
    lengths = np.concatenate((rng.random(2000), 10.0 ** rng.uniform(-150, 150, 500), [0.0, 1.0]))
    least = _least_square(lengths)
    assert (np.sqrt(least) >= lengths).all()
    below = np.nextafter(least, -1.0)
    assert (np.sqrt(below[least > 0]) < lengths[least > 0]).all()


@pytest.mark.parametrize(
    ("band", "negatives", "ranks"),
    [
        ((1, 5), 1000, (10, 50)),
        ((0, 1), 50, (0, 1)),
        ((99, 100), 3, (2, 3)),
        ((1, 1.5), 10, (0, 1)),
        ((0, 100), 1, (0, 1)),
    ],
)
def test_a_band_holds_one_rank_at_least(band, negatives, ranks):
    assert band_of(band, negatives) == ranks


# Seeds, order, and what is told.


@pytest.mark.parametrize("mode", MODES)
def test_the_same_seed_gives_the_same_triplets_on_any_number_of_threads(mode):
    vectors, labels = overlapping()
    options = {"mode": mode, "positive": "random", "per_anchor": 2}
    options |= {"margin": 1.0} if mode == "semi-hard" else {}
    one = package.mine(vectors, labels, seed=3, threads=1, **options)
    two = package.mine(vectors, labels, seed=3, threads=2, **options)
    other = package.mine(vectors, labels, seed=4, **options)
    assert np.array_equal(one.rows, two.rows)
    assert one.told.run_id == two.told.run_id != other.told.run_id
    assert not np.array_equal(one.rows, other.rows)


def test_the_summary_adds_up():
    vectors, labels = overlapping()
    labels[0] = 99  # alone in its class
    found = package.mine(vectors, labels, mode="semi-hard", margin=0.1, per_anchor=5)
    summary, triplets = found.told, by_anchor(found)
    assert summary.without.no_positive == 1
    assert summary.anchors == len(triplets)
    assert summary.short == sum(len(negatives) < 5 for _, negatives in triplets.values())
    assert summary.anchors + sum(summary.without.model_dump().values()) == 120
    assert summary.d_negative == pytest.approx(found.distances[:, 1].mean())
    assert summary.violated == 0
    gaps = found.distances[:, 0] - found.distances[:, 1]
    assert summary.examples[0].violation == gaps.max()
    assert (np.diff(found.rows[:, 0]) >= 0).all()


def test_a_sample_tells_input_rows():
    vectors, labels = overlapping()
    found = package.mine(vectors, labels, sample=40)
    assert found.distances[:, 1] == pytest.approx(distances(vectors, "l2", found.rows[:, [0, 2]]))
    assert found.told.options.sample == 40


# Tables.


def kept(tmp_path, gap=None):
    vectors, labels = overlapping(30)
    texts = [f"text {row}" for row in range(30)]
    if gap is not None:
        texts[gap] = None
    table = {"embedding": list(vectors), "label": labels, "id": [100 + row for row in range(30)]}
    table |= {"text": texts, "score": [row / 2 for row in range(30)]}
    import pyarrow as pa

    pq.write_table(pa.table(table), tmp_path / "x.parquet")
    return tmp_path / "x.parquet"


def test_a_table_has_rows_ids_labels_distances_and_what_was_kept(tmp_path):
    data = package.load(kept(tmp_path), keep_columns=["text", "score"])
    found = package.mine(data, per_anchor=2)
    table = found.table()
    for at, role in enumerate(("anchor", "positive", "negative")):
        rows = found.rows[:, at].tolist()
        assert table[f"{role}_row"].tolist() == rows
        assert table[f"{role}_id"] == [100 + row for row in rows]
        assert table[f"text_{role}"] == [f"text {row}" for row in rows]
        assert table[f"score_{role}"] == [row / 2 for row in rows]
    assert all(a != n for a, n in zip(table["anchor_label"], table["negative_label"], strict=True))
    assert table["d_positive"].tolist() == found.distances[:, 0].tolist()


def test_pairs_hold_each_positive_once(tmp_path):
    data = package.load(kept(tmp_path), keep_columns=["text"])
    found = package.mine(data, per_anchor=3)
    table = found.table("pairs")
    pairs = list(zip(table["anchor_row"], table["other_row"], table["label"], strict=True))
    expected = []
    for anchor, (positive, negatives) in by_anchor(found).items():
        expected += [(anchor, positive, 1), *((anchor, row, 0) for row in negatives)]
    assert pairs == expected
    same = [a == b for a, b in zip(table["anchor_label"], table["other_label"], strict=True)]
    assert same == [label == 1 for label in table["label"]]
    near = distances(*(in_input_order(data)[0], "l2"), found.rows[:1, :2])
    assert table["distance"][0] == pytest.approx(near[0])
    assert list(found.table("pairs", "text")) == ["anchor", "other", "label"]


def test_texts_alone_are_what_a_trainer_reads(tmp_path):
    data = package.load(kept(tmp_path), keep_columns=["text"])
    found = package.mine(data)
    table = found.table(text="text")
    assert list(table) == ["anchor", "positive", "negative"]
    assert table["negative"] == [f"text {row}" for row in found.rows[:, 2]]
    with pytest.raises(errors.UsageError, match="'path' was not kept"):
        found.table(text="path")


# The command.


@pytest.fixture
def folder(tmp_path):
    vectors, labels = overlapping(60)
    np.save(tmp_path / "x.npy", vectors)
    np.save(tmp_path / "y.npy", np.array(labels))
    return tmp_path


def test_files_hold_what_python_gives(folder):
    outputs = ("-o", "t.parquet", "-o", "t.json", "-o", "t.md", "--per-anchor", "2")
    told(embaudit(folder, "mine", "x.npy", *QUIET, *outputs), 0)
    found = package.mine(
        np.load(folder / "x.npy"), np.load(folder / "y.npy").tolist(), per_anchor=2
    )
    table = pq.read_table(folder / "t.parquet").to_pydict()
    assert {name: list(values) for name, values in found.table().items()} == table
    summary = json.loads((folder / "t.json").read_text())
    assert summary["triplets"] == len(found.rows)
    jsonschema.validate(summary, json.loads(embaudit(folder, "schema", "mining").stdout))
    assert "largest gaps" in (folder / "t.md").read_text()


def test_the_text_tells_what_was_found_and_left_out(folder):
    vectors = np.load(folder / "x.npy")
    vectors[59] = vectors[np.load(folder / "y.npy") != np.load(folder / "y.npy")[59]][0]
    np.save(folder / "x.npy", vectors)
    shown = embaudit(folder, "mine", "x.npy", *QUIET).stdout
    assert "60 triplets of 60 anchors" in shown
    assert "copies of a row of another label" in shown


def test_texts_from_the_shell(tmp_path):
    kept(tmp_path)
    arguments = ("x.parquet", "--text-column", "text", "--no-progress", "-o", "t.parquet")
    told(embaudit(tmp_path, "mine", *arguments), 0)
    assert pq.read_table(tmp_path / "t.parquet").column_names == ["anchor", "positive", "negative"]
    told(embaudit(tmp_path, "mine", *arguments, "--as", "pairs", "--keep-columns", "score"), 0)
    assert pq.read_table(tmp_path / "t.parquet").column_names == ["anchor", "other", "label"]


def test_a_gap_in_the_texts_is_refused(tmp_path):
    kept(tmp_path, gap=4)
    done = embaudit(tmp_path, "mine", "x.parquet", "--text-column", "text", "--no-progress")
    assert "row 4" in told(done, 3)


def test_nothing_found_is_told_and_written(folder):
    done = embaudit(
        folder, "mine", "x.npy", *QUIET, "--min-distance", "1e9", "-o", "t.parquet", "-o", "t.json"
    )
    told(done, 0)
    assert "No triplet was found" in done.stdout
    assert "60: all of their negatives left out" in done.stdout
    table = pq.read_table(folder / "t.parquet")
    assert table.num_rows == 0
    assert str(table.schema.field("anchor_row").type) == "int64"
    assert str(table.schema.field("anchor_label").type) == "int64"
    assert json.loads((folder / "t.json").read_text())["d_positive"] is None


def test_json_goes_to_standard_output_and_quiet_is_quiet(folder):
    done = embaudit(folder, "mine", "x.npy", *QUIET, "--format", "json")
    assert json.loads(done.stdout)["options"]["rule"]["mode"] == "hardest"
    done = embaudit(folder, "mine", "x.npy", *QUIET, "-q", "-o", "t.parquet")
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("-o", "t.txt"), 2, ".parquet"),
        (("-o", "missing/t.parquet"), 5, "missing"),
        (("-o", "x.npy"), 2, "suffix"),
        (("--mode", "semi-hard"), 2, "--margin"),
        (("--mode", "semi-hard", "--margin", "0"), 2, "margin"),
        (("--mode", "hard"), 2, "semi-hard"),
        (("--per-anchor", "0"), 2, "--per-anchor: 0 is below 1"),
        (("--band", "5:1"), 2, "band"),
        (("--band", "5"), 2, "1:5"),
        (("--band", "1:500"), 2, "band"),
        (("--min-distance", "-1"), 2, "--min-distance: -1.0 is below 0"),
        (("--epsilon", "nan"), 2, "epsilon"),
        (("--epsilon", "0.1"), 2, "Give --mode multi-similarity, or drop it."),
        (("--band", "1:5"), 2, "Give --mode percentile, or drop it."),
        (("--margin", "0.2", "--mode", "percentile"), 2, "--margin is of semi-hard mode"),
        (("--keep-columns", "none"), 3, "no columns"),
        (("--text-column", "none"), 3, "no columns"),
        (("--labels", "none.npy"), 3, "none.npy"),
        (("--labels", "alone.npy"), 3, "no positives"),
        (("--memory-budget", "1K"), 4, "memory"),
    ],
)
def test_what_is_wrong_is_said(folder, arguments, code, says):
    np.save(folder / "alone.npy", np.arange(60))
    assert says in told(embaudit(folder, "mine", "x.npy", *QUIET, *arguments), code)


def test_what_cannot_be_written_is_said_before_anything_is_read(folder):
    (folder / "x.npy").write_bytes(b"no array")
    told(embaudit(folder, "mine", "x.npy", *QUIET, "-o", "missing/t.parquet"), 5)


# Real data.

DATA = Path(os.environ.get("EMBAUDIT_DATA", "."))
WORDNET = DATA / "wordnet_minilm_20k.parquet"
needs_data = pytest.mark.skipif("EMBAUDIT_DATA" not in os.environ, reason="no folder is named")
WORDNET_OPTIONS = {
    "hardest": {},
    "semi-hard": {"margin": 0.05},
    "multi-similarity": {"epsilon": 0.02},
    "percentile": {"band": (1.0, 5.0)},
}


@needs_data
@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("mode", MODES)
def test_wordnet_equals_brute_force_on_some_anchors(mode, metric):
    data = package.load(WORDNET)
    rows = np.sort(np.random.default_rng(0).choice(data.size, 60, replace=False))
    assert_mined(data, None, metric, mode, 3, rows=rows, **WORDNET_OPTIONS[mode])


@needs_data
@pytest.mark.soak
@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_wordnet_equals_brute_force(metric):
    data = package.load(WORDNET)
    found = {
        mode: by_anchor(
            package.mine(
                data, metric=metric, mode=mode, per_anchor=2, keep_duplicates=True, **given
            )
        )
        for mode, given in WORDNET_OPTIONS.items()
    }
    for ranking in oracle.rankings(*in_input_order(data), range(data.size), metric):
        for mode, wanted in WORDNET_OPTIONS.items():
            assert_as_enumerated(ranking, found[mode], metric, mode, 2, **wanted)


@needs_data
@pytest.mark.parametrize("mode", MODES)
def test_copies_planted_in_wordnet_never_come_out(mode):
    vectors, labels = in_input_order(package.load(WORDNET))
    vectors, labels = vectors[:6000], labels[:6000]
    rng = np.random.default_rng(1)
    originals, copies = rng.choice(6000, (2, 60), replace=False)
    vectors[copies] = vectors[originals]
    names = sorted(set(labels))
    for original, copy in zip(originals.tolist(), copies.tolist(), strict=True):
        labels[copy] = next(name for name in names if name != labels[original])
    found = package.mine(vectors, labels, mode=mode, per_anchor=3, **WORDNET_OPTIONS[mode])
    assert set(copies.tolist()).isdisjoint(found.rows[:, 2].tolist())
    assert len(found.rows)
