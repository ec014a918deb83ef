"""A projection to look at: how far the nearest separated set is, and which rows move."""

from collections.abc import Iterator

from embaudit.render.safe_text import count, figure
from embaudit.render.words.block_document import BlockDocument, Detail, hint
from embaudit.render.words.block_types import Answer, Answers, SourceBlock, Steps
from embaudit.render.words.input_line import projection_inputs_line
from embaudit.render.words.step_command import NextStep
from embaudit.render.words.tables import moved_rows, there
from embaudit.report.projection_document import Projection

SEPARATED = "Nothing has to move. See how wide the margin is:"
COLLAPSED = "Separated as a point is: go back to an earlier checkpoint. See how far it has fallen:"
BLAME = "See which triplets are violated most, and what the rows are:"
KEEP = "Keep f* with -o fstar.npy, or with each row's displacement with -o fstar.parquet."


def projection_document(projection: Projection) -> BlockDocument:
    """How far the nearest separated set is, and which rows have to move."""
    told = Answers(tuple(findings(projection)))
    inputs = projection_inputs_line(projection)
    source = SourceBlock("Projected", "Projected: ", inputs, projection.warnings)
    return BlockDocument(
        "Nearest triplet-separated set",
        projection.tool.version,
        projection.run_id,
        (
            told,
            Steps(tuple(steps(projection))),
            Detail((*there(moved_rows(projection)), source)),
            hint("The rows that move most"),
        ),
        inputs,
    )


def steps(projection: Projection) -> list[str]:
    """What to do about it."""
    asked = projection.invocation
    audit = asked.then("audit") if asked else None
    if projection.d_haus.value == 0:
        return [NextStep(COLLAPSED if _collapsed(projection) else SEPARATED, audit)]
    return [NextStep(BLAME, audit), KEEP]


def _collapsed(projection: Projection) -> bool:
    """Half of the rows or more share their place with another."""
    return 2 * projection.data.duplicate_rows >= projection.data.rows


def findings(projection: Projection) -> Iterator[Answer]:
    """How far the separated set is, what it does to pair distances, and whether it shrinks."""
    bound = projection.d_haus
    if bound.value == 0 and _collapsed(projection):
        same = count(projection.data.duplicate_rows, "row")
        yield Answer(
            "bad", f"Triplet-separated in name only: {same} share their place with another"
        )
        return
    if bound.value == 0:
        yield Answer("good", "The classes are triplet-separated: f* is the set itself")
        return
    assert bound.lower is not None
    spread, radius = projection.rms_pair_distance, projection.enclosing_radius
    largest = projection.largest_displacement
    share = largest / spread.before
    rows = count(projection.moved_rows, "row")
    yield Answer(
        "warning",
        f"Some row must move by {figure(bound.lower)} to {figure(largest)} to separate all "
        f"triplets ({share:.2f} RMS pair distances)",
        (
            f"In f* {rows} of {projection.data.rows:,} move, the median by "
            f"{figure(projection.median_displacement)}; pair distances change by "
            f"{figure(projection.largest_change)} at most. The lower end is certified.",
            f"f* is {projection.found_by}.",
        ),
    )
    smaller = radius.after < radius.before and spread.after < spread.before
    yield Answer(
        "warning" if smaller else "good",
        f"f* has {radius.after / radius.before:.0%} of the enclosing radius and "
        f"{spread.after / spread.before:.0%} of the RMS pair distance",
        (
            "Hard negative mining pulls towards such a set: it shrinks."
            if smaller
            else "Hard negative mining pulls towards such a set: it does not collapse.",
        ),
    )
