"""What bounds distances of ranks: float64, or float32 where a sample says that it leaves few open.

Products in float32 take half the time; a pair that bounds cannot tell is computed directly, which
is dear.
"""

from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.data import EmbeddingSet
from embaudit.search.centre_scale_cast import HELD, frame_of
from embaudit.search.error_bounds import Frame
from embaudit.search.mixed_precision import axes_of, rest_of, rest_slack, split_frame
from embaudit.search.positive_rank_bounds import within

DOUBTS = 1 / 400  # of all pairs: so many that are computed directly cost as much as products do
DOUBLE = 2.0  # what products in float64 cost, where those in float32 cost 1
LITTLE = 1.15  # of all that a frame costs: none that is worth looking for costs less
HOLDING = 0.05  # what it costs to split rows and to hold them
PROBED, DRAWN, DRAWN_POSITIVES = 16, 1024, 256  # anchors, rows and positives of a sample
LEADING = 64  # coordinates in float64
HOPE = 1 / 16  # of the squared lengths: what these may leave, at best
HELD_AGAIN = 1 << 26  # values of a set that are held in float32
ANCHORS = 512  # that make up for holding them


def ranking_frame(points: Points) -> Frame:
    """Frame in float64: a pass over all rows."""
    held = points.size * points.dim <= HELD
    every = points.beside(np.arange(points.size))
    return frame_of(points, every, np.float64, in_memory=held)


def cheaper(
    frame: Frame, data: EmbeddingSet, anchors: Rows, codes: Rows, threads: int = 1
) -> Frame:
    """The frame, or its like in float32 for these anchors of these classes.

    Of rows that are held in float64, products cost little beside all else.
    """
    if frame.rows is not None:
        return frame
    doubts = Doubts.of(frame, data, anchors, codes)
    cloud = frame.cloud
    single = Frame(cloud, np.float32, None, moved=frame.moved)
    cost = doubts.cost(single.slack(frame.radius[doubts.probed]))
    best, least = (single, cost) if cost < DOUBLE else (frame, DOUBLE)
    dim = cloud.points.dim
    holdable = cloud.size * dim <= HELD_AGAIN and not cloud.points.on_disk
    if least < LITTLE or cloud.apart < np.inf or not holdable or len(anchors) < ANCHORS:
        return best
    rest, axes = cloud.floats(doubts.columns), None
    for width in (0, LEADING):
        held = HOLDING + 2 * width / dim
        if least < LITTLE or (width and doubts.cost_of_rest(rest, HOPE) + held >= least):
            break
        turned = axes_of(cloud, width) if width else np.empty((dim, 0))
        cost = doubts.cost_of_rest(rest_of(rest, turned)[1]) + held
        if cost < least:
            axes, least = turned, cost
    return best if axes is None else split_frame(cloud, axes, threads)


@dataclass(frozen=True)
class Doubts:
    """Computed distances of a few anchors, by which a bound is judged.

    probed, columns: rows. sizes: of the classes of the former. positives: computed distances of
    each anchor to some of its class, rising; negatives: those to others among the columns.
    """

    probed: Rows
    columns: Rows
    sizes: Rows
    positives: list[Floats]
    negatives: list[Floats]

    @classmethod
    def of(cls, frame: Frame, data: EmbeddingSet, anchors: Rows, codes: Rows) -> "Doubts":
        """Of anchors that are drawn evenly."""
        chosen = _evenly(0, len(anchors), PROBED)
        probed, columns = anchors[chosen], _evenly(0, data.size, DRAWN)
        begin, end = data.starts[codes[chosen]], data.starts[codes[chosen] + 1]
        taken = frame.taken(probed)
        negatives = [
            row[(columns < start) | (columns >= stop)]
            for row, start, stop in zip(frame.between(taken, columns), begin, end, strict=True)
        ]
        positives = [
            np.sort(frame.between(one[None], _evenly(start, stop, DRAWN_POSITIVES))[0])
            for one, start, stop in zip(taken, begin.tolist(), end.tolist(), strict=True)
        ]
        return cls(probed, columns, end - begin, positives, negatives)

    def cost_of_rest(self, rest: Floats, part: float = 1.0) -> float:
        """The same where float32 computes the products of such rests alone, or of a part of them.

        rest: (m, n) of some rows; part: of their squared lengths.
        """
        reach = float(np.sqrt(part * np.einsum("ij,ij->i", rest, rest).max()))
        return self.cost(np.full(len(self.probed), rest_slack(rest.shape[1], reach)))

    def cost(self, slack: Floats) -> float:
        """Of products in float32, and of the pairs that values leave open which err by so much.

        slack: (anchors,).
        """
        doubts = 0.0
        for size, reached, values, error in zip(
            self.sizes, self.positives, self.negatives, slack, strict=True
        ):
            open_ = np.count_nonzero(within(values, reached - 2 * error, reached + 2 * error))
            doubts += open_ * size / len(reached)
        return 1 + doubts / (DOUBTS * len(self.probed) * len(self.columns))


def _evenly(start: int, stop: int, most: int) -> Rows:
    return np.linspace(start, stop - 1, min(most, stop - start)).astype(np.int64)
