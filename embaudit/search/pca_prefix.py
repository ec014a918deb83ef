"""A cheaper bound: the leading principal coordinates of each row, and the length of the rest.

|x - y|^2 >= |Px - Py|^2 + (|x_rest| - |y_rest|)^2, itself a squared Euclidean distance in m + 1
dimensions. Trained embeddings often hold 99 % of their variance in a fifth of their dimensions.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.search.block_extrema import NARROW
from embaudit.search.error_bounds import Frame

PROBED = 64  # anchors whose nearest negatives say how precise a bound must be
DRAWN = 1024  # rows from which the axes are found: any orthonormal ones are right
STEP = 8  # of widths
WIDTHS = 12  # that are tried
FIRST = 128  # the widest that is tried at first: few axes are found in a part of the time of all
TURNS = 2  # how often a few directions are turned to the leading axes
LOOK = 300_000  # multiply-adds that one row's look into a region costs, beside the products
PAYS = 0.9  # of what the frame alone costs: a prefix that costs more is not worth it
WIDEST = 0.25  # participation ratio, in dimensions, beyond which no narrow prefix can do
TILE = 8192  # rows that these look at together
PANEL = 256  # dimensions summed at a time: the fewer, the smaller the error of a coordinate
HELD = 256  # rows whose coordinates are computed together
EVERY = slice(None)


@dataclass(frozen=True)
class PcaPrefix(Frame):
    """A frame of the rows' first m principal coordinates, and one for the length of the rest.

    Its computed values bound distances from below only. basis: (n, m) float32 numbers, nearly
    orthonormal. lean: how much the image of a row can be off, as a part of the row's length.
    """

    basis: NDArray[np.float32]
    lean: float

    @property
    def width(self) -> int:
        """m, the coordinates that are kept."""
        return int(self.basis.shape[1])

    def taken(self, part: slice | Rows) -> NDArray[np.float32]:
        """Some of the rows, (p, m + 3)."""
        if self.rows is not None:
            return self.rows[part]
        return self._image(self.cloud.floats(part))

    def _image(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """(z, |x - B z|, |.|^2, 1) of rows x, with z = B'x, in the precision of the rows."""
        basis = self.basis.astype(rows.dtype, copy=False)
        image = np.zeros((len(rows), self.width + 1), dtype=rows.dtype)
        for start in range(0, rows.shape[1], PANEL):
            part = slice(start, start + PANEL)
            image[:, :-1] += rows[:, part] @ basis[part]
        rest = rows - image[:, :-1] @ basis.T
        np.sqrt(np.einsum("ij,ij->i", rest, rest), out=image[:, -1])
        return self.extended(image)

    def cast(self, radius: Floats) -> Floats:
        """As for any frame, and what the turn to principal axes can have changed."""
        return super().cast(radius) + self.lean * (radius + self.reach)

    def upper(self, computed: NDArray[np.float32], radius: Floats) -> Floats:
        """None exists."""
        raise AssertionError("a prefix bounds from below only")

    def far(self, squared: Floats, radius: Floats) -> NDArray[np.float32]:
        """None exists."""
        raise AssertionError("a prefix bounds from below only")


def prefix_of(
    frame: Frame, codes: Rows, anchors: slice = EVERY, others: slice = EVERY
) -> PcaPrefix | None:
    """A prefix where one costs less than the frame alone, by a sample; else None.

    codes: (M,) the class of each row. anchors, others: which rows are compared with which.
    """
    size, dim = frame.cloud.size, frame.cloud.points.dim
    if size < DRAWN or dim < 4 * STEP:
        return None
    chosen = _evenly(size, 2 * DRAWN)
    drawn = frame.taken(chosen)[:, :-2].astype(np.float32, copy=False)
    if _participation(drawn[:DRAWN:2]) > WIDEST * dim:
        return None
    every = np.arange(size)
    probed = every[anchors][_evenly(len(every[anchors]), PROBED)]
    nearest = _nearest(frame, codes, probed, every[others])
    asking = frame.taken(probed)[:, :-2].astype(np.float32, copy=False)
    foreign = codes[probed][:, None] != codes[chosen[1::2]]
    nearest = np.where(foreign, nearest[:, None], -np.inf)
    classes, widest = np.bincount(codes), min(dim, DRAWN) // 2
    for most in sorted({min(FIRST, widest), widest}):
        axes, widths = _axes(drawn[::2], most), _widths(most)
        met = _met(asking, drawn[1::2], axes, nearest) * len(every[others])
        width = _cheapest(widths, met, size, dim, classes)
        if width is not None and width < widths[-1]:
            break
    if width is None:
        return None
    basis = np.ascontiguousarray(axes[:, :width])
    prefix = PcaPrefix(
        frame.cloud, np.float32, None, moved=frame.moved, basis=basis, lean=_lean(basis)
    )
    return prefix if frame.rows is None else _held(prefix, frame.rows)


def _met(
    asking: NDArray[np.float32],
    others: NDArray[np.float32],
    axes: NDArray[np.float32],
    nearest: Floats,
) -> Floats:
    """The part of others that prefixes of each width leave as near as the nearest, (widths,).

    nearest: (asking, others) squared distances, below 0 where the two are not compared.
    """
    left, right = asking @ axes, others @ axes
    lengths = [np.square(rows).sum(axis=1, dtype=np.float64) for rows in (asking, others)]
    met = []
    for width in _widths(axes.shape[1]):
        z = left[:, :width].astype(np.float64), right[:, :width].astype(np.float64)
        kept = [np.square(one).sum(axis=1) for one in z]
        rest = [np.sqrt(np.maximum(a - b, 0)) for a, b in zip(lengths, kept, strict=True)]
        lower = kept[0][:, None] + kept[1] - 2 * z[0] @ z[1].T
        lower += np.square(np.subtract.outer(*rest))
        met.append(float((lower <= nearest).mean()))
    return np.array(met)


