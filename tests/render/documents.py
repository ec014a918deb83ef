"""What every verb prints, of hand-made results: the same on every machine."""

import tempfile
from pathlib import Path

from embaudit.planning.dry_run import Cost
from embaudit.render import (
    audit_document,
    comparison_document,
    cost_document,
    first_screens,
    forecast_document,
    inspection_document,
    mining_document,
    projection_document,
    show_document,
    show_first_fitting,
    trend_document,
)
from embaudit.report import Reading
from embaudit.report.diagnosis_model import Finding
from embaudit.report.inspection_document import ClassView, ColumnView, FileView, Inspection
from embaudit.report.mining_document import Mining, MiningOptions, MiningRule, Removed, Without
from embaudit.report.projection_document import MovedRow, Projection, ProjectionOptions, Spread
from embaudit.report.run_metadata import GallerySummary
from embaudit.verbs.compare import compare
from tests.render import samples, test_forecast, test_trend
from tests.render.samples import MEASURES

PLACEHOLDER = Finding(
    id="repeated_vector",
    title="One vector under many rows",
    mark="bad",
    headline="2,500 rows (24.7%) hold the same vector under 60 labels: a placeholder",
    details=("An empty or broken input gets the same vector every time.",),
    evidence={"precision_at_1": 0.7, "precision_at_1_without": 0.91},
    remedy="Embed these rows again, or leave them out: --drop repeated_vector.",
    command="embaudit audit runs/glyph/step3000.npy --labels runs/glyph/labels.npy --margin 0.2 "
    "--drop repeated_vector",
)
MIXED = Finding(
    id="overlapping",
    title="Classes that mix",
    mark="warning",
    headline="The nearest row has the right class for 30% (chance 1.63%): classes are not told "
    "apart well",
    remedy="See whether these classes can be told apart by a person; if so, train on.",
    command="embaudit explain adjusted_precision_at_1",
)


def check_input():
    told = samples.diagnosis("check_input", PLACEHOLDER.headline, PLACEHOLDER)
    return samples.report(diagnosis=told, collapse=samples.collapse())


def overlapping():
    reason = MIXED.headline[:1].lower() + MIXED.headline[1:]
    return samples.report(
        diagnosis=samples.diagnosis("overlapping", reason, MIXED), collapse=samples.collapse()
    )


def gallery():
    beside = GallerySummary(
        rows=40_000, classes=80, shared_classes=62, queries_without_positives=0, leaked_rows=0,
        leaked_same_label=0, leaked_other_label=0, left_out={},
    )  # fmt: skip
    return samples.report(gallery=beside)


def audit(report, full=False):
    if full:
        return lambda console: show_document(audit_document(report, MEASURES), console)
    return lambda console: show_first_fitting(first_screens(report), console)


def document(made, full=False):
    return lambda console: show_document(made, console, full)


def projection() -> Projection:
    whole = samples.trained()
    reading = Reading(
        value=9.1, lower=7.9, upper=10.3, kind="certified", unit="distance", better="lower",
        reason=None, relative=None, confidence=None,
    )  # fmt: skip
    moved = tuple(
        MovedRow(row=k, id=f"image-{k:05}.png", label=k % 7, displacement=10.3 - k / 9)
        for k in range(12)
    )
    return Projection(
        schema_version=1, tool=whole.tool, run_id=whole.run_id, inputs=whole.inputs,
        data=whole.data, options=ProjectionOptions(metric="l2", effort=1, seed=0, sample=None),
        warnings=(), d_haus=reading, found_by="a map found by descent, verified",
        largest_displacement=10.3, median_displacement=4.4, moved_rows=9876, largest_change=15.5,
        rms_pair_distance=Spread(before=28.9, after=29.3),
        enclosing_radius=Spread(before=31.1, after=27.2), furthest=moved, environment={}, timing={},
    )  # fmt: skip


def mining() -> Mining:
    whole = samples.trained()
    return Mining(
        schema_version=1, tool=whole.tool, run_id=whole.run_id, inputs=whole.inputs,
        data=whole.data, options=MiningOptions(metric="l2", rule=MiningRule(), seed=0, sample=None),
        warnings=(), triplets=10_100, anchors=10_100, short=0,
        without=Without(no_positive=6, no_negative=0, filtered=0),
        removed=Removed(duplicates=31, min_distance=0, relative_margin=0, agreement=0),
        d_positive=18.03, d_negative=8.785, violated=0.9995, examples=whole.hardest_triplets,
        environment={}, timing={},
    )  # fmt: skip


def inspection() -> Inspection:
    columns = tuple(
        ColumnView(name, shape, stored, role, why)
        for name, shape, stored, role, why in (
            ("id", (10106,), "str", "ids", "by its name"),
            ("label", (10106,), "str", "labels", "by its name"),
            ("embedding", (10106, 128), "float32", "embeddings", "by its name"),
            ("a column with a long name", (10106,), "double", None, None),
        )
    )
    return Inspection(
        (FileView("runs/glyph/step3000.parquet", "parquet", 5_300_000, columns),),
        10106, 128, "float32", ClassView(62, 100, 163, 0), 71_000_000, 18_000_000_000, False, (),
        {},
        ("runs/glyph/step3000.parquet, column 'label': 3 rows have no label.",),
    )  # fmt: skip


def cost() -> Cost:
    return Cost(
        10106, 128, "float32", 62, 0, "exact", "matrix products bound, float64 decides", "small",
        71_000_000, 18_000_000_000, 0, 4.0, 2,
    )  # fmt: skip


def comparison():
    """Of two reports in files, as the verb reads them."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("before.json", "after.json")]
        for path, report in zip(paths, (samples.trained(), samples.healthy()), strict=True):
            path.write_text(report.model_copy(update={"fingerprint": path.stem}).to_json())
        found = compare(paths)
    named = tuple(
        one.model_copy(update={"path": path.name})
        for one, path in zip(found.reports, paths, strict=True)
    )
    return found.model_copy(update={"reports": named})


SHOWN = {
    **{f"audit_{name}": audit(make()) for name, make in samples.EVERY.items()},
    "audit_check_input": audit(check_input()),
    "audit_overlapping": audit(overlapping()),
    "audit_gallery": audit(gallery()),
    "audit_regressed_full": audit(samples.regressed(), full=True),
    "audit_unlabelled_full": audit(samples.unlabelled(), full=True),
    "compare": document(comparison_document(comparison(), MEASURES)),
    "compare_full": document(comparison_document(comparison(), MEASURES), full=True),
    "cost": document(cost_document(cost())),
    "forecast": document(forecast_document(test_forecast.EVERY["healthy"])),
    "forecast_full": document(forecast_document(test_forecast.EVERY["healthy"]), full=True),
    "inspect": document(inspection_document(inspection())),
    "mine": document(mining_document(mining())),
    "mine_full": document(mining_document(mining()), full=True),
    "project": document(projection_document(projection())),
    "project_full": document(projection_document(projection()), full=True),
    "trend": document(trend_document(test_trend.EVERY["collapses"])),
    "trend_full": document(trend_document(test_trend.EVERY["collapses"]), full=True),
}
