"""What needs no labels is the same without them: as by definition, and as with labels."""

import json
from functools import cache

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.errors import InputRefused, UsageError
from embaudit.evidence import Evidence
from embaudit.measures import MEASURES
from embaudit.report import STATES
from embaudit.verbs.explain import report_schema
from tests import oracle
from tests.combined import in_part
from tests.measures.measured import measured
from tests.measures.test_certified import encloses
from tests.measures.test_exact import is_exactly
from tests.sets import SETS, alternating_cases

FREE = [measure.id for measure in MEASURES if not measure.needs_labels]
KINDS = ["point_collapse", "dimensional_collapse"]
# Labels tell what may be expected.
RULED_OTHERWISE = ["point_collapse", "dimensional_collapse", "collapse_state"]
SCHEMA = jsonschema.Draft202012Validator(json.loads(report_schema()))


@cache
def given_set(name, metric):
    """The set, and a margin."""
    case = SETS[name](min(SETS[name].size, 120))
    return case, 0.1 * oracle.rms_pair_distance(case.vectors, metric)


@cache
def unlabelled(name, metric):
    """The report on a set without its labels."""
    case, margin = given_set(name, metric)
    return embaudit.audit(
        case.vectors, no_labels=True, metric=metric, margin=margin, measures="all", effort=0
    )


def test_what_needs_no_labels():
    promised = {
        *("thickness", "thickness_intrinsic", "affine_dimension", "diameter", "thickness_ratio"),
        *("iap_factor", "rms_pair_distance", "participation_ratio", "entropy_rank"),
        *("duplicate_rows", "mean_cosine", "enclosing_radius", "collapse_state", *KINDS),
        *("rankme", "uniformity", "hubness_skewness", "antihub_share"),
    }
    assert promised <= set(FREE)
    assert not {"class_collapse", "d_iso", "collapse_risk", "within_class_share"} & set(FREE)


@pytest.mark.parametrize(("name", "metric"), in_part(alternating_cases()))
def test_a_report_holds_that_and_no_more(name, metric):
    report, rows = unlabelled(name, metric), len(given_set(name, metric)[0].vectors)
    assert list(report.measures) == FREE
    assert (report.classes, report.hardest_triplets, report.forecast) == ((), (), ())
    data = report.data
    assert (data.rows, data.classes, data.anchors, data.singleton_classes) == (rows, 0, 0, 0)
    assert (report.options.labels, report.options.batch) == (False, None)
    assert list(report.timing) == ["findings", "measures"]
    SCHEMA.validate(json.loads(report.to_json()))


@pytest.mark.parametrize(("name", "metric"), alternating_cases())
def test_it_is_what_its_definition_says(name, metric):
    case, _ = given_set(name, metric)
    vectors, readings = case.vectors, unlabelled(name, metric).measures
    rms, duplicates = oracle.rms_pair_distance(vectors, metric), oracle.duplicate_rows(vectors)
    is_exactly(readings["rms_pair_distance"], rms)
    is_exactly(readings["duplicate_rows"], duplicates)
    is_exactly(readings["diameter"], oracle.diameter(vectors, metric))
    cosine = oracle.mean_cosine(vectors[np.abs(vectors.astype(float)).max(axis=1) > 0])
    is_exactly(readings["mean_cosine"], cosine, abs=1e-12)
    if name == "all_identical":
        return
    ratio, rank = (
        ask(vectors, metric) for ask in (oracle.participation_ratio, oracle.entropy_rank)
    )
    is_exactly(readings["participation_ratio"], ratio, rel=1e-7)
    is_exactly(readings["entropy_rank"], rank, rel=1e-7)
    state = unlabelled(name, metric).collapse
    held = max(np.unique(vectors + 0.0, axis=0, return_counts=True)[1])
    if metric == "l2":  # under cosine rows of one direction coincide too
        assert state.point == ("collapsed" if 2 * held > len(vectors) else "none")
    assert state.dimensional in ("none", "warning")  # how many are needed is not known
    assert state.class_ is None
    assert state.state == max((state.point, state.dimensional), key=STATES.index)
    is_exactly(readings["collapse_state"], STATES.index(state.state))
    assert readings["collapse_state"].reason == "class collapse is not known"


