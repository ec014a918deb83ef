"""embaudit explain, embaudit schema."""

from typing import Annotated

import typer

from embaudit import options
from embaudit.cli.shell import app, told
from embaudit.outputs import to_stdout


@app.command()
def explain(
    measure: Annotated[
        str | None, typer.Argument(help="A measure's id; without it, all are listed.")
    ] = None,
) -> None:
    """Explain a measure: what it means, its formula and source, how to act on it."""
    with told():
        from embaudit.reference import explain_all, explain_one

        to_stdout(lambda: explain_one(measure) if measure else explain_all())


@app.command()
def schema(of: options.SchemaOf = "report") -> None:
    """Print the JSON Schema that every report follows, or what another verb writes."""
    with told():
        from embaudit.reference import schema_of

        written = schema_of(of)
        to_stdout(lambda: print(written, end=""))
