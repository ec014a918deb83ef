"""A series of checkpoints as Markdown."""

from collections.abc import Iterator

from embaudit.render.markdown.escapes import code, plain, prose
from embaudit.render.markdown.in_markdown import MARKS as MARKDOWN_MARKS
from embaudit.render.markdown.in_markdown import numbered, pipes
from embaudit.render.terminal.page import WARNINGS
from embaudit.render.words.checkpoint_rows import CURVE_TITLES, MOST, SCALE, columns_of, shown_rows
from embaudit.render.words.curves import curves, grouped
from embaudit.render.words.inputs import trend_inputs_line
from embaudit.render.words.trend_words import findings, next_steps
from embaudit.report.trend import Trend


def trend_markdown(trend: Trend) -> str:
    """The same as Markdown; its size does not grow with the number of checkpoints."""
    return "\n".join(_markdown(trend)) + "\n"


def _markdown(trend: Trend) -> Iterator[str]:
    yield from ("# Series of checkpoints", "")
    for finding in findings(trend):
        details = prose(" ".join(finding.details))
        headline = prose(finding.headline)
        yield f"- {MARKDOWN_MARKS[finding.mark]} **{headline}** {details}".rstrip()
    yield from ("", "## Next", "")
    yield from numbered(next_steps(trend))
    rows, note = shown_rows(trend)
    columns = columns_of(trend, rows)
    names = [code(trend.checkpoints[row].name) for row in rows]
    titles = [("checkpoint", "left")]
    titles += [(prose(one.title), "left" if one.title == "state" else "right") for one in columns]
    yield from ("", "## Checkpoints", "")
    yield from pipes(titles, list(zip(names, *(one.texts for one in columns), strict=True)))
    yield from ("", note) if note else ()
    yield from _markdown_curves(trend)
    yield from ("", prose(f"Read from {plain(trend_inputs_line(trend))}."))
    yield from ("",) if trend.warnings else ()
    for notice in trend.warnings[:WARNINGS]:
        yield f"- Warning: {prose(notice.message)}"
    yield from ("", f"embaudit {prose(trend.tool.version)}, run {code(trend.run_id)}")


def _markdown_curves(trend: Trend) -> Iterator[str]:
    groups = grouped(len(trend.checkpoints), MOST)
    found = curves(trend)
    if not found:
        return
    yield from ("", "## Over the series", "", SCALE, "")
    titles = [("measure", "left"), ("curve", "left"), *((one, "right") for one in CURVE_TITLES)]
    rows = [(code(one.title), "".join(one.bars(groups)), *one.ends) for one in found]
    yield from pipes(titles, rows)
