"""What batch-hard mining would do next: does its gradient contract the embedding or spread it?"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows, pairs_at_once, squared_distance

HELD = 1 << 15  # numbers of batches that are looked at together: what a cache holds
BLOCK = 256  # anchors that are compared with the batch at a time
KNOWN = 1e-10  # of a squared distance: a doubt no larger leaves it known from products
SHORT = 1e-8  # of the largest coordinate: shorter differences of coordinates are mostly rounding
SHORT_OF_PRODUCTS = 1e-3  # the same of coordinates from products, whose rounding is of squares


class BatchFigures(NamedTuple):
    """Of one batch; gap: None where all negatives coincide with their anchors."""

    pressure: float
    gap: float | None
    loss: float


def batch_pressures(
    vectors: Floats, codes: Rows, margin: float, counts: Rows
) -> list[BatchFigures]:
    """Collapse pressure, batch gap and loss of A batches: vectors (A, B, n), class codes (A, B).

    With the hardest positive p and negative n of each anchor a in the batch,
    H = sum over anchors with margin + F - M > 0 of (a-p)(a-p)^T / F - (a-n)(a-n)^T / M.
    Pressure: tr H+ / (tr H+ + tr H-), 0 if nothing pushes. Gap: mean of F - M over the mean
    negative distance, None where all negatives coincide with their anchors. Loss: mean of
    max(F - M + margin, 0). counts: (A, B) how many equal rows of its class each vector stands for.
    """
    moved = vectors - vectors[:, :1]  # so that equal rows are exactly 0 apart
    products = _products(moved)
    p, f, n, m, spreads = _hardest(vectors, moved, products, codes, counts)
    anchors = np.where((p >= 0) & (n >= 0), counts, 0)
    gaps = _means(f - m, anchors)
    active = (anchors > 0) & (margin + f - m > 0)
    pulls, pushes = active & (f > 0), active & (m > 0)
    shortest = np.minimum(
        f.min(axis=1, initial=np.inf, where=pulls), m.min(axis=1, initial=np.inf, where=pushes)
    )
    few, turned = _in_their_span(moved, products, shortest)
    contract, expand = np.empty((2, len(vectors)))
    for chosen, seen in ((turned, few), (~turned, vectors)):
        at = np.flatnonzero(chosen)
        for some in (at[part] for part in _parts(len(at), *vectors.shape[1:])):
            contract[some], expand[some] = _signed_traces(
                _directions(seen[some], p[some], f[some], counts[some] * pulls[some]),
                _directions(seen[some], n[some], m[some], counts[some] * pushes[some]),
            )
    total = contract + expand
    pressures = contract / np.where(total > 0, total, 1)
    known = (spreads > 0) & anchors.any(axis=1)
    gaps /= np.where(known, spreads, 1)
    losses = _means(np.maximum(f - m + margin, 0), anchors)
    return [
        BatchFigures(float(pressures[k]), float(gaps[k]) if known[k] else None, float(losses[k]))
        for k in range(len(vectors))
    ]


def batch_losses(vectors: Floats, codes: Rows, margin: float, counts: Rows) -> list[float]:
    """The losses of `batch_pressures` alone."""
    moved = vectors - vectors[:, :1]
    p, f, n, m, _ = _hardest(vectors, moved, _products(moved), codes, counts)
    anchors = np.where((p >= 0) & (n >= 0), counts, 0)
    losses: list[float] = _means(np.maximum(f - m + margin, 0), anchors).tolist()
    return losses


def _means(values: Floats, anchors: Rows) -> Floats:
    """(A,) means of values (A, B), each of so many anchors; 0 without any."""
    means: Floats = (anchors * values).sum(axis=1) / np.maximum(anchors.sum(axis=1), 1)
    return means


def _products(moved: Floats) -> Floats | None:
    """(A, B, B) of the rows of each batch with each other; None of large batches."""
    return moved @ moved.swapaxes(1, 2) if moved.shape[1] <= BLOCK else None


def _in_their_span(
    moved: Floats, products: Floats | None, shortest: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Batches (A, B, n) turned into as few dimensions as hold them, (A, B, k).

    And of which that leaves the digits of differences as short as the shortest, (A,).
    """
    if moved.shape[1] > moved.shape[2]:
        return moved, shortest > SHORT * np.abs(moved).max(axis=(1, 2))
    few = None if products is None else _rooted(products)
    if few is not None:
        kept = shortest > SHORT_OF_PRODUCTS * np.abs(few).max(axis=(1, 2))
        if kept.all():
            return few, kept
    few = _turned(moved)
    return few, shortest > SHORT * np.abs(few).max(axis=(1, 2))


def _rooted(products: Floats) -> Floats | None:
    """Coordinates (A, B, B) of rows with such products, the first of them at zero.

    By Cholesky's root, in a small part of the time of an orthogonal basis; None where rows depend
    on each other.
    """
    out = np.zeros_like(products)
    try:
        out[:, 1:, 1:] = np.linalg.cholesky(products[:, 1:, 1:])
    except np.linalg.LinAlgError:
        return None
    return out


def _turned(rows: Floats) -> Floats:
    """Rows (A, k, n) in an orthonormal basis of their span, (A, k, k), for k <= n."""
    factor: Any = np.linalg.qr(rows.swapaxes(1, 2), mode="r")
    turned: Floats = factor.swapaxes(1, 2)
    return turned


