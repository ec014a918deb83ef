"""Measures of other packages, by the entry points `embaudit.measures`."""

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import partial
from typing import get_args

from embaudit.core.intervals import Estimate, undefined
from embaudit.core.plugins import attempted, sound
from embaudit.evidence import Evidence
from embaudit.measures.measure import EVERY, Measure
from embaudit.report import Better, Reading, Unit

GROUP = "embaudit.measures"
ID = re.compile(r"x-[a-z0-9]+(?:[-_][a-z0-9]+)*")
NAMESPACE = "ids of packages are x- and lower-case words, as x-acme-spread"
TEXTS = [field.name for field in fields(Measure) if field.type in (str, "str")]
ROUNDED = 1e-9  # of a value between its ends, relative


def measures_of_packages() -> Iterator[Measure]:
    """The sound measures of other packages; what is not is warned of."""
    for one in sound(GROUP, _problem):
        yield replace(one.value, compute=partial(_computed, one.value, one.package))


def id_problem(id: object) -> str:
    """Why an id is none of a package."""
    sound = isinstance(id, str) and ID.fullmatch(id)
    return "" if sound else f"the id {str(id)[:100]!r} is not its own: {NAMESPACE}"


def _problem(value: object) -> str:
    """Why it is no measure."""
    if not isinstance(value, Measure):
        return f"{GROUP} has {type(value).__name__}, and no embaudit.Measure"
    if problem := id_problem(value.id):
        return problem
    for name, known in (("unit", get_args(Unit)), ("better", get_args(Better))):
        if getattr(value, name) not in known:
            return f"{value.id}: {name} is none of {', '.join(known)}"
    if wrong := [name for name in TEXTS if not isinstance(getattr(value, name), str)]:
        return f"{value.id}: {wrong[0]} is no text"
    if not isinstance(value.presets, frozenset | set) or not value.presets <= EVERY:
        return f"{value.id}: presets are a set of {', '.join(sorted(EVERY))}"
    if not callable(value.compute) or not isinstance(value.definition, int):
        return f"{value.id}: compute is a function, and definition a whole number"
    return ""


def _computed(measure: Measure, package: str, evidence: Evidence) -> Estimate:
    """Its number; undefined, with the reason, where its code fails or gives none."""

    def attempt() -> Estimate:
        found = measure.compute(evidence)
        if not isinstance(found, Estimate):
            raise TypeError(f"{type(found).__name__} is no embaudit.Estimate")
        value = None if found.value is None else float(found.value)
        plain = replace(found, value=value, lower=float(found.lower), upper=float(found.upper))
        _check(measure.reading(plain, None))
        return plain

    found, reason = attempted(package, measure.id, attempt)
    return undefined(reason) if found is None else found


def _check(reading: Reading) -> None:
    """Raise ValueError for a number that contradicts itself: no report with it is read back."""
    value = reading.value
    if (value is None) != (reading.kind == "undefined"):
        raise ValueError(f"it is {reading.kind}, and its value is {value}")
    if value is None:
        return
    lower = value if reading.lower is None else reading.lower
    upper = value if reading.upper is None else reading.upper
    close = ROUNDED * abs(value)
    if not lower - close <= value <= upper + close:
        raise ValueError(f"the value {value} lies outside of {lower} to {upper}")
    if reading.unit == "fraction" and not 0 <= value <= 1:
        raise ValueError(f"the fraction {value} is none")
