"""What two or more measures share: computed once, when first asked for."""

from dataclasses import replace
from functools import cached_property

import numpy as np

from embaudit.core.prepared_points import Floats
from embaudit.core.random_streams import random_stream
from embaudit.evidence.anchor_evidence import AnchorEvidence
from embaudit.evidence.batch_pressure_estimate import BatchForecast, batch_forecast
from embaudit.evidence.label_scores import doubt_of
from embaudit.evidence.nearest_separated_maps import SeparatedMaps
from embaudit.evidence.simple_random_sample import LEAST_ROWS, SimpleRandomSample
from embaudit.evidence.violation_causes import FLAT, Attribution, attributed
from embaudit.geometry.batch_shapes import Shape
from embaudit.geometry.outlier_scores import class_tails
from embaudit.geometry.sample_retrieval import corrected
from embaudit.geometry.witness_maps import ClassShrink, class_shrink
from embaudit.search import found_within


class Evidence(AnchorEvidence):
    """The shared evidence on one set: its rows, its anchors, and what both say of its labels."""

    def labelled_rows(self, stream: int | str, per_row: int) -> SimpleRandomSample:
        """The rows that have a label: all, or as many as the budget has pairs for, per_row each.

        per_row: data.class_sizes.sum() where each meets all that have a label. stream: of
        `random_stream`; of a new measure its id.
        """
        rows = np.flatnonzero(np.repeat(self.data.labelled_classes, self.data.sizes))
        most = max(LEAST_ROWS, int(self.budget.pairs) // per_row)
        return SimpleRandomSample.of(rows, most, random_stream(self.seed, stream))

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
        return self.data.beside(expected)

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
        means = self.moments.class_means
        counted = self.data.labelled_classes
        tails = class_tails(
            self.points, self.data.starts, means, least, self.parallel, counted=counted
        )
        return attributed(
            self.data,
            self.points,
            self.deduplicated,
            self.scan,
            tails,
            doubt_of(
                self.data,
                self.points,
                self.scan,
                self.moments,
                self.threads,
                usual=self.row_statistics.usual,
            ),
            self.anchors,
            self.gaps > 0,
            rms=rms,
            budget=self.budget,
            threads=self.threads,
            progress=self.progress,
        )

    @cached_property
    def separated_maps(self) -> SeparatedMaps:
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
    def shrunk_classes(self) -> ClassShrink:
        """The map that shrinks every class about its centre, and moves its rows least by that."""
        return class_shrink(self.class_balls, self.centre_gaps, self.moments.mean)

    @cached_property
    def forecast(self) -> BatchForecast | None:
        """Forecast of the audited batch shape, loss in the user's units; None without a batch."""
        return self.forecast_at(self.batch)

    def forecast_at(self, shape: Shape) -> BatchForecast | None:
        """The same at another shape, classes x samples."""
        found = batch_forecast(
            self.data,
            self.points,
            self.deduplicated,
            shape,
            margin=self.margin / self.unit,
            radii=self.class_balls.radii,
            seed=self.seed,
            threads=self.threads,
            progress=self.progress,
        )
        return found and replace(found, loss=found.loss.scaled(self.unit))
