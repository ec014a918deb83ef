"""az:// is read and written as a disk is: opt in with -m store.

Needs the emulator of Azure on loopback: npm install -g azurite.
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import fs

import embaudit
from embaudit.errors import InputRefused, StoreLost
from tests.faults.process import QUICK, told
from tests.faults.process import embaudit as command
from tests.files.corpus import X, Y, npy
from tests.files.test_forms import FORMS, LABELS

pytestmark = pytest.mark.store
ACCOUNT = "devstoreaccount1"  # and its key, which all emulators have
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A connection string of an emulator, with a container `sets`."""
    program = shutil.which("azurite-blob")
    if program is None:
        pytest.skip("needs azurite: npm install -g azurite")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--silent", "--disableTelemetry"]
    folder = tmp_path_factory.mktemp("azure")
    server = subprocess.Popen(
        [program, *place, "--location", str(folder), "--skipApiVersionCheck"],
        stdout=subprocess.DEVNULL,
    )
    try:
        _await(port)
        at = f"127.0.0.1:{port}"
        there = {"blob_storage_authority": at, "blob_storage_scheme": "http"}
        there |= {"dfs_storage_authority": at, "dfs_storage_scheme": "http"}
        fs.AzureFileSystem(ACCOUNT, account_key=KEY, **there).create_dir("sets")
        yield f"AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint=http://{at}/{ACCOUNT};"
    finally:
        server.terminate()
        server.wait()


def _await(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def container(azure: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The file system that the environment names."""
    for name in ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azure)
    from embaudit.files.azure_filesystem import azure_store

    return azure_store()


def put(system: Any, folder: Path, *names: str) -> list[str]:
    """What lies in a folder, in the container; and the addresses of some of it."""
    base = f"sets/{folder.parent.name}/{folder.name}"
    for path in folder.rglob("*"):
        if path.is_file():
            with system.open_output_stream(f"{base}/{path.relative_to(folder)}") as stream:
                stream.write(path.read_bytes())
    return [f"az://{base}/{name}" for name in names]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_embeddings(container: Any, tmp_path: Path, form: str) -> None:
    here, labels = FORMS[form](tmp_path), npy(tmp_path / "y.npy", Y)
    found = embaudit.load(*put(container, tmp_path, here.name, labels.name))
    expected = embaudit.load(here, labels)
    assert np.array_equal(found.vectors, expected.vectors)
    assert [one.sha256 for one in found.sources] == [one.sha256 for one in expected.sources]


@pytest.mark.parametrize("form", LABELS)
def test_every_form_of_labels(container: Any, tmp_path: Path, form: str) -> None:
    here, vectors = LABELS[form](tmp_path), npy(tmp_path / "x.npy", X)
    found = embaudit.load(*put(container, tmp_path, vectors.name, here.name))
    assert found.classes == embaudit.load(vectors, here).classes


def test_what_is_not_there_is_told(container: Any, tmp_path: Path) -> None:
    for address in ("az://sets/none.npy", "az://nowhere/x.npy"):
        with pytest.raises(InputRefused, match=r"no such|access is denied") as refusal:
            embaudit.load(address, no_labels=True)
        assert KEY not in str(refusal.value)


def test_a_wrong_key_is_told(
    container: Any, azure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npy(tmp_path / "x.npy", X)
    (address,) = put(container, tmp_path, "x.npy")
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azure.replace("Eby8", "Abcd"))
    done = command(tmp_path, "audit", address, "--no-labels")
    said = told(done, 3)
    assert "access is denied" in said
    assert "Abcd" not in done.stdout + done.stderr


def test_a_store_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = f"AccountName=a;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:9/a"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", nowhere)
    with pytest.raises(StoreLost, match="cannot be reached"):
        embaudit.load("az://sets/x.npy", no_labels=True)


def test_a_report_is_written_and_read_as_a_baseline(container: Any, tmp_path: Path) -> None:
    npy(tmp_path / "x.npy", X), npy(tmp_path / "y.npy", Y)
    x, y = put(container, tmp_path, "x.npy", "y.npy")
    report = x.replace("x.npy", "r.json")
    told(command(tmp_path, "audit", x, "--labels", y, *QUICK, "-o", report), 0)
    with container.open_input_stream(report.removeprefix("az://")) as stream:
        written = json.loads(stream.read())
    assert written["data"]["rows"] == 20
    assert written["inputs"][0]["path"] == x
    again = command(tmp_path, "audit", x, "--labels", y, *QUICK, "--baseline", report)
    assert "no such" not in told(again, 1)  # so few rows decide nothing
