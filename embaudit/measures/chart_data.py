"""How distances, gaps and variance are spread: what pictures are drawn from."""

from collections.abc import Collection, Iterator

import numpy as np

from embaudit.core.prepared_points import Floats, Rows
from embaudit.evidence import Evidence
from embaudit.measures.lda_map import row_map
from embaudit.measures.pair_densities import pair_densities
from embaudit.measures.separation_distance import nearest_map
from embaudit.report.plot_data import Distances, Distributions, Histogram, Moved, Plane

BINS, CELLS = 60, 32
TAIL = 0.005  # of the anchors, beyond the bins of equal width on either side
BATCH = 128  # rows up to which a set of more than two dimensions is drawn
MOST = 512  # rows, or directions
CHUNK = 1 << 20


def distributions_of(
    evidence: Evidence, with_plane: bool, named: Collection[int] = ()
) -> Distributions:
    """Of the anchors, pairs and the spectrum, and a map of rows.

    with_plane: the arrows to the nearest separated map too. named: input rows that the map shows.
    """
    labelled = evidence.data.labelled
    total = evidence.moments.trace
    values = evidence.moments.axes.values[:MOST] if total > 0 else np.zeros(0)
    return Distributions(
        distances=_distances(evidence) if labelled else None,
        gaps=_gaps(evidence) if labelled else None,
        variances=tuple((values / total).tolist()),
        plane=_plane(evidence) if with_plane and labelled else None,
        pairs=pair_densities(evidence) if labelled else None,
        map=row_map(evidence, np.flatnonzero(np.isin(evidence.data.input_rows, list(named)))),
    )


def _distances(evidence: Evidence) -> Distances | None:
    """Furthest positive by nearest negative."""
    step = max(1, len(evidence.anchors) // CHUNK)
    spread = [values for pair in _pairs(evidence, step) for values in pair]
    ends = [[f(one) for f in (np.min, np.max)] for pair in _pairs(evidence) for one in pair]
    edges = _edges(np.concatenate(spread), np.min(ends), np.max(ends), CELLS)
    if edges is None:
        return None
    bins = len(edges) - 1
    counts = np.zeros(bins * bins, dtype=np.int64)
    for furthest, nearest in _pairs(evidence):
        cells = _bins(furthest, edges) * bins + _bins(nearest, edges)
        counts += np.bincount(cells, minlength=bins * bins)
    rows = tuple(map(tuple, counts.reshape(bins, bins).tolist()))
    return Distances(edges=tuple(edges.tolist()), counts=rows)


def _pairs(evidence: Evidence, step: int = 1) -> Iterator[tuple[Floats, Floats]]:
    """Furthest positive and nearest negative of every step-th anchor, some at a time."""
    scan, unit = evidence.scan, evidence.unit
    for start in range(0, len(evidence.anchors), CHUNK * step):
        rows = evidence.anchors[start : start + CHUNK * step : step]
        furthest = np.sqrt(scan.d2_furthest_positive[rows]) * unit
        yield furthest, np.sqrt(scan.d2_nearest_negative[rows]) * unit


def _gaps(evidence: Evidence) -> Histogram | None:
    gaps, unit = evidence.gaps, evidence.unit
    some = gaps[:: max(1, len(gaps) // CHUNK)]
    edges = _edges(some, gaps.min(), gaps.max(), BINS)
    if edges is None:
        return None
    if edges[0] < 0 < edges[-1]:
        edges = np.unique(np.append(edges, 0.0))
    elif edges[0] == 0 < edges[-1]:  # ties do not violate: they are in a bin below 0
        edges = np.concatenate(([-edges[1]], edges))
    told = _distinct(edges * unit)
    if not np.isfinite(told).all():
        return None
    edges = told / unit
    counts = np.zeros(len(edges) - 1, dtype=np.int64)
    for start in range(0, len(gaps), CHUNK):
        counts += np.bincount(_bins(gaps[start : start + CHUNK], edges), minlength=len(counts))
    return Histogram(edges=tuple(told.tolist()), counts=tuple(counts.tolist()))


def _edges(some: Floats, low: float, high: float, bins: int) -> Floats | None:
    """Bins of equal width for all but the tails, and a bin for each tail; None on overflow."""
    if not np.isfinite(high - low):
        return None
    least, most = np.quantile(some, (TAIL, 1 - TAIL)).tolist()
    inner = np.linspace(least, most, bins - 1)
    return _distinct(np.concatenate(([low], inner, [high])))


def _distinct(edges: Floats) -> Floats:
    """Rising edges, of one bin at least; those that float64 cannot tell apart are one."""
    told: Floats = np.unique(edges)
    return told if len(told) > 1 else np.repeat(told, 2)


def _bins(values: Floats, edges: Floats) -> Rows:
    """The bin of each value, right edges included."""
    return np.clip(np.searchsorted(edges, values, side="left") - 1, 0, len(edges) - 2)


def _plane(evidence: Evidence) -> Plane | None:
    """f and f* of a small set: as they are in two dimensions, else by principal directions."""
    data = evidence.data
    if evidence.gallery is not None or data.dim < 2:
        return None
    if data.size > (MOST if data.dim == 2 else BATCH):
        return None
    moments = evidence.moments
    before = moments.centred(evidence.points.floats(slice(None)))
    after, found_by = nearest_map(evidence)
    if data.dim == 2:
        axes = np.eye(2)
        before, after = before + moments.mean, after + moments.mean
    else:
        axes = moments.axes.leading(2)[1]
    at, to = before @ axes * evidence.unit, after @ axes * evidence.unit
    return Plane(
        axes="the two dimensions" if data.dim == 2 else "the two leading principal directions",
        found_by=found_by,
        rows=tuple(
            Moved(row=row, label=data.classes[code], at=tuple(at[k]), to=tuple(to[k]))
            for k, (row, code) in enumerate(
                zip(data.input_rows.tolist(), data.codes.tolist(), strict=True)
            )
        ),
    )
