"""The zoo, audited: what the verdict makes of it.

`python -m tests.zoo [--fresh] [--seed N] [NAME ...]`; --fresh: the second half, on which no
threshold was chosen, instead of the first.
"""

import sys
from collections import Counter, defaultdict
from typing import Any

import embaudit
from tests.zoo.fresh import FRESH
from tests.zoo.sets import ZOO, Animal, held_out, make

SERIOUS = ("bad", "warning")


def audited(one: Animal):
    """The diagnosis of a set."""
    labels = None if one.y is None else one.y.tolist()
    options = {"measures": "violated_triplets", "threads": 1} | one.options
    if labels is None:
        options |= {"no_labels": True, "measures": "entropy_rank"}
    return embaudit.audit(one.x, labels, **options).diagnosis


def missed(one: Animal, diagnosis) -> list[str]:
    """The planted faults that were not named, or with other evidence."""
    found = {finding.id: finding for finding in diagnosis.findings}
    out = []
    for id, evidence in one.findings.items():
        if id not in found:
            out.append(f"{id} missed")
            continue
        for key, wanted in evidence.items():
            value: Any = found[id].evidence.get(key)
            right = wanted(value) if callable(wanted) else value == wanted
            if not right:
                out.append(f"{id}: {key} is {value!r}"[:120])
    return out


def alarms(one: Animal, diagnosis) -> list[str]:
    """Serious findings that nobody planted."""
    own = {"collapsed", "suspect_labels", "overlapping", "collapse_warning"}
    known = {*one.findings, *one.allowed, *own}
    return [f.id for f in diagnosis.findings if f.mark in SERIOUS and f.id not in known]


def half_of(name: str) -> str:
    """Which part of the zoo a set is of: figures of each stand apart."""
    if name in FRESH:
        return "fresh"
    return "held out" if held_out(name) else "looked at"


def main(names: list[str], seed: int) -> int:
    """Print the confusion of states, and hits and false alarms of every finding."""
    confusion: dict[str, Counter] = defaultdict(Counter)
    hits: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    wrong = 0
    for name in names:
        one = make(name, seed, ZOO | FRESH)
        diagnosis = audited(one)
        lost, false = missed(one, diagnosis), alarms(one, diagnosis)
        right = diagnosis.state in one.states
        confusion[half_of(name)][one.states[0], diagnosis.state] += 1
        for id in one.findings:
            hits[id][1] += 1
            hits[id][0] += not any(told.startswith(id) for told in lost)
        for id in false:
            hits[id][2] += 1
        wrong += not right or bool(lost) or bool(false)
        if len(names) < 10 or not right or lost or false:
            mark = "ok  " if right and not lost and not false else "FAIL"
            print(f"{mark} {name:40} {diagnosis.state:12} {half_of(name):9} {'; '.join(lost)}"
                  f"{' FALSE ' + ', '.join(false) if false else ''}")  # fmt: skip
        if len(names) < 10:
            print("     ", diagnosis.reason)
            for finding in diagnosis.findings:
                print("     ", finding.mark, finding.id, "|", finding.headline, finding.evidence)
    for half, counts in confusion.items():
        total = sum(counts.values())
        hit = sum(n for (truth, said), n in counts.items() if truth == said)
        print(f"\n{half}: {total} sets, {hit} with the first state")
        for (truth, said), number in sorted(counts.items()):
            print(f"  {truth:12} -> {said:12} {number}")
    print("\nfinding               named   of  false alarms")
    for id, (named, of, false) in sorted(hits.items()):
        print(f"{id:20} {named:6} {of:4} {false:6}")
    print(f"\n{wrong} of {len(names)} are not as they should be")
    return wrong


if __name__ == "__main__":
    asked = sys.argv[1:]
    given = int(asked.pop(asked.index("--seed") + 1)) if "--seed" in asked else 0
    part = FRESH if "--fresh" in asked else ZOO
    names = [name for name in asked if not name.startswith("--")]
    sys.exit(bool(main(names or list(part), given)))
