"""A projection to look at: how far the nearest separated set is, and which rows move."""

from collections.abc import Iterator

from rich.console import Console

from embaudit.projection import Projection
from embaudit.render.inputs import projection_inputs_line
from embaudit.render.markdown import MARKS as MARKDOWN_MARKS
from embaudit.render.markdown import name as markdown_name
from embaudit.render.markdown import prose, table
from embaudit.render.page import Page
from embaudit.render.tables import moved_rows
from embaudit.render.text import count, figure
from embaudit.render.verdict import Finding

STEPS = [
    "Look at the rows that move most: they are mislabelled, outliers, or where classes overlap.",
    "Write f* with -o fstar.npy, or with each row's displacement with -o fstar.parquet.",
]
SHRUNK = 0.5  # of the radius: below it, the separated set counts as collapsed in part


def render_projection(projection: Projection, console: Console) -> None:
    """Print a projection; the console comes from `console_for`."""
    page = Page(console)
    page.opening(projection.tool, projection.run_id, findings(projection), STEPS)
    page.table(moved_rows(projection, page.name))
    page.source(
        "Projected", projection_inputs_line(projection, page.ascii_only), projection.warnings
    )


def projection_markdown(projection: Projection) -> str:
    """The same as Markdown."""
    lines = ["# Nearest triplet-separated set", ""]
    for finding in findings(projection):
        details = prose(" ".join(finding.details))
        headline = prose(finding.headline)
        lines.append(f"- {MARKDOWN_MARKS[finding.mark]} **{headline}** {details}".rstrip())
    content = moved_rows(projection, markdown_name)
    if content is not None:
        lines += ["", f"## {content.title}", "", *table(content.columns, content.rows)]
    lines += ["", prose(f"Projected: {projection_inputs_line(projection)}.")]
    lines += [f"- Warning: {prose(notice.message)}" for notice in projection.warnings]
    tool = projection.tool
    lines += ["", f"embaudit {prose(tool.version)}, run {prose(projection.run_id)}"]
    return "\n".join(lines) + "\n"


def findings(projection: Projection) -> Iterator[Finding]:
    """How far the separated set is, what it does to pair distances, and whether it shrinks."""
    bound = projection.d_haus
    if bound.value == 0:
        yield Finding("good", "The classes are triplet-separated: f* is the set itself")
        return
    assert bound.lower is not None
    share = projection.largest_displacement / projection.rms_pair_distance.before
    yield Finding(
        "warning",
        f"A separated set lies {figure(projection.largest_displacement)} away "
        f"({share:.2f} of the RMS pair distance)",
        (
            f"No row moves further; half of them by {figure(projection.median_displacement)} or "
            f"less, and {count(projection.moved_rows, 'row')} at all.",
            f"Certified: none lies nearer than {figure(bound.lower)}.",
            f"Found: {projection.found_by}.",
        ),
    )
    yield Finding(
        "unknown",
        f"Pair distances change by {figure(projection.largest_change)} at most",
    )
    radius = projection.enclosing_radius
    change = radius.after / radius.before
    grows = "grows" if change > 1 else "shrinks"
    yield Finding(
        "warning" if change < SHRUNK else "unknown",
        f"On the way the set {grows} to {change:.0%} of its radius",
        (
            f"The enclosing radius goes from {figure(radius.before)} to {figure(radius.after)}, "
            f"the RMS pair distance from {figure(projection.rms_pair_distance.before)} to "
            f"{figure(projection.rms_pair_distance.after)}.",
            "Hard negative mining pulls towards such a set: the smaller it is, the nearer is "
            "collapse.",
        ),
    )
