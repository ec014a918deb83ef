"""Suspect labels against cleanlab and a vote of neighbours: `python -m tests.bench.labels`.

Labels are flipped, at random or to the class with the nearest centre, and each method ranks all
rows. cleanlab and the vote have the shares of classes among the 10 nearest other rows, so that
none has seen the row's own label. The real embeddings are those of the folder EMBAUDIT_DATA. The
sets of HELD_OUT were not looked at while the score was chosen.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np

from embaudit.data import EmbeddingSet
from embaudit.evidence.label_scores import WRONG
from embaudit.pipeline import check, run
from embaudit.settings.settings import settings_of
from tests.bench.sets import Unavailable, _data

RATES, KINDS = (0.01, 0.05, 0.2), ("random", "nearest")
NEIGHBOURS, ROWS = 10, 6000
Labelled = tuple[np.ndarray, np.ndarray]


def _glyph(name: str, labels: str) -> Labelled:
    folder = _data() / "glyph"
    vectors = np.load(folder / f"{name}.npy").astype(np.float32)
    codes = np.unique(np.load(folder / f"{labels}.npy"), return_inverse=True)[1]
    return _some(vectors, codes[: len(vectors)])


def _wordnet() -> Labelled:
    import embaudit

    data = embaudit.load(str(_data() / "wordnet_minilm_20k.parquet"))
    vectors = data.vectors / np.linalg.norm(data.vectors, axis=1, keepdims=True)  # as for cosine
    return _some(vectors.astype(np.float32), data.codes)


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


def _known(name: str, scaled: bool = False) -> Labelled:
    from sklearn import datasets

    vectors, codes = getattr(datasets, f"load_{name}")(return_X_y=True)
    if scaled:  # columns of different units
        vectors = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
    return vectors.astype(np.float32), codes


def _blobs(classes: int, dim: int, modes: int, noise: float, seed: int) -> Labelled:
    rng = np.random.default_rng(seed)
    codes = np.arange(2400) % classes
    centres = rng.normal(size=(classes, modes, dim))
    own = centres[codes, rng.integers(modes, size=len(codes))]
    return (own + noise * rng.normal(size=own.shape)).astype(np.float32), codes


CHOSEN_ON: dict[str, Callable[[], Labelled]] = {
    "glyph test_step00300": lambda: _glyph("test_step00300", "test_labels"),
    "glyph test_step03000": lambda: _glyph("test_step03000", "test_labels"),
    "glyph unit_train200_step00600": lambda: _glyph("unit_train200_step00600", "train_labels"),
    "wordnet_minilm": _wordnet,
    "digits": lambda: _known("digits"),
    "breast cancer": lambda: _known("breast_cancer", scaled=True),
    "20 blobs": lambda: _blobs(20, 32, 1, 1.0, 5),
}
HELD_OUT: dict[str, Callable[[], Labelled]] = {
    "glyph test_step01000": lambda: _glyph("test_step01000", "test_labels"),
    "glyph unit_train200_step02500": lambda: _glyph("unit_train200_step02500", "train_labels"),
    "wine": lambda: _known("wine", scaled=True),
    "iris": lambda: _known("iris"),
    "100 blobs": lambda: _blobs(100, 48, 1, 1.2, 9),
    "12 classes of two blobs": lambda: _blobs(12, 32, 2, 0.8, 9),
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
        EmbeddingSet.from_arrays(vectors, codes.tolist()), chosen, check(chosen)
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
    from sklearn.metrics import average_precision_score
    from sklearn.neighbors import NearestNeighbors

    parser = argparse.ArgumentParser("python -m tests.bench.labels", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    seeds = parser.parse_args().seeds
    names = ("embaudit", "kNN vote", "self_confidence", "normalized_margin", "label_issues")
    print(f"{'average precision':46}", *(f"{name:>17}" for name in names))
    for title, sets in (("chosen on", CHOSEN_ON), ("held out", HELD_OUT)):
        means: dict = defaultdict(list)
        told: dict = defaultdict(lambda: np.zeros(4))
        for name, make in sets.items():
            try:
                vectors, codes = make()
            except Unavailable as reason:
                print(f"{name}: skipped, {reason}")
                continue
            search = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(vectors)
            neighbours = search.kneighbors(return_distance=False)
            for kind in KINDS:
                for rate in RATES:
                    precision: dict = defaultdict(list)
                    for seed in range(seeds):
                        noisy, wrong = flipped(vectors, codes, kind, rate, seed)
                        scores, flagged, expected = ours(vectors, noisy)
                        ranked = {"embaudit": scores, **dict(peers(neighbours, noisy))}
                        for method, values in ranked.items():
                            precision[method].append(average_precision_score(wrong, values))
                        hit = np.count_nonzero(flagged & wrong)
                        told[kind, rate] += np.count_nonzero(flagged), expected, hit, wrong.sum()
                    own = {method: float(np.mean(some)) for method, some in precision.items()}
                    means[kind, rate].append([own[method] for method in names])
                    _line(f"{name}, {rate:.0%} {kind}", means[kind, rate][-1])
        for (kind, rate), rows in means.items():
            _line(f"mean of {title}, {rate:.0%} {kind}", np.mean(rows, axis=0))
        for (kind, rate), (count, expected, hit, all_) in told.items():
            count = max(1, count)
            print(
                f"{title}, {rate:.0%} {kind}: {count:.0f} flagged, precision expected "
                f"{expected / count:.2f}, observed {hit / count:.2f}, recall {hit / all_:.2f}"
            )
    return 0


def _line(name: str, values: object) -> None:
    print(f"{name:46}", *(f"{value:17.3f}" for value in np.asarray(values)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
