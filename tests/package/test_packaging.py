"""What is shipped: the same bytes whoever builds it, beside packages that CI takes by hash."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from embaudit.docs import NAMES

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / ".ci" / "requirements.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKED = re.compile(
    r"^([a-z0-9._-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


def copied(to, mode, at):
    """The sources as another clone has them."""
    to.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, to / name)
    shutil.copytree(
        ROOT / "embaudit", to / "embaudit", ignore=shutil.ignore_patterns("__pycache__")
    )
    for path in to.rglob("*"):
        if path.is_file():
            path.chmod(mode)
        os.utime(path, (at, at))
    return to


def wheel_of(sources, **changes):
    """Built as pip builds it."""
    env = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "out"]
    subprocess.run(command, cwd=sources, check=True, capture_output=True, env=env | changes)
    (built,) = (sources / "out").glob("*.whl")
    return built


def test_the_wheel_built_twice_is_the_same_bytes(tmp_path):
    pytest.importorskip("hatchling")
    left = copied(tmp_path / "a", 0o644, 10**9)
    right = copied(tmp_path / "b", 0o600, 1.7e9)
    (right / "embaudit" / "__pycache__").mkdir()
    (right / "embaudit" / "__pycache__" / "x.pyc").write_bytes(b"x")
    one = wheel_of(left, TZ="UTC", PYTHONHASHSEED="1")
    other = wheel_of(right, TZ="Asia/Tokyo", PYTHONHASHSEED="2")
    assert one.name == other.name
    assert one.read_bytes() == other.read_bytes()
    names = set(zipfile.ZipFile(one).namelist())
    assert names >= {"embaudit/REFERENCE.md", "embaudit/__main__.py", "embaudit/py.typed"}
    assert names >= {f"embaudit/docs/{name}.md" for name in NAMES}
    assert not [name for name in names if "pycache" in name or name.startswith("tests/")]


# which CI leaves to who asks for them
OPTED = ("fuzz", "bench", "hdf5", "lance", "notebook", "web", "zarr")


def requirements():
    """All that the project asks for, by itself or as an extra of CI, and what builds it."""
    optional = PROJECT["optional-dependencies"]
    extras = [texts for name, texts in optional.items() if name not in OPTED]
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in extra), "hatchling"]
    return [text for text in texts if not text.startswith("embaudit[")]


@pytest.mark.parametrize("text", requirements())
def test_ci_installs_it_by_its_hash(text):
    requirement = pytest.importorskip("packaging.requirements").Requirement(text)
    locked = {name: number for name, number, _ in LOCKED.findall(LOCK.read_text())}
    assert requirement.specifier.contains(locked[requirement.name.lower()])


def test_the_lock_holds_nothing_but_versions_and_hashes():
    said = [line for line in LOCK.read_text().splitlines(True) if not line.startswith("#")]
    assert LOCKED.sub("", "".join(said)) == ""


def test_the_supported_versions_are_told():
    told = (ROOT / "embaudit" / "docs" / "security.md").read_text()
    minor = ".".join(re.match(r"(\d+)\.(\d+)", embaudit_version()).groups())
    assert f"| {minor} |" in told


def embaudit_version():
    return re.search(r'__version__ = "(.*)"', (ROOT / "embaudit" / "version.py").read_text())[1]


TOLD = [
    *(ROOT / "embaudit").rglob("*.py"),
    *(ROOT / "embaudit").rglob("*.md"),
    ROOT / "README.md",
    ROOT / ".github" / "CONTRIBUTING.md",
    *(ROOT / ".github").rglob("*.yml"),
]


@pytest.mark.parametrize("file", TOLD, ids=lambda file: str(file.relative_to(ROOT)))
def test_nobody_is_told_to_install_a_name_that_is_not_released(file):
    """What an index has under it may be anybody's: it is installed from the checkout."""
    assert not re.search(r"pip install[^`\n]*?[ '\"]embaudit\b", file.read_text())
