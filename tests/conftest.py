"""What holds for every test: patience with a busy machine, and no work done twice.

Audits, oracles and folders are shared by the tests of a file: on several processors a file stays
on one, and so do the files that share the audits of every set.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

AUDITS = "tests.measures.audited"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return AUDITS if shares_audits(config.rootpath / file) else file

    return ByFile(config, log) if config.getoption("dist") == "load" else None


@cache
def shares_audits(file: Path) -> bool:
    return f"from {AUDITS} import" in file.read_text()
