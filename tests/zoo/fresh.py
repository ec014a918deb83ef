"""The second half of the zoo: sets as practitioners have them, their truths fixed before any run.

Those of the last section were added after the first. No threshold was chosen on any. Spectra fall
as those of trained networks do, noise differs in direction and from class to class, and where
EMBAUDIT_DATA names a folder, faults are planted in real embeddings too.
"""

import functools
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.zoo.sets import (
    COLLAPSED,
    HEALTHY,
    INPUT,
    LABELS,
    OVERLAPPING,
    POINTS,
    Animal,
    flipped,
)

FRESH: dict[str, Callable[[np.random.Generator], Animal]] = {}


def animal(function):
    """Register a generator under its name."""
    FRESH[function.__name__] = function
    return function


def at(*values, names=("weak", "middle", "strong")):
    """Register a generator once for each value."""

    def register(function):
        for name, value in zip(names, values, strict=False):
            FRESH[f"{function.__name__}_{name}"] = lambda rng, v=value: function(rng, v)
        return function

    return register


# ---------------------------------------------------------------- material


def spectrum(dim, decay):
    """Standard deviations of `dim` directions, variances k**-decay, of total variance 1."""
    s = np.arange(1, dim + 1) ** (-decay / 2)
    return s / np.linalg.norm(s)


def turned(rng, dim):
    return np.linalg.qr(rng.normal(size=(dim, dim)))[0]


def unit(x):
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def trained(rng, classes=20, each=30, dim=128, noise=1.1, decay=1.0, cone=0.0, rotate=True):
    """Shuffled (x, y); each: rows of a class, or of every class by itself; cone: a common mean.

    noise: RMS of a row about its class mean, against the RMS of the means about theirs.
    """
    y = rng.permutation(np.repeat(np.arange(classes), each))
    s, other = spectrum(dim, decay), turned(rng, dim)
    spread = noise * np.exp(rng.normal(size=classes) * 0.2)
    x = (rng.normal(size=(classes, dim)) * s)[y]
    x += (rng.normal(size=(len(y), dim)) * s @ other) * spread[y, None]
    if rotate:
        x = x @ turned(rng, dim)
    common = rng.normal(size=dim)
    return (x + cone * common / np.linalg.norm(common)).astype(np.float32), y


def some(rng, n, share):
    """Sorted rows, that share of n."""
    return np.sort(rng.choice(n, max(1, round(share * n)), replace=False))


def about(truth, slack):
    return lambda found: found is not None and abs(found - truth) <= slack


def has(*wanted):
    """Evidence that lists at least these."""
    return lambda found: found is not None and set(wanted) <= set(found)


def starts(row, slack=8):
    """Ranges of which one begins near that row, or ends there: either part may be named."""
    return lambda found: (
        bool(found)
        and any(min(abs(first - row), abs(last + 1 - row)) <= slack for first, last in found)
    )


# ---------------------------------------------------------------- healthy


@animal
def sentence_topics(rng):
    x, y = trained(rng, 30, 40, 384, 1.2, cone=0.6)
    return Animal(unit(x), y, (HEALTHY,), {"metric": "cosine"}, allowed=("narrow_cone",))


@animal
def faces_two_each(rng):
    x, y = trained(rng, 1000, 2, 128, 0.7, 0.6)
    return Animal(unit(x), y, (HEALTHY,), {"metric": "cosine"})


@animal
def faces_512(rng):
    x, y = trained(rng, 300, 5, 512, 0.98, 0.8)
    return Animal(unit(x), y, (HEALTHY,), {"metric": "cosine"})


@animal
def people_on_three_cameras(rng):
    x, y = trained(rng, 80, 12, 256, 0.7)
    x += (0.3 * rng.normal(size=(3, 256)) / 16)[rng.integers(0, 3, len(y))]
    return Animal(x, y, (HEALTHY,))


@animal
def video_frames(rng):
    """Tracks of eight frames that hardly differ, one after another, two tracks a person."""
    x, y = trained(rng, 40, 2, 128, 1.12)
    x, y = np.repeat(x, 8, 0), np.repeat(y, 8)
    return Animal(x + rng.normal(size=x.shape) * 0.01 / 11, y, (HEALTHY,))


@animal
def products_long_tail(rng):
    sizes = np.maximum(2, (200 / np.arange(1, 121)).astype(int))
    return Animal(*trained(rng, 120, sizes, 128, 0.84, 0.8), (HEALTHY,))


@animal
def long_tail_with_singletons(rng):
    sizes = np.maximum(1, (150 / np.arange(1, 81) ** 1.2).astype(int))
    return Animal(*trained(rng, 80, sizes, 96, 0.84, 0.8), (HEALTHY,))


@animal
def hierarchy(rng):
    """Five families far apart, eight kinds in each."""
    x, y = trained(rng, 40, 20, 128, 0.98, 0.7)
    return Animal(x + (3 * rng.normal(size=(5, 128)) / 11)[y % 5], y, (HEALTHY,))


@animal
def hierarchy_very_far_apart(rng):
    x, y = trained(rng, 24, 25, 64, 0.84, 0.7)
    return Animal(x + (30 * rng.normal(size=(4, 64)) / 8)[y % 4], y, (HEALTHY,))


@animal
def three_modes_a_class(rng):
    """Classes that are unions: 'vehicle' holds cars, ships and trains."""
    x, kind = trained(rng, 45, 20, 128, 0.84, 0.7)
    return Animal(x, kind % 15, (HEALTHY,))


@animal
def mild_domain_shift(rng):
    x, y = trained(rng, 20, 40, 128, 1.12)
    x[400:] += 0.4 * unit(rng.normal(size=(1, 128)))
    return Animal(x, y, (HEALTHY,))


@animal
def strong_domain_shift(rng):
    x, y = trained(rng, 20, 40, 128, 1.12)
    x[400:] += 3 * unit(rng.normal(size=(1, 128)))
    return Animal(x, y, (HEALTHY, INPUT), allowed=("mixed_spaces", "mixed_lengths"))


