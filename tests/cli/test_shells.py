"""Completion in real shells, where they are installed, by the script that is shown for each."""

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.process import PATIENCE, environment

LINE, WHOLE = "embaudit explain precision_at_", "precision_at_1"
PROGRAM = "import sys; sys.argv[0] = 'embaudit'; from embaudit.__main__ import main; main()"
ASKED = "import shellingham; shellingham.detect_shell = lambda: ({shell!r}, ''); "


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which `embaudit` is a program."""
    program = tmp_path / "bin" / "embaudit"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c {shlex.quote(PROGRAM)} "$@"\n')
    program.chmod(0o755)
    return tmp_path


def surroundings(home: Path) -> dict[str, str]:
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return environment(PATH=path, HOME=str(home), XDG_CONFIG_HOME=str(home), TERM="dumb")


def script(shell: str, home: Path) -> Path:
    """What `embaudit --show-completion` prints in that shell."""
    done = subprocess.run(
        [sys.executable, "-c", ASKED.format(shell=shell) + PROGRAM, "--show-completion"],
        env=surroundings(home),
        capture_output=True,
        text=True,
        check=True,
    )
    path = home / f"completion.{shell}"
    path.write_text(done.stdout)
    return path


def run(home: Path, *command: str) -> str:
    done = subprocess.run(
        command, env=surroundings(home), capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_bash(path: Path, home: Path) -> str:
    words = " ".join(map(shlex.quote, LINE.split()))
    asked = (
        f"source {path}; complete -p embaudit > /dev/null || exit 3; COMP_WORDS=({words}); "
        f"COMP_CWORD=2; COMP_LINE={shlex.quote(LINE)}; COMP_POINT={len(LINE)}; "
        'asked=$(complete -p embaudit | sed "s/.*-F \\([^ ]*\\).*/\\1/"); "$asked" embaudit; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return run(home, "bash", "--norc", "--noprofile", "-c", asked)


def in_fish(path: Path, home: Path) -> str:
    return run(home, "fish", "--no-config", "-c", f"source {path}; complete -C {LINE!r}")


def in_zsh(path: Path, home: Path) -> str:
    """Typed at a terminal, with a tab behind it: zsh completes nowhere else."""
    process, terminal = pty.fork()
    if not process:
        os.execvpe("zsh", ["zsh", "-f", "-i"], surroundings(home))
    ready = f"autoload -Uz compinit; compinit -u -d {home / 'dump'}; source {path}; print rea''dy\n"
    try:
        os.write(terminal, ready.encode())
        typed(terminal, "ready")
        os.write(terminal, f"{LINE}\t".encode())
        return typed(terminal, WHOLE)
    finally:
        os.kill(process, 9)
        os.close(terminal)
        os.waitpid(process, 0)


def typed(terminal: int, wanted: str) -> str:
    """What a terminal shows, up to what is waited for."""
    shown, begun = "", time.monotonic()
    while wanted not in shown:
        assert time.monotonic() - begun < PATIENCE, shown
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 1 << 16).decode("utf-8", "replace")
    return shown


SHELLS: dict[str, Callable[[Path, Path], str]] = {
    "bash": in_bash,
    "fish": in_fish,
    "zsh": in_zsh,
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_a_word(shell: str, home: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}")
    assert WHOLE in SHELLS[shell](script(shell, home), home)
