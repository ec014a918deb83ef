"""Cached properties that are let go of when measures are done."""

from functools import cached_property
from typing import Any, TypeVar

T = TypeVar("T")


class Releasable(cached_property[T]):
    """A cached property that is large; once released, it is computed again if asked for."""


def release(owner: Any) -> None:
    """Let go of what an object's releasable properties hold."""
    for kind in type(owner).__mro__:
        for name, one in vars(kind).items():
            if isinstance(one, Releasable):
                vars(owner).pop(name, None)
