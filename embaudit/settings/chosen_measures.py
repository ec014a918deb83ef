"""Which measures are asked for: presets and ids, and what a gate needs."""

from collections.abc import Iterable, Sequence

from embaudit.errors import UsageError, did_you_mean, shown
from embaudit.measures.measure import Measure

PRESETS = ("paper", "standard", "all")


def chosen_measures(
    asked: Sequence[str], needed: Iterable[str], measures: Sequence[Measure], *, labels: bool = True
) -> tuple[Measure, ...]:
    """The measures of presets and ids, and those needed, in reading order.

    Without labels, presets are of what needs none, and naming another is a UsageError.
    """
    usable = [measure for measure in measures if labels or not measure.needs_labels]
    wanted = set(needed)
    for name in asked:
        if name in PRESETS:
            wanted |= {measure.id for measure in usable if name in measure.presets}
        else:
            wanted.add(known_measure(name, measures, PRESETS).id)
    if not asked:
        raise UsageError("No measures asked for.", f"Use {', '.join(PRESETS)} or measure ids.")
    chosen = tuple(measure for measure in measures if measure.id in wanted)
    unfit = [measure.id for measure in chosen if measure.needs_labels and not labels]
    if unfit:
        raise UsageError(
            f"Without labels there is no {' nor '.join(unfit)}.",
            f"What needs none: {', '.join(measure.id for measure in usable)}.",
        )
    return chosen


def known_measure(name: str, measures: Sequence[Measure], others: Sequence[str] = ()) -> Measure:
    """The measure of an id; an unknown one is an error with the nearest right names.

    others: what might have been meant as well.
    """
    for measure in measures:
        if measure.id == name:
            return measure
    raise unknown("measure", name, [*others, *(measure.id for measure in measures)])


def unknown(noun: str, name: str, known: Sequence[str]) -> UsageError:
    """What to raise for a name that nothing known has; the nearest ones are its hint."""
    hint = f"{did_you_mean(name, known)} `embaudit explain` lists them all."
    return UsageError(f"Unknown {noun} {shown(name)}.", hint.lstrip())
