"""embaudit audit: the main job."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from embaudit import options
from embaudit.cli.clustered import check_cluster, shared, team_in
from embaudit.cli.configured import (
    Config,
    NoConfig,
    configuration_of,
    tell_settings,
    was_configured,
)
from embaudit.cli.shell import GateFailed, app, told
from embaudit.cli.verb import deliver, invocation_in, names_in, settings_in
from embaudit.errors import UsageError
from embaudit.machine import allowed, enforced
from embaudit.outputs import check_assets, kept_columns, report_writers, show_cost

if TYPE_CHECKING:
    from embaudit.pipeline import Audited
    from embaudit.provenance import Timing
    from embaudit.render import Progress


@app.command(
    epilog="Examples:  embaudit audit emb.parquet  |  embaudit audit emb.npy --labels y.npy "
    "--metric cosine -o report.json --gate 'violated_triplets <= 0.05'  |  embaudit audit "
    "ckpt.npz --margin 0.2 --batch 18x4 --gate 'collapse_state == none'"
)
def audit(
    ctx: typer.Context,
    embeddings: options.Embeddings,
    labels: options.Labels = None,
    embedding_column: options.EmbeddingColumn = None,
    label_column: options.LabelColumn = None,
    id_column: options.IdColumn = None,
    join: options.Join = None,
    keep_columns: options.KeepColumns = None,
    asset_root: options.AssetRoot = None,
    no_labels: options.NoLabels = False,
    unpack_bits: options.UnpackBits = False,
    ignore_label: options.IgnoreLabel = None,
    drop: options.Drop = None,
    gallery: options.Gallery = None,
    gallery_labels: options.GalleryLabels = None,
    metric: options.Metric = "l2",
    margin: options.Margin = 0.0,
    batch: options.Batch = None,
    measures: options.Measures = "standard",
    output: options.Output = None,
    format: options.AuditFormat = "text",
    gate: options.Gate = None,
    baseline: options.Baseline = None,
    sample: options.Sample = None,
    search: options.Search = "auto",
    effort: options.Effort = None,
    seed: options.Seed = 0,
    threads: options.Threads = None,
    memory_budget: options.MemoryBudget = None,
    scheduler: options.Scheduler = None,
    workers: options.Workers = None,
    dry_run: options.DryRun = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    no_progress: options.NoProgress = False,
    config: Config = None,
    no_config: NoConfig = False,
) -> None:
    """Audit embeddings and labels: report, and gate."""
    with told():
        from embaudit.files import choose, choose_gallery
        from embaudit.loading import planned, planned_pair
        from embaudit.pipeline import check, run
        from embaudit.planning.dry_run import dry_run as cost_of
        from embaudit.planning.plan import plan_of_input

        asked = configuration_of(ctx)
        labels = None if no_labels and was_configured(ctx, "labels") else labels
        rules = (*asked.gate, *(gate or ()))
        settings = settings_in(ctx, labels=not no_labels, gate=rules)
        checked = check(settings, asked.origins)
        check_cluster(ctx, settings)
        settings = settings if dry_run else shared(ctx, settings)
        if verbose:
            tell_settings(ctx, checked.conditions)
        if gallery_labels is not None and gallery is None:
            raise UsageError("--gallery-labels needs --gallery: the set that they label.")
        if gallery is not None and no_labels:
            raise UsageError("--gallery needs labels: what is a positive is told by them.")
        writers, paths = report_writers(quiet, asset_root), output or ()
        held = [] if baseline is None else [baseline, baseline.with_suffix(".parquet")]
        writers.check(paths, embeddings, labels, gallery, gallery_labels, *held)
        check_assets(asset_root, keep_columns, paths)
        keep = kept_columns(keep_columns, paths, labelled=not no_labels)
        names = names_in(ctx, keep)
        with enforced(allowed(settings.memory_budget)):
            chosen = choose(
                embeddings, labels, names, labelled=not no_labels, unpack_bits=unpack_bits
            )
            beside = None if gallery is None else choose_gallery(chosen, gallery, gallery_labels)
            size = None if beside is None else beside.size
            plan = plan_of_input(settings, chosen.size, size)
            if dry_run:
                needs = chosen.needs(settings.of_reading.sample, on_disk=True)
                needs.check(plan.allowed, f"Reading {embeddings}")
                show_cost(cost_of(chosen, beside, settings, workers or 0), format)
                return

        def compute(progress: "Progress", timing: "Timing") -> "Audited":
            with team_in(ctx, replace(names, keep=()), settings, progress) as team:
                progress.advance("reading", 0, 0)  # of unknown length
                with timing("reading"):
                    reference = None
                    if beside is None:
                        data = planned(chosen, settings, plan)
                    else:
                        data, reference = planned_pair(chosen, beside, settings, plan)
                return run(
                    data, settings, checked, progress.advance, reference, team, invocation_in(ctx)
                )

        found = deliver(ctx, writers, compute, _spent, loud=_failed, work=_settled)
        if _failed(found):
            raise GateFailed


def _spent(found: "Audited") -> Mapping[str, float]:
    return found.report.timing


def _failed(found: "Audited") -> bool:
    return found.report.gate.verdict == "fail"


def _settled(found: "Audited") -> str:
    """In which precision nearest negatives were settled, where they were searched for."""
    settled = found.report.environment.get("nearest_negatives_settled", {})
    by = ", ".join(f"{amount:,} in {precision}" for precision, amount in settled.items() if amount)
    return f"nearest negatives settled: {by}" if by else ""
