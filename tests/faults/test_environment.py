"""A hostile environment gives a clear message or works; it never looks like a failed gate."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.combined import alternating, in_part
from tests.faults.process import AUDIT, FAILING, PASSING, PATIENCE, data, embaudit, injected, told

DEPENDENCIES = ("faiss", "numpy", "pydantic", "pyarrow", "rich", "threadpoolctl", "typer")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return data(tmp_path)


@pytest.mark.parametrize(
    "env",
    in_part(
        [
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
            {"PYTHONIOENCODING": "ascii:strict", "LC_ALL": "C"},
            {"NO_COLOR": "1"},
            {"FORCE_COLOR": "1", "TERM": "xterm"},
            {"COLUMNS": "many"},
            {"OMP_NUM_THREADS": "many"},
            {"OPENBLAS_NUM_THREADS": "many"},
            {"FAISS_OPT_LEVEL": "bogus"},
            {"HOME": "/no/such/place", "TMPDIR": "/no/such/place"},
        ]
    ),
    ids=lambda env: " ".join(f"{name}={value}" for name, value in env.items()),
)
def test_it_simply_works(folder: Path, env: dict[str, str]) -> None:
    done = embaudit(folder, *AUDIT, "--gate", PASSING, env=env)
    told(done, 0)
    assert "Gate passed: 1 rule" in done.stdout or "Gate passed (1 rule)" in done.stdout
    if "NO_COLOR" in env:
        assert "\x1b" not in done.stdout


@pytest.mark.thorough
@pytest.mark.parametrize(("rule", "code"), in_part([(PASSING, 0), (FAILING, 1)]))
def test_an_optimising_interpreter(folder: Path, rule: str, code: int) -> None:
    told(embaudit(folder, *AUDIT, "--gate", rule, python=["-O"]), code)


@pytest.mark.thorough
def test_no_warning_is_ours(folder: Path) -> None:
    imports = [sys.executable, "-W", "error", "-c", f"import {', '.join(DEPENDENCIES)}"]
    if subprocess.run(imports, capture_output=True).returncode:
        pytest.skip("a dependency warns while it is imported")
    told(embaudit(folder, *AUDIT, python=["-W", "error"]), 0)


@pytest.mark.thorough
def test_the_interpreter_never_optimises_a_refusal_away(folder: Path) -> None:
    done = embaudit(folder, "audit", "x.npy", python=["-O"])
    assert "no labels" in told(done, 3)


@pytest.mark.parametrize("module", in_part(DEPENDENCIES))
def test_a_dependency_that_cannot_be_imported(folder: Path, module: str) -> None:
    env = injected(folder, "")
    (folder / "inject" / f"{module}.py").write_text("raise ImportError('it is broken')")
    done = embaudit(folder, *AUDIT, "--gate", PASSING, env=env)
    # a .npy is read without pyarrow, and few rows are searched without FAISS
    unasked = module in ("pyarrow", "faiss")
    assert done.returncode == (0 if unasked else 70), done.stderr
    if not unasked:
        assert "it is broken" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_defect_shows_its_traceback_and_exits_70(folder: Path) -> None:
    env = injected(
        folder,
        "import embaudit.verbs.audit as p\n"
        "def run(*a, **k): raise ZeroDivisionError('a defect')\n"
        "p.run = run\n",
    )
    done = embaudit(folder, *AUDIT, "-o", "r.json", env=env)
    assert done.returncode == 70
    assert "Traceback" in done.stderr
    assert "a defect" in done.stderr
    assert not (folder / "r.json").exists()


def test_no_terminal_at_all(folder: Path) -> None:
    done = embaudit(folder, *AUDIT, stdin=subprocess.DEVNULL, start_new_session=True)
    told(done, 0)
    assert "\x1b" not in done.stdout


def shell(folder: Path, script: str) -> "subprocess.CompletedProcess[str]":
    """A script in which $EMBAUDIT audits."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    env["EMBAUDIT"] = f"{sys.executable} -m embaudit {' '.join(AUDIT)}"
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=env,
        text=True,
        capture_output=True,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize(
    ("format", "rule", "code"),
    in_part([("text", PASSING, 0), ("text", FAILING, 1), ("json", FAILING, 1)], 2, 1),
)
def test_head_keeps_the_verdict(folder: Path, format: str, rule: str, code: int) -> None:
    script = f"$EMBAUDIT --format {format} --gate '{rule}' | head -n 1; exit ${{PIPESTATUS[0]}}"
    told(shell(folder, script), code)


def test_a_current_directory_that_is_gone(folder: Path) -> None:
    (folder / "gone").mkdir()
    done = shell(folder / "gone", f"rmdir {folder / 'gone'}; $EMBAUDIT -o r.json")
    assert "The current directory cannot be told" in told(done, 2)


def test_a_closed_standard_output(folder: Path) -> None:
    done = shell(folder, "$EMBAUDIT -o r.json >&-")
    assert "Standard output is closed" in told(done, 5)
    json.loads((folder / "r.json").read_text())


@pytest.mark.parametrize(
    ("redirection", "rule", "code"), in_part([("2>&-", FAILING, 1), ("<&- 2>&-", PASSING, 0)])
)
def test_other_closed_streams(folder: Path, redirection: str, rule: str, code: int) -> None:
    done = shell(folder, f"$EMBAUDIT --gate '{rule}' -o r.json {redirection}")
    told(done, code)
    json.loads((folder / "r.json").read_text())


@pytest.mark.parametrize(
    "arguments", in_part(["--no-such-flag", "--labels none.npy", "-o no/such/r.json"], 3)
)
def test_errors_without_a_standard_error(folder: Path, arguments: str) -> None:
    code = {"--no": 2, "--la": 3, "-o n": 5}[arguments[:4]]
    told(shell(folder, f"$EMBAUDIT {arguments} 2>&-"), code)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")
@pytest.mark.parametrize(
    ("rule", "streams"),
    in_part(alternating((PASSING, FAILING), ("> /dev/full", "> /dev/full 2> /dev/full"))),
)
def test_a_full_disk_under_standard_output(folder: Path, streams: str, rule: str) -> None:
    done = shell(folder, f"$EMBAUDIT --gate '{rule}' {streams}")
    assert done.returncode == 5, done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")
def test_a_full_disk_under_standard_error_alone(folder: Path) -> None:
    told(shell(folder, "$EMBAUDIT 2> /dev/full"), 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory(folder: Path) -> None:
    folder.chmod(0o555)
    told(embaudit(folder, *AUDIT), 0)
    assert "cannot be written" in told(embaudit(folder, *AUDIT, "-o", "r.json"), 5)
    folder.chmod(0o755)
