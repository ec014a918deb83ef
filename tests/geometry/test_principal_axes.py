"""Axes and spectra of many dimensions against full decompositions in float64.

WHOLE and MANY are lowered, so that small sets take the ways of large ones.
"""

import itertools
import math
import threading
import time
from contextlib import nullcontext

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.core.prepared_points import Points
from embaudit.geometry import blocked_cholesky, effective_rank, principal_axes, shifted_spectrum
from embaudit.geometry.balls import _walked, enclosing_balls
from embaudit.geometry.blocked_cholesky import inverses_of, rooted, solved
from embaudit.geometry.gram_matrices import column_products
from embaudit.geometry.mean_and_covariance import axes_of, mean_pairwise_cosine, moments_of
from embaudit.geometry.width import hull_dimension, minimum_width
from embaudit.search import for_each
from tests.combined import in_part

ROWS, DIM = 340, 130
ROW = np.arange(ROWS)


@pytest.fixture(autouse=True)
def few_count_as_many(monkeypatch):
    for module in (principal_axes, effective_rank):
        for name in ("WHOLE", "MANY"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, 16)
    monkeypatch.setattr("embaudit.geometry.mean_and_covariance.WHOLE", 16)
    monkeypatch.setattr("embaudit.geometry.gram_matrices.TILE", 24)
    monkeypatch.setattr(blocked_cholesky, "PANEL", 24)
    monkeypatch.setattr(principal_axes, "LEADING", (8, 6))
    monkeypatch.setattr(principal_axes, "THINNEST", (8, 8))


def rows_of(kind, rows=ROWS, dim=DIM, seed=0):
    rng = np.random.default_rng(seed)
    scale = {
        "falling": np.arange(1, dim + 1) ** -1.0,
        "steep": np.exp(-np.arange(dim) / (dim / 8)),
        "dominated": np.where(np.arange(dim) < 2, 300.0, 1.0),
    }.get(kind, np.ones(dim))
    x = rng.standard_normal((rows, dim)) * scale
    x = x @ np.linalg.qr(rng.standard_normal((dim, dim)))[0]
    if kind == "far off":
        x += 1e5
    if kind == "cone":
        x += 3 * rng.standard_normal(dim)
    if kind == "duplicates":
        x[1::2] = x[::2]
    return x * {"tiny": 1e-150, "huge": 1e150}.get(kind, 1.0)


KINDS = ("round", "falling", "steep", "dominated", "far off", "cone", "duplicates", "tiny", "huge")


def moments(x):
    return moments_of(prepare(x, "l2", np.arange(len(x))), np.array([0, len(x)]))


def spectrum(x):
    centred = x - x.mean(axis=0)
    scale = np.abs(centred).max()
    return np.linalg.svd(centred / scale, compute_uv=False) ** 2 / len(x), scale


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [ROWS, 60])
def test_eigenvalues_are_those_of_the_centred_rows(kind, rows):
    x = rows_of(kind, rows)
    found = moments(x)
    true, scale = spectrum(x)
    unit = scale / prepare(x, "l2", np.arange(rows)).unit
    values = found.axes.values / unit / unit
    assert len(values) == DIM
    assert np.abs(values[: len(true)] - true).max() <= found.error / unit / unit + 1e-12 * true[0]
    assert not values[len(true) :].any()
    assert found.trace / unit / unit == pytest.approx(true.sum(), rel=1e-10)


@pytest.mark.parametrize("kind", ["falling", "tiny", "huge"])
def test_eigenvalues_that_come_in_a_thread_are_those_of_this_one(kind):
    found, alone = moments(rows_of(kind)), moments(rows_of(kind))
    found.axes.begin()
    leading = found.axes.leading(2)  # and what else is asked for meanwhile
    assert np.array_equal(found.axes.values, alone.axes.values)
    assert np.array_equal(leading[1], alone.axes.leading(2)[1])
    assert np.array_equal(found.covariance, alone.covariance)


