"""All of a report goes through a pager, where there is a screen that it does not fit."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import embaudit

ROOT = Path(embaudit.__file__).parent.parent
SHOW = (
    "import sys\n"
    "from embaudit.render import audit_document, console_for, show_paged\n"
    "from tests.render import samples\n"
    "report = samples.EVERY[sys.argv[1]]()\n"
    "show_paged(audit_document(report, samples.MEASURES), console_for(sys.stdout))\n"
)


def on_terminal(name: str, lines: int, folder: Path) -> tuple[str, str]:
    """What is read on a terminal of so many lines, and what its pager was given."""
    paged = folder / "paged"
    pager = folder / "pager"
    pager.write_text(f'#!/bin/sh\nexec cat > "{paged}"\n')
    pager.chmod(0o755)
    own, other = pty.openpty()
    subprocess.run(["stty", "rows", str(lines), "cols", "80"], stdin=other, check=True)
    env = {**os.environ, "PAGER": str(pager), "TERM": "xterm", "PYTHONPATH": str(ROOT)}
    env = {key: value for key, value in env.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", SHOW, name], stdin=other, stdout=other, env=env, cwd=ROOT
    )
    os.close(other)
    read = b""
    while True:
        try:
            some = os.read(own, 4096)
        except OSError:  # the other end is closed
            break
        if not some:
            break
        read += some
    process.wait()
    os.close(own)
    return read.decode(), paged.read_text() if paged.exists() else ""


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals")
@pytest.mark.parametrize(("lines", "through"), [(24, True), (2000, False)])
def test_a_pager_is_taken_where_the_screen_is_too_small(lines, through, tmp_path):
    shown, paged = on_terminal("trained", lines, tmp_path)
    assert bool(paged) == through
    whole = paged if through else shown
    assert "HEALTHY" in whole
    assert "embaudit explain ID says" in whole
    assert "HEALTHY" not in (shown if through else paged)
