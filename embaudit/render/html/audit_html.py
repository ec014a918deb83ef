"""An audit as a page: verdict, gate and the numbers that matter first, then what they rest on."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from embaudit.render.html.banner import banner, told
from embaudit.render.html.numbers import line
from embaudit.render.html.row_cards import suspects, triplets
from embaudit.render.html.row_preview import Kept
from embaudit.render.html.template import explained, name, page, plain, warned
from embaudit.render.html.tiles import tiles
from embaudit.render.pictures import pictures_of
from embaudit.render.text import count, inert, path
from embaudit.render.words import change_tables, tables
from embaudit.render.words import change_words as changes
from embaudit.render.words.answers import findings
from embaudit.render.words.diagnosis_words import coincide, outlook
from embaudit.render.words.gate_words import URGENCY, observed
from embaudit.render.words.inputs import inputs_line
from embaudit.render.words.measure_words import grouped
from embaudit.render.words.next_steps import next_steps
from embaudit.render.words.steps import command_of
from embaudit.render.words.text_blocks import TableBlock
from embaudit.report import Measure, Report, Rule
from embaudit.report.diagnosis import GRAVE

TOP = 50  # classes, pairs of classes, rules
ROWS = 200  # to blame, of each kind
STEPS = 5
# Of the paper, for those who come for it; anchors that violate saturate, and are no headline.
THEORY = ("d_iso", "thickness", "collapse_risk", "violated_triplets", "violating_anchors")
NO_ROWS: dict[str, Any] = {"culprits": [], "suspects": [], "worst": [], "triplets": []}


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
    content: dict[str, Any] = {
        "version": inert(report.tool.version),
        "banner": banner(report),
        "inputs": plain(inputs_line(report)),
        **_found(report, tell),
        "gate": report.gate.verdict,
        "blind": _blind(report),
        "tiles": tiles(report, tell),
        "theory": [lines[id] for id in THEORY if id in lines],
        "warnings": warned(report.warnings),
        "baseline": _baseline(report, measures),
        **(_rows(report, kept or {}, assets) if tell else NO_ROWS),
        "pictures": pictures_of(report, measures, name),
        "ahead": _tables(tables.forecast(outlook(report))) if tell else [],
        "tell": tell,
        "groups": [
            (group, [lines[measure.id] for measure, _ in pairs])
            for group, pairs in grouped(report, measures)
        ],
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


def _found(report: Report, tell: bool) -> dict[str, Any]:
    """The findings, and steps beyond their remedies.

    Of a set that has to be mended first, the findings are the steps.
    """
    found = report.diagnosis
    if found is None:
        return {"findings": list(findings(report)), "steps": next_steps(report, name, STEPS)}
    if not tell or found.state in GRAVE:
        return {"findings": told(found), "steps": []}
    known = {text for one in found.findings for text in (one.remedy, one.command) if text}
    steps = (
        step
        for step in next_steps(report, name, STEPS)
        if not {step, str(command_of(step))} & known
    )
    return {"findings": told(found), "steps": list(steps)}


def _rows(report: Report, kept: Kept, assets: Path | None) -> dict[str, Any]:
    """What is told of rows, classes and triplets."""
    return {
        "culprits": list(tables.culprits(report, most=ROWS)),
        "suspects": suspects(report, kept, assets),
        "worst": _tables(tables.confused(report, TOP), tables.classes(report, most=TOP)),
        "triplets": triplets(report, kept, assets),
    }


def _blind(report: Report) -> bool:
    """Whether a gate passed that does not look at what is wrong."""
    found = report.diagnosis
    return report.gate.verdict == "pass" and found is not None and found.state in GRAVE


def _sections(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "findings", "Findings"
    yield "numbers", "The numbers that matter"
    for key, title in (
        ("rules", "Gate"),
        ("baseline", "Against the baseline"),
        ("culprits", "Rows to blame"),
        ("worst", "Classes"),
        ("triplets", "Hardest triplets"),
        ("pictures", "Pictures"),
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


def _tables(*contents: TableBlock | None) -> list[TableBlock]:
    return [content for content in contents if content is not None]