@animal
def mean_only_offset(rng):
    """Under l2 a common offset, even in one dimension, changes nothing."""
    x, y = trained(rng)
    x[:, 9] += 50
    return Animal(x, y, (HEALTHY,))


@animal
def principal_axes_in_order(rng):
    return Animal(*trained(rng, 30, 30, 96, 0.84, 1.2, rotate=False), (HEALTHY,))


@animal
def steep_spectrum(rng):
    return Animal(*trained(rng, 25, 40, 256, 0.56, 1.5), (HEALTHY,))


@animal
def matryoshka_prefix(rng):
    x, y = trained(rng, 20, 40, 512, 0.84, 1.0, rotate=False)
    return Animal(unit(x[:, :32]), y, (HEALTHY,), {"metric": "cosine"})


@animal
def whitened(rng):
    x, y = trained(rng, 12, 100, 24, 0.84, 1.0)
    x = x - x.mean(0)
    u, _, _ = np.linalg.svd(x, full_matrices=False)
    return Animal(u * np.sqrt(len(u)), y, (HEALTHY,))


@animal
def wide_1536_in_a_cone(rng):
    x, y = trained(rng, 20, 30, 1536, 1.12, cone=1.8)
    return Animal(unit(x), y, (HEALTHY,), {"metric": "cosine"}, allowed=("narrow_cone",))


@animal
def thirty_rows(rng):
    return Animal(*trained(rng, 3, 10, 64, 1.12), (HEALTHY,))


@animal
def thirty_rows_two_classes(rng):
    return Animal(*trained(rng, 2, 15, 32, 0.7), (HEALTHY,))


@animal
def five_thousand_rows(rng):
    return Animal(*trained(rng, 50, 100, 64, 0.84, 0.8), (HEALTHY,))


@animal
def plus_and_minus_one(rng):
    x, y = trained(rng, 2, 150, 32, 0.7)
    return Animal(x, 2 * y - 1, (HEALTHY,))


@animal
def one_dimension(rng):
    y = rng.permutation(np.repeat(np.arange(4), 50))
    return Animal(y[:, None] + rng.normal(size=(200, 1)) * 0.08, y, (HEALTHY,))


@animal
def star_in_two_dimensions(rng):
    """Rays from the origin, as a softmax leaves a two-dimensional layer."""
    y = rng.permutation(np.repeat(np.arange(10), 60))
    angle = 2 * np.pi * y / 10 + rng.normal(size=600) * 0.06
    length = rng.gamma(9, 3, size=600)
    return Animal(np.c_[np.cos(angle), np.sin(angle)] * length[:, None], y, (HEALTHY,))


@animal
def softmax_outputs(rng):
    y = rng.permutation(np.repeat(np.arange(10), 60))
    logits = 4.0 * np.eye(10)[y] + rng.normal(size=(600, 10))
    p = np.exp(logits)
    return Animal(p / p.sum(1, keepdims=True), y, (HEALTHY,))


@animal
def sparse_relu(rng):
    x, y = trained(rng, 20, 40, 256, 1.12, 0.6)
    x = np.maximum(x - 0.02, 0)
    x[:, [0, 17, 200, 255]] = 0
    return Animal(
        x, y, (HEALTHY,), findings={"constant_dimensions": {"dimensions": has(0, 17, 200, 255)}}
    )


@animal
def half_of_the_units_dead(rng):
    x, y = trained(rng, 20, 30, 128, 0.98, 0.5)
    x[:, 64:] = 0
    dead = {"dimensions": has(*range(64, 128))}
    return Animal(x, y, (HEALTHY,), findings={"constant_dimensions": dead})


@animal
def word_counts(rng):
    topics = rng.dirichlet(np.full(600, 0.05), 12)
    y = rng.permutation(np.repeat(np.arange(12), 50))
    x = np.stack([rng.multinomial(rng.integers(60, 200), topics[c]) for c in y])
    unseen = ("constant_dimensions",)  # words that no text has
    return Animal(x.astype(np.float32), y, (HEALTHY,), {"metric": "cosine"}, allowed=unseen)


@animal
def diffuse_background(rng):
    x, y = trained(rng, 16, 40, 64, 0.7, 0.6)
    own = y == 0
    x[own] = rng.normal(size=(own.sum(), 64)) * 0.35
    return Animal(x, y, (HEALTHY,))


@animal
def spreads_tenfold(rng):
    y = rng.permutation(np.repeat(np.arange(20), 30))
    spread = np.logspace(-1.5, -0.5, 20)
    x = (rng.normal(size=(20, 96)) * spectrum(96, 0.7))[y]
    x += rng.normal(size=(600, 96)) * spectrum(96, 0.7) * spread[y, None]
    return Animal(x, y, (HEALTHY,))


@animal
def signs_of_an_itq_hash(rng):
    x, y = trained(rng, 12, 60, 64, 0.84, 0.7)
    return Animal(np.sign(x - x.mean(0)), y, (HEALTHY,), allowed=("near_copies",))


@animal
def bits_unpacked_uint8(rng):
    x, y = trained(rng, 15, 40, 256, 1.4)
    return Animal((x > 0).astype(np.uint8), y, (HEALTHY,))


@animal
def product_quantised(rng):
    """Eight parts of eight dimensions, each replaced by one of 32 centres."""
    x, y = trained(rng, 15, 50, 64, 0.84, 0.7)
    parts = x.reshape(len(x), 8, 8)
    for k in range(8):
        book = parts[rng.choice(len(x), 32, replace=False), k]
        parts[:, k] = book[((parts[:, k][:, None] - book) ** 2).sum(-1).argmin(1)]
    return Animal(parts.reshape(len(x), 64), y, (HEALTHY,), allowed=("near_copies",))


@animal
def vector_quantised(rng):
    """Every row replaced by one of 200 centres: copies in plenty, mostly within classes."""
    x, y = trained(rng, 15, 60, 64, 0.56, 0.6)
    book = x[rng.choice(len(x), 200, replace=False)]
    x = book[((x[:, None] - book) ** 2).sum(-1).argmin(1)]
    return Animal(x, y, (HEALTHY,), allowed=("near_copies",))


