"""A report as Markdown: verdict and gate first, every text from data inert, never above 1 MB."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from embaudit.render.markdown.escapes import code, name, plain, prose
from embaudit.render.markdown.in_markdown import MARKS, lines_of, numbered, pasted, pipes
from embaudit.render.text import count
from embaudit.render.words import change_words as changes
from embaudit.render.words import tables
from embaudit.render.words.answers import findings
from embaudit.render.words.diagnosis_words import outlook
from embaudit.render.words.inputs import inputs_line
from embaudit.render.words.measure_words import grouped, shown
from embaudit.render.words.next_steps import beside_steps, next_steps
from embaudit.report import Measure, Report, Rule

TOP = 20  # of whatever grows with the data: GitHub drops a step summary above 1 MiB
MOST_RULES = 50
LONGEST = 2000  # cells of what is said of a finding
URGENCY = ("fail", "undecided", "warn", "pass")


def render_markdown(report: Report, measures: Sequence[Measure]) -> str:
    """The whole page; its size does not grow with the classes, the rules or the labels."""
    return "\n".join(_lines(report, measures)) + "\n"


def _lines(report: Report, measures: Sequence[Measure]) -> Iterator[str]:
    yield "# Embedding audit"
    yield ""
    for finding in beside_steps(report, findings(report)):
        details = prose(" ".join(filter(None, (*finding.details, finding.remedy))), LONGEST)
        yield f"- {MARKS[finding.mark]} **{prose(finding.headline)}** {details}".rstrip()
        yield from pasted(finding.command, "  ")
    yield from _gate(report)
    yield from ("", "## Next", "")
    yield from numbered(next_steps(report, name, write=prose), str)
    yield from _baseline(report, measures)
    yield from ("", "## Audited", "", prose(f"Read from {plain(inputs_line(report))}."))
    if report.warnings:
        yield ""
    for notice in report.warnings[:TOP]:
        yield f"- Warning: {prose(notice.message)}"
    if len(report.warnings) > TOP:
        yield f"- {count(len(report.warnings) - TOP, 'more warning')}: see the JSON report."
    yield from _readings(report, measures)
    for content in (
        *tables.culprits(report, most=TOP),
        tables.confused(report, most=TOP),
        tables.classes(report, most=TOP),
        tables.forecast(outlook(report)),
        tables.triplets(report, most=TOP),
    ):
        if content is not None:
            yield from lines_of(content)
    yield from ("", f"embaudit {prose(report.tool.version)}, run {code(report.run_id)}")


def _gate(report: Report) -> Iterator[str]:
    rules: Sequence[Rule] = report.gate.rules
    if not rules:
        return
    yield from ("", "## Gate", "")
    more = len(rules) - MOST_RULES
    if more > 0:
        rules = sorted(rules, key=lambda rule: URGENCY.index(rule.status))[:MOST_RULES]
    titles = ("status", "rule", "observed and limit", "remedy")
    rows = [
        (
            rule.status + (" (warning only)" if rule.level == "warn" else ""),
            code(rule.rule, 200),
            prose(tables.observed(rule)),
            prose(rule.remedy) if rule.status != "pass" else "",
        )
        for rule in rules
    ]
    yield from pipes([(title, "left") for title in titles], rows)
    if more > 0:
        yield from ("", f"{count(more, 'more rule')}, none more urgent: see the JSON report.")


def _baseline(report: Report, measures: Sequence[Measure]) -> Iterator[str]:
    compared = report.baseline
    if compared is None:
        return
    yield from ("", f"## Against the baseline {code(compared.path)}", "")
    for finding in changes.findings(compared):
        details = prose(" ".join(finding.details))
        yield f"- {MARKS[finding.mark]} **{prose(finding.headline)}** {details}".rstrip()
    for content in (changes.changes(compared, measures), changes.classes(compared)):
        if content is not None:
            yield from lines_of(replace(content, level=3, note=""))


def _readings(report: Report, measures: Sequence[Measure]) -> Iterator[str]:
    columns = (
        ("measure", "left"),
        ("value", "right"),
        ("kind", "left"),
        ("interval", "left"),
        ("in RMS pair distances", "right"),
        ("reading", "left"),
    )
    for group, pairs in grouped(report, measures):
        yield from ("", f"## {prose(group)}", "")
        lines = [shown(measure, reading) for measure, reading in pairs]
        rows = [
            (
                code(one.id),
                one.value,
                one.kind,
                prose(one.interval),
                one.relative.removesuffix(" rms"),
                prose(one.says, 2000),
            )
            for one in lines
        ]
        yield from pipes(columns, rows)
