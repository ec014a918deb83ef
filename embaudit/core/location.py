"""Where a file is: a path of this machine, or an address in a store, told without its secrets."""

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from urllib.parse import unquote

from embaudit.errors import UsageError

STORES = ("s3", "gs", "az", "hdfs")
WEB = ("https", "http", "hf")  # are read only
KNOWN = (
    "a path, file:///path, s3://bucket/key, gs://bucket/key, az://container/key, hdfs://host/path, "
    "or to read https://host/path or hf://datasets/owner/name/path"
)
ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://|(file|s3|gs|az|hdfs|https?|hf):/", re.IGNORECASE)
LOCAL = re.compile(r"file:(?://(?:localhost)?)?(?=/)(?!//)", re.IGNORECASE)
TOLD = re.compile(r"[^:]+:/{1,2}([^/?]*)([^?]*)")  # host and key, without the options
HOST, BUCKET = re.compile(r"[^:]*(:[0-9]+)?"), re.compile(r"[^:]*")


@dataclass(frozen=True, repr=False)
class Location:
    """A file or directory as it was named; `str` of it is for messages and reports.

    inside: a name below what was written. called: how it is told, where that is not by its path.
    What an address says of credentials and options is never told.
    """

    written: str
    inside: str = ""
    called: str = ""

    @cached_property
    def local(self) -> bool:
        """Whether it is a path of this machine."""
        return ADDRESS.match(self.written) is None

    @property
    def scheme(self) -> str:
        """Of an address: s3 in s3://bucket/key; empty for a path."""
        return "" if self.local else self.written.partition(":")[0].lower()

    @property
    def suffix(self) -> str:
        """As of a path: `.npy`."""
        return PurePath(self._path if self.local else str(self)).suffix

    def with_suffix(self, suffix: str) -> "Location":
        """What stands beside it under the same name with another suffix."""
        old = self.suffix
        if self.inside:
            return Location(self.written, self.inside.removesuffix(old) + suffix)
        path, mark, options = (self.written, "", "") if self.local else self.written.partition("?")
        scheme = ADDRESS.match(path)  # without its slashes it would be an address no more
        start = scheme.end() if scheme else 0
        named = path[start:].rstrip("/").removesuffix(old)
        return Location(path[:start] + named + suffix + mark + options)

    def absolute(self) -> "Location":
        """The same from wherever one stands; an address stays as it is."""
        return Location(os.path.abspath(self), called=self.called) if self.local else self

    def __truediv__(self, name: str) -> "Location":
        return Location(self.written, os.path.join(self.inside, name))

    @property
    def _path(self) -> str:
        """Of this machine."""
        return os.path.join(self.written, self.inside) if self.inside else self.written

    def __str__(self) -> str:
        if self.local:
            return self.called or self._path
        match = TOLD.match(self.written)
        assert match is not None
        host, key = match[1].rpartition("@")[2], match[2]
        if self.scheme not in STORES:  # in a store # is a character of keys
            host, key = host.partition("#")[0], key.partition("#")[0]
        named = BUCKET if self.scheme in ("s3", "gs", "az") else HOST
        if not named.fullmatch(host):  # a secret with a slash in it, which should be %2F
            host, key = "***", ""
        whole = f"{self.scheme}://{host}{key}"
        return f"{whole.rstrip('/')}/{self.inside}" if self.inside else whole

    def __repr__(self) -> str:
        return f"Location({str(self)!r})"

    def __fspath__(self) -> str:
        if not self.local:
            raise TypeError(f"{self} is no path of this machine")
        return self._path


AnyPath = str | Path | Location
STANDARD = "-"  # standard input or output, where a path may be given


def located(path: AnyPath) -> Location:
    """The location that a path or an address names; file:///path is the path."""
    if isinstance(path, Location):
        return path
    if not isinstance(path, str | os.PathLike):
        cause = f"{type(path).__name__} is no path."
        raise UsageError(cause, "Give a text or a pathlib.Path; arrays go to embaudit.audit.")
    text = str(path)
    local = LOCAL.match(text)
    return Location(unquote(text[local.end() :]) if local else text)
