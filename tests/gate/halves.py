"""The verdict on random halves of real sets, and on flipped labels.

`EMBAUDIT_DATA=... python -m tests.gate.halves [PAIRS [ROWS]]` prints how often it fails.
"""

import functools
import os
import sys
from collections import Counter
from pathlib import Path

import numpy as np

import embaudit
from embaudit.baseline import compared
from embaudit.evidence import Evidence, EvidenceOptions
from embaudit.gate import judge, rules_in_force
from embaudit.measures import MEASURES, anchors_of, classes_of, collapse_of
from embaudit.settings.settings import settings_of
from embaudit.verbs.provenance import points_read, summary
from embaudit.verbs.set_from_arrays import set_of

DEFAULT = rules_in_force([], MEASURES, baseline=True)
SETS = ("glyph300", "supcon_like", "wordnet", "digits")
OF_RULES = [one for one in MEASURES if one.id in {rule.measure.id for rule in DEFAULT}]


@functools.cache
def loaded(name):
    """Vectors, labels and metric of a set in the folder that EMBAUDIT_DATA names."""
    folder = Path(os.environ["EMBAUDIT_DATA"])
    glyph = folder / "glyph"
    if name == "wordnet":
        data = embaudit.load(str(folder / "wordnet_minilm_20k.parquet"))
        x = np.empty_like(data.vectors)
        x[data.rows] = data.vectors
        y = np.empty(data.size, dtype=object)
        y[data.rows] = [data.classes[code] for code in data.codes]
        return x, y, "cosine"
    if name == "digits":
        from sklearn.datasets import load_digits

        return *load_digits(return_X_y=True), "l2"
    if name == "supcon_like":
        x = np.load(glyph / "unit_train200_step02500.npy").astype(np.float32)
        return x, np.load(glyph / "train_labels.npy")[: len(x)], "l2"
    x = np.load(glyph / "test_step00300.npy").astype(np.float32)
    return x, np.load(glyph / "test_labels.npy"), "l2"


def halves(rng, y, rows):
    """Rows of two disjoint draws of so many, every class with the same number in both."""
    share = min(1.0, 2 * rows / len(y)) / 2
    first, second = [], []
    for label in np.unique(y.astype(str)):
        own = rng.permutation(np.flatnonzero(y.astype(str) == label))
        each = int(share * len(own))
        if each > 1:
            first.append(own[:each])
            second.append(own[each : 2 * each])
    return np.sort(np.concatenate(first)), np.sort(np.concatenate(second))


def flipped(rng, y, share=0.01):
    """Labels of which a share is another one."""
    y, known = y.copy(), np.unique(y)
    for row in rng.choice(len(y), max(1, round(share * len(y))), replace=False):
        y[row] = rng.choice(known[known != y[row]])
    return y


@functools.cache
def _any_report():
    return embaudit.audit(np.eye(4), ["a", "a", "b", "b"], measures="violated_triplets")


class Audit:
    """As much of an audit as the default rules of a baseline read, which is most of its time less.

    It is a saved report as well.
    """

    path = "then.json"

    def __init__(self, x, y, metric):
        settings = settings_of(metric=metric, threads=1)
        data = set_of(x, y.tolist(), None, settings)
        evidence = Evidence(data, EvidenceOptions(metric=metric))
        rms = evidence.moments.rms_pair_distance
        self.columns = dict(anchors_of(evidence))
        self.report = _any_report().model_copy(
            update={
                "measures": {one.id: one.reading(one.of(evidence), rms) for one in OF_RULES},
                "data": summary(evidence),
                "classes": classes_of(evidence),
                "collapse": collapse_of(evidence),
                "points": points_read(data),
                "fingerprint": str(id(self)),
            }
        )

    def anchors(self):
        """The table of anchors."""
        return self.columns


class WithoutTable:
    """A saved report without its table of anchors."""

    def __init__(self, audit):
        self.path, self.report = audit.path, audit.report

    def anchors(self):
        """None."""


def verdict(then, now, *, table=True, points=None):
    """The verdict of the default rules; points: what the later vectors are said to be."""
    report = now.report
    if points is not None:
        report = report.model_copy(update={"points": points})
    against = compared(then if table else WithoutTable(then), report, now.anchors)
    return judge(DEFAULT, report.model_copy(update={"baseline": against}))


def measured(name, pairs, rows=1000, first=0):
    """How many verdicts failed, of how many: halves both ways, flips, with tables and without.

    "re-embedded": flips where the vectors are told to be others, as after another training.
    """
    x, y, metric = loaded(name)
    failed, total = Counter(), 0
    for seed in range(first, first + pairs):
        rng = np.random.default_rng(seed)
        one, other = halves(rng, y, rows)
        a, b = (Audit(x[part], y[part], metric) for part in (one, other))
        wrong = Audit(x[one], flipped(rng, y[one]), metric)
        total += 1
        for table in (True, False):
            said = "tables" if table else "reports"
            for then, now in ((a, b), (b, a)):
                failed["halves", said] += verdict(then, now, table=table).verdict == "fail"
            failed["flips", said] += verdict(a, wrong, table=table).verdict == "fail"
            other = verdict(a, wrong, table=table, points="others").verdict == "fail"
            failed["flips, re-embedded", said] += other
    return failed, total


def main(pairs, rows):
    """Print the table."""
    print(f"failed verdicts, {rows} rows")
    for name in SETS:
        failed, total = measured(name, pairs, rows)
        for (what, said), number in failed.items():
            of = 2 * total if what == "halves" else total
            print(f"{name:12} {what:20} {said:8} {number:5} of {of}", flush=True)


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] or ["50"])), *([1000] if len(sys.argv) < 3 else []))
