"""The writer of a verb's results: its media by suffix and format, each file whole or not at all."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Generic, TypeVar

from embaudit.core.location import AnyPath, Location, located
from embaudit.core.package_extras import install_line
from embaudit.errors import OutputFailed, UsageError
from embaudit.outputs.media import Medium, OutputOptions, files_of, formats_of
from embaudit.outputs.overwriting import check_spares
from embaudit.outputs.stdout import in_log, to_stdout, write_as_files

T = TypeVar("T")


@dataclass(frozen=True)
class Writers(Generic[T]):
    """How the results of a verb are had, and its files: checked before anything is read."""

    verb: str
    options: OutputOptions = field(default_factory=OutputOptions)

    @property
    def files(self) -> Mapping[str, Medium]:
        """What can be written, by suffix."""
        return files_of(self.verb)

    def of(self, path: Location, result: T) -> bytes:
        """The content of a file, by its suffix; raises UsageError for an unknown one."""
        shown = self._medium(path).of(self.verb)(result, self.options)
        assert shown is not None
        return shown.encode() if isinstance(shown, str) else shown

    def check(self, paths: Sequence[Location], *inputs: AnyPath | None) -> None:
        """Raise UsageError or OutputFailed for what cannot or must not be written in the end."""
        from embaudit.files import check_writable

        for path in paths:
            _check_extra(self._medium(path))
            check_spares(path, [located(one) for one in inputs if one is not None])
        for path in paths:
            check_writable(path)

    def write(self, result: T, paths: Sequence[Location]) -> None:
        """Write every file; if one fails, say which are there."""
        from embaudit.files import write_atomically

        done: list[str] = []
        for path, content in [(path, self.of(path, result)) for path in paths]:
            try:
                write_atomically(path, content)
            except OutputFailed as failure:
                written = f" Already written: {', '.join(done)}." if done else ""
                raise OutputFailed(failure.message + written, failure.hint) from failure
            done.append(str(path))

    def check_format(self, format: str) -> None:
        """Raise UsageError for a format that cannot be had, or that no terminal shows."""
        medium = formats_of(self.verb)[format]
        _check_extra(medium)
        if medium.holds != "document" and sys.stdout is not None and sys.stdout.isatty():
            raise UsageError(
                f"--format {format} is not for a terminal.", "Send it to a file or a program."
            )

    def show(self, result: T, format: str) -> None:
        """Write the result to standard output, in a format that its verb offers."""

        def show() -> None:
            shown = formats_of(self.verb)[format].of(self.verb)(result, self.options)
            if isinstance(shown, bytes):
                sys.stdout.buffer.write(shown)
            elif isinstance(shown, str):  # else it has printed itself
                write_as_files(in_log(shown) if format == "json" else shown)

        to_stdout(show)

    def _medium(self, path: Location) -> Medium:
        medium = self.files.get(path.suffix.lower())
        if medium is None:
            raise UsageError(
                f"Cannot tell what to write to {str(path)!r}: unknown suffix {path.suffix!r}.",
                f"Use one of {', '.join(self.files)}.",
            )
        return medium


def _check_extra(medium: Medium) -> None:
    """Raise UsageError where what a medium needs is not installed."""
    missing = [name for name in medium.packages if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"{medium.noun} needs {' and '.join(missing)}, which the core does without.",
            install_line(medium.extra),
        )
