"""Rows without a label are of no class: what is of classes is the same without them and beside."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st

from embaudit.data import EmbeddingSet
from embaudit.data.sources_and_notices import Unlabelled
from embaudit.evidence import STANDARD, Evidence, EvidenceOptions, shared_evidence
from embaudit.measures import MEASURES
from embaudit.measures.measure import AGAINST
from tests.combined import examples
from tests.measures.measured import BY_ID, SAMPLED

# Of pairs and rows of any kind: to these a row without a label is a negative of all others. So it
# is to measures of anchors (AGAINST), and a row as any other to those that need no labels.
SEE = {
    "cross_label_duplicates", "likely_mislabels", "outliers",
    "wdfs_gap", "wdfs_gap_p1", "pair_auc", "tar_at_far_1e3", "collapse_risk",
    "d_iso", "d_haus", "collapse_nearness", "d_iso_estimate", "d_haus_estimate",
}  # fmt: skip
OF_CLASSES = [
    one
    for one in MEASURES
    if one.needs_labels and not one.with_gallery.startswith(AGAINST) and one.id not in SEE
]
SEEDS = st.integers(0, 2**32 - 1)


def both(seed, metric, budget=STANDARD):
    """Evidence on a set without its rows that have no label, and with them as distractors."""
    rng = np.random.default_rng(seed)
    rows, dim, bare = (int(rng.integers(*ends)) for ends in ((12, 90), (1, 12), (1, 90)))
    classes = int(rng.integers(2, max(3, rows // 4)))
    labels = np.concatenate((np.arange(classes), rng.integers(classes, size=rows - classes)))
    labels[-1] = labels[0]  # at least one class has a positive
    vectors = rng.normal(size=(classes, dim))[labels] + 0.5 * rng.normal(size=(rows, dim))
    vectors[1] = vectors[0] if rng.integers(2) else vectors[1]  # of another class
    free = rng.choice([0.5, 3.0]) * rng.normal(size=(bare, dim))  # in the midst, or all round
    free[::3] = vectors[rng.integers(rows, size=len(free[::3]))]
    where = rng.choice([0.0, 10.0]) if metric == "l2" else 10.0
    order = rng.permutation(rows + bare)
    every = (np.concatenate((vectors, free)) + where)[order]
    named = [*labels.tolist(), *[Unlabelled(f"unlabelled row {row}") for row in range(bare)]]
    told = [named[row] for row in order.tolist()]
    kept = np.flatnonzero(order < rows)
    options = EvidenceOptions(metric=metric, margin=0.25, seed=seed % 1000, budget=budget)
    return (
        Evidence(EmbeddingSet.from_arrays(every[some], [told[row] for row in some]), options)
        for some in (kept, np.arange(rows + bare))
    )


def check(without, among):
    assert among.data.distractors
    assert not without.data.distractors
    for measure in OF_CLASSES:
        truth, found = measure.of(without), measure.of(among)
        assert found.kind == truth.kind, measure.id
        for end in ("value", "lower", "upper"):
            expected = getattr(truth, end)
            if expected is not None:
                expected = pytest.approx(expected, rel=1e-9, abs=1e-12)
            assert getattr(found, end) == expected, measure.id


@examples(SEEDS, st.sampled_from(["l2", "cosine"]), few=3, some=10, many=200)
def test_measures_of_classes_do_not_see_rows_without_a_label(seed, metric):
    check(*both(seed, metric))


@pytest.mark.parametrize("seed", range(3))
def test_nor_do_those_of_rows_that_are_drawn(seed, monkeypatch):
    monkeypatch.setattr(shared_evidence, "LEAST_ROWS", 2)
    without, among = both(seed, "l2", replace(SAMPLED, pairs=40))
    assert BY_ID["nc4_error"].of(among).kind == "sampled"
    check(without, among)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_single_class_among_them_has_no_other():
    labels = ["a" if row % 2 else Unlabelled(f"unlabelled row {row}") for row in range(40)]
    data = EmbeddingSet.from_arrays(np.random.default_rng(0).normal(size=(40, 5)), labels)
    evidence = Evidence(data)
    found = {measure.id: measure.of(evidence) for measure in MEASURES}
    assert found["likely_mislabels"].value == 0
    assert found["within_class_share"].value == 1
    assert not found["class_orthogonality"].known
    assert evidence.batch == (2, 4)


def test_the_others_are_known_by_name():
    assert {measure.id for measure in MEASURES} >= SEE
    assert "nc4_error" in {measure.id for measure in OF_CLASSES}