def _widths(widest: int) -> Rows:
    """Widths that are tried: a prefix has one column less than a whole number of STEP."""
    steps = np.unique(np.geomspace(1, max(1, widest // STEP), WIDTHS).astype(np.int64))
    return np.asarray(steps * STEP - 1).clip(1)


def _cheapest(widths: Rows, met: Floats, size: int, dim: int, classes: Rows) -> int | None:
    """The width with the fewest multiply-adds a row, None where no prefix saves enough.

    met: rows that are as near as the nearest, for each width; each may be in another region.
    """
    look = LOOK + NARROW * dim
    inside = float(np.square(classes, dtype=np.float64).sum() / size)  # no tile tells positives
    costs = (size / 2 + 2 * dim) * widths + (1 + met) * look + inside * dim
    best = int(costs.argmin())
    return int(widths[best]) if costs[best] < PAYS * (size / 2 * dim + look) else None


def _participation(sample: NDArray[np.float32]) -> float:
    """tr(S)^2 / tr(S^2) of the second moments of rows, from products of different rows."""
    products = sample @ sample.T
    squares = np.diagonal(products).astype(np.float64)
    others = float(np.square(products, dtype=np.float64).sum()) - float(np.square(squares).sum())
    pairs = len(sample) * (len(sample) - 1)
    return float(squares.mean() ** 2 * pairs / others) if others > 0 else 1.0


def _axes(sample: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """Leading principal axes of some rows about 0, (n, most), orthonormal up to rounding.

    Of fewer rows than dimensions, products of rows are the smaller matrix.
    """
    size, dim = sample.shape
    if 2 * most < min(size, dim):
        return _turned(sample, most)
    wide = dim > size
    scatter = sample @ sample.T if wide else sample.T @ sample
    vectors = np.linalg.eigh(scatter)[1][:, : -most - 1 : -1]
    if wide:
        vectors = np.linalg.qr(sample.T @ vectors)[0]
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _turned(sample: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """The same of few axes, nearly: the directions of some of the rows, turned to them."""
    axes = sample[_evenly(len(sample), most)].T
    for _ in range(TURNS):
        axes = np.linalg.qr(sample.T @ (sample @ axes))[0]
    along = sample @ axes
    turns = np.linalg.eigh(along.T @ along)[1][:, ::-1]
    return np.ascontiguousarray(axes @ turns, dtype=np.float32)


def _lean(basis: NDArray[np.float32]) -> float:
    """How much the image of a row x can be off, as a part of |x|; u is 2^-24.

    g(k) is k u / (1 - k u). Q is the orthonormal matrix nearest to the basis B, |B - Q| <= skew =
    |B'B - 1|, and the image of x under Q takes no pair further apart. A coordinate is summed over
    panels of the dimensions, and errs by g(p) |b| |x| for p terms of a panel and as many panels:
    all of them together by g(p) sqrt(m) |x|, and Q'x - B'x by skew |x|. x - B z is computed from
    m + 1 terms each, and its length from n: z errs as above, and the sums by g(m + 2)
    (1 + sqrt(m)) |x| and g(n) |x|. Factors above 1 stand for products of errors, below 1 %.
    """
    dim, width = basis.shape
    exact = basis.astype(np.float64)
    skew = float(np.abs(exact.T @ exact - np.eye(width)).sum(axis=1).max()) + dim * 2.0**-50
    coordinates = _growth(min(PANEL, dim) + dim // PANEL + 2) * np.sqrt(width)
    rest = _growth(width + 2) * (1 + np.sqrt(width)) + _growth(dim + 2)
    return float(2.1 * coordinates + 3.2 * skew + 1.1 * rest)


def _growth(terms: int) -> float:
    return terms * 2.0**-24 / (1 - terms * 2.0**-24)


def _nearest(frame: Frame, codes: Rows, chosen: Rows, others: Rows) -> Floats:
    """Computed squared distances of some rows to their nearest negatives."""
    taken, nearest = frame.taken(chosen), np.full(len(chosen), np.inf)
    for start in range(int(others[0]), int(others[-1]) + 1, TILE):
        part = slice(start, min(start + TILE, int(others[-1]) + 1))
        computed = frame.between(taken, part)
        computed[codes[chosen][:, None] == codes[part]] = np.inf
        np.minimum(nearest, computed.min(axis=1), out=nearest)
    return nearest


def _evenly(size: int, amount: int) -> Rows:
    return np.linspace(0, size - 1, amount).astype(np.int64)


def _held(loose: PcaPrefix, of: NDArray[np.float32]) -> PcaPrefix:
    """The same with its rows, from those of the frame as these are held."""
    rows = np.empty((loose.cloud.size, loose.width + 3), dtype=np.float32)
    for start in range(0, loose.cloud.size, HELD):
        part = slice(start, start + HELD)
        rows[part] = loose._image(of[part, :-2])
    return replace(loose, rows=rows)
