"""What a preset of the gate is: rules under a name, in words."""

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
