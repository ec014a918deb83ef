"""Files of a folder that are named for what they hold: embeddings beside labels are no shards."""

import re
from collections.abc import Collection
from pathlib import PurePath

from embaudit.core.location import Location
from embaudit.errors import Problem, option
from embaudit.files.formats import SUFFIXES

PARTS = re.compile(r"[\W_]+")
VECTORS = {
    *("x", "vector", "vectors", "embedding", "embeddings", "emb", "embs"),
    *("feature", "features", "feat", "feats"),
}
LABELS = {"y", "gt", "label", "labels", "target", "targets", "class", "classes"}


def named_problem(at: Location, names: Collection[str]) -> Problem | None:
    """Why a folder of these files holds no shards of one array, None where no names tell.

    Embeddings and labels that are named alike otherwise (`train_x`, `train_y`) belong together.
    """
    vectors, labels = _named(names, VECTORS), _named(names, LABELS)
    if not vectors or not labels:
        return None
    together = [(name, labels[rest]) for rest, name in vectors.items() if rest in labels]
    one, beside = together[0] if together else (min(vectors.values()), min(labels.values()))
    cause = f"{at}: {one!r} and {beside!r} are embeddings and labels, and no shards of one array."
    if len(together) > 1 and all("".join(rest).isdigit() for rest in vectors):
        where = option("labels", "PATH")
        return Problem(cause, f"Move the labels to a folder of their own, and give it: {where}.")
    return Problem(cause, f"Name each: {at / one} {option('labels', at / beside)}.")


def mixed_problem(at: Location, names: Collection[str], formats: Collection[str]) -> Problem:
    """Why a folder of files of several formats holds no shards, and which of them to name."""
    cause = f"{at}: mixes formats ({', '.join(formats)})."
    vectors = [*_named(names, VECTORS).values()]
    if len(vectors) == 1:
        return Problem(cause, f"Name the one that is meant: {at / vectors[0]}.")
    return Problem(cause, "Keep shards of one format in it.")


def _named(names: Collection[str], words: Collection[str]) -> dict[tuple[str, ...], str]:
    """The files of a known format with one of these words in their name, by its other words."""
    found = {}
    for name in sorted(names):
        path = PurePath(name)
        parts = PARTS.split(path.stem.lower())
        if path.suffix.lower().removeprefix(".") in SUFFIXES and not {*words}.isdisjoint(parts):
            found[tuple(part for part in parts if part not in words)] = name
    return found
