"""Row weights that make the thinnest direction vary most: the lower end of the thickness.

For any weights w that sum to 1, the variance of the rows along a unit direction is at most a
quarter of their width squared (Popoviciu), so the width is at least 2 sqrt(lambda_min(Cov_w)).
The best weights are an E-optimal design. Whatever they are, what they certify is rigorous.
"""

import numpy as np

from embaudit.core.prepared_points import CHUNK, Floats
from embaudit.geometry.affine_hull import ROUNDOFF, Hull

SHARPEST = 300  # exponent of lambda_min / lambda
FULL_STEPS = (32, 16)  # before steps shrink as 1/k: with sharp exponents full ones would swing
LIGHT = 1 << 17  # values of a set so small that it swings the sooner
KEPT = 0.5  # of the last scores: an average over steps swings less, too


class Weights:
    """Multiplicative ascent of lambda_min(Cov_w) over the weights of rows (m, d) in a hull.

    width: the best certified lower end met, in the hull's units. axes: (d, d), eigenvectors of
    the Cov_w that gave it, in columns, thinnest first. cap: no weights on these rows can certify
    more (sqrt of 4 max_i s_i, to rounding).
    """

    def __init__(self, hull: Hull, rows: Floats) -> None:
        self.hull, self.rows = hull, rows
        self.weights = np.full(len(rows), 1 / len(rows))
        self.scores: Floats | None = None
        self.width, self.cap, self.steps = 0.0, np.inf, 0
        self.axes = hull.axes[:, ::-1]
        self.metric = hull.axes / np.sqrt(hull.values)  # columns: E = metric metric^T
        self.centre = np.zeros(hull.dimension)

    def replace(self, rows: Floats, kept: Floats) -> None:
        """Go on with other rows; kept: (m,) their weights so far, 0 for new ones."""
        fresh = kept <= 0
        weights = np.where(fresh, 1 / len(rows), kept)
        self.rows, self.weights, self.scores = rows, weights / weights.sum(), None
        self.cap = np.inf

    def step(self) -> None:
        """w_i <- w_i (s_i / sum w s)^g, s_i = |E^(1/2)(x_i - mu_w)|^2, tr E = 1.

        E has the eigenvectors of Cov_w, and (lambda_min / lambda)^p for eigenvalues.
        """
        centre, covariance, square = self._moments()
        values, vectors = np.linalg.eigh(covariance)
        certified = self._certified(float(values[0]), square)
        if certified > self.width:
            self.width, self.axes = certified, vectors
        if values[0] <= 0:  # the weights have left a direction: nothing is to be had from here
            return
        shares = (values[0] / values) ** min(1.0 + self.steps, SHARPEST)
        self.metric = vectors * np.sqrt(shares / shares.sum())
        self.centre = centre
        scores = self.score(self.rows)
        if self.scores is not None:
            scores = KEPT * self.scores + (1 - KEPT) * scores
        self.scores = scores
        self.cap = min(self.cap, 2 * float(np.sqrt(scores.max())))
        mean = float(self.weights @ scores)
        full = FULL_STEPS[self.rows.size <= LIGHT]
        self.weights *= (scores / mean) ** min(1.0, full / (1 + self.steps))
        self.weights /= self.weights.sum()
        self.steps += 1

    def score(self, rows: Floats) -> Floats:
        """s of rows (m, d) under the last E and centre."""
        out = np.empty(len(rows))
        for start in range(0, len(rows), CHUNK):
            part = slice(start, start + CHUNK)
            along = (rows[part] - self.centre) @ self.metric
            out[part] = np.einsum("ij,ij->i", along, along)
        return out

    def _moments(self) -> tuple[Floats, Floats, float]:
        """Weighted mean, covariance about it, and mean square before rounding is taken out."""
        w, total = self.weights, float(self.weights.sum())
        centre = np.zeros(self.hull.dimension)
        for start in range(0, len(w), CHUNK):
            part = slice(start, start + CHUNK)
            centre += w[part] @ self.rows[part]
        centre /= total
        covariance, rest = np.zeros((len(centre), len(centre))), np.zeros(len(centre))
        for start in range(0, len(w), CHUNK):
            part = slice(start, start + CHUNK)
            block = self.rows[part] - centre
            rest += w[part] @ block
            block *= np.sqrt(w[part])[:, None]
            covariance += block.T @ block
        covariance /= total
        square = float(np.trace(covariance))
        rest /= total
        covariance -= np.outer(rest, rest)
        return centre, (covariance + covariance.T) / 2, square

    def _certified(self, least: float, square: float) -> float:
        """The width that a least eigenvalue proves, less all that rounding can have added.

        Weyl for sums and eigenvalues, as in `Moments.error`; what the coordinates themselves lost
        moves a standard deviation by no more than the root mean square of it.
        """
        size, dim = len(self.rows), self.hull.dimension
        terms = 2 * (CHUNK + size / CHUNK) + 16 * dim + 64
        least -= terms * ROUNDOFF * square
        if least <= 0:
            return 0.0
        away = 2 * np.sqrt(square) + self._reach
        deviation = np.sqrt(least) / self.hull.stretch - self.hull.blur * away
        return max(0.0, 2 * float(deviation) * (1 - 16 * ROUNDOFF))

    @property
    def _reach(self) -> float:
        """A length that no row's distance to the mean of all rows exceeds."""
        return float(np.sqrt(self.hull.values.sum() * self.hull.points.size)) * 1.01
