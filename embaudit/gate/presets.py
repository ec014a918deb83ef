"""Rules that belong together under a name: what each asks, in words, and how often it errs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GatePreset:
    """A named set of rules; the only place where it is written down.

    against: what it asks beside that where there is a baseline. errs: measured on the zoo.
    """

    id: str
    asks: str
    errs: str
    rules: tuple[str, ...]
    against: tuple[str, ...]


# What a baseline asks for where nobody asks for anything else.
NO_WORSE: tuple[str, ...] = (
    "collapse_state increase <= 0",
    "violated_triplets increase <= 0.005",
    "precision_at_1 decrease <= 0.005",
)

# None depends on the number of classes, all can be decided at any size, and none needs labels
# that are not there. Nothing is asked of violated triplets: a constant map violates none.
SMOKE = GatePreset(
    id="smoke",
    asks="the file is sound (no finding that is bad) and the network has not collapsed",
    errs="",
    rules=(
        "diagnosis != check_input",
        "collapse_state <= warning",
        "adjusted_precision_at_1 >= 0.1",
    ),
    against=(
        "collapse_state increase <= 1",
        "violated_triplets increase <= 0.05",
        "precision_at_1 decrease <= 0.05",
    ),
)
RECOMMENDED = GatePreset(
    id="recommended",
    asks="that, and nothing is on the way to a collapse, and the nearest row tells at least half "
    "of what a blind guess leaves open; suspect labels and other warnings are told",
    errs="",
    rules=(
        "diagnosis != check_input",
        "collapse_state == none",
        "adjusted_precision_at_1 >= 0.5",
        "warn: diagnosis != check_labels",
        "warn: no finding",
    ),
    against=NO_WORSE,
)
STRICT = GatePreset(
    id="strict",
    asks="that, and the nearest row tells nine tenths of what a blind guess leaves open, labels "
    "are right as far as can be told, and nothing was found that may mislead",
    errs="",
    rules=(
        "diagnosis != check_input",
        "diagnosis != check_labels",
        "diagnosis != overlapping",
        "collapse_state == none",
        "adjusted_precision_at_1 >= 0.9",
        "no finding",
    ),
    against=(
        "collapse_state increase <= 0",
        "violated_triplets increase <= 0.001",
        "precision_at_1 decrease <= 0.001",
    ),
)
PRESETS: dict[str, GatePreset] = {one.id: one for one in (SMOKE, RECOMMENDED, STRICT)}
