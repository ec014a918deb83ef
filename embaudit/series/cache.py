"""Reports that were computed before, in a directory that may be deleted at any time."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from pydantic import ValidationError

from embaudit import __version__
from embaudit.config import Settings
from embaudit.data import Notice, Source
from embaudit.errors import InputRefused, OutputFailed
from embaudit.files import Names, content_of, create_ignored, write_atomically
from embaudit.measures import MEASURES
from embaudit.report import SCHEMA_VERSION, Report

HERE = Path(".embaudit_cache")
LARGEST = 1 << 30  # bytes of a report
NO_NUMBER = {"gate", "baseline", "batches", "threads", "block_rows", "memory_budget"}


def key_of(
    sources: Sequence[Source], notices: Sequence[Notice], names: Names, settings: Settings
) -> str:
    """Of all that goes into a report: the bytes of the files, the columns, options, versions."""
    told = {
        "inputs": [asdict(source) for source in sources],
        "notices": [asdict(notice) for notice in notices],
        "columns": asdict(names),
        "settings": settings.model_dump(mode="json", exclude=NO_NUMBER),
        "measures": {measure.id: measure.definition for measure in MEASURES},
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
    }
    return _digest(json.dumps(told, sort_keys=True).encode())


class Cache:
    """Reports by key; without a folder nothing is kept.

    A file is named by its key and by its own content, so that what is damaged or foreign is never
    taken for an answer, and runs that share the folder never write over one another.
    """

    def __init__(self, folder: Path | None, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn  # told once if nothing can be written
        self._writes = folder is not None

    def get(self, key: str, sources: Sequence[Source]) -> Report | None:
        """The report that was kept under a key, if there is one of these files."""
        found = filter(None, map(_report_in, self._files(key)))
        return next((report for report in found if report.inputs == tuple(sources)), None)

    def put(self, key: str, report: Report) -> None:
        """Keep a report; where that fails, the run goes on without."""
        if self._folder is None or not self._writes:
            return
        content = report.to_json().encode()
        try:
            create_ignored(self._folder)
            write_atomically(self._folder / _name(key, content), content)
        except OutputFailed as failure:
            self._writes = False
            self._warn(f"Audits are not kept for the next run. {failure.message} {failure.hint}")

    def _files(self, key: str) -> Iterator[Path]:
        if self._folder is not None:
            with suppress(OSError):
                yield from sorted(self._folder.glob(f"{key}.*.json"))


def _report_in(path: Path) -> Report | None:
    """The report in a file, None if its content is not what its name says, or is no report."""
    with suppress(OSError, InputRefused, ValidationError):
        if path.stat().st_size <= LARGEST:
            content = content_of(path)
            if path.name == _name(path.name.partition(".")[0], content):
                return Report.model_validate_json(content)
    return None


def _name(key: str, content: bytes) -> str:
    return f"{key}.{_digest(content)}.json"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