def _parts(batches: int, size: int, dim: int) -> Iterator[slice]:
    """A few of so many batches at a time: what is computed of these stays in a cache."""
    step = max(1, HELD // (size * max(size, dim)))
    return (slice(at, at + step) for at in range(0, batches, step))


def _hardest(
    vectors: Floats, moved: Floats, known: Floats | None, codes: Rows, counts: Rows
) -> Iterator[Any]:
    """As `_hardest_of_each`, of a few batches at a time."""
    found = [
        _hardest_of_each(
            vectors[part],
            moved[part],
            None if known is None else known[part],
            codes[part],
            counts[part],
        )
        for part in _parts(*vectors.shape)
    ]
    return (np.concatenate(each) for each in zip(*found, strict=True))


def _hardest_of_each(
    vectors: Floats, moved: Floats, known: Floats | None, codes: Rows, counts: Rows
) -> tuple[Rows, Floats, Rows, Floats, Floats]:
    """Furthest positive and nearest negative of each row, (A, B) with distances; -1 for none.

    And of each batch the mean distance of pairs of different classes, 0 without any. A row that
    stands for several is at distance 0 from its twins. moved: the rows less the first of each
    batch. known: their products.
    """
    batches, size, dim = vectors.shape
    squares = np.einsum("abi,abi->ab", moved, moved)
    doubt = 8 * (dim + 16) * 2.0**-53 * squares.max(axis=1)
    p, n = np.full((batches, size), -1), np.full((batches, size), -1)
    f, m = np.zeros((batches, size)), np.zeros((batches, size))
    totals = np.zeros(batches)
    for start in range(0, size, BLOCK):
        part = slice(start, min(start + BLOCK, size))
        products = moved[:, part] @ moved.swapaxes(1, 2) if known is None else known
        squared: Floats = squares[:, part, None] + squares[:, None]
        squared -= 2 * products  # in place: for each new array the system gives pages anew
        same = codes[:, part, None] == codes[:, None]
        apart = np.maximum(squared, 0)
        np.copyto(apart, 0, where=same)
        np.sqrt(apart, out=apart)
        totals += [float(c[part] @ (one @ c)) for one, c in zip(apart, counts, strict=True)]
        n[:, part], m[:, part] = _extreme(vectors, start, np.where(same, np.inf, squared), doubt)
        same[:, np.arange(same.shape[1]), np.arange(part.start, part.stop)] = False
        p[:, part], f[:, part] = _extreme(
            vectors, start, np.where(same, -squared, np.inf), doubt, furthest=True
        )
    twins = (p < 0) & (counts > 1)
    p[twins] = np.nonzero(twins)[1]
    spreads = [_mean(*one) for one in zip(totals.tolist(), codes, counts, strict=True)]
    return p, f, n, m, np.array(spreads)


def _mean(total: float, codes: Rows, counts: Rows) -> float:
    """Of what sums up to that, over pairs of rows of different classes."""
    pairs = counts.sum() ** 2 - np.square(np.bincount(codes, counts)).sum()
    return total / pairs if pairs else 0.0


def _extreme(
    vectors: Floats, start: int, score: Floats, doubt: Floats, *, furthest: bool = False
) -> tuple[Rows, Floats]:
    """For each of q rows of a batch, from `start` on, the one of least score, and its distance.

    score: (A, q, B); doubt: (A,); both found are (A, q). inf is no candidate: -1 where there is no
    other. What the doubt in the score leaves open is decided by direct differences, ties to the
    first; so are distances beside which it counts.
    """
    batches, q, size = score.shape
    least = score.min(axis=2)
    limit = least + 2 * doubt[:, None]
    limit[np.isinf(limit)] = -np.inf
    rows, columns = np.divmod(np.flatnonzero(score <= limit[:, :, None]), size)
    best, squared = np.full(batches * q, -1), np.abs(least).reshape(-1)
    best[rows] = columns
    open_ = squared * KNOWN < np.repeat(doubt, q)
    open_ |= np.bincount(rows, minlength=len(best)) > 1
    asked = open_[rows]
    rows, columns = rows[asked], columns[asked]
    batch, row = np.divmod(rows, q)
    exact = _squares(vectors, batch, start + row, columns)
    order = np.lexsort((columns, -exact if furthest else exact, rows))
    first = order[np.flatnonzero(np.diff(rows[order], prepend=-1))]
    best[rows[first]], squared[rows[first]] = columns[first], exact[first]
    squared[best < 0] = 0
    return best.reshape(batches, q), np.sqrt(squared).reshape(batches, q)


def _squares(vectors: Floats, batch: Rows, left: Rows, right: Rows) -> Floats:
    """(m,) squared distances of pairs of rows of batches (A, B, n)."""
    out, step = np.empty(len(batch)), pairs_at_once(vectors.shape[2])
    for at in range(0, len(batch), step):
        part = slice(at, at + step)
        rows = (vectors[batch[part], some[part]] for some in (left, right))
        out[part] = squared_distance(*rows)
    return out


def _directions(vectors: Floats, other: Rows, distance: Floats, counts: Rows) -> Floats:
    """(a - other) / sqrt(distance), (A, B, n), of the anchors that count: rows of a root of H."""
    weights = np.sqrt(counts / np.where(counts > 0, distance, 1))
    towards = vectors - vectors[np.arange(len(vectors))[:, None], other]
    towards *= weights[:, :, None]
    return towards


def _signed_traces(pull: Floats, push: Floats) -> tuple[Floats, Floats]:
    """Sums of the positive and of the negative eigenvalues of pull^T pull - push^T push, (A,).

    With more dimensions than terms the eigenvalues are found in the terms' own span.
    """
    stacked = np.concatenate((pull, push), axis=1)
    signs = np.repeat([1.0, -1.0], [pull.shape[1], push.shape[1]])
    if stacked.shape[1] < stacked.shape[2]:
        stacked = _turned(stacked)
    values = np.linalg.eigvalsh((stacked * signs[:, None]).swapaxes(1, 2) @ stacked)
    return np.maximum(values, 0).sum(axis=1), np.maximum(-values, 0).sum(axis=1)
