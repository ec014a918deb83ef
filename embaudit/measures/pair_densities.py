"""How far positives and negatives are apart: what a reader sees overlap, or not."""

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.evidence import Evidence
from embaudit.geometry.sample_retrieval import cross_squares
from embaudit.report.plot_data import PairDensities

BINS = 48
MOST = 1024  # rows of a gallery


def pair_densities(evidence: Evidence) -> PairDensities | None:
    """Distances of pairs of the sample's rows, or of its rows and a gallery's, in bins.

    None without a pair of either kind, where all are alike, or where distances overflow.
    """
    squares, alike = _own(evidence) if evidence.gallery is None else _crossing(evidence)
    distances = np.sqrt(squares) * evidence.unit
    positive, negative = distances[alike], distances[~alike]
    if not len(positive) or not len(negative):
        return None
    low, high = (f([f(positive), f(negative)]) for f in (np.min, np.max))
    if not np.isfinite(high) or not high > low:
        return None
    edges = np.unique([float(f"{one:.6g}") for one in np.linspace(low, high, BINS + 1)])
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    counts = [np.histogram(kind, edges)[0] for kind in (positive, negative)]
    shares = [some / some.sum() for some in counts]
    return PairDensities(
        edges=tuple(edges.tolist()),
        positive=tuple(counts[0].tolist()),
        negative=tuple(counts[1].tolist()),
        overlap=float(f"{np.minimum(*shares).sum():.4g}"),
    )


def _own(evidence: Evidence) -> tuple[Floats, NDArray[np.bool_]]:
    """(p,) squared distances of all pairs of the sample, and which are of one class."""
    sample = evidence.sample
    pairs = ~np.tri(len(sample.codes), dtype=bool)
    return sample.squares[pairs], (sample.codes[:, None] == sample.codes)[pairs]


def _crossing(evidence: Evidence) -> tuple[Floats, NDArray[np.bool_]]:
    """The same of queries and rows of the gallery; a query that is a row of it is no pair."""
    scan, queries = evidence.gallery_scan, evidence.sample.rows
    codes = evidence.data.codes_of(queries)
    rows = _of_classes(scan.gallery.starts, np.unique(codes))
    others = scan.points.floats(rows) - evidence.row_statistics.centre
    squares = cross_squares(evidence.sample.values, others)
    pairs = scan.itself[queries][:, None] != rows
    return squares[pairs], (codes[:, None] == scan.gallery.codes_of(rows))[pairs]


def _of_classes(starts: Rows, codes: Rows) -> Rows:
    """About MOST rows of some classes, as many of each, evenly through it."""
    each = max(1, MOST // len(codes))
    parts = [np.empty(0, dtype=np.int64)]
    for start, end in zip(starts[codes].tolist(), starts[codes + 1].tolist(), strict=True):
        parts.append(np.linspace(start, end - 1, min(each, end - start)).astype(np.int64))
    return np.concatenate(parts)
