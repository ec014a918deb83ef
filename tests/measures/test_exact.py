"""Every measure that claims to be exact, on every set, against its definition."""

import math

import numpy as np
import pytest

from tests import oracle
from tests.measures.audited import audited, truth
from tests.sets import SETS, cases, thorough_cases


def is_exactly(reading, value, rel=1e-9, abs=0.0):
    """An exact reading of that value, or undefined with a reason where the value is None."""
    if value is None:
        assert reading.kind == "undefined"
        assert reading.value is None
        assert reading.reason
        return
    assert reading.kind == "exact", reading.reason
    assert reading.value == reading.lower == reading.upper
    assert reading.value == pytest.approx(value, rel=rel, abs=abs)


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_separation(name, metric):
    _, margin, found = truth(name, metric)
    report = audited(name, metric)
    # a gap is a difference of two distances: its rounding is measured by them
    rounding = 1e-12 * float(max(found.furthest.max(), found.nearest.max()))
    ranked = oracle.retrieval(found)
    for measure, (worst, expected, best) in ranked.items():
        reading = report.measures[measure]
        assert reading.kind == ("exact" if worst == best else "certified")
        told = (reading.lower, reading.value, reading.upper)
        assert told == pytest.approx((worst, expected, best), rel=1e-12, abs=1e-15), measure
    for measure, value in oracle.separation(found, margin).items():
        if measure in ranked:
            continue
        reading = report.measures[measure]
        length = reading.unit == "distance"
        is_exactly(report.measures[measure], value, abs=rounding if length else 0.0)


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_spread(name, metric):
    case, _, _ = truth(name, metric)
    readings = audited(name, metric).measures
    size = oracle.diameter(case.vectors, metric)
    is_exactly(readings["diameter"], size)
    is_exactly(readings["rms_pair_distance"], oracle.rms_pair_distance(case.vectors, metric))
    duplicates = oracle.duplicate_rows(case.vectors)
    is_exactly(readings["duplicate_rows"], duplicates)
    assert audited(name, metric).data.duplicate_rows == duplicates


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_mean_cosine(name, metric):
    case, _, _ = truth(name, metric)
    directed = case.vectors[np.abs(case.vectors.astype(float)).max(axis=1) > 0]
    value = audited(name, metric).measures["mean_cosine"]
    is_exactly(value, oracle.mean_cosine(directed), abs=1e-12)


@pytest.mark.parametrize(
    ("name", "metric"), thorough_cases([name for name in SETS if "identical" not in name])
)
def test_anchor_ranks(name, metric):
    case, _, _ = truth(name, metric)
    readings = audited(name, metric).measures
    for measure in ("participation_ratio", "entropy_rank"):
        is_exactly(readings[measure], getattr(oracle, measure)(case.vectors, metric), rel=1e-7)
    share = oracle.within_class_share(case.vectors, case.labels, metric)
    is_exactly(readings["within_class_share"], share, abs=1e-9)


@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_a_constant_map_has_no_variance_to_speak_of(metric):
    # A constant map has zero violations; all its triplets are ties.
    readings = audited("all_identical", metric).measures
    for measure in ("participation_ratio", "entropy_rank", "within_class_share", "thickness_ratio"):
        is_exactly(readings[measure], None)
    is_exactly(readings["violated_triplets"], 0)
    is_exactly(readings["violating_anchors"], 0)
    is_exactly(readings["tied_triplets"], 1)
    is_exactly(readings["separation_auc"], 0.5)
    is_exactly(readings["d_iso"], 0)
    is_exactly(readings["d_haus"], 0)
    report = audited("all_identical", metric)
    assert report.collapse.state == "collapsed"
    assert report.collapse.point == "collapsed"
    assert readings["collapse_state"].value == 2


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_relative_lengths_are_multiples_of_the_rms_pair_distance(name, metric):
    report = audited(name, metric)
    rms = report.measures["rms_pair_distance"].value
    for reading in report.measures.values():
        if reading.unit != "distance" or reading.value is None or not rms:
            assert reading.relative is None
        else:
            assert reading.relative == pytest.approx(reading.value / rms, rel=1e-12, abs=0)


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_every_reading_keeps_its_word(name, metric):
    for measure, reading in audited(name, metric).measures.items():
        ends = (reading.lower, reading.value, reading.upper)
        assert all(end is None or math.isfinite(end) for end in ends), measure
        if reading.kind == "undefined":
            assert ends == (None, None, None), measure
            assert reading.reason, measure
            continue
        assert reading.value is not None, measure
        assert (reading.confidence is not None) == (reading.kind == "sampled"), measure
        if reading.kind == "exact":
            assert reading.lower == reading.value == reading.upper, measure
        if reading.kind in ("certified", "sampled"):
            assert reading.lower is not None, measure
            assert reading.lower <= reading.value, measure
            assert reading.upper is None or reading.value <= reading.upper, measure


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_hardest_triplets(name, metric):
    case, _, found = truth(name, metric)
    report = audited(name, metric)
    assert len(report.hardest_triplets) == min(20, len(found.anchors))
    place = {anchor: at for at, anchor in enumerate(found.anchors.tolist())}
    rounding = 1e-12 * float(max(found.furthest.max(), found.nearest.max()))
    shown = []
    for triplet in report.hardest_triplets:
        at = place[triplet.anchor]
        assert triplet.positive == found.furthest_positive[at]
        assert triplet.negative == found.nearest_negative[at]
        assert triplet.anchor_label == case.labels[triplet.anchor]
        assert triplet.negative_label == case.labels[triplet.negative]
        assert triplet.d_positive == pytest.approx(found.furthest[at], rel=1e-12, abs=0)
        assert triplet.d_negative == pytest.approx(found.nearest[at], rel=1e-12, abs=0)
        assert triplet.violation == pytest.approx(found.gaps[at], rel=1e-9, abs=rounding)
        shown.append(triplet.violation)
    worst = np.sort(found.gaps)[::-1][: len(shown)]
    assert shown == sorted(shown, reverse=True)
    assert shown == pytest.approx(worst.tolist(), rel=1e-9, abs=rounding)


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_classes(name, metric):
    case, _, found = truth(name, metric)
    report = audited(name, metric)
    labels = np.array(case.labels)
    rounding = 1e-12 * float(max(found.furthest.max(), found.nearest.max()))
    assert [row.label for row in report.classes] == list(dict.fromkeys(case.labels))
    violating = found.d2_furthest_positive > found.d2_nearest_negative
    for row in report.classes:
        assert row.rows == int((labels == row.label).sum())
        mine = labels[found.anchors] == row.label
        if row.rows == 1:
            assert (row.violating_anchors, row.violated_triplets, row.largest_gap) == (None,) * 3
            continue
        assert row.violating_anchors == pytest.approx(violating[mine].mean())
        share = found.violated[mine].sum() / found.triplets[mine].sum()
        assert row.violated_triplets == pytest.approx(share)
        assert row.largest_gap == pytest.approx(found.gaps[mine].max(), rel=1e-9, abs=rounding)
        seen = labels[found.nearest_negative[mine & violating]].tolist()
        if seen:
            counts = {label: seen.count(label) for label in seen}
            assert counts[row.most_confused_with] == max(counts.values())
        else:
            assert row.most_confused_with is None


def test_every_set_is_audited_here():
    assert {name for name, _ in cases()} == set(SETS)
