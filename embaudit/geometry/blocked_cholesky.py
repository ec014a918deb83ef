"""The triangular root of a large covariance, in its place, and what is solved by it.

A panel of columns at a time, each changed once by all before it: in less time than LAPACK's, and
without a second matrix in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from embaudit.core.prepared_points import Floats

PANEL = 256  # columns of a triangular factor that are found or solved for at a time


@contextmanager
def rooted(matrix: Floats) -> Iterator[Floats]:
    """The lower triangular root (n, n) of a definite matrix that is symmetric to the last bit.

    It takes the place of the matrix, which is whole again in the end; what is above the diagonal is
    no part of it. Raises LinAlgError.
    """
    panels = _panels(len(matrix))
    squares = [matrix[part, part].copy() for part in panels]
    try:
        _take_root(matrix)
        yield matrix
    finally:
        for part, square in zip(panels, squares, strict=True):
            matrix[part, part] = square
            matrix[part.stop :, part] = matrix[part, part.stop :].T


def _take_root(out: Floats) -> None:
    for part in _panels(len(out)):
        below, before = slice(part.stop, None), slice(part.start)
        if part.start:
            out[part.start :, part] -= out[part.start :, before] @ out[part, before].T
        out[part, part] = np.linalg.cholesky(out[part, part])
        out[below, part] = out[below, part] @ np.linalg.inv(out[part, part]).T


def inverses_of(root: Floats) -> list[Floats]:
    """Of the panels' squares on the diagonal of a lower triangular root (n, n)."""
    return [np.asarray(np.linalg.inv(root[part, part])) for part in _panels(len(root))]


def solved(
    root: Floats, inverses: list[Floats], block: Floats, *, transposed: bool = False
) -> Floats:
    """The solution of L x = block (n, k), or of L^T x = block, for a lower triangular L (n, n).

    inverses: as `inverses_of` it.
    """
    out, panels = block.copy(), list(zip(_panels(len(root)), inverses, strict=True))
    for part, inverse in reversed(panels) if transposed else panels:
        if transposed:
            out[part] = inverse.T @ out[part]
            out[: part.start] -= root[part, : part.start].T @ out[part]
        else:
            out[part] = inverse @ out[part]
            out[part.stop :] -= root[part.stop :, part] @ out[part]
    return out


def _panels(size: int) -> list[slice]:
    return [slice(at, min(at + PANEL, size)) for at in range(0, size, PANEL)]
