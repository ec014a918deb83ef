"""What an audit would do and cost, before it does."""

from typing import TYPE_CHECKING

from embaudit.core.machine import readable
from embaudit.render.safe_text import count
from embaudit.render.words.block_document import BlockDocument
from embaudit.render.words.block_types import Facts, Heading
from embaudit.render.words.rich_text import Data

if TYPE_CHECKING:
    from embaudit.planning.dry_run import Cost


def cost_document(cost: "Cost") -> BlockDocument:
    """What is to be expected."""
    facts = tuple((name, Data(fact, 2000)) for name, fact in _facts(cost))
    told = Heading("An audit would do this; nothing was computed.")
    return BlockDocument("What an audit would cost", "", "", (told, Facts(facts)))


def _facts(cost: "Cost") -> list[tuple[str, str]]:
    size = f"{count(cost.rows, 'row')} x {count(cost.dim, 'dim')} of {cost.dtype}"
    disk = f", and {readable(cost.disk)} of disk for the rows (TMPDIR says where)"
    facts = [
        ("embeddings", size),
        *([("against", f"a gallery of {count(cost.gallery, 'row')}")] if cost.gallery else ()),
        ("labels", count(cost.classes, "class", "classes") if cost.classes else "none are read"),
        ("search", f"{cost.search}: {cost.backend}" if cost.classes else cost.search),
        ("why", cost.why),
        (
            "memory",
            f"about {readable(cost.memory)} of the {readable(cost.allowed)} that are allowed"
            + (disk if cost.disk else ""),
        ),
        ("time", f"about {spoken(cost.seconds)} on {count(cost.threads, 'thread')}, at a guess"),
    ]
    if cost.workers:
        each, least = readable(cost.worker_memory), readable(cost.worker_memory_least)
        shared = (
            f"{count(cost.workers, 'process', 'processes')} with a processor each; one takes about "
            f"{each}, or {least} and a file of the rows; all together read {readable(cost.read)}"
        )
        facts.append(("workers", shared))
    return facts


def spoken(seconds: float) -> str:
    """A time in a unit for people."""
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(1, round(seconds))} s"
