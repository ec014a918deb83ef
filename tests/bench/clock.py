"""Stopwatches, and whether the machine was free while they ran."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np

from embaudit.search import one_blas_thread

T = TypeVar("T")
SIDE = 1024  # of the product whose rate is measured: the tile of the search
SPELL = 0.5  # seconds that the rate is measured for
STAT = Path("/proc/stat")
RUNNING = (0, 1, 2, 5, 6, 7)  # its columns: user, nice, system, irq, softirq, steal


def seconds(work: Callable[[], T]) -> tuple[float, T]:
    """How long the work takes, and what it returns."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def spent(work: Callable[[], T]) -> tuple[float, T]:
    """Processor seconds of this process, and what the work returns."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def alternately(times: int, *works: Callable[[], object]) -> list[list[float]]:
    """Seconds of each work, turn by turn, so that a machine that slows down slows all."""
    turns = [[seconds(work)[0] for work in works] for _ in range(times)]
    return [list(of_one) for of_one in zip(*turns, strict=True)]


def compared(name: str, ours: Sequence[float], other: str, theirs: Sequence[float]) -> dict:
    """The medians of two works that took turns, and how their ratio varied from turn to turn."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return {
        f"{name}_seconds": median(ours),
        f"{other}_seconds": median(theirs),
        "ratio": median(ours) / median(theirs),
        "ratio_of_best": min(ours) / min(theirs),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
    }


class Others:
    """What other processes take of the machine, from now on.

    Taking turns does not make up for them: with one of two processors taken, faiss.knn was seen to
    need two to four times as long, the scan one and a half times.
    """

    def __init__(self) -> None:
        self.start = self._now()

    @property
    def cpus(self) -> float | None:
        """Processors that others kept busy on average; None where the system does not tell."""
        if not STAT.exists():
            return None
        wall, taken = (b - a for a, b in zip(self.start, self._now(), strict=True))
        return max(0.0, taken / wall)

    @staticmethod
    def _now() -> tuple[float, float]:
        """Seconds on the wall, and of processors that neither we nor our children had."""
        ticks = STAT.read_text().split(maxsplit=11)[1:11] if STAT.exists() else ["0"] * 10
        running = sum(int(ticks[column]) for column in RUNNING) / os.sysconf("SC_CLK_TCK")
        return time.perf_counter(), running - sum(os.times()[:4])


def product_rate(dim: int, threads: int) -> float:
    """float32 multiply-adds a second of so many threads, each at matrix products of its own."""
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((2, SIDE, dim), dtype=np.float32)

    def products(until: float) -> int:
        out, done = np.empty((SIDE, SIDE), dtype=np.float32), 0
        while time.perf_counter() < until:
            np.matmul(left, right.T, out=out)
            done += 1
        return done

    with one_blas_thread(), ThreadPoolExecutor(threads) as pool:
        list(pool.map(products, [time.perf_counter() + SPELL / 5] * threads))  # warms up
        start = time.perf_counter()
        done = sum(pool.map(products, [start + SPELL] * threads))
        return done * SIDE * SIDE * dim / (time.perf_counter() - start)


def exponent(sizes: Sequence[int], spent: Sequence[float]) -> float:
    """The power of the size that the time grows with: least squares on logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(spent), 1)[0])
