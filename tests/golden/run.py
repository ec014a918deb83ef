"""Run the cases of a program and keep what they say."""

import contextlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.golden import inputs
from tests.golden.cases import GROUPS, Case, Program
from tests.golden.normal import kept, normal

DEFECT = 70
HERE = Path(__file__).resolve().parents[2]
# of the surroundings; what else there is may change what is shown
TAKEN = ("HOME", "LD_LIBRARY_PATH", "PATH", "PYTHONDONTWRITEBYTECODE", "TMPDIR", "VIRTUAL_ENV")
GIVEN = {"COLUMNS": "80", "LANG": "C.UTF-8", "TERM": "dumb"}

Said = tuple[int, str, str]  # exit code, standard output, standard error
State = dict[Path, tuple[int, int]]


def make(
    folder: Path,
    groups: Sequence[str] = (),
    tree: Path = HERE,
    tell: Callable[[str], None] = lambda line: None,
) -> int:
    """Save what the program of `tree` says on the cases of these groups, or of all.

    folder: is made, and has to be empty. Returns how many outputs there are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty")
    count, folder, tree = 0, folder.resolve(), tree.resolve()
    with tempfile.TemporaryDirectory(prefix="golden-") as at, _surroundings(tree):
        work = Path(at).resolve()
        inputs.write(work)
        program = _asked()
        with contextlib.chdir(work):
            for name in groups or GROUPS:
                before = os.times()
                for case in GROUPS[name](program):
                    count += _keep(case, folder / name / case.name, work, tree)
                spent = sum(os.times()[:4]) - sum(before[:4])
                tell(f"{name}: {spent:.0f} s")
    return count


@contextmanager
def _surroundings(tree: Path) -> Iterator[None]:
    """Let the program of `tree` be the one that is imported, in an environment without whims."""
    before, path = dict(os.environ), [*sys.path]
    os.environ.clear()
    os.environ.update({name: before[name] for name in TAKEN if name in before})
    os.environ.update(GIVEN, PYTHONPATH=str(tree))
    sys.path.insert(0, str(tree))
    try:
        import embaudit

        found = Path(embaudit.__file__).resolve().parents[1]
        if found != tree:
            raise SystemExit(f"the program of {found} is imported, not that of {tree}")
        yield
    finally:
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(before)


def _asked() -> Program:
    """What the program says it has."""
    import typer

    from embaudit.cli import app

    verbs = tuple(typer.main.get_command(app).commands)
    topics = json.loads(_here(["explain", "--all", "--format", "json"], {})[1])
    return Program(verbs, tuple(topics), *outputs())


def outputs() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Suffixes and formats of what an audit has found, but for its page and the terminal."""
    from embaudit.outputs import media

    told = [one for one in media.MEDIA if "audit" in one.verbs and one.holds == "document"]
    suffixes = tuple(one.suffix for one in told if one.suffix and one is not media.PAGE)
    return suffixes, tuple(one.format for one in told if one.format and one.format != "text")


def _keep(case: Case, folder: Path, work: Path, tree: Path) -> int:
    """Run a case and save its outputs: how many."""
    arguments = shlex.split(case.line)
    before = _state(work)
    code, out, err = (_apart if case.apart else _here)(arguments, case.environment)
    said = {"line": case.line + "\n", "exit": f"{code}\n", "stdout": out, "stderr": err}
    outputs = {name: text.encode() for name, text in said.items()}
    for path, stamp in _state(work).items():
        name = path.relative_to(work).as_posix()
        if before.get(path) != stamp and kept(name):
            outputs[f"files/{name}"] = path.read_bytes()
    for name, content in outputs.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(normal(content, work, tree))
    return len(outputs)


def _state(folder: Path) -> State:
    """The files below a folder, and what tells whether they were written since."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in files}


def _here(arguments: Sequence[str], environment: dict[str, str]) -> Said:
    """In this process, which has everything imported."""
    from typer.testing import CliRunner

    from embaudit.cli import app

    done = CliRunner().invoke(app, arguments, env=environment)
    if done.exception is None or isinstance(done.exception, SystemExit):
        return done.exit_code, done.stdout, done.stderr
    told = "".join(traceback.format_exception_only(done.exception))
    return DEFECT, done.stdout, f"{done.stderr}a defect: {told}"


def _apart(arguments: Sequence[str], environment: dict[str, str]) -> Said:
    """In a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "embaudit", *arguments],
        capture_output=True,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()
