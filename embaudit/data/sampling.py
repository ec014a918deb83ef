"""A sample of rows that keeps what an audit lives on: the classes' shares, and their positives."""

import numpy as np

from embaudit.core.prepared_points import Floats, Rows
from embaudit.core.random_streams import SAMPLED_ROWS, random_stream
from embaudit.errors import UsageError, option


def drawn(codes: Rows, wanted: int, seed: int, least: int = 2) -> Rows:
    """`wanted` of the N rows with these class codes, ascending; every class keeps its share.

    A class of two rows or more keeps at least two, so that it has anchors (or `least`, where its
    positives are elsewhere); a single row may go. The same codes and seed give the same rows.
    Raises UsageError where that takes more rows.
    """
    sizes = np.bincount(codes)
    rng = random_stream(seed, SAMPLED_ROWS)
    counts = _shares(sizes, wanted, least, rng)
    starts = np.cumsum(sizes) - sizes
    # rows shuffled inside their classes: the first few of each class are a fair draw
    shuffled = rng.permutation(len(codes))
    shuffled = shuffled[np.argsort(codes[shuffled], kind="stable")]
    place = np.arange(len(codes)) - np.repeat(starts, sizes)
    return np.sort(shuffled[place < np.repeat(counts, sizes)])


def _shares(sizes: Rows, wanted: int, few: int, rng: np.random.Generator) -> Rows:
    """How many rows each class keeps: proportional, `few` at least of two, `wanted` in all."""
    least = np.where(sizes > 1, few, 0)
    if wanted < least.sum():
        raise UsageError(
            f"A sample of {wanted} rows cannot hold two of each of the {np.count_nonzero(least)} "
            "classes that have positives.",
            f"Give {option('sample')} at least {least.sum()}.",
        )
    quota = _proportional(sizes, wanted)
    raised = np.zeros(len(sizes), dtype=bool)
    while (low := (quota < least) & ~raised).any():  # what these gain, the others share
        raised |= low
        rest = wanted - int(least[raised].sum())
        quota = np.where(raised, least, _proportional(np.where(raised, 0, sizes), rest))
    counts = np.floor(quota).astype(np.int64)
    # what rounding left goes to the largest remainders, by lot where they are equal
    order = np.lexsort((rng.permutation(len(sizes)), counts - quota))
    counts[order[: wanted - int(counts.sum())]] += 1
    return counts


def _proportional(sizes: Rows, wanted: int) -> Floats:
    quota: Floats = wanted * sizes / max(1, int(sizes.sum()))
    return quota
