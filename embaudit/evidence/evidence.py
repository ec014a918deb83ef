"""What two or more measures share: computed once, when first asked for."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import Bound, exact, open_to_ties
from embaudit.core.metric import Floats, Metric, Points, Rows, prepare, prepare_both, unit_rows
from embaudit.data import EmbeddingSet
from embaudit.evidence.attribution import FLAT, Attribution, attributed
from embaudit.evidence.batches import BatchForecast, batch_forecast
from embaudit.evidence.budget import LEAST_DECIDING, LEAST_SAMPLE, MORE, STANDARD, Budget
from embaudit.evidence.label_scores import doubt_of
from embaudit.evidence.profile import Profile, profile_of
from embaudit.evidence.row_sample import RowSample, rows_drawn
from embaudit.evidence.search_recall import Checked, gaps_of
from embaudit.evidence.separated_maps import SeparatedMaps
from embaudit.geometry.balls import Balls, enclosing_balls
from embaudit.geometry.batches import Shape
from embaudit.geometry.class_means import ClassMeans
from embaudit.geometry.class_scores import class_tails
from embaudit.geometry.enclosing import SmallestBall, distances_from, smallest_ball
from embaudit.geometry.moments import Moments, eigen_of, mean_pairwise_cosine, moments_of
from embaudit.geometry.pair_draws import PairDistances, pair_distances
from embaudit.geometry.pairs import Work
from embaudit.geometry.precision import corrected
from embaudit.geometry.spectrum import participation_ratio
from embaudit.geometry.width import minimum_width
from embaudit.search import (
    AnchorRanks,
    AnchorScan,
    Deduplicated,
    Executor,
    Extent,
    GalleryScan,
    Leakage,
    LocalExecutor,
    Occurrence,
    Prepared,
    Progress,
    distinct_in_classes,
    for_each,
    found_within,
    furthest_pair,
    identical_vectors,
    k_nearest,
    leakage_of,
    occurrence_of,
    rank_crossing,
    scan_crossing,
    silent,
)

NEAREST = 10  # neighbours that are looked at for hubs and for labels that disagree
DRAWN_PAIRS = 100_000


class Evidence:
    """The shared evidence on one set, in units of its prepared points."""

    def __init__(
        self,
        data: EmbeddingSet,
        *,
        metric: Metric = "l2",
        margin: float = 0.0,
        batch: tuple[int, int] | None = None,
        seed: int = 0,
        budget: Budget = STANDARD,
        block_rows: int | None = None,
        threads: int = 1,
        progress: Progress = silent,
        approximate: bool = False,
        effort: int = 0,
        gallery: EmbeddingSet | None = None,
        team: Executor | None = None,
    ) -> None:
        """gallery: of `reference_of`, which the anchors of `data` are compared with instead.

        team: who does the dear searches, by default so many threads of this process.
        """
        self.data, self.metric, self.margin, self.seed = data, metric, margin, seed
        self.budget, self.block_rows, self.threads = budget, block_rows, threads
        self.progress, self.approximate, self.effort = progress, approximate, effort
        self.batch = batch or (min(len(data.classes), 18), 4)
        self.gallery = gallery
        self.team = team or LocalExecutor(threads, block_rows, progress)
        self.points: Points
        if gallery is None:
            self.points = prepare(data.vectors, metric, data.input_rows, data.spill, data.where)
        else:
            rows = data.input_rows, gallery.input_rows
            both = prepare_both(data.stored, gallery.stored, metric, rows)
            self.points, self._gallery_points = both
        self._widths: dict[int, Bound] = {}

    def release(self) -> None:
        """Let go of what is large and only measures need; it is computed again if asked for."""
        for name in ("unit_points", "occurrence", "sample"):
            self.__dict__.pop(name, None)

    @property
    def unit(self) -> float:
        """One unit of the points in the user's units."""
        return self.points.unit

    @property
    def reference(self) -> EmbeddingSet:
        """The set whose (ordered) rows the scan names as positives and negatives.

        The audited set itself, or its gallery. A class code means the same class in both.
        """
        return self.data if self.gallery is None else self.gallery

    @cached_property
    def crossing(self) -> GalleryScan:
        """Queries and gallery as one, where there is a gallery."""
        assert self.gallery is not None
        itself = np.full(self.data.size, -1)
        itself[self.leakage.queries] = self.leakage.itself
        return GalleryScan.of(self.data, self.gallery, (self.points, self._gallery_points), itself)

    @cached_property
    def leakage(self) -> Leakage:
        """Queries that are rows of the gallery too, where there is one."""
        assert self.gallery is not None
        return leakage_of(self.data, self.gallery)

    @property
    def own_rows(self) -> int:
        """Queries that are a row of the gallery themselves: that match of each is left out."""
        return 0 if self.gallery is None else int((self.leakage.itself >= 0).sum())

    @cached_property
    def distinct(self) -> Deduplicated:
        """Equal prepared rows inside each class; without labels, in the whole set."""
        return distinct_in_classes(self.points, self.data.runs)

    @cached_property
    def prepared(self) -> Prepared:
        """The set as searches take it."""
        return Prepared(self.data, self.points, self.distinct)

    @cached_property
    def duplicate_rows(self) -> int:
        """Rows whose stored vector another row has too, in whatever class."""
        if self.metric == "l2":  # prepared as stored, but for a power of two
            vector, rows = self.distinct.vector, self.distinct.count
        else:
            vector = identical_vectors(self.data.stored)
            rows = np.ones(self.data.size, dtype=np.int64)
        counts = np.bincount(vector, weights=rows)
        return int(counts[counts > 1].sum())

    @cached_property
    def distinct_vectors(self) -> int:
        """How many different prepared vectors there are."""
        met = np.zeros(self.distinct.vector.max() + 1, dtype=bool)
        met[self.distinct.vector] = True
        return int(met.sum())

    @cached_property
    def scan(self) -> AnchorScan:
        """Furthest and nearest positive and nearest negative of every anchor, of the reference."""
        assert self.data.labelled, "no measure that needs no labels may ask for anchors"
        if self.gallery is not None:
            return scan_crossing(
                self.crossing,
                block_rows=self.block_rows,
                threads=self.threads,
                progress=self.progress,
            )
        return self.team.scan(self.prepared, approximate=self.approximate, seed=self.seed)

    @cached_property
    def anchors(self) -> Rows:
        """The ordered rows that have a positive and a negative."""
        return np.flatnonzero(self.scan.anchor)

    @property
    def positives(self) -> Rows:
        """P_x: how many positives each anchor has, in the order of `anchors`."""
        if self.gallery is not None:
            return self.crossing.positives[self.anchors]
        return self.data.sizes[self.data.codes_of(self.anchors)] - 1

    @property
    def negatives(self) -> Rows:
        """N_x: how many negatives each anchor has, in the order of `anchors`."""
        if self.gallery is not None:
            return self.crossing.negatives[self.anchors]
        return self.data.size - self.data.sizes[self.data.codes_of(self.anchors)]

    @cached_property
    def gaps(self) -> Floats:
        """F - M of each anchor, in the order of `anchors`; too small where a search missed."""
        f2 = self.scan.d2_furthest_positive[self.anchors]
        return gaps_of(f2, self.scan.d2_nearest_negative[self.anchors])

    @cached_property
    def checked(self) -> Checked | None:
        """What the search is worth, where it was approximate; None where it was exact."""
        return None if self.scan.check is None else Checked(self.scan, self.scan.check)

    @cached_property
    def separated(self) -> bool:
        """Whether every positive is known to be nearer than every negative of its anchor."""
        return self.checked is None and bool(self.gaps.max() < 0)

    @cached_property
    def looks(self) -> tuple[int, ...]:
        """How many anchors to rank: first, and wherever that leaves a gate undecided."""
        count, rows = len(self.anchors), self.reference.size
        if count * rows <= self.budget.ranked_pairs:
            return (count,)
        first = max(LEAST_SAMPLE, int(self.budget.ranked_pairs) // rows)
        last = max(first, LEAST_DECIDING, int(self.budget.deciding) // rows)
        sizes = takewhile(lambda size: size < last, (first * MORE**k for k in range(count)))
        return tuple(dict.fromkeys(min(size, count) for size in (*sizes, last)))

    @cached_property
    def drawn(self) -> Rows | None:
        """Anchors in the order drawn, without replacement; None where all are counted.

        More of them (`draw_on`) begin with these.
        """
        return self._drawn(self.looks[0])

    def _drawn(self, amount: int) -> Rows | None:
        if amount == len(self.anchors):
            return None
        return np.random.default_rng((self.seed, 1)).permutation(self.anchors)[:amount]

    def draw_on(self) -> bool:
        """Rank as many anchors as the next look takes; False where the last one was taken."""
        ranks = self.ranks
        known = len(ranks.anchors)
        if known >= self.looks[-1]:
            return False
        amount = next(size for size in self.looks if size > known)
        self.drawn = self._drawn(amount)
        wanted = self.anchors if self.drawn is None else self.drawn
        both = ranks.beside(self._ranks_of(np.setdiff1d(wanted, ranks.anchors)))
        self.ranks = both.ordered()
        return True

    @cached_property
    def ranks(self) -> AnchorRanks:
        """Ranks of the anchors, each once: all of them, or those drawn."""
        return self._ranks_of(self.anchors if self.drawn is None else np.sort(self.drawn))

    def _ranks_of(self, anchors: Rows) -> AnchorRanks:
        if self.gallery is not None:
            return rank_crossing(
                self.crossing, anchors, threads=self.threads, progress=self.progress
            )
        return self.team.ranks(self.prepared, anchors)

    def over_anchors(self, values: Floats, high: float = 1.0) -> Bound:
        """Mean over all anchors of a figure in [0, high] known for the ranked ones.

        Strictly separated, every anchor ranks alike, so a part tells the whole.
        """
        if self.drawn is None or self.separated:
            return exact(float(values.mean()))
        drawn = values[np.searchsorted(self.ranks.anchors, self.drawn)]
        found = sampled_mean(drawn, 0.0, high, population=len(self.anchors), looks=self.looks)
        return found.because(f"{len(drawn)} of {len(self.anchors)} anchors drawn at random")

    def over_orders(self, values: Floats) -> Bound:
        """The same of a figure in [0, 1] that ties leave open, (k, 3): worst, expected, best order.

        Where they decide nothing, all three are one.
        """
        worst, expected, best = (self.over_anchors(each) for each in values.T)
        return open_to_ties(worst, expected, best)

    @cached_property
    def neighbours(self) -> Rows:
        """(N, NEAREST) the nearest other rows of each row, whatever the labels; -1 for none.

        Of rows that are equally far the lowest input row is first.
        """
        return self.team.neighbours(self.prepared, np.arange(self.data.size), NEAREST).rows

    @cached_property
    def occurrence(self) -> Occurrence:
        """How often each row is among the NEAREST nearest of others."""
        every, distinct = np.arange(self.data.size), self.distinct
        nearest = self.team.neighbours(self.prepared, every, NEAREST + 1)  # does the last one tie?
        vectors = distinct.vector[distinct.group]
        return occurrence_of(self.points, vectors, nearest, NEAREST, self.progress)

    @cached_property
    def moments(self) -> Moments:
        """Means and covariance."""
        return moments_of(self.points, self.data.runs)

    @cached_property
    def profile(self) -> Profile:
        """What the rows are, each by itself, and which are stray."""
        return profile_of(self.points, self.data.runs)

    @cached_property
    def directions(self) -> tuple[Floats, Floats]:
        """Eigenvalues (n,) falling and eigenvectors (n, n) of the covariance of usual rows."""
        usual = self.profile.usual
        if usual.all():
            return self.moments.eigen
        covariance = np.zeros((self.data.dim, self.data.dim))
        for part, block in self.points.chunks():
            some = block[usual[part]] - self.profile.mean
            covariance += some.T @ some
        return eigen_of(covariance / np.count_nonzero(usual))

    @cached_property
    def sample(self) -> RowSample:
        """A few usual rows, less the profile's centre."""
        runs = self.data.runs
        rows = rows_drawn(runs, self.profile.usual, self.seed)
        codes = np.searchsorted(runs, rows, side="right") - 1
        return RowSample(rows, codes, self.points.floats(rows) - self.profile.centre)

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

    @property
    def constant_length(self) -> bool:
        """Whether all usual rows are as long as each other, so that both metrics rank alike."""
        return float(np.std(self.profile.log_lengths[self.profile.usual])) < 1e-3

    @cached_property
    def usual_cosine(self) -> float:
        """Mean cosine of two usual rows of the points; 1 where no two have a direction."""
        usual = self.profile.usual
        mean = mean_pairwise_cosine(self.points, None if usual.all() else usual)
        return 1.0 if mean is None else mean

    @cached_property
    def shared_rows(self) -> int:
        """Rows whose prepared vector a row of another class has too."""
        distinct = self.distinct
        groups = np.bincount(distinct.vector, minlength=distinct.size)  # each of one class
        return int(distinct.count[groups[distinct.vector] > 1].sum())

    @cached_property
    def crowded(self) -> float:
        """A distance within which rows of as many dimensions seldom come by chance, of the points.

        A twentieth of about what is between a row and its nearest one, were they spread evenly.
        """
        dimension = max(1.0, participation_ratio(self.directions[0]) or 1.0)
        usual = np.count_nonzero(self.profile.usual)
        spread = float(np.sqrt(2 * self.profile.variances.sum()))
        return float(spread * float(usual) ** (-1 / dimension) / 20)

    @cached_property
    def coinciding(self) -> float:
        """The share of anchors whose nearest row of another class is within that distance."""
        d2 = self.scan.d2_nearest_negative[self.anchors]
        return float((d2 <= self.crowded**2).mean())

    @cached_property
    def chance(self) -> float:
        """Precision@1 of a random neighbour: the mean share of positives among other rows."""
        positives = self.positives
        return float((positives / (positives + self.negatives)).mean())

    @cached_property
    def right(self) -> Floats:
        """(A,) whether each anchor's nearest row has its label; of ties, as one is expected."""
        scan, rows = self.scan, self.anchors
        counts = scan.closer_negatives[rows], scan.tied_positives[rows], scan.tied_negatives[rows]
        expected: Floats = found_within(1, *counts)[:, 1]
        return expected

    @cached_property
    def adjusted_precision(self) -> float:
        """Precision@1 beyond chance, of what there is beyond it."""
        return corrected(float(self.right.mean()), self.chance)

    @cached_property
    def balanced_precision(self) -> tuple[float, float, float]:
        """The same of the mean over classes, the standard error of a blind guess of it, and luck.

        Of one large and one rare class nearly all nearest rows are right, blindly. luck: what two
        rows of the rarest class that meet by chance add, each the nearest of the other.
        """
        positives = self.positives
        codes = np.unique(self.data.codes_of(self.anchors), return_inverse=True)[1]
        sizes = np.bincount(codes)
        right = np.bincount(codes, self.right) / sizes
        chance = np.bincount(codes, positives / (positives + self.negatives)) / sizes
        error = float(np.sqrt((chance * (1 - chance) / sizes).sum())) / len(sizes)
        blind = float(chance.mean())
        luck = 2 / float(sizes.min()) / len(sizes)
        beyond = max(1 - blind, 1e-12)
        return corrected(float(right.mean()), blind), error / beyond, luck / beyond

    @cached_property
    def attribution(self) -> Attribution:
        """Which rows are to blame, and for what."""
        rms = self.moments.rms_pair_distance
        least = FLAT * rms or np.finfo(float).tiny
        tails = class_tails(self.points, self.data.starts, self.moments.class_means, least)
        return attributed(
            self.data,
            self.points,
            self.distinct,
            self.scan,
            tails,
            doubt_of(
                self.data,
                self.points,
                self.scan,
                self.moments,
                self.threads,
                usual=self.profile.usual,
            ),
            self.anchors,
            self.gaps > 0,
            rms=rms,
            budget=self.budget,
            threads=self.threads,
            progress=self.progress,
        )

    @cached_property
    def class_means(self) -> ClassMeans:
        """How the class means lie, and the rows about them."""
        return ClassMeans(self.points, self.data.starts, self.moments)

    @cached_property
    def unit_points(self) -> tuple[Points, int]:
        """The rows scaled to length 1, and how many are zero and cannot be."""
        if self.metric == "cosine":
            return self.points, 0
        points, zero = unit_rows(self.data.vectors, self.data.spill)
        return points, len(zero)

    @cached_property
    def pair_distances(self) -> PairDistances | None:
        """Squared distances of positive and negative pairs, all or drawn; None without a pair."""
        return self.pair_distances_of(self.points)

    def pair_distances_of(self, points: Points) -> PairDistances | None:
        """The same of the rows as other points have them."""
        rng = np.random.default_rng((self.seed, 6))
        return pair_distances(points, self.data.starts, DRAWN_PAIRS, rng)

    @cached_property
    def class_balls(self) -> Balls:
        """A small enclosing ball of each class."""
        return enclosing_balls(self.points, self.data.starts, self.moments.class_means)

    @cached_property
    def centre_gaps(self) -> Floats:
        """Distance from each class's ball centre to the nearest other one."""
        centres = Points(self.class_balls.centres)
        every, vectors = np.arange(centres.size), identical_vectors(centres)
        return np.sqrt(k_nearest(centres, vectors, every, every, every, 1).d2[:, 0])

    @cached_property
    def ball(self) -> Balls:
        """An enclosing ball of the whole set, hardly larger than the smallest."""
        found = self.smallest_ball
        return Balls(found.centre[None], np.array([found.upper]))

    @cached_property
    def smallest_ball(self) -> SmallestBall:
        """The minimum enclosing ball of the whole set, its radius between two ends."""
        return smallest_ball(self.points, self.moments.mean, self.effort)

    def spread(self, work: Work, bands: Sequence[slice]) -> None:
        """Work through bands of rows on all threads."""
        for_each(work, bands, min(self.threads, len(bands)))

    def width(self, dimension: int) -> Bound:
        """The minimum width in the span of so many leading directions, in units of the points."""
        if dimension not in self._widths:
            found = minimum_width(self.points, self.moments, dimension, self.effort)
            self._widths[dimension] = found
        return self._widths[dimension]

    @cached_property
    def extent(self) -> Extent:
        """The furthest pair of rows, or what is known of it within the budget."""
        chosen = None
        if self.distinct_vectors < self.data.size:
            _, groups = np.unique(self.distinct.vector, return_index=True)
            chosen = self.distinct.first[groups]
        return furthest_pair(
            self.points,
            distances_from(self.points, self.smallest_ball.centre),
            self.budget.diameter,
            chosen=chosen,
            progress=self.progress,
        )

    @cached_property
    def neighbourhood(self) -> SeparatedMaps:
        """What lies near the set: how little its rows can move, and where separated maps are."""
        return SeparatedMaps(
            self.data,
            self.points,
            self.scan,
            self.anchors,
            self.gaps,
            seed=self.seed,
            effort=self.effort,
            threads=self.threads,
            progress=self.progress,
        )

    @cached_property
    def forecast(self) -> BatchForecast | None:
        """Forecast of the audited batch shape, loss in the user's units; None without a batch."""
        return self.forecast_at(self.batch)

    def forecast_at(self, shape: Shape) -> BatchForecast | None:
        """The same at another shape, classes x samples."""
        found = batch_forecast(
            self.data,
            self.points,
            self.distinct,
            shape,
            margin=self.margin / self.unit,
            radii=self.class_balls.radii,
            seed=self.seed,
            threads=self.threads,
            progress=self.progress,
        )
        return found and replace(found, loss=found.loss.scaled(self.unit))
