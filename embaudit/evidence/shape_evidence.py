"""What is known of the rows of a set without asking who is near whom: shape, centre, spread."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import Metric, prepare, prepare_both, unit_rows
from embaudit.core.prepared_points import Floats, Points
from embaudit.core.random_streams import PAIRS, random_stream
from embaudit.data import EmbeddingSet
from embaudit.evidence.evidence_options import EvidenceOptions
from embaudit.evidence.norms_and_outliers import RowStatistics, row_statistics_of
from embaudit.evidence.pairwise_sample import RowSample, rows_drawn
from embaudit.evidence.releasable_properties import Releasable, release
from embaudit.geometry.class_mean_geometry import ClassMeans
from embaudit.geometry.mean_and_covariance import (
    Moments,
    axes_of,
    cosine_of_sum,
    mean_pairwise_cosine,
    moments_of,
)
from embaudit.geometry.pair_sampling import PairDistances, pair_distances
from embaudit.geometry.pairs import Work
from embaudit.geometry.principal_axes import WHOLE, PrincipalAxes
from embaudit.search import (
    Deduplicated,
    LocalExecutor,
    distinct_in_classes,
    for_each,
    identical_vectors,
)

DRAWN_PAIRS = 100_000
CROWDED = 0.05  # of the distance to the nearest row, were all spread evenly: nearer is no chance


class ShapeEvidence:
    """A prepared set, whether it has classes or not, and what its rows are together.

    A figure is computed when it is first asked for. Lengths are in units of the prepared points.
    """

    def __init__(
        self,
        data: EmbeddingSet,
        options: EvidenceOptions,
        local: LocalExecutor,
        gallery: EmbeddingSet | None,
    ) -> None:
        """gallery: of `reference_of`, prepared beside the set."""
        self.data, self.gallery, self.local = data, gallery, local
        self.metric, self.margin, self.seed = options.metric, options.margin, options.seed
        self.budget, self.effort = options.budget, options.effort
        self.approximate = options.approximate
        self.batch = options.batch or (min(max(2, len(data.class_sizes)), 18), 4)
        self.threads, self.block_rows = local.threads, local.block_rows
        self.progress = local.progress
        self.points: Points
        if gallery is None:
            self.points = prepare(
                data.vectors, self.metric, data.input_rows, data.mapped_rows, data.where
            )
        else:
            rows = data.input_rows, gallery.input_rows
            both = prepare_both(data.stored, gallery.stored, self.metric, rows)
            self.points, self._gallery_points = both

    def release(self) -> None:
        """Let go of what is large and only measures need."""
        release(self)

    @property
    def unit(self) -> float:
        """One unit of the points in the user's units."""
        return self.points.unit

    @cached_property
    def deduplicated(self) -> Deduplicated:
        """Equal prepared rows inside each class; without labels, in the whole set."""
        return distinct_in_classes(self.points, self.data.runs)

    @cached_property
    def duplicate_rows(self) -> int:
        """Rows whose stored vector another row has too, in whatever class."""
        if self.metric == "l2":  # prepared as stored, but for a power of two
            vector, rows = self.deduplicated.vector, self.deduplicated.count
        else:
            vector = identical_vectors(self.data.stored)
            rows = np.ones(self.data.size, dtype=np.int64)
        counts = np.bincount(vector, weights=rows)
        return int(counts[counts > 1].sum())

    @cached_property
    def distinct_vectors(self) -> int:
        """How many different prepared vectors there are."""
        met = np.zeros(self.deduplicated.vector.max() + 1, dtype=bool)
        met[self.deduplicated.vector] = True
        return int(met.sum())

    @cached_property
    def moments(self) -> Moments:
        """Means and covariance."""
        return moments_of(self.points, self.data.runs, self.parallel)

    @cached_property
    def row_statistics(self) -> RowStatistics:
        """What the rows are, each by itself, and which are stray."""
        return row_statistics_of(self.points, self.data.runs)

    @cached_property
    def axes(self) -> PrincipalAxes:
        """Of the covariance of usual rows."""
        usual = self.row_statistics.usual
        if usual.all():
            return self.moments.axes
        mean = self.row_statistics.mean

        def centred(block: Floats) -> Floats:
            block -= mean
            return block

        return axes_of(self.points, centred, usual, parallel=self.parallel)[0]

    def begin(self) -> None:
        """Find what is dear and needs one thread only beside what follows: eigenvalues."""
        if self.threads > 1:
            self.axes.begin()

    @Releasable
    def sample(self) -> RowSample:
        """A few usual rows, less the profile's centre."""
        runs = self.data.runs
        rows = rows_drawn(runs, self.row_statistics.usual, self.seed)
        codes = np.searchsorted(runs, rows, side="right") - 1
        values = self.points.floats(rows)
        values -= self.row_statistics.centre
        return RowSample(rows, codes, values)

    def sample_values(
        self, metric: Metric, dimensions: NDArray[np.bool_] | slice = slice(None)
    ) -> Floats | None:
        """(m, k) the rows of the sample as a metric has them; None for a zero row under cosine.

        dimensions: those of the stored rows that count, by default all.
        """
        values = self.data.stored.floats(self.sample.rows)[:, dimensions]
        largest = float(np.abs(values).max())
        if not largest:
            return None
        values /= largest
        if metric == "cosine":
            lengths = np.sqrt(np.einsum("ij,ij->i", values, values))
            if not lengths.all():
                return None
            values /= lengths[:, None]
        values -= np.median(values, axis=0)
        return values

    @cached_property
    def mean_cosine(self) -> float | None:
        """Mean cosine of two rows of the points; None where no two have a direction."""
        if self.metric == "cosine" and self.data.dim > WHOLE:  # without another pass
            return cosine_of_sum(self.data.size * self.moments.mean, self.data.size)
        return mean_pairwise_cosine(self.points)

    @cached_property
    def usual_cosine(self) -> float:
        """The same of usual rows; 1 where no two have a direction."""
        usual = self.row_statistics.usual
        every = usual.all()
        mean = self.mean_cosine if every else mean_pairwise_cosine(self.points, usual)
        return 1.0 if mean is None else mean

    @cached_property
    def crowded(self) -> float:
        """A distance within which rows of as many dimensions seldom come by chance, of the points.

        CROWDED times about what is between a row and its nearest one, were they spread evenly.
        """
        dimension = max(1.0, self.axes.participation or 1.0)
        usual = np.count_nonzero(self.row_statistics.usual)
        spread = float(np.sqrt(2 * self.row_statistics.variances.sum()))
        return float(spread * float(usual) ** (-1 / dimension) * CROWDED)

    @Releasable
    def unit_points(self) -> tuple[Points, int]:
        """The rows scaled to length 1, and how many are zero and cannot be."""
        if self.metric == "cosine":
            return self.points, 0
        points, zero = unit_rows(self.data.vectors, self.data.mapped_rows)
        return points, len(zero)

    @cached_property
    def pair_distances(self) -> PairDistances | None:
        """Squared distances of positive and negative pairs, all or drawn; None without a pair."""
        return self.pair_distances_of(self.points)

    def pair_distances_of(self, points: Points) -> PairDistances | None:
        """The same of the rows as other points have them."""
        rng = random_stream(self.seed, PAIRS)
        return pair_distances(points, self.data.starts, DRAWN_PAIRS, rng)

    @cached_property
    def class_means(self) -> ClassMeans:
        """How the class means lie, and the rows about them."""
        counted = self.data.labelled_classes if self.data.distractors else None
        return ClassMeans(self.points, self.data.starts, self.moments, counted)

    def parallel(self, work: Work, bands: Sequence[slice]) -> None:
        """Work through bands of rows on all threads."""
        for_each(work, bands, max(1, min(self.threads, len(bands))))
