"""Labels that belong to other rows: shifted, reversed, sorted, or from a row on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Rows
from embaudit.core.random_streams import LABEL_ROWS, NORMAL_ROWS, random_stream
from embaudit.evidence import Evidence
from embaudit.findings.candidate_label_orders import NONE, SHIFTS, orders_of, shift_words, shifted
from embaudit.findings.finding import FindingSpec, Found, share
from embaudit.findings.label_runs import shifted_runs
from embaudit.geometry.sample_retrieval import corrected, pair_squares
from embaudit.measures.collapse_state_spec import COLLAPSED
from embaudit.measures.dimensional_collapse import dimensional_collapse

ASKED = 400  # rows whose nearest row is looked up
LOW = 0.3  # adjusted precision@1 below which every order is tried
BETTER, SIGMAS = 0.25, 5.0  # by which, and standard errors, an order has to be better, and
GOOD = 0.3  # how good it has to be
MANY_SIGMAS = 7.0  # standard errors
DROP = 0.35  # by which precision@1 falls at a row, to look for a shift from there on
PART = 0.02  # of the rows that a part must have
SURROGATES = 512  # rows that are compared with a normal set
PLACES = 128
BREAKS = 4096  # places where it may fall
BLIND = 0.05  # adjusted precision@1 of labels that say nothing
CLUSTERED = 0.88  # nearest rows are so much nearer than of a normal set of that shape; noise 1.0
TOGETHER = 0.2  # of the median distance: rows of one cluster, where these are counted
NEXT_TO, BY_PLACE = 2, 0.3  # nearest rows that are next in the file, and their share: a walk


def check(evidence: Evidence) -> Found | None:
    """Orders of the labels in which the nearest rows agree far better than as given."""
    data = evidence.data
    if data.drawn or data.size < 20:
        return None
    labels = np.empty(data.size, dtype=np.int64)
    labels[data.rows] = data.codes
    found = shifted_runs(evidence, labels)
    if found is not None:
        return found
    low = evidence.adjusted_precision < LOW
    breaks = None if low else _break(evidence)
    if not low and breaks is None:
        return None
    asked, nearest = _neighbours(evidence, _asked(evidence))
    if len(asked) < 20:
        return None
    given = _agreement(labels, asked, nearest)
    best, name, facts = given, "", dict[str, Any]()
    error = _error(labels, asked)
    walk = float((np.abs(asked - nearest) <= NEXT_TO).mean()) > BY_PLACE
    for words, evidence_of, order in orders_of(labels, data.classes, walk):
        score = _agreement(order, asked, nearest, best)
        far = abs(evidence_of.get("shift", 0)) > max(SHIFTS)
        if score > best and (not far or score - given > MANY_SIGMAS * error):
            best, name, facts = score, words, evidence_of
    shift, row, score = _from_a_row_on(labels, asked, nearest)
    if row and _better(score, max(given, best - BETTER + PART), error):
        row = _refined(evidence, labels, shift, row)
        first = row if data.kept is None else int(data.kept[row])
        best, facts = score, {"shift": shift, "row": first, "count": data.size - row}
        name = f"from row {first} on they are {shift_words(shift)}"
    if _better(best, given, error):
        return Found(
            f"Labels belong to other rows: {name}",
            {
                "count": data.size,
                **facts,
                "precision_at_1": given,
                "precision_at_1_without": best,
            },
            (
                f"As given, the nearest row agrees for {share(max(given, 0))} beyond chance; "
                f"put right, for {share(best)}.",
            ),
        )
    return _unexplained(evidence, given) if low else None


def _better(score: float, given: float, error: float) -> bool:
    """Whether an order is better than the labels as given, surely and by enough."""
    return score >= GOOD and score - given >= max(BETTER, SIGMAS * error)


def _error(labels: Rows, asked: Rows) -> float:
    """Standard error of the agreement of a blind guess, beyond chance."""
    shares = np.bincount(labels) / len(labels)
    chance = float(shares[labels[asked]].mean())
    return float((chance * (1 - chance) / len(asked)) ** 0.5 / max(1 - chance, 1e-12))


def _asked(evidence: Evidence) -> Rows:
    """Ordered rows whose nearest row is looked up."""
    usual = np.flatnonzero(evidence.row_statistics.usual)
    if len(usual) <= ASKED:
        return usual
    return np.sort(random_stream(evidence.seed, LABEL_ROWS).choice(usual, ASKED, replace=False))


def _neighbours(evidence: Evidence, rows: Rows) -> tuple[Rows, Rows]:
    """Places in the input of some ordered rows and of the row nearest to each."""
    found = evidence.nearest_of(rows)
    known = evidence.row_statistics.usual[found]
    return evidence.data.rows[rows[known]], evidence.data.rows[found[known]]


def _agreement(labels: Rows, asked: Rows, nearest: Rows, best: float = -np.inf) -> float:
    """Adjusted share of rows whose nearest row has their label; rows without one do not count.

    Where it is no greater than `best`, whatever chance is, some number that is not either.
    """
    here, there = labels[asked], labels[nearest]
    known = (here != NONE) & (there != NONE)
    count = np.count_nonzero(known)
    if not count:
        return 0.0
    same = np.count_nonzero((here == there) & known) / count
    if same <= best:
        return same
    share_of = np.bincount(labels[labels != NONE]) / len(labels)
    return corrected(same, float(share_of[here[known]].mean()))


def _break(evidence: Evidence) -> int | None:
    """The place from which on far fewer nearest rows are right; None where there is none."""
    data, width = evidence.data, -(-evidence.data.size // BREAKS)
    bins = data.rows[evidence.anchors] // width
    before = np.cumsum(np.bincount(bins, evidence.right))
    seen = np.cumsum(np.bincount(bins))
    after, left = before[-1] - before, seen[-1] - seen
    least = max(10, PART * data.size)
    enough = (seen >= least) & (left >= least)
    if not enough.any():
        return None
    fall = before / np.maximum(seen, 1) - after / np.maximum(left, 1)
    error = np.sqrt(0.25 / np.maximum(seen, 1) + 0.25 / np.maximum(left, 1))
    fall = np.where(enough & (fall >= DROP), fall / error, 0.0)
    at = int(np.argmax(fall))
    return (at + 1) * width if fall[at] > 4 else None


def _from_a_row_on(labels: Rows, asked: Rows, nearest: Rows) -> tuple[int, int, float]:
    """The best shift, the place where it begins, and how well the labels then agree."""
    size = len(labels)
    places = np.unique(np.linspace(0, size, PLACES, endpoint=False).astype(np.int64))
    chance = float(np.square(np.bincount(labels) / size).sum())
    best = 0, 0, -1.0
    for shift in SHIFTS:
        if abs(shift) >= size // 4:
            continue
        moved = shifted(labels, shift)
        one = np.where(asked[:, None] >= places, moved[asked, None], labels[asked, None])
        other = np.where(nearest[:, None] >= places, moved[nearest, None], labels[nearest, None])
        known = (one != NONE) & (other != NONE)
        score = ((one == other) & known).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        at = int(np.argmax(score))
        if corrected(float(score[at]), chance) > best[2]:
            best = shift, int(places[at]), corrected(float(score[at]), chance)
    return best


def _refined(evidence: Evidence, labels: Rows, shift: int, place: int) -> int:
    """The place where a shift begins, from the rows about the one that a grid gave."""
    data = evidence.data
    reach = -(-data.size // PLACES) + 1
    first, last = max(0, place - reach), min(data.size, place + reach)
    ordered = np.flatnonzero((data.rows >= first) & (data.rows < last))
    asked, nearest = _neighbours(evidence, ordered[:1000])
    order = np.argsort(asked)
    asked, nearest = asked[order], nearest[order]
    moved = shifted(labels, shift)
    # far from the place the label of the nearest row is known; near it, either may be right
    truth = np.where(nearest >= place, moved[nearest], labels[nearest])
    gain = (labels[asked] == truth).astype(float) - (moved[asked] == truth)
    before = np.concatenate(([0.0], np.cumsum(gain)))
    ends = np.concatenate((asked, [last]))
    return int(ends[int(np.argmax(before))])


def _unexplained(evidence: Evidence, given: float) -> Found | None:
    """Labels that say nothing of rows which clearly form clusters."""
    if given > BLIND + ASKED**-0.5 or evidence.adjusted_precision > 0.1 or evidence.chance > 0.5:
        return None
    if 2 * evidence.distinct_vectors < evidence.data.size or not _clustered(evidence):
        return None
    if dimensional_collapse(evidence).value == COLLAPSED:
        return None  # a few live units part rows by which of them fire
    return Found(
        "Labels fit nothing that the rows show: rows form clear clusters, and labels are at chance",
        {"shift": None, "row": 0, "count": evidence.data.size, "precision_at_1": given},
        ("No shift, reversal or sorting of the labels repairs it: are they of other rows?",),
    )


def _clustered(evidence: Evidence) -> bool:
    """Whether rows form clusters, and not just a few.

    Nearest rows are nearer than those of a normal set with the same covariance and lengths. Rows in
    fewer clusters than a quarter of the classes are a collapse.
    """
    values = evidence.sample.values[:SURROGATES]
    values = values - values.mean(axis=0)
    rng = random_stream(evidence.seed, NORMAL_ROWS)
    drawn = rng.standard_normal((len(values), len(values))) @ values / len(values) ** 0.5
    lengths, others = (np.sqrt(np.einsum("ij,ij->i", one, one)) for one in (values, drawn))
    if not others.all():
        return False
    drawn *= (np.sort(lengths)[np.argsort(np.argsort(others))] / others)[:, None]
    squares = pair_squares(values)
    here, there = (np.sqrt(one.min(axis=1)) for one in (squares, pair_squares(drawn)))
    if float(np.median(here)) > CLUSTERED * float(np.median(there)):
        return False
    near = squares <= np.median(squares) * TOGETHER**2
    return _components(near) > max(3, len(evidence.data.classes) // 4)


def _components(linked: NDArray[np.bool_]) -> int:
    """How many parts a graph (m, m) has."""
    label = np.arange(len(linked))
    while True:
        least = np.where(linked, label, len(label)).min(axis=1, initial=len(label))
        now = np.minimum(label, least)
        now = np.minimum(now, now[now])
        if np.array_equal(now, label):
            return len(np.unique(label))
        label = now


FINDING = FindingSpec(
    id="misaligned_labels",
    title="Labels of other rows",
    mark="bad",
    looks="nearest rows agree far better in another order of the labels: shifted, over "
    "all or from a row on, reversed, sorted, interleaved; or rows that form clusters of "
    "which the labels know nothing",
    remedy="Write embeddings and labels in one pass, or join them by id (--join).",
    check=check,
    cost=f"the nearest rows of {ASKED} rows, where precision@1 is low or falls from a row on",
    needs_labels=True,
    needs_own_positives=True,
    # another metric, or the set without these, tells the classes apart: labels are aligned
    explained_by=("rogue_dimensions", "metric_mismatch", "packed_bits"),
    decides_neighbours=True,
)
