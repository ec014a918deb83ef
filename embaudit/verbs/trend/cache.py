"""Reports that were computed before, in a directory that may be deleted at any time.

Such a directory may come with a repository. So a report is sealed with a key of this user on this
machine, under the hash of what it is of: what anybody else put there is never taken for an answer.
"""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from pydantic import ValidationError

from embaudit.core.plugins import versions
from embaudit.data import Notice, Source
from embaudit.errors import InputRefused, OutputFailed
from embaudit.files import Names, content_of, create_ignored, private_key, write_atomically
from embaudit.findings import FINDINGS
from embaudit.measures import MEASURES
from embaudit.report import SCHEMA_VERSION, Report
from embaudit.settings.settings import Settings
from embaudit.version import __version__

HERE = Path(".embaudit_cache")
LARGEST = 1 << 30  # bytes of a report
MOST = 1 << 30  # bytes of all: those that were not asked for the longest go
NAME = re.compile(r"[0-9a-f]{32}\.[0-9a-f]{32}\.json")
NO_NUMBER = {
    "gate",
    "baseline",
    "batches",
    "threads",
    "block_rows",
    "memory_budget",
    "acknowledge",
}


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
        "findings": [finding.id for finding in FINDINGS],
        "plugins": versions(),
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
    }
    return _digest(json.dumps(told, sort_keys=True).encode())


class Cache:
    """Reports by key; without a folder nothing is kept.

    A file is named by its key and by the seal of both that and its content, so that what is
    damaged or foreign is never taken for an answer, and runs that share the folder never write
    over one another.
    """

    def __init__(self, folder: Path | None, warn: Callable[[str], None]) -> None:
        """warn: told once if nothing can be kept. Raises OutputFailed for a symlink."""
        if folder is not None and folder.is_symlink():
            raise OutputFailed(
                f"{folder}: is a symlink, and audits would be kept elsewhere.",
                "Remove it, or name a directory with --cache-dir; --no-cache keeps nothing.",
            )
        self._folder, self._warn, self._secret = folder, warn, b""
        if folder is not None:
            try:
                self._secret = private_key()
            except OutputFailed as failure:
                self._give_up(failure)
                self._folder = None
        self._writes = self._folder is not None

    def get(self, key: str, sources: Sequence[Source]) -> Report | None:
        """The report that was kept under a key, if there is one of these files."""
        for path in self._files(f"{key}.*.json"):
            report = self._report_in(path)
            if report is not None and report.inputs == tuple(sources):
                with suppress(OSError):
                    os.utime(path)  # it was asked for
                return report
        return None

    def put(self, key: str, report: Report) -> None:
        """Keep a report; where that fails, the run goes on without."""
        if self._folder is None or not self._writes:
            return
        content = report.to_json().encode()
        try:
            create_ignored(self._folder)
            write_atomically(self._folder / self._name(key, content), content)
        except OutputFailed as failure:
            self._writes = False
            self._give_up(failure)
        self._prune()

    def _give_up(self, failure: OutputFailed) -> None:
        self._warn(f"Audits are not kept for the next run. {failure.message} {failure.hint}")

    def _prune(self) -> None:
        """Let those go that were not asked for the longest, but never the last one."""
        known: list[tuple[int, int, Path]] = []
        for path in self._files("*.json"):
            with suppress(OSError):
                if NAME.fullmatch(path.name):
                    at = path.lstat()
                    known.append((at.st_mtime_ns, at.st_size, path))
        known.sort(reverse=True)
        taken = 0
        for number, (_, size, path) in enumerate(known):
            taken += size
            if number and taken > MOST:
                with suppress(OSError):
                    path.unlink()

    def _files(self, pattern: str) -> Iterator[Path]:
        if self._folder is not None:
            with suppress(OSError):
                yield from sorted(self._folder.glob(pattern))

    def _report_in(self, path: Path) -> Report | None:
        """The report in a file; None if its content is not what its name says, or is no report."""
        with suppress(OSError, InputRefused, ValidationError):
            if path.stat().st_size <= LARGEST:
                content = content_of(path)
                sealed = self._name(path.name.partition(".")[0], content)
                if hmac.compare_digest(path.name.encode(), sealed.encode()):
                    return Report.model_validate_json(content)
        return None

    def _name(self, key: str, content: bytes) -> str:
        seal = hmac.new(self._secret, f"{key}.".encode() + content, "sha256")
        return f"{key}.{seal.hexdigest()[:32]}.json"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
