"""What every anchor sees: its furthest and nearest positive and its nearest negative."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.core.random_streams import PILOT_ANCHORS, random_stream
from embaudit.data import EmbeddingSet
from embaudit.search.block_minima import Engine
from embaudit.search.deduplicated import Deduplicated, distinct_in_classes
from embaudit.search.exact_nearest_negatives import Negatives, NegativeSearch
from embaudit.search.ivf.approximate_negatives import (
    ALL_PAIRS,
    CHECKS,
    Check,
    ProbeSearch,
)
from embaudit.search.nearest_negative import COUNTED
from embaudit.search.positive_candidates import Positives
from embaudit.search.positive_distances import PositiveSearch
from embaudit.search.progress import Progress, silent
from embaudit.search.tile_grid import TileGrid

BLOCK_ROWS = 1024


@dataclass(frozen=True)
class AnchorCheck:
    """The truth about k anchors drawn at random, where the search for negatives was approximate.

    rows: (k,) ordered rows. d2_nearest_negative, closer_negatives, tied_negatives: (k,), as in
    AnchorScan, from an exhaustive search. found: (k,) whether the scan found the nearest
    negative's distance.
    """

    rows: Rows
    d2_nearest_negative: Floats
    closer_negatives: Rows
    tied_negatives: Rows
    found: NDArray[np.bool_]


@dataclass(frozen=True)
class AnchorScan:
    """For each of the N rows (ordered by class), decided in float64.

    A row is an anchor if its class has another row. Rows are indices into the ordered set, -1
    where the row is no anchor; d2_* are squared distances in units of the prepared points, NaN
    where the row is no anchor. Of rows as far as each other the lowest input row is named.

    closer_negatives counts the negatives strictly closer than the nearest positive, up to COUNTED.
    tied_positives, tied_negatives: how many rows are exactly as far as it, itself among them (no
    negatives are counted where COUNTED are closer). So no count depends on the order of rows.
    settled: anchors' distinct vectors by the precision that decided their nearest negative; it
    depends on the processor. check: None where the search was exhaustive; else nearest negatives
    may be too far, and counts of negatives too low. how: what was searched, in words.
    """

    anchor: NDArray[np.bool_]
    furthest_positive: Rows
    nearest_positive: Rows
    nearest_negative: Rows
    d2_furthest_positive: Floats
    d2_nearest_positive: Floats
    d2_nearest_negative: Floats
    closer_negatives: NDArray[np.int8]
    tied_positives: NDArray[np.int32]
    tied_negatives: NDArray[np.int32]
    settled: dict[str, int]
    check: AnchorCheck | None = None
    how: str = ""


def scan_anchors(
    data: EmbeddingSet,
    points: Points,
    *,
    distinct: Deduplicated | None = None,
    block_rows: int | None = None,
    engine: Engine | None = None,
    threads: int = 1,
    progress: Progress = silent,
    approximate: bool = False,
    aim: float | None = None,
    seed: int = 0,
) -> AnchorScan:
    """Scan every anchor of a set; `points` are its prepared vectors, in the same order.

    distinct: the set's equal rows, if they are known already. engine: which bound to use, by
    default the faster one. block_rows and threads divide the work: no figure depends on them.
    approximate: look for nearest negatives among the likeliest rows only, as many as find a share
    `aim` of a sample's (by default nearly all, if that costs less than all pairs; above 1 among
    all rows), and check others drawn with `seed`.
    """
    distinct = distinct or distinct_in_classes(points, data.starts)
    if approximate:
        found = _probe(data, points, distinct, aim, seed, threads, progress)
        if found is not None:
            return found
    grid = TileGrid.of(distinct.starts, block_rows or BLOCK_ROWS)
    search = NegativeSearch(points, distinct, data.rows, grid, engine=engine)
    least, inside = search.measure(threads, progress)
    positives = PositiveSearch(points, distinct, data.rows, grid, threads).scan(
        progress, search.frame, inside
    )
    sought, target = sought_of(distinct), targets_of(distinct, positives)
    negatives = search.look(
        least, search.nearest_negatives(np.flatnonzero(sought), target), threads
    )
    how = ALL_PAIRS if approximate else ""
    return replace(for_every_row(data, distinct, positives, negatives, sought), how=how)


def _probe(
    data: EmbeddingSet,
    points: Points,
    distinct: Deduplicated,
    aim: float | None,
    seed: int,
    threads: int,
    progress: Progress,
) -> AnchorScan | None:
    """The approximate scan; None where comparing all pairs costs less."""
    positives = _positives(data, points, distinct, threads, progress)
    target = points.beside(targets_of(distinct, positives))
    search = ProbeSearch(
        points,
        distinct,
        data.rows,
        target,
        threads=threads,
        aim=aim,
        progress=progress,
    )
    return probed(data, distinct, positives, search, seed)


def _positives(
    data: EmbeddingSet, points: Points, distinct: Deduplicated, threads: int, progress: Progress
) -> Positives:
    """Positives by themselves: what they are found with is let go of."""
    grid = TileGrid.of(distinct.starts, BLOCK_ROWS)
    return PositiveSearch(points, distinct, data.rows, grid, threads).scan(progress)


def probed(
    data: EmbeddingSet, distinct: Deduplicated, positives: Positives, search: ProbeSearch, seed: int
) -> AnchorScan | None:
    """The approximate scan by a search; None where comparing all pairs costs less."""
    sought = sought_of(distinct)
    others = sought.copy()
    others[search.calibrating(sought)] = False
    rows = np.flatnonzero(others[distinct.group])
    rows = random_stream(seed, PILOT_ANCHORS).permutation(rows)[:CHECKS].copy()
    known = search.scan(sought, distinct.group[rows])
    if known is None:
        return None
    negatives, truth, how = known
    found = for_every_row(data, distinct, positives, negatives, sought)
    check = _checked(distinct, found, rows, truth) if truth else None
    return replace(found, check=check, how=how)


def sought_of(distinct: Deduplicated) -> NDArray[np.bool_]:
    """(M,) whether a group's rows are anchors: their class has another row."""
    sizes = np.diff(distinct.starts)
    return np.asarray((sizes > 1).repeat(sizes) | (distinct.count > 1))


