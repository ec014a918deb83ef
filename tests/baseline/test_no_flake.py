"""The gate's alarms on real data: rare where nothing changed, certain where something did.

On EMBAUDIT_DATA. The null is real: the same checkpoint, looked at through two random halves of the
fonts. Chance then moves every figure, and all glyphs of a font at once.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from embaudit.baseline.paired_comparison import paired_tests
from embaudit.evidence import Evidence, EvidenceOptions
from embaudit.measures import VIOLATED_TRIPLETS, anchors_of
from embaudit.settings.settings import settings_of
from embaudit.verbs.set_from_arrays import set_of

FOLDER = os.environ.get("EMBAUDIT_DATA")
MEANS = ("violated_triplets", "precision_at_1")
pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(FOLDER is None, reason="needs EMBAUDIT_DATA"),
]


@cache
def glyphs():
    folder = Path(FOLDER) / "glyph"
    names = ("test_step03000", "test_labels", "test_font")
    return tuple(np.load(folder / f"{name}.npy") for name in names)


def evidence_of(rows, labels=None, ids=None, seed=0):
    vectors, known, _ = glyphs()
    labels = known[rows] if labels is None else labels
    return Evidence(set_of(vectors[rows], labels, ids, settings_of()), EvidenceOptions(seed=seed))


def halves(seed, with_ids=False):
    """Tests of the same checkpoint on two halves of the fonts, font by font as they are stored."""
    _, _, font = glyphs()
    names = np.random.default_rng(seed).permutation(np.unique(font))
    parts = names[: len(names) // 2], names[len(names) // 2 : 2 * (len(names) // 2)]
    rows = [np.flatnonzero(np.isin(font, part)) for part in parts]
    ids = [font[some] if with_ids else None for some in rows]
    tables = [
        anchors_of(evidence_of(some, ids=those)) for some, those in zip(rows, ids, strict=True)
    ]
    tests = paired_tests(*tables, len(rows[0]))
    return [tests[id].real for id in MEANS]


def flips(seed):
    """Whether 1 % of the labels, flipped, are a real loss, and fail the gate of a baseline."""
    _, labels, _ = glyphs()
    rng = np.random.default_rng(seed)
    rows, flipped = np.arange(len(labels)), labels.copy()
    at = rng.choice(rows, len(rows) // 100, replace=False)
    classes = np.unique(labels)
    flipped[at] = [rng.choice(classes[classes != one]) for one in labels[at]]
    tests = paired_tests(clean(), anchors_of(evidence_of(rows, flipped)), len(rows))
    lost = tests["violated_triplets"].change, -tests["precision_at_1"].change
    return [tests[id].real and loss > 0.005 for id, loss in zip(MEANS, lost, strict=True)]


@cache
def clean():
    return anchors_of(evidence_of(np.arange(len(glyphs()[1]))))


def over_seeds(function, seeds):
    with ProcessPoolExecutor(2) as pool:
        return np.array(list(pool.map(function, range(seeds), chunksize=5)))


def test_the_paired_test_at_5_percent_rejects_a_true_null_in_3_to_7():
    seeds = int(os.environ.get("EMBAUDIT_SEEDS", "1000"))
    rejected = over_seeds(halves, seeds).mean(axis=0)
    print(dict(zip(MEANS, rejected.tolist(), strict=True)))
    assert (rejected >= 0.03).all()
    assert (rejected <= 0.07).all()


def test_a_planted_degradation_is_caught():
    caught = over_seeds(flips, 100).sum(axis=0)
    print(dict(zip(MEANS, caught.tolist(), strict=True)))
    assert (caught >= 95).all()


def sampled(seed):
    evidence = evidence_of(np.arange(len(glyphs()[1])), seed=seed)
    bound = VIOLATED_TRIPLETS.of(evidence)
    assert bound.kind == "sampled"
    return bound.lower, bound.value, bound.upper


def test_no_verdict_changes_with_a_limit_two_interval_widths_away():
    ends = over_seeds(sampled, 200)
    widths = ends[:, 2] - ends[:, 0]
    limit = ends[0, 1] + 2 * widths[0]
    print("limit", limit, "upper ends", ends[:, 2].min(), ends[:, 2].max())
    assert (ends[:, 2] <= limit).all()
    assert (ends[:, 0] > ends[0, 1] - 2 * widths[0]).all()  # nor from the other side
