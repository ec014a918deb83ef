"""What verbs share: from paths to a plan, and by the plan to a validated set."""

from collections.abc import Callable

from embaudit.core.location import Location
from embaudit.core.machine import allowed, enforced
from embaudit.data import EmbeddingSet, place_of
from embaudit.data.left_out import check_known
from embaudit.files import Choice, Names, choose, read
from embaudit.planning.plan import Plan, plan_of_input
from embaudit.search import Progress
from embaudit.settings.settings import Settings
from embaudit.verbs.arrays import settled


def loaded(
    embeddings: Location,
    labels: Location | None,
    names: Names,
    settings: Settings,
    progress: Progress,
    check_size: Callable[[int], None] = lambda rows: None,
) -> EmbeddingSet:
    """The set in the files; what cannot be done is said before values are read."""
    progress("reading", 0, 0)  # of unknown length
    with enforced(allowed(settings.memory_budget)):
        chosen = choose(embeddings, labels, names, unpack_bits=settings.unpack_bits)
        rows = chosen.size[0]
        if not settings.drop and not settings.ignore_label:
            check_size(min(rows, settings.sample or rows))
        plan = plan_of_input(settings, chosen.size)
    return planned(chosen, settings, plan)


def planned(chosen: Choice, settings: Settings, plan: Plan) -> EmbeddingSet:
    """The chosen columns as a set; its rows are where the plan has them, once classes are known."""
    with enforced(plan.allowed):
        data = read(
            chosen,
            on_disk=lambda classes: plan.with_classes(classes).on_disk,
            **settings.reading,
        )
    return settled(data, settings)


def planned_pair(
    chosen: Choice, gallery: Choice, settings: Settings, plan: Plan
) -> tuple[EmbeddingSet, EmbeddingSet]:
    """A set and its gallery, which is read whole; both are on disk, or neither."""
    whole = settings.model_copy(update={"sample": None})

    def on_disk(classes: int) -> bool:
        return plan.with_classes(classes).on_disk

    with enforced(plan.allowed):
        data = read(chosen, on_disk=on_disk, among=(), **settings.reading)
        there = on_disk(len(data.classes))
        other = read(gallery, on_disk=lambda _: there, among=data.classes, **whole.reading)
    both = [(one.left_out, one.classes) for one in (data, other)]
    check_known(both, place_of("labels", data.sources))
    return settled(data, settings, alone=False), settled(other, whole, alone=False)