@animal
def int8_calibrated(rng):
    x, y = trained(rng, 20, 40, 384, 1.12)
    x = x / np.quantile(np.abs(x), 0.9995) * 127
    return Animal(np.clip(np.round(x), -127, 127).astype(np.int8), y, (HEALTHY,))


@animal
def uint8_by_minimum_and_maximum(rng):
    x, y = trained(rng, 20, 40, 256, 0.84)
    x = (x - x.min(0)) / np.ptp(x, axis=0) * 255
    return Animal(np.round(x).astype(np.uint8), y, (HEALTHY,))


@animal
def half_precision_unit(rng):
    x, y = trained(rng, 20, 40, 256, 1.12)
    return Animal(unit(x).astype(np.float16), y, (HEALTHY,), {"metric": "cosine"})


@animal
def tight_in_half_precision(rng):
    """Neural collapse, saved as float16: the rows of a class are nearly copies."""
    x, y = trained(rng, 10, 50, 128, 0.003, 0.5)
    return Animal(unit(x).astype(np.float16), y, (HEALTHY,), {"metric": "cosine"},
                  allowed=("low_precision",))  # fmt: skip


@at(1e-6, 1e6, names=("tiny", "huge"))
def scaled(rng, scale):
    x, y = trained(rng, 15, 40, 64, 0.98)
    return Animal(x * np.float32(scale), y, (HEALTHY,))


@animal
def augmented_four_times(rng):
    x, y = trained(rng, 20, 10, 128, 1.26)
    x, y = np.tile(x, (4, 1)), np.tile(y, 4)
    return Animal(x + rng.normal(size=x.shape) * 0.02 / 11, y, (HEALTHY,))


@animal
def durations_as_lengths_under_cosine(rng):
    x, y = trained(rng, 40, 15, 192, 1.12)
    x = unit(x) * np.exp(rng.normal(size=(len(y), 1)) * 0.7)
    return Animal(x, y, (HEALTHY,), {"metric": "cosine"})


@animal
def partly_normalised_under_cosine(rng):
    x, y = trained(rng, 20, 30, 128, 1.12)
    x[:250] = unit(x[:250])
    x[250:] *= 20
    return Animal(x, y, (HEALTHY,), {"metric": "cosine"}, allowed=("mixed_lengths",))


@animal
def pictures_find_texts(rng):
    """CLIP: two modalities with a gap between them, classes found across it."""
    x, y = trained(rng, 100, 6, 256, 0.7, 0.6)
    gap = 2 * unit(rng.normal(size=(1, 256)))
    texts = y % 6 >= 0
    texts[300:] = False
    other = {"metric": "cosine", "gallery": unit(x[~texts] + gap), "gallery_labels": y[~texts]}
    return Animal(unit(x[texts] - gap), y[texts], (HEALTHY,), other, allowed=("narrow_cone",))


@animal
def queries_and_their_gallery(rng):
    x, y = trained(rng, 60, 10, 128, 0.98, 0.7)
    return Animal(x[:200], y[:200], (HEALTHY,), {"gallery": x[200:], "gallery_labels": y[200:]})


@animal
def background_is_zero(rng):
    """Label 0 is a class like any other."""
    x, y = trained(rng, 8, 50, 64, 0.84)
    names = np.array(["0", "1", "na\u00efve", "no", "No 9", "left", "\u00fc", "x"])
    return Animal(x, names[y], (HEALTHY,))


@animal
def relu_without_labels(rng):
    x, _ = trained(rng, 20, 40, 128, 1.12)
    return Animal(np.maximum(x, 0), None, (POINTS,))


@animal
def sentences_without_labels(rng):
    x, _ = trained(rng, 30, 20, 384, 2.24, cone=1.0)
    return Animal(unit(x), None, (POINTS,), {"metric": "cosine"}, allowed=("narrow_cone",))


@animal
def margin_of_the_training(rng):
    """Unit vectors and the margin they were trained with."""
    x, y = trained(rng, 20, 30, 128, 0.84)
    return Animal(unit(x), y, (HEALTHY,), {"margin": 0.2})


# ---------------------------------------------------------------- collapsed


@animal
def any_two_texts_alike(rng):
    y = rng.permutation(np.repeat(np.arange(25), 20))
    x = rng.normal(size=(500, 384)) * spectrum(384, 1) @ turned(rng, 384)
    x = unit(x + 30 * unit(rng.normal(size=(1, 384))))
    return Animal(x, y, (COLLAPSED,), {"metric": "cosine"},
                  allowed=("low_precision", "near_copies", "metric_mismatch"))  # fmt: skip


@at(5, 3, 2)
def few_directions(rng, kept):
    """Sixty classes in a few of 256 directions; the rest is a ten-thousandth."""
    y = rng.permutation(np.repeat(np.arange(60), 15))
    x = rng.normal(size=(60, kept))[y] + rng.normal(size=(900, kept)) * 0.08
    x = np.c_[x, rng.normal(size=(900, 256 - kept)) * 1e-4] @ turned(rng, 256)
    return Animal(x, y, (COLLAPSED,))


@animal
def a_point_in_half_precision(rng):
    y = rng.permutation(np.repeat(np.arange(20), 30))
    x = rng.normal(size=(1, 64)) + rng.normal(size=(600, 64)) * 3e-4
    return Animal(x.astype(np.float16), y, (COLLAPSED,),
                  allowed=("low_precision", "near_copies", "repeated_vector"))  # fmt: skip


@animal
def three_points_and_rounding(rng):
    y = rng.permutation(np.repeat(np.arange(15), 40))
    x = rng.normal(size=(3, 64))[rng.integers(0, 3, 600)] + rng.normal(size=(600, 64)) * 1e-6
    return Animal(x, y, (COLLAPSED,), allowed=("low_precision", "near_copies"))


@animal
def thirty_rows_collapsed(rng):
    y = rng.permutation(np.repeat(np.arange(3), 10))
    x = rng.normal(size=(1, 32)) + rng.normal(size=(30, 32)) * 1e-4
    return Animal(x, y, (COLLAPSED,), {"metric": "cosine"}, allowed=("near_copies", "narrow_cone"))


