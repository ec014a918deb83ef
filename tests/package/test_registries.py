"""Measures and findings are told of by the names of their files: each once, and none forgotten."""

from importlib import import_module
from pathlib import Path

import pytest

from embaudit import findings, measures


@pytest.mark.parametrize(("room", "holds"), [(measures, "MEASURES"), (findings, "FINDING")])
def test_every_file_that_has_some_is_listed_once(room, holds):
    names = {path.stem for path in Path(room.__file__).parent.glob("*.py")} - {"__init__"}
    having = {name for name in names if hasattr(import_module(f"{room.__name__}.{name}"), holds)}
    assert sorted(room.FILES) == sorted(having)


def test_every_spec_of_a_file_is_told():
    """One that a file makes and leaves out of its MEASURES would be computed by nobody."""
    for file in measures.FILES:
        module = import_module(f"embaudit.measures.{file}")
        made = {
            one.id
            for name, value in vars(module).items()
            if name.isupper() and name != "MEASURES"
            for one in (value if isinstance(value, tuple) else (value,))
            if isinstance(one, measures.measure.Measure)
        }
        told = {one.id for one in module.MEASURES}
        elsewhere = {one.id for one in measures.MEASURES} - told
        assert made - elsewhere == told


def test_ids_are_told_apart():
    for all_of in (measures.MEASURES, findings.FINDINGS):
        ids = [one.id for one in all_of]
        assert len(ids) == len(set(ids))
