"""Would batch-hard mining collapse the embedding next? A heuristic, measured on random batches."""

from functools import partial

from embaudit.core.intervals import Estimate, exact, undefined
from embaudit.evidence import BATCHES, DRAWN_ROWS, MOST, BatchForecast, Evidence
from embaudit.geometry.batch_shapes import curve, in_order
from embaudit.measures.collapse_state_spec import COLLAPSED, GROUP
from embaudit.measures.measure import UNDEFINED, USUAL, Measure
from embaudit.measures.point_collapse import point_collapse
from embaudit.report import ForecastRow, Span, risk_of
from embaudit.report.collapse_risk import HIGH, RISING

NO_NEGATIVES = "fewer than two classes have two rows, so no batch has negatives"


def collapse_pressure(evidence: Evidence) -> Estimate:
    """chi at the audited batch shape."""
    forecast = evidence.forecast
    if forecast is None:
        return undefined(NO_NEGATIVES)
    shape = f"batches of {forecast.classes} classes x {forecast.samples} rows, drawn at random"
    short = forecast.size < forecast.classes * forecast.samples
    filled = f"; the data fill {forecast.size} rows of one" if short else ""
    return forecast.pressure.because(shape + filled)


def batch_gap(evidence: Evidence) -> Estimate:
    """kappa at the audited batch shape."""
    forecast = evidence.forecast
    if forecast is None:
        return undefined(NO_NEGATIVES)
    if forecast.gap is None:
        return undefined("negatives coincide with their anchors in most batches")
    return forecast.gap


def collapse_risk(evidence: Evidence) -> Estimate:
    """chi, or 1 if the set has collapsed to a point already."""
    if _collapsed(evidence):
        return exact(1.0, "the set has already collapsed to a point")
    return collapse_pressure(evidence)


def _collapsed(evidence: Evidence) -> bool:
    return point_collapse(evidence).value == COLLAPSED


def forecast_of(evidence: Evidence) -> tuple[ForecastRow, ...]:
    """An audit's forecast: the audited batch shape, and smaller and larger ones beside it.

    None of queries against a gallery.
    """
    if evidence.gallery is not None or evidence.forecast is None:
        return ()
    shapes = in_order((evidence.batch, *curve(evidence.data.sizes)))
    found = (
        evidence.forecast if shape == evidence.batch else evidence.forecast_at(shape)
        for shape in shapes
    )
    collapsed, margin = _collapsed(evidence), evidence.margin
    return tuple(row_of(one, collapsed, margin) for one in found if one is not None)


def row_of(forecast: BatchForecast, collapsed: bool, margin: float) -> ForecastRow:
    """One batch shape in the report; collapsed: to a point, already."""
    pressure = _span(forecast.pressure)
    gap = None if forecast.gap is None else _span(forecast.gap)
    loss = _span(forecast.loss)
    return ForecastRow(
        classes_per_batch=forecast.classes,
        samples_per_class=forecast.samples,
        batch=forecast.size,
        pressure=pressure,
        gap=gap,
        risk="high" if collapsed else risk_of(pressure.upper),
        loss=loss,
        safe=not collapsed and margin > 0 and loss.upper <= margin,
    )


def _span(bound: Estimate) -> Span:
    assert bound.value is not None
    return Span(value=bound.value, lower=bound.lower, upper=bound.upper)


EVIDENCE = (
    "Evidence: batch-hard training was continued from checkpoints of four networks with several "
    "batch shapes. Half of the spread was lost by none of 20 below 0.5, by 29 % from 0.5 to 0.6, "
    "by half to three quarters where it was moderate (by network: from none to all), and by 18 of "
    "18 where it was high, two thirds of which lost half of precision@1, too."
)
SAFE = (
    "A batch shape is called safe where the mean batch-hard loss of its batches, at --margin, is "
    "surely at most the margin: that is the loss of a total collapse, so collapse would not lower "
    "it. Of 23 trainings that were continued from a mean loss of at most the margin none lost half "
    "of its spread."
)

