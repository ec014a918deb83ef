"""Standard output: what people, programs and the logs of a CI read there."""

import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from embaudit.errors import OutputFailed

if TYPE_CHECKING:
    from embaudit.planning.dry_run import Cost


def show_cost(cost: "Cost", format: str) -> None:
    """Write what an audit would cost to standard output."""
    from embaudit.render import console_for, cost_document, show_document

    if format == "json":
        show_json(asdict(cost))
    else:
        to_stdout(lambda: show_document(cost_document(cost), console_for(sys.stdout)))


def show_json(data: Mapping[str, Any]) -> None:
    """Write plain values to standard output."""
    to_stdout(lambda: print(in_log(json.dumps(data, indent=2))))


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


def write_as_files(content: str) -> None:
    """Write what other programs read: UTF-8 as in a file, whatever the locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(content)


def in_log(json_text: str) -> str:
    """The same JSON without `##`: wherever it stands in a log, `##vso[...]` is a command there.

    In JSON only a string can hold it. `::` begins no line: a quote stands before every text.
    """
    return json_text.replace("##", "#\\u0023")
