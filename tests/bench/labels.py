"""Suspect labels against cleanlab and a vote of neighbours: `python -m tests.bench.labels`.

Labels are flipped, at random or to the class with the nearest centre, and each method ranks all
rows. cleanlab and the vote have the shares of classes among the 10 nearest other rows, so that
none has seen the row's own label. The real embeddings are those of the folder EMBAUDIT_DATA. The
sets of HELD_OUT were not looked at while the score and its probability were chosen. Of what is
flagged, the report says how much of it was expected to be wrong and how much is: as given, none.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from embaudit.data import EmbeddingSet
from embaudit.report.suspects import WRONG
from embaudit.settings.settings import settings_of
from embaudit.verbs.audit import run
from embaudit.verbs.audit_request import request_of
from tests.bench.sets import Unavailable, _data

RATES, KINDS = (0.01, 0.05, 0.2), ("random", "nearest")
NEIGHBOURS, ROWS = 10, 3000
METHODS = ("embaudit", "kNN vote", "self_confidence", "normalized_margin", "label_issues")
Labelled = tuple[np.ndarray, np.ndarray]


def _glyph(name: str, labels: str, first: int = 0, last: int | None = None) -> Labelled:
    """Rows first:last of a checkpoint: fonts follow each other, 62 rows each."""
    folder = _data() / "glyph"
    vectors = np.load(folder / f"{name}.npy").astype(np.float32)
    codes = np.load(folder / f"{labels}.npy")[: len(vectors)][first:last]
    return _some(vectors[first:last], np.unique(codes, return_inverse=True)[1])


def _wordnet(every: int = 1, rest: int = 0) -> Labelled:
    """Classes of which the number modulo `every` is `rest`, normalised as for cosine."""
    import embaudit

    data = embaudit.load(str(_data() / "wordnet_minilm_20k.parquet"))
    vectors = data.vectors / np.linalg.norm(data.vectors, axis=1, keepdims=True)
    return _some(*_classes((vectors.astype(np.float32), data.codes), every, rest))


def _some(vectors: np.ndarray, codes: np.ndarray) -> Labelled:
    """ROWS of them at most, an even share of every class."""
    share = min(1.0, ROWS / len(codes))
    rng = np.random.default_rng(0)
    kept = [
        rng.permutation(rows)[: int(np.ceil(share * len(rows)))]
        for rows in (np.flatnonzero(codes == code) for code in range(codes.max() + 1))
    ]
    rows = np.sort(np.concatenate(kept))
    return vectors[rows], codes[rows]


def _known(name: str) -> Labelled:
    from sklearn import datasets

    vectors, codes = getattr(datasets, f"load_{name}")(return_X_y=True)
    return vectors.astype(np.float32), codes


def _classes(some: Labelled, every: int, rest: int) -> Labelled:
    kept = some[1] % every == rest
    return some[0][kept], np.unique(some[1][kept], return_inverse=True)[1]


def _scaled(some: Labelled) -> Labelled:
    """Columns of different units."""
    vectors, codes = some
    return (vectors - vectors.mean(axis=0)) / vectors.std(axis=0), codes


def _logs(some: Labelled) -> Labelled:
    return _scaled((np.log1p(some[0] - some[0].min(axis=0)), some[1]))


def _principal(some: Labelled, dim: int, white: bool = False) -> Labelled:
    vectors, codes = some
    centred = (vectors - vectors.mean(axis=0)).astype(np.float64)
    ways, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    return (ways[:, :dim] * (1 if white else lengths[:dim])).astype(np.float32), codes


def _normals(classes: int, dim: int, modes: int, noise: float, seed: int) -> Labelled:
    rng = np.random.default_rng(seed)
    codes = np.arange(2400) % classes
    centres = rng.normal(size=(classes, modes, dim))
    own = centres[codes, rng.integers(modes, size=len(codes))]
    return (own + noise * rng.normal(size=own.shape)).astype(np.float32), codes


def _noisy(classes: int, dim: int, seed: int, noise: Callable) -> Labelled:
    """Noise as drawn by a function of a generator and of the codes (N,)."""
    rng = np.random.default_rng(seed)
    codes = np.arange(2400) % classes
    centres = rng.normal(size=(classes, dim))
    return (centres[codes] + noise(rng, codes)).astype(np.float32), codes


def _families(
    classes: int, dim: int, groups: int, apart: float, noise: float, seed: int
) -> Labelled:
    """Classes of which some are near to each other."""
    rng = np.random.default_rng(seed)
    codes = np.arange(2400) % classes
    centres = rng.normal(size=(groups, dim))[np.arange(classes) % groups]
    centres = centres + apart * rng.normal(size=(classes, dim))
    return (centres[codes] + noise * rng.normal(size=(2400, dim))).astype(np.float32), codes


def _couples(couples: int, dim: int, apart: float, noise: float, seed: int) -> Labelled:
    """Two classes each near to each other, but for a third of them."""
    rng = np.random.default_rng(seed)
    codes = np.arange(2400) % (2 * couples)
    centres = np.repeat(rng.normal(size=(couples, dim)), 2, axis=0)
    centres += apart * rng.normal(size=(2 * couples, dim))
    far = np.arange(2 * couples) % 6 < 2
    centres[far] = rng.normal(size=(np.count_nonzero(far), dim))
    return (centres[codes] + noise * rng.normal(size=(2400, dim))).astype(np.float32), codes


def _heavy(classes: int, dim: int, free: int, noise: float, seed: int) -> Labelled:
    """Tails of Student's t."""

    def draw(rng: np.random.Generator, codes: np.ndarray) -> np.ndarray:
        length = np.sqrt(free / rng.chisquare(free, size=len(codes)))
        return noise * length[:, None] * rng.normal(size=(len(codes), dim))

    return _noisy(classes, dim, seed, draw)


