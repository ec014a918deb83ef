"""What is read from the web, from a server on loopback; nothing that an address hides is told."""

import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embaudit
from embaudit.errors import BudgetExceeded, EmbauditError, InputRefused, UsageError
from embaudit.files import web
from tests.faults.process import embaudit as run
from tests.faults.process import told
from tests.files.corpus import X, Y

SECRET = "sig=abc%2Fdef"


class Server(BaseHTTPRequestHandler):
    """Files by name, in ranges; others are forbidden, gone or broken.

    sent: bytes so far. Of names that begin with `whole` no ranges are sent.
    """

    files: dict[str, bytes] = {}  # noqa: RUF012
    sent = 0

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
        asked = self.headers.get("Range")
        if asked and not name.startswith("whole"):
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
            Server.sent += end - start
            self.wfile.write(data[start:end])

    def log_message(self, *_: Any) -> None:
        """Silence."""


class Hub(Server):
    """What huggingface_hub asks a hub for: of a data set `owner/name`, and its files."""

    def do_GET(self) -> None:
        path, commit = self.path.partition("?")[0], "a" * 40
        if path == "/api/datasets/owner/name":
            self._json({"id": "owner/name", "sha": commit})
        elif path.startswith("/api/datasets/owner/name/tree/"):
            files = self.files.items()
            self._json(
                [{"type": "file", "path": k, "size": len(v), "oid": commit} for k, v in files]
            )
        else:
            self.path = path.rpartition("/")[2] if "/resolve/" in path else "none"
            super().do_GET()

    def _json(self, content: Any) -> None:
        data = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def npy(array: Any) -> bytes:
    sink = BytesIO()
    np.save(sink, array)
    return sink.getvalue()


@contextmanager
def serving(kind: type[Server], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server on loopback, which has x.npy and y.npy."""
    Server.files.update({"x.npy": npy(X), "y.npy": npy(Y)})
    found = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    if context is not None:
        found.socket = context.wrap_socket(found.socket, server_side=True)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found.server_port
    found.shutdown()
    found.server_close()


@pytest.fixture
def server() -> Iterator[str]:
    for name in ("fsspec", "aiohttp"):
        pytest.importorskip(name)
    with serving(Server) as port:
        yield f"http://127.0.0.1:{port}"


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


def test_ranges_that_are_not_sent_are_told(server: str) -> None:
    """Else the file would come whole for each part of it that is read."""
    Server.files["whole.npy"] = npy(np.zeros((1 << 16, 32), "f4"))
    with pytest.raises(EmbauditError, match="ranges of a file; download it") as refusal:
        embaudit.load(f"{server}/whole.npy?{SECRET}", no_labels=True)
    assert "abc" not in str(refusal.value)


def test_what_memory_cannot_hold_is_refused_from_its_first_part(server: str) -> None:
    Server.files["large.npy"] = npy(np.zeros((1 << 16, 64), "f4"))
    before = Server.sent
    with pytest.raises(BudgetExceeded, match="of memory"):
        embaudit.load(f"{server}/large.npy", no_labels=True, memory_budget=1 << 20)
    assert Server.sent - before < len(Server.files["large.npy"]) / 2


def test_a_file_that_is_cut_on_its_way_is_refused(server: str) -> None:
    Server.files["cut.npy"] = npy(X)[:-8]
    with pytest.raises(InputRefused, match=r"cut\.npy"):
        embaudit.load(f"{server}/cut.npy", f"{server}/y.npy")


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of loopback, and a server's use of it."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, today = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(today - datetime.timedelta(1))
    made = made.not_valid_after(today + datetime.timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(*pem, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    path = folder / "certificate.pem"
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem[0]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, folder / "key.pem")
    return path, context


def test_a_server_is_believed_that_shows_its_certificate(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    path, context = certified(tmp_path)
    with serving(Server, context) as port:
        address = f"https://127.0.0.1:{port}"
        given = ("inspect", f"{address}/x.npy", "--labels", f"{address}/y.npy")
        known = {"SSL_CERT_FILE": str(path), "PYTHONUTF8": "1"}  # read where a process starts
        done = run(tmp_path, *given, env=known)
        told(done, 0)
        assert "20 rows x 4 dims of float32" in done.stdout
        refused = run(tmp_path, *given, env={"PYTHONUTF8": "1"})
        told(refused, 3)
        assert "cannot be reached" in refused.stderr


def test_a_hub_is_read(tmp_path: Path) -> None:
    """As HF_ENDPOINT names it: a hub on loopback, of which only the names are Hugging Face's."""
    pytest.importorskip("huggingface_hub")
    with serving(Hub) as port:
        hub = {"HF_ENDPOINT": f"http://127.0.0.1:{port}", "HF_HOME": str(tmp_path / "home")}
        hub |= {"HF_HUB_DISABLE_TELEMETRY": "1", "PYTHONUTF8": "1"}
        address = "hf://datasets/owner/name"
        given = (f"{address}/x.npy", "--labels", f"{address}/y.npy", "-o", "report.json")
        done = run(tmp_path, "audit", *given, "--no-progress", env=hub)
        assert done.returncode in (0, 1), done.stderr
        report = json.loads((tmp_path / "report.json").read_text())
        assert [one["path"] for one in report["inputs"]] == [f"{address}/{n}.npy" for n in "xy"]
        assert report["data"]["rows"] == 20
        missing = run(tmp_path, "inspect", f"{address}/none.npy", "--no-labels", env=hub)
        told(missing, 3)
        assert "no such file" in missing.stdout


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