@animal
def collapsed_and_some_exploded(rng):
    y = rng.permutation(np.repeat(np.arange(20), 40))
    x = 1 + rng.normal(size=(800, 64)) * 1e-4
    rows = some(rng, 800, 0.01)
    x[rows] += rng.normal(size=(len(rows), 64)) * 30
    return Animal(x, y, (COLLAPSED, INPUT), allowed=("stray_rows", "mixed_lengths"))


@animal
def mostly_zeros(rng):
    x, y = trained(rng, 20, 40, 64)
    x[some(rng, len(x), 0.95)] = 0
    return Animal(x, y, (COLLAPSED, INPUT), findings={"zero_rows": {"count": 760}},
                  allowed=("repeated_vector", "stray_rows"))  # fmt: skip


@animal
def half_of_the_classes_in_a_point(rng):
    x, y = trained(rng, 20, 30, 64, 0.84)
    own = y < 10
    x[own] = x[0] + rng.normal(size=(own.sum(), 64)) * 1e-4
    return Animal(x, y, (COLLAPSED, OVERLAPPING), allowed=("near_copies",))


@animal
def noise_of_a_falling_spectrum(rng):
    x, y = trained(rng, 20, 40, 128, 0)
    x = rng.normal(size=x.shape) * spectrum(128, 1) @ turned(rng, 128)
    return Animal(x, y, (COLLAPSED,))


@animal
def a_constant_without_labels(rng):
    x = np.full((300, 64), 0.25) + rng.normal(size=(1, 64))
    return Animal(x, None, (COLLAPSED,), allowed=("repeated_vector",))


# ---------------------------------------------------------------- overlapping


@animal
def weak_features(rng):
    return Animal(*trained(rng, 20, 40, 128, 3.5), (OVERLAPPING,))


@animal
def weak_sentence_features(rng):
    x, y = trained(rng, 15, 40, 384, 4.5, cone=0.5)
    return Animal(unit(x), y, (OVERLAPPING,), {"metric": "cosine"}, allowed=("narrow_cone",))


@at(2, 3, names=("twins", "triplets"))
def kinds_that_look_alike(rng, alike):
    """Classes in twos or threes that share everything: the family is found, the class is not."""
    x, y = trained(rng, 12, 60, 96, 0.84, 0.6)
    states = (OVERLAPPING,) if alike > 2 else (OVERLAPPING, HEALTHY)
    return Animal(x, y * alike + rng.integers(0, alike, len(y)), states)


@animal
def ages_on_a_line(rng):
    y = rng.permutation(np.repeat(np.arange(12), 50))
    x = rng.normal(size=(600, 64)) * spectrum(64, 1)
    x[:, 0] = y * 0.5 + rng.normal(size=600)
    return Animal(x @ turned(rng, 64), y, (OVERLAPPING, COLLAPSED))


# ---------------------------------------------------------------- labels


@at(0.05, 0.1, 0.2)
def wrong_labels(rng, share):
    x, y = trained(rng, 20, 50, 128, 0.98, 0.8)
    return Animal(x, flipped(rng, y, share), (LABELS,))


@at(0.1, 0.35, names=("tenth", "third"))
def wrong_topics(rng, share):
    x, y = trained(rng, 20, 60, 384, 1.12, cone=0.5)
    states = (LABELS,) if share < 0.2 else (LABELS, OVERLAPPING)
    return Animal(unit(x), flipped(rng, y, share), states, {"metric": "cosine"},
                  allowed=("narrow_cone",))  # fmt: skip


@animal
def wrong_labels_in_a_long_tail(rng):
    sizes = np.maximum(5, (150 / np.arange(1, 41)).astype(int))
    x, y = trained(rng, 40, sizes, 128, 0.84, 0.7)
    return Animal(x, flipped(rng, y, 0.08), (LABELS,))


@animal
def wrong_labels_of_five_rows_each(rng):
    x, y = trained(rng, 100, 5, 128, 0.7, 0.6)
    return Animal(x, flipped(rng, y, 0.1), (LABELS,))


@animal
def an_annotator_who_confuses_pairs(rng):
    x, y = trained(rng, 20, 60, 128, 0.84, 0.7)
    rows = (y < 4) & (rng.random(len(y)) < 0.3)
    y[rows] += 10
    return Animal(x, y, (LABELS,))


# ---------------------------------------------------------------- faults of files


@at(0.005, 0.05, 0.5)
def rows_left_zero(rng, share):
    x, y = trained(rng, 20, 50, 128)
    rows = some(rng, len(x) - 1, share)
    x[rows] = 0
    told = {"count": len(rows), "rows": rows.tolist()[:200], "tail": False}
    return Animal(x, y, (INPUT,), findings={"zero_rows": told}, allowed=("repeated_vector",))


@at(16, 100, 500)
def a_job_that_died(rng, rows):
    x, y = trained(rng, 20, 50, 128)
    x[-rows:] = 0
    told = {"zero_rows": {"count": rows, "tail": True}}
    allowed = ("repeated_vector", "metric_mismatch")
    return Animal(x, y, (INPUT,), findings=told, allowed=allowed)


@at(0.01, 0.03, 0.15)
def the_empty_text(rng, share):
    x, y = trained(rng, 25, 40, 384, cone=0.5)
    x = unit(x)
    rows = some(rng, len(x), share)
    x[rows] = unit(rng.normal(size=(1, 384)))
    told = {"count": len(rows), "rows": rows.tolist()[:200], "labels": lambda found: len(found) > 1}
    states = (INPUT,) if share > 0.01 else (INPUT, HEALTHY)
    return Animal(x, y, states, {"metric": "cosine"}, {"repeated_vector": told},
                  allowed=("narrow_cone",))  # fmt: skip


@animal
def two_placeholders(rng):
    x, y = trained(rng, 20, 50, 96)
    rows = some(rng, len(x), 0.06)
    x[rows] = x[:2][rng.integers(0, 2, len(rows))]
    return Animal(x, y, (INPUT,), findings={"repeated_vector": {"count": about(60, 4)}})


