import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from embaudit.render.safe_text import SPELLING, figure, inert, label, path, spell
from tests.render.samples import HOSTILE

ANY = st.text(st.characters(exclude_categories=()), max_size=80)  # surrogates too
DANGEROUS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def assert_inert(text: str) -> None:
    for character in text:
        assert unicodedata.category(character) not in DANGEROUS, repr(text)


@given(ANY, st.integers(1, 40), st.booleans())
def test_inert_text_is_harmless_and_no_wider_than_asked(text, most, ascii_only):
    shown = inert(text, most, ascii_only)
    assert_inert(shown)
    assert cell_len(shown) <= most
    assert not ascii_only or shown.isascii()
    shown.encode("utf-8")


@given(ANY)
def test_inert_twice_is_inert_once(text):
    once = inert(text, 10_000)
    assert inert(once, 10_000) == once


@given(st.text("abcXYZ 019[]/<>|`*_\\é東", max_size=30))
def test_harmless_text_is_left_as_it_is(text):
    assert inert(text, 100) == text


def test_what_hides_is_shown():
    assert inert("a\x1b[31m\u202e\u200b\ud800") == "a\\x1b[31m\\u202e\\u200b\\ud800"
    assert inert("\u0301x") == "\\u0301x"  # would sit on whatever stands before the label
    assert len(inert("\u1100" + "\u1161" * 1_000_000, 20)) <= 20  # takes no room in a terminal
    assert inert("x" * 1_000_000, 5) == "xxxx…"
    assert inert("x" * 6, 5, ascii_only=True) == "xx..."


@pytest.mark.parametrize("text", HOSTILE)
def test_paths_keep_their_end_and_their_width(text):
    shown = path(text + "/name.npy", 40)
    assert_inert(shown)
    assert cell_len(shown) <= 40
    assert shown.endswith("name.npy")


def test_labels_of_different_types_stay_apart():
    assert len({label(value) for value in (True, 1, "1", "True", "", " ")}) == 6


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.5, "fraction", "50.00%"),
        (0.0, "fraction", "0%"),
        (1.0, "fraction", "100%"),
        (-0.0, "fraction", "0%"),
        (0.9999999, "fraction", ">99.99%"),
        (4.12e-7, "fraction", "4.1e-5%"),
        (0.00994, "fraction", "0.99%"),
        (17.2061725, "distance", "17.21"),
        (9.99996, "distance", "10.00"),
        (-0.0, "distance", "0"),
        (12345.678, "distance", "12,346"),
        (1.5e-7, "distance", "1.500e-7"),
        (1.5e12, "distance", "1.500e12"),
        (-3.1, "distance", "-3.100"),
        (10106, "rows", "10,106"),
        (3.14159, "dimensions", "3.142"),
        (2, "state", "collapsed"),
        (None, "distance", "∞"),
        (float("inf"), "distance", "∞"),
        (float("-inf"), "distance", "-∞"),
    ],
)
def test_figures(value, unit, expected):
    assert figure(value, unit) == expected


@given(st.floats(allow_nan=True), st.sampled_from(["distance", "ratio", "rows", "dimensions"]))
def test_a_figure_is_short_and_never_nan(value, unit):
    shown = figure(value, unit)
    assert "nan" not in shown.lower()
    assert len(shown) <= 12


@given(st.floats(1e-9, 1 - 1e-9))
def test_a_share_that_is_neither_never_looks_like_none_or_all(share):
    assert figure(share, "fraction") not in ("0%", "0.00%", "100%", "100.00%")


@given(ANY)
def test_spelling_is_ascii(text):
    assert spell(text).isascii()
    assert spell("".join(SPELLING)).isascii()
    assert "\\" not in spell("".join(SPELLING))
