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
    from embaudit.cost import check_memory
    from embaudit.files import choose

    progress("reading", 0, 0)  # of unknown length
    with enforced(allowed(settings.memory_budget)):
        chosen = choose(embeddings, labels, names)
        rows = chosen.size[0]
        check_size(min(rows, settings.sample or rows))
        check_memory(settings, *chosen.size)
        return _read(chosen, settings)


def _read(chosen: "Choice", settings: "Settings") -> "EmbeddingSet":
    """The chosen columns as a set; its rows are on disk where the budget asks for it."""
    from embaudit.cost import check_memory
    from embaudit.files import read

    return read(
        chosen,
        sample=settings.sample,
        seed=settings.seed,
        memory_budget=settings.memory_budget,
        on_disk=lambda classes: check_memory(settings, *chosen.size, classes),
    )


def read_both(
    chosen: "Choice", gallery: "Choice | None", settings: "Settings"
) -> tuple["EmbeddingSet", "EmbeddingSet | None"]:
    """The set and, where there is one, its gallery, whole; both are on disk, or neither."""
    from embaudit.cost import check_memory
    from embaudit.files import read

    if gallery is None:
        return _read(chosen, settings), None
    form, budget = gallery.form, settings.memory_budget

    def on_disk(classes: int) -> bool:
        return check_memory(settings, *chosen.size, classes, form)

    sample, seed = settings.sample, settings.seed
    data = read(chosen, sample=sample, seed=seed, memory_budget=budget, on_disk=on_disk, among=())
    there = on_disk(len(data.classes))
    return data, read(gallery, memory_budget=budget, on_disk=lambda _: there, among=data.classes)
