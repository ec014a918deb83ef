"""What searches cost on one thread, by constants measured on one machine, in nanoseconds.

Two cores with AVX-512, float32 products of 2 to 6 ns a pair; elsewhere their ratios matter: they
choose between two searches with the same answer, and forecast how long an audit takes.
"""

from embaudit.search.ivf.inverted_lists import STEPS, TRAIN_ROWS

PAIR, DIMENSION = 0.8, 0.0135  # two rows in a product of many, and each dimension of them
SETTLED = 12_000.0  # a row: its candidates in float64, its positives
LOADED = 1.3  # times a product: with its threshold
CAST = 5.0  # a value of a row that is compared with the anchors of a cell
FACED = 5_000.0  # an anchor among rows that face its cell: its candidates in float64
CANDIDATE, CANDIDATE_DIMENSION = 8.0, 0.15  # an anchor and a row of its own, and each dimension
TABLE = 80.0  # an anchor's table of a code
SCANNED = 0.035  # a code of a row, looked up for an anchor
HEAP = 60.0  # a candidate by codes, kept
CODED = 20.0  # a value, as a part of a code
CENTRE = 1.2  # an anchor and the centre of a cell, beside the product
THOROUGH = 1.2  # times a product: with what is looked into at once
POSITIVE = 4_000.0  # a row: its positives, where no scan of all pairs tells them
RANK, RANK_DIMENSION = 10.0, 0.055  # an anchor and a row whose rank is counted


def pair(dim: int) -> float:
    """Two rows in a product of many rows."""
    return PAIR + DIMENSION * dim


def all_pairs(rows: int, dim: int) -> float:
    """An exact scan, each pair once."""
    return rows * (rows / 2 * pair(dim) + SETTLED)


def choice(anchors: int, dim: int, cells: int) -> float:
    """Anchors that choose among so many cells."""
    return anchors * cells * (CENTRE + pair(dim))


def facing(anchors: int, rows: int, dim: int, cells: int, share: float) -> float:
    """Cells that choose a share of all rows, and anchors that are compared with their cell's."""
    found = share * rows
    pairs = (rows * cells + anchors * found) * LOADED * pair(dim)
    return pairs + cells * found * dim * CAST + anchors * FACED


def coded(anchors: int, dim: int, rows: float, parts: int, amount: int) -> float:
    """Anchors that each scan the codes of so many rows, and decide among an amount of them."""
    tables = parts * TABLE
    return anchors * (tables + rows * parts * SCANNED + amount * (HEAP + candidate(dim)))


def coding(rows: int, dim: int) -> float:
    """Rows as codes."""
    return rows * dim * CODED


def candidate(dim: int) -> float:
    """An anchor and a row of its own."""
    return CANDIDATE + CANDIDATE_DIMENSION * dim


def positives(rows: int, classes: int, dim: int) -> float:
    """Nearest and furthest positives by themselves, of classes of equal size."""
    return rows * (POSITIVE + rows / max(1, classes) / 2 * pair(dim))


def thorough(anchors: int, rows: int, dim: int) -> float:
    """Some anchors and all rows."""
    return anchors * rows * pair(dim) * THOROUGH


def ranks(pairs: float, dim: int) -> float:
    """So many anchors times rows."""
    return pairs * (RANK + RANK_DIMENSION * dim)


def training(classes: int, cells: int, dim: int) -> float:
    """Centres of cells, found from a sample."""
    return STEPS * TRAIN_ROWS * cells * max(1.0, cells / max(1, classes)) * pair(dim)


def assigned(rows: int, classes: int, cells: int, dim: int) -> float:
    """Each row to the nearest centre of its class."""
    return rows * max(1.0, cells / max(1, classes)) * pair(dim)
