"""The whole corpus through the command line: refused with exit 3 and words, or audited."""

from pathlib import Path

import pytest

from tests.faults.process import embaudit, names
from tests.files.corpus import Case, cases

COLUMNS = ("embedding_column", "label_column", "id_column", "labels", "join")


CASES = [case for case in cases() if "NUL" not in case.name]  # a shell cannot pass it on


@pytest.mark.soak
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_input(case: Case, tmp_path: Path) -> None:
    arguments = case.build(tmp_path)
    flags = [
        f"--{name.replace('_', '-')}={arguments[name]}" for name in COLUMNS if name in arguments
    ]
    before = names(tmp_path)
    done = embaudit(
        tmp_path, "audit", arguments["path"], *flags, "-o", tmp_path / "r.json", "--no-progress"
    )
    assert "Traceback" not in done.stderr
    if not case.says:
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stdout == ""
    assert names(tmp_path) == before
