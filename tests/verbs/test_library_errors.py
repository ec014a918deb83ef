"""The library, given anything: an error of ours, in the words of the library."""

import inspect

import numpy as np
import pytest

import embaudit
from embaudit.errors import EmbauditError, InputRefused, UsageError, on_command_line, option
from tests.combined import in_part

RNG = np.random.default_rng(0)
Y = np.arange(24) % 4
X = RNG.normal(size=(24, 4)) + 99 * np.eye(4)[Y]  # separated: a projection has nothing to search
FUNCTIONS = ("audit", "forecast", "load", "mine", "project")
QUICK = {"audit": {"measures": "violating_anchors"}, "forecast": {"batches": "2x2"}}


class Grads:
    """As a tensor that requires grad."""

    shape, dtype = (24, 4), np.dtype("f4")

    def detach(self):
        return self

    def __array__(self, *_, **__):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


class OnlyDLPack:
    """What can be had through DLPack alone."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class Sparse:
    shape = (24, 4)

    def toarray(self):
        return X


WRONG = [
    None, True, -1, 1.5, 2**80, float("nan"), "", "nonsense", b"bytes", [], [None], [1, "a", None],
    {}, {"a": 1}, set(), object(), len, ..., np.float64(1), np.zeros(3), np.zeros((2, 2, 2)),
    np.array("text"), np.array([None, object()]), np.zeros((3, 3), complex), range(3), Grads(),
    Sparse(), OnlyDLPack(np.zeros(2)), (n for n in range(3)), type, Exception("x"),
]  # fmt: skip
# callables are called, and a caller's own exceptions are its own
NOT_VALUES = {"progress"}


def parameters():
    for name in FUNCTIONS:
        for parameter in inspect.signature(getattr(embaudit, name)).parameters:
            if parameter not in NOT_VALUES:
                yield name, parameter


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("library") / "x.npz"
    np.savez(path, embeddings=X, labels=Y)
    return path


@pytest.mark.parametrize(("name", "parameter"), in_part(parameters(), 3))
def test_a_wrong_type_is_an_error_of_ours_without_flags(name, parameter, file):
    sound = {"path": file} if name == "load" else {"embeddings": X, "labels": Y}
    for value in WRONG:
        asked = {**QUICK.get(name, {}), **sound, parameter: value}
        said = refused(getattr(embaudit, name), asked)
        assert "--" not in said, (value, said)


def refused(function, asked):
    """What an error of ours says; any other error is the test's. Nothing where all is well."""
    try:
        function(**asked)
    except EmbauditError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", ["audit", "forecast", "mine", "project"])
@pytest.mark.parametrize(
    ("embeddings", "says"),
    [
        (None, ["none given", "embaudit.load(path)"]),
        (Grads(), ["requires grad", "x.detach().cpu().float().numpy()"]),
        (Sparse(), ["sparse", "toarray"]),
        (OnlyDLPack(X[0]), ["has shape (4,)", "x[None, :]"]),
        (np.array([X[0], "text"], object), ["1 of 2 rows", "no vectors of 4 values", "row 1"]),
        (X.reshape(24, 2, 2, 1), ["has shape (24, 2, 2, 1)", "x.reshape(24, 4)"]),
        ([[1, 2], [3]], ["cannot be viewed as an array", "numpy.stack"]),
    ],
)  # fmt: skip
def test_what_is_no_matrix_is_refused_with_the_way_to_one(name, embeddings, says):
    with pytest.raises(InputRefused) as refusal:
        getattr(embaudit, name)(embeddings, Y)
    for words in says:
        assert words in str(refusal.value)


def test_dlpack_is_read():
    report = embaudit.audit(OnlyDLPack(X), OnlyDLPack(Y), measures="violating_anchors")
    assert report.measures == embaudit.audit(X, Y, measures="violating_anchors").measures


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"metric": "dot"}, "use cosine"),
        ({"margin": -1}, "-1 is below 0, the least"),
        ({"batch": "3"}, "18x4"),
        ({"labels": None}, "no_labels=True"),
        ({"sample": 1}, "Give sample at least"),
        ({"embeddings": np.r_[X[:-1], X[:1] * 0], "metric": "cosine"}, "drop='zero_rows'"),
    ],
)
def test_an_error_names_what_a_caller_can_give(asked, says):
    with pytest.raises((UsageError, InputRefused)) as error:
        embaudit.audit(**{"embeddings": X, "labels": Y, **asked})
    assert says in str(error.value)
    assert "--" not in str(error.value)


def test_an_option_is_told_to_whom_it_is_told():
    assert option("label_column", "my label") == "label_column='my label'"
    assert (option("sample", "N"), option("no_labels", True)) == ("sample=N", "no_labels=True")
    with on_command_line():
        assert option("label_column", "my label") == "--label-column 'my label'"
        assert (option("sample", "N"), option("no_labels", True)) == ("--sample N", "--no-labels")
    assert option("label_column") == "label_column"