def _flat(classes: int, dim: int, noise: float, decay: float, seed: int) -> Labelled:
    """Noise that is wider in some dimensions."""
    wide = noise * decay ** np.arange(dim)
    return _noisy(classes, dim, seed, lambda rng, codes: wide * rng.normal(size=(len(codes), dim)))


def _uneven(classes: int, dim: int, noise: float, seed: int, sphere: bool = False) -> Labelled:
    """Classes of other sizes and widths."""
    rng = np.random.default_rng(seed)
    common = 1 / np.arange(1, classes + 1)
    codes = rng.choice(classes, 2400, p=common / common.sum())
    codes[: 2 * classes] = np.arange(2 * classes) % classes
    centres = rng.normal(size=(classes, dim))
    wide = noise * rng.uniform(0.5, 1.5, size=classes)
    vectors = centres[codes] + wide[codes][:, None] * rng.normal(size=(2400, dim))
    if sphere:
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), codes


CHOSEN_ON: dict[str, Callable[[], Labelled]] = {
    "glyph test_step00300": lambda: _glyph("test_step00300", "test_labels"),
    "glyph test_step01000": lambda: _glyph("test_step01000", "test_labels"),
    "glyph test_step03000": lambda: _glyph("test_step03000", "test_labels"),
    "glyph unit_train200_step00600": lambda: _glyph("unit_train200_step00600", "train_labels"),
    "glyph unit_train200_step02500": lambda: _glyph("unit_train200_step02500", "train_labels"),
    "glyph train200_step00300": lambda: _glyph("train200_step00300", "train_labels", 0, 6200),
    "glyph train200_step03000": lambda: _glyph("train200_step03000", "train_labels", 0, 6200),
    "glyph train_step03000, fonts 201-300": lambda: _glyph(
        "train_step03000", "train_labels", 12400, 18600
    ),
    "glyph train200_step01000, fonts 101-200": lambda: _glyph(
        "train200_step01000", "train_labels", 6200, 12400
    ),
    "glyph test_step00300, mined": lambda: _glyph(
        "test_step00300_then_batch_hard_72", "test_labels"
    ),
    "wordnet_minilm": _wordnet,
    "wordnet_minilm, even classes": lambda: _wordnet(2, 0),
    "wordnet_minilm, odd classes": lambda: _principal(_wordnet(2, 1), 64),
    "digits": lambda: _known("digits"),
    "digits, whitened": lambda: _principal(_known("digits"), 30, white=True),
    "digits, odd": lambda: _classes(_known("digits"), 2, 1),
    "breast cancer": lambda: _scaled(_known("breast_cancer")),
    "breast cancer, whitened": lambda: _principal(_scaled(_known("breast_cancer")), 12, white=True),
    "wine": lambda: _scaled(_known("wine")),
    "wine, 5 dimensions": lambda: _principal(_scaled(_known("wine")), 5),
    "iris": lambda: _known("iris"),
    "20 blobs": lambda: _normals(20, 32, 1, 1.0, 5),
    "100 blobs": lambda: _normals(100, 48, 1, 1.2, 9),
    "12 classes of two blobs": lambda: _normals(12, 32, 2, 0.8, 9),
    "12 such in 6 dimensions": lambda: _normals(12, 6, 2, 0.3, 35),
    "8 blobs in 4 dimensions": lambda: _normals(8, 4, 1, 0.4, 25),
    "tight blobs": lambda: _normals(30, 32, 1, 0.3, 26),
    "60 blobs": lambda: _normals(60, 64, 1, 0.6, 36),
    "families": lambda: _families(24, 40, 6, 0.5, 0.5, 21),
    "40 in families": lambda: _families(40, 64, 10, 0.4, 0.5, 31),
    "heavy tails": lambda: _heavy(16, 32, 4, 0.7, 22),
    "heavier tails": lambda: _heavy(10, 48, 3, 0.8, 32),
    "uneven": lambda: _uneven(15, 24, 0.8, 23),
    "uneven on a sphere": lambda: _uneven(25, 32, 0.7, 33, sphere=True),
    "flat": lambda: _flat(20, 32, 3, 0.85, 24),
    "flatter": lambda: _flat(12, 48, 4, 0.9, 34),
}
HELD_OUT: dict[str, Callable[[], Labelled]] = {
    "glyph train_step03000, fonts 301-400": lambda: _glyph(
        "train_step03000", "train_labels", 18600
    ),
    "glyph train200_step01000, fonts 1-100": lambda: _glyph(
        "train200_step01000", "train_labels", 0, 6200
    ),
    "glyph test_step03000, mined": lambda: _glyph(
        "test_step03000_then_batch_hard_72", "test_labels"
    ),
    "wordnet_minilm, a third, whitened": lambda: _principal(_wordnet(3, 1), 128, white=True),
    "digits, even, 20 dimensions": lambda: _principal(_classes(_known("digits"), 2, 0), 20),
    "breast cancer, logarithms": lambda: _logs(_known("breast_cancer")),
    "wine, logarithms": lambda: _logs(_known("wine")),
    "iris, whitened": lambda: _principal(_known("iris"), 4, white=True),
    "Laplace noise": lambda: _noisy(
        18, 24, 41, lambda rng, codes: 0.55 * rng.laplace(size=(len(codes), 24))
    ),
    "skewed noise": lambda: _noisy(
        9, 16, 42, lambda rng, codes: 0.8 * rng.exponential(size=(len(codes), 16))
    ),
    "cubes": lambda: _noisy(
        36, 10, 43, lambda rng, codes: rng.uniform(-1, 1, size=(len(codes), 10))
    ),
    "couples": lambda: _couples(15, 32, 0.25, 0.5, 44),
    "20 classes of three blobs": lambda: _normals(20, 24, 3, 0.7, 45),
}