def _checked(distinct: Deduplicated, found: AnchorScan, rows: Rows, truth: Check) -> AnchorCheck:
    group = distinct.group[rows]
    at = np.searchsorted(truth.groups, group)
    closer, tied = truth.closer[at], truth.tied[at]
    tied = np.where(closer < COUNTED, tied, 0)
    closer = np.minimum(closer, COUNTED)
    return AnchorCheck(rows, truth.d2_nearest[at], closer, tied, truth.found[at])


def targets_of(distinct: Deduplicated, positives: Positives) -> Floats:
    """(M,) how far, squared, the nearest positive is that a group's negatives are counted against.

    A vector that occurs twice in its class has its positive at distance 0.
    """
    return np.where(distinct.count > 1, 0.0, positives.d2_nearest)


def for_every_row(
    data: EmbeddingSet,
    distinct: Deduplicated,
    positives: Positives,
    negatives: Negatives,
    sought: NDArray[np.bool_],
) -> AnchorScan:
    """What was found of groups of equal rows, told of all rows; sought: (M,) flags."""
    if distinct.size == data.size:  # no row occurs twice: groups are rows
        return AnchorScan(
            sought,
            positives.furthest,
            positives.nearest,
            negatives.nearest,
            positives.d2_furthest,
            positives.d2_nearest,
            negatives.d2_nearest,
            data.beside(negatives.closer.astype(np.int8)),
            data.beside(positives.tied.astype(np.int32)),
            data.beside(negatives.tied.astype(np.int32)),
            negatives.settled,
        )
    group, every = distinct.group, np.arange(data.size)
    anchor = sought[group]
    beside = data.beside
    twin = np.full(data.size, -1)
    twins = distinct.count[group] > 1
    twin[twins] = distinct.other_than(every[twins], group[twins])

    nearest = beside(np.where(twins, twin, distinct.first[positives.nearest[group]]))
    alone = positives.furthest[group] < 0  # the class has one vector only
    furthest = beside(np.where(alone, twin, distinct.first[positives.furthest[group]]))
    del twin
    d2_nearest = beside(np.where(twins, 0.0, positives.d2_nearest[group]))
    d2_furthest = beside(np.where(alone, 0.0, positives.d2_furthest[group]))

    tied = np.where(positives.d2_nearest[group] == d2_nearest, positives.tied[group], 0)
    tied += np.where(twins, distinct.count[group] - 1, 0)
    tied = beside(tied.astype(np.int32))
    return AnchorScan(
        anchor,
        beside(np.where(anchor, furthest, -1)),
        beside(np.where(anchor, nearest, -1)),
        beside(np.where(anchor, distinct.first[negatives.nearest[group]], -1)),
        beside(np.where(anchor, d2_furthest, np.nan)),
        beside(np.where(anchor, d2_nearest, np.nan)),
        beside(np.where(anchor, negatives.d2_nearest[group], np.nan)),
        beside(np.where(anchor, negatives.closer[group], 0).astype(np.int8)),
        beside(np.where(anchor, tied, 0).astype(np.int32)),
        beside(np.where(anchor, negatives.tied[group], 0).astype(np.int32)),
        negatives.settled,
    )
