"""What was mined, to look at: how many triplets, who has none and why, what filters removed."""

from collections.abc import Iterator

from embaudit.render.safe_text import count, figure
from embaudit.render.words.block_document import BlockDocument, Detail, hint
from embaudit.render.words.block_types import Answer, Answers, SourceBlock, Steps
from embaudit.render.words.input_line import mining_inputs_line
from embaudit.render.words.tables import there, triplets_of
from embaudit.report.mining_document import Mining

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


def mining_document(mining: Mining) -> BlockDocument:
    """What was mined, and from what."""
    told = Answers(tuple(findings(mining)))
    hardest, inputs = triplets_of(TITLE, mining.examples), mining_inputs_line(mining)
    return BlockDocument(
        "Mined triplets",
        mining.tool.version,
        mining.run_id,
        (
            told,
            Steps(tuple(steps(mining))),
            Detail((*there(hardest), SourceBlock("Mined", "Mined: ", inputs, mining.warnings))),
            hint("The triplets with the largest gaps"),
        ),
        inputs,
    )


def findings(mining: Mining) -> Iterator[Answer]:
    """What was found, who has nothing, and what the filters removed."""
    if not mining.triplets:
        yield Answer("bad", "No triplet was found", (_without(mining),))
    else:
        yield _found(mining)
        if mining.data.rows > mining.anchors or mining.short:
            yield _missing(mining)
    removed = mining.removed.model_dump()
    parts = [f"{amount:,} {FILTERS[name]}" for name, amount in removed.items() if amount]
    if parts:
        total = count(sum(removed.values()), "negative")
        yield Answer(
            "warning",
            f"Of the mode's own choice {total} were left out as probably false",
            (f"{'; '.join(parts)}. The next ones took their place, where there were any.",),
        )


def _found(mining: Mining) -> Answer:
    rule = mining.options.rule
    assert mining.d_positive is not None
    assert mining.d_negative is not None
    assert mining.violated is not None
    return Answer(
        "good",
        f"{count(mining.triplets, 'triplet')} of {count(mining.anchors, 'anchor')}: "
        f"{rule.mode} negatives, {rule.positive} positive",
        (
            f"Mean distance {figure(mining.d_positive)} to the positive and "
            f"{figure(mining.d_negative)} to the negative; "
            f"{figure(mining.violated, 'fraction')} are violated.",
        ),
    )


def _missing(mining: Mining) -> Answer:
    without = mining.data.rows - mining.anchors
    short = f"Anchors with fewer negatives than were asked for: {mining.short:,}."
    details = [_without(mining)] if without else []
    details += [short] if mining.short else []
    return Answer("warning", f"{count(without, 'row')} without a triplet", tuple(details))


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
            "The hardest negatives are often mislabelled rows: look at the largest gaps (--full), "
            "and leave likely ones out with --agreement."
        )
