"""Files that are read by a library in a process of its own: of damage it may end its process.

A format of such files is a function that runs there, from its source to `LibraryRows`, and a
`describe` that gives it to `table_of`. Source is a folder's path or a file's bytes, opened here: a
file in a store is read too. One process answers for all files.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import IO, TYPE_CHECKING, Any

from embaudit.core.machine import data_limit, more_memory
from embaudit.errors import BudgetExceeded, EmbauditError, InputRefused
from embaudit.files.library_rows import ASKED, BYTES, RAISED, REFUSED, LibraryRows, Pipe, as_json
from embaudit.files.read_faults import reading

if TYPE_CHECKING:  # the other process imports this too, and is to start at once
    import pyarrow as pa

    from embaudit.files.column import Table
    from embaudit.files.file_status import StoredFile

STARTED = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from embaudit.files.library_rows import serve; serve()"
)
PATIENCE = 600.0  # seconds for an answer: of too little memory a library may wait for itself
OF_MEMORY = re.compile(
    r"memory allocation of \d+ bytes|malloc of size|MemoryError|out of memory|bad_alloc", re.I
)
SAID = re.compile(  # the end of a traceback, of Python or C++
    r"^(?:[\w.]+:|  what\(\):) +(.+?)(, /.*)?\s*\Z", re.MULTILINE
)


def table_of(file: "StoredFile", rows: Callable[..., LibraryRows], elsewhere: str = "") -> "Table":
    """The columns of a file that `rows` reads in the other process.

    rows: a function of a module, by whose name it is found there. elsewhere: what else than to
    save the file again may help where it cannot be read.
    """
    from embaudit.files.arrow.record_batches import FAULTS, RecordBatches
    from embaudit.files.arrow.schema_columns import first_lengths, table_from

    there = _There(file, rows, f"Save or copy it again. {elsewhere}".rstrip())
    with reading(file.at, *FAULTS):
        schema, number, again = there.header()
        batches = partial(there.batches, again)
        lengths = first_lengths(schema, partial(batches, rows=1), file.path)
    return table_from(RecordBatches(file, batches), schema, number, lengths)


@contextmanager
def ended_after() -> Iterator[None]:
    """End the process once all is read; whoever reads more starts another."""
    try:
        yield
    finally:
        _RUNNING.pop(os.getpid(), None)  # streams that others still read hold it


@dataclass(frozen=True)
class _There:
    """A file as the other process has it."""

    file: "StoredFile"
    rows: Callable[..., LibraryRows]
    remedy: str

    def header(self) -> tuple["pa.Schema", int, dict[str, Any]]:
        """The schema, how many rows there are, and `LibraryRows.again`."""
        import pyarrow as pa

        with self._opened() as source:
            told = _running().ask(self, source, of=self._of({}), stream=None)
        facts, _, schema = told.partition(b"\n")
        return pa.ipc.open_stream(schema).schema, *json.loads(facts)

    def batches(
        self, again: dict[str, Any], names: list[str], rows: int
    ) -> Iterator["pa.RecordBatch"]:
        """These columns, in batches of so many rows."""
        import pyarrow as pa

        process = _running()
        stream = next(process.streams)
        asked = {"of": self._of(again), "names": names, "rows": rows}
        with self._opened() as source:
            try:
                while told := process.ask(self, source, **asked, stream=stream):
                    asked = {}
                    yield from pa.ipc.open_stream(told)
            finally:  # nothing is asked here: nobody knows when a generator is collected
                process.left.append(stream)

    def _of(self, again: dict[str, Any]) -> list[Any]:
        at = os.path.abspath(self.file.at) if self._folder else self.file.size
        return [self.rows.__module__, self.rows.__name__, at, again]

    @property
    def _folder(self) -> bool:
        return self.file.seen.kind == "directory"

    def _opened(self) -> Any:
        if not self._folder:
            return self.file.opened()
        self.file.check_unchanged()
        return nullcontext()

    def late(self) -> EmbauditError:
        """Of an answer that does not come, as when a library waits for memory."""
        cause = f"{self.file.path}: cannot be read: the library does not go on."
        return InputRefused(cause, f"Allow more memory. {self.remedy}")

    def refusal(self, said: str) -> EmbauditError:
        """Of what the other process said at its end, or of what was raised there."""
        if OF_MEMORY.search(said):
            message = f"{self.file.path}: reading it needs more memory than there is."
            return BudgetExceeded(message, more_memory())
        found = SAID.search(said)
        why = found[1][:200].rstrip(". ") if found else "the library broke off"
        return InputRefused(f"{self.file.path}: cannot be read: {why}.", self.remedy)


class _LibraryProcess:
    """The other process; ended with the last file that uses it."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-c", STARTED, json.dumps(sys.path)]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - `_end` closes it
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._said)
        self.end = weakref.finalize(self, _end, self._process, self._said, os.getpid())
        self._pipe = Pipe(*_pipes(self._process))
        self._alone = threading.Lock()
        self._late = threading.Event()
        self.streams = count()
        self.left: list[int] = []  # streams of which no more is wanted

    def ask(self, there: _There, source: IO[bytes] | None, **asked: Any) -> bytes:
        """Its answer; raises what `there` refuses, and ends if that does not come."""
        try:
            with self._alone:
                kind, content = self._exchange(source, asked)
        except (EOFError, BrokenPipeError):
            self._process.wait()
            self._said.seek(0)
            said = self._said.read().decode("utf-8", "replace")
            self.end()
            raise there.late() if self._late.is_set() else there.refusal(said) from None
        except BaseException:  # it waits for what does not come
            self.end()
            raise
        if kind == REFUSED:
            cause, remedy = json.loads(content)
            raise InputRefused(f"{there.file.path}: {cause}", remedy)
        if kind == RAISED:
            raise there.refusal(content.decode("utf-8", "replace"))
        return content

    def _exchange(self, source: IO[bytes] | None, asked: dict[str, Any]) -> tuple[bytes, bytes]:
        left, self.left = self.left, []
        self._said.seek(0)  # for both processes
        self._said.truncate()  # of what went well
        self._pipe.send(ASKED, as_json({**asked, "left": left, "limit": data_limit()}))
        while (told := self._received())[0] == BYTES:
            assert source is not None
            at, size = json.loads(told[1])
            source.seek(at)
            self._pipe.send(BYTES, source.read(size))
        return told

    def _received(self) -> tuple[bytes, bytes]:
        """The next message; the other process is ended where none comes."""
        timer = threading.Timer(PATIENCE, _give_up, (self._process, self._late))
        timer.daemon = True
        timer.start()
        try:
            return self._pipe.receive()
        finally:
            timer.cancel()


_RUNNING: dict[int, _LibraryProcess] = {}  # by who started it: a copy of the program has its own


def _running() -> _LibraryProcess:
    found = _RUNNING.get(os.getpid())
    if found is None or not found.end.alive:
        found = _RUNNING[os.getpid()] = _LibraryProcess()
    return found


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdout is not None
    assert process.stdin is not None
    return process.stdout, process.stdin


def _give_up(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    process.kill()


def _end(process: "subprocess.Popen[bytes]", said: IO[bytes], owner: int) -> None:
    """Unless this is a copy of the process that started it."""
    if owner == os.getpid():
        process.kill()
        process.wait()
    for one in (*_pipes(process), said):
        with suppress(OSError):  # a message that was cut
            one.close()
