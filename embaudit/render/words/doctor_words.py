"""What embaudit finds where it runs, and what to do about it."""

from collections.abc import Iterator

from embaudit.core.machine import readable
from embaudit.render.safe_text import count
from embaudit.render.words.block_document import Block, BlockDocument
from embaudit.render.words.block_types import Answer, Answers, Facts, Heading
from embaudit.render.words.cost_words import spoken
from embaudit.render.words.rich_text import Data, Sentence
from embaudit.report.doctor_report import AuditCost, BlasLibrary, Checkup


def checkup_document(seen: Checkup) -> BlockDocument:
    """Problems first, each with its remedy; then what there is."""
    return BlockDocument("What embaudit finds here", "", "", tuple(_blocks(seen)))


def _blocks(seen: Checkup) -> Iterator[Block]:
    if seen.problems:
        yield Heading(f"{count(len(seen.problems), 'problem')} found.", "warning")
        yield Answers(
            tuple(
                Answer("warning", one.cause, remedy=one.remedy, id=one.id) for one in seen.problems
            )
        )
    else:
        yield Heading("No problem found.", "good")
    if seen.cost is not None:
        yield Facts(tuple(_of_cost(seen.cost, seen)), "What an audit would cost here")
    yield Facts(tuple(_of_machine(seen)), "Machine")
    there = ", ".join(f"{name} {number or '-'}" for name, number in seen.libraries.items())
    libraries: list[tuple[str, Sentence]] = [
        ("embaudit", seen.version),
        ("Python", seen.python),
        ("core", Data(there, 1000)),
    ]
    libraries += [(f"BLAS of {one.of}"[:40], _of_blas(one)) for one in seen.blas]
    yield Facts(tuple(libraries), "Libraries")
    extras = tuple(
        (one.name, f"{one.use}: {'installed' if one.installed else one.install}")
        for one in seen.extras
    )
    yield Facts(extras, "Extras")


def _of_blas(one: BlasLibrary) -> Sentence:
    kernels = f" with {one.architecture}" if one.architecture else ""
    told = f"{one.name} {one.version or ''}".rstrip()
    return Data(f"{told}{kernels}, {count(one.threads, 'thread')}", 200)


def _of_machine(seen: Checkup) -> Iterator[tuple[str, Sentence]]:
    yield "system", Data(seen.system, 100)
    yield "processors", f"{seen.threads:,} of {seen.processors:,} may be used"
    yield "memory", f"an audit may take {readable(seen.memory)}; --memory-budget says otherwise"
    yield "text", Data(seen.encoding, 40)


def _of_cost(cost: AuditCost, seen: Checkup) -> Iterator[tuple[str, Sentence]]:
    size = f"{count(cost.rows, 'row')} x {count(cost.dim, 'dim')} of float32"
    yield "embeddings", f"{size}, say in {count(cost.classes, 'class', 'classes')}"
    yield "search", cost.search
    if cost.memory is None or cost.seconds is None:
        yield "memory", "more than is allowed"
        return
    disk = f", and {readable(cost.disk)} of disk (TMPDIR says where)" if cost.disk else ""
    yield "memory", f"about {readable(cost.memory)} of {readable(seen.memory)}{disk}"
    yield "time", f"about {spoken(cost.seconds)}, at a guess"