def flipped(
    vectors: np.ndarray, codes: np.ndarray, kind: str, rate: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Labels (N,) of which some are wrong, and flags (N,) of those."""
    rng = np.random.default_rng((seed, int(1000 * rate), KINDS.index(kind)))
    classes = codes.max() + 1
    rows = rng.choice(len(codes), max(1, round(rate * len(codes))), replace=False)
    noisy, wrong = codes.copy(), np.zeros(len(codes), dtype=bool)
    if kind == "random":
        noisy[rows] = (codes[rows] + rng.integers(1, classes, len(rows))) % classes
    else:
        centres = np.stack([vectors[codes == code].mean(axis=0) for code in range(classes)])
        apart = np.square(centres[:, None] - centres).sum(axis=2)
        np.fill_diagonal(apart, np.inf)
        noisy[rows] = apart.argmin(axis=1)[codes[rows]]
    wrong[rows] = True
    return noisy, wrong


def ours(vectors: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Label scores (N,) in input order; flags (N,) of suspects; how many are expected wrong."""
    chosen = settings_of(measures="likely_mislabels")
    evidence = run(
        EmbeddingSet.from_arrays(vectors, codes.tolist()), chosen, request_of(chosen)
    ).evidence
    scores = np.empty(len(codes))
    scores[evidence.data.input_rows] = evidence.attribution.wrong
    flagged = scores >= WRONG
    return scores, flagged, float(scores[flagged].sum())


def peers(neighbours: np.ndarray, codes: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Scores (N,) of the others, higher for labels that are rather wrong."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    shares = np.zeros((len(codes), codes.max() + 1))
    for column in neighbours.T:
        shares[np.arange(len(codes)), codes[column]] += 1 / neighbours.shape[1]
    yield "kNN vote", 1 - shares[np.arange(len(codes)), codes]
    for method in ("self_confidence", "normalized_margin"):
        yield method, 1 - get_label_quality_scores(codes, shares, method=method)
    found = find_label_issues(codes, shares, return_indices_ranked_by="normalized_margin", n_jobs=1)
    issues = np.zeros(len(codes))
    issues[found] = np.arange(len(found), 0, -1)
    yield "label_issues", issues


def main() -> int:
    """Print average precision by set, kind and rate, and what was expected of what was flagged."""
    from sklearn.neighbors import NearestNeighbors

    parser = argparse.ArgumentParser("python -m tests.bench.labels", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--sets", choices=("all", "chosen", "held"), default="all")
    chosen = parser.parse_args()
    print(f"{'average precision':58}", *(f"{name:>17}" for name in METHODS))
    for title, key, sets in (("chosen on", "chosen", CHOSEN_ON), ("held out", "held", HELD_OUT)):
        if chosen.sets not in ("all", key):
            continue
        means: dict = defaultdict(list)
        told: dict = defaultdict(list)
        suspects = 0
        for name, make in sets.items():
            try:
                vectors, codes = make()
            except Unavailable as reason:
                print(f"{name}: skipped, {reason}")
                continue
            suspects += np.count_nonzero(ours(vectors, codes)[1])
            search = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(vectors)
            neighbours = search.kneighbors(return_distance=False)
            for kind, rate in product(KINDS, RATES):
                own, counts = _measured(vectors, codes, neighbours, kind, rate, chosen.seeds)
                means[kind, rate].append(own)
                told[kind, rate].append(counts)
                _line(f"{name}, {rate:.0%} {kind}, {_told(counts)}", own)
        for (kind, rate), rows in means.items():
            _line(f"mean of {title}, {rate:.0%} {kind}", np.mean(rows, axis=0))
        for (kind, rate), counts in told.items():
            print(f"{title}, {rate:.0%} {kind}: {_summary(np.array(counts))}")
        print(f"{title}, as given: {suspects} suspects", flush=True)
    return 0


def _measured(
    vectors: np.ndarray,
    codes: np.ndarray,
    neighbours: np.ndarray,
    kind: str,
    rate: float,
    seeds: int,
) -> tuple[list[float], np.ndarray]:
    """Average precision by method; how many are flagged, expected wrong, found, and to be found."""
    from sklearn.metrics import average_precision_score

    precision: dict = defaultdict(list)
    counts = np.zeros(4)
    for seed in range(seeds):
        noisy, wrong = flipped(vectors, codes, kind, rate, seed)
        scores, flagged, expected = ours(vectors, noisy)
        for method, values in {"embaudit": scores, **dict(peers(neighbours, noisy))}.items():
            precision[method].append(average_precision_score(wrong, values))
        hit = np.count_nonzero(flagged & wrong)
        counts += np.count_nonzero(flagged), expected, hit, wrong.sum()
    return [float(np.mean(precision[method])) for method in METHODS], counts


def _told(counts: np.ndarray) -> str:
    flagged, expected, hit, _ = counts
    return f"{flagged:.0f}: {expected:.0f}/{hit:.0f}"


def _summary(counts: np.ndarray) -> str:
    """Of all that was flagged, and the mean of the sets of which some was; recall of all sets."""
    flagged, expected, hit, all_ = counts.sum(axis=0)
    some = counts[counts[:, 0] > 0]
    means = (some[:, 1:3] / some[:, :1]).mean(axis=0) if len(some) else np.zeros(2)
    flagged = max(1, flagged)
    return (
        f"{flagged:.0f} flagged, precision expected {expected / flagged:.2f}, observed "
        f"{hit / flagged:.2f}; mean of {len(some)} sets: expected {means[0]:.2f}, observed "
        f"{means[1]:.2f}; recall {hit / all_:.2f}"
    )


def _line(name: str, values: object) -> None:
    print(f"{name:58}", *(f"{value:17.3f}" for value in np.asarray(values)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
