"""What holds for every test: patience with a busy machine, and no work done twice.

Audits, oracles and folders are shared by the tests of a file: on several processors a file stays
on one, and so do the files that share the audits of many sets.
"""

import os
import signal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started by `pytest &` of a script:
    # commands that tests interrupt would inherit it, and never stop
    signal.signal(signal.SIGINT, signal.default_int_handler)

# as containers have it: each command that tests start would compile the package anew
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

AUDITS = ("tests.measures.audited", "tests.zoo.audited", "tests.render.audited")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return audits_of(config.rootpath / file) or file

    return ByFile(config, log) if config.getoption("dist") == "load" else None


@cache
def audits_of(file: Path) -> str:
    """The module whose audits the file shares with others, if any."""
    text = file.read_text()
    return next((module for module in AUDITS if f"from {module} import" in text), "")
