"""What every number and every finding means, and the schemas: from their own specs."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from embaudit.docs import manual
from embaudit.findings.diagnosis_glossary import FINDING_GROUP, TOPICS
from embaudit.gate import PRESETS
from embaudit.measures import MEASURES
from embaudit.measures.added_measures import ID
from embaudit.measures.measure import Measure
from embaudit.render import console_for, render_list, render_manual_list
from embaudit.report import SCHEMA_VERSION, Report
from embaudit.report.base_model import Document
from embaudit.report.comparison_document import Comparison
from embaudit.report.forecast_document import Sweep
from embaudit.report.glossary_term import Topic
from embaudit.report.mining_document import Mining
from embaudit.report.projection_document import Projection
from embaudit.report.trend_document import Trend
from embaudit.settings.chosen_measures import unknown
from embaudit.verbs.config_json_schema import config_schema

# What a screen or a paper calls them, beside their titles.
ALIASES = {
    "p@1": "precision_at_1",
    "precision@1": "precision_at_1",
    "recall@1": "precision_at_1",
    "nearest row right": "precision_at_1",
    "p@1 beyond chance": "adjusted_precision_at_1",
    "auc": "separation_auc",
    "same class nearer": "separation_auc",
    "map@r": "map_at_r",
    "r-precision": "r_precision",
    "collapse": "collapse_state",
    "collapse of points": "point_collapse",
    "collapse of dimensions": "dimensional_collapse",
    "collapse of classes": "class_collapse",
    "most often mixed up": "overlapping",
}


def explained(name: str | None) -> Sequence[Measure | Topic]:
    """What an id stands for, a measure or a word of the diagnosis; without an id all of them.

    Titles and what a screen calls them are known as well, however they are spelt. Raises
    UsageError for what is unknown.
    """
    if name is None:
        return (*TOPICS, *MEASURES)
    every: tuple[Measure | Topic, ...] = (*MEASURES, *TOPICS)
    known = {one.id: one for one in every}
    called = {one.title.casefold(): one.id for one in known.values()} | ALIASES
    said = " ".join(name.casefold().split())
    plain = said.replace(" ", "_").replace("-", "_")
    id = said if said in known else called.get(said, plain)
    if id in known:
        return (known[id],)
    raise unknown("measure, finding, word or page", name, [*PRESETS, *known, *manual()])


def list_all() -> None:
    """Print the pages, the words of the diagnosis and all measures, a line each."""
    console = console_for(sys.stdout)
    render_manual_list(tuple(manual().values()), console)
    render_list((*TOPICS, *MEASURES), console)


def report_schema() -> str:
    """The JSON Schema of a report, as a JSON text."""
    schema = _schema_of(Report, "report")
    measures = schema["properties"]["measures"]
    reading = measures.pop("additionalProperties")
    measures["properties"] = {
        measure.id: {
            **reading,
            "description": f"{measure.title}: {measure.formula}. {measure.meaning}",
        }
        for measure in MEASURES
    }
    added = {**reading, "description": "A measure of another package."}
    measures["patternProperties"] = {f"^{ID.pattern}$": added}
    measures["additionalProperties"] = False
    _name_findings(schema["$defs"])
    return json.dumps(schema, indent=2) + "\n"


def _name_findings(models: dict[str, Any]) -> None:
    """Say in the schema which findings and states there are, and what they mean."""
    words = [topic for topic in TOPICS if topic.group == FINDING_GROUP]
    models["Finding"]["properties"]["id"]["description"] = "; ".join(
        f"{word.id}: {word.title[:1].lower()}{word.title[1:]}" for word in words
    )


def schema_of(name: str) -> str:
    """The JSON Schema of a "report", of what another verb writes, or of a "config", by its name."""
    if name == "report":
        return report_schema()
    if name == "config":
        return json.dumps(config_schema(), indent=2) + "\n"
    models: dict[str, type[Document]] = {
        "trend": Trend,
        "forecast": Sweep,
        "projection": Projection,
        "mining": Mining,
        "comparison": Comparison,
    }
    model = models[name]
    return json.dumps(_schema_of(model, name), indent=2) + "\n"


def _schema_of(model: type[Document], name: str) -> dict[str, Any]:
    schema: dict[str, Any] = model.model_json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"embaudit {name}, schema version {SCHEMA_VERSION}"
    return schema
