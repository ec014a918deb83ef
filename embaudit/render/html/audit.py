"""An audit as a page: verdict, gate and the numbers that matter first, then what they rest on."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from embaudit.render import changes, tables
from embaudit.render.advice import next_steps
from embaudit.render.diagnosis import coincide, outlook
from embaudit.render.headline import headline
from embaudit.render.html.cards import suspects, triplets
from embaudit.render.html.exhibits import Kept
from embaudit.render.html.numbers import line
from embaudit.render.html.page import explained, name, page, warned
from embaudit.render.inputs import inputs_line
from embaudit.render.pictures import pictures_of
from embaudit.render.reading import grouped
from embaudit.render.text import count, inert, path
from embaudit.render.verdict import findings
from embaudit.report import Measure, Report, Rule

TOP = 50  # classes, pairs of classes, rules
ROWS = 200  # to blame, of each kind
URGENCY = ("fail", "undecided", "warn", "pass")


def audit_page(
    report: Report,
    measures: Sequence[Measure],
    kept: Kept | None = None,
    assets: Path | None = None,
) -> str:
    """One self-contained page. kept: columns by input row; assets: where pictures may be read."""
    known = [measure for measure in measures if measure.id in report.measures]
    lines = {measure.id: line(measure, report.measures[measure.id]) for measure in known}
    found = list(findings(report))
    content: dict[str, Any] = {
        "version": inert(report.tool.version),
        "verdict": found[0].headline,
        "inputs": inputs_line(report),
        "findings": found,
        "gate": report.gate.verdict,
        "headline": [lines[measure.id] for measure, _ in headline(report, measures)],
        "steps": next_steps(report, name, 5),
        "warnings": warned(report.warnings),
        "baseline": _baseline(report, measures),
        "culprits": list(tables.culprits(report, name, most=ROWS)),
        "suspects": suspects(report, kept or {}, assets),
        "worst": _tables(
            tables.confused(report, name, TOP), tables.classes(report, name, most=TOP)
        ),
        "triplets": triplets(report, kept or {}, assets),
        "pictures": pictures_of(report, measures, name),
        "ahead": _tables(tables.forecast(outlook(report))),
        "fallen": coincide(report),
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


def _sections(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "verdict", "Verdict"
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
                "observed": tables.observed(rule),
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
    contents = changes.changes(compared, measures), changes.classes(compared, name)
    return {
        "path": path(compared.path, 80),
        "findings": list(changes.findings(compared)),
        "tables": [content for content in contents if content is not None],
    }


def _tables(*contents: tables.Content | None) -> list[tables.Content]:
    return [content for content in contents if content is not None]
