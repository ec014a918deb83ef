"""Would batch-hard mining collapse the embedding next? A heuristic, measured on random batches."""

from embaudit.bounds import Bound, exact, undefined
from embaudit.evidence import Evidence
from embaudit.measures.collapse import COLLAPSED, GROUP, point_collapse
from embaudit.measures.separation import USUAL
from embaudit.report import ForecastRow, Measure, Span

NO_NEGATIVES = "fewer than two classes have two rows, so no batch has negatives"


def collapse_pressure(evidence: Evidence) -> Bound:
    """chi at the audited batch shape."""
    forecast = evidence.forecast
    if forecast is None:
        return undefined(NO_NEGATIVES)
    shape = f"batches of {forecast.classes} classes x {forecast.samples} rows, drawn at random"
    short = forecast.size < forecast.classes * forecast.samples
    filled = f"; the data fill {forecast.size} rows of one" if short else ""
    return forecast.pressure.because(shape + filled)


def batch_gap(evidence: Evidence) -> Bound:
    """kappa at the audited batch shape."""
    forecast = evidence.forecast
    if forecast is None:
        return undefined(NO_NEGATIVES)
    if forecast.gap is None:
        return undefined("negatives coincide with their anchors in most batches")
    return forecast.gap


def collapse_risk(evidence: Evidence) -> Bound:
    """chi, or 1 if the set has collapsed to a point already."""
    if point_collapse(evidence).value == COLLAPSED:
        return exact(1.0, "the set has already collapsed to a point")
    return collapse_pressure(evidence)


def forecast_of(evidence: Evidence) -> tuple[ForecastRow, ...]:
    """The report's forecast block: the audited batch shape."""
    forecast = evidence.forecast
    if forecast is None:
        return ()
    return (
        ForecastRow(
            classes_per_batch=forecast.classes,
            samples_per_class=forecast.samples,
            batch=forecast.size,
            pressure=_span(forecast.pressure),
            gap=None if forecast.gap is None else _span(forecast.gap),
        ),
    )


def _span(bound: Bound) -> Span:
    assert bound.value is not None
    assert bound.lower is not None
    assert bound.upper is not None
    return Span(value=bound.value, lower=bound.lower, upper=bound.upper)


COLLAPSE_PRESSURE = Measure(
    id="collapse_pressure",
    title="Collapse pressure",
    group=GROUP,
    unit="fraction",
    better="lower",
    formula="chi = tr H+ / (tr H+ + tr H-), H = sum (a-p)(a-p)^T/F - (a-n)(a-n)^T/M over active a",
    range="0 to 1; below 0.6 low, to 0.9 rising, from 0.9 high",
    source="embaudit; a heuristic, checked against continued trainings of real networks",
    says="{value} of the batch-hard gradient contracts the embedding",
    meaning=(
        "Batches of the audited shape are drawn from the saved rows. With each anchor's hardest "
        "positive and negative in the batch, the share of the batch-hard gradient, in nuclear norm "
        "over linear directions, that pulls together. Active anchors have margin + F - M > 0; "
        "with none, 0. A mean over random batches with its interval."
    ),
    advice="Rising: fewer classes or rows a batch, or semi-hard mining first.",
    presets=USUAL,
    compute=collapse_pressure,
)
BATCH_GAP = Measure(
    id="batch_gap",
    title="Batch gap",
    group=GROUP,
    unit="ratio",
    better="lower",
    formula="kappa = mean over anchors of (F - M) / mean negative distance, in a batch",
    range="any; at most 0: the batch is separated on average",
    source="embaudit; a heuristic",
    says="hardest positives lie {value} mean negative distances beyond hardest negatives",
    meaning=(
        "At total collapse the batch-hard hinge loss equals the margin, so a mean loss above the "
        "margin (a positive gap) means that collapse is downhill."
    ),
    advice="Above 0: read collapse_pressure.",
    presets=USUAL,
    compute=batch_gap,
)
COLLAPSE_RISK = Measure(
    id="collapse_risk",
    title="Collapse risk",
    group=GROUP,
    unit="fraction",
    better="lower",
    formula="collapse_pressure at --batch; 1 if the set has collapsed to a point already",
    range="0 to 1; below 0.6 low, to 0.9 rising, from 0.9 high",
    source="embaudit; a heuristic, checked against continued trainings of real networks",
    says="the risk that batch-hard training at this batch shape collapses it is {value}",
    meaning=(
        "Of the continued trainings it was checked on, none lost half of its spread below 0.5 and "
        "all did from 0.9 up. An untrained network can collapse from about 0.67 up. It is no "
        "probability."
    ),
    advice="Train on with a smaller batch or semi-hard mining; audit again with that --batch.",
    presets=USUAL,
    compute=collapse_risk,
)