@at(16, 200, 800)
def a_shard_twice(rng, rows):
    x, y = trained(rng, 20, 40, 128)
    x, y = np.r_[x, x[:rows]], np.r_[y, y[:rows]]
    told = {"ranges": [[0, rows - 1], [800, 799 + rows]]}
    return Animal(x, y, (HEALTHY,), findings={"repeated_block": told})


@animal
def every_row_by_two_workers(rng):
    x, y = trained(rng, 20, 30, 128)
    return Animal(np.repeat(x, 2, 0), np.repeat(y, 2), (HEALTHY,), allowed=("repeated_block",))


@at(10, 100, 1e4)
def rows_that_exploded(rng, times):
    x, y = trained(rng, 20, 50, 128)
    x[[3, 250, 251, 600, 999]] *= times
    told = {"rows": [3, 250, 251, 600, 999]}
    states = (INPUT,) if times > 10 else (INPUT, HEALTHY)
    return Animal(x, y, states, findings={"stray_rows": told}, allowed=("mixed_lengths",))


@animal
def rows_that_exploded_under_cosine(rng):
    x, y = trained(rng, 20, 50, 128)
    x[[3, 250, 600]] *= 1e4
    return Animal(x, y, (HEALTHY,), {"metric": "cosine"}, allowed=("stray_rows", "mixed_lengths"))


@at(0.15, 0.3, 0.5)
def normalised_at_random(rng, share):
    x, y = trained(rng, 20, 50, 128, 1.12)
    x *= 10
    rows = rng.random(len(x)) < share
    x[rows] = unit(x[rows])
    return Animal(x, y, (INPUT,), findings={"mixed_lengths": {}},
                  allowed=("metric_mismatch", "mixed_spaces"))  # fmt: skip


@at(850, 700, 500)
def normalised_from_a_row_on(rng, row):
    x, y = trained(rng, 20, 50, 128, 1.12)
    x *= 6
    x[row:] = unit(x[row:])
    return Animal(x, y, (INPUT,), findings={"mixed_lengths": {"ranges": starts(row)}},
                  allowed=("metric_mismatch", "mixed_spaces"))  # fmt: skip


@animal
def durations_as_lengths_under_l2(rng):
    x, y = trained(rng, 40, 20, 192, 1.68)
    x = unit(x) * np.exp(rng.normal(size=(len(y), 1)) * 0.9)
    states = (HEALTHY, OVERLAPPING, LABELS, INPUT, COLLAPSED)
    return Animal(x, y, states, findings={"metric_mismatch": {}}, allowed=("stray_rows",))


@animal
def shells_under_cosine(rng):
    """The length is the label; directions are noise."""
    y = rng.permutation(np.repeat(np.arange(5), 100))
    x = unit(rng.normal(size=(500, 3))) * (3.0**y * np.exp(rng.normal(size=500) * 0.05))[:, None]
    return Animal(x, y, (COLLAPSED, OVERLAPPING, INPUT), {"metric": "cosine"},
                  {"metric_mismatch": {}}, allowed=("mixed_lengths",))  # fmt: skip


@at(20, 40, 200)
def a_dimension_times(rng, times):
    x, y = trained(rng, 25, 40, 256, 1.4)
    x[:, 77] *= times
    states = (INPUT,) if times > 20 else (INPUT, HEALTHY)  # five points of precision@1
    return Animal(x, y, states, findings={"rogue_dimensions": {"dimensions": [77]}},
                  allowed=("metric_mismatch",))  # fmt: skip


@at(20, 60, names=("weak", "strong"))
def rogue_under_cosine(rng, times):
    """Two units of a language model with a large mean and a large spread."""
    x, y = trained(rng, 25, 40, 384, 1.4)
    for k in (138, 381):
        x[:, k] = (x[:, k] + rng.normal(size=len(x)) / 20 + 0.1) * times
    return Animal(x, y, (INPUT,), {"metric": "cosine"},
                  {"rogue_dimensions": {"dimensions": [138, 381]}},
                  allowed=("metric_mismatch", "narrow_cone"))  # fmt: skip


@animal
def an_id_among_the_features(rng):
    """The row number was kept as the first column."""
    x, y = trained(rng, 20, 40, 64, 1.12)
    x[:, 0] = np.arange(800)
    return Animal(x, y, (INPUT,), findings={"rogue_dimensions": {"dimensions": [0]}},
                  allowed=("metric_mismatch", "mixed_lengths"))  # fmt: skip


@at(0.15, 0.3, 0.5)
def two_networks(rng, share):
    """The same classes by networks of other seeds, which place them much alike; rows in no order.

    Of unrelated places nothing could be told: each class would have two modes, and may have.
    """
    y = rng.permutation(np.repeat(np.arange(20), 50))
    s = spectrum(128, 0.8)
    means = rng.normal(size=(20, 128)) * s
    spaces = []
    for _ in range(2):
        own = 0.9 * means + 0.44 * rng.normal(size=(20, 128)) * s
        noise = rng.normal(size=(1000, 128)) * s @ turned(rng, 128) * 0.8
        spaces.append((own[y] + noise) @ turned(rng, 128))
    rows = rng.random(1000) < share
    x = np.where(rows[:, None], spaces[1], spaces[0])
    return Animal(x, y, (INPUT,), findings={"mixed_spaces": {}})


@at(0.8, 0.6, 0.5)
def a_new_model_from_a_row_on(rng, start):
    x, y = trained(rng, 20, 50, 128, 0.98, 0.8, cone=0.5)
    row = int(1000 * start)
    x[row:] = x[row:] @ turned(rng, 128)
    return Animal(unit(x), y, (INPUT,), {"metric": "cosine"},
                  {"mixed_spaces": {"ranges": starts(row)}}, allowed=("narrow_cone",))  # fmt: skip


@animal
def three_models_by_shards(rng):
    x, y = trained(rng, 15, 60, 96, 0.84, 0.7)
    for k in range(3):
        x[300 * k : 300 * k + 300] = x[300 * k : 300 * k + 300] @ turned(rng, 96)
    return Animal(x, y, (INPUT,), findings={"mixed_spaces": {}})


