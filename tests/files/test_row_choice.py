"""Rows that a condition chooses, and rows without a label: what stays, and what is told of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embaudit
from embaudit.data.row_expression import condition_of
from embaudit.data.sources_and_notices import Unlabelled
from embaudit.errors import InputRefused, UsageError
from embaudit.files import choose, count_classes
from embaudit.files.chosen_columns import Names
from embaudit.files.row_filter import compared_values, rows_where
from embaudit.verbs.inspect import inspected
from tests.files.cases_npz import npz
from tests.files.cases_parquet import ROWS, table
from tests.files.cases_vectors import labelled_by_class
from tests.files.corpus import X, Y, npy, raw

SPLIT = ["test" if row % 2 else "train" for row in range(20)]
HOLES = [None if row % 5 == 0 else int(label) for row, label in enumerate(Y)]
SIGNS = {  # of SQL: nothing holds of null
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def kept(loaded: Any) -> list[int]:
    return sorted(loaded.input_rows.tolist())


def whole(path: Path, **more: Any) -> Path:
    return table(path, {"embedding": ROWS, "label": Y, "split": SPLIT, **more})


CONDITIONS = {
    "split == 'test'": lambda row: SPLIT[row] == "test",
    "split != 'test' and label != -1": lambda row: SPLIT[row] != "test" and Y[row] != -1,
    "label in (3, 8) or row >= 18": lambda row: Y[row] in (3, 8) or row >= 18,
    "not (split in ('test', 'x')) | label = 8": lambda row: SPLIT[row] != "test" or Y[row] == 8,
    "4 <= row < 15": lambda row: 4 <= row < 15,
    "score < 0.5": lambda row: X[row, 0] < 0.5,
    "score < other": lambda row: X[row, 0] < X[row, 1],
    "good": lambda row: bool(Y[row] > 0),
    "meta.site == 'b'": lambda row: row % 3 == 1,
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_rows_stay_of_which_the_condition_holds(condition: str, tmp_path: Path) -> None:
    more = {
        "score": X[:, 0],
        "other": X[:, 1],
        "good": Y > 0,
        "meta": [{"site": "abc"[row % 3]} for row in range(20)],
    }
    loaded = embaudit.load(whole(tmp_path / "x.parquet", **more), where=condition)
    expected = [row for row in range(20) if CONDITIONS[condition](row)]
    assert kept(loaded) == expected
    (told,) = [one.message for one in loaded.notices if one.code == "left_out"]
    assert f"{20 - len(expected)} of 20 rows" in told


@given(
    st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=1, max_size=8),
    st.sampled_from([*SIGNS]),
    st.integers(-3, 3),
    st.booleans(),
)
def test_nothing_holds_of_null_not_even_its_negation(values, sign, other, negated):
    text = f"a {sign} {other}"
    held = rows_where(
        condition_of(f"not {text}" if negated else text),
        {"a": compared_values("a", values)},
    )
    expected = [value is not None and SIGNS[sign](value, other) is not negated for value in values]
    assert held.tolist() == expected


@pytest.mark.parametrize("suffix", ["npy", "npz", "csv", "txt"])
def test_a_condition_is_of_any_input(suffix: str, tmp_path: Path) -> None:
    lines = "\n".join(map(str, Y))
    labels = {
        "npy": lambda: npy(tmp_path / "y.npy", Y),
        "npz": lambda: npz(tmp_path / "y.npz", label=Y, split=np.array(SPLIT)),
        "csv": lambda: raw(tmp_path / "y.csv", f"label\n{lines}\n".encode()),
        "txt": lambda: raw(tmp_path / "y.txt", lines.encode()),
    }[suffix]()
    loaded = embaudit.load(npy(tmp_path / "x.npy", X), labels, where="label > 0 and row > 3")
    assert kept(loaded) == [row for row in range(20) if Y[row] > 0 and row > 3]


def test_a_condition_on_a_joined_file_is_of_the_embeddings(tmp_path: Path) -> None:
    order = np.random.default_rng(0).permutation(20)
    path = table(tmp_path / "x.parquet", {"embedding": ROWS, "id": np.arange(20)})
    labels = table(
        tmp_path / "y.parquet",
        {"key": order, "label": Y[order], "split": [SPLIT[row] for row in order]},
    )
    loaded = embaudit.load(path, labels, join="key", where="split == 'test'")
    assert kept(loaded) == [row for row in range(20) if SPLIT[row] == "test"]
    assert [loaded.classes[code] for code in loaded.codes] == Y[loaded.input_rows].tolist()


def test_classes_are_asked_for_by_name_or_number(tmp_path: Path) -> None:
    numbers = np.arange(20) % 4 - 1
    for condition in ("label != -1 and label != 2", "label in ('cat', 'dog')"):
        given = labelled_by_class(["cat", "dog", "owl"], numbers)(tmp_path)
        loaded = embaudit.load(**given, where=condition)
        assert loaded.classes == ("cat", "dog")


def test_rows_that_are_left_out_need_no_label_and_no_numbers(tmp_path: Path) -> None:
    rows = [
        [float("nan")] * 4 if label is None else row for row, label in zip(ROWS, HOLES, strict=True)
    ]
    path = table(tmp_path / "x.parquet", {"embedding": rows, "label": HOLES})
    loaded = embaudit.load(path, where="label is not null")
    assert kept(loaded) == [row for row in range(20) if row % 5]
    with pytest.raises(InputRefused, match=r"3 labels are null \(row 5, 10, 15\)"):
        embaudit.load(path, where="row > 0")


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("splt == 'a'", "no column 'splt'"),
        ("split == 3", "holds text, and is compared with 3"),
        ("label == '3'", "holds a number, and is compared with '3'"),
        ("split", "holds text, and is compared with True"),
        ("label < split", "holds a number"),
        ("embedding == 3", "'embedding'"),
        ("label == 99", "no row is left"),
    ],
)
def test_what_a_condition_cannot_ask_is_refused(condition: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refusal:
        embaudit.load(whole(tmp_path / "x.parquet"), where=condition)
    assert says in str(refusal.value)


def test_text_that_is_no_number_is_told_by_its_row(tmp_path: Path) -> None:
    labels = raw(tmp_path / "y.csv", ("label,age\n" + "a,1\nb,x\n" * 10).encode())
    with pytest.raises(InputRefused, match="'x' in row 1 is no number"):
        embaudit.load(npy(tmp_path / "x.npy", X), labels, where="age > 3")


def test_the_report_says_which_condition_chose_the_rows(tmp_path: Path) -> None:
    path = whole(tmp_path / "x.parquet")
    report = embaudit.audit(embaudit.load(path, where="split == 'test'"))
    assert report.options.where == "split == 'test'"
    assert report.data.left_out == {"where": 10}
    assert '"where": "split' in report.to_json()
    assert '"where"' not in embaudit.audit(embaudit.load(path)).to_json()


@pytest.mark.parametrize("form", ["parquet", "npy", "csv"])
def test_rows_without_a_label_are_dropped(form: str, tmp_path: Path) -> None:
    path = npy(tmp_path / "x.npy", X)
    labels = {
        "parquet": lambda: table(tmp_path / "y.parquet", {"label": HOLES}),
        "npy": lambda: npy(tmp_path / "y.npy", np.array(HOLES, float)),
        "csv": lambda: raw(
            tmp_path / "y.csv",
            (
                "id,label\n"
                + "".join(f"{i},{'' if y is None else y}\n" for i, y in enumerate(HOLES))
            ).encode(),
        ),
    }[form]()
    loaded = embaudit.load(path, labels, unlabelled="drop")
    assert kept(loaded) == [row for row in range(20) if row % 5]
    assert embaudit.audit(loaded).data.left_out == {"unlabelled": 4}


def test_a_distractor_is_a_negative_of_all_and_an_anchor_of_none(tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", {"embedding": ROWS, "label": HOLES})
    loaded = embaudit.load(path, unlabelled="distractor")
    report = embaudit.audit(loaded)
    assert loaded.size == 20
    assert report.data.anchors == 16
    distances = ((X[:, None].astype(float) - X[None]) ** 2).sum(-1)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(1)
    right = [HOLES[row] == HOLES[nearest[row]] for row in range(20) if HOLES[row] is not None]
    assert report.measures["precision_at_1"].value == np.mean(right)
    assert sum(isinstance(label, Unlabelled) for label in loaded.classes) == 4
    (told,) = [one.message for one in report.warnings if one.code == "distractors"]
    assert "4 of 20 rows have no label" in told


def test_a_distractor_is_no_class(tmp_path: Path) -> None:
    holes = [*HOLES[:-1], 7]  # a class of one row
    path = table(tmp_path / "x.parquet", {"embedding": ROWS, "label": holes})
    report = embaudit.audit(embaudit.load(path, unlabelled="distractor"))
    classes = {one for one in holes if one is not None}
    data = report.data
    assert (data.classes, data.singleton_classes, data.distractors) == (len(classes), 1, 4)
    assert {row.label for row in report.classes} == classes
    told = {one.code: one.message for one in report.warnings}
    assert told["singleton_classes"].startswith(f"1 of {len(classes)} classes")
    names = Names(unlabelled="distractor")
    seen = inspected(path, names=names).classes
    assert (seen.count, seen.singletons, seen.smallest) == (len(classes), 1, 1)
    assert count_classes(choose(path, None, names)) == (len(classes), 4)
    without = embaudit.audit(table(tmp_path / "y.parquet", {"embedding": ROWS, "label": list(Y)}))
    assert "distractors" not in without.to_json()


def test_distractors_of_a_gallery_are_no_classes_either(tmp_path: Path) -> None:
    both = {"embedding": ROWS, "label": HOLES}
    path = table(tmp_path / "x.parquet", both)
    queries, gallery = (embaudit.load(path, unlabelled="distractor", alone=False) for _ in "qg")
    report = embaudit.audit(queries, gallery=gallery)
    assert report.data.anchors == 16
    classes = len({one for one in HOLES if one is not None})
    assert (report.gallery.classes, report.gallery.distractors) == (classes, 4)
    assert report.gallery.queries_without_positives == 0
    assert (report.data.classes, report.data.distractors) == (classes, 4)


def test_distractors_that_coincide_are_no_collapse(tmp_path: Path) -> None:
    """Of fewer distinct vectors than rows without a label, nothing is to be told."""
    rows = np.concatenate([np.repeat(np.eye(8), 4, axis=0) * 9, np.zeros((99, 8))])
    rows[:32] += np.random.default_rng(1).standard_normal((32, 8)) / 9
    labels = [*np.repeat(np.arange(8), 4).tolist(), *[None] * 99]
    path = table(tmp_path / "x.parquet", {"embedding": list(rows.astype("f4")), "label": labels})
    report = embaudit.audit(embaudit.load(path, unlabelled="distractor"))
    assert report.measures["point_collapse"].value == 0


def test_ids_that_a_join_does_not_find_are_without_a_label(tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", {"embedding": ROWS, "id": np.arange(20)})
    labels = table(tmp_path / "y.parquet", {"key": np.arange(4, 20), "label": Y[4:]})
    with pytest.raises(InputRefused, match="missing"):
        embaudit.load(path, labels, join="key")
    assert kept(embaudit.load(path, labels, join="key", unlabelled="drop")) == [*range(4, 20)]
    loaded = embaudit.load(path, labels, join="key", unlabelled="distractor")
    assert loaded.classes[:4] == tuple(f"unlabelled row {row}" for row in range(4))


def test_a_level_is_chosen_of_several(tmp_path: Path) -> None:
    levels = npy(tmp_path / "y.npy", np.stack([np.arange(20), Y], 1))
    loaded = embaudit.load(npy(tmp_path / "x.npy", X), levels, label_level=1)
    assert [loaded.classes[code] for code in loaded.codes] == Y[loaded.rows].tolist()
    for level, says in ((2, "has 2 levels, 0 to 1, and no level 2"), (None, "label_level=0")):
        with pytest.raises(InputRefused, match=says):
            embaudit.load(npy(tmp_path / "x.npy", X), levels, label_level=level)
    listed = table(
        tmp_path / "l.parquet", {"embedding": ROWS, "label": [[i, int(y)] for i, y in enumerate(Y)]}
    )
    assert embaudit.load(listed, label_level=1).classes == loaded.classes


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"unlabelled": "keep"}, "'drop' or 'distractor'"),
        ({"label_level": -1}, "from 0 up"),
        ({"where": 3}, "give a text"),
        ({"no_labels": True, "unlabelled": "drop"}, "does not go with unlabelled"),
        ({"no_labels": True, "label_level": 0}, "does not go with label_level"),
        ({"where": "label =="}, "where"),
    ],
)
def test_options_that_make_no_sense_are_refused(more: Any, says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=says):
        embaudit.load(whole(tmp_path / "x.parquet"), **more)


def test_rows_are_chosen_without_labels_too(tmp_path: Path) -> None:
    loaded = embaudit.load(whole(tmp_path / "x.parquet"), no_labels=True, where="split == 'test'")
    assert kept(loaded) == [row for row in range(20) if row % 2]


@pytest.mark.parametrize("damaged", [True, False])
@pytest.mark.parametrize("asked", [{"where": "label == 1"}, {"keep": ("split",)}, {"id": "name"}])
def test_columns_asked_of_a_file_that_does_not_open_leave_its_refusal_alone(
    asked: dict[str, Any], damaged: bool, tmp_path: Path
) -> None:
    other = npy(tmp_path / "other.npy", np.array([f"a{row % 2}" for row in range(20)]))
    bad = tmp_path / "bad.parquet"
    if damaged:
        bad.write_bytes(b"PAR1 and no more")
    for path, labels in ((bad, None), (bad, other), (other, bad)):
        chosen = choose(path, labels, Names(**asked))
        told = [str(one) for one in chosen.problems.found]
        assert [one for one in told if "bad.parquet" in one]
        assert not [one for one in told if "no column" in one or "has no columns" in one], told
