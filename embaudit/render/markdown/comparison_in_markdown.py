"""Reports side by side as Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from embaudit.render.markdown.escapes import code, plain, prose
from embaudit.render.markdown.in_markdown import MARKS, lines_of, numbered
from embaudit.render.words import change_words as changes
from embaudit.render.words.comparison_words import next_steps, side_by_side
from embaudit.report import Measure
from embaudit.report.comparison import Comparison


def comparison_markdown(comparison: Comparison, measures: Sequence[Measure]) -> str:
    """The same as Markdown."""
    return "\n".join(_lines(comparison, measures)) + "\n"


def _lines(comparison: Comparison, measures: Sequence[Measure]) -> Iterator[str]:
    yield "# Comparison of embedding audits"
    first = code(comparison.reports[0].path)
    for report, one in zip(comparison.reports[1:], comparison.against_first, strict=True):
        yield from ("", f"## {code(report.path)} against {first}", "")
        for finding in changes.findings(one):
            details = prose(" ".join(finding.details))
            yield f"- {MARKS[finding.mark]} **{prose(finding.headline)}** {details}".rstrip()
        for content in (changes.changes(one, measures, None), changes.classes(one)):
            if content is not None:
                yield from lines_of(replace(content, level=3, note=""))
    if len(comparison.reports) > 2:
        content = side_by_side(comparison, measures)
        title, _, *rows = tuple(lines_of(replace(content, note="")))[1:]
        yield from ("", title, "", prose(plain(content.note)), "", *rows)
    steps = next_steps(comparison)
    yield from ("", "## Next", "") if steps else ()
    yield from numbered(steps)
    yield from ("", f"embaudit {prose(comparison.tool.version)}")
