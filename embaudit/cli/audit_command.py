"""embaudit audit: the main job."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import typer

from embaudit.cli.cluster_executor import check_alone, check_cluster, executor_in, shared, sharing
from embaudit.cli.command_decorator import Asked, command
from embaudit.cli.command_steps import (
    invocation_in,
    labels_in,
    names_in,
    settings_in,
    write_outputs,
)
from embaudit.cli.config_defaults import configuration_of, tell_settings
from embaudit.cli.exit_codes import GateFailed, complain
from embaudit.core.machine import allowed, enforced
from embaudit.errors import UsageError
from embaudit.outputs import Writers, check_assets, kept_columns, report_writers, show_cost
from embaudit.settings.option_table import COLUMNS, CONFIGURED, GALLERY_COLUMNS, LEFT_OUT, SHOWN

if TYPE_CHECKING:
    from embaudit.core.location import Location
    from embaudit.core.timing import Timing
    from embaudit.files import Choice, Names
    from embaudit.planning.plan import Plan
    from embaudit.render import Progress
    from embaudit.settings.settings import Settings
    from embaudit.verbs.audit import Audited


@command(
    "embeddings",
    *COLUMNS,
    "keep_columns",
    "asset_root",
    "no_labels",
    *LEFT_OUT,
    "acknowledge",
    "gallery",
    "gallery_labels",
    *GALLERY_COLUMNS,
    "pairs",
    "metric",
    "margin",
    "batch",
    "measures",
    "output",
    "format",
    "gate",
    "baseline",
    "sample",
    "search",
    "effort",
    "seed",
    "threads",
    "memory_budget",
    "scheduler",
    "workers",
    "dry_run",
    "full",
    *SHOWN,
    *CONFIGURED,
    epilog="Examples:  embaudit audit emb.parquet  |  embaudit audit emb.npy --labels y.npy "
    "--metric cosine -o report.json --gate 'violated_triplets <= 0.05'  |  embaudit audit "
    "ckpt.npz --margin 0.2 --batch 18x4 --gate 'collapse_state == none'",
)
def audit(ctx: typer.Context, asked: Asked) -> None:
    """Audit embeddings and labels: report, and gate."""
    from embaudit.verbs.audit import run
    from embaudit.verbs.audit_request import request_of
    from embaudit.verbs.load import read_as_planned, read_pair_as_planned

    configured = configuration_of(ctx)
    rules = (*configured.gate, *(asked.gate or ()))
    settings = settings_in(ctx, labels=not asked.no_labels, gate=rules)
    request = request_of(settings, configured.origins)
    check_cluster(ctx, settings)
    settings = settings if asked.dry_run else shared(ctx, settings)
    if asked.verbose:
        tell_settings(ctx, request.conditions)
    writers = _writers(ctx, asked)
    keep = kept_columns(asked.keep_columns, _written(asked), labelled=settings.labels)
    names = names_in(ctx, keep)
    chosen, gallery, plan = _planned(ctx, asked, names, settings)
    if asked.dry_run:
        from embaudit.planning.dry_run import dry_run

        with enforced(plan.allowed):
            show_cost(dry_run(chosen, gallery, settings, sharing(ctx)), asked.format)
        return

    def compute(progress: "Progress", timing: "Timing") -> "Audited":
        with executor_in(ctx, replace(names, keep=()), settings, progress) as executor:
            progress.advance("reading", 0, 0)  # of unknown length
            with timing("reading"):
                data, reference = (
                    (read_as_planned(chosen, settings, plan), None)
                    if gallery is None
                    else read_pair_as_planned(chosen, gallery, settings, plan)
                )
            return run(
                data, settings, request, progress.advance, reference, executor, invocation_in(ctx)
            )

    work = partial(_settled, here=asked.scheduler is None and not asked.workers)
    found = write_outputs(ctx, writers, compute, _spent, loud=_failed, work=work)
    if _failed(found):
        from embaudit.render import failures

        complain(failures(found.report))
        raise GateFailed


def _writers(ctx: typer.Context, asked: Asked) -> Writers["Audited"]:
    """Who writes the report; what cannot be written, or shown in it, is said first."""
    _check_gallery(asked)
    writers, paths = report_writers(asked.quiet, asked.full, asked.asset_root), asked.output or ()
    read = [asked.embeddings, labels_in(ctx), asked.gallery, asked.gallery_labels]
    if asked.baseline is not None:
        read += [asked.baseline, asked.baseline.with_suffix(".parquet")]
    writers.check(paths, *read)
    check_assets(asked.asset_root, asked.keep_columns, _written(asked))
    return writers


def _written(asked: Asked) -> list["Location"]:
    """The outputs, and what goes to standard output where that is as a file is."""
    from embaudit.core.location import Location
    from embaudit.outputs.media import files_of

    shown = f".{asked.format}"
    piped = [Location(f"-{shown}", called="standard output")] if shown in files_of("audit") else []
    return [*(asked.output or ()), *piped]


def _check_gallery(asked: Asked) -> None:
    """Raise UsageError for options of a gallery that do not go together."""
    gallery = _gallery(asked)
    if asked.gallery_labels is not None and gallery is None:
        raise UsageError("--gallery-labels needs --gallery: the set that they label.")
    if gallery is not None and asked.no_labels:
        raise UsageError("--gallery needs labels: what is a positive is told by them.")
    if asked.pairs and asked.gallery_labels is not None:
        raise UsageError("--pairs does not go with --gallery-labels.", "Give one of them.")


def _gallery(asked: Asked) -> "Location | None":
    """Where the gallery is: in the same file, where only columns or a condition of it are given."""
    beside = any(getattr(asked, name) is not None for name in GALLERY_COLUMNS)
    found: Location | None = asked.gallery or (asked.embeddings if beside else None)
    return found


def _planned(
    ctx: typer.Context, asked: Asked, names: "Names", settings: "Settings"
) -> tuple["Choice", "Choice | None", "Plan"]:
    """What will be read, the gallery beside it, and the plan; nothing but headers is read."""
    from embaudit.files import Names, choose, choose_gallery
    from embaudit.files.gallery_columns import sides_of
    from embaudit.planning.plan import plan_of_input

    at = _gallery(asked)
    own = Names(
        asked.gallery_embedding_column,
        asked.gallery_label_column,
        asked.gallery_id_column,
        where=asked.gallery_where,
    )
    with enforced(allowed(settings.memory_budget)):
        sides = sides_of(asked.embeddings, names) if at is None and settings.labels else None
        if sides is not None:
            names, own, notice = sides
            at = asked.embeddings
        if asked.pairs and at is None:
            raise UsageError("--pairs needs --gallery: the set whose rows belong to these.")
        if at is not None:
            check_alone(ctx)
        chosen = choose(
            asked.embeddings,
            labels_in(ctx),
            names,
            labelled=settings.labels,
            unpack_bits=settings.unpack_bits,
        )
        chosen.notices += [] if sides is None else [notice]
        gallery = None
        if at is not None:
            gallery = choose_gallery(chosen, at, asked.gallery_labels, own)
        plan = plan_of_input(settings, chosen.size, None if gallery is None else gallery.size)
        if asked.dry_run:
            needs = chosen.needs(settings.of_reading.sample, on_disk=True)
            needs.check(plan.allowed, f"Reading {asked.embeddings}")
    return chosen, gallery, plan


def _spent(found: "Audited") -> Mapping[str, float]:
    return found.report.timing


def _failed(found: "Audited") -> bool:
    return found.report.gate.verdict == "fail"


def _settled(found: "Audited", here: bool) -> Iterator[str]:
    """How nearest negatives were settled, with which BLAS, and how far that is from its rate.

    here: whether they were searched for in this process.
    """
    report = found.report
    settled = report.environment.get("nearest_negatives_settled", {})
    by = ", ".join(f"{amount:,} in {precision}" for precision, amount in settled.items() if amount)
    if not by:
        return
    yield f"nearest negatives settled: {by}"
    if not here:
        return
    from embaudit.verbs.blas import blas_libraries, narrow, product_seconds

    libraries = (
        " ".join(filter(None, (one.of, one.name, one.version, one.architecture)))
        + " without this processor's AVX-512, see embaudit doctor" * narrow(one)
        for one in blas_libraries()
    )
    yield f"BLAS: {'; '.join(libraries)}"
    if report.search.exact and report.gallery is None:
        rows, dim, threads = report.data.rows, report.data.dim, report.environment["threads"]
        alone = product_seconds(rows * (rows - 1) / 2, dim, threads)
        scan = report.timing["scan"]
        yield f"scan: {scan:.3f} s; the products of all pairs alone: {alone:.3f} s"
