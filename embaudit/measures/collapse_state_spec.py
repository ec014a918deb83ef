"""A measure that is a state of collapse: its spec, and how a figure decides it."""

from collections.abc import Callable

from embaudit.core.intervals import Estimate, exact
from embaudit.evidence import Evidence
from embaudit.measures.measure import ALONE, EVERY, Measure

GROUP = "Collapse"
CHECKED = "The thresholds were chosen on half of a collection of healthy and broken sets (verdict)."
LEFT_OUT = "Rows far off and rows of zeros are left out."
NONE, WARNING, COLLAPSED = range(3)

# Precision@1 is adjusted for chance: 0 for a blind guess, 1 for perfect.
LOST = 0.3  # at most, beside a narrow cone: real ones that were told apart had 0.5 and more
HALF = 0.5  # a random order of positives and negatives


def decided_by(reading: Estimate, state: Callable[[float | None], int], why: str) -> Estimate:
    """A state decided by a figure, where that is sampled an interval of states.

    why: the figures beside their limits, told of any state but none.
    """
    value, most, least = (state(one) for one in (reading.value, reading.lower, reading.upper))
    if reading.kind == "certified" or least == most:
        # of the ends of all orders of ties the expectation decides
        return exact(value, why if value != NONE else None)
    return Estimate("sampled", value, least, most, reading.confidence or 0.99, reading.reason)


def state_measure(
    name: str,
    title: str,
    compute: Callable[[Evidence], Estimate],
    rule: str,
    with_gallery: str = ALONE,
    *,
    definition: int,
    needs_labels: bool = False,
) -> Measure:
    """The spec of a state; compute: the function, rule: what decides it, in words."""
    return Measure(
        id=name,
        title=title,
        group=GROUP,
        unit="state",
        better="lower",
        formula=f"{rule} {LEFT_OUT}",
        range="0 none, 1 warning, 2 collapsed",
        low="0: no figure crosses its threshold",
        high="1: a figure is on its way there; 2: collapsed",
        source="embaudit",
        says=f"{title.lower()}: {{value}}",
        meaning=f"What the embedding is now, not what it may become. {CHECKED}",
        advice="Look at the figures that decided it (collapse.evidence). If it is collapsed, do "
        "not ship: go back to an earlier checkpoint, smaller batches or semi-hard mining.",
        presets=EVERY,
        with_gallery=with_gallery,
        compute=compute,
        needs_labels=needs_labels,
        definition=definition,
    )
