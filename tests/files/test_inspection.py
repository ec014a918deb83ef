"""`inspect` refuses exactly what an audit would, and says the same."""

import json
from pathlib import Path

import pytest

import embaudit
from embaudit.errors import InputRefused
from embaudit.files import Names
from embaudit.verbs.inspect import inspected as inspect
from tests.faults.process import embaudit as run
from tests.faults.process import told
from tests.files.cases_parquet import table
from tests.files.corpus import NAMES, Case, X, Y, cases, npy

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_agrees_with_load(case: Case, tmp_path: Path) -> None:
    arguments = case.build(tmp_path)
    columns = ("embedding", "label", "id")
    names = {name: arguments.get(f"{name}_column") for name in columns}
    seen = inspect(
        arguments["path"],
        arguments.get("labels"),
        names=Names(**names, join=arguments.get("join")),
    )
    if case.says:
        with pytest.raises(InputRefused) as refusal:
            embaudit.load(**arguments)
        assert list(seen.problems) == refusal.value.problems
        return
    loaded = embaudit.load(**arguments)
    assert seen.problems == ()
    assert (seen.rows, seen.dim) == loaded.vectors.shape
    assert seen.classes is not None
    assert seen.classes.count == len(loaded.classes)
    assert {notice.code for notice in seen.notices} == {notice.code for notice in loaded.notices}
    roles = {column.role for file in seen.files for column in file.columns}
    assert any(role and "embeddings" in role for role in roles)


def test_it_is_printed(tmp_path: Path) -> None:
    hostile = "a\x1b[31m\u202e[/]"
    values = {"emb": X.tolist(), "label": NAMES, hostile: Y}
    path = table(tmp_path / "x.parquet", values)
    done = run(tmp_path, "inspect", path.name)
    told(done, 0)
    for words in ("20 rows x 4 dims of float64", "3 classes", "by its name", "\\x1b[31m\\u202e[/]"):
        assert words in done.stdout
    assert "\x1b" not in done.stdout
    seen = json.loads(run(tmp_path, "inspect", path.name, "--format", "json").stdout)
    assert seen["rows"] == 20
    assert [column["name"] for column in seen["files"][0]["columns"]] == list(values)


def test_it_exits_as_an_audit_would(tmp_path: Path) -> None:
    npy(tmp_path / "x.npy", X)
    done = run(tmp_path, "inspect", "x.npy")
    told(done, 3)
    assert "no labels" in done.stdout
    npy(tmp_path / "y.npy", Y)
    small = run(tmp_path, "inspect", "x.npy", "--labels", "y.npy", "--memory-budget", "1K")
    told(small, 4)
    assert "--sample" in small.stdout
    told(run(tmp_path, "inspect", "x.npy", "--join", "id"), 2)
