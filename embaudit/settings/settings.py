"""What an audit is asked to do: options checked before anything is read or computed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from embaudit.core.location import Location, located
from embaudit.core.machine import available_threads, budget_of
from embaudit.core.metric import Metric
from embaudit.data.left_out_rows import ZERO, Drop, ids_of_findings, labels_as_text
from embaudit.errors import UsageError, option, truth
from embaudit.settings.acknowledgeable_ids import acknowledgeable
from embaudit.settings.option_table import MOST_EFFORT, TABLE, Searches, default_of
from embaudit.settings.validation_messages import said_of

INNER = "For the inner product of unit vectors use cosine: it has the same order."
EUCLIDEAN = "The Euclidean distance is l2."
METRICS = {  # what others call them
    **dict.fromkeys(("dot", "ip", "inner", "inner_product", "dot_product"), INNER),
    **dict.fromkeys(("euclidean", "euclid", "l2_squared", "sqeuclidean"), EUCLIDEAN),
    **dict.fromkeys(("cos", "angular", "cosine_similarity"), "The angle is that of cosine."),
}

LARGEST_COUNT = 2**53  # what every reader of JSON takes exactly; more than any machine has
LARGEST_MARGIN = 1e300  # beyond it, sums with distances may overflow

AtLeastTwo = Annotated[int, Field(ge=2)]
Count = Annotated[int, Field(ge=1, le=LARGEST_COUNT)]
Options = TypeVar("Options", bound=BaseModel)
BatchShape = tuple[AtLeastTwo, AtLeastTwo]


class Settings(BaseModel):
    """Checked options of one audit; None leaves the choice to the data or the machine."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    metric: Metric = default_of("metric")
    labels: bool = True
    margin: Annotated[float, Field(ge=0)] = default_of("margin")
    batch: BatchShape | None = None
    batches: tuple[BatchShape, ...] = ()
    measures: tuple[str, ...] = (default_of("measures"),)
    gate: tuple[str, ...] = ()
    baseline: Location | None = None
    search: Searches = default_of("search")
    seed: Annotated[int, Field(ge=0, lt=2**64)] = default_of("seed")
    threads: Count | None = None
    block_rows: Count | None = None
    sample: Count | None = None
    effort: Annotated[int, Field(ge=0, le=MOST_EFFORT)] | None = None
    memory_budget: Count | None = None
    unpack_bits: bool = False
    drop: tuple[Drop, ...] = ()
    ignore_label: tuple[str, ...] = ()
    acknowledge: tuple[str, ...] = ()

    @property
    def dropped_later(self) -> tuple[Drop, ...]:
        """Findings whose rows are known only once the set is there; a sample is drawn after."""
        return tuple(one for one in self.drop if one != ZERO)

    @property
    def of_reading(self) -> "Settings":
        """The same, with the sample that is drawn as rows are read."""
        return self.model_copy(update={"sample": None}) if self.dropped_later else self

    @property
    def reading(self) -> dict[str, Any]:
        """What reading the rows depends on, by the names that `files.read` has."""
        return {
            "sample": self.of_reading.sample,
            "seed": self.seed,
            "memory_budget": self.memory_budget,
            "ignored": self.ignore_label,
            "drop_zeros": ZERO in self.drop,
        }

    @property
    def workers(self) -> int:
        """Threads to use: as asked for, as far as this process has processors."""
        return min(self.threads or available_threads(), available_threads())

    @property
    def everything(self) -> bool:
        """Whether all measures are asked for, whatever they cost."""
        return "all" in self.measures

    @property
    def iterations(self) -> int:
        """The level of effort: as asked for, else 1 where everything is measured, else 0."""
        return self.effort if self.effort is not None else int(self.everything)

    @field_validator("margin")
    @classmethod
    def _bounded(cls, value: float) -> float:
        if value > LARGEST_MARGIN:
            raise ValueError(f"margins are at most {LARGEST_MARGIN:g}, as values are")
        return value

    @field_validator("batch", mode="before")
    @classmethod
    def _shape(cls, value: Any) -> Any:
        return _shape_of(value)

    @field_validator("batches", mode="before")
    @classmethod
    def _shapes(cls, value: Any) -> Any:
        """`18x4,62x8`, or several of such."""
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple):
            return value
        parts = [one.split(",") if isinstance(one, str) else [one] for one in listed]
        return [_shape_of(shape) for part in parts for shape in part]

    @field_validator("measures", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """`standard, d_iso`, or several of such: each name once."""
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
            return value
        names = (name.strip() for one in listed for name in one.split(","))
        return tuple(dict.fromkeys(filter(None, names)))

    @field_validator("gate", mode="before")
    @classmethod
    def _rules(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("baseline", mode="before")
    @classmethod
    def _place(cls, value: Any) -> Any:
        return located(value) if isinstance(value, str | Path) else value

    @field_validator("unpack_bits", mode="before")
    @classmethod
    def _truth(cls, value: Any) -> bool:
        return truth("unpack_bits", value)

    @field_validator("drop", mode="before")
    @classmethod
    def _droppable(cls, value: Any) -> tuple[str, ...]:
        return ids_of_findings(value)

    @field_validator("ignore_label", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> tuple[str, ...]:
        return labels_as_text(value)

    @field_validator("acknowledge", mode="before")
    @classmethod
    def _known(cls, value: Any) -> tuple[str, ...]:
        return () if value is None else acknowledgeable(value)

    @model_validator(mode="after")
    def _with_labels(self) -> "Settings":
        if self.ignore_label and not self.labels:
            raise UsageError(
                "There are no labels, and so none to ignore.",
                f"Drop {option('no_labels')}, or {option('ignore_label')}.",
            )
        return self

    @field_validator("memory_budget", mode="before")
    @classmethod
    def _bytes(cls, value: Any) -> Any:
        return budget_of(value) if isinstance(value, str) else value


def settings_of(**options: Any) -> Settings:
    """Settings from what the user gave; raises UsageError for all that cannot be understood."""
    return checked(Settings, options)


def settings_among(given: Mapping[str, Any], **instead: Any) -> Settings:
    """Settings from those of a verb's or a function's parameters that have their names.

    instead: of what is given. Labels are given as such: whether there are any is said by `instead`.
    """
    named = {name: given[name] for name in Settings.model_fields if name in given}
    return settings_of(**{**named, "labels": True, **instead})


def checked(model: type[Options], options: Mapping[str, Any]) -> Options:
    """A model of options; raises UsageError for all that cannot be understood."""
    try:
        return model(**options)
    except ValidationError as error:
        found = error.errors()
        problems = [f"{_named(one['loc'])}{said_of(one)}." for one in found]
        hints = [instead_of(str(one["input"])) for one in found if one["loc"][:1] == ("metric",)]
        raise UsageError("\n".join(dict.fromkeys(problems)), "".join(hints)) from error


def instead_of(metric: str) -> str:
    """Which metric does what another name means; nothing for a name that means none."""
    return METRICS.get(metric.lower().replace("-", "_"), "")


def _shape_of(value: Any) -> Any:
    """`18x4`: classes x rows per class of a training batch."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*(\d{1,9})\s*[xX]\s*(\d{1,9})\s*", value)
    if not match:
        raise ValueError("give classes x rows per class, for example 18x4")
    return int(match[1]), int(match[2])


def _named(place: tuple[int | str, ...]) -> str:
    """`--margin: ` or `margin: `; of several options together nothing."""
    name = str(place[0]) if place else ""
    return f"{option(name) if ('', name) in TABLE else name}: " if name else ""
