"""JSON, as the schemas have it."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embaudit.docs import ManualPage
    from embaudit.measures.measure import Measure
    from embaudit.report import GatePreset
    from embaudit.report.comparison_document import Comparison
    from embaudit.report.forecast_document import Sweep
    from embaudit.report.glossary_term import Topic
    from embaudit.report.trend_document import Trend
    from embaudit.verbs.audit import Audited
    from embaudit.verbs.mine import Mined
    from embaudit.verbs.project import Projected


def audit(found: "Audited", options: OutputOptions) -> str:
    """The report."""
    return found.report.to_json()


def trend(found: "Trend | Sweep | Comparison", options: OutputOptions) -> str:
    """A series of checkpoints, a forecast or a comparison: the result is its document."""
    return found.to_json()


forecast = compare = trend


def project(found: "Projected | Mined", options: OutputOptions) -> str:
    """What is to be said of a projection, or of mined triplets."""
    return found.told.to_json()


mine = project


def explain(found: "Sequence[Measure | Topic]", options: OutputOptions) -> str:
    """Measures and findings."""
    from embaudit.render import reference_json
    from embaudit.verbs.explain import explained

    return reference_json(found, explained(None))


def preset(found: "GatePreset", options: OutputOptions) -> str:
    """A preset of the gate."""
    from embaudit.render import preset_json

    return preset_json(found)


def manual(found: "ManualPage", options: OutputOptions) -> str:
    """A page of the manual."""
    from embaudit.render import manual_json

    return manual_json(found)
