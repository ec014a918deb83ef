"""Where results go: files by suffix, all or nothing each, and standard output."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from embaudit.errors import OutputFailed, UsageError
from embaudit.options import Format

if TYPE_CHECKING:
    from embaudit.cost import Cost
    from embaudit.report import Report


def writer_of(path: Path) -> Callable[["Report"], str]:
    """How an output is rendered, by its suffix."""
    from embaudit.measures import MEASURES
    from embaudit.render import render_markdown

    writers: dict[str, Callable[[Report], str]] = {
        ".json": lambda report: report.to_json(),
        ".md": lambda report: render_markdown(report, MEASURES),
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise UsageError(
            f"Cannot tell what to write to {str(path)!r}: unknown suffix {path.suffix!r}.",
            f"Use one of {', '.join(writers)}.",
        )
    return writer


def write_all(texts: Sequence[tuple[Path, str]]) -> None:
    """Write every output; if one fails, say which are there."""
    from embaudit.files import write_atomically

    done: list[str] = []
    for path, text in texts:
        try:
            write_atomically(path, text.encode())
        except OutputFailed as failure:
            written = f" Already written: {', '.join(done)}." if done else ""
            raise OutputFailed(failure.message + written, failure.hint) from failure
        done.append(str(path))


def show(report: "Report", format: Format, quiet: bool) -> None:
    """Write the report to standard output, in a format."""
    from embaudit.measures import MEASURES
    from embaudit.render import console_for, render_gate, render_markdown, render_terminal

    def write() -> None:
        if format == "json":
            sys.stdout.write(report.to_json())
        elif format == "markdown":
            sys.stdout.write(render_markdown(report, MEASURES))
        elif not quiet:
            render_terminal(report, MEASURES, console_for(sys.stdout))
        elif report.gate.verdict == "fail":
            render_gate(report, console_for(sys.stdout))

    if format != "text" or not quiet or report.gate.verdict == "fail":
        to_stdout(write)


def show_cost(cost: "Cost", format: Format) -> None:
    """Write what an audit would cost to standard output."""
    from embaudit.render import console_for, render_cost

    if format == "json":
        to_stdout(lambda: print(json.dumps(asdict(cost), indent=2)))
    else:
        to_stdout(lambda: render_cost(cost, console_for(sys.stdout)))


def to_stdout(write: Callable[[], object]) -> None:
    """Write a result; a reader that has gone away (`| head`) is no failure, a full disk is."""
    if sys.stdout is None:
        raise OutputFailed("Standard output is closed.", "Use -o to write the report to a file.")
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None  # nobody reads on; the verdict still counts
    except OSError as error:
        sys.stdout = None
        reason = error.strerror or str(error)
        raise OutputFailed(
            f"Standard output cannot be written: {reason}.", "Free some space, or use -o."
        ) from error