def test_eigenvalues_that_no_thread_found_are_found_by_who_asks(monkeypatch):
    alone = moments(rows_of("round")).axes.values
    axes = moments(rows_of("round")).axes

    def full(_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(principal_axes, "eigenvalues_of", full)
        axes.begin()
        with pytest.raises(MemoryError):
            axes.values  # noqa: B018
    assert np.array_equal(axes.values, alone)


@pytest.mark.parametrize("rows", [ROWS, 60])
def test_the_participation_ratio_is_of_the_eigenvalues(rows):
    for kind in KINDS[:4]:
        true, _ = spectrum(rows_of(kind, rows))
        found = moments(rows_of(kind, rows)).axes.participation
        assert found == pytest.approx(true.sum() ** 2 / np.square(true).sum(), rel=1e-10)


@pytest.mark.parametrize("kind", ["falling", "steep", "dominated"])
@pytest.mark.parametrize("rows", [ROWS, 60])
def test_leading_axes_are_those_of_the_covariance(kind, rows):
    x = rows_of(kind, rows)
    values, axes = moments(x).axes.leading(2)
    true = np.linalg.eigh(np.cov(x.T, bias=True))
    assert np.abs(axes.T @ axes - np.eye(2)).max() < 1e-12
    assert values[:2] == pytest.approx(true[0][::-1][:2], rel=1e-6)
    assert np.linalg.norm(true[1][:, -2:].T @ axes) ** 2 == pytest.approx(2, abs=1e-6)


@pytest.mark.parametrize("kind", ["round", "falling", "steep", "cone", "tiny"])
def test_thinnest_axes_are_thin(kind):
    x = rows_of(kind)
    found = moments(x).axes
    axes = found.thinnest(4)
    assert np.abs(axes.T @ axes - np.eye(4)).max() < 1e-10
    along = np.einsum("ij,ij->j", found.matrix @ axes, axes)
    assert along == pytest.approx(found.values[-4:], rel=1e-3)


def test_a_null_space_is_found_all_the_same():
    x = rows_of("round")
    x[:, 3] = 7.0
    axes = moments(x).axes.thinnest(1)
    assert abs(axes[3, 0]) == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize("kind", KINDS[:7])
def test_the_width_is_as_tight_as_along_all_axes(kind, monkeypatch):
    x = rows_of(kind)
    points = Points(x)
    found = minimum_width(points, moments(x), DIM)
    with monkeypatch.context() as patch:
        patch.setattr(principal_axes, "WHOLE", 1024)
        every = minimum_width(points, moments(x), DIM)
    assert found.lower == pytest.approx(every.lower, rel=1e-6)
    assert found.upper <= 1.01 * every.upper
    if kind != "duplicates":
        assert hull_dimension(moments(x)) == DIM


def test_fewer_rows_than_dimensions_have_the_width_of_their_hull():
    x = rows_of("round", 5)
    # four edges and a corner: a simplex in its own four dimensions
    found = minimum_width(Points(x), moments(x), 4, effort=1)
    about = x - x.mean(axis=0)
    flat = about @ np.linalg.svd(about)[2][:4].T
    plain = minimum_width(Points(flat), moments(flat), 4, effort=1)
    assert found.lower <= plain.upper * (1 + 1e-9)
    assert plain.lower <= found.upper * (1 + 1e-9)
    assert found.upper == pytest.approx(plain.upper, rel=1e-3)


@pytest.mark.parametrize("rows", [1, 2])
def test_one_row_and_two_have_axes(rows):
    found = moments(rows_of("round", 2)[:rows]).axes
    assert np.count_nonzero(found.values > 1e-9) == rows - 1
    assert found.every.shape == (DIM, rows)


def test_axes_of_some_rows_are_those_of_these_rows_alone():
    x = rows_of("falling")
    for dim, among in ((DIM, ROW % 3 > 0), (DIM, ROW % 3 == 0), (8, ROW % 3 > 0)):
        mean = x[among, :dim].mean(axis=0)
        found, _ = axes_of(Points(x[:, :dim]), lambda block, mean=mean: block - mean, among)
        true, scale = spectrum(x[among, :dim])
        assert found.values[: len(true)] == pytest.approx(true * scale**2, rel=1e-9, abs=1e-15)


def test_products_of_columns_are_whole():
    x = np.random.default_rng(0).standard_normal((50, 77))
    found = column_products([x[:20], x[20:]], 77)
    assert np.array_equal(found, found.T)
    assert found == pytest.approx(x.T @ x, rel=1e-12, abs=1e-12)

    def three(work, parts):
        for_each(work, parts, 3)

    assert np.array_equal(found, column_products([x[:20], x[20:]], 77, three))


def test_the_root_of_a_matrix_is_cholesky_s_and_leaves_the_matrix_whole():
    x = np.random.default_rng(0).standard_normal((300, 131))
    matrix = column_products([x], 131)
    for shift, raised in ((0.0, None), (1e3, np.linalg.LinAlgError), (0.0, ZeroDivisionError)):
        taken = matrix - shift * np.eye(131)
        before = taken.copy()
        with pytest.raises(raised) if raised else nullcontext(), rooted(taken) as root:
            found = np.tril(root)
            assert np.shares_memory(root, taken)
            assert found == pytest.approx(np.linalg.cholesky(before), rel=1e-10, abs=1e-10)
            if raised:
                raise raised
        assert np.array_equal(taken, before)


def test_thinnest_axes_wait_for_eigenvalues_that_are_being_found(monkeypatch):
    """These are of the matrix, in whose place the root is while axes are found."""
    found, known = moments(rows_of("round")).axes, threading.Event()

    def slowly(matrix):
        time.sleep(0.1)
        known.set()
        return np.linalg.eigvalsh(matrix)[::-1]

    def taken(matrix):
        assert known.is_set()
        return rooted(matrix)

    monkeypatch.setattr(principal_axes, "eigenvalues_of", slowly)
    monkeypatch.setattr(principal_axes, "rooted", taken)
    found.begin()
    found.thinnest(1)


@pytest.mark.parametrize("transposed", [False, True])
def test_triangles_are_solved(transposed):
    rng = np.random.default_rng(0)
    root = np.tril(rng.standard_normal((77, 77))) + 9 * np.eye(77)
    block = rng.standard_normal((77, 3))
    found = solved(root, inverses_of(root), block, transposed=transposed)
    assert (root.T if transposed else root) @ found == pytest.approx(block, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("offset", in_part([0.0, 0.1, 30.0], 3, 1))
def test_the_spectrum_of_the_rows_is_between_its_ends(kind, offset):
    x = rows_of(kind)
    if kind not in ("tiny", "huge"):
        x = x + offset * np.random.default_rng(5).standard_normal(DIM)
    found = moments(x)
    low, high = shifted_spectrum.shifted_eigenvalues(found.axes, found.mean, found.error)
    scale = np.abs(x).max()
    unit = scale / prepare(x, "l2", np.arange(ROWS)).unit
    true = np.linalg.svd(x / scale, compute_uv=False) ** 2 / ROWS * unit * unit
    slack = 1e-13 * true[0]  # of the oracle
    assert (low <= true + slack).all()
    assert (true - slack <= high).all()


@pytest.mark.parametrize("kind", KINDS)
def test_rankme_of_many_dimensions_is_enclosed(kind, monkeypatch):
    monkeypatch.setattr(effective_rank, "CLOSE", math.inf)
    x = rows_of(kind)
    points = prepare(x, "l2", np.arange(ROWS))
    found = effective_rank.rank_of_rows(points, moments(x))
    sizes = np.linalg.svd(x / np.abs(x).max(), compute_uv=False)
    share = sizes / sizes.sum()
    true = math.exp(-(share[share > 0] * np.log(share[share > 0])).sum())
    assert found.lower <= true * (1 + 1e-9)
    assert true * (1 - 1e-9) <= found.upper
    assert found.upper <= 1.05 * found.lower
    monkeypatch.setattr(effective_rank, "CLOSE", 0.0)
    assert effective_rank.rank_of_rows(points, moments(x)).value == pytest.approx(true, rel=1e-8)


def test_small_eigenvalues_need_no_second_spectrum():
    x = rows_of("falling") * 2.0 ** -(np.arange(DIM) ** 0.6)  # the least is 1e-9 of the largest
    found = moments(x)
    assert found.axes.values[-1] < 1e-8 * found.square
    ends = effective_rank.rank_of_rows(Points(x), found)
    sizes = np.linalg.svd(x, compute_uv=False)
    share = sizes / sizes.sum()
    true = math.exp(-(share * np.log(share)).sum())
    assert ends.kind == "certified"
    assert ends.lower * (1 - 1e-9) <= true <= ends.upper * (1 + 1e-9)


def test_the_entropy_of_shares_is_between_its_ends():
    rng = np.random.default_rng(0)
    for size, wide in ((2, 0.5), (9, 0.9), (200, 0.1)):
        low = np.sort(rng.exponential(size=size))[::-1]
        high = low + wide * rng.exponential(size=size)
        ends = shifted_spectrum.entropy_ends(low, high)
        for _ in range(200):
            some = np.where(rng.random(size) < 0.5, low, high)
            share = some / some.sum()
            assert ends[0] <= -(share * np.log(share)).sum() <= ends[1]


@pytest.mark.parametrize("kind", ["round", "falling", "far off", "duplicates", "tiny"])
def test_classes_that_walk_together_have_the_balls_of_those_that_walk_alone(kind):
    x = rows_of(kind)
    starts = np.array([0, 1, 3, 10, 90, 91, ROWS])
    means = np.array([x[a:b].mean(axis=0) for a, b in itertools.pairwise(starts)])
    together, alone = enclosing_balls(Points(x), starts, means), _walked(Points(x), starts, means)
    assert together.radii == pytest.approx(alone.radii, rel=1e-3, abs=1e-300)
    for k, (a, b) in enumerate(itertools.pairwise(starts)):
        reach = np.sqrt(np.square(x[a:b] - together.centres[k]).sum(axis=1)).max()
        assert reach <= together.radii[k] <= reach * (1 + 1e-9)


def test_the_mean_cosine_of_huge_tiny_and_zero_rows():
    x = np.random.default_rng(0).standard_normal((40, 7))
    x *= 10.0 ** np.random.default_rng(1).integers(-200, 200, size=40)[:, None]
    x[5] = 0
    unit = np.delete(x, 5, axis=0)
    unit = unit / np.abs(unit).max(axis=1)[:, None]
    unit /= np.linalg.norm(unit, axis=1)[:, None]
    products = unit @ unit.T
    true = (products.sum() - np.trace(products)) / (39 * 38)
    assert mean_pairwise_cosine(Points(x)) == pytest.approx(true, abs=1e-12)
