"""embaudit explain, embaudit schema."""

from embaudit import options
from embaudit.cli.shell import app, told
from embaudit.errors import UsageError
from embaudit.outputs import reference_writers, to_stdout


@app.command(
    epilog="Examples:  embaudit explain  |  embaudit explain d_iso  |  embaudit explain "
    "mixed_spaces  |  embaudit explain --all -o reference.md"
)
def explain(
    id: options.ExplainedId = None,
    every: options.ExplainAll = False,
    output: options.ReferenceOutput = None,
    format: options.ReportFormat = "text",
) -> None:
    """Explain a measure, a finding or a state of the diagnosis: what it means, and what to do."""
    with told():
        from embaudit.reference import explained, list_all

        if id is not None and every:
            raise UsageError("--all explains every one: name none.", "Drop one of them.")
        if id is None and not every:
            if output or format != "text":
                raise UsageError(
                    "Nothing says what to explain.", "Name a measure or a finding, or add --all."
                )
            to_stdout(list_all)
            return
        writers, chosen = reference_writers(), explained(id)
        writers.check(output or ())
        writers.write(chosen, output or ())
        if not output or format != "text":
            writers.show(chosen, format)


@app.command(epilog="Examples:  embaudit schema > report.schema.json  |  embaudit schema trend")
def schema(of: options.SchemaOf = "report") -> None:
    """Print the JSON Schema that every report follows, or what another verb writes."""
    with told():
        from embaudit.reference import schema_of

        written = schema_of(of)
        to_stdout(lambda: print(written, end=""))