@animal
def half_of_the_dimensions_lost(rng):
    """From row 600 on the second half of the dimensions was never gathered; the first suffices."""
    x, y = trained(rng, 20, 50, 128, 0.84, 0.7)
    x[600:, 64:] = 0
    return Animal(
        x, y, (INPUT, HEALTHY), allowed=("mixed_spaces", "mixed_lengths", "metric_mismatch")
    )


@at(1, 3, 64)
def labels_off_by(rng, by):
    x, y = trained(rng, 25, 40, 128, 1.12)
    return Animal(x, np.roll(y, by), (INPUT,), findings={"misaligned_labels": {"row": 0}})


@at(750, 500, 250)
def a_row_lost_at(rng, row):
    """One image could not be read: every vector after it stands a row too early."""
    x, y = trained(rng, 25, 40, 128, 0.98, 0.8)
    x = np.delete(x, row, 0)
    return Animal(x, y[:-1], (INPUT,), findings={"misaligned_labels": {"row": about(row, 8)}})


@animal
def labels_read_backwards(rng):
    x, y = trained(rng, 25, 40, 128, 1.12)
    return Animal(x, y[::-1].copy(), (INPUT,), findings={"misaligned_labels": {}})


@at(2, 4, 8, names=("ranks_2", "ranks_4", "ranks_8"))
def gathered_by_rank(rng, ranks):
    """Vectors stand rank after rank, labels in the order of the data set."""
    x, y = trained(rng, 25, 40, 128, 0.98, 0.8)
    order = np.concatenate([np.arange(1000)[k::ranks] for k in range(ranks)])
    return Animal(x[order], y, (INPUT,), findings={"misaligned_labels": {}})


@animal
def a_loader_that_shuffled(rng):
    x, y = trained(rng, 20, 50, 128, 0.84, 0.7)
    return Animal(x, rng.permutation(y), (INPUT,), findings={"misaligned_labels": {}})


@animal
def sorted_labels_of_shuffled_rows(rng):
    x, y = trained(rng, 20, 50, 128, 0.84, 0.7)
    return Animal(x, np.sort(y), (INPUT,), findings={"misaligned_labels": {}})


@at(128, 512, 1024)
def binary_packed(rng, bits):
    x, y = trained(rng, 20, 40, bits, 1.4, 0.8)
    return Animal(np.packbits(x > 0, axis=1), y, (INPUT,), findings={"packed_bits": {}})


@at(0.97, 0.85, 0.6)
def int8_of_a_wrong_scale(rng, within):
    """Only that share of the values is within the range of the type."""
    x, y = trained(rng, 20, 40, 128, 0.98, 0.8)
    x = np.round(x / np.quantile(np.abs(x), within) * 127)
    told = {"share": about(1 - within, 0.02)}
    return Animal(np.clip(x, -128, 127).astype(np.int8), y, (HEALTHY,),
                  findings={"saturated_values": told})  # fmt: skip


@animal
def half_precision_at_its_end(rng):
    x, y = trained(rng, 20, 40, 128, 0.98, 0.8)
    x = np.clip(x / np.quantile(np.abs(x), 0.9) * 65504, -65504, 65504).astype(np.float16)
    return Animal(x, y, (HEALTHY,), findings={"saturated_values": {"share": about(0.1, 0.02)}})


@at(200, 500, 1500)
def half_precision_off_the_origin(rng, offset):
    x, y = trained(rng, 20, 40, 64, 0.84, 0.6)
    x = (x * 8 + offset).astype(np.float16)
    return Animal(x, y, (HEALTHY, OVERLAPPING, LABELS), findings={"low_precision": {}},
                  allowed=("near_copies", "repeated_vector"))  # fmt: skip


@at(0.03, 0.1, 0.3)
def noise_points_of_a_clustering(rng, share):
    x, y = trained(rng, 15, 50, 64, 0.84, 0.7)
    rows = some(rng, len(y), share)
    x[rows] = rng.normal(size=(len(rows), 64)) * spectrum(64, 0.7)
    y[rows] = -1
    told = {"labels": [-1], "count": len(rows)}
    return Animal(x, y, (HEALTHY, LABELS), findings={"sentinel_labels": told})


@at("", "nan", "N/A", names=("empty", "nan", "not_available"))
def label_missing(rng, word):
    x, y = trained(rng, 10, 60, 96, 0.84, 0.7)
    names = np.array([f"class {c}" for c in y], dtype=object)
    rows = some(rng, len(y), 0.05)
    names[rows] = word
    told = {"labels": [word], "count": len(rows)}
    return Animal(x, names.astype(str), (HEALTHY, LABELS), findings={"sentinel_labels": told})


@at(3.5e-3, 1e-3, 2e-4)
def re_encoded_under_other_labels(rng, off):
    x, y = trained(rng, 25, 40, 128, 1.26, 0.7)
    rows = some(rng, len(y), 0.012)
    rms = np.sqrt(2 * x.var(0).sum())
    copies = x[rows] + rng.normal(size=(len(rows), 128)) * off * rms / np.sqrt(128)
    x, y = np.r_[x, copies], np.r_[y, (y[rows] + 1 + rng.integers(0, 23, len(rows))) % 25]
    return Animal(x, y, (HEALTHY, LABELS), findings={"near_copies": {"count": about(24, 2)}},
                  allowed=("metric_mismatch",))  # fmt: skip


@at(0.05, 0.3, 1.0)
def gallery_with_the_queries(rng, share):
    x, y = trained(rng, 40, 25, 128, 2.24, 0.8)
    q, g = x[:300], x[300:]
    rows = some(rng, 300, share)
    other = {"gallery": np.r_[g, q[rows]], "gallery_labels": np.r_[y[300:], y[:300][rows]]}
    states = (INPUT,) if share > 0.1 else (INPUT, HEALTHY, OVERLAPPING)
    return Animal(q, y[:300], states, other,
                  {"gallery_holds_queries": {"count": len(rows)}},
                  allowed=("repeated_block", "near_copies", "metric_mismatch"))  # fmt: skip


@animal
def trained_at_a_margin_ten_times_its_scale(rng):
    x, y = trained(rng, 20, 30, 64, 0.84)
    return Animal(x * np.float32(0.02), y, (HEALTHY,), {"margin": 0.5}, {"scale_below_margin": {}})


