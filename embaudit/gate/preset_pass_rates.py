"""How many sets of the zoo each preset passes: (passed, all) by kind.

Written by `python -m tests.zoo.presets --write`.
"""

SETS = 130
PASSED: dict[str, dict[str, tuple[int, int]]] = {
    "smoke": {
        "allowed": (12, 12),
        "check_input": (0, 51),
        "check_labels": (6, 6),
        "collapsed": (0, 13),
        "healthy": (53, 53),
        "ill": (12, 76),
        "misleading": (22, 22),
        "overlapping": (6, 6),
        "sound": (31, 31),
    },
    "recommended": {
        "allowed": (6, 12),
        "check_input": (0, 51),
        "check_labels": (6, 6),
        "collapsed": (0, 13),
        "healthy": (53, 53),
        "ill": (6, 76),
        "misleading": (22, 22),
        "overlapping": (0, 6),
        "sound": (31, 31),
    },
    "strict": {
        "allowed": (0, 12),
        "check_input": (0, 51),
        "check_labels": (0, 6),
        "collapsed": (0, 13),
        "healthy": (31, 53),
        "ill": (0, 76),
        "misleading": (0, 22),
        "overlapping": (0, 6),
        "sound": (31, 31),
    },
}


def passed(preset: str, kind: str) -> str:
    """`53 of 53`."""
    some, every = PASSED[preset].get(kind, (0, 0))  # before a new kind is measured
    return f"{some} of {every}"
