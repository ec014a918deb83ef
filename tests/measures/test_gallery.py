"""Queries audited against a gallery: every figure from the definition, and what has none."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.data.gallery_classes import reference_of
from embaudit.errors import InputRefused, UsageError
from embaudit.evidence import STANDARD, Evidence, EvidenceOptions
from embaudit.measures import MEASURES, anchors_of
from embaudit.measures.measure import AGAINST, ALONE, UNDEFINED
from tests import oracle
from tests.combined import in_part
from tests.generators import separated, unlearned
from tests.properties.test_scan import hostile

OF_ANCHORS = oracle.GAP_QUANTILES.keys() | {
    "violating_anchors",
    "violated_triplets",
    "tied_triplets",
    "separation_auc",
    "hardest_triplet_loss",
    "separation_margin",
    "batch_hard_loss",
    "precision_at_1",
    "recall_at_5",
    "recall_at_10",
    "r_precision",
    "map_at_r",
    "nn_ratio",
    "certified_radius",
    "certified_radius_p5",
}


def blobs(rng, rows, classes, dim=8, spread=1.0):
    """Rows round the same centres for whatever generator, so that two draws belong together."""
    centres = np.random.default_rng(5).normal(size=(max(classes) + 1, dim))
    labels = rng.choice(classes, rows)
    return (centres[labels] + spread * rng.normal(size=(rows, dim))).astype(np.float32), labels


@cache
def pair(kind):
    """Queries, labels, gallery, gallery labels."""
    rng = np.random.default_rng(7)
    queries, labels = blobs(rng, 90, range(6))
    gallery, theirs = blobs(rng, 200, range(3, 12))
    if kind == "leaked":
        gallery = np.concatenate((gallery, queries[:30], queries[:9], queries[40:45]))
        theirs = np.concatenate((theirs, labels[:30], 11 - labels[:9], labels[40:45]))
    elif kind == "tied":
        queries, gallery = np.round(queries), np.round(gallery)
    elif kind == "half":
        gallery[:50] = queries[:50].astype(np.float16)
        queries = queries.astype(np.float16)
    elif kind == "itself":
        gallery, theirs = queries, labels
    elif kind == "collapsed gallery":
        gallery = np.repeat(gallery[:1], 200, axis=0)
    elif kind == "nearly collapsed gallery":
        gallery = 1 + 1e-6 * gallery.astype(np.float64)
    elif kind == "collapsed":
        queries, gallery = np.ones_like(queries), np.ones_like(gallery)
    elif kind == "separated":
        queries, labels = blobs(rng, 90, range(6), spread=0.01)
        gallery, theirs = blobs(rng, 200, range(3, 12), spread=0.01)
    elif kind == "one row a class":  # as of images and their captions
        gallery = np.random.default_rng(1).normal(size=(60, 8))
        labels = theirs = np.arange(60)
        queries = gallery + 0.3 * np.random.default_rng(2).normal(size=(60, 8))
    elif kind == "queries of one class":
        labels = np.full(90, 4)
    return queries, labels.tolist(), gallery, theirs.tolist()


KINDS = (
    "plain",
    "leaked",
    "tied",
    "half",
    "itself",
    "collapsed gallery",
    "nearly collapsed gallery",
    "collapsed",
    "separated",
    "one row a class",
    "queries of one class",
)


@cache
def audited(kind, metric="l2", **options):
    queries, labels, gallery, theirs = pair(kind)
    options = {"margin": 0.3, "measures": "all", "effort": 0} | options
    return embaudit.audit(
        queries, labels, gallery=gallery, gallery_labels=theirs, metric=metric, **options
    )


@cache
def truth(kind, metric):
    return oracle.scan_against(*pair(kind), metric)


def is_close(reading, true):
    if true is None:
        assert reading.kind == "undefined"
    elif isinstance(true, tuple):  # worst, expected and best order of ties
        assert reading.kind == ("exact" if true[0] == true[2] else "certified")
        told = reading.lower, reading.value, reading.upper
        assert told == pytest.approx(true, rel=1e-9, abs=1e-13)
    else:
        assert reading.kind == "exact"
        assert reading.value == pytest.approx(true, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_of_anchors_equals_brute_force(kind, metric):
    found = truth(kind, metric)
    expected = oracle.separation(found, 0.3) | oracle.neighbours(found) | oracle.retrieval(found)
    assert expected.keys() == OF_ANCHORS
    readings = audited(kind, metric).measures
    for measure, true in expected.items():
        is_close(readings[measure], true)


@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize(
    "kind", in_part(["plain", "leaked", "itself", "collapsed gallery", "half"])
)
def test_what_is_of_rows_is_of_the_queries_alone(kind, metric):
    queries, labels, _, _ = pair(kind)
    alone = embaudit.audit(queries, labels, metric=metric, margin=0.3, measures="all", effort=0)
    readings = audited(kind, metric).measures
    for measure in MEASURES:
        if measure.with_gallery == ALONE:
            assert readings[measure.id] == alone.measures[measure.id], measure.id


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_no_meaning_is_undefined_and_says_so(kind):
    report = audited(kind)
    for measure in MEASURES:
        if measure.with_gallery == UNDEFINED:
            reading = report.measures[measure.id]
            assert (reading.kind, reading.value) == ("undefined", None)
            assert "gallery" in reading.reason
    assert report.forecast == ()
    assert report.blame is None


def test_every_measure_says_what_it_is_of():
    words = {measure.id: measure.with_gallery for measure in MEASURES}
    against = {id for id, said in words.items() if said == AGAINST}
    macro = {f"macro_{id}" for id in ("precision_at_1", "r_precision", "map_at_r")}
    assert against == {*OF_ANCHORS, "adjusted_precision_at_1", *macro}
    # what no label decides is of the queries alone, and little else
    without = {measure.id for measure in MEASURES if not measure.needs_labels}
    alone = {id for id, said in words.items() if said == ALONE}
    assert alone == without - {"collapse_state"} | {"within_class_share"}
    rest = words.keys() - against - alone - {"collapse_state", "class_collapse"}
    assert rest >= {"d_iso", "d_haus", "collapse_nearness", "collapse_risk", "batch_gap"}
    assert {words[id] for id in rest} == {UNDEFINED}
    assert all(AGAINST in words[id] for id in ("collapse_state", "class_collapse"))


@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("kind", KINDS)
def test_leakage_is_counted_and_told(kind, metric):
    report = audited(kind, metric)
    expected = oracle.leaked(*pair(kind))
    assert {name: getattr(report.gallery, name) for name in expected} == expected
    own = sum(row >= 0 for row in oracle.own_rows(*pair(kind)))
    assert report.gallery.own_rows == own
    told = {notice.code: notice.message for notice in report.warnings}
    beside = expected["leaked_rows"] > own or expected["leaked_other_label"] > 0
    assert ("leakage" in told) == beside
    assert ("gallery_holds_queries" in told) == (own > 0)
    for code, count in (("leakage", expected["leaked_rows"]), ("gallery_holds_queries", own)):
        assert code not in told or f"{count} of {report.data.rows} queries" in told[code]


def test_leakage_names_the_first_rows_of_both():
    told = {one.code: one.message for one in audited("leaked").warnings}
    for code in ("leakage", "gallery_holds_queries"):
        assert "query row 0 is gallery row 200, 1 is gallery row 201" in told[code]
        assert "35 of 90" in told[code]


@pytest.mark.parametrize("kind", KINDS)
def test_the_sets_in_figures(kind):
    queries, labels, gallery, theirs = pair(kind)
    report = audited(kind)
    without = sum(label not in set(theirs) for label in labels)
    assert report.data.rows == len(queries)
    assert report.data.classes == len(set(labels))
    assert report.data.anchors == len(truth(kind, "l2").anchors) == len(labels) - without
    assert report.gallery.rows == len(gallery)
    assert report.gallery.classes == len(set(theirs))
    assert report.gallery.shared_classes == len(set(labels) & set(theirs))
    assert report.gallery.queries_without_positives == without
    assert any(one.code == "no_positives" for one in report.warnings) == (without > 0)


@pytest.mark.parametrize("kind", KINDS)
def test_classes_are_those_of_the_queries(kind):
    _, labels, _, theirs = pair(kind)
    found = truth(kind, "l2")
    labels, theirs = np.array(labels), np.array(theirs)
    rows = audited(kind).classes
    assert [row.label for row in rows] == list(dict.fromkeys(labels.tolist()))
    for row in rows:
        own = labels[found.anchors] == row.label
        assert row.rows == (labels == row.label).sum()
        if not own.any():
            assert (row.violating_anchors, row.violated_triplets, row.largest_gap) == (None,) * 3
            continue
        wrong = found.d2_furthest_positive[own] > found.d2_nearest_negative[own]
        assert row.violating_anchors == pytest.approx(wrong.mean())
        share = found.violated[own].sum() / found.triplets[own].sum()
        assert row.violated_triplets == pytest.approx(share)
        assert row.largest_gap == pytest.approx(found.gaps[own].max(), rel=1e-9, abs=1e-13)
        seen = theirs[found.nearest_negative[own][wrong]].tolist()
        assert (row.most_confused_with in seen) == bool(seen)


@pytest.mark.parametrize("kind", KINDS)
def test_hardest_triplets_name_a_query_and_two_rows_of_the_gallery(kind):
    queries, labels, gallery, theirs = pair(kind)
    found = truth(kind, "l2")
    hardest = audited(kind).hardest_triplets
    assert hardest
    for one in hardest:
        at = int(np.flatnonzero(found.anchors == one.anchor)[0])
        assert one.positive == found.furthest_positive[at]
        assert one.negative == found.nearest_negative[at]
        assert one.anchor_label == labels[one.anchor] == theirs[one.positive]
        assert one.negative_label == theirs[one.negative]
        away = np.linalg.norm(queries[one.anchor] - gallery[one.positive].astype(float))
        assert one.d_positive == pytest.approx(away, rel=1e-9)
    assert hardest[0].violation == pytest.approx(found.gaps.max(), rel=1e-9, abs=1e-13)


def test_ids_of_both_sets_or_none():
    queries, labels, gallery, theirs = pair("plain")
    both = {"gallery": gallery, "gallery_labels": theirs, "measures": "paper"}
    ids = [f"q{row}" for row in range(90)]
    report = embaudit.audit(queries, labels, ids=ids, **both)
    assert report.hardest_triplets[0].ids is None
    report = embaudit.audit(queries, labels, ids=ids, gallery_ids=range(200), **both)
    for one in report.hardest_triplets:
        assert one.ids == (f"q{one.anchor}", one.positive, one.negative)


@pytest.mark.parametrize("ids", [None, range(200)])
def test_a_row_an_anchor_names_rows_of_the_gallery(ids):
    queries, labels, gallery, theirs = pair("plain")
    data = EmbeddingSet.from_arrays(queries, labels, among=())
    other = EmbeddingSet.from_arrays(gallery, theirs, ids, among=data.classes)
    columns, found = anchors_of(Evidence(data, gallery=other)), truth("plain", "l2")
    assert columns["row"].tolist() == found.anchors.tolist()
    for name in ("furthest_positive", "nearest_positive", "nearest_negative"):
        rows = getattr(found, name).tolist()
        assert columns[name].tolist() == rows
        assert columns.get(f"{name}_id", rows) == rows
        away = np.sqrt(getattr(found, f"d2_{name}")) * found.unit
        assert columns[f"d_{name}"] == pytest.approx(away, rel=1e-9)
    negatives = [theirs[row] for row in found.nearest_negative]
    assert columns["nearest_negative_label"] == negatives
    assert columns["violated_share"] == pytest.approx(found.violated / found.triplets)
    assert "attribution" not in columns


def told(report):
    kept = json.loads(report.to_json())
    del kept["environment"], kept["timing"]
    return kept


@pytest.mark.parametrize("kind", ["leaked", "tied", "half"])
@pytest.mark.parametrize(("threads", "block_rows"), [(1, 7), (2, 64), (2, 10**6)])
def test_threads_and_blocks_change_nothing(kind, threads, block_rows):
    report = audited(kind, "l2", threads=threads, block_rows=block_rows)
    assert told(report) == told(audited(kind))


def test_loaded_sets_of_whatever_order_of_classes_and_place():
    queries, labels, gallery, theirs = pair("leaked")
    for on_disk in (False, True):
        sets = [
            EmbeddingSet.from_arrays(*one, among=(), on_disk=on_disk)
            for one in ((queries, labels), (gallery, theirs))
        ]
        assert sets[0].classes != sets[1].classes[: len(sets[0].classes)]
        report = embaudit.audit(sets[0], gallery=sets[1], margin=0.3, measures="all", effort=0)
        expected, found = told(audited("leaked")), told(report)
        for one in (expected, found):
            del one["run_id"], one["inputs"], one["digest"]
        assert found == expected


def test_the_reference_speaks_the_queries_codes():
    queries, labels, gallery, theirs = pair("plain")
    data = EmbeddingSet.from_arrays(queries, labels, among=())
    own = EmbeddingSet.from_arrays(gallery, theirs, among=())
    evidence = Evidence(data, gallery=reference_of(data, own))
    reference, scan = evidence.reference, evidence.scan
    assert reference.classes[: len(data.classes)] == data.classes
    anchors = evidence.anchors
    positives, negatives = scan.furthest_positive[anchors], scan.nearest_negative[anchors]
    assert (reference.codes[positives] == data.codes[anchors]).all()
    assert (reference.codes[negatives] != data.codes[anchors]).all()
    rows = reference.input_rows[positives]
    assert [theirs[row] for row in rows] == [data.classes[c] for c in data.codes[anchors]]
    assert Evidence(data).reference is data


def test_beyond_the_budget_a_sample_of_queries_is_ranked(monkeypatch):
    monkeypatch.setattr("embaudit.evidence.anchor_evidence.LEAST_RANKED", 16)
    queries, labels, gallery, theirs = pair("plain")
    data = EmbeddingSet.from_arrays(queries, labels, among=())
    other = EmbeddingSet.from_arrays(gallery, theirs, among=data.classes)
    found = truth("plain", "l2")
    evidence = Evidence(
        data, EvidenceOptions(budget=replace(STANDARD, ranked_pairs=1.0)), gallery=other
    )
    assert evidence.drawn is not None
    for measure in MEASURES:
        if measure.id in ("violated_triplets", "separation_auc", "r_precision", "map_at_r"):
            bound = measure.of(evidence)
            true = oracle.separation(found)[measure.id]
            assert bound.kind == "sampled"
            assert bound.lower <= true <= bound.upper


@pytest.mark.parametrize(("kind", "state"), [("collapsed gallery", "collapsed"), ("plain", "none")])
def test_class_collapse_is_of_the_gallery(kind, state):
    assert audited(kind).collapse.class_ == state


def test_chance_is_the_gallerys():
    # four classes in the gallery, one of them of nine tenths, and rows that know nothing
    rng = np.random.default_rng(0)
    theirs = np.where(np.arange(600) < 540, 0, 1 + np.arange(600) % 3)
    gallery, queries = rng.normal(size=(600, 8)), rng.normal(size=(300, 8))
    report = embaudit.audit(
        queries, np.zeros(300, int), gallery=gallery, gallery_labels=theirs, measures="all"
    )
    assert report.measures["precision_at_1"].value > 0.8
    assert report.collapse.class_ == "collapsed"


def test_how_many_classes_there_are_is_the_gallerys():
    # one class of queries: near one of its rows in the gallery, behind all of the others
    gallery = np.random.default_rng(0).normal(size=(410, 4))
    gallery[:10] *= 1000
    gallery[0] = 0
    theirs = np.concatenate((np.zeros(10, int), 1 + np.arange(400) % 40))
    queries = 1e-3 * np.random.default_rng(1).normal(size=(30, 4))
    report = embaudit.audit(queries, [0] * 30, gallery=gallery, gallery_labels=theirs)
    assert report.measures["precision_at_1"].value == 1
    assert report.measures["separation_auc"].value < 0.55
    assert report.collapse.class_ == "none"  # an order at random is no evidence by itself


def test_the_run_id_knows_the_last_row_of_the_gallery():
    queries, labels, _, _ = pair("plain")
    gallery, theirs = blobs(np.random.default_rng(0), 2000, range(6))
    theirs[-1] = 9  # a class of the gallery's own: it comes last
    both = {"gallery": gallery, "gallery_labels": theirs}
    ids = set()
    for _ in range(2):
        ids.add(embaudit.audit(queries, labels, measures="paper", **both).run_id)
        gallery[-1] += 1
    assert len(ids) == 2


@pytest.mark.thorough
def test_collapsed_sets_of_many_rows_take_no_longer():
    rows = 30_000  # all pairs of equal rows would be 9e8
    zeros, labels = np.zeros((rows, 16), np.float16), np.arange(rows) % 50
    report = embaudit.audit(
        zeros,
        labels,
        gallery=zeros,
        gallery_labels=labels,
        measures="violating_anchors,recall_at_5",
    )
    assert report.measures["violating_anchors"].value == 0
    assert report.gallery.leaked_other_label == rows


def test_a_sample_is_of_the_queries_only():
    _, _, gallery, theirs = pair("one row a class")
    queries, labels = np.concatenate((gallery, gallery)) + 1, theirs + theirs  # two rows a class
    report = embaudit.audit(queries, labels, gallery=gallery, gallery_labels=theirs, sample=20)
    assert (report.data.rows, report.gallery.rows) == (20, 60)
    assert report.data.anchors == 20
    assert any(one.code == "sampled_rows" for one in report.warnings)


@pytest.mark.parametrize("search", ["auto", "exact", "approximate"])
def test_the_search_is_exact_and_says_why(search):
    queries, labels, gallery, theirs = pair("plain")
    report = embaudit.audit(
        queries, labels, gallery=gallery, gallery_labels=theirs, search=search, measures="paper"
    )
    assert report.search.exact
    assert "gallery" in report.search.why
    assert report.options.search == "exact"


X = np.random.default_rng(0).normal(size=(12, 4))
Y = (np.arange(12) % 3).tolist()


@pytest.mark.parametrize(
    ("queries", "labels", "gallery", "theirs", "named"),
    [
        (X, Y, X[:, :3], Y, "3 dimensions"),
        (X, Y, X, list(map(str, Y)), "1 is not '1'"),
        (X, Y, X, [bool(y) for y in Y], "labels of the gallery are bool"),
        (X, Y, X, [y + 3 for y in Y], "none of the queries' labels"),
        (X, Y, X, [0] * 12, "only one class"),
        (X, [0] * 12, X, [0] * 12, "only one class"),
        (X[:1], Y[:1], X, Y, "single query"),
        (X, Y, X * np.nan, Y, "NaN"),
        (X, Y, X, Y[:5], "5 labels for 12"),
        (X, Y, X[:0], [], "nothing to audit"),
        (X, Y, X, None, "gallery labels: none given"),
        (X, Y, X * 1e150, Y, "too far apart"),
    ],
)
def test_what_cannot_be_compared_is_refused(queries, labels, gallery, theirs, named):
    queries = queries * 1e-20 if "apart" in named else queries
    with pytest.raises(InputRefused, match=named):
        embaudit.audit(queries, labels, gallery=gallery, gallery_labels=theirs)


def test_zero_vectors_of_either_set_have_no_direction():
    for sets in ((X, X * 0), (X * 0, X)):
        with pytest.raises(InputRefused, match="zero vectors"):
            embaudit.audit(sets[0], Y, gallery=sets[1], gallery_labels=Y, metric="cosine")


def test_labels_of_no_gallery_or_none_at_all_are_usage_errors():
    with pytest.raises(UsageError, match="no gallery"):
        embaudit.audit(X, Y, gallery_labels=Y)
    with pytest.raises(UsageError, match="needs labels"):
        embaudit.audit(X, gallery=X, gallery_labels=Y, no_labels=True)
    with pytest.raises(InputRefused, match="no such file"):
        embaudit.audit(X, Y, gallery="nowhere.npy")


@settings(deadline=None, max_examples=40)
@given(hostile(), st.integers(0, 2**32 - 1), st.sampled_from([1, 5, None]))
@pytest.mark.thorough
def test_any_small_pair(case, seed, block_rows):
    vectors, labels, metric = case
    rng = np.random.default_rng(seed)
    rows = len(labels)
    # some rows in both, some labels on one side only; the gallery has two classes at least
    mine = rng.permutation(rows)[: rng.integers(2, rows)]
    firsts = np.unique(labels, return_index=True)[1]
    rest = rng.permutation(np.union1d(firsts, rng.permutation(rows)[: rng.integers(1, rows)]))
    both = (
        vectors[mine],
        [labels[row] for row in mine],
        vectors[rest],
        [labels[row] for row in rest],
    )
    options = {"metric": metric, "measures": "paper,standard", "block_rows": block_rows}
    options |= {"gallery": both[2], "gallery_labels": both[3]}
    itself = oracle.own_rows(*both)
    matched = [
        any(labels[other] == labels[row] and at != own for at, other in enumerate(rest))
        for row, own in zip(mine, itself, strict=True)
    ]
    if not any(matched):
        with pytest.raises(InputRefused, match="rows of it themselves"):
            embaudit.audit(*both[:2], **options)
        return
    report = embaudit.audit(*both[:2], **options)
    found = oracle.scan_against(*both, metric)
    expected = oracle.separation(found) | oracle.retrieval(found)
    for measure, true in expected.items():
        is_close(report.measures[measure], true)
    leaked = oracle.leaked(*both)
    assert {name: getattr(report.gallery, name) for name in leaked} == leaked


@pytest.mark.parametrize("make", in_part([unlearned, separated]))
@pytest.mark.parametrize("search", ["exact", "approximate"])
def test_a_gallery_that_holds_the_queries_is_no_match_of_them(make, search):
    """A row is no match of itself: every figure is that of the set alone, and both are told."""
    vectors, labels = make(80, 6, 0)
    options = {"gallery": vectors, "gallery_labels": labels, "search": search}
    report = embaudit.audit(vectors, labels, gate="precision_at_1 >= 0.99", **options)
    assert report.gate.verdict == "fail"
    assert report.gallery.leaked_same_label == report.gallery.own_rows == 80
    assert report.gallery.precision_at_1_with_own_rows == 1
    alone = embaudit.audit(vectors, labels)
    for measure in MEASURES:
        if measure.with_gallery == AGAINST and measure.id in alone.measures:
            assert report.measures[measure.id] == alone.measures[measure.id]


def test_ids_tell_which_row_of_the_gallery_a_query_is():
    """Equal values under another id are another row; under its id a query is out whatever it is."""
    queries, labels = X[:6], Y[:6]
    options = {"gallery": X, "gallery_labels": Y, "measures": "precision_at_1"}
    names = [f"row {row}" for row in range(12)]
    other = embaudit.audit(
        queries, labels, ids=[f"q{row}" for row in range(6)], gallery_ids=names, **options
    )
    assert other.gallery.own_rows == 0
    assert other.measures["precision_at_1"].value == 1
    same = embaudit.audit(queries, labels[::-1], ids=names[:6], gallery_ids=names, **options)
    assert same.gallery.own_rows == 6
    truth = oracle.scan_against(queries, labels[::-1], X, Y, ids=(names[:6], names))
    assert same.measures["precision_at_1"].value == pytest.approx(
        oracle.retrieval(truth)["precision_at_1"][1]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_precision_with_own_rows_is_that_of_nothing_left_out(kind, monkeypatch):
    told = audited(kind).gallery.precision_at_1_with_own_rows
    monkeypatch.setattr(oracle, "own_rows", lambda queries, *_: [-1] * len(queries))
    if audited(kind).gallery.own_rows == 0:
        assert told is None
    else:
        everything = oracle.retrieval(oracle.scan_against(*pair(kind)))
        assert told == pytest.approx(everything["precision_at_1"][1])
