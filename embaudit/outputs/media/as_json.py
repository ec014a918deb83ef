"""JSON, as the schemas have it."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embaudit.mining import Mined
    from embaudit.pipeline import Audited
    from embaudit.projecting import Projected
    from embaudit.report import GatePreset, Measure
    from embaudit.report.comparison import Comparison
    from embaudit.report.sweep import Sweep
    from embaudit.report.topic import Topic
    from embaudit.report.trend import Trend


def audit(found: "Audited", options: OutputOptions) -> str:
    """The report."""
    return found.report.to_json()


def trend(found: "Trend", options: OutputOptions) -> str:
    """A series of checkpoints."""
    return found.to_json()


def forecast(found: "Sweep", options: OutputOptions) -> str:
    """A forecast of batches."""
    return found.to_json()


def project(found: "Projected", options: OutputOptions) -> str:
    """What is to be said of a projection."""
    return found.told.to_json()


def mine(found: "Mined", options: OutputOptions) -> str:
    """What is to be said of mined triplets."""
    return found.told.to_json()


def compare(found: "Comparison", options: OutputOptions) -> str:
    """A comparison of reports."""
    return found.to_json()


def explain(found: "Sequence[Measure | Topic]", options: OutputOptions) -> str:
    """Measures and findings."""
    from embaudit.reference import explained
    from embaudit.render import reference_json

    return reference_json(found, explained(None))


def preset(found: "GatePreset", options: OutputOptions) -> str:
    """A preset of the gate."""
    from embaudit.render import preset_json

    return preset_json(found)
