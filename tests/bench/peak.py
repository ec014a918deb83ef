"""Run a command and print its seconds and peak resident bytes: a program of its own.

A process starts with the peak of the one that starts it, and a benchmark's is large: this one is
small.
"""

import json
import resource
import subprocess
import sys
import time

if __name__ == "__main__":
    start = time.perf_counter()
    code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
    spent = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps({"seconds": spent, "bytes": peak * unit}))
    sys.exit(code)
