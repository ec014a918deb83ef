"""Planted truth in real data: which planted rows are attributed, and what is blamed beside them.

Needs the glyph embeddings in the folder EMBAUDIT_DATA; `-s` prints the confusion table.
"""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from embaudit.data import EmbeddingSet
from embaudit.report.suspects import CULPRITS
from embaudit.settings.settings import settings_of
from embaudit.verbs.audit import run
from embaudit.verbs.audit_request import request_of

pytestmark = pytest.mark.skipif("EMBAUDIT_DATA" not in os.environ, reason="EMBAUDIT_DATA unset")
SEEDS = range(3)
AMBIGUOUS = ({"O", "0", "o"}, {"l", "I", "1"})


@cache
def glyphs():
    folder = Path(os.environ["EMBAUDIT_DATA"]) / "glyph"
    vectors = np.load(folder / "test_step03000.npy").astype(np.float32)
    return vectors, np.load(folder / "test_labels.npy")


def audited(vectors, labels):
    chosen = settings_of(measures="likely_mislabels")
    return run(EmbeddingSet.from_arrays(vectors, labels.tolist()), chosen, request_of(chosen))


def culprits(vectors, labels):
    """(N,) what each input row is, -1 for innocent."""
    evidence = audited(vectors, labels).evidence
    found = np.empty(len(labels), dtype=np.int64)
    found[evidence.data.input_rows] = evidence.attribution.suspect_kind
    return found


@cache
def clean():
    return culprits(*glyphs())


def scored(kind, planted, found):
    """Precision and recall of a kind, less what the clean set shows of it already."""
    number = CULPRITS.index(kind)
    hit = np.zeros(len(found), dtype=bool)
    hit[planted] = True
    flagged = found == number
    counted = flagged & (hit | (clean() != number))
    table = {name: int((found[planted] == k).sum()) for k, name in enumerate(CULPRITS)}
    print(f"\nplanted {kind}: {len(planted)} rows, found as {table}; "
          f"{counted.sum() - (flagged & hit).sum()} others newly blamed, "
          f"{(clean() == number).sum()} blamed in the clean set")  # fmt: skip
    return (flagged & hit).sum() / counted.sum(), flagged[planted].mean()


@pytest.mark.parametrize("seed", SEEDS)
def test_exact_duplicates_under_other_labels(seed):
    vectors, labels = glyphs()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    copies = order[: len(labels) // 100]
    sources = np.array(
        [next(s for s in rng.permutation(order[1000:]) if labels[s] != labels[c]) for c in copies]
    )
    changed = vectors.copy()
    changed[copies] = vectors[sources]
    precision, recall = scored("duplicate", np.union1d(copies, sources), culprits(changed, labels))
    assert min(precision, recall) >= 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_flips_between_well_separated_classes(seed):
    vectors, labels = glyphs()
    rng = np.random.default_rng(seed)
    names, codes = np.unique(labels, return_inverse=True)
    means = np.stack([vectors[codes == c].mean(axis=0) for c in range(len(names))])
    apart = np.linalg.norm(means[:, None] - means, axis=2)
    flipped = rng.choice(len(labels), len(labels) // 100, replace=False)
    changed = labels.copy()
    for row in flipped:
        changed[row] = names[rng.choice(np.flatnonzero(apart[codes[row]] > np.median(apart)))]
    precision, recall = scored("likely_mislabel", flipped, culprits(vectors, changed))
    assert min(precision, recall) >= 0.8


@pytest.mark.parametrize("far", [1.5, 10.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_far_outliers(seed, far):
    vectors, labels = glyphs()
    rng = np.random.default_rng(seed)
    thrown = rng.choice(len(labels), len(labels) // 100, replace=False)
    way = rng.normal(size=(len(thrown), vectors.shape[1]))
    rms = np.sqrt(2 * vectors.var(axis=0).sum())
    changed = vectors.copy()
    changed[thrown] = vectors.mean(axis=0) + far * rms * way / np.linalg.norm(way, axis=1)[:, None]
    precision, recall = scored("outlier", thrown, culprits(changed, labels))
    assert min(precision, recall) >= 0.8


def test_true_ambiguities_are_confused_pairs_and_hardly_ever_mislabels():
    blame = audited(*glyphs()).report.blame
    assert blame is not None
    pairs = [set(pair.labels) for pair in blame.confused_pairs[:20]]
    print(pairs)
    for group in AMBIGUOUS:
        assert sum(pair <= group for pair in pairs) >= 2
    vectors, labels = glyphs()
    evidence = audited(vectors, labels).evidence
    found = evidence.attribution
    likely = {
        (evidence.data.classes[evidence.data.codes[row]], evidence.data.classes[found.likely[row]])
        for row in np.flatnonzero(found.likely >= 0)
    }
    ambiguous = [pair for pair in likely if any({*pair} <= group for group in AMBIGUOUS)]
    assert len(ambiguous) <= 1
