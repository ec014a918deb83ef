"""embaudit explain, embaudit schema."""

from typing import TypeVar

import typer

from embaudit.cli.command_decorator import Asked, command
from embaudit.core.location import Location
from embaudit.errors import UsageError
from embaudit.outputs import Writers, manual_writers, preset_writers, reference_writers, to_stdout

Thing = TypeVar("Thing")


@command(
    "id",
    "every",
    "man",
    "output",
    "format",
    epilog="Examples:  embaudit explain  |  embaudit explain d_iso  |  embaudit explain "
    "mixed_spaces  |  embaudit explain gate  |  embaudit explain --all -o reference.md  |  "
    "embaudit explain --man > embaudit.1",
)
def explain(ctx: typer.Context, asked: Asked) -> None:
    """Explain a measure, a finding or state, a preset of the gate, or a topic of the manual."""
    from embaudit.docs import manual
    from embaudit.gate import PRESETS
    from embaudit.verbs.explain import explained, list_all

    if asked.man:
        _print_man_page(ctx, alone=asked.id is None and not asked.every and not asked.output)
        return
    if asked.id is not None and asked.every:
        raise UsageError("--all explains every one: name none.", "Drop one of them.")
    if asked.id is None and not asked.every:
        if asked.output or asked.format != "text":
            raise UsageError(
                "Nothing says what to explain.",
                "Name a measure, a finding or a page, or add --all.",
            )
        to_stdout(list_all)
        return
    preset, page = PRESETS.get(asked.id or ""), manual().get(asked.id or "")
    if preset is not None:
        _explain(preset_writers(), preset, asked.output, asked.format)
    elif page is not None:
        _explain(manual_writers(), page, asked.output, asked.format)
    else:
        _explain(reference_writers(), explained(asked.id), asked.output, asked.format)


def _print_man_page(ctx: typer.Context, alone: bool) -> None:
    from embaudit.cli.man_page import man_page

    if not alone:
        raise UsageError("--man prints the page of all verbs, and nothing else.", "Give it alone.")
    page = man_page(ctx.find_root().command)
    to_stdout(lambda: print(page, end=""))


def _explain(
    writers: Writers[Thing], thing: Thing, output: list[Location] | None, format: str
) -> None:
    writers.check(output or ())
    writers.write(thing, output or ())
    if not output or format != "text":
        writers.show(thing, format)


@command(
    "of",
    epilog="Examples:  embaudit schema > report.schema.json  |  embaudit schema trend  |  "
    "embaudit schema config > embaudit.schema.json",
)
def schema(ctx: typer.Context, asked: Asked) -> None:
    """Print the JSON Schema of every report, of what another verb writes, or of embaudit.toml."""
    from embaudit.verbs.explain import schema_of

    written = schema_of(asked.of)
    to_stdout(lambda: print(written, end=""))
