"""Who does the dear searches of a set: threads of this process, or others in their place."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from embaudit.core.prepared_points import Points, Rows
from embaudit.data import EmbeddingSet
from embaudit.search.anchor_ranks import AnchorRanks
from embaudit.search.anchor_scan import AnchorScan, scan_anchors
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.k_nearest_rows import Neighbours, k_nearest
from embaudit.search.progress import Progress, silent
from embaudit.search.rank_counting import rank_anchors


@dataclass(frozen=True)
class Prepared:
    """A set, its prepared vectors in the same order, and which of them are equal."""

    data: EmbeddingSet
    points: Points
    distinct: Deduplicated


class Executor(Protocol):
    """Answers that depend on the set alone, never on who works or how many they are."""

    def scan(self, prepared: Prepared, *, approximate: bool, seed: int) -> AnchorScan:
        """The scan of every anchor."""

    def ranks(self, prepared: Prepared, anchors: Rows) -> AnchorRanks:
        """The ranks of some anchors, ordered rows, each once."""

    def neighbours(self, prepared: Prepared, asked: Rows, k: int) -> Neighbours:
        """The k nearest other rows of some ordered rows, whatever the labels."""


@dataclass(frozen=True)
class LocalExecutor:
    """So many threads of this process."""

    threads: int = 1
    block_rows: int | None = None
    progress: Progress = silent

    def scan(self, prepared: Prepared, *, approximate: bool, seed: int) -> AnchorScan:
        """As `scan_anchors`."""
        return scan_anchors(
            prepared.data,
            prepared.points,
            distinct=prepared.distinct,
            block_rows=self.block_rows,
            threads=self.threads,
            progress=self.progress,
            approximate=approximate,
            seed=seed,
        )

    def ranks(self, prepared: Prepared, anchors: Rows) -> AnchorRanks:
        """As `rank_anchors`."""
        return rank_anchors(
            prepared.data,
            prepared.points,
            prepared.distinct,
            anchors,
            threads=self.threads,
            progress=self.progress,
        )

    def neighbours(self, prepared: Prepared, asked: Rows, k: int) -> Neighbours:
        """As `k_nearest`, each row with a code of its own."""
        distinct = prepared.distinct
        return k_nearest(
            prepared.points,
            distinct.vector[distinct.group],
            np.arange(prepared.data.size),
            prepared.data.rows,
            asked,
            k,
            threads=self.threads,
            progress=self.progress,
        )
