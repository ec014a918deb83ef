"""A map of rows: where they lie along the two directions that tell the classes apart best."""

import numpy as np

from embaudit.core.prepared_points import Floats, Rows
from embaudit.core.random_streams import MAP_ROWS, random_stream
from embaudit.evidence import Evidence
from embaudit.geometry.discriminants import LEADING, discriminants, principal
from embaudit.report.plot_data import RowMap

MOST = 700  # rows
SUSPECTS = 600  # of them: those that a report names
APART = "the two directions along which the classes lie furthest apart (linear discriminants)"
SPREAD = "the two directions in which rows differ most (principal components)"


def row_map(evidence: Evidence, named: Rows) -> RowMap:
    """Rows of the sample in a plane, and those that are named, ordered positions, among them."""
    data = evidence.data
    labelled = data.labelled and len(data.classes) > 1
    axes = APART if labelled else SPREAD
    missing = _missing(evidence)
    if missing is None:
        found = _discriminants(evidence) if labelled else principal(evidence.axes.leading(2))
        if found is None:
            missing = "all rows are the same"
        else:
            rows = _rows(evidence, named)
            at = (evidence.points.floats(rows) - evidence.row_statistics.mean) @ found
            if np.isfinite(at).all():
                return _told(evidence, axes, rows, at)
            missing = "coordinates overflow"
    return RowMap(axes=axes, reason=missing, of=data.size)


def _missing(evidence: Evidence) -> str | None:
    """Why there is nothing to draw."""
    if evidence.data.dim < 2:
        return "a single dimension has no plane"
    if len(evidence.sample.rows) < 3:
        return "fewer than three rows"
    return None


def _discriminants(evidence: Evidence) -> Floats | None:
    """Of the classes of the sample; their means are of all rows, where none is stray."""
    data, sample, moments = evidence.data, evidence.sample, evidence.moments
    codes = data.codes_of(sample.rows)
    drawn, sizes = np.unique(codes, return_counts=True)
    if evidence.row_statistics.usual.all():
        means, sizes = moments.class_shifts[drawn], data.sizes[drawn]
    else:
        sums = np.zeros((len(drawn), data.dim))
        np.add.at(sums, sample.codes, sample.values)
        means = sums / sizes[:, None]
    shares = sizes / sizes.sum()
    means = means - shares @ means
    leading = evidence.axes.leading(LEADING)
    return discriminants(leading, data.size, means * np.sqrt(shares)[:, None])


def _rows(evidence: Evidence, named: Rows) -> Rows:
    """Ordered rows, ascending: those that are named, and others of the sample beside them."""
    named = named[:SUSPECTS]
    others = np.setdiff1d(evidence.sample.rows, named)
    rng = random_stream(evidence.seed, MAP_ROWS)
    return np.sort(np.concatenate((named, rng.permutation(others)[: MOST - len(named)])))


def _told(evidence: Evidence, axes: str, rows: Rows, at: Floats) -> RowMap:
    data = evidence.data
    labels, codes = np.unique(data.codes_of(rows), return_inverse=True)
    return RowMap(
        axes=axes,
        reason=None,
        of=data.size,
        labels=tuple(data.classes[code] for code in labels.tolist()) if data.labelled else (),
        rows=tuple(data.input_rows[rows].tolist()),
        codes=tuple(codes.tolist()) if data.labelled else (),
        x=tuple(float(f"{one:.4g}") for one in at[:, 0].tolist()),
        y=tuple(float(f"{one:.4g}") for one in at[:, 1].tolist()),
    )
