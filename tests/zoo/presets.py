"""How often a preset of the gate errs: `python -m tests.zoo.presets [SEEDS]` prints it."""

import sys
from collections import Counter, defaultdict

import embaudit
from embaudit.gate import PRESETS, Asked, judge, rules_in_force
from embaudit.measures import MEASURES
from tests.zoo.sets import ZOO, make

NEEDED = "collapse_state,adjusted_precision_at_1"


def report_on(one):
    """The report on a set, with what the presets judge."""
    options = {"measures": NEEDED, "threads": 1} | one.options
    if one.y is None:
        options |= {"measures": "collapse_state", "no_labels": True}
    return embaudit.audit(one.x, None if one.y is None else one.y.tolist(), **options)


def verdicts(one, report):
    """The verdict of every preset on a set, from one audit."""
    return {preset: of_preset(preset, report, one.y is not None) for preset in PRESETS}


def of_preset(preset, report, labels=True):
    """The verdict of one preset on a report."""
    return judge(rules_in_force([Asked(preset)], MEASURES, labels=labels), report)


def main(seeds: int) -> None:
    """Of each kind of set, how many each preset passes; the sets are told where that is odd."""
    passed, total = defaultdict(Counter), Counter()
    for name in ZOO:
        for seed in range(seeds):
            one = make(name, seed)
            total[one.states[0]] += 1
            for preset, verdict in verdicts(one, report_on(one)).items():
                passed[one.states[0]][preset] += verdict.verdict == "pass"
                failed = [r.rule for r in verdict.rules if r.status in ("fail", "undecided")]
                sound = one.states[0] in ("healthy", "points_only")
                if bool(failed) == sound:
                    print(f"{preset:12} {one.states[0]:12} {name} {seed}: {'; '.join(failed)}")
    print(f"\n{'passed by':14}{'sets':>5}" + "".join(f"{preset:>13}" for preset in PRESETS))
    for state, number in total.items():
        print(f"{state:14}{number:5}" + "".join(f"{passed[state][p]:13}" for p in PRESETS))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
