"""Rows in a few bits a value: product quantisation, and the square of each row in a byte.

An anchor q is compared with a row x = c + r of a list by 2qx - |x|^2: its greatest is of the
nearest row. 2qc is known of each list, 2qr comes from the codes of r by tables of the anchor
alone, and |c|^2 - |x|^2, from a uniform code, is one more product. So no table is made for an
anchor and a list together, and the only error is that of r (Jegou, Douze and Schmid, "Product
Quantization for Nearest Neighbor Search", have |r|^2 of the coded row instead).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.search.faiss_minima import library, one_faiss_thread
from embaudit.search.ivf.robust_scaling import Matrix

Codes = NDArray[np.uint8]

BITS = 4
LEVELS = 1 << BITS
SQUARES = 2  # tables that the square of a row is coded by: its high and its low digit
STEPS = LEVELS * LEVELS - 1
NARROW, WIDE = 160, 768  # dimensions up to which a code is of two of them, and of four
OUTSIDE = 0.25  # of the range of squares in a sample: how far others may lie beyond it


@dataclass(frozen=True)
class Codebook:
    """tables: (m, 16, s) what a code of each m parts of a row stands for.

    dim: n, of rows; m s is as large or slightly larger. residual: whether rows are coded about the
    centre of their list. low, step: of the uniform code of squares.
    """

    tables: Matrix
    dim: int
    residual: bool
    low: float
    step: float

    @property
    def bytes(self) -> int:
        """Of the code of a row."""
        return (len(self.tables) + SQUARES) // 2

    def codes(self, rows: Matrix, centres: Matrix) -> Codes:
        """(q, bytes) codes of rows (q, n); centres: (q, n) of the lists that they are in."""
        quantiser = _quantiser(self.tables)
        coded = quantiser.compute_codes(_parted(self._moved(rows, centres), self.tables.shape))
        level = np.rint((_squares(rows, centres, self.residual) - self.low) / self.step)
        return np.column_stack((coded, np.clip(level, 0, STEPS).astype(np.uint8)))

    def seen(self, rows: Matrix, centres: Matrix) -> Matrix:
        """What the codes of rows stand for, (q, n)."""
        quantiser = _quantiser(self.tables)
        moved = _parted(self._moved(rows, centres), self.tables.shape)
        coded = quantiser.compute_codes(moved)
        stood: Matrix = quantiser.decode(coded)[:, : self.dim]
        return stood + centres if self.residual else stood

    def queries(self, rows: Matrix) -> Matrix:
        """What the product with all tables is of, (q, (m + SQUARES) s), of anchors (q, n)."""
        parts, _, size = self.tables.shape
        asked = np.zeros((len(rows), (parts + SQUARES) * size), dtype=np.float32)
        np.multiply(rows, 2, out=asked[:, : self.dim])
        asked[:, parts * size :: size] = 1
        return asked

    def all_tables(self) -> Matrix:
        """(m + SQUARES, 16, s), with those of the squares, low digit first."""
        squares = np.zeros((SQUARES, *self.tables.shape[1:]), dtype=np.float32)
        squares[:, :, 0] = np.arange(LEVELS) * self.step
        squares[1] *= LEVELS
        return np.concatenate((self.tables, squares))

    def bias(self, away: Matrix) -> Matrix:
        """What all rows of a list have in common, from squared distances of anchors to centres."""
        return -away if self.residual else np.zeros_like(away)

    def _moved(self, rows: Matrix, centres: Matrix) -> Matrix:
        return rows - centres if self.residual else rows


def codebooks_of(rows: Matrix, centres: Matrix) -> tuple[Codebook, Codebook]:
    """Tables of a sample (q, n): about the centres (q, n) of their lists, and by themselves.

    Rows scattered evenly about their centres are better coded about them; where all lists have the
    same leading directions, by themselves.
    """
    about, plain = (_codebook(rows, centres, residual) for residual in (True, False))
    return about, plain


def _codebook(rows: Matrix, centres: Matrix, residual: bool) -> Codebook:
    parts, levels, size = shape = shape_of(rows.shape[1])
    faiss = library()
    quantiser = faiss.ProductQuantizer(parts * size, parts, BITS)
    quantiser.cp.min_points_per_centroid = 1  # or FAISS prints a warning
    moved = _parted(rows - centres if residual else rows, shape)
    with one_faiss_thread():
        quantiser.train(
            moved if len(moved) >= levels else np.resize(moved, (levels, moved.shape[1]))
        )
    tables = faiss.vector_to_array(quantiser.centroids).reshape(parts, levels, size)
    square = _squares(rows, centres, residual)
    low, high = float(square.min()), float(square.max())
    low, high = low - OUTSIDE * (high - low), high + OUTSIDE * (high - low)
    step = max(high - low, float(np.finfo(np.float32).tiny)) / STEPS
    return Codebook(tables, rows.shape[1], residual, low, step)


def shape_of(dim: int) -> tuple[int, int, int]:
    """Parts of a row (an even number), levels of each, and dimensions of each."""
    size = 2 if dim <= NARROW else 4 if dim <= WIDE else 8
    return 2 * -(-dim // (2 * size)), LEVELS, size


def _quantiser(tables: Matrix) -> Any:
    faiss = library()
    parts, _, size = tables.shape
    quantiser = faiss.ProductQuantizer(parts * size, parts, BITS)
    faiss.copy_array_to_vector(tables.ravel(), quantiser.centroids)
    return quantiser


def _parted(rows: Matrix, shape: tuple[int, ...]) -> Matrix:
    """The rows, filled up with zeros to all of their parts."""
    wide = np.zeros((len(rows), shape[0] * shape[2]), dtype=np.float32)
    wide[:, : rows.shape[1]] = rows
    return wide


def _squares(rows: Matrix, centres: Matrix, residual: bool) -> Matrix:
    """|c|^2 - |x|^2, or -|x|^2 where rows are coded by themselves."""
    squares: Matrix = -np.einsum("ij,ij->i", rows, rows)
    if residual:
        squares += np.einsum("ij,ij->i", centres, centres)
    return squares
