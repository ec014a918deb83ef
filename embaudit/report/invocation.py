"""What a run was given, and the commands that can be run next over the same input.

Whoever advises a command builds it here: with the paths, the columns and the options of the run
that it follows.
"""

import itertools
import os

from pydantic import Field

from embaudit.report.base_model import Model
from embaudit.report.shell_command import Command

INPUT = (
    "labels",
    "embedding_column",
    "label_column",
    "id_column",
    "join",
    "label_level",
    "unlabelled",
    "where",
    "unpack_bits",
    "ignore_label",
    "drop",
    "sample",
    "seed",
    "config",
    "no_config",
)
GALLERY = (
    "gallery",
    "gallery_labels",
    "gallery_embedding_column",
    "gallery_label_column",
    "gallery_id_column",
    "gallery_where",
    "pairs",
)
MEASURED = ("no_labels", "metric", "margin", "batch", "measures", "search", "effort")
# Options of a run that decide what is read and measured, by the verbs that take them. A batch of
# `forecast` is no batch of an audit: it would narrow the sweep to one shape.
TAKES: dict[str, tuple[str, ...]] = {
    "audit": (*INPUT, *MEASURED, *GALLERY),
    "trend": (*INPUT, *MEASURED),
    "forecast": (*INPUT, "metric", "margin"),
    "project": (*INPUT, "metric"),
}
Value = str | tuple[str, ...] | None  # of an option, as text; None for a flag
LISTED = ("drop",)  # options of several values in one text, with commas
ADDED = ("ignore_label", *LISTED)  # options whose values add up


class Invocation(Model):
    """What a run was given on its command line, as far as it decides what is read and measured.

    Secrets and options in an address are left out, as everywhere in a report.
    """

    inputs: tuple[str, ...] = Field(description="The embeddings; of a series, each checkpoint.")
    options: dict[str, str | None] = Field(
        description="By name, as text; null for a flag. Those with their default are left out."
    )
    repeated: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Options that may be given several times, as texts."
    )

    def then(self, verb: str, *inputs: str, **options: Value) -> Command:
        """What to run next over the same input, or of a series over some of it.

        It takes over all options of the run that the verb knows; `options` take their place, or
        add to them where there may be several.
        """
        given: dict[str, Value] = {**self.options, **self.repeated}
        asked = {name: given[name] for name in TAKES[verb] if name in given}
        for name, value in options.items():
            before = asked.pop(name, ())  # what is asked for now comes last
            asked[name] = _joined(name, before, value) if name in ADDED else value
        each = ((name, value) for name, values in asked.items() for value in _values(values))
        return Command(verb, inputs or self.inputs, tuple(each))

    def beside(self, name: str) -> str:
        """A name for an output that replaces no input, and joins no shards."""
        here = os.getcwd()
        given = {os.path.abspath(one) for one in (*self.inputs, *self.options.values()) if one}
        around = [one for one in given if os.path.commonpath((one, here)) == one]
        folder = os.path.dirname(min(around, key=len)) if around else ""
        stem, suffix = os.path.splitext(name)
        names = (f"{stem}{number or ''}{suffix}" for number in itertools.count())
        places = (os.path.join(folder, one) for one in names)
        return next(one for one in places if os.path.abspath(one) not in given)


def _values(given: Value) -> tuple[str | None, ...]:
    return given if isinstance(given, tuple) else (given,)


def _joined(name: str, before: Value, now: Value) -> Value:
    """Both values of an option that takes several, each once."""
    both = [one for one in (*_values(before), *_values(now)) if one is not None]
    if name in LISTED:
        return ",".join(dict.fromkeys(word for text in both for word in text.split(",")))
    return tuple(dict.fromkeys(both))
