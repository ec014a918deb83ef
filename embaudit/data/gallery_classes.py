"""A gallery: the set that queries are compared with, where it is not their own."""

from collections.abc import Iterator
from dataclasses import replace

from embaudit.data.embedding_set import EmbeddingSet
from embaudit.data.sources_and_notices import Unlabelled, place_of
from embaudit.data.subsets import with_classes_first
from embaudit.errors import InputRefused, Problem

ROLES = {"embeddings": "gallery", "labels": "gallery labels"}


def reference_of(queries: EmbeddingSet, gallery: EmbeddingSet) -> EmbeddingSet:
    """The gallery with its classes in one list with the queries': theirs first, then its own.

    So a code means the same class in both; a class of the queries may have no row here. Raises
    InputRefused, listing every reason why the two cannot be compared.
    """
    sources = tuple(replace(one, role=ROLES.get(one.role, one.role)) for one in gallery.sources)
    gallery = replace(gallery, sources=sources)
    problems = list(_problems(queries, gallery))
    if problems:
        raise InputRefused(problems)
    return with_classes_first(_apart(gallery), queries.classes)


def _apart(gallery: EmbeddingSet) -> EmbeddingSet:
    """The gallery whose rows without a label are called so: that of a query is another row."""
    classes = tuple(
        Unlabelled(one.replace("unlabelled row", "unlabelled gallery row"))
        if rows and isinstance(one, Unlabelled)
        else one
        for one, rows in zip(gallery.classes, gallery.sizes.tolist(), strict=True)
    )
    return replace(gallery, classes=classes)


def dimension_problem(queries: int, gallery: int, where: str) -> str | None:
    """Why vectors of these dimensions cannot be compared, if they cannot; `where`: the gallery."""
    if queries == gallery:
        return None
    return Problem(
        f"{where}: the gallery has {gallery} dimensions, the embeddings have {queries}.",
        "Give two sets that one model, or a joint space, embedded.",
    )


def _problems(queries: EmbeddingSet, gallery: EmbeddingSet) -> Iterator[str]:
    where = place_of("gallery", gallery.sources)
    if problem := dimension_problem(queries.dim, gallery.dim, where):
        yield problem
    if queries.size < 2:
        cause = f"{place_of('embeddings', queries.sources)}: a single query."
        yield Problem(cause, "Give at least two.")
    there = [label for label, rows in zip(gallery.classes, gallery.sizes, strict=True) if rows]
    labels = place_of("gallery labels", gallery.sources)
    if len(there) == 1:
        cause = f"{labels}: only one class, so the queries have no negatives."
        yield Problem(cause, "Give at least two.")
    types = [sorted({type(label).__name__ for label in side}) for side in (queries.classes, there)]
    if types[0] != types[1]:
        ours, theirs = (" and ".join(side) for side in types)
        yield Problem(
            f"{labels}: labels of the gallery are {theirs}, those of the embeddings {ours}: "
            "1 is not '1'.",
            "Save them alike.",
        )
    elif not set(there) & set(queries.classes):
        yield (
            f"{labels}: none of the queries' labels is in the gallery, so there are no positives; "
            "give a gallery that shares classes with them."
        )
