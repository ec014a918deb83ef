"""A file that another process truncates, replaces or turns into a pipe, once it was looked at."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embaudit.errors import InputRefused
from embaudit.files import Names, choose, read
from embaudit.files.file_status import content_of
from embaudit.files.formats import SUFFIXES
from embaudit.files.shards import describe
from tests.combined import in_part
from tests.faults.process import environment
from tests.files.every_format import X, Y, saved

LONG = 600  # seconds: reading a pipe without a writer never ends


@pytest.mark.parametrize("array", ["np.arange(10**6)", "np.ones((10**4, 100), order='F')"])
def test_a_npy_that_is_truncated_while_read_is_no_bus_error(array: str, tmp_path: Path) -> None:
    code = (
        "import os, numpy as np\n"
        "from embaudit.files.shards import describe\n"
        f"np.save('x.npy', {array})\n"
        "values = describe('x.npy', ('npy',))[0][0].columns[0].read()\n"
        "os.truncate('x.npy', 200)\n"
        "print(values.sum())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert float(done.stdout) == eval(array).sum()


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_matrix_that_is_truncated_between_blocks_is_refused(order: str, tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.ones((3 * 2**20, 4), np.float32, order=order))
    column = describe(path, ("npy",))[0][0].columns[0]
    assert column.blocks is not None
    blocks = column.blocks()
    next(blocks)
    os.truncate(path, 5 << 20)
    with pytest.raises(InputRefused, match="truncated"):
        list(blocks)


def replaced(path: Path, other: Path) -> None:
    os.replace(other, path)


def written_over(path: Path, other: Path) -> None:
    shutil.copy2(other, path)  # as `cp -p`: the same inode, and the time is set back


@pytest.mark.parametrize("swap", [replaced, written_over])
def test_a_file_of_the_same_size_and_time_is_another_one(
    swap: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    path, other, labels = saved(tmp_path, "npy"), tmp_path / "other.npy", tmp_path / "y.npy"
    np.save(labels, Y)
    np.save(other, -X)
    was = os.stat(path)
    os.utime(other, ns=(was.st_atime_ns, was.st_mtime_ns))
    chosen = choose(path, labels, Names())
    swap(path, other)
    now = os.stat(path)
    assert (now.st_size, now.st_mtime_ns) == (was.st_size, was.st_mtime_ns)
    with pytest.raises(InputRefused, match=r"x\.npy: changed while it was read"):
        read(chosen)


def test_a_file_that_is_read_only_stays_the_same(tmp_path: Path) -> None:
    path = saved(tmp_path, "npz")
    chosen = choose(path, None, Names())
    content_of(path)
    assert np.array_equal(read(chosen).vectors[0], X[read(chosen).rows[0]])


PIPES = """
import os, pathlib, sys
from embaudit.errors import InputRefused
from embaudit.files.formats import SUFFIXES, format_of
from embaudit.files.file_status import content_of
from embaudit.files.shards import describe

path = sys.argv[1]
file = describe(path, SUFFIXES)[0][0].file
format = format_of(file.format)
columns = format.describe(file).columns
if os.path.isdir(path):  # its largest file
    files = [one for one in pathlib.Path(path).rglob("*") if one.is_file()]
    path = str(max(files, key=lambda one: one.stat().st_size))
os.unlink(path)
if sys.argv[2] == "pipe":
    os.mkfifo(path)
else:
    os.symlink(sys.argv[2], path)
readers = [lambda: content_of(path), file.sha256]
if format.folder:
    readers += [column.read for column in columns if column.name.startswith("emb")]
else:
    readers += [lambda: format.describe(file)]
if not format.folder:
    readers += [column.read for column in columns]
    readers += [lambda column=column: list(column.blocks()) for column in columns if column.blocks]
for read in readers:
    try:
        read()
    except InputRefused as refusal:
        assert "no regular file" in str(refusal) or "changed while" in str(refusal), refusal
    else:
        raise AssertionError(read)
"""


@pytest.mark.parametrize("format", in_part(SUFFIXES, 3))
@pytest.mark.parametrize("thing", in_part(["pipe", "/dev/zero"]))
def test_a_pipe_or_device_put_in_its_place_is_refused(
    thing: str, format: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", PIPES, saved(tmp_path, format), thing]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=LONG)
    assert done.returncode == 0, done.stderr
