"""embaudit inspect."""

import sys
from dataclasses import asdict

import typer

from embaudit import options
from embaudit.cli.configured import Config, NoConfig, tell_origin, was_configured
from embaudit.cli.shell import EXIT_CODES, app, told
from embaudit.errors import BudgetExceeded, InputRefused
from embaudit.machine import allowed, enforced
from embaudit.outputs import show_json, to_stdout


@app.command(
    epilog="Examples:  embaudit inspect emb.parquet  |  embaudit inspect shards/ --labels y.csv "
    "--join id --format json"
)
def inspect(
    ctx: typer.Context,
    embeddings: options.Embeddings,
    labels: options.Labels = None,
    embedding_column: options.EmbeddingColumn = None,
    label_column: options.LabelColumn = None,
    id_column: options.IdColumn = None,
    join: options.Join = None,
    no_labels: options.NoLabels = False,
    unpack_bits: options.UnpackBits = False,
    ignore_label: options.IgnoreLabel = None,
    drop: options.Drop = None,
    format: options.TextOrJson = "text",
    sample: options.Sample = None,
    seed: options.Seed = 0,
    memory_budget: options.MemoryBudget = None,
    config: Config = None,
    no_config: NoConfig = False,
) -> None:
    """Say what an audit would read, how the columns were chosen, and every problem found.

    Exits 3 if an audit would refuse the input, 4 if it is over the memory budget.
    """
    with told():
        tell_origin(ctx)
        labels = None if no_labels and was_configured(ctx, "labels") else labels
        from embaudit.config import settings_of
        from embaudit.files import Names
        from embaudit.inspecting import inspect as inspected  # not below: BLAS needs memory to load
        from embaudit.render import console_for, render_inspection

        settings = settings_of(
            labels=not no_labels,
            sample=sample,
            seed=seed,
            memory_budget=memory_budget,
            unpack_bits=unpack_bits,
            drop=drop or (),
            ignore_label=ignore_label or (),
        )
        budget = allowed(settings.memory_budget)
        names = Names(embedding_column, label_column, id_column, join)
        with enforced(budget):
            seen = inspected(
                embeddings,
                labels,
                names=names,
                labelled=not no_labels,
                sample=sample,
                seed=seed,
                memory_budget=budget,
                unpack_bits=unpack_bits,
                ignored=settings.ignore_label,
                drop=settings.drop,
            )
        if format == "json":
            show_json(asdict(seen))
        else:
            to_stdout(lambda: render_inspection(seen, console_for(sys.stdout)))
        if seen.problems:
            raise typer.Exit(EXIT_CODES[BudgetExceeded if seen.over_budget else InputRefused])
