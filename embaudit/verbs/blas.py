"""The BLAS libraries in force: their kernels, what is amiss with them, and how fast they are."""

import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from embaudit.render.safe_text import count
from embaudit.report.doctor_report import BlasLibrary, Trouble
from embaudit.search import blas_in_force, one_blas_thread

CPU = Path("/proc/cpuinfo")
WIDE = ("SkylakeX", "Cooperlake", "SapphireRapids", "Zen4", "Zen5")  # kernels with AVX-512
NAMES = {"faiss": "FAISS"}
CORETYPE = "OPENBLAS_CORETYPE"
FEWER = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS")
TIMED, TURNS = (1024, 4096), 3  # rows and dimensions of a product that is timed, and how often


def blas_libraries() -> tuple[BlasLibrary, ...]:
    """That of numpy and that of FAISS."""
    return tuple(
        BlasLibrary(
            NAMES.get(of, of),
            str(known["internal_api"]),
            known.get("version"),
            known.get("architecture"),
            int(known["num_threads"]),
        )
        for of, known in blas_in_force()
    )


def blas_troubles(blas: Sequence[BlasLibrary], threads: int) -> Iterator[Trouble]:
    """OpenBLAS alone is looked at: of others no kernels are known. threads: those of an audit."""
    told = os.environ.get(CORETYPE)
    for one in blas:
        if narrow(one):
            what = f"The BLAS of {one.of} computes with {one.architecture}, and without AVX-512"
            if told:
                yield Trouble("blas_kernels", f"{what}: {CORETYPE} is {told}.", f"unset {CORETYPE}")
            else:
                yield Trouble(
                    "blas_kernels",
                    f"{what}: `embaudit explain benchmarks` tells what that costs.",
                    f"export {CORETYPE}=SkylakeX, and compare a report of before: the kernels of "
                    "old builds had defects.",
                )
        if one.name == "openblas" and one.of == "FAISS" and one.threads < threads:
            given = [name for name in FEWER if name in os.environ]
            why = f": {given[0]} is {os.environ[given[0]]}" if given else ""
            yield Trouble(
                "blas_threads",
                f"The BLAS of FAISS has {count(one.threads, 'thread')} of {threads:,}{why}.",
                f"unset {given[0]}" if given else f"export OPENBLAS_NUM_THREADS={threads}",
            )


def narrow(one: BlasLibrary) -> bool:
    """Whether it is an OpenBLAS that leaves this processor's AVX-512 unused."""
    known = one.architecture if one.name == "openblas" else None
    return known is not None and known not in WIDE and "avx512f" in _processor_flags()


def product_seconds(pairs: float, dim: int, threads: int) -> float:
    """How long products of so many pairs of rows take here in float32, and nothing else.

    By the fastest of a few products of numpy's BLAS on one thread, as a scan computes them.
    """
    rows, most = TIMED
    # two arrays: of a product with itself BLAS computes half
    left, right = np.ones((2, rows, min(dim, most)), dtype=np.float32)
    spent = []
    with one_blas_thread():
        for _ in range(TURNS):
            start = time.perf_counter()
            np.matmul(left, right.T)
            spent.append(time.perf_counter() - start)
    seconds: float = min(spent) * (pairs / rows**2) * (dim / left.shape[1]) / threads
    return seconds


def _processor_flags() -> Sequence[str]:
    """What the processor says that it can, where the system tells (Linux)."""
    try:
        found = re.search(r"^flags\s*:(.*)$", CPU.read_text(), re.MULTILINE)
    except OSError:
        return ()
    return found[1].split() if found else ()
