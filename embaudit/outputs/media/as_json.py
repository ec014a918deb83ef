"""JSON, as the schemas have it."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import Asked

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


def audit(found: "Audited", asked: Asked) -> str:
    """The report."""
    return found.report.to_json()


def trend(found: "Trend", asked: Asked) -> str:
    """A series of checkpoints."""
    return found.to_json()


def forecast(found: "Sweep", asked: Asked) -> str:
    """A forecast of batches."""
    return found.to_json()


def project(found: "Projected", asked: Asked) -> str:
    """What is to be said of a projection."""
    return found.told.to_json()


def mine(found: "Mined", asked: Asked) -> str:
    """What is to be said of mined triplets."""
    return found.told.to_json()


def compare(found: "Comparison", asked: Asked) -> str:
    """A comparison of reports."""
    return found.to_json()


def explain(found: "Sequence[Measure | Topic]", asked: Asked) -> str:
    """Measures and findings."""
    from embaudit.reference import explained
    from embaudit.render import reference_json

    return reference_json(found, explained(None))


def preset(found: "GatePreset", asked: Asked) -> str:
    """A preset of the gate."""
    from embaudit.render import preset_json

    return preset_json(found)
