"""A verb's options with a configuration file behind them: flags win, and -v tells who said what."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from embaudit.cli.exit_codes import reporting_errors
from embaudit.errors import UsageError
from embaudit.settings.option_table import KEYS

if TYPE_CHECKING:
    from embaudit.gate import Condition
    from embaudit.settings.config_file import Configuration

AUDITS = ("audit", "trend")


def use_configuration(ctx: typer.Context, path: Path | None) -> Path | None:
    """Take what was not given as a flag from the configuration; runs before other options."""
    if ctx.resilient_parsing:
        return path
    with reporting_errors():
        from embaudit.settings.config_file import Configuration, configuration_from

        without = bool(ctx.params.get("no_config"))
        if without and path is not None:
            raise UsageError("--config and --no-config exclude each other.", "Give one of them.")
        found = Configuration() if without else configuration_from(path, Path.cwd())
        ctx.obj = found
        ctx.default_map = {
            name: value
            for name, value in found.values.items()
            if KEYS[name].key == "all" or ctx.command.name in AUDITS
        }
    return path


def do_without_configuration(ctx: typer.Context, asked: bool) -> bool:
    """--no-config may come after --config, which has read its file by then."""
    if asked and ctx.params.get("config") is not None:
        with reporting_errors():
            raise UsageError("--config and --no-config exclude each other.", "Give one of them.")
    return asked


def configuration_of(ctx: typer.Context) -> "Configuration":
    """The configuration behind a verb's options; an empty one where there is none."""
    found: Configuration = ctx.obj
    return found


def was_configured(ctx: typer.Context, name: str) -> bool:
    """Whether an option has its value from the configuration."""
    return _origin(ctx, name) == "DEFAULT_MAP"


def tell_origin(ctx: typer.Context) -> None:
    """Say on standard error which configuration is in force that lies further up, unasked for."""
    path, asked = configuration_of(ctx).path, ctx.params
    if path is None or path.parent == Path.cwd() or asked["config"] or asked.get("quiet"):
        return
    from embaudit.render import inert

    typer.echo(f"configuration: {inert(str(path), 2000)}", err=True)


def was_given(ctx: typer.Context, name: str) -> bool:
    """Whether an option was given, on the command line or in the configuration."""
    return _origin(ctx, name) != "DEFAULT"


def tell_settings(ctx: typer.Context, conditions: Sequence["Condition"] = ()) -> None:
    """Print on standard error what is in force, and where each value came from."""
    from embaudit.render import inert

    configuration = configuration_of(ctx)
    file = _near(configuration.path) if configuration.path else "no configuration file"
    names = {"COMMANDLINE": "flag", "DEFAULT_MAP": file, "ENVIRONMENT": "environment"}
    rows: list[tuple[str, str, str]] = []
    for name, value in sorted(ctx.params.items()):
        origin = _origin(ctx, name)
        if name in ("gate", "config", "no_config") or (value is None and origin == "DEFAULT"):
            continue
        rows.append((name, _said(value), names.get(origin, "default")))
    rows += [("gate", one.text, one.origin) for one in conditions]
    rows = [(name, inert(said, 200), inert(origin, 200)) for name, said, origin in rows]
    wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
    typer.echo(f"settings ({inert(file, 200)}):", err=True)
    for name, said, origin in rows:
        typer.echo(f"  {name:<{wide[0]}}  {said:<{min(wide[1], 60)}}  {origin}", err=True)


def _origin(ctx: typer.Context, name: str) -> str:
    source = ctx.get_parameter_source(name)
    return "DEFAULT" if source is None else source.name


def _near(path: Path) -> str:
    """A path as one would type it from here, where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
