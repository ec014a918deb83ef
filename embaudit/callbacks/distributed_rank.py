"""The processes of a training: which one this is, and what the first found told to all.

torch is asked only where it was imported: who trains with it has.
"""

import sys
from typing import Any, TypeVar

T = TypeVar("T")
FIRST = 0


def loaded_torch() -> Any:
    """The module torch where somebody imported it, else None."""
    return sys.modules.get("torch")


def rank() -> int:
    """The number of this process among those of torch.distributed; 0 where it is alone."""
    group = _group()
    return FIRST if group is None else int(group.get_rank())


def shared(found: T) -> T:
    """What the first process found; every process has to ask."""
    group = _group()
    if group is None:
        return found
    told = [found]
    group.broadcast_object_list(told, src=FIRST)
    return told[0]


def _group() -> Any:
    torch = loaded_torch()
    group = getattr(torch, "distributed", None)
    return group if group is not None and group.is_available() and group.is_initialized() else None
