"""Exact d_iso and d_haus of up to six points on a line: a linear programme for every order.

Once the order of the images is fixed, all their distances are linear in their positions, so the
constraints of Definition 1 and |d_g - d_f| <= t, or |g - f| <= t, are linear too. The least t over
all orders is the infimum. An order is left out only where a bound from below shows that it cannot
be better than one that was solved, so the enumeration stays exhaustive.
"""

import itertools
import math
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from tests.oracle import class_codes

TOLERANCE = 1e-9  # of the span of the positions: what the solver is asked for
EXACTLY = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


def nearest_separated_maps(positions, labels) -> tuple[float, float]:
    """Exact (d_iso, d_haus) to the triplet-separated maps into the line."""
    exact = [Fraction(float(x)) for x in np.ravel(positions)]
    low, span = min(exact), max(exact) - min(exact)
    if span == 0:
        return 0.0, 0.0
    f = np.array([float((x - low) / span) for x in exact])  # rounded once, whatever the offset
    codes = class_codes(labels)
    orders = np.array(list(itertools.permutations(range(len(f)))))
    one_way = orders[orders[:, 0] < orders[:, -1]]  # mirrored, an order has the same distances
    isometric = _least(f, codes, one_way, _triangle_bounds(f, one_way), _pairs)
    hausdorff = _least(f, codes, orders, _inversion_bounds(f, orders), _rows)
    return isometric * float(span), hausdorff * float(span)


def _least(f, codes, orders, bounds, nearness):
    best = math.inf
    for k in np.argsort(bounds, kind="stable"):
        if bounds[k] >= best:
            break
        best = min(best, _radius(f, codes, orders[k], nearness))
    return best


def _triangle_bounds(f, orders):
    """Of three images on a line, the distance of the outer two is the sum of the other two."""
    bounds = np.zeros(len(orders))
    for i, j, k in itertools.combinations(range(len(f)), 3):
        a, b, c = f[orders[:, i]], f[orders[:, j]], f[orders[:, k]]
        bounds = np.maximum(bounds, np.abs(np.abs(a - b) + np.abs(b - c) - np.abs(a - c)) / 3)
    return bounds


def _inversion_bounds(f, orders):
    """Two points that change sides meet: one of them moves half of their distance."""
    bounds = np.zeros(len(orders))
    for i, j in itertools.combinations(range(len(f)), 2):
        bounds = np.maximum(bounds, (f[orders[:, i]] - f[orders[:, j]]) / 2)
    return bounds


def _radius(f, codes, order, nearness):
    """Least t for one order of the images; collapse to a point always meets the constraints."""
    n = len(f)
    rank = np.argsort(order)
    coefficients, limits = [], []

    def demand(terms, limit=0.0, radius=0.0):
        row = np.zeros(n + 1)
        for index, sign in terms:
            row[index] += sign
        row[n] = radius
        coefficients.append(row)
        limits.append(limit)

    def distance(a, b, sign=1):
        high, low = (a, b) if rank[a] > rank[b] else (b, a)
        return [(high, sign), (low, -sign)]

    for left, right in itertools.pairwise(order):
        demand([(left, 1), (right, -1)])
    for a, p, z in itertools.permutations(range(n), 3):
        if codes[a] == codes[p] != codes[z]:
            demand(distance(a, p) + distance(a, z, -1))
    nearness(f, distance, demand)
    goal = np.zeros(n + 1)
    goal[n] = 1
    bounds = [(None, None)] * n + [(0, None)]
    found = linprog(goal, coefficients, limits, bounds=bounds, method="highs", options=EXACTLY)
    assert found.status == 0, found.message
    return found.fun


def _pairs(f, distance, demand):
    for a, b in itertools.combinations(range(len(f)), 2):
        wanted = abs(f[a] - f[b])
        demand(distance(a, b), wanted, -1)
        demand(distance(a, b, -1), -wanted, -1)


def _rows(f, distance, demand):
    for i, x in enumerate(f):
        demand([(i, 1)], x, -1)
        demand([(i, -1)], -x, -1)
