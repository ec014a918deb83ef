"""The audited set, and what may become one.

It knows arrays, labels and ids, what is wrong with them, and that rows are ordered by class once:
then every class is a slice. Which file they came from it knows as a name only.
"""

from embaudit.data.embedding_set import EmbeddingSet
from embaudit.data.refusal_reasons import class_problems, pair_problems
from embaudit.data.sources_and_notices import Array, Label, Notice, Source, place_of

__all__ = [
    "Array",
    "EmbeddingSet",
    "Label",
    "Notice",
    "Source",
    "class_problems",
    "pair_problems",
    "place_of",
]
