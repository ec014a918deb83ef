"""embaudit doctor."""

import sys
from dataclasses import asdict

import typer

from embaudit.cli.command_decorator import Asked, command
from embaudit.outputs import show_json, to_stdout


@command(
    "shape",
    "metric",
    "format",
    "threads",
    "memory_budget",
    epilog="Examples:  embaudit doctor  |  embaudit doctor 1000000x128 --memory-budget 8G  |  "
    "embaudit doctor --format json",
)
def doctor(ctx: typer.Context, asked: Asked) -> None:
    """Look at this machine and its libraries: what slows audits down, and what one would cost.

    Problems are told with their remedies; the exit code is 0 all the same.
    """
    from embaudit.render import checkup_document, console_for, show_document
    from embaudit.settings.settings import settings_among
    from embaudit.verbs.doctor import doctor as looked

    seen = looked(asked.shape, settings_among(ctx.params))
    if asked.format == "json":
        show_json(asdict(seen))
    else:
        to_stdout(lambda: show_document(checkup_document(seen), console_for(sys.stdout)))
