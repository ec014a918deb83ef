"""FAISS's 4-bit fast scan over cells of our own: quantised rows, and the nearest of them.

FAISS would put a row into the list of the nearest centre of all; here a list is of one class, so
the lists are filled and chosen by us. (Andre, Kermarrec and Le Scouarnec, "Cache locality is not
enough: high-performance nearest neighbor search with product quantization fast scan".)
"""

import numpy as np

from embaudit.core.prepared_points import Rows
from embaudit.search.faiss_minima import library, one_faiss_thread
from embaudit.search.ivf.inverted_lists import Cells
from embaudit.search.ivf.product_codes import BITS, Codebook, Codes
from embaudit.search.ivf.robust_scaling import Matrix

BLOCK = 32  # codes that FAISS scans at once
TURNED = np.array([0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15])  # their order in a block
BY_LISTS = 12  # FAISS's way of going list by list, with a heap for each query


class FastScan:
    """The rows of cells, as codes; the candidates of anchors are found among them."""

    def __init__(self, cells: Cells, book: Codebook, codes: Codes) -> None:
        """codes: of the cells' rows, in their order."""
        self.book = book
        # FAISS breaks ties by numbers: these are of the cells' order, which values alone decide
        self._groups = np.append(cells.order, -1)
        faiss = library()
        tables = book.all_tables()
        parts, _, size = tables.shape
        self._nowhere = faiss.IndexFlatIP(parts * size)  # FAISS never looks for a list itself
        self._nowhere.add(np.zeros((cells.size, parts * size), dtype=np.float32))
        index = faiss.IndexIVFPQFastScan(
            self._nowhere, parts * size, cells.size, parts, BITS, faiss.METRIC_INNER_PRODUCT
        )
        index.by_residual = True
        index.implem = BY_LISTS
        faiss.copy_array_to_vector(tables.ravel(), index.pq.centroids)
        for k in range(cells.size):
            part = slice(int(cells.begin[k]), int(cells.begin[k + 1]))
            numbers, packed = np.arange(part.start, part.stop), in_blocks(codes[part])
            index.invlists.add_entries(
                k, len(numbers), faiss.swig_ptr(numbers), faiss.swig_ptr(packed)
            )
        index.ntotal, index.is_trained = len(codes), True
        self._index = index

    def candidates(self, rows: Matrix, lists: Rows, away: Matrix, amount: int) -> Rows:
        """(q, amount) the likeliest groups of anchors (q, n), best first, -1 for none.

        lists: (q, p) cells that each looks into, -1 for none. away: how far these are, squared.
        """
        asked, bias = self.book.queries(rows), self.book.bias(away)
        value = np.empty((len(rows), amount), dtype=np.float32)
        found = np.empty((len(rows), amount), dtype=np.int64)
        faiss = library()
        with one_faiss_thread():
            self._index.search_preassigned_c(
                len(rows),
                faiss.swig_ptr(asked),
                amount,
                faiss.swig_ptr(lists),
                faiss.swig_ptr(bias),
                faiss.swig_ptr(value),
                faiss.swig_ptr(found),
                False,
                faiss.IVFSearchParameters(nprobe=lists.shape[1]),
            )
        return self._groups[found]


def in_blocks(codes: Codes) -> Codes:
    """Codes (m, bytes) as FAISS's fast scan has them: 32 rows in a block, byte by byte of these.

    The last block is filled up with zeros.
    """
    rows, width = codes.shape
    full = np.zeros((-(-rows // BLOCK) * BLOCK, width), dtype=np.uint8)
    full[:rows] = codes
    turned = full.reshape(-1, BLOCK, width).transpose(0, 2, 1)
    first, second = turned[:, :, TURNED], turned[:, :, TURNED + BLOCK // 2]
    halves = [
        (first & 15) | (second << 4),
        (first >> 4) | (second & 240),
    ]
    return np.ascontiguousarray(np.concatenate(halves, axis=2)).ravel()
