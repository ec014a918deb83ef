"""What is read from the web, from a server on loopback; nothing that an address hides is told."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

import numpy as np
import pytest

import embaudit
from embaudit.errors import InputRefused, UsageError
from embaudit.files import web
from tests.files.corpus import X, Y

SECRET = "sig=abc%2Fdef"


class Server(BaseHTTPRequestHandler):
    """Files by name, in ranges; others are forbidden, gone or broken."""

    files: dict[str, bytes] = {}  # noqa: RUF012

    def do_HEAD(self) -> None:
        self._answer(head=True)

    def do_GET(self) -> None:
        self._answer(head=False)

    def _answer(self, *, head: bool) -> None:
        name = self.path.lstrip("/").partition("?")[0]
        status = {"forbidden.npy": 403, "broken.npy": 500}.get(name, 404)
        data = self.files.get(name)
        if data is None:
            self.send_error(status)
            return
        start, end = 0, len(data)
        if asked := self.headers.get("Range"):
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, end = int(first), min(end, int(last) + 1) if last else end
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(end - start))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        if not head:
            self.wfile.write(data[start:end])

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def server() -> Iterator[str]:
    for name in ("fsspec", "aiohttp"):
        pytest.importorskip(name)
    for name, array in (("x", X), ("y", Y)):
        sink = BytesIO()
        np.save(sink, array)
        Server.files[f"{name}.npy"] = sink.getvalue()
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()


def test_what_a_server_sends_is_the_file(server: str) -> None:
    loaded = embaudit.load(f"{server}/x.npy?{SECRET}", f"{server}/y.npy")
    assert np.array_equal(loaded.vectors, X[loaded.rows])
    assert [one.path for one in loaded.sources] == [f"{server}/x.npy", f"{server}/y.npy"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone.npy", "no such file"),
        ("forbidden.npy", "access is denied"),
        ("broken.npy", "cannot be reached"),
    ],
)
def test_what_a_server_refuses_is_told_without_secrets(name: str, says: str, server: str) -> None:
    with pytest.raises(Exception) as refusal:  # noqa: PT011
        embaudit.load(f"{server}/{name}?{SECRET}", f"{server}/y.npy")
    assert says in str(refusal.value)
    assert "abc" not in str(refusal.value)


def test_nothing_is_written_to_the_web() -> None:
    from embaudit.files import check_writable

    with pytest.raises(UsageError, match="can be read, and not written"):
        check_writable("https://example.org/report.json")


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"\.\[web\]"):
        embaudit.load("hf://datasets/owner/name/x.npy", no_labels=True)


def test_an_account_of_azure_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises((UsageError, InputRefused), match="AZURE_STORAGE_ACCOUNT"):
        embaudit.load("az://container/x.npy", no_labels=True)
