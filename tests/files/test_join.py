"""A join gives what the same labels in the order of the embeddings would."""

from pathlib import Path

import numpy as np
import pytest

import embaudit
from embaudit.errors import UsageError
from tests.files.cases_join import CASES, joined
from tests.files.corpus import NAMES, X, npy


def test_labels_follow_their_ids(tmp_path: Path) -> None:
    loaded = embaudit.load(**joined()(tmp_path))
    assert [loaded.classes[code] for code in loaded.codes] == [NAMES[row] for row in loaded.rows]
    assert loaded.ids == tuple(f"img-{row}" for row in range(20))
    assert np.array_equal(loaded.vectors, X[loaded.rows])


def test_csv_keys_match_integer_ids(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "join integers with csv")
    loaded = embaudit.load(**case.build(tmp_path))
    assert [loaded.classes[code] for code in loaded.codes] == [str(r % 3) for r in loaded.rows]


def test_a_join_needs_a_file_of_labels(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="labels=PATH"):
        embaudit.load(npy(tmp_path / "x.npy", X), join="id")
