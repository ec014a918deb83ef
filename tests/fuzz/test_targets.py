"""The fuzz targets hold on their seeds, and on as many more inputs as one has time for."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.targets import SEEDS, TARGETS

RUNS = 150_000  # a target; seven of them are a million runs


def test_every_target_has_seeds() -> None:
    assert set(SEEDS) == set(TARGETS)


@pytest.mark.parametrize(
    ("name", "seed"), [(name, seed) for name, seeds in SEEDS.items() for seed in seeds]
)
def test_a_seed_is_no_finding(name: str, seed: bytes) -> None:
    TARGETS[name](seed)


@pytest.mark.fuzz
@pytest.mark.skipif(find_spec("atheris") is None, reason="needs atheris")
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_found(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.coverage", name, f"-runs={RUNS}"]
    command += [f"-artifact_prefix={tmp_path}/", "-print_final_stats=1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert f"stat::number_of_executed_units: {RUNS}" in done.stderr
