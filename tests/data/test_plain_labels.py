"""Labels from the Python side: any array-like becomes plain values, or is refused with rows."""

import enum
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embaudit
from embaudit.data.plain_labels import LONGEST, as_ids, as_labels
from embaudit.errors import InputRefused

WIDTHS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
integers = st.integers(-(2**63), 2**64 - 1)
texts = st.text()  # hypothesis draws no lone surrogates here


class Seq:
    """What pandas, torch and the like look like to numpy."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(self.values, dtype)


class NAType:
    """Like the null of pandas."""


class Colour(enum.IntEnum):
    RED = 1


def plain(values: Any) -> list[Any]:
    labels, _ = as_labels(values)
    assert all(type(label) in (bool, int, str) for label in labels)
    return labels


def codes(values: Any) -> list[str]:
    return [notice.code for notice in as_labels(values)[1]]


@given(st.lists(integers) | st.lists(texts) | st.lists(st.booleans()))
def test_plain_values_are_kept_exactly(values: list[Any]) -> None:
    for given_as in (
        values,
        tuple(values),
        np.array(values, object),
        Seq(np.array(values, object)),
    ):
        labels = plain(given_as)
        assert labels == values
        assert list(map(type, labels)) == list(map(type, values))


@given(st.lists(integers | texts | st.booleans()))
def test_types_are_never_merged(values: list[Any]) -> None:
    """An array of [1, '1'] would be two equal texts."""
    assert [(type(x), x) for x in plain(values)] == [(type(x), x) for x in values]
    assert ("mixed_labels" in codes(values)) == (len(set(map(type, values))) > 1)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("order", "<>")
def test_integers_of_every_width(width: str, order: str) -> None:
    info = np.iinfo(width)
    array = np.array([info.min, info.max, 1], order + width)
    assert plain(array) == plain(list(array)) == [int(info.min), int(info.max), 1]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_text_arrays(values: list[str]) -> None:
    array = np.array(values, "U")
    assert plain(array) == values
    assert plain(array.astype(array.dtype.newbyteorder(">"))) == values
    assert plain(np.repeat(array, 2)[::2]) == values


def test_numpy_scalars_and_variable_width_text() -> None:
    assert plain([np.int8(3), np.str_("a"), np.bool_(True), np.uint64(2**64 - 1)])[0] == 3
    assert plain(np.array(["a", "bcd"], np.dtypes.StringDType())) == ["a", "bcd"]


def test_whole_floats_become_integers_with_a_notice() -> None:
    for values in (np.array([1.0, -0.0, 2.0]), [1.0, -0.0, np.float32(2)], np.float16([1, 0, 2])):
        assert plain(values) == [1, 0, 2]
        assert codes(values) == ["float_labels"]


def test_bytes_are_decoded_with_a_notice() -> None:
    for values in (np.array([b"a", b"\xc3\xa9"]), [b"a", "\u00e9".encode()]):
        assert plain(values) == ["a", "\u00e9"]
        assert codes(values) == ["bytes_labels"]


def test_columns_are_flattened_with_a_notice() -> None:
    for values in (np.array([[1], [2]]), [[1], [2]], [(1,), (2,)], list(np.array([[1], [2]]))):
        assert plain(values) == [1, 2]
        assert codes(values) == ["flattened_labels"]


def test_near_identical_labels_stay_and_are_named() -> None:
    values = ["Cat", "cat", " cat", "caf\u00e9", "cafe\u0301", "STRASSE", "stra\u00dfe", "dog"]
    labels, notices = as_labels(values)
    assert labels == values
    (notice,) = notices
    assert notice.code == "label_twins"
    assert "3 groups" in notice.message
    assert "'caf\\xe9' / 'cafe\\u0301'" in notice.message


def test_a_notice_is_short_whatever_the_labels() -> None:
    values = ["x" * 10**6, "X" * 10**6, *(f"{c}{i}" for i in range(100) for c in "aA")]
    twins, long = sorted(as_labels(values)[1], key=lambda notice: notice.code)
    assert (twins.code, long.code) == ("label_twins", "long_texts")
    assert max(len(twins.message), len(long.message)) < 1000


def test_labels_up_to_the_longest_name_are_kept_as_they_are() -> None:
    labels = ["x" * LONGEST, "\u00e9" * LONGEST, 7]
    for values in (labels, np.array(labels, object), np.array(labels[:2])):
        assert plain(values) == labels[: len(values)]
    assert "long_texts" not in codes(labels)


def test_of_longer_labels_a_part_and_a_digest_tell_them_apart() -> None:
    texts = ["x" * (LONGEST + 1), "x" * LONGEST + "y", "x" * (LONGEST + 1), "short", 3]
    for values in (texts, np.array(texts, object), np.array(texts[:4])):
        found, notices = as_labels(values)
        assert found[0] == found[2] != found[1]
        assert found[3:] == texts[3 : len(values)]
        digest = hashlib.sha256(texts[0].encode()).hexdigest()
        assert found[0] == f"{'x' * 100}... (2049 characters, SHA-256 {digest})"
        (long,) = (notice for notice in notices if notice.code == "long_texts")
        assert "2 different texts are longer than 2048 characters" in long.message
    assert as_ids(texts[:2])[0] == found[:2]


def test_labels_of_a_megabyte_make_no_report_of_many() -> None:
    x = np.random.default_rng(0).normal(size=(60, 4))
    classes, rows = range(6), range(60)
    short = embaudit.audit(x, [f"c{row % 6}" for row in rows], ids=[f"r{row}" for row in rows])
    names = ["abcdefghij" * 100_000 + str(number) for number in classes]
    long = embaudit.audit(
        x, [names[row % 6] for row in rows], ids=[f"{names[0]}{row}" for row in rows]
    )
    assert len(short.to_json()) < len(long.to_json()) < 2 * len(short.to_json())
    assert [one.rows for one in long.classes] == [10] * 6
    assert [warning.code for warning in long.warnings].count("long_texts") == 2


def test_long_ids_are_joined_as_others_are(tmp_path: Path) -> None:
    ids = ["i" * 5000 + str(row) for row in range(12)]
    np.savez(tmp_path / "x.npz", embedding=np.eye(12), id=np.array(ids))
    lines = "".join(f"{name},{row % 3}\n" for row, name in reversed([*enumerate(ids)]))
    (tmp_path / "y.csv").write_text(f"id,label\n{lines}")
    found = embaudit.load(tmp_path / "x.npz", tmp_path / "y.csv", join="id")
    assert [found.classes[code] for code in found.codes] == [str(row % 3) for row in found.rows]
    assert [notice.code for notice in found.notices].count("long_texts") == 1


def test_empty_text_is_a_class_with_a_notice() -> None:
    assert codes(["", "a", ""]) == ["empty_labels"]


REFUSED: dict[str, tuple[Any, ...]] = {
    "none": ([1, None, 2], "1 label is null", "row 1"),
    "nan": (["a", float("nan")], "null", "row 1"),
    "nan array": (np.array([1, np.nan, np.nan]), "2 labels are null", "row 1, 2"),
    "pandas null": (np.array(["a", NAType()], object), "null", "row 1"),
    "masked": (np.ma.MaskedArray([1, 2], [False, True]), "null", "row 1"),
    "fractions": ([0.5, 1.0, 1.5], "2 labels are fractional", "row 0, 2"),
    "infinity": ([1.0, float("inf")], "fractional", "row 1"),
    "lists": ([["a", "b"], ["c"]], "a list", "multi-label"),
    "sets": ([{"a"}, {"b"}], "of type set"),
    "one-hot": (np.eye(3), "(3, 3)", "argmax"),
    "wide row": (np.zeros((1, 5)), "(1, 5)"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), "datetime64"),
    "date objects": ([np.datetime64("2020-01-01")], "of type date"),
    "complex": (np.array([1j]), "complex128"),
    "structured": (np.zeros(2, "i4,i4"), "holds no labels"),
    "objects": ([object()], "of type object", "row 0"),
    "enumerations": ([Colour.RED], "of type Colour"),
    "one text": ("cat dog", "is a text or a path"),
    "one number": (3, "0-D"),
    "a dictionary": ({1: 2}, "0-D"),
    "too wide": ([1, 2**64], "beyond 64 bits", "row 1"),
    "too negative": ([-(2**63) - 1], "beyond 64 bits", "row 0"),
    "surrogate": (["a", "\ud800"], "no Unicode", "row 1"),
    "surrogate array": (np.array(["a", "\udfff"]), "no Unicode", "row 1"),
    "bad bytes": ([b"\xff"], "not UTF-8", "row 0"),
    "inexact": (np.array([2.0**53 + 2]), "too large"),
    "inexact float32": (np.array([2.0**24 + 2], "f4"), "too large"),
    "several": ([None, 0.5, b"\xff", [1, 2]], "null", "fractional", "UTF-8", "a list"),
}
if np.dtype(np.longdouble).itemsize > 8:  # on some machines it is a float64
    REFUSED["long double"] = (np.ones(2, np.longdouble), "holds no labels")
    REFUSED["long doubles"] = ([np.longdouble(1)], "of type longdouble")


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    values, *says = REFUSED[name]
    with pytest.raises(InputRefused) as refusal:
        as_labels(values, "y.npy")
    assert all(problem.startswith("y.npy: ") for problem in refusal.value.problems)
    for words in says:
        assert words in refusal.value.message


def test_many_rows_are_counted_not_listed() -> None:
    with pytest.raises(InputRefused, match=r"900 labels are null \(row 0, 1, 2, 3, 4, \.\.\.\)"):
        as_labels([None] * 900 + [1])


def test_the_input_is_not_changed() -> None:
    values: list[Any] = [1.0, b"a"]
    as_labels(values)
    assert values == [1.0, b"a"]


def test_ids_are_plain_too_but_raise_no_remarks() -> None:
    assert as_ids(np.array(["a", "A", ""])) == (["a", "A", ""], [])
    with pytest.raises(InputRefused, match="ids: 1 label is null"):
        as_ids([None])


@pytest.mark.parametrize("sign", [1, -1])
def test_a_float_label_is_a_whole_number_up_to_2_to_the_53(sign: int) -> None:
    """Up to there every whole number is a float of its own; from the next one on two are one."""
    last = sign * 2.0**53
    for beyond in (np.nextafter(last, sign * np.inf), sign * 2.0**54):
        for given_as in (np.array, list):
            assert plain(given_as([last, last - sign])) == [int(last), int(last) - sign]
            with pytest.raises(InputRefused, match="too large"):
                as_labels(given_as([last, beyond]))