@pytest.mark.parametrize(("name", "metric"), in_part(alternating_cases()))
def test_rows_in_the_order_of_classes_give_the_same_bits(name, metric):
    case, margin = given_set(name, metric)
    codes = oracle.class_codes(case.labels)
    order = np.argsort(codes, kind="stable")
    asked = {"metric": metric, "margin": margin, "effort": 0}
    with_labels = measured(case.vectors[order], codes[order], FREE, **asked)
    asked |= {"measures": FREE, "threads": 1}
    without = embaudit.audit(case.vectors[order], no_labels=True, **asked).measures
    for measure in set(FREE) - set(RULED_OTHERWISE):
        assert without[measure] == with_labels[measure], measure


@pytest.mark.parametrize(
    "name", ["blobs", "far_mean_float64", "two_dimensions", "four_distinct_rows"]
)
def test_whatever_the_order_both_intervals_enclose(name):
    case, margin = given_set(name, "l2")
    asked = {"margin": margin, "measures": FREE, "effort": 1}
    with_labels = embaudit.audit(case.vectors, case.labels, **asked).measures
    without = embaudit.audit(case.vectors, no_labels=True, **asked).measures
    for measure, reading in without.items():
        other = with_labels[measure]
        if measure in RULED_OTHERWISE or reading.kind == "undefined":
            continue
        assert reading.kind == other.kind, measure
        if reading.kind == "exact":
            assert reading.value == pytest.approx(other.value, rel=1e-9)
        elif reading.upper is not None and other.upper is not None:
            assert max(reading.lower, other.lower) <= min(reading.upper, other.upper), measure


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_small_sets_are_enclosed(seed, dim):
    rng = np.random.default_rng((seed, dim))
    vectors = rng.normal(size=(9, dim)).round(2)
    readings = embaudit.audit(vectors, no_labels=True, effort=1).measures
    encloses(readings["thickness"], oracle.exact_width(vectors))
    encloses(readings["enclosing_radius"], oracle.enclosing_radius(vectors))
    across = oracle.diameter(vectors)
    encloses(readings["diameter"], across)
    encloses(readings["thickness_ratio"], oracle.exact_width(vectors) / across)


# Degenerate sets.


def states(vectors, **options):
    found = embaudit.audit(vectors, no_labels=True, **options).collapse
    return found.state, found.point, found.dimensional, found.class_


def test_two_rows():
    found = embaudit.audit([[1.0, 0, 0], [4, 4, 0]], no_labels=True, effort=2)
    for measure, value in {"diameter": 5, "rms_pair_distance": 5, "enclosing_radius": 2.5}.items():
        encloses(found.measures[measure], value)
    is_exactly(found.measures["affine_dimension"], 1)
    is_exactly(found.measures["participation_ratio"], 1)
    assert found.collapse.state == "none"  # two rows have one dimension at most


@pytest.mark.parametrize("rows", [2, 7])
@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_all_rows_equal(rows, metric):
    found = embaudit.audit(np.full((rows, 6), 0.5), no_labels=True, metric=metric, measures="all")
    assert found.collapse.state == found.collapse.point == "collapsed"
    is_exactly(found.measures["duplicate_rows"], rows)
    is_exactly(found.measures["diameter"], 0)
    is_exactly(found.measures["enclosing_radius"], 0)
    for measure in ("participation_ratio", "entropy_rank", "thickness_ratio"):
        is_exactly(found.measures[measure], None)


