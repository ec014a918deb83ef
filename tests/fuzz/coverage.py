"""Look for findings, guided by what the program runs: needs atheris.

python -m tests.fuzz.coverage TARGET [-runs=N ...]: options are libFuzzer's. Ends with 0 where
nothing was found; else the input is in a file `crash-*` or `timeout-*` here.
"""

import sys
import tempfile
from pathlib import Path

import atheris

atheris.enabled_hooks.add("str")  # compare texts by their beginnings, too

with atheris.instrument_imports(include=["embaudit", "tomllib"]):
    from tests.fuzz.targets import SEEDS, TARGETS

OPTIONS = ("-max_len=8192", "-len_control=0", "-timeout=20", "-rss_limit_mb=3072", "-verbosity=1")


def main() -> None:
    """Fuzz one target from its seeds."""
    name, *asked = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="embaudit-corpus-") as corpus:
        for number, seed in enumerate(SEEDS[name]):
            (Path(corpus) / str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], *OPTIONS, *asked, corpus], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
