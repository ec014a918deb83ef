"""A store at the other end of a network, through `pyarrow.fs`; nothing of it is our own.

Credentials, regions, endpoints and retries are those of pyarrow: from its environment, its files
and the options of an address. Its patience is ours. Imported only for an address: others need no
pyarrow.
"""

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache, partial
from typing import Any, Literal, TypeVar
from urllib.parse import quote, unquote

import pyarrow as pa
from pyarrow import fs

from embaudit.core.location import KNOWN, STORES, WEB, Location
from embaudit.errors import UsageError, did_you_mean
from embaudit.files import web
from embaudit.files.azure_filesystem import azure_store

T = TypeVar("T")
PATIENCE = 60.0  # seconds that any answer may take
SLOWEST = 64 << 10  # bytes a second that a line carries at least
URI = "%/:?=&@+,;!$()*[]'"  # kept as written; what no URI may hold can only mean itself
NO_BUCKET = "NO_SUCH_BUCKET"
STALLED = "NO_ANSWER_IN_TIME"
DENIED = re.compile(
    "ACCESS_DENIED|INVALID_ACCESS_KEY|INVALID_CLIENT_TOKEN|SIGNATURE_DOES_NOT_MATCH|EXPIRED_TOKEN|"
    "UNRECOGNIZED_CLIENT|HTTP status 40[13]|WEB_40[13]|AuthenticationFailed|PERMISSION_DENIED|"
    r"UNAUTHENTICATED|Azure Error: \[\w*\] 40[13]"
)
LOST = re.compile(
    r"NETWORK_CONNECTION|curlCode|REQUEST_TIMEOUT|UNAVAILABLE|DEADLINE_EXCEEDED|Azure Error: \[\] |"
    "WEB_(429|5[0-9]{2}|[A-Za-z]*(Connect|Disconnect|Timeout|Payload)[A-Za-z]*)"
)
FAULTS = (  # what a store answers, and what it means; the first that fits
    (
        re.compile(f"{NO_BUCKET}|NoSuchBucket|Bucket +(not found|does not exist)"),
        "there is no such bucket; check its name, the region and the endpoint.",
    ),
    (
        DENIED,
        "access is denied (a store may say so of what is not there, too); check the credentials "
        "and what they may do.",
    ),
    (
        LOST,
        "the store cannot be reached, or the connection dropped; check the endpoint and the "
        "network, and try again.",
    ),
    (
        re.compile(STALLED),
        "the store stalls: no answer came for a minute, or bytes came too slowly; check the "
        "endpoint and the network, and try again.",
    ),
    (
        re.compile("WEB_NO_RANGES|WEB_SIZE_UNTOLD"),
        "the server does not answer for ranges of a file; download it, and give the copy.",
    ),
    (re.compile("SLOW_DOWN|THROTTLING"), "the store is overloaded; try again later."),
    (
        re.compile("libjvm|libhdfs"),
        "HDFS needs Java and libhdfs; set JAVA_HOME, HADOOP_HOME and CLASSPATH as pyarrow asks.",
    ),
)
OTHER = re.compile(r"AWS Error ([A-Z_0-9]+(?: \(HTTP status \d+\))?)|Status\(([A-Z_]+)|WEB_(\w+)")
NAMES = re.compile(
    r"(?<!\w)'[^']*'(?!\w)"
)  # in what a store answers: a bucket may be called like a fault
OPTION = re.compile(r"query parameter in \w+ URI: '(\w+)'")
KINDS: dict[Any, Literal["file", "directory"]] = {
    fs.FileType.File: "file",
    fs.FileType.Directory: "directory",
}


def answered(call: Callable[[], T], size: int = 0) -> T:
    """What a call to a store returns or raises, if that comes in time; size: bytes it moves.

    pyarrow tries again for minutes what stalls, and waits for ever where a byte comes now and
    then. Its calls cannot be stopped: one that is late is left to its thread.
    Raises OSError if it is late.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # raised to who waits
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return outcome.result(PATIENCE + size / SLOWEST)
    except TimeoutError:
        if outcome.done():  # one of the call's own
            raise
        raise OSError(STALLED) from None


def found(at: Location) -> tuple[Any, str]:
    """The file system of an address, and the path in it.

    Raises UsageError for an address that nothing here can read, or OSError from the store.
    """
    rest = at.written[len(at.scheme) :]
    if at.scheme not in STORES:
        near = "" if at.scheme == "file" else did_you_mean(at.scheme, (*STORES, "file"), 1)
        hint = f"{near} Give {KNOWN}.".lstrip()
        raise UsageError(f"{at}: is no address that is known here.", hint)
    if not rest.startswith("://"):
        hint = "Give a text and no Path, which keeps one of two slashes."
        raise UsageError(f"{at}: came with a single slash before the name.", hint)
    try:
        system, path = answered(partial(_connected, at.scheme + quote(rest, URI)))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        unknown = OPTION.search(str(error))
        why = f"the option {unknown[1]!r} is unknown" if unknown else "it cannot be parsed"
        hint = "Write % as %25, and what is special in a secret likewise: / as %2F, + as %2B."
        cause = f"{at}: is no address that pyarrow takes: {why}."
        raise UsageError(cause, hint) from None  # which would tell the secrets
    return system, f"{path.rstrip('/')}/{at.inside}" if at.inside else path


@lru_cache(maxsize=256)
def _connected(address: str) -> tuple[Any, str]:
    if address.startswith("az:"):
        return azure_store(), unquote(address.removeprefix("az://").partition("?")[0])
    system, path = fs.FileSystem.from_uri(address)
    return system, path


def information(at: Location) -> Any:
    """What the store tells of it: type, size, mtime_ns.

    Raises FileNotFoundError for what is not there, OSError where the store does not answer.
    """
    if at.scheme in WEB:
        return web.information(at)
    system, path = found(at)
    known = _look(system, path)
    if known.type == fs.FileType.NotFound:
        bucket = path.partition("/")[0]
        missing = at.scheme != "hdfs" and _look(system, bucket).type == known.type
        raise OSError(NO_BUCKET) if missing else FileNotFoundError(str(at))
    return known


def _look(system: Any, path: Any) -> Any:
    return answered(partial(system.get_file_info, path))


def listing(at: Location) -> list[Any]:
    """What the store tells of every entry of a directory."""
    if at.scheme in WEB:
        return web.listing(at)
    system, path = found(at)
    return list(_look(system, fs.FileSelector(path)))


def input_file(at: Location) -> Any:
    """A file of pyarrow, read in ranges."""
    if at.scheme in WEB:
        return web.WebFile(at)
    system, path = found(at)
    return answered(partial(system.open_input_file, path))


def denied(error: Exception) -> bool:
    """Whether the store forbids what was asked."""
    return DENIED.search(NAMES.sub("", str(error))) is not None


def lost(error: Exception) -> bool:
    """Whether the store does not answer, however often it is asked."""
    text = NAMES.sub("", str(error))
    return STALLED in text or LOST.search(text) is not None


def reason(error: Exception) -> str:
    """What went wrong and what to do, in our words; nothing where it was not the store."""
    text = NAMES.sub("", str(error))
    for pattern, told in FAULTS:
        if pattern.search(text):
            return told
    code = OTHER.search(text)
    return f"the store answered {code[1] or code[2] or code[3]}; try again." if code else ""
