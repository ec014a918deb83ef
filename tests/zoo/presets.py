"""How often a preset of the gate errs.

`python -m tests.zoo.presets [--write] [SEEDS]` prints it; --write: what the presets say of it.
"""

import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import embaudit
from embaudit.gate import PRESETS, Asked, judge, preset_pass_rates, rules_in_force
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


def kinds(one, report) -> list[str]:
    """What a set counts as: its state, and what the words of the presets make of it."""
    state = one.states[0]
    if state == "points_only":
        return []
    if state != "healthy":
        allowed = ["allowed"] if state in ("overlapping", "check_labels") else []
        return [state, "ill", *allowed]
    serious = any(finding.mark in ("bad", "warning") for finding in report.diagnosis.findings)
    return ["healthy", "misleading" if serious else "sound"]


def main(seeds: int) -> dict[str, dict[str, tuple[int, int]]]:
    """Of each kind of set, how many each preset passes; the sets are told where that is odd."""
    passed, total = defaultdict(Counter), Counter()
    for name in ZOO:
        for seed in range(seeds):
            one = make(name, seed)
            report = report_on(one)
            own = kinds(one, report)
            total.update(own)
            for preset, verdict in verdicts(one, report).items():
                passed[preset].update(own * (verdict.verdict == "pass"))
                failed = [r.rule for r in verdict.rules if r.status in ("fail", "undecided")]
                sound = one.states[0] in ("healthy", "points_only")
                if bool(failed) == sound:
                    print(f"{preset:12} {one.states[0]:12} {name} {seed}: {'; '.join(failed)}")
    for kind in ("sound", "misleading"):
        total[kind] += 0
    print(f"\n{'passed by':14}{'sets':>5}" + "".join(f"{preset:>13}" for preset in PRESETS))
    for kind, number in total.items():
        print(f"{kind:14}{number:5}" + "".join(f"{passed[p][kind]:13}" for p in PRESETS))
    return {p: {kind: (passed[p][kind], total[kind]) for kind in sorted(total)} for p in PRESETS}


def write(found: dict[str, dict[str, tuple[int, int]]]) -> None:
    """The figures, where the words of the presets have them from."""
    place = Path(preset_pass_rates.__file__)
    text = re.sub(r"SETS = .*", f"SETS = {len(ZOO)}", place.read_text())
    lines = "".join(f'    "{preset}": {kinds},\n' for preset, kinds in found.items())
    text = re.sub(
        r"(PASSED: [^=]* = )\{.*?\}\n\n", lambda m: f"{m[1]}{{\n{lines}}}\n\n", text, flags=re.S
    )
    place.write_text(text)
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(place)], check=True)


if __name__ == "__main__":
    asked = [one for one in sys.argv[1:] if one != "--write"]
    found = main(int(asked[0]) if asked else 1)
    if "--write" in sys.argv:
        write(found)
