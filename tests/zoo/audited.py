"""One audit a set of the zoo, shared by the tests of its verdict and of presets."""

from functools import cache

from tests.zoo.presets import report_on
from tests.zoo.sets import make


@cache
def zoo_report(name):
    """The report on a set, with what presets judge."""
    return report_on(make(name))
