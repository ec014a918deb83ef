"""Vectors in `.json` and `.jsonl`, and what such files may say that is no set."""

import json
from typing import Any

from tests.files.corpus import NAMES, Case, X, Y, alone, files, labels, raw
from tests.files.writers import records

ROWS = records(X, Y)
LISTS = X.tolist()


def text(name: str, content: Any, *says: str, beside: bool = False, suffix: str = "json") -> Case:
    """content: a text, or what is dumped. beside: labels have a file of their own."""
    data = content if isinstance(content, str | bytes) else json.dumps(content)
    data = data.encode() if isinstance(data, str) else data
    build = (files if beside else alone)(lambda t: raw(t / f"x.{suffix}", data))
    return Case(f"{suffix} {name}", build, says)


def jsonl(name: str, rows: Any, *says: str) -> Case:
    content = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    return text(name, content, *says, suffix="jsonl")


def changed(row: int, **values: Any) -> list[Any]:
    """The records, one of them changed."""
    found = [dict(record) for record in ROWS]
    found[row] |= values
    return found


def without(row: int, name: str) -> list[Any]:
    found = [dict(record) for record in ROWS]
    del found[row][name]
    return found


def spoilt(row: int, value: Any) -> list[Any]:
    return [*LISTS[:row], value, *LISTS[row + 1 :]]


def spread(name: str, value: Any = None) -> list[Any]:
    """Records of a key a dimension."""
    rows = zip(LISTS, Y.tolist(), strict=True)
    return [
        {name.format(k): one if value is None else value for k, one in enumerate(row)}
        | {"label": y}
        for row, y in rows
    ]


def by_row(name: str) -> dict[str, Any]:
    return {str(row): record[name] for row, record in enumerate(spread("emb_{}"))}


def missing(row: int, name: str) -> list[Any]:
    found = spread("dim_{}")
    del found[row][name]
    return found


CASES = [
    text("records", ROWS),
    text("lists", LISTS, beside=True),
    text("by id", {str(row): vector for row, vector in enumerate(LISTS)}, beside=True),
    text("records by id", {f"img{row}": record for row, record in enumerate(ROWS)}),
    text("columns", {"embeddings": LISTS, "labels": NAMES, "dim": 4}),
    text("a key a dimension", spread("{}")),
    text("a key a dimension by pandas", {name: by_row(name) for name in spread("emb_{}")[0]}),
    text("a list a dimension", {name: [*by_row(name).values()] for name in spread("emb_{}")[0]}),
    jsonl("a key a dimension", spread("dim_{}")),
    jsonl("a dimension that is missing", missing(7, "dim_2"), "'dim_0' to 'dim_3'", "rows 7"),
    jsonl("a dimension that is vast", spread("d{}", 10**400), "'d0' to 'd3'", "20 of 20 rows"),
    text("columns of any name", {"hidden": LISTS, "labels": NAMES}),
    text("with a BOM", b"\xef\xbb\xbf" + json.dumps(ROWS, indent=2).encode()),
    jsonl("records", ROWS),
    jsonl("records without a final newline", [json.dumps(ROWS[0]), *ROWS[1:]]),
    jsonl("with empty lines", [*ROWS[:3], "", *ROWS[3:], " "]),
    jsonl("of other keys", [record | {f"more {row}": None} for row, record in enumerate(ROWS)]),
    Case("json labels", labels(lambda t: raw(t / "y.json", json.dumps(NAMES).encode()))),
    Case("jsonl labels", labels(lambda t: raw(t / "y.jsonl", b"".join(b"%d\n" % y for y in Y)))),
    text("labels of two types", changed(4, label="cat"), "differ in type"),
    text("no records", "[]", "x.json", "no values"),
    text("cut short", json.dumps(ROWS)[:-40], "x.json", "line 1", "no JSON that can be read"),
    text("not closed", json.dumps(ROWS)[:-1], "x.json", "found 'the end'"),
    text("with more behind it", json.dumps(ROWS) + "x", "x.json", "more follows"),
    jsonl("cut in line 7", [*ROWS[:6], '{"embedding": [1, 2', *ROWS[7:]], "x.jsonl", "line 7"),
    jsonl("of no JSON", ["hello"], "x.jsonl", "line 1", "expecting value"),
    text("of code", "__import__('os').abort()", "x.json", "expecting value"),
    text("a key twice", '{"emb": [1, 2], "emb": [3, 4]}\n' * 20, "line 1", "'emb' twice"),
    text("nested without end", "[" * 200_000, "x.json", "lists within lists"),
    text("a number without end", "[" + "9" * 10_000 + "]", "x.json", "digits"),
    text("an integer beyond float64", spoilt(3, [1, 2, 3, 10**400]), "row 3", beside=True),
    text(
        "an integer of too many digits",
        spoilt(3, [1, 2, 3, 2**53 + 1]),
        "row 3",
        beside=True,
    ),
    text("NaN", spoilt(3, [1, 2, 3, float("nan")]), "NaN or infinite", "rows 3", beside=True),
    text("beyond float64", json.dumps(LISTS)[:-2] + "e999]]", "rows 19", beside=True),
    text("null in a vector", spoilt(3, [1, 2, 3, None]), "null values", "row 3", beside=True),
    text("ragged", spoilt(3, [1, 2]), "(4 values)", "row 3", beside=True),
    text("a vector of text", spoilt(3, ["a", 2, 3, 4]), "null vectors", "row 3", beside=True),
    text("a vector of booleans", spoilt(3, [True] * 4), "null vectors", "row 3", beside=True),
    text("nested vectors", [[row] for row in LISTS], "holds list", beside=True),
    jsonl("a row without a vector", without(5, "embedding"), "null vectors", "row 5"),
    jsonl("a row without a label", without(5, "label"), "null", "row 5"),
    text("columns of other lengths", {"embeddings": LISTS, "labels": NAMES[1:]}, "19 labels"),
    text("not UTF-8", b'[{"emb": [1, 2], "label": "\xff"}]', "x.json", "UTF-8"),
    text("no labels", {"embeddings": LISTS}, "no labels"),
]
