"""Commands in processes of their own, without the start of one: forked from one that is ready.

A fresh interpreter spends most of a small audit on imports. Here one imports everything once, runs
nothing itself, and forks for each command; the child is embaudit as `python -m` would run it. What
matters while an interpreter starts (its options, modules put first on the path, the locale) is for
fresh ones: see `process.embaudit`.

`python -m tests.faults.forked` is the process that is ready: it reads a command a line.
"""

import atexit
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

EARLY = ("PYTHON", "OMP", "OPENBLAS", "MKL", "LC_", "LANG", "MALLOC", "LD_")  # read at the start
READY = (
    "embaudit.cli", "embaudit.verbs.audit", "embaudit.verbs.inspect", "embaudit.render.html",
    "embaudit.files.formats.npy", "embaudit.files.formats.parquet", "faiss", "pyarrow.parquet",
    "pyarrow.csv", "pyarrow.compute", "rich.markdown", "rich.progress",
)  # fmt: skip


def _early(env: dict[str, str]) -> dict[str, str]:
    return {name: env[name] for name in env if name.startswith(EARLY) and name != "PYTHONPATH"}


class Forker:
    """The process that is ready, started when first needed, one for each process of tests."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.early: dict[str, str] = {}

    def suits(self, env: dict[str, str], usual: dict[str, str]) -> bool:
        """Whether an environment differs in nothing that matters at the start, from the usual.

        The path of modules is compared with that of now: a cluster leaves folders of its own on it.
        """
        if self.process is None:
            self.early = _early(usual)
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.forked"],
                cwd=Path(__file__).parents[2],
                env=usual,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            atexit.register(self.process.stdin.close)
        return _early(env) == self.early and env["PYTHONPATH"] == usual["PYTHONPATH"]

    def run(
        self, folder: Path, arguments: list[str], env: dict[str, str], timeout: float, before: str
    ) -> "subprocess.CompletedProcess[str]":
        """What `subprocess.run` would return of `python -m embaudit`; `before` is run first."""
        with tempfile.TemporaryDirectory() as place:
            out, err = Path(place, "out"), Path(place, "err")
            asked = [os.fspath(folder), arguments, env, str(out), str(err), before]
            print(json.dumps(asked), file=self.process.stdin, flush=True)
            child = int(self.process.stdout.readline())
            alarm = threading.Timer(timeout, os.kill, (child, signal.SIGKILL))
            alarm.start()
            try:
                code = int(self.process.stdout.readline())
            finally:
                alarm.cancel()
            return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())


def _serve() -> None:
    for module in READY:
        __import__(module)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _be_embaudit(*json.loads(line))
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _be_embaudit(
    folder: str, arguments: list[str], env: dict[str, str], out: str, err: str, before: str
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    nothing = os.open(os.devnull, os.O_RDONLY)
    writing = [os.open(path, os.O_WRONLY | os.O_CREAT) for path in (out, err)]
    for descriptor, file in enumerate((nothing, *writing)):
        os.dup2(file, descriptor)
        os.close(file)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.path[0] = folder  # as `python -m` has it
    sys.argv = ["embaudit", *arguments]
    exec(before, {"__name__": "before"})
    runpy.run_module("embaudit", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve()
