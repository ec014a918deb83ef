"""Vectors in lines of text: numbers alone or behind a word, and lines that are something else."""

from collections.abc import Callable
from pathlib import Path

from tests.files.corpus import NAMES, Case, X, Y, alone, files, labels, raw

NUMBERS = [" ".join(map(str, row)) for row in X.tolist()]
WORDS = [f"word{row} {numbers}" for row, numbers in enumerate(NUMBERS)]
COUNTED = [f"{row} {numbers}" for row, numbers in enumerate(NUMBERS)]
LAST = [f"{numbers} {y}" for numbers, y in zip(NUMBERS, Y, strict=True)]
FIRST = [f"{y} {numbers}" for numbers, y in zip(NUMBERS, Y, strict=True)]
HASH = f"# {NUMBERS[0]}"
CLASSES = [f"c{label} {numbers}" for label, numbers in zip(Y, NUMBERS, strict=True)]


def text(lines: list[str], name: str = "x.txt", end: str = "\n") -> Callable[[Path], Path]:
    return lambda tmp: raw(tmp / name, "".join(line + end for line in lines).encode())


TOLD = ("fields_of_lines",)
CASES = [
    Case("lines of numbers", files(text(NUMBERS))),
    Case("lines of numbers, CRLF", files(text(NUMBERS, end="\r\n"))),
    Case("lines of numbers and tabs", files(text([one.replace(" ", "\t") for one in NUMBERS]))),
    Case("lines of GloVe", files(text(WORDS))),
    Case("lines of word2vec", files(text(["20 4", *WORDS], "x.vec"))),
    Case("lines of word2vec that end in blanks", files(text(["20 4", *WORDS], "x.vec", " \n"))),
    Case("lines of word2vec whose words are numbers", files(text(["20 4", *COUNTED], "x.vec"))),
    Case("lines of numbers behind comments", files(text(["# by me", "# 20 rows", *NUMBERS]))),
    Case("lines of GloVe of which one is of a hash", files(text([HASH, *WORDS[1:]]))),
    Case("lines of labels and numbers", alone(text(CLASSES))),
    Case(
        "lines of numbers as labels",
        labels(text([f"{y} {y % 2}" for y in range(20)])),
        notices=TOLD,
    ),
    Case(
        "lines of numbers and a label", files(text(LAST)), ("column 5 of 5", "labels", "[:, :-1]")
    ),
    Case("lines of a label and numbers", files(text(FIRST)), ("column 1 of 5", "labels")),
    Case(
        "lines of a word, numbers and a label",
        files(text([f"a/{i}.png {one}" for i, one in enumerate(LAST)])),
        ("column 6 of 6", "labels"),
    ),
    Case("lines that are fewer", files(text(["21 4", *WORDS])), ("promises 21", "20 follow")),
    Case("lines of other dimensions", files(text(["20 5", *WORDS])), ("x.txt",)),
    Case("lines that are cut", files(text([*WORDS[:-1], "word20 0.5"])), ("x.txt", "record 20")),
    Case("lines of words", files(text(NAMES)), ("x.txt", "holds str")),
]
