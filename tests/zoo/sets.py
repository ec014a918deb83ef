"""A zoo of sets by generator, each with the truth written beside it.

Odd but healthy ones, collapsed ones, overlapping ones, wrong labels, and every fault of files at
three strengths. Half of them, those that `held_out` names, are not looked at while thresholds are
chosen.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

HEALTHY, COLLAPSED, OVERLAPPING = "healthy", "collapsed", "overlapping"
LABELS, INPUT, POINTS = "check_labels", "check_input", "points_only"


@dataclass
class Animal:
    """A set: vectors (N, n), labels (N,), options of the audit, and what is true of it.

    states: the diagnoses that are right. findings: evidence that a finding has to have, by its id;
    a value may be a function of what was found. allowed: findings that are no false alarm.
    """

    x: np.ndarray
    y: np.ndarray | None
    states: tuple[str, ...]
    options: dict = field(default_factory=dict)
    findings: dict = field(default_factory=dict)
    allowed: tuple[str, ...] = ()


ZOO: dict[str, Callable[[np.random.Generator], Animal]] = {}


def animal(function):
    """Register a generator under its name."""
    ZOO[function.__name__] = function
    return function


def strengths(*values, names=("weak", "middle", "strong")):
    """Register a generator of a strength three times."""

    def register(function):
        for name, value in zip(names, values, strict=True):
            ZOO[f"{function.__name__}_{name}"] = lambda rng, value=value: function(rng, value)
        return function

    return register


def held_out(name: str) -> bool:
    """Whether a set is of the half that is not looked at; all strengths of a fault are alike."""
    stem = name.removesuffix("_weak").removesuffix("_middle").removesuffix("_strong")
    return zlib.crc32(stem.encode()) % 2 == 1


def make(name: str, seed: int = 0, zoo: Mapping = ZOO) -> Animal:
    """The set of that name."""
    return zoo[name](np.random.default_rng((zlib.crc32(name.encode()), seed)))


def blobs(rng, classes=20, each=30, dim=64, noise=0.5, order=True, decay=0.0):
    """Normal classes, in the order of the file or shuffled; decay: of the scale of dimensions."""
    y = np.repeat(np.arange(classes), each)
    scale = np.arange(1, dim + 1) ** -decay
    centres = rng.normal(size=(classes, dim)) * scale
    x = centres[y] + rng.normal(size=(len(y), dim)) * noise * scale
    if order:
        mixed = rng.permutation(len(y))
        x, y = x[mixed], y[mixed]
    return x.astype(np.float32), y


# ---------------------------------------------------------------- healthy, though odd


@animal
def plain(rng):
    return Animal(*blobs(rng), (HEALTHY,))


@animal
def plain_sorted(rng):
    return Animal(*blobs(rng, order=False), (HEALTHY,))


@animal
def falling_spectrum(rng):
    return Animal(*blobs(rng, decay=1.0, noise=0.25), (HEALTHY,))


@animal
def two_classes(rng):
    return Animal(*blobs(rng, 2, 100, 16), (HEALTHY,))


@animal
def small_scale(rng):
    x, y = blobs(rng)
    return Animal(x * np.float32(1e-3), y, (HEALTHY,))


@animal
def small_scale_with_a_margin(rng):
    x, y = blobs(rng)
    return Animal(x * np.float32(1e-3), y, (HEALTHY,), {"margin": 1.0}, {"scale_below_margin": {}})


@animal
def far_off_the_origin(rng):
    x, y = blobs(rng)
    return Animal(x.astype(np.float64) + 100, y, (HEALTHY,))


@animal
def unit_vectors_under_a_margin_of_five(rng):
    x, y = blobs(rng)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return Animal(x, y, (HEALTHY,), {"margin": 5.0}, {"margin_out_of_reach": {}})


@animal
def tight_unequal_classes_under_a_margin(rng):
    y = np.r_[np.zeros(150, int), np.ones(30, int)]
    x = np.eye(16)[y] * 0.3 + rng.normal(size=(180, 16)) * 0.01
    return Animal(x, y, (HEALTHY,), {"margin": 1.0}, {"scale_below_margin": {}})


@animal
def hash_codes(rng):
    y = np.repeat(np.arange(10), 40)
    planes = rng.normal(size=(64, 24))
    x = (rng.normal(size=(10, 64))[y] + rng.normal(size=(400, 64)) * 0.5) @ planes > 0
    return Animal(x.astype(np.float32), y, (HEALTHY,), allowed=("near_copies",))


@animal
def sign_codes_int8(rng):
    y = np.repeat(np.arange(10), 40)
    x = rng.normal(size=(10, 128))[y] + rng.normal(size=(400, 128)) * 0.7 > 0
    return Animal(np.where(x, 1, -1).astype(np.int8), y, (HEALTHY,))


@animal
def copies_within_classes(rng):
    x, y = blobs(rng, each=10)
    return Animal(np.repeat(x, 3, 0), np.repeat(y, 3), (HEALTHY,))


@animal
def neural_collapse(rng):
    y = np.repeat(np.arange(5), 40)
    means = np.linalg.qr(rng.normal(size=(128, 128)))[0][:5]
    return Animal(means[y] + rng.normal(size=(200, 128)) * 1e-3, y, (HEALTHY,))


@animal
def neural_collapse_to_points(rng):
    y = np.repeat(np.arange(8), 25)
    return Animal(rng.normal(size=(8, 32))[y], y, (HEALTHY,))


@animal
def two_groups_apart(rng):
    x, y = blobs(rng, 20, 10, 64, 0.15)
    axis = rng.normal(size=64)
    x += (np.where(y < 10, 12, -12)[:, None] * axis / np.linalg.norm(axis)).astype(np.float32)
    return Animal(x, y, (HEALTHY,))


@animal
def three_groups_very_far_apart(rng):
    x, y = blobs(rng, 21, 20, 32, 0.3)
    x = x + 300 * rng.normal(size=(3, 32))[y % 3]
    return Animal(x, y, (HEALTHY,))


@animal
def classes_of_two_modes(rng):
    y = np.repeat(np.arange(12), 40)
    modes = rng.normal(size=(12, 2, 48))
    x = modes[y, rng.integers(0, 2, len(y))] + rng.normal(size=(480, 48)) * 0.3
    return Animal(x, y, (HEALTHY,))


@animal
def a_class_of_five_modes(rng):
    x, y = blobs(rng, 15, 40, 48, 0.4)
    own = y == 3
    x[own] = rng.normal(size=(5, 48))[rng.integers(0, 5, own.sum())]
    x[own] += rng.normal(size=(own.sum(), 48)).astype(np.float32) * 0.3
    return Animal(x, y, (HEALTHY,))


@animal
def domains_by_a_shift(rng):
    x, y = blobs(rng, 15, 40, 48, 0.4)
    x[rng.random(len(y)) < 0.5] += 3 * rng.normal(size=48).astype(np.float32)
    return Animal(x, y, (HEALTHY,))


@animal
def lengths_by_class(rng):
    x, y = blobs(rng, 12, 40, 48, 0.3)
    return Animal(x * np.where(y < 6, 1, 4)[:, None], y, (HEALTHY,))


@animal
def heavy_tails(rng):
    y = np.repeat(np.arange(15), 40)
    x = rng.normal(size=(15, 48))[y] * 2 + rng.standard_t(3, size=(600, 48)) * 0.4
    return Animal(x, y, (HEALTHY,), allowed=("stray_rows",))


@animal
def lognormal_lengths_under_cosine(rng):
    x, y = blobs(rng)
    x *= np.exp(rng.normal(size=(len(y), 1)) * 0.8).astype(np.float32)
    return Animal(x, y, (HEALTHY,), {"metric": "cosine"})


@animal
def narrow_cone_that_separates(rng):
    x, y = blobs(rng, 20, 20, 64, 0.3)
    x = x + 40 * rng.normal(size=64)
    return Animal(x, y, (HEALTHY,), {"metric": "cosine"}, {"narrow_cone": {}})


@animal
def dead_units(rng):
    x, y = blobs(rng)
    x[:, [3, 17, 40]] = 0.5
    return Animal(x, y, (HEALTHY,), findings={"constant_dimensions": {"dimensions": [3, 17, 40]}})


@animal
def relu_features(rng):
    x, y = blobs(rng, noise=0.4)
    return Animal(np.maximum(x, 0), y, (HEALTHY,))


@animal
def integer_features(rng):
    x, y = blobs(rng, 10, 60, 64, 0.5)
    return Animal(np.clip(np.round(x * 4 + 8), 0, 16), y, (HEALTHY,))


@animal
def quantised_to_int8(rng):
    x, y = blobs(rng)
    return Animal(np.clip(np.round(x * 30), -128, 127).astype(np.int8), y, (HEALTHY,))


@animal
def quantised_to_uint8(rng):
    x, y = blobs(rng)
    return Animal(np.clip(np.round(x * 30 + 128), 0, 255).astype(np.uint8), y, (HEALTHY,))


@animal
def half_precision(rng):
    x, y = blobs(rng)
    return Animal(x.astype(np.float16), y, (HEALTHY,))


@animal
def many_small_classes(rng):
    return Animal(*blobs(rng, 500, 3, 32, 0.35), (HEALTHY,))


@animal
def two_dimensions(rng):
    y = np.repeat(np.arange(8), 40)
    angle = 2 * np.pi * y / 8
    x = np.c_[np.cos(angle), np.sin(angle)] * 3 + rng.normal(size=(320, 2)) * 0.25
    return Animal(x, y, (HEALTHY,))


@animal
def lopsided_classes(rng):
    sizes = np.array([600, 200, 60, 20, 10, 6, 4])
    y = np.repeat(np.arange(7), sizes)
    x = rng.normal(size=(7, 32))[y] + rng.normal(size=(900, 32)) * 0.3
    return Animal(x, y, (HEALTHY,))


@animal
def standardised_scales(rng):
    x, y = blobs(rng, 10, 50, 12, 0.4)
    return Animal(x * np.logspace(0, 0.7, 12), y, (HEALTHY,))


@animal
def informative_dimension_that_dominates(rng):
    y = np.repeat(np.arange(6), 40)
    x = rng.normal(size=(240, 16))
    x[:, 2] = 30 * y + rng.normal(size=240)
    return Animal(x, y, (HEALTHY,))


# ---------------------------------------------------------------- collapsed


@animal
def one_point(rng):
    y = np.repeat(np.arange(10), 20)
    return Animal(np.full((200, 32), 0.3), y, (COLLAPSED,))


@animal
def a_few_points(rng):
    y = np.repeat(np.arange(20), 20)
    return Animal(rng.normal(size=(4, 32))[rng.integers(0, 4, 400)], y, (COLLAPSED,))


@animal
def stuck_at_the_margin(rng):
    y = np.repeat(np.arange(10), 12)
    x = rng.normal(size=64) + rng.normal(size=(120, 64)) * 1e-4
    return Animal(x, y, (COLLAPSED,), {"margin": 0.5}, {"scale_below_margin": {}})


@animal
def a_ball_without_classes(rng):
    y = np.repeat(np.arange(20), 30)
    return Animal(rng.normal(size=(600, 64)) * 0.01 + 1, y, (COLLAPSED,))


@animal
def narrow_cone_without_classes(rng):
    y = np.repeat(np.arange(20), 10)
    m = rng.normal(size=384)
    x = m / np.linalg.norm(m) + rng.normal(size=(200, 384)) * np.sqrt(0.004 / 384)
    return Animal(x, y, (COLLAPSED,), {"metric": "cosine"})


@animal
def six_dimensions_of_768(rng):
    y = np.repeat(np.arange(40), 20)
    x = rng.normal(size=(40, 6))[y] + rng.normal(size=(800, 6)) * 0.1
    return Animal(x @ rng.normal(size=(6, 768)), y, (COLLAPSED,))


@animal
def six_dimensions_and_rounding(rng):
    y = np.repeat(np.arange(40), 20)
    x = rng.normal(size=(40, 6))[y] + rng.normal(size=(800, 6)) * 0.1
    return Animal((x @ rng.normal(size=(6, 768))).astype(np.float16), y, (COLLAPSED,))


@animal
def a_line(rng):
    y = np.repeat(np.arange(30), 20)
    x = np.outer(rng.normal(size=600), rng.normal(size=64)) + rng.normal(size=(600, 64)) * 1e-3
    return Animal(x, y, (COLLAPSED,), allowed=("rogue_dimensions",))  # the line may be near an axis


@animal
def a_line_in_the_order_of_classes(rng):
    y = np.repeat(np.arange(30), 20)
    along = y + rng.normal(size=600) * 0.3
    x = np.outer(along, rng.normal(size=64)) + rng.normal(size=(600, 64)) * 1e-3
    return Animal(x, y, (COLLAPSED,))


@animal
def collapsed_but_for_three_rows(rng):
    y = np.repeat(np.arange(20), 30)
    x = np.full((600, 32), 0.2) + rng.normal(size=(600, 32)) * 1e-5
    x[[5, 99, 400]] += rng.normal(size=(3, 32))
    return Animal(x, y, (COLLAPSED,), findings={"stray_rows": {"rows": [5, 99, 400]}})


@animal
def copies_across_classes(rng):
    y = np.repeat(np.arange(20), 20)
    return Animal(rng.normal(size=(30, 32))[rng.integers(0, 30, 400)], y, (COLLAPSED,))


@animal
def a_rare_class_inside_another(rng):
    y = np.zeros(1000, int)
    y[::200] = 1
    return Animal(rng.normal(size=(1000, 32)), y, (COLLAPSED,))


# ---------------------------------------------------------------- overlapping


@strengths(2.0, 2.2, 2.4)
def overlap(rng, noise):
    return Animal(*blobs(rng, 20, 30, 32, noise), (OVERLAPPING,))


@animal
def overlap_of_two(rng):
    return Animal(*blobs(rng, 2, 200, 16, 3.0), (OVERLAPPING,))


@animal
def overlap_far_off_the_origin(rng):
    x, y = blobs(rng, 20, 30, 32, 1.9)
    return Animal(x.astype(np.float64) + 50, y, (OVERLAPPING,))


@animal
def untrained(rng):
    x, y = blobs(rng, 20, 30, 64, 2.5)
    return Animal(x + 30 * rng.normal(size=64), y, (OVERLAPPING, COLLAPSED), {"metric": "cosine"},
                  allowed=("narrow_cone", "metric_mismatch"))  # fmt: skip


# ---------------------------------------------------------------- wrong labels


def flipped(rng, y, share):
    y = y.copy()
    rows = rng.choice(len(y), int(share * len(y)), replace=False)
    y[rows] = (y[rows] + rng.integers(1, y.max() + 1, len(rows))) % (y.max() + 1)
    return y


@strengths(0.02, 0.08, 0.2)
def flips(rng, share):
    x, y = blobs(rng, 20, 50, 64, 0.6)
    return Animal(x, flipped(rng, y, share), (LABELS,))


@strengths(0.03, 0.08, 0.15)
def flips_to_a_neighbour(rng, share):
    x, y = blobs(rng, 20, 50, 48, 0.5)
    centres = np.stack([x[y == c].mean(0) for c in range(20)])
    d = ((centres[:, None] - centres) ** 2).sum(-1)
    np.fill_diagonal(d, np.inf)
    rows = rng.choice(len(y), int(share * len(y)), replace=False)
    y[rows] = d.argmin(1)[y[rows]]
    return Animal(x, y, (LABELS,))


# ---------------------------------------------------------------- faults of files


@strengths(0.01, 0.1, 0.4)
def zero_rows(rng, share):
    x, y = blobs(rng)
    rows = np.sort(rng.choice(len(y), int(share * len(y)), replace=False))
    x[rows] = 0
    return Animal(x, y, (INPUT,), findings={"zero_rows": {"count": len(rows), "tail": False}})


@strengths(0.02, 0.2, 0.4)
def a_tail_never_written(rng, share):
    x, y = blobs(rng)
    count = int(share * len(y))
    x[-count:] = 0
    return Animal(x, y, (INPUT,), findings={"zero_rows": {"count": count, "tail": True}})


@strengths(0.015, 0.05, 0.25)
def placeholder(rng, share):
    x, y = blobs(rng)
    rows = np.sort(rng.choice(len(y), int(share * len(y)), replace=False))
    x[rows] = x.mean(0) + rng.normal(size=64) * 0.3
    told = {"count": len(rows), "rows": rows.tolist()[:200]}
    return Animal(x, y, (INPUT,), findings={"repeated_vector": told})


@strengths(5, 60, 300)
def shard_saved_twice(rng, count):
    x, y = blobs(rng)
    x, y = np.r_[x, x[100 : 100 + count]], np.r_[y, y[100 : 100 + count]]
    told = {"ranges": [[100, 99 + count], [600, 599 + count]]}
    return Animal(x, y, (HEALTHY,), findings={"repeated_block": told})


@strengths(8, 50, 1000)
def stray(rng, times):
    x, y = blobs(rng)
    x[[7, 300, 401]] *= times
    return Animal(x, y, (INPUT,), findings={"stray_rows": {"rows": [7, 300, 401]}})


@strengths(0.1, 0.3, 0.5)
def partly_normalised(rng, share):
    x, y = blobs(rng)
    rows = rng.random(len(y)) < share
    x[rows] /= np.linalg.norm(x[rows], axis=1, keepdims=True)
    return Animal(x, y, (INPUT,), findings={"mixed_lengths": {}},
                  allowed=("metric_mismatch", "mixed_spaces"))  # fmt: skip


@strengths(2.0, 5.0, 100.0)
def a_part_of_another_scale(rng, times):
    x, y = blobs(rng)
    x[400:] *= times
    return Animal(
        x, y, (INPUT,), findings={"mixed_lengths": {"ranges": [[400, 599]]}},
        allowed=("metric_mismatch", "mixed_spaces", "stray_rows"),
    )  # fmt: skip


@strengths(0.7, 1.0, 1.5)
def lengths_are_noise(rng, sigma):
    x, y = blobs(rng, 30, 20, 64, 1.4)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    x *= np.exp(rng.normal(size=(len(y), 1)) * sigma).astype(np.float32)
    return Animal(x, y, (HEALTHY, OVERLAPPING, LABELS, INPUT), findings={"metric_mismatch": {}},
                  allowed=("stray_rows",))  # fmt: skip


@strengths(20, 40, 1000)
def one_dimension_times(rng, times):
    x, y = blobs(rng, noise=1.1)
    x[:, 5] = rng.normal(size=len(y)) * times
    return Animal(x, y, (INPUT,), findings={"rogue_dimensions": {"dimensions": [5]}})


@strengths(8, 20, 60)
def three_dimensions_times(rng, times):
    x, y = blobs(rng, dim=96, noise=1.2)
    for k in (1, 30, 77):
        x[:, k] = rng.normal(size=len(y)) * times + 3 * times
    return Animal(x, y, (INPUT,), findings={"rogue_dimensions": {"dimensions": [1, 30, 77]}})


@strengths(0.1, 0.3, 0.5)
def permuted_dimensions(rng, share):
    x, y = blobs(rng)
    x += rng.normal(size=64).astype(np.float32)
    count = int(share * len(y))
    x[-count:] = x[-count:][:, rng.permutation(64)]
    told = {"ranges": [[600 - count, 599]] if share < 0.5 else lambda found: len(found) == 1}
    return Animal(x, y, (INPUT,), findings={"mixed_spaces": told})


@strengths(0.2, 0.35, 0.5)
def two_models_at_random(rng, share):
    x, y = blobs(rng, 15, 50, 64)
    rows = rng.random(len(y)) < share
    x[rows] = x[rows] @ np.linalg.qr(rng.normal(size=(64, 64)))[0]
    return Animal(x, y, (INPUT,), findings={"mixed_spaces": {}})


@strengths(0.2, 0.35, 0.5)
def two_models_with_means(rng, share):
    x, y = blobs(rng, 15, 50, 64)
    x += rng.normal(size=64)
    rows = rng.random(len(y)) < share
    x[rows] = x[rows] @ np.linalg.qr(rng.normal(size=(64, 64)))[0]
    return Animal(x, y, (INPUT,), findings={"mixed_spaces": {}})


@strengths(1, 2, 7)
def labels_shifted(rng, by):
    x, y = blobs(rng)
    return Animal(x, np.roll(y, by), (INPUT,), findings={"misaligned_labels": {"row": 0}},
                  allowed=("repeated_vector",))  # fmt: skip


@strengths(0.6, 0.4, 0.2)
def labels_shifted_from_a_row_on(rng, start):
    x, y = blobs(rng, 20, 50)
    row = int(start * len(y))
    y[row + 1 :] = y[row:-1].copy()
    near = lambda found: abs(found - row) <= 4  # noqa: E731
    return Animal(x, y, (INPUT,), findings={"misaligned_labels": {"row": near, "shift": 1}})


@animal
def labels_reversed(rng):
    x, y = blobs(rng)
    return Animal(x, y[::-1].copy(), (INPUT,), findings={"misaligned_labels": {}})


@animal
def labels_not_sorted(rng):
    x, y = blobs(rng, order=False)
    return Animal(x, rng.permutation(y), (INPUT,), findings={"misaligned_labels": {}})


@strengths(4, 10, 15)
def sorted_labels_shifted(rng, by):
    x, y = blobs(rng, order=False)
    return Animal(
        x,
        np.roll(y, by),
        (INPUT,),
        findings={"misaligned_labels": {"shift": lambda found: found in (by, by - 30)}},
    )


@strengths(2, 4, 8)
def labels_interleaved(rng, by):
    x, y = blobs(rng)
    y = y.reshape(-1, by).T.ravel()
    return Animal(x, y, (INPUT,), findings={"misaligned_labels": {}})


@strengths(64, 128, 256)
def packed(rng, bits):
    y = np.arange(400) % 10
    b = rng.normal(size=(400, bits)) * (bits / 64) ** 0.5 + rng.normal(size=(10, bits))[y] > 0
    return Animal(np.packbits(b, axis=1), y, (INPUT,), findings={"packed_bits": {}})


@strengths(2.2, 1.5, 1.0)
def clipped(rng, at):
    x, y = blobs(rng)
    x = np.clip(np.round(x * 127 / at), -128, 127).astype(np.int8)
    return Animal(x, y, (HEALTHY,), findings={"saturated_values": {}})


@strengths(100.0, 300.0, 1000.0)
def offset_in_half_precision(rng, offset):
    x, y = blobs(rng, noise=0.3)
    return Animal((x + offset).astype(np.float16), y, (HEALTHY, OVERLAPPING, LABELS),
                  findings={"low_precision": {}},
                  allowed=("near_copies", "repeated_vector"))  # fmt: skip


@strengths(0.03, 0.1, 0.3)
def minus_one(rng, share):
    x, y = blobs(rng)
    y[rng.random(len(y)) < share] = -1
    told = {"labels": [-1], "count": int((y == -1).sum())}
    return Animal(x, y, (HEALTHY, LABELS), findings={"sentinel_labels": told})


@animal
def unknown_among_names(rng):
    x, y = blobs(rng, 6, 40)
    y = np.array(["cat", "dog", "owl", "cow", "pig", "unknown"])[y]
    return Animal(x, y, (HEALTHY,), findings={"sentinel_labels": {"labels": ["unknown"]}})


@strengths(1e-4, 1e-3, 4e-3)
def re_encoded(rng, off):
    x, y = blobs(rng, 20, 50)
    rows = rng.choice(len(y), 10, replace=False)
    rms = np.sqrt(2 * x.var(0).sum())
    noise = rng.normal(size=(10, 64)) * off * rms / 8
    more = (y[rows] + 7) % 20
    told = {"count": 20}
    return Animal(np.r_[x, x[rows] + noise], np.r_[y, more], (HEALTHY, LABELS),
                  findings={"near_copies": told})  # fmt: skip


# ---------------------------------------------------------------- without labels


@animal
def points_alone(rng):
    return Animal(blobs(rng)[0], None, (POINTS,))


@animal
def zero_points(rng):
    x = blobs(rng)[0]
    x[-60:] = 0
    return Animal(x, None, (INPUT,), findings={"zero_rows": {"count": 60, "tail": True}})


@animal
def one_vector_without_labels(rng):
    x = np.full((200, 16), 0.5)
    x[:20] = rng.normal(size=(20, 16))
    return Animal(x, None, (COLLAPSED,), allowed=("stray_rows", "repeated_vector"))
