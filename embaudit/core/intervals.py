"""A number and what is known of it: exact, certified, sampled, an estimate, or undefined.

Every reported figure is an `Estimate`; arithmetic on them keeps the weakest kind of its parts, so
that no result ever claims more than what it was made from.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["exact", "certified", "sampled", "estimate", "undefined"]
STRENGTH: tuple[Kind, ...] = ("exact", "certified", "sampled", "estimate", "undefined")

CONFIDENCE = 0.99  # of every sampled interval


@dataclass(frozen=True)
class Estimate:
    """A value between `lower` and `upper`, infinite where nothing bounds that side.

    exact: both ends equal the value. certified: the ends enclose the truth, rigorously.
    sampled: they do with probability `confidence`. estimate: no ends. undefined: no value, and
    `reason` says why. `reason` may also explain a defined value (which witness, which cost).
    """

    kind: Kind
    value: float | None = None
    lower: float = -math.inf
    upper: float = math.inf
    confidence: float | None = None
    reason: str | None = None

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """The ends as documents have them: None where nothing bounds that side."""
        lower, upper = (end if math.isfinite(end) else None for end in (self.lower, self.upper))
        return lower, upper

    @property
    def known(self) -> bool:
        """Whether there is a value at all."""
        return self.kind != "undefined"

    def because(self, reason: str) -> "Estimate":
        """The same with a sentence on how it came about."""
        return replace(self, reason=reason)

    def scaled(self, factor: float) -> "Estimate":
        """Times an exact, positive factor."""
        return self.mapped(lambda x: x * factor)

    def mapped(self, rising: Callable[[float], float]) -> "Estimate":
        """Through a function that never falls."""
        return replace(
            self,
            value=None if self.value is None else rising(self.value),
            lower=rising(self.lower) if math.isfinite(self.lower) else self.lower,
            upper=rising(self.upper) if math.isfinite(self.upper) else self.upper,
        )


def exact(value: float, reason: str | None = None) -> Estimate:
    """A number known to rounding."""
    return Estimate("exact", float(value), float(value), float(value), reason=reason)


def certified(lower: float, upper: float, reason: str | None = None) -> Estimate:
    """An interval that encloses the truth; its midpoint stands as the value.

    Ends that coincide make it exact; without an upper one the value is the lower.
    """
    if upper == math.inf:
        return Estimate("certified", float(lower), float(lower), reason=reason)
    if lower > upper:
        raise AssertionError(f"a certified interval is empty: [{lower!r}, {upper!r}]")
    if lower == upper:
        return exact(lower, reason)
    middle = lower + (upper - lower) / 2
    return Estimate("certified", float(middle), float(lower), float(upper), reason=reason)


def undefined(reason: str) -> Estimate:
    """No number, and the sentence that says why."""
    return Estimate("undefined", reason=reason)


def ratio(top: Estimate, bottom: Estimate, reason: str | None = None) -> Estimate:
    """Quotient of two non-negative estimates; unbounded above where `bottom` may be zero."""
    for part in (top, bottom):
        if not part.known:
            return part
    if bottom.upper == 0:
        return undefined(reason or "division by zero")
    kind = max(top.kind, bottom.kind, key=STRENGTH.index)
    lower = top.lower / bottom.upper
    upper = top.upper / bottom.lower if bottom.lower > 0 else math.inf
    if kind == "exact" and upper < math.inf:
        return exact(lower, reason)
    return replace(certified(lower, upper, reason), kind=kind)


TIES = "rows that are equally far leave their order open: the expectation over it, between its ends"


def open_to_ties(worst: Estimate, expected: Estimate, best: Estimate) -> Estimate:
    """A figure that the order of tied rows leaves open: its expectation, between the two ends.

    One of the three where it is the same in every order. Of sampled figures each end is one-sided,
    so that both hold with the confidence of one.
    """
    if worst == best:
        return worst
    kind: Kind = "certified" if expected.kind == "exact" else expected.kind
    reason = "; ".join(filter(None, (TIES, expected.reason)))
    return Estimate(kind, expected.value, worst.lower, best.upper, expected.confidence, reason)


def sampled_share(hits: int, draws: int, confidence: float = CONFIDENCE) -> Estimate:
    """Share of a population, of which `hits` of so many draws had the property.

    The exact binomial interval (Clopper & Pearson 1934), two-sided; drawn without replacement it
    is only wider than need be.
    """
    tail = (1 - confidence) / 2
    lower = _share_where(lambda p: 1 - _binomial_below(hits, draws, p) <= tail) if hits else 0.0
    upper = 1.0
    if hits < draws:
        upper = _share_where(lambda p: _binomial_below(hits + 1, draws, p) > tail)
    return Estimate("sampled", hits / draws, lower, upper, confidence)


def quantile_ranks(level: float, draws: int, confidence: float = CONFIDENCE) -> tuple[int, int]:
    """Ranks (from 1) of the ordered draws between which a quantile of the population lies.

    The binomial interval of order statistics, two-sided: it holds for any distribution, with ties
    too. Rank 0 or draws + 1: nothing bounds that side.
    """
    tail = (1 - confidence) / 2
    up_to = np.cumsum(_binomial_terms(draws + 1, draws, level))  # of k draws below, or fewer
    lower = int(np.searchsorted(up_to, tail, side="right"))
    return lower, int(np.searchsorted(up_to, 1 - tail, side="left")) + 1


def _share_where(holds: Callable[[float], bool]) -> float:
    """The largest share up to which it holds, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _binomial_below(hits: int, draws: int, p: float) -> float:
    """Probability of fewer hits than that."""
    if p <= 0 or p >= 1:
        return 1.0 if p <= 0 and hits else 0.0
    return float(_binomial_terms(hits, draws, p).sum())


def _binomial_terms(hits: int, draws: int, p: float) -> NDArray[Any]:
    """Probabilities of 0 .. hits - 1 hits, 0 < p < 1."""
    k = np.arange(hits)
    factorial = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, draws + 1)))))
    logs = factorial[draws] - factorial[k] - factorial[draws - k]
    terms: NDArray[Any] = np.exp(logs + k * math.log(p) + (draws - k) * math.log1p(-p))
    return terms


def student_quantile(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Two-sided Student quantile for at least 8 degrees of freedom.

    Cornish-Fisher expansion about the normal quantile (Abramowitz & Stegun 26.7.5), right to
    1e-3 from 8 degrees of freedom on.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / freedom ** (k + 1) for k, term in enumerate(terms))
