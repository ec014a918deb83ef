"""Where results go: files by suffix, all or nothing each, and standard output."""

import io
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from embaudit.errors import OutputFailed, UsageError
from embaudit.location import AnyPath, Location, located
from embaudit.settings.options import AuditFormats

if TYPE_CHECKING:
    from embaudit.mining import Mined
    from embaudit.pipeline import Audited
    from embaudit.planning.dry_run import Cost
    from embaudit.projecting import Projected
    from embaudit.report import GatePreset, Measure
    from embaudit.report.comparison import Comparison
    from embaudit.report.mined import Form
    from embaudit.report.sweep import Sweep
    from embaudit.report.topic import Topic
    from embaudit.report.trend import Trend

T = TypeVar("T")
PAGE = ".html"
SHARDS = (".npy", ".parquet")  # of a directory that is an input


@dataclass(frozen=True)
class Writers(Generic[T]):
    """How a result of one kind is rendered, and its files: checked before anything is read.

    others: by the suffix of a file; shown: by a format of standard output.
    """

    json: Callable[[T], str]
    markdown: Callable[[T], str]
    text: Callable[[T], object]
    others: Mapping[str, Callable[[T], bytes]] = field(default_factory=dict)
    shown: Mapping[str, Callable[[T], str]] = field(default_factory=dict)

    def of(self, path: Location) -> Callable[[T], bytes]:
        """How a file is written, by its suffix; raises UsageError for an unknown one."""
        writers: dict[str, Callable[[T], bytes]] = {
            **self.others,
            ".json": lambda result: self.json(result).encode(),
            ".md": lambda result: self.markdown(result).encode(),
        }
        writer = writers.get(path.suffix.lower())
        if writer is None:
            raise UsageError(
                f"Cannot tell what to write to {str(path)!r}: unknown suffix {path.suffix!r}.",
                f"Use one of {', '.join(writers)}.",
            )
        return writer

    def check(self, paths: Sequence[Location], *inputs: AnyPath | None) -> None:
        """Raise UsageError or OutputFailed for what cannot or must not be written in the end."""
        from embaudit.files import check_writable

        for path in paths:
            self.of(path)
            if path.suffix.lower() == PAGE:
                _check_extra()
            _spare(path, [located(one) for one in inputs if one is not None])
        for path in paths:
            check_writable(path)

    def write(self, result: T, paths: Sequence[Location]) -> None:
        """Write every file; if one fails, say which are there."""
        from embaudit.files import write_atomically

        done: list[str] = []
        for path, content in [(path, self.of(path)(result)) for path in paths]:
            try:
                write_atomically(path, content)
            except OutputFailed as failure:
                written = f" Already written: {', '.join(done)}." if done else ""
                raise OutputFailed(failure.message + written, failure.hint) from failure
            done.append(str(path))

    def show(self, result: T, format: AuditFormats) -> None:
        """Write the result to standard output, in a format that its verb offers."""
        if format == "text":
            to_stdout(lambda: self.text(result))
        else:
            write = {"json": self.shown_json, "markdown": self.markdown, **self.shown}[format]
            to_stdout(lambda: _write_as_files(write(result)))

    def shown_json(self, result: T) -> str:
        """As in a file, but for what a log would obey."""
        return in_log(self.json(result))


def in_log(json_text: str) -> str:
    """The same JSON without `##`: wherever it stands in a log, `##vso[...]` is a command there.

    In JSON only a string can hold it. `::` begins no line: a quote stands before every text.
    """
    return json_text.replace("##", "#\\u0023")


