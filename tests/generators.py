"""The sets on which the tightness of d_iso and d_haus is stated: by rows, dimensions and seed.

Rows are standard normal; unlearned labels are random classes of four, separated ones have centres
at twice the RMS pair distance. Both readings of either are here.
"""

import numpy as np


def _labels(rng, rows, balanced):
    classes = max(2, rows // 4)
    if balanced:
        return rng.permutation(np.arange(rows) % classes)
    labels = rng.integers(classes, size=rows)
    labels[:3] = 0, 0, 1
    return labels


def unlearned(rows, dim, seed, balanced=True):
    """Labels that know nothing of the rows: classes of four, or drawn among rows / 4 classes."""
    rng = np.random.default_rng((seed, rows, dim))
    return rng.normal(size=(rows, dim)), _labels(rng, rows, balanced)


def separated(rows, dim, seed, drawn=True):
    """Blobs; centres drawn normal times 2, or at about twice the RMS pair distance sqrt(2 n)."""
    rng = np.random.default_rng((seed, rows, dim))
    labels = _labels(rng, rows, balanced=True)
    centres = rng.normal(size=(labels.max() + 1, dim))
    if drawn:
        centres *= 2
    else:  # unit directions are about sqrt(2) apart
        lengths = np.linalg.norm(centres, axis=1)[:, None]
        centres *= 2 * np.sqrt(2 * dim) / np.sqrt(2) / lengths
    return centres[labels] + rng.normal(size=(rows, dim)), labels


READINGS = {
    "unlearned, classes of four": lambda *at: unlearned(*at, balanced=True),
    "unlearned, labels drawn": lambda *at: unlearned(*at, balanced=False),
    "blobs, normal centres x 2": lambda *at: separated(*at, drawn=True),
    "blobs, centres 2 RMS apart": lambda *at: separated(*at, drawn=False),
}