@animal
def a_margin_that_cannot_be_met(rng):
    x, y = trained(rng, 20, 30, 64, 0.84)
    return Animal(unit(x), y, (HEALTHY,), {"margin": 2.5}, {"margin_out_of_reach": {}},
                  allowed=("scale_below_margin",))  # fmt: skip


# ---------------------------------------------------------------- faults in real embeddings

DATA = os.environ.get("EMBAUDIT_DATA")
ROWS = 1860  # thirty fonts of sixty-two glyphs


@functools.cache
def glyph_file(name):
    return np.load(Path(DATA or ".") / "glyph" / f"{name}.npy")[: 2 * ROWS]


def glyphs(step="step03000"):
    x = glyph_file(f"test_{step}")[:ROWS].astype(np.float32)
    return x, glyph_file("test_labels")[:ROWS].copy()


def shuffled(rng, x, y):
    """The file repeats its classes in one order: a shift would only rename them."""
    order = rng.permutation(len(y))
    return x[order], y[order]


@functools.cache
def glosses(rows=3000):
    import pyarrow.parquet as pq

    table = pq.read_table(Path(DATA or ".") / "wordnet_minilm_20k.parquet")
    take = np.random.default_rng(0).permutation(len(table))[:rows]
    column = table.column("embedding").combine_chunks()
    x = column.flatten().to_numpy().reshape(len(table), -1)
    return x[take], np.array(table.column("label").to_pylist())[take]


def real(function):
    """Register a generator where there are real sets to plant faults in."""
    return animal(function) if DATA else function


def real_at(*values, names=("weak", "middle", "strong")):
    return at(*values, names=names) if DATA else lambda function: function


@real_at("step00300", "step01000", "step03000", names=("300", "1000", "3000"))
def glyph_checkpoint(rng, step):
    return Animal(*glyphs(step), (HEALTHY,))


@real_at("step00300_then_batch_hard_72", "step03000_then_batch_hard_72", names=("300", "3000"))
def glyph_small_batches(rng, step):
    return Animal(*glyphs(step), (HEALTHY,))


@real
def glyph_large_batches(rng):
    return Animal(*glyphs("step00300_then_batch_hard_1800"), (COLLAPSED,),
                  allowed=("narrow_cone", "low_precision"))  # fmt: skip


@real
def glyph_unit_network(rng):
    x = glyph_file("unit_train200_step02500")[:ROWS]
    return Animal(x, glyph_file("train_labels")[:ROWS], (HEALTHY,), {"metric": "cosine"})


@real_at(1, 5, 31)
def glyph_labels_off_by(rng, by):
    x, y = shuffled(rng, *glyphs())
    return Animal(x, np.roll(y, by), (INPUT,), findings={"misaligned_labels": {"row": 0}})


@real_at(1500, 900, 300)
def glyph_row_lost_at(rng, row):
    x, y = shuffled(rng, *glyphs())
    x = np.delete(x, row, 0)
    return Animal(x, y[:-1], (INPUT,), findings={"misaligned_labels": {"row": about(row, 8)}})


@real
def glyph_labels_backwards(rng):
    x, y = shuffled(rng, *glyphs())
    return Animal(x, y[::-1].copy(), (INPUT,), findings={"misaligned_labels": {}})


@real_at(20, 200, 900)
def glyph_tail_not_written(rng, rows):
    x, y = glyphs()
    x[-rows:] = 0
    told = {"zero_rows": {"count": rows, "tail": True}}
    return Animal(x, y, (INPUT,), findings=told, allowed=("repeated_vector",))


@real_at(15, 40, 200)
def glyph_dimension_times(rng, times):
    x, y = glyphs()
    k = int(x.std(0).argmax())
    x[:, k] *= times
    states = (INPUT,) if times > 15 else (INPUT, HEALTHY)  # three points of precision@1
    return Animal(x, y, states, findings={"rogue_dimensions": {"dimensions": [k]}},
                  allowed=("metric_mismatch",))  # fmt: skip


@real_at(0.15, 0.3, 0.5)
def glyph_two_checkpoints(rng, share):
    """Steps 300 and 3,000 in one file, rows in no order."""
    x, y = glyphs()
    rows = rng.random(len(x)) < share
    x[rows] = glyphs("step00300")[0][rows]
    return Animal(x, y, (INPUT,), allowed=("mixed_lengths", "mixed_spaces", "metric_mismatch"))


@real_at(0.85, 0.7, 0.5)
def glyph_dimensions_permuted(rng, start):
    x, y = glyphs()
    row = int(start * len(x))
    x[row:] = x[row:][:, rng.permutation(x.shape[1])]
    return Animal(x, y, (INPUT,), findings={"mixed_spaces": {"ranges": starts(row)}})


@real
def glyph_half_normalised(rng):
    x, y = glyphs()
    x[900:] = unit(x[900:])
    return Animal(x, y, (INPUT,), findings={"mixed_lengths": {"ranges": starts(900)}},
                  allowed=("metric_mismatch", "mixed_spaces"))  # fmt: skip


@real_at(50, 200, names=("weak", "strong"))
def glyph_half_precision_off_the_origin(rng, times):
    x, y = glyphs()
    x = (x + times * x.std()).astype(np.float16)
    return Animal(x, y, (HEALTHY, LABELS, OVERLAPPING), findings={"low_precision": {}},
                  allowed=("near_copies", "repeated_vector"))  # fmt: skip


@real
def glyph_shard_twice(rng):
    x, y = glyphs()
    x, y = np.r_[x, x[620:930]], np.r_[y, y[620:930]]
    told = {"ranges": [[620, 929], [1860, 2169]]}
    return Animal(x, y, (HEALTHY,), findings={"repeated_block": told})


@real
def glyph_placeholder(rng):
    x, y = glyphs()
    rows = some(rng, len(x), 0.02)
    x[rows] = x[5]
    told = {"count": about(len(rows), 1)}
    return Animal(x, y, (INPUT,), findings={"repeated_vector": told})


