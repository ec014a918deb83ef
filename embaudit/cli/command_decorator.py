"""A verb: the options that it names, as the table has them, and what it does with them."""

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import typer

from embaudit.cli.completers import completer
from embaudit.cli.config_defaults import do_without_configuration, use_configuration
from embaudit.cli.exit_codes import reporting_errors
from embaudit.cli.help_screen import Verb
from embaudit.cli.stdin_stdout_dash import standard_streams
from embaudit.cli.typer_app import app
from embaudit.cluster import BACKEND
from embaudit.files.formats import in_prose
from embaudit.outputs.media import files_in_words, files_of, formats_in_words, formats_of
from embaudit.settings.option_table import FORMATS, Option, option_of, panel_of, place_of

Asked = SimpleNamespace  # the value of each option, by its name
Body = Callable[[typer.Context, Asked], None]
EAGER: dict[str, Callable[..., Any]] = {  # taken before all others
    "config": use_configuration,
    "no_config": do_without_configuration,
}


def command(*options: str, epilog: str) -> Callable[[Body], Body]:
    """Make a function a verb: of its name, with its docstring as help, and these options.

    In its help they are in the order of the table.
    """

    def register(body: Body) -> Body:
        verb = body.__name__
        rows = sorted((option_of(verb, name) for name in options), key=place_of)
        words = _words(verb)
        parameters = [_parameter(verb, row, words) for row in rows]

        def run(ctx: typer.Context, **asked: Any) -> None:
            with reporting_errors(), standard_streams(ctx, rows):
                body(ctx, Asked(**ctx.params))

        run.__name__, run.__doc__ = verb, body.__doc__
        ctx = Parameter("ctx", Parameter.KEYWORD_ONLY, annotation=typer.Context)
        taken = [ctx, *parameters]
        run.__annotations__ = {one.name: one.annotation for one in taken}
        run.__signature__ = Signature(taken)  # type: ignore[attr-defined] # what typer reads
        app.command(cls=Verb, epilog=epilog)(run)
        return body

    return register


def _parameter(verb: str, option: Option, words: Mapping[str, str]) -> Parameter:
    """An option as typer declares it; words: that its help may have."""
    given: dict[str, Any] = {
        "help": option.help.format_map(words),
        "metavar": option.metavar,
        "parser": option.parser,
        "show_default": option.show_default,
        "rich_help_panel": panel_of(option),
        "autocompletion": completer(option),
    }
    if option.argument:
        declared = typer.Argument(**given)
    else:
        callback = EAGER.get(option.name)
        declared = typer.Option(
            *option.flags, is_eager=callback is not None, callback=callback, **given
        )
    default = Parameter.empty if option.default is ... else option.default
    formats: Any = Literal[tuple(formats_of(verb))]  # the choices, as typer reads them
    kind: Any = Annotated[formats if option.kind is FORMATS else option.kind, declared]
    return Parameter(option.name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _words(verb: str) -> dict[str, str]:
    """What help says of formats that are read, of clusters, and of media that a verb has."""
    words = {
        "inputs": in_prose(),
        "cluster": BACKEND.name,
        "cluster_addresses": BACKEND.addresses,
        "cluster_extra": BACKEND.extra,
    }
    if files_of(verb):
        held = {one.holds for one in files_of(verb).values()}
        words |= {one: files_in_words(verb, one) for one in held}
        words |= {"files": words["document"], "formats": formats_in_words(verb)}
    return words
