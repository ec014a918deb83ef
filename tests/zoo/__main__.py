"""The zoo, audited: what the verdict makes of it.

`python -m tests.zoo [--fresh] [--write] [--seed N] [NAME ...]`; --fresh: the second half, on which
no threshold was chosen, instead of the first; --write: both, and their tables go into the manual,
which takes all sets, and so the folder that EMBAUDIT_DATA names.
"""

import os
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import embaudit
from embaudit.render.markdown.escapes import code
from embaudit.report.diagnosis_model import DIAGNOSES
from tests.docs.pages import MANUAL
from tests.docs.parts import pipe_table, write
from tests.zoo.fresh import FRESH
from tests.zoo.sets import ZOO, Animal, held_out, make

FEW = 10  # sets, of which all there is to know is printed


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
    """Findings that nobody planted, notes among them."""
    own = {"collapsed", "not_collapsed", "suspect_labels", "overlapping", "collapse_warning"}
    known = {*one.findings, *one.allowed, *own}
    return [f.id for f in diagnosis.findings if f.id not in known]


def half_of(name: str) -> str:
    """Which part of the zoo a set is of: figures of each stand apart."""
    if name in FRESH:
        return "fresh"
    return "held out" if held_out(name) else "looked at"


@dataclass
class Tally:
    """What the verdict made of sets: states by part and truth, and findings by their id."""

    states: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    named: Counter = field(default_factory=Counter)  # planted faults, found with their evidence
    planted: Counter = field(default_factory=Counter)
    false: Counter = field(default_factory=Counter)
    wrong: int = 0

    def add(self, one: Animal, part: str, diagnosis) -> tuple[list[str], list[str]]:
        """Count a set; what was missed of it, and the false alarms."""
        lost, false = missed(one, diagnosis), alarms(one, diagnosis)
        said = diagnosis.state  # of several that are true of a set, the one that was told counts
        self.states[part][said if said in one.states else one.states[0], said] += 1
        self.planted.update(list(one.findings))
        self.named.update(id for id in one.findings if not any(t.startswith(id) for t in lost))
        self.false.update(false)
        self.wrong += diagnosis.state not in one.states or bool(lost) or bool(false)
        return lost, false

    def findings(self) -> list[tuple[str, int, int, int]]:
        """(id, times named, times planted, false alarms) of every finding."""
        ids = sorted(self.planted.keys() | self.false.keys())
        return [(id, self.named[id], self.planted[id], self.false[id]) for id in ids]


def look(names: list[str], seed: int) -> Tally:
    """Audit these sets; those that are not as they should be are printed, of few sets all."""
    tally, few = Tally(), len(names) < FEW
    for name in names:
        one = make(name, seed, ZOO | FRESH)
        diagnosis = audited(one)
        before = tally.wrong
        lost, false = tally.add(one, half_of(name), diagnosis)
        if few or tally.wrong > before:
            mark = "FAIL" if tally.wrong > before else "ok  "
            print(f"{mark} {name:40} {diagnosis.state:12} {half_of(name):9} {'; '.join(lost)}"
                  f"{' FALSE ' + ', '.join(false) if false else ''}")  # fmt: skip
        if few:
            print("     ", diagnosis.reason)
            for finding in diagnosis.findings:
                print("     ", finding.mark, finding.id, "|", finding.headline, finding.evidence)
    return tally


def show(tally: Tally) -> None:
    """Print the confusion of states, and hits and false alarms of every finding."""
    for half, counts in tally.states.items():
        total = sum(counts.values())
        hit = sum(n for (truth, said), n in counts.items() if truth == said)
        print(f"\n{half}: {total} sets, {hit} with a state that is true of them")
        for (truth, said), number in sorted(counts.items()):
            print(f"  {truth:12} -> {said:12} {number}")
    print("\nfinding               named   of  false alarms")
    for id, named, of, false in tally.findings():
        print(f"{id:20} {named:6} {of:4} {false:6}")


def tables(tally: Tally) -> str:
    """The same in Markdown, for the manual."""
    parts = []
    for half, counts in tally.states.items():
        told = [state for state in DIAGNOSES if any(said == state for _, said in counts)]
        rows = [
            (code(truth), *(counts[truth, said] or "" for said in told))
            for truth in DIAGNOSES
            if any(true == truth for true, _ in counts)
        ]
        titles = ("true state", *(f"told {state}" for state in told))
        size = sum(counts.values())
        parts.append(f"{half.capitalize()}, {size} sets:\n\n{pipe_table(titles, rows, len(told))}")
    rows = [(code(id), *figures) for id, *figures in tally.findings()]
    parts.append(pipe_table(("finding", "named", "planted", "false alarms"), rows, 3))
    return "\n".join(parts)


def main(asked: list[str]) -> int:
    """How many sets are not as they should be."""
    seed = int(asked.pop(asked.index("--seed") + 1)) if "--seed" in asked else 0
    writing = "--write" in asked
    named = [name for name in asked if not name.startswith("--")]
    if writing and (named or not os.environ.get("EMBAUDIT_DATA")):
        sys.exit("--write takes no names, and needs EMBAUDIT_DATA: the tables are of all sets")
    part = ZOO | FRESH if writing else FRESH if "--fresh" in asked else ZOO
    names = named or list(part)
    tally = look(names, seed)
    show(tally)
    if writing:
        write(MANUAL["verdict"], {"zoo": tables(tally)})
    print(f"\n{tally.wrong} of {len(names)} are not as they should be")
    return tally.wrong


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
