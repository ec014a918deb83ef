"""What is known of anchors: who is near them, and how their positives and negatives rank."""

from functools import cached_property
from itertools import takewhile

import numpy as np

from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import Estimate, exact, open_to_ties
from embaudit.core.prepared_points import Floats, Rows
from embaudit.core.random_streams import RANKED_ANCHORS, random_stream
from embaudit.data import EmbeddingSet
from embaudit.evidence.ann_recall import SearchRecall, gaps_of
from embaudit.evidence.budget import LEAST_DECIDING, LEAST_RANKED, MORE
from embaudit.evidence.evidence_options import EvidenceOptions
from embaudit.evidence.extent_evidence import ExtentEvidence
from embaudit.evidence.releasable_properties import Releasable
from embaudit.search import (
    AnchorRanks,
    AnchorScan,
    Executor,
    GalleryScan,
    Leakage,
    LocalExecutor,
    Occurrence,
    Prepared,
    leakage_of,
    occurrence_of,
    rank_gallery,
    scan_gallery,
)

NEAREST = 10  # neighbours that are looked at for hubs and for labels that disagree
DEFAULT = EvidenceOptions()
LOCAL = LocalExecutor()


class AnchorEvidence(ExtentEvidence):
    """A set whose rows are compared with each other, or with a gallery."""

    def __init__(
        self,
        data: EmbeddingSet,
        options: EvidenceOptions = DEFAULT,
        local: LocalExecutor = LOCAL,
        *,
        gallery: EmbeddingSet | None = None,
        executor: Executor | None = None,
    ) -> None:
        """gallery: of `reference_of`, which the anchors of `data` are compared with instead.

        local: the threads of this process, and who hears of their progress. executor: who does
        the dear searches, by default these threads.
        """
        super().__init__(data, options, local, gallery)
        self.executor = executor or local

    @property
    def reference(self) -> EmbeddingSet:
        """The set whose (ordered) rows the scan names as positives and negatives.

        The audited set itself, or its gallery. A class code means the same class in both.
        """
        return self.data if self.gallery is None else self.gallery

    @cached_property
    def gallery_scan(self) -> GalleryScan:
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
    def prepared(self) -> Prepared:
        """The set as searches take it."""
        return Prepared(self.data, self.points, self.deduplicated)

    @cached_property
    def scan(self) -> AnchorScan:
        """Furthest and nearest positive and nearest negative of every anchor, of the reference."""
        assert self.data.labelled, "no measure that needs no labels may ask for anchors"
        if self.gallery is not None:
            return scan_gallery(
                self.gallery_scan,
                block_rows=self.block_rows,
                threads=self.threads,
                progress=self.progress,
            )
        return self.executor.scan(self.prepared, approximate=self.approximate, seed=self.seed)

    @cached_property
    def anchors(self) -> Rows:
        """The ordered rows that have a positive and a negative."""
        return self.data.beside(np.flatnonzero(self.scan.anchor))

    @property
    def positives(self) -> Rows:
        """P_x: how many positives each anchor has, in the order of `anchors`."""
        if self.gallery is not None:
            return self.gallery_scan.positives[self.anchors]
        return self.data.sizes[self.data.codes_of(self.anchors)] - 1

    @property
    def negatives(self) -> Rows:
        """N_x: how many negatives each anchor has, in the order of `anchors`."""
        if self.gallery is not None:
            return self.gallery_scan.negatives[self.anchors]
        return self.data.size - self.data.sizes[self.data.codes_of(self.anchors)]

    @cached_property
    def gaps(self) -> Floats:
        """F - M of each anchor, in the order of `anchors`; too small where a search missed."""
        f2 = self.scan.d2_furthest_positive[self.anchors]
        return self.data.beside(gaps_of(f2, self.scan.d2_nearest_negative[self.anchors]))

    @cached_property
    def search_recall(self) -> SearchRecall | None:
        """What the search is worth, where it was approximate; None where it was exact."""
        return None if self.scan.check is None else SearchRecall(self.scan, self.scan.check)

    @cached_property
    def separated(self) -> bool:
        """Whether every positive is known to be nearer than every negative of its anchor."""
        return self.search_recall is None and bool(self.gaps.max() < 0)

    @cached_property
    def looks(self) -> tuple[int, ...]:
        """How many anchors to rank: first, and wherever that leaves a gate undecided."""
        count, rows = len(self.anchors), self.reference.size
        if count * rows <= self.budget.ranked_pairs:
            return (count,)
        first = max(LEAST_RANKED, int(self.budget.ranked_pairs) // rows)
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
        return random_stream(self.seed, RANKED_ANCHORS).permutation(self.anchors)[:amount].copy()

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
        """Of separated anchors the scan tells the ranks; only others are compared with all rows."""
        scan, at = self.scan, np.searchsorted(self.anchors, anchors)
        apart = scan.d2_furthest_positive[anchors] < scan.d2_nearest_negative[anchors]
        apart &= scan.check is None  # an approximate search may have missed a nearer negative
        counts = self.positives[at[apart]], self.negatives[at[apart]]
        known = AnchorRanks.of_separated(anchors[apart], *counts, self.reference.size)
        if apart.all():
            return known
        return known.beside(self._compared(anchors[~apart])).ordered()

    def _compared(self, anchors: Rows) -> AnchorRanks:
        if self.gallery is not None:
            return rank_gallery(
                self.gallery_scan, anchors, threads=self.threads, progress=self.progress
            )
        return self.executor.ranks(self.prepared, anchors)

    def over_anchors(self, values: Floats, high: float = 1.0) -> Estimate:
        """Mean over all anchors of a figure in [0, high] known for the ranked ones.

        Strictly separated, every anchor ranks alike, so a part tells the whole.
        """
        if self.drawn is None or self.separated:
            return exact(float(values.mean()))
        drawn = values[np.searchsorted(self.ranks.anchors, self.drawn)]
        found = sampled_mean(drawn, 0.0, high, population=len(self.anchors), looks=self.looks)
        return found.because(f"{len(drawn)} of {len(self.anchors)} anchors drawn at random")

    def over_orders(self, values: Floats) -> Estimate:
        """The same of a figure in [0, 1] that ties leave open, (k, 3): worst, expected, best order.

        Where they decide nothing, all three are one.
        """
        worst, expected, best = (self.over_anchors(each) for each in values.T)
        return open_to_ties(worst, expected, best)

    def nearest_of(self, rows: Rows) -> Rows:
        """(q,) the nearest other row of some ordered rows, whatever the labels.

        Of rows that are equally far the lowest input row. Of anchors an exact scan knows it.
        """
        scan, data = self.scan, self.data
        positive, negative = scan.nearest_positive[rows], scan.nearest_negative[rows]
        here, there = scan.d2_nearest_positive[rows], scan.d2_nearest_negative[rows]
        lower = data.rows[negative] < data.rows[positive]
        found = np.where((there < here) | ((there == here) & lower), negative, positive)
        open_ = np.flatnonzero(~scan.anchor[rows] | (scan.check is not None))
        if len(open_):
            found[open_] = self.executor.neighbours(self.prepared, rows[open_], 1).rows[:, 0]
        return found

    @cached_property
    def neighbours(self) -> Rows:
        """(N, NEAREST) the nearest other rows of each row, whatever the labels; -1 for none.

        Of rows that are equally far the lowest input row is first.
        """
        return self.executor.neighbours(self.prepared, np.arange(self.data.size), NEAREST).rows

    @Releasable
    def occurrence(self) -> Occurrence:
        """How often each row is among the NEAREST nearest of others."""
        every, distinct = np.arange(self.data.size), self.deduplicated
        # one more tells whether the last one ties
        nearest = self.executor.neighbours(
            self.prepared, every, NEAREST + 1
        )  # does the last one tie?
        vectors = distinct.vector[distinct.group]
        return occurrence_of(self.points, vectors, nearest, NEAREST, self.progress)
