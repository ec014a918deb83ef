"""Rules that belong together under a name: what each asks, in words, and how often it errs."""

from embaudit.gate.preset_pass_rates import SETS, passed
from embaudit.report import GatePreset

ZOO = f"Of the zoo's {SETS} sets it passes"

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
    asks="the file is sound (no finding of a fault that is bad), the network has not collapsed, "
    "and the nearest row tells at least a tenth of what a blind guess leaves open",
    errs=f"{ZOO} {passed('smoke', 'healthy')} healthy ones, {passed('smoke', 'collapsed')} that "
    f"collapsed and {passed('smoke', 'check_input')} whose file is at fault; and "
    f"{passed('smoke', 'allowed')} that overlap or have wrong labels, which it allows",
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
    asks="the file is sound, nothing has collapsed or is on the way to it, and the nearest row "
    "tells at least half of what a blind guess leaves open; suspect labels and other warnings "
    "are told",
    errs=f"{ZOO} {passed('recommended', 'healthy')} healthy ones, "
    f"{passed('recommended', 'collapsed')} that collapsed, "
    f"{passed('recommended', 'check_input')} whose file is at fault and "
    f"{passed('recommended', 'overlapping')} that overlap; and "
    f"{passed('recommended', 'check_labels')} with wrong labels, with a warning",
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
    asks="the file is sound, nothing has collapsed or is on the way to it, the nearest row tells "
    "at least nine tenths of what a blind guess leaves open, labels are right as far as can be "
    "told, and nothing was found that may mislead",
    errs=f"{ZOO} {passed('strict', 'sound')} healthy ones without a fault, "
    f"{passed('strict', 'misleading')} healthy ones with a fault that may mislead, and "
    f"{passed('strict', 'ill')} that are not healthy",
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
