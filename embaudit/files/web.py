"""What is read from the web: https:// through fsspec, hf:// through huggingface_hub; an extra.

Nothing of an answer is told but its status: what is written there, or in an address, may be secret.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from importlib.util import find_spec
from typing import Any, TypeVar

from pyarrow import fs

from embaudit.core.location import Location
from embaudit.core.package_extras import install_line
from embaudit.errors import UsageError

T = TypeVar("T")
NEEDS = {"https": ("fsspec", "aiohttp"), "http": ("fsspec", "aiohttp"), "hf": ("huggingface_hub",)}
VERSIONS = ("ETag", "blob_id", "oid", "last_modified")  # what tells one content from the next


@dataclass(frozen=True)
class WebEntry:
    """What is at an address; mtime_ns: a number that another content does not have."""

    base_name: str
    type: Any
    size: int | None
    mtime_ns: int | None


def information(at: Location) -> WebEntry:
    """What the server tells of an address. Raises FileNotFoundError, or OSError of a status."""
    system = _system(at)
    return _found(_asked(at, lambda: system.info(_address(at))))


def listing(at: Location) -> list[WebEntry]:
    """What the server tells of every entry of a directory."""
    system = _system(at)
    return [_found(one) for one in _asked(at, lambda: system.ls(_address(at), detail=True))]


class WebFile:
    """A file at an address, read in ranges."""

    def __init__(self, at: Location) -> None:
        self._place, self._system = at, _system(at)

    @cached_property
    def _size(self) -> int:
        size = information(self._place).size
        if size is None:
            raise OSError("WEB_SIZE_UNTOLD")
        return size

    def size(self) -> int:
        """In bytes."""
        return self._size

    def read_at(self, size: int, start: int) -> bytes:
        """So many bytes from a place on. Raises OSError where the server sends others."""
        address = _address(self._place)
        data = _asked(
            self._place, lambda: self._system.cat_file(address, start=start, end=start + size)
        )
        if len(data) > size:
            raise OSError("WEB_NO_RANGES")
        return bytes(data)


def _system(at: Location) -> Any:
    """The file system of an address. Raises UsageError where what it takes is not installed."""
    if missing := [name for name in NEEDS[at.scheme] if find_spec(name) is None]:
        raise UsageError(
            f"{at.scheme}:// needs {' and '.join(missing)}, which the core does without.",
            f"{install_line('web')}.",
        )
    if at.scheme == "hf":
        from huggingface_hub import HfFileSystem

        return HfFileSystem()
    import fsspec

    return fsspec.filesystem(at.scheme)


def _address(at: Location) -> str:
    return f"{at.written.rstrip('/')}/{at.inside}" if at.inside else at.written


def _asked(at: Location, call: Callable[[], T]) -> T:
    """What a server answers. What it says of a failure may repeat the address, and is not told."""
    try:
        return call()
    except Exception as error:
        failed = error.__cause__ or error  # fsspec takes all that fails for what is not there
        answer = getattr(failed, "response", None)
        status = getattr(failed, "status", None) or getattr(answer, "status_code", None)
        if status == 404 or isinstance(failed, FileNotFoundError):
            raise FileNotFoundError(str(at)) from None
        raise OSError(f"WEB_{status or type(failed).__name__}") from None


def _found(info: dict[str, Any]) -> WebEntry:
    told = next((str(info[name]) for name in VERSIONS if info.get(name)), None)
    digest = None if told is None else blake2b(told.encode(), digest_size=7).digest()
    return WebEntry(
        base_name=str(info["name"]).rstrip("/").rpartition("/")[2],
        type=fs.FileType.Directory if info.get("type") == "directory" else fs.FileType.File,
        size=info.get("size"),
        mtime_ns=None if digest is None else int.from_bytes(digest, "big"),
    )
