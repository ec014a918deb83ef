"""Nobody but the run itself talks to the workers that it starts; opt in with -m cluster."""

import asyncio
import stat
import tempfile
from pathlib import Path

import pytest

from tests.cluster.test_processes import report, running
from tests.faults.process import AUDIT, told
from tests.faults.process import data as data_in
from tests.faults.process import embaudit as run

distributed = pytest.importorskip("distributed")
pytest.importorskip("cryptography")
psutil = pytest.importorskip("psutil")

from embaudit.cluster import dask_clients  # noqa: E402 - only where there is Dask

pytestmark = pytest.mark.cluster

SECONDS = 3


@pytest.fixture(scope="module")
def client():
    with dask_clients.started(1, 1 << 30) as client:
        yield client


def listening() -> set[int]:
    """The ports on which this process and those that it started listen."""
    own = psutil.Process()
    return {
        one.laddr.port
        for process in (own, *own.children(recursive=True))
        for one in process.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    }


async def asked(address: str, security: "distributed.Security") -> object:
    """What a server of Dask says to one who knocks."""
    options = security.get_connection_args("client")
    async with distributed.rpc(address, connection_args=options, timeout=SECONDS) as remote:
        return await asyncio.wait_for(remote.identity(), SECONDS)


def refused(address: str, security: "distributed.Security") -> bool:
    try:
        asyncio.run(asked(address, security))
    except (OSError, ValueError, TimeoutError):  # a time-out of Dask is an OSError
        return True
    return False


async def answer(port: int) -> bytes:
    """What a port says to a plain request of the web."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /info/main/workers.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    try:
        return await asyncio.wait_for(reader.read(1 << 20), SECONDS)
    except (OSError, TimeoutError):
        return b""
    finally:
        writer.close()


def test_a_stranger_on_this_machine_reaches_none_of_its_processes(client):
    ports = listening()
    assert len(ports) >= 3  # scheduler, worker, and the nurse of the worker
    strangers = distributed.Security(), distributed.Security.temporary()
    for port in ports:
        assert refused(f"tcp://127.0.0.1:{port}", strangers[0]), port
        assert refused(f"tls://127.0.0.1:{port}", strangers[1]), port


def test_and_its_owner_reaches_them_by_tls_alone(client):
    known = client.scheduler_info()
    assert known["address"].startswith("tls://127.0.0.1:")
    for worker, one in known["workers"].items():
        assert worker.startswith("tls://127.0.0.1:")
        assert one["nanny"].startswith("tls://127.0.0.1:")
    assert not refused(known["address"], client.security)


def test_it_shows_nothing_to_browsers(client):
    assert "dashboard" not in dask_clients.about(client)
    for port in listening():
        said = asyncio.run(answer(port))
        assert b" 200 " not in said, (port, said[:200])
        assert b"127.0.0.1" not in said, (port, said[:200])


def test_what_a_worker_keeps_on_disk_is_in_a_private_folder(client):
    folder = client.submit(lambda: str(distributed.get_worker().local_directory)).result()
    above = [at for at in Path(folder).parents if Path(tempfile.gettempdir()) in at.parents]
    assert any(stat.S_IMODE(at.stat().st_mode) == 0o700 for at in above)


def keys_in(folder) -> tuple[list[str], dict[str, str]]:
    """Keys made for a cluster: as options of `dask`, and as the environment of who asks it."""
    made = distributed.Security.temporary()
    told = {"ca-file": made.tls_ca_file, "cert": made.tls_client_cert, "key": made.tls_client_key}
    for name, text in told.items():
        (folder / name).write_text(text)
    options = [part for name in told for part in (f"--tls-{name}", str(folder / name))]
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    variables = {"ca-file": "CA_FILE", "cert": "CLIENT__CERT", "key": "CLIENT__KEY"}
    return options, {tls + one: str(folder / name) for name, one in variables.items()}


def test_a_scheduler_is_asked_by_tls_with_the_keys_of_dasks_configuration(tmp_path):
    (tmp_path / "keys").mkdir()
    options, env = keys_in(tmp_path / "keys")
    with running(data_in(tmp_path), keys=[*options, "--protocol", "tls"]) as (address, _):
        assert address.startswith("tls://")
        asked = (*AUDIT[1:], "--scheduler", address)
        assert report(tmp_path, *asked, env=env) == report(tmp_path, *AUDIT[1:])
        said = told(run(tmp_path, "audit", *asked), 6)
    assert f"No Dask scheduler answers at {address}" in said
    assert "DASK_DISTRIBUTED__COMM__TLS__CA_FILE" in said
