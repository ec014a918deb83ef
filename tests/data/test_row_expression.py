"""The language of conditions: read as written, refused with the place, and nothing of it is run."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embaudit.data.condition_ast import Among, Both, Either, IsNull, Named, Not, Relation, names_in
from embaudit.data.row_expression import condition_of
from embaudit.errors import UsageError

A, B = Named("a"), Named("b")
ONE, TWO = Relation(A, "==", 1), Relation(B, "!=", "x")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a == 1", ONE),
        ("a=1", ONE),
        ("b <> 'x'", TWO),
        ('b != "x"', TWO),
        ("1 == a", Relation(1, "==", A)),
        ("a == 1 and b != 'x'", Both(ONE, TWO)),
        ("a == 1 AND NOT b != 'x'", Both(ONE, Not(TWO))),
        ("(a == 1) & ~(b != 'x')", Both(ONE, Not(TWO))),
        ("a == 1 or a == 1 and b != 'x'", Either(ONE, Both(ONE, TWO))),
        ("(a == 1 or a == 1) and b != 'x'", Both(Either(ONE, ONE), TWO)),
        ("not not a == 1", ONE),
        ("0 <= a < 1.5e1", Both(Relation(0, "<=", A), Relation(A, "<", 15.0))),
        ("a in (1, 'x', true)", Among(A, (1, "x", True))),
        ("a not in [-1]", Not(Among(A, (-1,)))),
        ("a in ()", Among(A, ())),
        ("a is null or b is not None", Either(IsNull(A), Not(IsNull(B)))),
        ("`my column` == ''", Relation(Named("my column"), "==", "")),
        ("embedding.split == 'it\\'s'", Relation(Named("embedding.split"), "==", "it's")),
        ("größe > 3", Relation(Named("größe"), ">", 3)),
        ("a < b", Relation(A, "<", B)),
    ],
)
def test_a_condition_is_what_is_written(text, meant):
    assert condition_of(text) == meant


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "its end"),
        ("a ==", "its end"),
        ("a == 1 b", "'b' is not expected"),
        ("__import__('os').system('true')", "is not expected"),
        ("a == 1; b", "'; b' is not understood"),
        ("(a == 1", "')' is expected"),
        ("1 == 2", "1 and 2 are no columns"),
        ("'x'", "compared with nothing"),
        ("a in b", "a list"),
        ("a in (b)", "b stands in a list"),
        ("a in (1 2)", "',' is expected"),
        ("a is 3", "'null' is expected"),
        ("a == 'x", "is not understood"),
        ("a == " + "1" * 5000, "too long"),
        ("(" * 2000 + "a" + ")" * 2000, "nested too deeply"),
        ("not " * 2000 + "(" * 60 + "a", "nested too deeply"),
        ("a" * 20_000, "longer than"),
        ("a == lambda: 1", "not understood"),
    ],
)
def test_what_is_no_condition_is_refused_at_its_place(text, says):
    with pytest.raises(UsageError) as error:
        condition_of(text)
    assert says in str(error.value)
    assert len(str(error.value)) < 500


@given(st.text("ab12 ()[]<>=!&|~'\"`,.-\\nortis", max_size=30))
def test_any_text_is_a_condition_or_an_error_of_ours(text):
    with suppress(UsageError):
        assert all(name in text for name in names_in(condition_of(text)))
