"""An audit as a page: verdict, the figures that decide and what to do, then what they rest on."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from embaudit.measures.measure import Measure
from embaudit.render.html.banner import banner, told
from embaudit.render.html.class_rows import class_table, pair_table
from embaudit.render.html.figure_tiles import tiles
from embaudit.render.html.reading_lines import line
from embaudit.render.html.row_cards import FIRST, suspects, triplets
from embaudit.render.html.row_preview import Kept
from embaudit.render.html.templating import explained, name, page, plain, warned
from embaudit.render.pictures import leading_pictures, more_pictures
from embaudit.render.pictures.forecast_drawing import forecast_picture
from embaudit.render.safe_text import count, inert, path
from embaudit.render.words import change_tables, tables
from embaudit.render.words import change_words as changes
from embaudit.render.words.diagnosis_words import findings
from embaudit.render.words.gate_words import URGENCY, observed
from embaudit.render.words.input_line import inputs_line
from embaudit.render.words.measured_value_words import grouped
from embaudit.render.words.next_steps import next_steps
from embaudit.render.words.visibility_rules import coincide, outlook
from embaudit.report import Report, Rule
from embaudit.report.diagnosis_model import GRAVE

TOP = 50  # rules
ROWS = 200  # suspect, of each kind
STEPS = 5
# Of the paper, for those who come for it; anchors that violate saturate, and are no headline.
THEORY = ("d_iso", "thickness", "collapse_risk", "violated_triplets", "violating_anchors")
NO_ROWS: dict[str, Any] = {
    "culprits": [], "suspects": [], "classes": None, "pairs": None, "triplets": [], "first": FIRST,
}  # fmt: skip


def audit_page(
    report: Report,
    measures: Sequence[Measure],
    kept: Kept | None = None,
    assets: Path | None = None,
) -> str:
    """One self-contained page. kept: columns by input row; assets: where pictures may be read."""
    known = [measure for measure in measures if measure.id in report.measures]
    lines = {measure.id: line(measure, report.measures[measure.id]) for measure in known}
    tell = _labels_tell(report)
    advised = tell and (report.diagnosis is None or report.diagnosis.state not in GRAVE)
    ahead = tables.forecast(outlook(report)) if advised else None
    content: dict[str, Any] = {
        "version": inert(report.tool.version),
        "banner": banner(report),
        "inputs": plain(inputs_line(report)),
        "tiles": tiles(report, advised),
        "theory": [lines[id] for id in THEORY if id in lines and advised],
        **_found(report),
        "gate": report.gate.verdict,
        "blind": _blind(report),
        "warnings": warned(report.warnings),
        "baseline": _baseline(report, measures),
        "pictures": leading_pictures(report, name, kept or {}, tell),
        "no_map": _why_no_map(report),
        **(_rows(report, kept or {}, assets) if advised else NO_ROWS),
        "ahead": ahead,
        "curve": forecast_picture(report) if ahead else None,
        "advised": advised,
        "groups": [
            (group, [lines[measure.id] for measure, _ in pairs])
            for group, pairs in grouped(report, measures)
        ],
        "more": more_pictures(report, measures, name, tell),
        "explained": explained(known),
        "run": inert(report.run_id),
        **_gate(report),
    }
    content["sections"] = _sections(content)
    return page("audit.html", **content)


def _labels_tell(report: Report) -> bool:
    """Whether rows can be told by their labels."""
    if report.diagnosis is not None:
        return report.diagnosis.labels_tell
    return not coincide(report)


def _found(report: Report) -> dict[str, Any]:
    """What to do, with its commands, and the findings; what is a step is not said there again."""
    found = report.diagnosis
    steps = next_steps(report, name, STEPS)
    return {"steps": steps, "findings": list(findings(report)) if found is None else told(found)}


def _why_no_map(report: Report) -> str:
    found = report.distributions and report.distributions.map
    return (found and found.reason) or ""


def _rows(report: Report, kept: Kept, assets: Path | None) -> dict[str, Any]:
    """What is told of rows, classes and triplets."""
    return {
        "culprits": list(tables.culprits(report, most=ROWS)),
        "suspects": suspects(report, kept, assets),
        "classes": class_table(report),
        "pairs": pair_table(report),
        "triplets": triplets(report, kept, assets),
        "first": FIRST,
    }


def _blind(report: Report) -> bool:
    """Whether a gate passed that does not look at what is wrong."""
    found = report.diagnosis
    return report.gate.verdict == "pass" and found is not None and found.state in GRAVE


def _sections(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, title in (
        ("steps", "Next"),
        ("findings", "Findings"),
        ("rules", "Gate"),
        ("baseline", "Against the baseline"),
        ("pictures", "Pictures"),
        ("classes", "Classes"),
        ("culprits", "Suspect rows"),
        ("triplets", "Hardest triplets"),
        ("ahead", "Forecast"),
    ):
        if content[key]:
            yield {"rules": "gate"}.get(key, key), title
    yield "measures", "All measures"
    yield "explained", "What the numbers mean"


def _gate(report: Report) -> dict[str, Any]:
    rules: Sequence[Rule] = report.gate.rules
    more = len(rules) - TOP
    if more > 0:
        rules = sorted(rules, key=lambda rule: URGENCY.index(rule.status))[:TOP]
    return {
        "rules": [
            {
                "status": rule.status,
                "level": rule.level,
                "rule": inert(rule.rule, 200),
                "measure": rule.measure if rule.measure in report.measures else None,
                "observed": observed(rule),
                "remedy": inert(rule.remedy, 600) if rule.status != "pass" else "",
            }
            for rule in rules
        ],
        "more_rules": f"{count(more, 'more rule')}, none more urgent." if more > 0 else "",
    }


def _baseline(report: Report, measures: Sequence[Measure]) -> dict[str, Any] | None:
    compared = report.baseline
    if compared is None:
        return None
    contents = change_tables.changes(compared, measures), change_tables.classes(compared)
    return {
        "path": path(compared.path, 80),
        "findings": list(changes.findings(compared)),
        "tables": [content for content in contents if content is not None],
    }
