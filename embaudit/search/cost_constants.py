"""What searches cost on one thread, by constants measured on one machine, in nanoseconds.

Two cores with AVX-512, float32 products of 2 to 6 ns a pair; elsewhere their ratios matter: they
choose between two searches with the same answer, and forecast how long an audit takes.
"""

from embaudit.search.ivf.inverted_lists import STEPS, TRAIN_ROWS

PAIR, DIMENSION = 0.8, 0.0135  # two rows in a product of many, and each dimension of them
SETTLED = 12_000.0  # a row: its candidates in float64, its positives
LOOK = 1_100.0  # an anchor at a cell, beside the products with its rows
CENTRE = 1.2  # an anchor and the centre of a cell, beside the product
THOROUGH = 1.2  # times a product: with what is looked into at once
POSITIVE = 4_000.0  # a row: its positives, where no scan of all pairs tells them
RANK, RANK_DIMENSION = 9.0, 0.092  # an anchor and a row whose rank is counted, in float64


def pair(dim: int) -> float:
    """Two rows in a product of many rows."""
    return PAIR + DIMENSION * dim


def all_pairs(rows: int, dim: int) -> float:
    """An exact scan, each pair once."""
    return rows * (rows / 2 * pair(dim) + SETTLED)


def in_cells(anchors: int, dim: int, looks: float, cell_rows: float, cells: int) -> float:
    """Anchors that each look into so many of the cells, at so many rows of each."""
    choice = cells * (CENTRE + pair(dim))
    return anchors * (choice + looks * (LOOK + cell_rows * pair(dim)))


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
