"""From the paths of a command line to a validated set: what cannot be done is said first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from embaudit.memory import allowed, enforced

if TYPE_CHECKING:
    from embaudit.config import Settings
    from embaudit.data import EmbeddingSet
    from embaudit.files import Choice, Names
    from embaudit.location import Location
    from embaudit.search import Progress


def loaded(
    embeddings: "Location",
    labels: "Location | None",
    names: "Names",
    settings: "Settings",
    progress: "Progress",
    check_size: Callable[[int], None] = lambda rows: None,
) -> "EmbeddingSet":
    """The set in the files; what cannot be done is said before values are read."""
    from embaudit.arrays import settled
    from embaudit.cost import check_memory
    from embaudit.files import choose

    progress("reading", 0, 0)  # of unknown length
    with enforced(allowed(settings.memory_budget)):
        chosen = choose(embeddings, labels, names, unpack_bits=settings.unpack_bits)
        rows = chosen.size[0]
        if not settings.drop and not settings.ignore_label:
            check_size(min(rows, settings.sample or rows))
        check_memory(settings.of_reading, *chosen.size)
        data = _read(chosen, settings)
    return settled(data, settings)


def _read(chosen: "Choice", settings: "Settings") -> "EmbeddingSet":
    """The chosen columns as a set; its rows are on disk where the budget asks for it."""
    from embaudit.cost import check_memory
    from embaudit.files import read

    return read(
        chosen,
        on_disk=lambda classes: check_memory(settings.of_reading, *chosen.size, classes),
        **settings.reading,
    )


def read_both(
    chosen: "Choice", gallery: "Choice | None", settings: "Settings"
) -> tuple["EmbeddingSet", "EmbeddingSet | None"]:
    """The set and, where there is one, its gallery, whole; both are on disk, or neither."""
    from embaudit.arrays import settled
    from embaudit.cost import check_memory
    from embaudit.data import place_of
    from embaudit.data.left_out import check_known
    from embaudit.files import read

    budget = allowed(settings.memory_budget)
    if gallery is None:
        with enforced(budget):
            data = _read(chosen, settings)
        return settled(data, settings), None
    form, whole = gallery.form, settings.model_copy(update={"sample": None})

    def on_disk(classes: int) -> bool:
        return check_memory(settings.of_reading, *chosen.size, classes, form)

    with enforced(budget):
        data = read(chosen, on_disk=on_disk, among=(), **settings.reading)
        there = on_disk(len(data.classes))
        other = read(gallery, on_disk=lambda _: there, among=data.classes, **whole.reading)
    both = [(one.left_out, one.classes) for one in (data, other)]
    check_known(both, place_of("labels", data.sources))
    return settled(data, settings, alone=False), settled(other, whole, alone=False)
