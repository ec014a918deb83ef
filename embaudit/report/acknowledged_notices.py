"""What a project knows of already: counted, and told in no medium again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import Field

from embaudit.data import Notice

Acknowledged = Annotated[
    dict[str, int],
    Field(
        default_factory=dict,
        description="Notices and findings that were acknowledged (`acknowledge`, --acknowledge) "
        "and are told nowhere else: how many, by id. What is bad is never among them.",
    ),
]


def heard(notices: Iterable[Notice], ids: Sequence[str]) -> dict[str, Any]:
    """The fields of a document: `warnings` to be told, and how many others are `acknowledged`."""
    notices = tuple(notices)
    known = Counter(one.code for one in notices if one.code in ids)
    return {
        "warnings": tuple(one for one in notices if one.code not in ids),
        "acknowledged": dict(sorted(known.items())),
    }