def _write_as_files(content: str) -> None:
    """Write what other programs read: UTF-8 as in a file, whatever the locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(content)


def _spare(path: Location, inputs: Sequence[Location]) -> None:
    """Raise UsageError for an output that would replace an input, or join its shards."""
    for one in inputs:
        if path.local != one.local:
            continue
        same, below = _overlap(path, one) if path.local else _overlap_in_store(path, one)
        if same or (below and path.suffix.lower() in SHARDS):
            raise UsageError(
                f"{path}: would overwrite or join the input {one}.", "Give another name."
            )


def _overlap(path: Location, own: Location) -> tuple[bool, bool]:
    """Whether two paths are of one file, and whether the first is in the other, a directory.

    What is wrong with a path, such as a loop of symlinks, those tell who read or write it.
    """
    from embaudit.files import identity

    target, there = (Path(os.path.realpath(one)) for one in (path, own))
    known = identity(path)
    same = target == there or (known is not None and known == identity(own))
    return same, os.path.isdir(there) and there in target.parents


def _overlap_in_store(path: Location, own: Location) -> tuple[bool, bool]:
    from embaudit.files import identity

    output, one = (str(identity(at)) for at in (path, own))
    return output == one, output.startswith(f"{one}/")


def _check_extra() -> None:
    """Raise UsageError where what draws pages is not installed."""
    missing = [name for name in ("jinja2", "matplotlib") if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"A page in HTML needs {' and '.join(missing)}, which the core does without.",
            "pip install 'embaudit[report]'",
        )


def report_writers(quiet: bool = False, assets: Path | None = None) -> Writers["Audited"]:
    """How an audit is written, a row an anchor too; quiet: only what a gate or a warning says.

    assets: the directory below which a page may show pictures that kept columns name.
    """
    from embaudit.baseline import RUN_ID
    from embaudit.files import parquet_of
    from embaudit.measures import MEASURES
    from embaudit.render import (
        console_for,
        render_gate,
        render_github,
        render_junit,
        render_markdown,
        render_terminal,
    )

    def text(found: "Audited") -> None:
        if not quiet:
            render_terminal(found.report, MEASURES, console_for(sys.stdout))
        elif found.report.gate.verdict == "fail":
            render_gate(found.report, console_for(sys.stdout))

    def page(found: "Audited") -> bytes:
        from embaudit.render.html import audit_page

        return audit_page(found.report, MEASURES, found.kept(), assets).encode()

    return Writers(
        lambda found: found.report.to_json(),
        lambda found: render_markdown(found.report, MEASURES),
        text,
        {
            PAGE: page,
            ".xml": lambda found: render_junit(found.report),
            ".parquet": lambda found: parquet_of(found.anchors(), {RUN_ID: found.report.run_id}),
        },
        {"github": lambda found: render_github(found.report, quiet)},
    )


def kept_columns(
    asked: str | None, paths: Sequence[Location], *, labelled: bool = True
) -> tuple[str, ...]:
    """The columns of a comma list that go along into a table of anchors, or a page.

    Raises UsageError where no such table is written, or has a column of that name already, and
    where there can be none.
    """
    from embaudit.measures import COLUMNS

    names = tuple(dict.fromkeys(filter(None, (name.strip() for name in (asked or "").split(",")))))
    tables = [path for path in paths if path.suffix.lower() == ".parquet"]
    if tables and not labelled:
        raise UsageError(
            f"{tables[0]}: would hold a row for each anchor, and without labels there are none.",
            "Give labels, or drop this output.",
        )
    if names and not tables and not any(path.suffix.lower() == PAGE for path in paths):
        raise UsageError(
            "--keep-columns goes into a table of anchors or a page, and none is written.",
            "Add -o anchors.parquet, or -o report.html.",
        )
    taken = [name for name in names if name in COLUMNS]
    if taken and tables:
        raise UsageError(
            f"--keep-columns: the table of anchors has {', '.join(map(repr, taken))} of its own.",
            "Leave these out, or rename them in the input.",
        )
    return names


def check_assets(root: Path | None, keep: str | None, paths: Sequence[Location]) -> None:
    """Raise UsageError for a directory of pictures that is none, or that no page can show."""
    if root is None:
        return
    if not os.path.isdir(root):
        raise UsageError(f"--asset-root {root}: there is no such directory.")
    if keep is None or not any(path.suffix.lower() == PAGE for path in paths):
        raise UsageError(
            "--asset-root shows pictures in a page, by the paths in a column.",
            "Add -o report.html and --keep-columns NAME.",
        )


def trend_writers(quiet: bool = False) -> Writers["Trend"]:
    """How a series of checkpoints is written; quiet: no text."""
    from embaudit.measures import MEASURES
    from embaudit.render import console_for, render_trend, trend_markdown

    def text(trend: "Trend") -> None:
        if not quiet:
            render_trend(trend, console_for(sys.stdout))

    def page(trend: "Trend") -> bytes:
        from embaudit.render.html import trend_page

        return trend_page(trend, MEASURES).encode()

    return Writers(lambda trend: trend.to_json(), trend_markdown, text, {PAGE: page})


def forecast_writers(quiet: bool = False) -> Writers["Sweep"]:
    """How a forecast is written; quiet: no text."""
    from embaudit.render import console_for, forecast_markdown, render_forecast

    def text(sweep: "Sweep") -> None:
        if not quiet:
            render_forecast(sweep, console_for(sys.stdout))

    return Writers(lambda sweep: sweep.to_json(), forecast_markdown, text)


def projection_writers(quiet: bool = False) -> Writers["Projected"]:
    """How a projection is written, f* itself too; quiet: no text."""
    from embaudit.files import npy_of, parquet_of
    from embaudit.render import console_for, projection_markdown, render_projection

    def text(found: "Projected") -> None:
        if not quiet:
            render_projection(found.told, console_for(sys.stdout))

    def table(found: "Projected") -> bytes:
        columns: dict[str, Any] = {"row": found.rows, "label": found.labels}
        if found.ids is not None:
            columns["id"] = found.ids
        columns |= {"displacement": found.displacement, "embedding": found.vectors}
        return parquet_of(columns)

    return Writers(
        lambda found: found.told.to_json(),
        lambda found: projection_markdown(found.told),
        text,
        {".npy": lambda found: npy_of(found.vectors), ".parquet": table},
    )


def mining_writers(
    quiet: bool = False, form: "Form" = "triplets", text_column: str | None = None
) -> Writers["Mined"]:
    """How mined triplets are written, as a table in this form or as a summary; quiet: no text."""
    from embaudit.files import parquet_of
    from embaudit.render import console_for, mining_markdown, render_mining

    def text(found: "Mined") -> None:
        if not quiet:
            render_mining(found.told, console_for(sys.stdout))

    return Writers(
        lambda found: found.told.to_json(),
        lambda found: mining_markdown(found.told),
        text,
        {".parquet": lambda found: parquet_of(found.table(form, text_column))},
    )


def comparison_writers(quiet: bool = False) -> Writers["Comparison"]:
    """How a comparison is written; quiet: no text."""
    from embaudit.measures import MEASURES
    from embaudit.render import comparison_markdown, console_for, render_comparison

    def text(found: "Comparison") -> None:
        if not quiet:
            render_comparison(found, MEASURES, console_for(sys.stdout))

    def page(found: "Comparison") -> bytes:
        from embaudit.render.html import comparison_page

        return comparison_page(found, MEASURES).encode()

    return Writers(
        lambda found: found.to_json(),
        lambda found: comparison_markdown(found, MEASURES),
        text,
        {PAGE: page},
    )


def reference_writers() -> "Writers[Sequence[Measure | Topic]]":
    """How measures and findings are explained; all of them with the presets of the gate."""
    from embaudit.findings.topics import TOPICS
    from embaudit.gate import PRESETS
    from embaudit.measures import MEASURES
    from embaudit.render import (
        console_for,
        reference_json,
        reference_markdown,
        render_explanations,
    )

    known: Sequence[Measure | Topic] = (*TOPICS, *MEASURES)
    return Writers(
        lambda chosen: reference_json(chosen, known),
        lambda chosen: reference_markdown(
            chosen, known, tuple(PRESETS.values()) if len(chosen) == len(known) else ()
        ),
        lambda chosen: render_explanations(chosen, known, console_for(sys.stdout)),
    )


def preset_writers() -> "Writers[GatePreset]":
    """How a preset of the gate is explained."""
    from embaudit.render import console_for, preset_json, presets_markdown, render_preset

    return Writers(
        preset_json,
        lambda preset: presets_markdown((preset,)),
        lambda preset: render_preset(preset, console_for(sys.stdout)),
    )


def show_cost(cost: "Cost", format: AuditFormats) -> None:
    """Write what an audit would cost to standard output."""
    from embaudit.render import console_for, render_cost

    if format == "json":
        show_json(asdict(cost))
    else:
        to_stdout(lambda: render_cost(cost, console_for(sys.stdout)))


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
