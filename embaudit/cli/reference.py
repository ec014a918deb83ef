"""embaudit explain, embaudit schema."""

from typing import TypeVar

from embaudit import options
from embaudit.cli.shell import app, told
from embaudit.errors import UsageError
from embaudit.location import Location
from embaudit.outputs import (
    Writers,
    manual_writers,
    preset_writers,
    reference_writers,
    to_stdout,
)

Thing = TypeVar("Thing")


@app.command(
    epilog="Examples:  embaudit explain  |  embaudit explain d_iso  |  embaudit explain "
    "mixed_spaces  |  embaudit explain gate  |  embaudit explain --all -o reference.md"
)
def explain(
    id: options.ExplainedId = None,
    every: options.ExplainAll = False,
    output: options.ReferenceOutput = None,
    format: options.ReportFormat = "text",
) -> None:
    """Explain a measure, a finding or state, a preset of the gate, or a topic of the manual."""
    with told():
        from embaudit.docs import manual
        from embaudit.gate import PRESETS
        from embaudit.reference import explained, list_all

        if id is not None and every:
            raise UsageError("--all explains every one: name none.", "Drop one of them.")
        if id is None and not every:
            if output or format != "text":
                raise UsageError(
                    "Nothing says what to explain.",
                    "Name a measure, a finding or a page, or add --all.",
                )
            to_stdout(list_all)
            return
        preset, page = PRESETS.get(id or ""), manual().get(id or "")
        if preset is not None:
            _explain(preset_writers(), preset, output, format)
        elif page is not None:
            _explain(manual_writers(), page, output, format)
        else:
            _explain(reference_writers(), explained(id), output, format)


def _explain(
    writers: Writers[Thing], thing: Thing, output: list[Location] | None, format: options.Format
) -> None:
    writers.check(output or ())
    writers.write(thing, output or ())
    if not output or format != "text":
        writers.show(thing, format)


@app.command(epilog="Examples:  embaudit schema > report.schema.json  |  embaudit schema trend")
def schema(of: options.SchemaOf = "report") -> None:
    """Print the JSON Schema that every report follows, or what another verb writes."""
    with told():
        from embaudit.reference import schema_of

        written = schema_of(of)
        to_stdout(lambda: print(written, end=""))