def test_collapsed_to_a_point_to_few_dimensions_and_not():
    rng = np.random.default_rng(0)
    cloud = rng.normal(size=(200, 16))
    assert states(cloud) == ("none", "none", "none", None)
    assert states(cloud, margin=100.0) == ("none", "none", "none", None)  # no unit of collapse
    wide = rng.normal(size=(400, 64)) * np.where(np.arange(64) < 3, 1.0, 1e-4)
    assert states(wide)[2] == "warning"  # labels alone could say how many are needed
    cloud[:99] = cloud[0]
    assert states(cloud)[1] == "none"
    cloud[:102] = cloud[0]
    assert states(cloud)[1] == "collapsed"


@pytest.mark.parametrize("vectors", [np.zeros((1, 3)), np.zeros((0, 3)), np.zeros((3, 0))])
def test_nothing_to_audit(vectors):
    with pytest.raises(InputRefused, match=r"nothing to audit|single row"):
        embaudit.audit(vectors, no_labels=True)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_are_checked_all_the_same(bad):
    with pytest.raises(InputRefused, match="rows 1"):
        embaudit.audit([[0.0, 1], [bad, 1], [2, 3]], no_labels=True)


# What may be asked for.


@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 12),
    st.integers(1, 5),
    st.lists(st.sampled_from(["paper", "standard", "all", *FREE]), min_size=1, max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_no_measure_that_needs_labels_ever_appears(seed, rows, dim, asked):
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-2, 3, size=(rows, dim)) * 2.0 ** rng.integers(-3, 4)
    report = embaudit.audit(vectors, no_labels=True, measures=asked, effort=0)
    assert set(report.measures) <= set(FREE)
    assert set(FREE) & set(asked) <= set(report.measures)
    assert set(report.collapse.evidence) <= set(FREE)
    SCHEMA.validate(json.loads(report.to_json()))


@given(st.sets(st.sampled_from([measure.id for measure in MEASURES]), min_size=1))
@settings(max_examples=40, deadline=None)
def test_one_that_does_is_refused_by_name(asked):
    needing = sorted(asked - set(FREE))
    if not needing:
        report = embaudit.audit(np.eye(3), no_labels=True, measures=sorted(asked), effort=0)
        assert set(report.measures) == asked
        return
    with pytest.raises(UsageError) as refusal:
        embaudit.audit(np.eye(3), no_labels=True, measures=sorted(asked))
    assert set(needing) <= set(refusal.value.message.replace(".", "").split())
    assert all(id in refusal.value.hint for id in FREE)


def test_presets_are_restricted():
    by_preset = {
        preset: set(embaudit.audit(np.eye(4), no_labels=True, measures=preset).measures)
        for preset in ("paper", "standard", "all")
    }
    for preset, found in by_preset.items():
        assert found == {m.id for m in MEASURES if m.id in FREE and preset in m.presets}


def test_whoever_asks_for_anchors_fails():
    evidence = Evidence(EmbeddingSet.from_arrays(np.eye(3), None))
    for asked in ("scan", "anchors", "ranks", "separated_maps"):
        with pytest.raises(AssertionError, match="needs no labels"):
            getattr(evidence, asked)


def test_nothing_is_searched():
    case = SETS["blobs"](400)
    stages = {True: set(), False: set()}
    for labelled, seen in stages.items():
        labels = {"labels": case.labels} if labelled else {"no_labels": True}
        embaudit.audit(
            case.vectors, progress=lambda stage, *_, seen=seen: seen.add(stage), **labels
        )
    assert stages[False] < stages[True]
    assert stages[False] <= {"diameter"}


def test_threads_blocks_and_where_rows_lie_change_nothing():
    case = SETS["blobs"]()
    report = embaudit.audit(case.vectors, no_labels=True, measures="all", threads=1)
    divided = embaudit.audit(case.vectors, no_labels=True, measures="all", threads=2, block_rows=17)
    assert divided.measures == report.measures
    for on_disk in (True, False):
        there = EmbeddingSet.from_arrays(case.vectors, None, on_disk=on_disk)
        assert embaudit.audit(there, measures="all").measures == report.measures
