"""The approximate search by tasks: the executor of a ProbeSearch."""

import numpy as np

from embaudit.cluster import worker_tasks
from embaudit.cluster.dataset_spec import DatasetSpec
from embaudit.cluster.scheduling import SHARES, Work
from embaudit.cluster.spot_checks import Referee
from embaudit.cluster.worker_answer_checks import answered, demand
from embaudit.search import (
    Cells,
    CellSearch,
    Centre,
    Codebook,
    Codes,
    Frame,
    ListGroup,
    Matrix,
    NearestNegatives,
    PartialResult,
    Placement,
    Prepared,
    distances_of,
    homes_in,
    homes_of,
    pieces_of,
    tiles_of,
)


class ListTasks:
    """Workers that assign rows to cells, and look for the nearest negatives of some anchors.

    Centres are found once, by the client, from a sample, and sent; later which rows are in which.
    """

    def __init__(
        self, work: Work, spec: DatasetSpec, prepared: Prepared, frame: Frame, referee: Referee
    ) -> None:
        """prepared, frame, referee: the client's own, which answers are held against."""
        self.work, self.spec = work, spec
        self.prepared, self.frame, self.referee = prepared, frame, referee

    def nearest_centres(
        self, placement: Placement, list_groups: list[ListGroup], centres: list[Matrix]
    ) -> list[Centre]:
        """Of all groups of each list group."""
        work, pieces = self.work, pieces_of(list_groups, centres)
        found: list[Centre] = [
            np.zeros(list_group.size, dtype=np.int32) for list_group in list_groups
        ]
        cost = np.cumsum([distances_of(piece, centres) for piece in pieces])

        def assign(half: int) -> None:
            amount = SHARES * work.threads() * half
            cuts = np.searchsorted(cost, np.linspace(0, cost[-1], amount + 1)[1:-1])
            shares = [
                [pieces[i] for i in share]
                for share in np.split(np.arange(len(pieces)), cuts)
                if len(share)
            ]
            sent = work.submit(worker_tasks.kept, (placement, centres))
            asked = [
                work.submit(
                    worker_tasks.nearest_centres,
                    self.spec,
                    sent,
                    [(k, list_groups[k].groups[part]) for k, part in share],
                )
                for share in shares
            ]
            for share, known in zip(
                shares, work.answers("cells", list, asked, [sent]), strict=True
            ):
                demand(len(known) == len(share), "cells")
                for (k, part), nearest in zip(share, known, strict=True):
                    demand(np.shape(nearest) == found[k][part].shape, "cells")
                    found[k][part] = nearest

        if pieces:
            work.shrinking(assign)
            self.referee.centres(self.frame, placement, list_groups, centres, found)
        return found

    def codes(self, placement: Placement, cells: Cells, book: Codebook) -> Codes:
        """Of the cells' rows, in their order."""
        work, found = self.work, np.empty((len(cells.order), book.bytes), dtype=np.uint8)

        def code(half: int) -> None:
            rows = -(-len(found) // (SHARES * work.threads() * half))
            parts = tiles_of(len(found), rows)
            sent = work.submit(worker_tasks.kept, (placement, cells, book))
            asked = [work.submit(worker_tasks.codes, self.spec, sent, part) for part in parts]
            answers = work.answers("codes", np.ndarray, asked, [sent])
            for part, known in zip(parts, answers, strict=True):
                demand(known.shape == found[part].shape and known.dtype == np.uint8, "codes")
                found[part] = known

        work.shrinking(code)
        self.referee.codes(self.frame, placement, cells, book, found)
        return found

    def everywhere(self, found: NearestNegatives) -> None:
        """Among all rows."""
        work = self.work

        def search(half: int) -> None:
            parts = work.parts(np.arange(len(found.anchors)), half)
            asked = [
                work.submit(worker_tasks.everywhere, self.spec, found.partial_result(at))
                for at in parts
            ]
            for at, known in zip(
                parts, work.answers("sample for the search", PartialResult, asked), strict=True
            ):
                found.take(at, answered(known, found.anchors[at]))

        work.shrinking(search)
        self.referee.everywhere(self.prepared, self.frame, found)

    def in_cells(self, found: NearestNegatives, search: CellSearch, together: int) -> int:
        """In the cells near each; into how many they looked in all."""
        work, cells = self.work, search.cells

        def look(half: int) -> int:
            shares = SHARES * work.threads() * half
            parts = homes_of(search, max(1, together // half), shares)
            sought = [(homes, homes_in(found, cells, homes)) for homes in parts]
            sought = [(homes, at) for homes, at in sought if len(at)]
            sent = work.submit(worker_tasks.kept, search)
            asked = [
                work.submit(worker_tasks.in_cells, self.spec, sent, homes, found.partial_result(at))
                for homes, at in sought
            ]
            answers = work.answers("negatives", tuple, asked, [sent])
            for (_, at), (known, _) in zip(sought, answers, strict=True):
                found.take(at, answered(known, found.anchors[at]))
            return sum(looks for _, looks in answers)

        looks = work.shrinking(look)
        self.referee.in_cells(self.prepared, self.frame, found, search)
        return looks