spec = partial(Measure, group=GROUP, better="lower", presets=USUAL, with_gallery=UNDEFINED)
COLLAPSE_PRESSURE = spec(
    id="collapse_pressure",
    title="Collapse pressure",
    unit="fraction",
    formula="chi = tr H+ / (tr H+ + tr H-), H = sum (a-p)(a-p)^T/F - (a-n)(a-n)^T/M over active a",
    range=f"0 to 1; below {RISING:g} low, to {HIGH:g} moderate, from {HIGH:g} high",
    low="below 0.5: the gradient spreads the embedding more than it contracts it",
    high="near 1: nearly all of it contracts",
    source="embaudit; a heuristic, checked against continued trainings of real networks",
    says="{value} of the batch-hard gradient contracts the embedding",
    meaning=(
        "In batch-hard training every anchor is pulled towards its furthest positive in the batch "
        "and pushed from its nearest negative. This is the share of all that pulling and pushing, "
        "in nuclear norm over linear directions, which makes the embedding smaller: 0.5 is "
        "balance, 1 a fall to a point. Active anchors have margin + F - M > 0; with none it is 0. "
        f"Sampled: a mean over random batches of the saved rows, as many as have {DRAWN_ROWS:,} "
        f"rows together, at least {BATCHES} and at most {MOST}, with an interval that holds for "
        "every distribution (betting, Waudby-Smith & Ramdas, arXiv 2010.09686); nothing is "
        "certified. It is a heuristic of the first step, and knows neither optimiser nor network. "
        f"{EVIDENCE} {SAFE}"
    ),
    advice=(
        "Moderate: fewer classes or rows a batch, or semi-hard mining first. `embaudit forecast` "
        "shows it over many batch shapes."
    ),
    compute=collapse_pressure,
)
BATCH_GAP = spec(
    id="batch_gap",
    title="Batch gap",
    unit="ratio",
    formula="kappa = mean over anchors of (F - M) / mean negative distance, in a batch",
    range="any; at most 0: the batch is separated on average",
    low="at most 0: separated on average, which does not make a batch shape safe",
    high="above 0: collapse is downhill",
    source="embaudit; a heuristic",
    says="hardest positives lie {value} mean negative distances beyond hardest negatives",
    meaning=(
        "How much further the hardest positive is than the hardest negative, on average. At total "
        "collapse the batch-hard hinge loss equals the margin. A gap above 0 puts the mean loss "
        "above the margin, so collapse is downhill. The contrary does not hold: anchors far inside "
        "lower the gap and not the loss, and of 29 trainings that were continued from a gap of at "
        f"most 0 six lost half of their spread. {SAFE} Sampled over the same batches as "
        "collapse_pressure; a heuristic, nothing is certified."
    ),
    advice="Read collapse_pressure; `embaudit forecast` tells which batch shapes are safe.",
    compute=batch_gap,
)
COLLAPSE_RISK = spec(
    id="collapse_risk",
    title="Collapse risk",
    unit="fraction",
    formula="collapse_pressure at --batch; 1 if the set has collapsed to a point already",
    range=f"0 to 1; below {RISING:g} low, to {HIGH:g} moderate, from {HIGH:g} high",
    low=f"below {RISING:g}: low; of the continued trainings below 0.5 none lost half of its spread",
    high=f"from {HIGH:g}: high; all of those there did",
    source="embaudit; a heuristic, checked against continued trainings of real networks",
    says="the collapse pressure of batch-hard training at this batch shape is {value}; a heuristic",
    meaning=(
        "Collapse pressure, or 1 if there is nothing left to lose: the bands are low below "
        f"{RISING:g}, moderate to {HIGH:g} (`rising` in the JSON), high from there, read at the "
        f"upper end of the interval. It is no probability. {EVIDENCE} An untrained network can "
        "lose its precision from about 0.67 up."
    ),
    advice="Train on with a smaller batch or semi-hard mining; `embaudit forecast` finds one.",
    compute=collapse_risk,
)

MEASURES = (COLLAPSE_RISK, COLLAPSE_PRESSURE, BATCH_GAP)
