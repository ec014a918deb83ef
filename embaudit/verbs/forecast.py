"""The forecast: options -> data -> pressure at each batch shape -> sweep. Nothing is scanned."""

from collections.abc import Iterator, Sequence
from typing import Any

from embaudit.core.intervals import Estimate
from embaudit.data import EmbeddingSet, Label, Notice
from embaudit.errors import InputRefused
from embaudit.geometry.batch_shapes import Shape, in_order, usual_shapes
from embaudit.measures import POINT_COLLAPSE, PRECISION_AT_1, drawn_precision_at_1, row_of
from embaudit.report import STATES, State, largest_safe
from embaudit.report.acknowledged_notices import heard
from embaudit.report.forecast_document import Sweep, SweepOptions
from embaudit.report.invocation import Invocation
from embaudit.search import Progress, silent
from embaudit.settings.settings import Settings, settings_among
from embaudit.verbs.input_coercion import Given, names_of
from embaudit.verbs.provenance import chosen_of
from embaudit.verbs.run_context import run_context_on

UNTRAINED = 0.6  # precision@1 up to which a network may collapse at a rising pressure, too


def forecast(
    embeddings: Any,
    labels: Any = None,
    *,
    metric: str = "l2",
    margin: float = 0.0,
    batches: str | Sequence[str | Shape] = (),
    ids: Any = None,
    embedding_column: str | None = None,
    label_column: str | None = None,
    id_column: str | None = None,
    unpack_bits: bool = False,
    drop: str | Sequence[str] = (),
    ignore_label: Label | Sequence[Label] = (),
    acknowledge: str | Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    memory_budget: str | int | None = None,
    progress: Progress = silent,
) -> Sweep:
    """Forecast collapse under batch-hard mining of embeddings (N, n) with N labels.

    Embeddings and labels are given as to `embaudit.audit`, also as paths. batches: shapes such as
    "18x4,62x8" or [(18, 4), (62, 8)], classes x rows; by default a usual sweep up to 2,048 rows.
    margin: of the training, in units of the embeddings. The other options are those of `audit`,
    which gives the same figures for the same shape and seed.

    Raises InputRefused for data without a batch to draw, BudgetExceeded, UsageError for options.
    """
    settings = settings_among(locals(), search="exact")
    names = names_of(embedding_column, label_column, id_column)
    return sweep(Given(embeddings, labels, ids, settings, names).read(), settings, progress)


def sweep(
    data: EmbeddingSet,
    settings: Settings,
    progress: Progress = silent,
    invocation: Invocation | None = None,
) -> Sweep:
    """Forecast a validated set with checked settings."""
    usual = usual_shapes(data.sizes)
    if not usual:
        raise InputRefused(
            "labels: fewer than two classes have two rows, so no batch has a positive and a "
            "negative."
        )
    shapes = in_order(settings.batches) or usual
    settings = settings.model_copy(update={"batches": shapes})
    with run_context_on(data, settings, progress) as session:
        evidence = session.evidence
        with session.timing("state"):
            state = STATES[int(POINT_COLLAPSE.compute(evidence).value or 0)]
            precision = drawn_precision_at_1(evidence)
        with session.timing("batches"):
            forecasts = [evidence.forecast_at(shape) for shape in shapes]
    rows = tuple(
        row_of(one, state == "collapsed", settings.margin) for one in forecasts if one is not None
    )
    return Sweep(
        **session.header(_options(settings, data)),
        invocation=invocation,
        **heard(data.notices, settings.acknowledge),
        cautions=heard(_cautions(settings, state, precision), settings.acknowledge)["warnings"],
        point_collapse=state,
        precision_at_1=PRECISION_AT_1.reading(precision, None),
        forecast=rows,
        largest_safe=largest_safe(rows),
    )


def _cautions(settings: Settings, state: State, precision: Estimate) -> Iterator[Notice]:
    if state == "collapsed":
        yield Notice(
            "collapsed",
            "Collapsed to a point already, or not trained yet. Rows coincide, point the same way, "
            "or lie nearer to each other than the margin: the risk is 1 at any batch shape.",
        )
    elif precision.lower < UNTRAINED:
        yield Notice(
            "low_precision",
            "Precision@1 is low: the network may be untrained. One without normalised output lost "
            "all of its precision at a pressure of 67% already; trained ones did from 90% up.",
        )
    if settings.margin == 0:
        yield Notice(
            "no_margin",
            "No training margin was given, so only violated triplets push, and no batch can be "
            "called safe. Give it with --margin.",
        )


def _options(settings: Settings, data: EmbeddingSet) -> SweepOptions:
    return SweepOptions(
        metric=settings.metric,
        margin=settings.margin,
        batches=settings.batches,
        seed=settings.seed,
        **chosen_of(data),
    )
