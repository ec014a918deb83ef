"""Rows as a library reads them that may end the process that it is in, and who answers there.

`library_process` runs `serve` in a process of its own, and asks it which columns there are, and for
batches of them, one an answer. What a damaged file breaks in the library, it breaks there.
"""

import io
import json
import os
import signal
import struct
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

FRAME = struct.Struct(">cQ")  # before each message: its kind, and how many bytes follow
ASKED, ANSWER, RAISED, REFUSED, BYTES = b"?", b".", b"!", b"-", b"="


@dataclass(frozen=True)
class LibraryRows:
    """What a library has read of a file from its header, and how it reads the rest.

    read(names, rows): these columns, in this order, in batches of at most so many rows.
    again: what the function that made this is given beside the source when it is called once more,
    as the version that it found.
    """

    schema: "pa.Schema"
    count: int
    read: Callable[[list[str], int], "Iterable[pa.RecordBatch]"]
    again: dict[str, Any] = field(default_factory=dict)


def as_json(content: Any) -> bytes:
    """In ASCII, and on one line."""
    return json.dumps(content).encode()


class Pipe:
    """Messages to the other process and from it."""

    def __init__(self, source: IO[bytes], target: IO[bytes]) -> None:
        self._source, self._target = source, target

    def send(self, kind: bytes, content: bytes) -> None:
        """Raises BrokenPipeError where nobody listens."""
        self._target.write(FRAME.pack(kind, len(content)))
        self._target.write(content)
        self._target.flush()

    def receive(self) -> tuple[bytes, bytes]:
        """Raises EOFError where nothing comes any more."""
        kind, size = FRAME.unpack(self._exactly(FRAME.size))
        return kind, self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        told = self._source.read(size)
        if len(told) < size:
            raise EOFError
        return told


class _AskedBytes(io.RawIOBase):
    """The bytes of the file, which the other process has open."""

    def __init__(self, pipe: Pipe, size: int) -> None:
        self._pipe, self._size, self._at = pipe, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def readinto(self, into: Any) -> int:
        wanted = min(len(into), max(0, self._size - self._at))
        self._pipe.send(BYTES, as_json([self._at, wanted]))
        _, told = self._pipe.receive()
        into[: len(told)] = told
        self._at += len(told)
        return len(told)


def serve() -> None:
    """Answer whoever started this process, until they are gone."""
    pipe = Pipe(sys.stdin.buffer, io.BufferedWriter(io.FileIO(os.dup(1), "w")))
    os.dup2(2, 1)  # whatever a library prints
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the other process ends this one
    streams: dict[int, Iterator[Any]] = {}
    with suppress(EOFError, BrokenPipeError):
        while True:
            asked = json.loads(pipe.receive()[1])
            try:
                answer = _answer(pipe, asked, streams)
            except (EOFError, BrokenPipeError):
                raise
            except Exception as error:
                _tell(pipe, error)
            else:
                pipe.send(ANSWER, answer)


def _tell(pipe: Pipe, error: Exception) -> None:
    from embaudit.errors import InputRefused

    if isinstance(error, InputRefused):
        pipe.send(REFUSED, as_json([error.message, error.hint]))
    else:
        told = "".join(traceback.format_exception_only(error))
        pipe.send(RAISED, told.encode("utf-8", "replace"))


def _answer(pipe: Pipe, asked: dict[str, Any], streams: dict[int, Any]) -> bytes:
    """What a file holds, or the next batch of a stream: empty at its end."""
    _limit(asked["limit"])
    for left in asked["left"]:
        streams.pop(left, None)
    stream = asked["stream"]
    if "of" in asked:
        rows = _rows_of(pipe, json.dumps(asked["of"]))
        if stream is None:
            return as_json([rows.count, rows.again]) + b"\n" + _stream_of(rows.schema)
        streams[stream] = iter(rows.read(asked["names"], asked["rows"]))
    batch = next(streams[stream], None)
    return b"" if batch is None else _stream_of(batch.schema, batch)


def _limit(data: int | None) -> None:
    """Of memory, in bytes, as the other process has it by now; None where there is none."""
    if data is None:
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (data, most))


@lru_cache(1)
def _rows_of(pipe: Pipe, of: str) -> LibraryRows:
    """of: module, function, path of a folder or size of a file, and what is given beside."""
    module, name, source, again = json.loads(of)
    opened = io.BufferedReader(_AskedBytes(pipe, source)) if isinstance(source, int) else source
    rows: LibraryRows = getattr(import_module(module), name)(opened, **again)
    return rows


def _stream_of(schema: "pa.Schema", *batches: "pa.RecordBatch") -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as into:
        for batch in batches:
            into.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content
