"""One audit a set of the zoo, shared by the tests of what renderers make of it: never changed."""

from functools import cache

import embaudit
from embaudit.report import Report
from tests.zoo.sets import make


@cache
def audited(name: str) -> Report:
    """The report on a set, with the measures of an audit that asks for none."""
    one = make(name)
    labels = None if one.y is None else one.y.tolist()
    options = {"threads": 1, "no_labels": labels is None} | one.options
    return embaudit.audit(one.x, labels, **options)
