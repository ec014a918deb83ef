"""embaudit inspect."""

import sys
from dataclasses import asdict

import typer

from embaudit.cli.command_decorator import Asked, command
from embaudit.cli.command_steps import labels_in, look_for_garbage, names_in, settings_in
from embaudit.cli.exit_codes import EXIT_CODES
from embaudit.core.machine import allowed, enforced
from embaudit.errors import BudgetExceeded, InputRefused
from embaudit.outputs import show_json, to_stdout
from embaudit.settings.option_table import COLUMNS, CONFIGURED, LEFT_OUT


@command(
    "embeddings",
    *COLUMNS,
    "no_labels",
    *LEFT_OUT,
    "acknowledge",
    "format",
    "sample",
    "seed",
    "memory_budget",
    *CONFIGURED,
    epilog="Examples:  embaudit inspect emb.parquet  |  embaudit inspect shards/ --labels y.csv "
    "--join id --format json",
)
def inspect(ctx: typer.Context, asked: Asked) -> None:
    """Say what an audit would read, how the columns were chosen, and every problem found.

    Exits 3 if an audit would refuse the input, 4 if it is over the memory budget.
    """
    from embaudit.render import console_for, inspection_document, show_document
    from embaudit.verbs.inspect import inspected  # not below: BLAS needs memory to load

    look_for_garbage()
    settings = settings_in(ctx, labels=not asked.no_labels)
    budget = allowed(settings.memory_budget)
    with enforced(budget):
        seen = inspected(
            asked.embeddings,
            labels_in(ctx),
            names=names_in(ctx),
            labelled=settings.labels,
            sample=settings.sample,
            seed=settings.seed,
            memory_budget=budget,
            unpack_bits=settings.unpack_bits,
            ignored=settings.ignore_label,
            drop=settings.drop,
            acknowledge=settings.acknowledge,
        )
    if asked.format == "json":
        show_json(asdict(seen))
    else:
        to_stdout(lambda: show_document(inspection_document(seen), console_for(sys.stdout)))
    if seen.problems:
        raise typer.Exit(EXIT_CODES[BudgetExceeded if seen.over_budget else InputRefused])
