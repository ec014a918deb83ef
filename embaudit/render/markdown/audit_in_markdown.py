"""A report as Markdown: verdict and gate first, every text from data inert, never above 1 MB."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from embaudit.render.text import count, inert, label
from embaudit.render.words import change_words as changes
from embaudit.render.words import tables
from embaudit.render.words.answers import Mark, findings
from embaudit.render.words.diagnosis_words import outlook
from embaudit.render.words.inputs import inputs_line
from embaudit.render.words.next_steps import beside_steps, next_steps
from embaudit.render.words.reading import grouped, shown
from embaudit.render.words.steps import command_lines, command_of
from embaudit.report import Measure, Report, Rule
from embaudit.report.command import Pasted
from embaudit.report.model import LabelField

MARKS: dict[Mark, str] = {"good": "✓", "note": "·", "warning": "!", "bad": "✗", "unknown": "?"}
TOP = 20  # of whatever grows with the data: GitHub drops a step summary above 1 MiB
MOST_RULES = 50
LONGEST = 2000  # cells of what is said of a finding
WIDE = 100  # cells of a line of code
URGENCY = ("fail", "undecided", "warn", "pass")

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "@": "&#64;"}
_ESCAPED = _ENTITIES | {mark: f"\\{mark}" for mark in "\\`*[]~$!"}
_PROSE = str.maketrans(_ESCAPED)
_EMPHASIS = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")  # inside a word it is no markup


def render_markdown(report: Report, measures: Sequence[Measure]) -> str:
    """The whole page; its size does not grow with the classes, the rules or the labels."""
    return "\n".join(_lines(report, measures)) + "\n"


def code(text: str, most: int = 60) -> str:
    """Text from data as a code span, in which neither HTML nor links nor mentions live.

    Backticks would end the span and pipes the table cell: both are shown as escapes.
    """
    shown = inert(text, most).replace("`", "\\x60").replace("|", "\\x7c")
    return f"`{shown}`" if shown.strip() else "``` ```"


def prose(text: str, most: int = 600) -> str:
    """A sentence in which nothing is markup, nor a link."""
    plain = inert(text, most).translate(_PROSE)
    for link, broken in (("://", "&#58;//"), ("www.", "www&#46;"), ("mailto:", "mailto&#58;")):
        plain = plain.replace(link, broken)
    plain = plain.replace("#", "\\#").replace("&\\#", "&#")
    return _EMPHASIS.sub(r"\\_", plain)


def table(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A pipe table of (title, left or right) columns; cells are already Markdown."""
    yield "| " + " | ".join(title for title, _ in columns) + " |"
    yield "|" + "|".join(" ---: " if side == "right" else " --- " for _, side in columns) + "|"
    for row in rows:
        yield "| " + " | ".join(cell.replace("\n", " ") or " " for cell in row) + " |"


def numbered(steps: Iterable[str], write: Callable[[str], str] = prose) -> Iterator[str]:
    """Steps as a list, each with the command that does it in a block of code."""
    for number, step in enumerate(steps, 1):
        yield f"{number}. {write(step)}"
        yield from _block(command_of(step), "   ")


def _block(command: Pasted | None, indent: str) -> Iterator[str]:
    """A command as a block of code below an item of a list."""
    if command is not None:
        lines = ("```sh", *command_lines(command, WIDE), "```")
        yield from ("", *(f"{indent}{line}" for line in lines), "")


def _lines(report: Report, measures: Sequence[Measure]) -> Iterator[str]:
    yield "# Embedding audit"
    yield ""
    for finding in beside_steps(report, findings(report)):
        details = prose(" ".join(filter(None, (*finding.details, finding.remedy))), LONGEST)
        yield f"- {MARKS[finding.mark]} **{prose(finding.headline)}** {details}".rstrip()
        yield from _block(finding.command, "  ")
    yield from _gate(report)
    yield from ("", "## Next", "")
    yield from numbered(next_steps(report, name, write=prose), str)
    yield from _baseline(report, measures)
    yield from ("", "## Audited", "", prose(f"Read from {inputs_line(report)}."))
    if report.warnings:
        yield ""
    for notice in report.warnings[:TOP]:
        yield f"- Warning: {prose(notice.message)}"
    if len(report.warnings) > TOP:
        yield f"- {count(len(report.warnings) - TOP, 'more warning')}: see the JSON report."
    yield from _readings(report, measures)
    for content in (
        *tables.culprits(report, name, most=TOP),
        tables.confused(report, name, most=TOP),
        tables.classes(report, name, most=TOP),
        tables.forecast(outlook(report)),
        tables.triplets(report, name, most=TOP),
    ):
        if content is not None:
            yield from ("", f"## {content.title}", "")
            yield from table(content.columns, content.rows)
            yield from ("", content.note) if content.note else ()
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
    yield from table([(title, "left") for title in titles], rows)
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
    for content in (changes.changes(compared, measures), changes.classes(compared, name)):
        if content is not None:
            yield from ("", f"### {content.title}", "")
            yield from table(content.columns, content.rows)


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
        yield from table(columns, rows)


def name(value: LabelField | None) -> str:
    """A label as a code span; quotes keep 1 and '1' apart."""
    return "-" if value is None else code(label(value, 60), 80)
