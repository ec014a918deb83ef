"""The server, a set in it, and a line to it."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from tests.faults.process import data
from tests.store.line import Line


@pytest.fixture(scope="session")
def store() -> Iterator[Any]:
    """An S3 server with a bucket; this process and those it starts find it in the environment."""
    if not all(map(find_spec, ("boto3", "moto", "flask"))):
        pytest.skip("needs moto: pip install 'moto[server]'")
    from tests.store.server import running

    with running() as store, pytest.MonkeyPatch.context() as patch:
        for name, value in store.environment().items():
            patch.setenv(name, value)
        yield store


@pytest.fixture
def line(store: Any) -> Iterator[Line]:
    line = Line(store.url)
    yield line
    line.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """x.npy and y.npy, 1.5 MB."""
    return data(tmp_path_factory.mktemp("open"), rows=3000, dim=128)


@pytest.fixture(scope="session")
def address(store: Any, folder: Any) -> str:
    """Where they are in the store."""
    found: str = store.put(folder, "open/")
    return found
