"""The command: make a folder of outputs, compare two, or check this tree against one."""

import argparse
import resource
import sys
import tempfile
from pathlib import Path

from tests.golden import compare, run
from tests.golden.cases import GROUPS


def main() -> int:
    """Do what was asked for: 1 where outputs differ."""
    asked = _arguments()
    if asked.command == "make":
        count = run.make(asked.folder, asked.groups, asked.of, _note)
        _note(f"{count} outputs in {asked.folder}, {_spent():.0f} s of processors")
        return 0
    if asked.command == "compare":
        return _told(asked.base, asked.now, asked)
    with tempfile.TemporaryDirectory(prefix="golden-now-") as at:
        run.make(Path(at), asked.groups, asked.of, _note)
        return _told(asked.base, Path(at), asked)


def _told(base: Path, now: Path, asked: argparse.Namespace) -> int:
    found = compare.compare(base, now, asked.groups, compare.accepted_in(asked.accept))
    print(*compare.report(found), sep="\n")
    return 1 if found.differences else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.golden", description="Golden outputs: see tests/golden/__init__.py."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="save what the program says in a new folder")
    make.add_argument("folder", type=Path)
    check = commands.add_parser("check", help="make anew, and compare with a folder")
    check.add_argument("base", type=Path)
    both = commands.add_parser("compare", help="compare two folders")
    both.add_argument("base", type=Path)
    both.add_argument("now", type=Path)
    for one in (make, check):
        one.add_argument(
            "--of", type=Path, default=run.HERE, metavar="TREE", help="ask another checkout"
        )
    for one in (check, both):
        one.add_argument(
            "--accept", type=Path, default=compare.ACCEPTED, help="intended differences"
        )
    for one in (make, check, both):
        one.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    asked, more = parser.parse_known_args()  # which leaves groups that stand behind an option
    asked.groups += more
    if strange := set(asked.groups) - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(strange))}")
    return asked


def _spent() -> float:
    """Seconds of processors so far, with those of processes that were started."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in map(resource.getrusage, who))


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
