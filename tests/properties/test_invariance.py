"""What must not change a report, and what must change it in a known way."""

import json
from functools import cache

import numpy as np
import pytest
from hypothesis import strategies as st

import embaudit
from embaudit.measures import MEASURES
from tests.combined import alternating, examples, in_part
from tests.sets import SETS

VARIES = ("environment", "timing")  # by design
NAMES_ITS_INPUT = ("run_id", "fingerprint", "inputs", "points", "digest")
SEEDS = st.integers(0, 2**32 - 1)
DECISIONS = (
    "violating_anchors", "violated_triplets", "tied_triplets", "separation_auc", "precision_at_1",
    "recall_at_5", "recall_at_10", "r_precision", "map_at_r",
)  # fmt: skip
PRESSURES = ("collapse_pressure", "collapse_risk")
LENGTHS = [one.id for one in MEASURES if one.unit == "distance"]
SCALE_FREE = [one.id for one in MEASURES if one.id not in {*LENGTHS, *PRESSURES}]


@st.composite
def labelled(draw, lattice=None):
    """A small labelled set: blobs, a lattice with many ties, far away, or nearly all equal."""
    rng = np.random.default_rng(draw(SEEDS))
    rows, dim = draw(st.integers(12, 70)), draw(st.integers(1, 12))
    classes = draw(st.integers(2, max(2, rows // 3)))
    labels = np.concatenate((np.arange(classes), rng.integers(classes, size=rows - classes)))
    labels[-1] = labels[0]  # at least one class has a positive
    kind = "lattice" if lattice else draw(st.sampled_from(["blobs", "lattice", "far", "near"]))
    vectors = rng.normal(size=(classes, dim))[labels] + 0.7 * rng.normal(size=(rows, dim))
    if kind == "lattice":
        vectors = rng.integers(-2, 3, size=(rows, dim)).astype(float)
    elif kind == "far":
        vectors = np.round(1e4 + vectors, 3)
    elif kind == "near":
        vectors = vectors[rng.integers(5, size=rows)] + 1e-7 * vectors
    return vectors, labels


def audit(vectors, labels, **options):
    options = {"measures": "all", "effort": 0, "threads": 1, "margin": 0.125, **options}
    return embaudit.audit(vectors, [*np.asarray(labels).tolist()], **options)


def values(report, ids):
    return {i: report.measures[i].value for i in ids}


def ends(report, ids):
    return {i: (report.measures[i].lower, report.measures[i].upper) for i in ids}


def without(report, *parts):
    told = json.loads(report.to_json())
    return json.dumps({key: told[key] for key in told if key not in (*VARIES, *parts)})


@examples(labelled(), SEEDS, few=2, some=4, many=60)
def test_the_order_of_rows_decides_ties_only(case, seed):
    vectors, labels = case
    order = np.random.default_rng(seed).permutation(len(vectors))
    plain, shuffled = audit(vectors, labels), audit(vectors[order], labels[order])
    # these count distances, not rows: no tie can move them
    free_of_ties = DECISIONS[:4]
    assert values(plain, free_of_ties) == pytest.approx(values(shuffled, free_of_ties), rel=1e-12)
    if plain.measures["tied_triplets"].value == 0:
        assert values(plain, DECISIONS) == pytest.approx(values(shuffled, DECISIONS), rel=1e-12)
    for measure in ("hardest_triplet_loss", "gap_p50", "diameter", "rms_pair_distance"):
        ours, theirs = plain.measures[measure], shuffled.measures[measure]
        assert ours.value == pytest.approx(theirs.value, rel=1e-9, abs=1e-12)


@examples(labelled(), few=2, some=4, many=60)
def test_the_names_of_classes_mean_nothing(case):
    # byte for byte, but for the names themselves
    vectors, labels = case
    names = [f"class {7 * (label + 3) % 1000}" for label in labels.tolist()]
    plain = audit(vectors, labels)
    renamed = embaudit.audit(vectors, names, measures="all", effort=0, threads=1, margin=0.125)
    for part in ("measures", "collapse", "forecast", "data", "search"):
        ours, theirs = (json.loads(report.to_json())[part] for report in (plain, renamed))
        assert json.dumps(ours) == json.dumps(theirs)
    for ours, theirs in zip(plain.hardest_triplets, renamed.hardest_triplets, strict=True):
        assert (ours.anchor, ours.positive, ours.negative) == (
            theirs.anchor,
            theirs.positive,
            theirs.negative,
        )


@examples(labelled(), SEEDS, few=2, some=4, many=60)
def test_a_rigid_motion_changes_rounding_only(case, seed):
    vectors, labels = case
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(vectors.shape[1],) * 2))
    plain = audit(vectors, labels)
    moved = audit((vectors - vectors[0]) @ turn + rng.normal(size=vectors.shape[1]), labels)
    size = plain.measures["diameter"].value
    for measure in ("hardest_triplet_loss", "gap_p50", "diameter", "rms_pair_distance", "d_haus"):
        ours, theirs = plain.measures[measure], moved.measures[measure]
        # the proof and the map of d_haus are searched for: ties part ways, on lattices by 2 %
        below, above = (5e-2, 1e-3) if measure == "d_haus" else (1e-9, 1e-6)
        assert ours.lower == pytest.approx(theirs.lower, rel=below, abs=1e-9 * size + 1e-14)
        assert ours.upper == pytest.approx(theirs.upper, rel=above, abs=1e-9 * size + 1e-14)


def test_a_signed_permutation_of_the_axes_of_a_lattice_is_exact():
    case = SETS["lattice_int8"]()
    moved = (case.vectors[:, ::-1] * np.array([1, -1, 1, -1])).astype(np.int8)
    plain, turned = audit(case.vectors, case.labels), audit(moved, case.labels)
    # squares of small integers are exact in any order: even ties are the same
    assert values(plain, DECISIONS) == values(turned, DECISIONS)
    assert plain.hardest_triplets == turned.hardest_triplets


def check_power_of_two(vectors, labels, exponent, metric):
    times = 2.0**exponent if metric == "l2" else 1.0
    plain = audit(vectors, labels, metric=metric)
    scaled = audit(np.ldexp(vectors, exponent), labels, metric=metric, margin=0.125 * times)
    assert values(plain, DECISIONS) == values(scaled, DECISIONS)
    for measure in LENGTHS:
        ours, theirs = plain.measures[measure], scaled.measures[measure]
        assert ours.kind == theirs.kind
        if ours.kind != "undefined":
            assert theirs.value == ours.value * times, measure
            assert theirs.relative == ours.relative, measure
    assert values(plain, SCALE_FREE) == values(scaled, SCALE_FREE)
    # neither decisions nor lengths: their weights 1/F may be rounded otherwise
    pressures = {
        i: pytest.approx(value, rel=1e-12) for i, value in values(plain, PRESSURES).items()
    }
    assert values(scaled, PRESSURES) == pressures
    for ours, theirs in zip(plain.hardest_triplets, scaled.hardest_triplets, strict=True):
        assert (ours.anchor, ours.positive, ours.negative) == (
            theirs.anchor,
            theirs.positive,
            theirs.negative,
        )
        assert theirs.violation == ours.violation * times


EXPONENTS = (-300, -100, -12, -1, 1, 30, 300)


@examples(
    labelled(),
    st.sampled_from(EXPONENTS),
    st.sampled_from(["l2", "cosine"]),
    few=2,
    some=4,
    many=60,
)
def test_a_power_of_two_scales_lengths_and_changes_no_decision(case, exponent, metric):
    vectors, labels = case
    if metric == "cosine":
        vectors = vectors + 10.0  # no zero vector
    check_power_of_two(vectors, labels, exponent, metric)


@pytest.mark.parametrize(
    ("name", "exponent"),
    in_part(alternating(["separated_blobs", "wider_than_long", "two_dimensions"], EXPONENTS), 3),
)
def test_a_power_of_two_on_sets_of_every_shape(name, exponent):
    case = SETS[name](100)
    check_power_of_two(case.vectors.astype(np.float64), case.labels, exponent, "l2")


@examples(labelled(), few=2, some=4, many=60)
def test_repeating_every_row_in_its_class(case):
    # Every row gets a positive at distance 0, so the nearest row is right for all of them, unless
    # classes share vectors; what is furthest and which negative is nearest does not change.
    vectors, labels = case
    sizes = np.bincount(labels)
    classes = {}
    for row, label in zip(vectors.tolist(), labels, strict=True):
        classes.setdefault(tuple(row), set()).add(label)
    shared = any(len(held) > 1 for held in classes.values())
    plain = audit(vectors, labels)
    twice = audit(np.concatenate((vectors, vectors)), np.concatenate((labels, labels)))
    assert twice.measures["duplicate_rows"].value == 2 * len(vectors)
    assert twice.measures["diameter"].value == plain.measures["diameter"].value
    largest = twice.measures["hardest_triplet_loss"].value
    assert largest == plain.measures["hardest_triplet_loss"].value
    if not shared:  # copies within classes do not make them coincide
        assert twice.collapse.point == "none"
    if (sizes > 1).all():
        share = plain.measures["violating_anchors"].value
        assert twice.measures["violating_anchors"].value == share


@examples(labelled(), few=2, some=4, many=60)
def test_far_singletons_change_nothing_for_the_anchors(case):
    vectors, labels = case
    far = vectors.max() + 1e3 * (1 + np.arange(3))[:, None] + np.zeros((3, vectors.shape[1]))
    plain = audit(vectors, labels)
    more = audit(np.concatenate((vectors, far)), np.concatenate((labels, 1000 + np.arange(3))))
    assert more.data.anchors == plain.data.anchors
    for measure in ("violating_anchors", "hardest_triplet_loss", "precision_at_1", "gap_p50"):
        assert more.measures[measure].value == plain.measures[measure].value
    assert more.hardest_triplets[0].anchor == plain.hardest_triplets[0].anchor


@examples(labelled(lattice=True), st.integers(-1000, 1000), few=2, some=4, many=60)
def test_shifting_a_lattice_is_exact(case, shift):
    vectors, labels = case
    plain, moved = audit(vectors, labels), audit(vectors + shift, labels)
    assert values(plain, DECISIONS) == values(moved, DECISIONS)
    assert plain.hardest_triplets == moved.hardest_triplets


@examples(labelled(lattice=True), few=1, some=4, many=60)
def test_the_stored_type_is_no_matter(case):
    vectors, labels = case
    reports = [
        audit(vectors.astype(dtype), labels)
        for dtype in (np.int8, np.float16, np.float32, np.float64, ">i2")
    ]
    assert len({without(report, *NAMES_ITS_INPUT) for report in reports}) == 1


# Two that are large enough for faiss to take its threaded path, and the shapes of classes.
REPEATED = [
    ("far_clusters", "l2"), ("unit_norm_collapsed", "cosine"), ("blobs", "l2"),
    ("four_distinct_rows", "l2"), ("lattice_int8", "cosine"), ("singletons", "l2"),
    ("one_class_of_nine_tenths", "l2"), ("many_pairs", "cosine"), ("close_pairs_float64", "cosine"),
    ("wider_than_long", "l2"),
]  # fmt: skip


LARGE = ("far_clusters", "unit_norm_collapsed")
DIVISIONS = (
    {"threads": 1},
    {"threads": 2, "block_rows": 64},
    {"threads": 2},
    {"threads": 1, "block_rows": 999},
    {"threads": 2, "block_rows": 10**6},
)


def check_divisions(case, metric, divisions):
    options = {"metric": metric, "margin": 0.1, "measures": "standard", "seed": 5}
    texts = {
        without(embaudit.audit(case.vectors, case.labels, **options, **division))
        for division in divisions
    }
    assert len(texts) == 1


@pytest.mark.parametrize(("name", "metric"), in_part(REPEATED, 12, 1))
def test_threads_and_blocks_change_no_byte(name, metric):
    if name in LARGE:
        check_divisions(SETS[name](), metric, DIVISIONS[:3])
    else:
        check_divisions(SETS[name](min(SETS[name].size, 300)), metric, DIVISIONS[:2])


@pytest.mark.soak
@pytest.mark.parametrize(("name", "metric"), REPEATED)
def test_no_division_changes_a_byte(name, metric):
    check_divisions(SETS[name](), metric, DIVISIONS)


def test_sampling_is_repeatable_and_follows_the_seed():
    case = SETS["blobs"]()
    asked = ["collapse_pressure", "batch_gap"]
    one, again, other = (
        embaudit.audit(case.vectors, case.labels, measures=asked, seed=seed) for seed in (1, 1, 2)
    )
    assert without(one) == without(again)
    assert values(one, asked) != values(other, asked)
    assert one.run_id != other.run_id


@cache
def everything_of_blobs():
    case = SETS["blobs"]()
    return embaudit.audit(case.vectors, case.labels, measures="all", effort=0)


@pytest.mark.parametrize("asked", ["paper", "standard", "violated_triplets,d_iso", "collapse_risk"])
def test_what_is_asked_for_does_not_change_what_it_is(asked):
    case, everything = SETS["blobs"](), everything_of_blobs()
    part = embaudit.audit(case.vectors, case.labels, measures=asked)
    for measure, reading in part.measures.items():
        assert reading == everything.measures[measure]
    assert part.collapse == everything.collapse
