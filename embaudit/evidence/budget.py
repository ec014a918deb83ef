"""What may be spent on figures that can also be had from less."""

from dataclasses import dataclass

LEAST_RANKED = 256  # anchors that are ranked, whatever their cost
LEAST_DECIDING = 1024  # the same, where a gate is undecided
MORE = 4  # times as many anchors at the next look


@dataclass(frozen=True)
class Budget:
    """What may be spent where a figure can also be had from less: beyond it, less is used.

    ranked_pairs: anchors x rows whose ranks are counted; beyond, a sample of anchors. deciding:
    the same, where a gate's limit lies within the interval of the sample.
    diameter, isometry: multiply-adds on pairs of rows; beyond, cheaper certified bounds.
    suspects: multiply-adds for the neighbours of rows that may be outliers; beyond, of those
    furthest from their class. votes: for those of rows whose label may be wrong; beyond, the
    nearest positive and negative stand for them.
    pairs: of rows, of classes, or of rows and classes, that a mean is taken over; beyond, a sample.
    """

    ranked_pairs: float
    deciding: float
    diameter: float
    isometry: float
    suspects: float
    votes: float
    pairs: float


STANDARD = Budget(
    ranked_pairs=5e7, deciding=1e9, diameter=6e10, isometry=8e9, suspects=5e10, votes=3e9, pairs=8e6
)
ALL = Budget(
    ranked_pairs=2e9,
    deciding=2e10,
    diameter=1e12,
    isometry=3e11,
    suspects=1e12,
    votes=3e11,
    pairs=5e8,
)
