"""Products of rows with each other, summed over rows or over dimensions."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, chunk_rows
from embaudit.geometry.pairs import ParallelMap, one_by_one

TILE = 512  # columns of a product that are added up at a time, of more than twice as many
HELD = 1 << 22  # values of rows that are multiplied at a time

Centred = Callable[[Floats], Floats]


def product_rows(dim: int) -> int:
    """Rows of so many dimensions that are multiplied at a time, fixed."""
    return chunk_rows(dim, HELD)


def column_products(
    blocks: Iterable[Floats], dim: int, parallel: ParallelMap = one_by_one
) -> Floats:
    """The sum of block^T block, (n, n), of blocks of rows (m, n), which no one else needs.

    Only the upper half is multiplied, a tile of columns at a time: no second matrix is held, and
    sums are the same whoever does them.
    """
    out, tiles = np.zeros((dim, dim)), _tiles(dim)
    for block in blocks:

        def add(part: slice, block: Floats = block) -> None:
            out[part, part.start :] += block[:, part].T @ block[:, part.start :]

        parallel(add, tiles)
    return _mirrored(out)


def row_products(points: Points, centred: Centred) -> Floats:
    """centred(x) . centred(y) of all pairs of rows, (N, N)."""
    out, step = np.empty((points.size, points.size)), product_rows(points.dim)
    parts = [slice(at, min(at + step, points.size)) for at in range(0, points.size, step)]
    for left in parts:
        block = centred(points.floats(left))
        for right in parts:
            if right.start >= left.start:
                other = block if right == left else centred(points.floats(right))
                out[left, right] = block @ other.T
    return _mirrored(out)


def _mirrored(matrix: Floats) -> Floats:
    """The matrix with its upper half in its lower half too, in place."""
    for part in _tiles(len(matrix)):
        rest = slice(part.stop, None)
        square = matrix[part, part]
        matrix[part, part] = np.triu(square) + np.triu(square, 1).T
        matrix[rest, part] = matrix[part, rest].T
    return matrix


def _tiles(size: int) -> list[slice]:
    step = TILE if size > 2 * TILE else size
    return [slice(at, min(at + step, size)) for at in range(0, size, step)]


def centred_blocks(
    points: Points, centred: Centred, among: NDArray[np.bool_] | None = None
) -> Iterator[Floats]:
    """Rows less their mean, of `product_rows` at a time those that count, by default all."""
    for part, block in points.chunks(product_rows(points.dim)):
        yield centred(block if among is None else block[among[part]])
