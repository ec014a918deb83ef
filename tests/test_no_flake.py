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

from embaudit.arrays import set_of
from embaudit.comparing import compared
from embaudit.config import settings_of
from embaudit.evidence import Evidence
from embaudit.measures import anchors_of
from embaudit.paired import paired_tests
from embaudit.pipeline import check, run
from embaudit.saved import Saved

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


def audited(rows, labels=None, ids=None, **options):
    vectors, known, _ = glyphs()
    labels = known[rows] if labels is None else labels
    settings = settings_of(measures=",".join(MEANS), threads=1, **options)
    return run(set_of(vectors[rows], labels, ids, settings), settings, check(settings))


def table(rows, ids=None):
    """The table of anchors alone."""
    vectors, labels, _ = glyphs()
    return anchors_of(Evidence(set_of(vectors[rows], labels[rows], ids, settings_of())))


def halves(seed, with_ids=False):
    """Tests of the same checkpoint on two halves of the fonts, font by font as they are stored."""
    _, _, font = glyphs()
    names = np.random.default_rng(seed).permutation(np.unique(font))
    parts = names[: len(names) // 2], names[len(names) // 2 : 2 * (len(names) // 2)]
    rows = [np.flatnonzero(np.isin(font, part)) for part in parts]
    tables = [table(some, font[some] if with_ids else None) for some in rows]
    tests = paired_tests(*tables, len(rows[0]))
    return [tests[id].real for id in MEANS]


def flips(seed):
    """Tests of 1 % labels flipped, on all rows."""
    _, labels, _ = glyphs()
    rng = np.random.default_rng(seed)
    rows, flipped = np.arange(len(labels)), labels.copy()
    at = rng.choice(rows, len(rows) // 100, replace=False)
    classes = np.unique(labels)
    flipped[at] = [rng.choice(classes[classes != one]) for one in labels[at]]
    before, after = clean(), audited(rows, flipped, gate="violated_triplets increase <= 0")
    found = compared(Saved(Path("none.json"), before[0]), after.report, after.anchors)
    tests = paired_tests(before[1], after.anchors(), len(rows))
    return [tests[id].real and tests[id].lower * found.changes[id].value > 0 for id in MEANS]


@cache
def clean():
    one = audited(np.arange(len(glyphs()[1])))
    return one.report, one.anchors()


def over_seeds(function, seeds):
    with ProcessPoolExecutor(2) as pool:
        return np.array(list(pool.map(function, range(seeds), chunksize=5)))


def test_the_paired_test_at_5_percent_rejects_a_true_null_in_3_to_7():
    seeds = int(os.environ.get("EMBAUDIT_SEEDS", "1000"))
    rejected = over_seeds(halves, seeds).mean(axis=0)
    print(dict(zip(MEANS, rejected.tolist(), strict=True)))
    assert ((rejected >= 0.03) & (rejected <= 0.07)).all()


def test_a_planted_degradation_is_caught():
    caught = over_seeds(flips, 100).sum(axis=0)
    print(dict(zip(MEANS, caught.tolist(), strict=True)))
    assert (caught >= 95).all()


def sampled(seed):
    rows = np.arange(len(glyphs()[1]))
    reading = audited(rows, seed=seed).report.measures["violated_triplets"]
    return reading.lower, reading.value, reading.upper


def test_no_verdict_changes_with_a_limit_two_interval_widths_away():
    ends = over_seeds(sampled, 200)
    widths = ends[:, 2] - ends[:, 0]
    limit = ends[0, 1] + 2 * widths[0]
    print("limit", limit, "upper ends", ends[:, 2].min(), ends[:, 2].max())
    assert (ends[:, 2] <= limit).all()
    assert (ends[:, 0] > ends[0, 1] - 2 * widths[0]).all()  # nor from the other side
