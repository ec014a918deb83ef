"""What an audit is to compute and to decide: measures, rules of the gate, a baseline."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from embaudit.baseline import Saved, missing, saved_report
from embaudit.errors import UsageError, option
from embaudit.files import kind_of
from embaudit.gate import Asked, Condition, needed, rules_in_force
from embaudit.measures import MEASURES
from embaudit.measures.measure import Measure
from embaudit.report.changes_model import Compared
from embaudit.settings.chosen_measures import chosen_measures
from embaudit.settings.settings import Settings


@dataclass(frozen=True)
class AuditRequest:
    """What to compute and to decide; all that can be wrong is found before anything is read."""

    measures: tuple[Measure, ...]
    conditions: tuple[Condition, ...]
    baseline: Saved | None = None
    no_baseline: Compared | None = None


def request_of(
    settings: Settings, origins: Mapping[str, str] = MappingProxyType({})
) -> AuditRequest:
    """Measures, rules and the baseline, checked; origins: where a rule is written, by its text."""
    if settings.batch and not settings.labels:
        raise UsageError("A batch is classes x rows: it needs labels.", f"Drop {option('batch')}.")
    asked = [Asked(text, origins.get(text, "--gate")) for text in settings.gate]
    path = settings.baseline
    labels = settings.labels
    conditions = rules_in_force(asked, MEASURES, baseline=path is not None, labels=labels)
    measures = chosen_measures(settings.measures, needed(conditions), MEASURES, labels=labels)
    if path is None:
        return AuditRequest(measures, conditions)
    if kind_of(path) is None:
        return AuditRequest(measures, conditions, None, missing(path, ["there is no such file"]))
    return AuditRequest(measures, conditions, saved_report(path))
