"""`python -m tests.generated` writes anew all that is made from the code; look at the difference.

Locks of the definitions and of the schema, the reference, the generated parts of the pages, and the
snapshots.
"""

import subprocess
import sys

from tests.docs.pages import ROOT

COMMANDS = (
    ("tests.measures.test_definitions",),
    ("tests.report.test_schema",),
    ("embaudit", "explain", "--all", "-o", "embaudit/REFERENCE.md"),
    ("tests.docs",),
    ("tests.render.test_snapshots",),
)

if __name__ == "__main__":
    for command in COMMANDS:
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True)
