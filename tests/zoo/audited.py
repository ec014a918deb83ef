"""One audit a set of the zoo, shared by the tests of its verdict and of presets."""

from functools import cache

from tests.zoo.presets import report_on
from tests.zoo.sets import ZOO, make

EXTREMES = ("_weak", "_strong")
USUAL = [name for name in ZOO if not name.endswith(EXTREMES)]
FAULTY = [name for name in USUAL if make(name).findings]
# Every second planted fault, every fourth of the other sets; the rest of them is thorough.
EACH_TIME = {*FAULTY[::2], *[name for name in USUAL if name not in FAULTY][::4]}


@cache
def zoo_report(name):
    """The report on a set, with what presets judge."""
    return report_on(make(name))
