"""What was mined, to look at: how many triplets, who has none and why, what filters removed."""

from collections.abc import Iterator

from rich.console import Console

from embaudit.render.markdown.audit_in_markdown import MARKS as MARKDOWN_MARKS
from embaudit.render.markdown.audit_in_markdown import name as markdown_name
from embaudit.render.markdown.audit_in_markdown import prose, table
from embaudit.render.terminal.page import Page
from embaudit.render.text import count, figure
from embaudit.render.words.answers import Finding
from embaudit.render.words.inputs import mining_inputs_line
from embaudit.render.words.tables import Content, triplets_of
from embaudit.report.mined import Mining

TITLE = "Triplets with the largest gaps"
FILTERS = {
    "duplicates": "copies of a row of another label",
    "min_distance": "nearer than --min-distance",
    "relative_margin": "too similar beside the positive for --relative-margin",
    "agreement": "with neighbours of the anchor's label",
}
WINDOWS = {
    "hardest": "no negative at all",
    "semi-hard": "no negative beyond the positive within the margin",
    "multi-similarity": "no negative within epsilon of the positives",
    "percentile": "no negative in the band",
}


def render_mining(mining: Mining, console: Console) -> None:
    """Print what was mined; the console comes from `console_for`."""
    page = Page(console)
    page.opening(mining.tool, mining.run_id, findings(mining))
    page.steps(steps(mining))
    page.table(triplets_of(TITLE, mining.examples, page.name))
    page.source("Mined", mining_inputs_line(mining, page.ascii_only), mining.warnings)


def mining_markdown(mining: Mining) -> str:
    """The same as Markdown."""
    lines = ["# Mined triplets", ""]
    for finding in findings(mining):
        details = prose(" ".join(finding.details))
        headline = prose(finding.headline)
        lines.append(f"- {MARKDOWN_MARKS[finding.mark]} **{headline}** {details}".rstrip())
    content: Content | None = triplets_of(TITLE, mining.examples, markdown_name)
    if content is not None:
        lines += ["", f"## {content.title}", "", *table(content.columns, content.rows)]
    lines += ["", prose(f"Mined: {mining_inputs_line(mining)}.")]
    lines += [f"- Warning: {prose(notice.message)}" for notice in mining.warnings]
    lines += ["", f"embaudit {prose(mining.tool.version)}, run {prose(mining.run_id)}"]
    return "\n".join(lines) + "\n"


def findings(mining: Mining) -> Iterator[Finding]:
    """What was found, who has nothing, and what the filters removed."""
    if not mining.triplets:
        yield Finding("bad", "No triplet was found", (_without(mining),))
    else:
        yield _found(mining)
        if mining.data.rows > mining.anchors or mining.short:
            yield _missing(mining)
    removed = mining.removed.model_dump()
    parts = [f"{amount:,} {FILTERS[name]}" for name, amount in removed.items() if amount]
    if parts:
        total = count(sum(removed.values()), "negative")
        yield Finding(
            "warning",
            f"Of the mode's own choice {total} were left out as probably false",
            (f"{'; '.join(parts)}. The next ones took their place, where there were any.",),
        )


def _found(mining: Mining) -> Finding:
    rule = mining.options.rule
    assert mining.d_positive is not None
    assert mining.d_negative is not None
    assert mining.violated is not None
    return Finding(
        "good",
        f"{count(mining.triplets, 'triplet')} of {count(mining.anchors, 'anchor')}: "
        f"{rule.mode} negatives, {rule.positive} positive",
        (
            f"Mean distance {figure(mining.d_positive)} to the positive and "
            f"{figure(mining.d_negative)} to the negative; "
            f"{figure(mining.violated, 'fraction')} are violated.",
        ),
    )


def _missing(mining: Mining) -> Finding:
    without = mining.data.rows - mining.anchors
    short = f"Anchors with fewer negatives than were asked for: {mining.short:,}."
    details = [_without(mining)] if without else []
    details += [short] if mining.short else []
    return Finding("warning", f"{count(without, 'row')} without a triplet", tuple(details))


def _without(mining: Mining) -> str:
    """Why rows have no triplet."""
    told = mining.without
    parts = [
        (told.no_positive, "alone in their class"),
        (told.no_negative, WINDOWS[mining.options.rule.mode]),
        (told.filtered, "all of their negatives left out"),
    ]
    shown = "; ".join(f"{amount:,}: {why}" for amount, why in parts if amount)
    return f"{shown}."


def steps(mining: Mining) -> Iterator[str]:
    """What to do next."""
    if not mining.triplets:
        yield "Widen the mode (--margin, --epsilon, --band), or loosen the filters."
        return
    yield (
        "Train on them: -o triplets.parquet holds them all, with --text-column NAME as anchor, "
        "positive, negative."
    )
    if not mining.options.rule.agreement:
        yield (
            "The hardest negatives are often mislabelled rows: look at those below, and leave "
            "likely ones out with --agreement."
        )