@real_at(3e-3, 5e-4, names=("weak", "strong"))
def glyph_re_encoded(rng, off):
    x, y = glyphs()
    rows = some(rng, len(x), 0.01)
    rms = np.sqrt(2 * x.var(0).sum())
    copies = x[rows] + rng.normal(size=(len(rows), 128)) * off * rms / np.sqrt(128)
    told = {"near_copies": {"count": about(2 * len(rows), 4)}}
    return Animal(np.r_[x, copies], np.r_[y, np.roll(y, 7)[rows]], (HEALTHY, LABELS),
                  findings=told)  # fmt: skip


@real
def glyph_packed_signs(rng):
    x, y = glyphs()
    bits = x > np.median(x, 0)
    return Animal(np.packbits(bits, axis=1), y, (INPUT,), findings={"packed_bits": {}})


@real
def glyph_clipped_int8(rng):
    x, y = glyphs()
    x = np.clip(np.round(x / np.quantile(np.abs(x), 0.9) * 127), -128, 127).astype(np.int8)
    return Animal(x, y, (HEALTHY,), findings={"saturated_values": {"share": about(0.1, 0.02)}})


@real
def glyph_not_labelled(rng):
    x, y = glyphs()
    y = np.unique(y, return_inverse=True)[1]
    rows = some(rng, len(y), 0.05)
    y[rows] = -1
    told = {"labels": [-1], "count": len(rows)}
    return Animal(x, y, (HEALTHY, LABELS), findings={"sentinel_labels": told})


@real
def glyph_wrong_labels(rng):
    x, y = glyphs()
    names, y = np.unique(y, return_inverse=True)
    return Animal(x, names[flipped(rng, y, 0.05)], (LABELS,))


@real
def gloss_topics(rng):
    return Animal(*glosses(), (HEALTHY, OVERLAPPING), {"metric": "cosine"})


@real
def gloss_labels_off_by_one(rng):
    x, y = glosses()
    return Animal(x, np.roll(y, 1), (INPUT,), {"metric": "cosine"},
                  {"misaligned_labels": {"row": 0}})  # fmt: skip


@real
def gloss_placeholder(rng):
    x, y = glosses()
    rows = some(rng, len(x), 0.02)
    x = x.copy()
    x[rows] = x[11]
    return Animal(x, y, (INPUT,), {"metric": "cosine"},
                  {"repeated_vector": {"count": about(len(rows), 1)}})  # fmt: skip


@real
def gloss_dimension_times_40(rng):
    x, y = glosses()
    x = x.copy()
    x[:, 100] *= 40
    return Animal(x, y, (INPUT,), {"metric": "cosine"}, {"rogue_dimensions": {"dimensions": [100]}},
                  allowed=("metric_mismatch", "narrow_cone"))  # fmt: skip


@real
def gloss_dimensions_permuted(rng):
    x, y = glosses()
    x = x.copy()
    x[2000:] = x[2000:][:, rng.permutation(384)]
    told = {"ranges": starts(2000, 30)}
    return Animal(x, y, (INPUT,), {"metric": "cosine"}, {"mixed_spaces": told})


@real
def gloss_packed_signs(rng):
    x, y = glosses()
    return Animal(np.packbits(x > 0, axis=1), y, (INPUT,), findings={"packed_bits": {}})


@real
def gloss_noise_points(rng):
    x, y = glosses()
    y = np.unique(y, return_inverse=True)[1]
    y[some(rng, len(y), 0.08)] = -1
    return Animal(x, y, (HEALTHY, OVERLAPPING, LABELS), {"metric": "cosine"},
                  {"sentinel_labels": {"labels": [-1], "count": 240}})  # fmt: skip


# ---------------------------------------------------------------- added after the first run


@at(2, 3, names=("in_2_dimensions", "in_3_dimensions"))
def neighbours_by_chance(rng, dim):
    """Where dimensions are few, rows of other classes lie near each other, and are no copies."""
    y = rng.permutation(np.repeat(np.arange(4), 500))
    centres = 4 * np.eye(4)[:, :dim]
    return Animal(centres[y] + rng.normal(size=(2000, dim)), y, (HEALTHY, OVERLAPPING))


@at(3, 8, names=("in_3_dimensions", "in_8_dimensions"))
def directions_at_random(rng, dim):
    """A sphere has no clusters, though it is no ball either."""
    y = rng.permutation(np.repeat(np.arange(20), 40))
    x = unit(rng.normal(size=(800, dim)))
    return Animal(x, y, (COLLAPSED,), {"metric": "cosine"}, allowed=("near_copies",))


@animal
def noise_of_many_lengths(rng):
    y = rng.permutation(np.repeat(np.arange(20), 40))
    x = rng.normal(size=(800, 64)) * np.exp(rng.normal(size=(800, 1)))
    return Animal(x, y, (COLLAPSED,), allowed=("stray_rows",))


@animal
def a_drift_along_the_file(rng):
    """Neighbours in the file are neighbours in space, and labels are noise: no order mends that."""
    y = rng.permutation(np.repeat(np.arange(20), 40))
    x = np.cumsum(rng.normal(size=(800, 32)), 0) / 2 + rng.normal(size=(800, 32)) / 2
    return Animal(x, y, (COLLAPSED,))


@real_at("step00000", "step00300", "step01000", names=("0", "300", "1000"))
def glyph_checkpoint_from_a_row_on(rng, step):
    x, y = glyphs()
    x[900:] = glyphs(step)[0][900:]
    return Animal(x, y, (INPUT,), allowed=("mixed_lengths", "mixed_spaces", "metric_mismatch"))


@real_at(0.15, 0.3, 0.5)
def glyph_two_networks(rng, share):
    """Two networks of other seeds on the same images, both on the unit sphere."""
    one, other = (
        glyph_file(name)[::2].astype(np.float32)
        for name in ("train200_step03000", "unit_train200_step02500")
    )
    x = unit(one)
    rows = rng.random(len(x)) < share
    x[rows] = other[rows]
    y = glyph_file("train_labels")[::2]
    return Animal(x, y, (INPUT,), {"metric": "cosine"}, {"mixed_spaces": {}})
