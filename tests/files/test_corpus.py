"""Every case of the corpus, through the door that users take."""

from pathlib import Path

import numpy as np
import pytest

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.errors import InputRefused, on_command_line
from tests.files.corpus import Case, cases

CASES = list(cases())


def by_name(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", [case for case in CASES if not case.says], ids=by_name)
def test_accepted(case: Case, tmp_path: Path) -> None:
    loaded = embaudit.load(**case.build(tmp_path))
    assert tuple(notice.code for notice in loaded.notices) == case.notices
    assert np.array_equal(np.sort(loaded.rows), np.arange(loaded.size))
    assert loaded.starts[-1] == loaded.size == len(loaded.vectors)
    assert loaded.vectors.dtype.isnative
    assert {source.role for source in loaded.sources} == {"embeddings", "labels"}
    for role in ("embeddings", "labels"):
        assert sum(source.rows for source in loaded.sources if source.role == role) == loaded.size
    assert all(type(label) in (bool, int, str) for label in loaded.classes)


@pytest.mark.parametrize("case", [case for case in CASES if case.says], ids=by_name)
def test_refused(case: Case, tmp_path: Path) -> None:
    with on_command_line(), pytest.raises(InputRefused) as refusal:
        embaudit.load(**case.build(tmp_path))
    said = str(refusal.value)
    for words in case.says:
        assert words.lower() in said.lower()
    assert said.strip()[-1] in ".?)"
    assert all(problem.cause and problem.remedy for problem in refusal.value.problems), said


def test_the_corpus_is_wide_and_its_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 120


def test_a_set_is_what_load_gives(tmp_path: Path) -> None:
    assert isinstance(embaudit.load(**CASES[0].build(tmp_path)), EmbeddingSet)
