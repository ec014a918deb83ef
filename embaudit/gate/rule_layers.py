"""Which rules are in force: those of a baseline, of presets, of a file and of flags."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from embaudit.gate.presets import NO_WORSE, PRESETS
from embaudit.gate.rule_parsing import condition_of
from embaudit.gate.rule_types import Condition, OfMeasure
from embaudit.measures.measure import Measure

BY_DEFAULT = "default with a baseline"


@dataclass(frozen=True)
class Asked:
    """An expression, or the name of a preset, and where it was written."""

    text: str
    origin: str = "--gate"


def rules_in_force(
    asked: Sequence[Asked],
    measures: Sequence[Measure],
    *,
    baseline: bool = False,
    labels: bool = True,
) -> tuple[Condition, ...]:
    """The conditions of what was asked for, layer upon layer.

    A baseline asks for no regression; over that lie, origin by origin as they were asked, presets
    and then written rules. A rule takes the place of those of lower layers that it overrides;
    within a layer all hold. Raises UsageError for what cannot be understood, naming its origin.
    """
    layers = [[condition_of(text, measures, BY_DEFAULT) for text in NO_WORSE if baseline]]
    for origin in dict.fromkeys(one.origin for one in asked):
        of_it = [one for one in asked if one.origin == origin]
        layers.append(list(_presets(of_it, measures, baseline)))
        layers.append(
            [condition_of(one.text, measures, origin) for one in of_it if not _is_preset(one)]
        )
    if not labels:  # nobody wrote these rules: they ask for nothing that cannot be known
        implied = (layers[0], *layers[1::2])
        for layer in implied:
            layer[:] = [one for one in layer if not one.needs_labels]
    found: list[Condition] = []
    for layer in layers:
        kept = [one for one in found if not any(new.overrides(one) for new in layer)]
        found = [*kept, *layer]
    return tuple(found)


def _is_preset(asked: Asked) -> bool:
    return asked.text.strip() in PRESETS


def _presets(
    asked: Sequence[Asked], measures: Sequence[Measure], baseline: bool
) -> Iterator[Condition]:
    """The rules of the presets among these."""
    for one in filter(_is_preset, asked):
        name = one.text.strip()
        preset = PRESETS[name]
        for text in preset.rules + (preset.against if baseline else ()):
            yield condition_of(text, measures, f"{name} ({one.origin})")


def needed(conditions: Iterable[Condition]) -> list[str]:
    """The measures that must be computed for them; diagnosis and findings always are."""
    return [one.measure.id for one in conditions if isinstance(one, OfMeasure)]
