"""The projection: options -> data -> the nearest separated set -> what it moves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.data import EmbeddingSet, Label, Notice
from embaudit.errors import UsageError, option
from embaudit.evidence import Evidence
from embaudit.geometry.balls import enclosing_balls
from embaudit.geometry.mean_and_covariance import moments_of
from embaudit.geometry.pairs import Pairs, is_triplet_separated
from embaudit.geometry.separated_map_effort import BATCH
from embaudit.measures import D_HAUS, nearest_map
from embaudit.report import Reading
from embaudit.report.acknowledged_notices import heard
from embaudit.report.dataframe_mixin import Columns, Tabular
from embaudit.report.display_mixins import Displayed
from embaudit.report.invocation import Invocation
from embaudit.report.projection_document import MovedRow, Projection, ProjectionOptions, Spread
from embaudit.search import Progress, isometric_error, silent
from embaudit.settings.settings import Settings, settings_among
from embaudit.verbs.input_coercion import Given, names_of
from embaudit.verbs.provenance import chosen_of
from embaudit.verbs.run_context import RunContext, run_context_on

FURTHEST = 20
ROUNDED = 1e-6  # of the interval: a displacement beyond it is not what was found
STILL = 1e-12  # of the radius: a row that moves by less has not moved


@dataclass(frozen=True, repr=False)
class Projected(Tabular, Displayed):
    """A projection with its arrays, a row for each audited row in the order of the input.

    vectors: (N, n) float64, the separated set f*, in the units of the input (under cosine: of unit
    vectors; f* may leave the sphere). displacement: (N,). rows: (N,) input rows.
    """

    told: Projection
    vectors: Floats
    displacement: Floats
    rows: Rows
    labels: tuple[Label, ...]
    ids: tuple[Label, ...] | None

    def columns(self) -> Columns:
        """The table of rows."""
        return self.table()

    def table(self) -> dict[str, Any]:
        """A line a row, by the names of its columns: what it is, how far it moves and where to."""
        own = {} if self.ids is None else {"id": self.ids}
        moved = {"displacement": self.displacement, "embedding": self.vectors}
        return {"row": self.rows, "label": self.labels, **own, **moved}


def project(
    embeddings: Any,
    labels: Any = None,
    *,
    metric: str = "l2",
    ids: Any = None,
    embedding_column: str | None = None,
    label_column: str | None = None,
    id_column: str | None = None,
    unpack_bits: bool = False,
    drop: str | Sequence[str] = (),
    ignore_label: Label | Sequence[Label] = (),
    acknowledge: str | Sequence[str] = (),
    sample: int | None = None,
    effort: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    memory_budget: str | int | None = None,
    progress: Progress = silent,
) -> Projected:
    """The nearest triplet-separated set found for embeddings (N, n) with N labels.

    Embeddings and labels are given as to `embaudit.audit`, also as paths. At most BATCH rows: give
    `sample` for more. effort: 1 to 6. The other options are those of `audit`.

    Raises InputRefused for data that cannot be audited, BudgetExceeded, UsageError for options.
    """
    settings = settings_among(locals(), search="exact")
    names = names_of(embedding_column, label_column, id_column)
    return projected(Given(embeddings, labels, ids, settings, names).read(), settings, progress)


def check_size(rows: int) -> None:
    """Raise UsageError for more rows than are searched."""
    if rows > BATCH:
        raise UsageError(
            f"{rows:,} rows are too many to project: every step compares all pairs, so {BATCH:,} "
            "rows are the most.",
            f"Project a sample that keeps the classes' shares: {option('sample', BATCH - 48)}.",
        )


def projected(
    data: EmbeddingSet,
    settings: Settings,
    progress: Progress = silent,
    invocation: Invocation | None = None,
) -> Projected:
    """Project a validated set with checked settings."""
    check_size(data.size)
    if settings.effort == 0:
        raise UsageError("effort: a projection is a search.", "Give 1 to 6.")
    settings = settings.model_copy(update={"effort": settings.effort or 1})
    with run_context_on(data, settings, progress) as session:
        evidence = session.evidence
        with session.timing("scan"):
            evidence.scan  # noqa: B018 - timed by name
        with session.timing("search"):
            g, found_by = nearest_map(evidence)
            bound = D_HAUS.compute(evidence)
        d_haus = D_HAUS.reading(bound, _rms(evidence))
        return _document(session, g, found_by, d_haus, invocation)


def _rms(evidence: Evidence) -> float:
    return evidence.moments.rms_pair_distance * evidence.unit


def _document(
    session: RunContext, g: Floats, found_by: str, d_haus: Reading, invocation: Invocation | None
) -> Projected:
    """g: the separated set, less the mean of the points."""
    evidence, unit = session.evidence, session.evidence.unit
    data, before = evidence.data, evidence.points.floats(slice(None))
    placed = before if d_haus.value == 0 else g + evidence.moments.mean
    moved = np.sqrt(np.square(before - placed).sum(axis=1)) * unit
    options = ProjectionOptions(
        metric=evidence.metric, effort=evidence.effort, seed=evidence.seed, **chosen_of(data)
    )
    told = Projection(
        **session.header(options),
        invocation=invocation,
        **heard(
            (*data.notices, *_cautions(evidence, placed, moved.max(), d_haus)),
            session.settings.acknowledge,
        ),
        d_haus=d_haus,
        found_by=found_by,
        largest_displacement=float(moved.max()),
        median_displacement=float(np.median(moved)),
        moved_rows=int((moved > STILL * evidence.ball.radii[0] * unit).sum()),
        largest_change=isometric_error(evidence.points, g, evidence.progress) * unit,
        **_spreads(evidence, Points(g)),
        furthest=tuple(_furthest(data, moved)),
    )
    order = np.argsort(data.rows, kind="stable")
    return Projected(
        told,
        placed[order] * unit,
        moved[order],
        data.input_rows[order],
        tuple(data.classes[code] for code in data.codes[order]),
        _ids(data, order),
    )


def _spreads(evidence: Evidence, after: Points) -> dict[str, Any]:
    """How far the rows spread, before and after they moved, by the names of the document."""
    unit = evidence.unit
    rms = moments_of(after, evidence.data.starts).rms_pair_distance
    return {
        "rms_pair_distance": Spread(before=_rms(evidence), after=rms * unit),
        "enclosing_radius": Spread(
            before=float(evidence.ball.radii[0]) * unit, after=_radius(after) * unit
        ),
    }


def _furthest(data: EmbeddingSet, moved: Floats) -> Iterator[MovedRow]:
    """The rows that move the furthest; of equals the first of the input."""
    for row in np.lexsort((data.input_rows, -moved))[:FURTHEST].tolist():
        yield MovedRow(
            row=int(data.input_rows[row]),
            id=None if data.ids is None else data.id_of(row),
            label=data.classes[data.codes[row]],
            displacement=float(moved[row]),
        )


def _ids(data: EmbeddingSet, order: Rows) -> tuple[Label, ...] | None:
    if data.ids is None:
        return None
    return tuple(label for row in order if (label := data.id_of(int(row))) is not None)


def _radius(points: Points) -> float:
    centre = points.floats(slice(None)).mean(axis=0)[None]
    return float(enclosing_balls(points, np.array([0, points.size]), centre).radii[0])


def _cautions(
    evidence: Evidence, placed: Floats, largest: float, d_haus: Reading
) -> Iterator[Notice]:
    if evidence.metric == "cosine":
        yield Notice(
            "unit_vectors",
            "f* lies near the unit vectors and may leave the sphere: audit it with --metric l2.",
        )
    if d_haus.value == 0 or d_haus.upper is None:
        return
    starts, points = evidence.data.starts, Points(placed)
    centred = moments_of(points, starts).centred(points.floats(slice(None)))
    separated = is_triplet_separated(Pairs(starts), centred) or not centred.any()
    if not separated or largest > d_haus.upper * (1 + ROUNDED):
        yield Notice(
            "rounded",
            "Where the set lies, float64 rounds off what f* tells: some of its triplets may be "
            "tied or violated, and rows further off than found. Centre the embeddings first.",
        )
