"""Of the sets of the zoo every command that a report prints, run as it stands."""

import numpy as np
import pytest

from tests.cli.test_commands import QUICK, REFUSED, commands_of, pasted, run
from tests.combined import in_part
from tests.zoo.fresh import FRESH
from tests.zoo.sets import ZOO, make

SETS = sorted({**ZOO, **FRESH})


def saved(folder, name):
    """The arguments that audit a set, from files."""
    one = make(name, zoo=ZOO if name in ZOO else FRESH)
    np.save(folder / "x.npy", one.x)
    told = ["x.npy", "--no-labels"]
    if one.y is not None:
        np.save(folder / "y.npy", one.y)
        told = ["x.npy", "--labels", "y.npy"]
    for key, value in one.options.items():
        if np.ndim(value):
            np.save(folder / f"{key}.npy", np.asarray(value))
            value = f"{key}.npy"
        told += [f"--{key.replace('_', '-')}", str(value)]
    return told


def every_command_runs(folder, name):
    arguments, found = saved(folder, name), {}
    for full in ((), ("--full",)):
        done = run(folder, "audit", *arguments, *full, *QUICK)
        assert done.exit_code == 0, done.stderr
        found |= dict.fromkeys(commands_of(done.stdout))
    for command in found:
        again = pasted(folder, command)
        assert again.exit_code not in REFUSED, f"{command}\n{again.stderr}"


@pytest.mark.parametrize("name", in_part(SETS[::50], 4, 2))
def test_every_printed_command_runs(tmp_path, name):
    every_command_runs(tmp_path, name)


@pytest.mark.soak
@pytest.mark.parametrize("name", SETS)
def test_every_printed_command_of_every_set_runs(tmp_path, name):
    every_command_runs(tmp_path, name)
