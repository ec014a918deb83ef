"""What can be explained beside the measures: a state of the diagnosis, or a finding."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """A word of the diagnosis, with what there is to know of it."""

    id: str
    title: str
    group: str
    facts: tuple[tuple[str, str], ...]  # short ones, by their name
    meaning: str
    advice: str
