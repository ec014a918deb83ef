"""Findings of other packages, by the entry points `embaudit.findings`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import get_args

from embaudit.core.plugins import attempted, sound
from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found
from embaudit.measures.added_measures import id_problem
from embaudit.report.diagnosis_model import Mark

GROUP = "embaudit.findings"


def findings_of_packages() -> Iterator[FindingSpec]:
    """The sound findings of other packages; what is not is warned of."""
    for one in sound(GROUP, _problem):
        yield replace(one.value, check=partial(_checked, one.value, one.package), rows=None)


def _problem(value: object) -> str:
    """Why it is no finding."""
    if not isinstance(value, FindingSpec):
        return f"{GROUP} has {type(value).__name__}, and no embaudit.FindingSpec"
    if problem := id_problem(value.id):
        return problem
    if value.mark not in get_args(Mark):
        return f"{value.id}: mark is none of {', '.join(get_args(Mark))}"
    texts = (value.title, value.looks, value.remedy, value.cost)
    if not all(isinstance(text, str) for text in texts) or not callable(value.check):
        return f"{value.id}: title, looks, remedy and cost are texts, and check is a function"
    return ""


def _checked(spec: FindingSpec, package: str, evidence: Evidence) -> Found | None:
    """What it found; nothing, and a warning, where its code fails."""

    def attempt() -> Found | None:
        found = spec.check(evidence)
        if found is not None:
            _check(found)
        return found

    return attempted(package, spec.id, attempt)[0]


def _check(found: object) -> None:
    """Raise what is wrong with an answer: a report takes texts, and evidence as JSON has it."""
    if not isinstance(found, Found) or not isinstance(found.evidence, Mapping):
        raise TypeError(f"{type(found).__name__} is no embaudit.Found")
    texts = (found.headline, *found.details, found.remedy or "")
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("its headline, details and remedy are texts")
    if found.mark not in (None, *get_args(Mark)):
        raise ValueError(f"the mark {found.mark!r} is none of {', '.join(get_args(Mark))}")
    json.dumps(dict(found.evidence), allow_nan=False)
