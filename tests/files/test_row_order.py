"""Labels of a file of their own: by position only where no id tells of another order."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embaudit
from embaudit.errors import InputRefused
from tests.files.cases_parquet import ROWS, table
from tests.files.corpus import X, Y, npy, raw

COUNT = len(Y)
SHUFFLED = np.random.default_rng(3).permutation(COUNT)
IDS = [f"r{row}" for row in range(COUNT)]


def at(values: Any, order: Any = SHUFFLED) -> list[Any]:
    return [values[row] for row in order]


def keyed(path: Path, values: Any, order: Any) -> Path:
    return raw(
        path, json.dumps({str(row): values[row] for row in np.asarray(order).tolist()}).encode()
    )


def csv(path: Path, ids: list[Any], labels: Any) -> Path:
    rows = [f"{one},{label}" for one, label in zip(ids, labels, strict=True)]
    return raw(path, "\n".join(["id,label", *rows, ""]).encode())


def by_row(loaded: Any) -> list[str]:
    """The label of each row of the input."""
    found = {}
    for number, name in enumerate(loaded.classes):
        for place in range(loaded.starts[number], loaded.starts[number + 1]):
            found[int(loaded.input_rows[place])] = str(name)
    return [found[row] for row in range(COUNT)]


@pytest.mark.parametrize("ids", [IDS, [*range(COUNT)]], ids=["text", "numbers"])
def test_the_same_ids_in_another_order_are_joined_and_not_matched_by_position(
    ids: list[Any], tmp_path: Path
) -> None:
    path = table(tmp_path / "x.parquet", {"id": ids, "embedding": ROWS})
    labels = csv(tmp_path / "y.csv", at(ids), at(Y))
    with pytest.raises(InputRefused, match=r"in another order.*join"):
        embaudit.load(path, labels)
    assert by_row(embaudit.load(path, labels, join="id")) == [*map(str, Y)]


@pytest.mark.parametrize("other", [IDS, [f"s{row}" for row in range(COUNT)], ["a"] * COUNT])
def test_ids_in_the_same_order_or_others_say_nothing(other: list[str], tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", {"id": IDS, "embedding": ROWS})
    loaded = embaudit.load(path, csv(tmp_path / "y.csv", other, Y))
    assert by_row(loaded) == [*map(str, Y)]


def test_entries_by_number_out_of_order_are_refused_beside_what_has_no_ids(tmp_path: Path) -> None:
    vectors, labels = npy(tmp_path / "x.npy", X), npy(tmp_path / "y.npy", Y)
    for order, fit in ((range(COUNT), True), (SHUFFLED, False)):
        by_number = keyed(tmp_path / "x.json", ROWS, order)
        names = keyed(tmp_path / "y.json", [f"c{one}" for one in Y], order)
        for pair in ((by_number, labels), (vectors, names)):
            if fit:
                assert embaudit.load(*pair).dim == X.shape[1]
                continue
            with pytest.raises(InputRefused, match=r"not in their order.*sorted"):
                embaudit.load(*pair)


def test_entries_of_both_files_by_number_are_told_apart_by_these(tmp_path: Path) -> None:
    vectors = keyed(tmp_path / "x.json", ROWS, SHUFFLED)
    names = [f"c{one}" for one in Y]
    same, other = (
        keyed(tmp_path / f"{number}.json", names, order)
        for number, order in enumerate((SHUFFLED, range(COUNT)))
    )
    assert by_row(embaudit.load(vectors, same)) == at(names)
    with pytest.raises(InputRefused, match=r"in another order.*join"):
        embaudit.load(vectors, other)
    assert by_row(embaudit.load(vectors, other, join="id")) == at(names)


def test_of_a_gallery_that_no_option_joins_the_files_are_to_be_sorted(tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", {"id": IDS, "embedding": ROWS})
    labels = csv(tmp_path / "y.csv", at(IDS), at(Y))
    with pytest.raises(InputRefused, match=r"(?s)in another order.*Sort both files by 'id'"):
        embaudit.audit(X, Y, gallery=path, gallery_labels=labels)
