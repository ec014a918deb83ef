"""One measure's reading in words: its number, what it is worth, and what it says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embaudit.measures.measure import Measure
from embaudit.render.safe_text import figure, inert
from embaudit.report import Reading, Report

GAPS = ("gap_p1", "gap_p5", "gap_p25", "gap_p50", "gap_p75", "gap_p95", "gap_p99")


@dataclass(frozen=True)
class Shown:
    """A reading, ready to print: `worth` is its kind and interval, `says` a sentence or two."""

    id: str
    value: str
    kind: str
    interval: str
    relative: str
    says: str

    @property
    def known(self) -> str:
        """`certified   [17.20, 31.90]`, kinds padded so that intervals align."""
        return f"{self.kind:<11} {self.interval}".rstrip()

    @property
    def worth(self) -> str:
        """`certified   [17.20, 31.90]  0.85 rms`."""
        return "  ".join(filter(None, (self.known, self.relative)))


def shown(measure: Measure, reading: Reading) -> Shown:
    """How a reading is printed, whatever the medium."""
    reason = inert(reading.reason or "", 400)
    known = reading.value is not None
    says = measure.says.replace("{value}", amount(reading)) if known else ""
    return Shown(
        measure.id,
        value(reading),
        _kind(reading),
        interval(reading),
        f"{figure(reading.relative)} rms" if reading.relative else "",
        " ".join(part for part in (_sentence(says), _sentence(reason)) if part),
    )


def value(reading: Reading) -> str:
    """The number alone, `≥` where nothing bounds it above, a dash where there is none."""
    if reading.value is None:
        return "-"
    return ("≥ " if _open_above(reading) else "") + figure(reading.value, reading.unit)


def interval(reading: Reading) -> str:
    """Both ends, where they say more than the value does."""
    if reading.kind not in ("certified", "sampled"):
        return ""
    low = "-∞" if reading.lower is None else figure(reading.lower, reading.unit)
    high = "∞" if reading.upper is None else figure(reading.upper, reading.unit)
    return f"[{low}, {high}]"


def amount(reading: Reading) -> str:
    """The number inside a sentence; it claims no more than what is known."""
    number = figure(reading.value, reading.unit)
    if reading.kind == "estimate":
        return f"about {number}"
    if reading.kind != "certified":
        return number
    if _open_above(reading):
        return f"at least {number}"
    ends = [figure(end, reading.unit) for end in (reading.lower, reading.upper)]
    return number if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def grouped(
    report: Report, measures: Sequence[Measure]
) -> Iterator[tuple[str, list[tuple[Measure, Reading]]]]:
    """The measures that the report holds, by group, in reading order."""
    groups: dict[str, list[tuple[Measure, Reading]]] = {}
    for measure in measures:
        reading = report.measures.get(measure.id)
        if reading is not None:
            groups.setdefault(measure.group, []).append((measure, reading))
    yield from groups.items()


def value_of(report: Report, id: str) -> float | None:
    """The value of a measure, None where it is absent or undefined."""
    reading = report.measures.get(id)
    return None if reading is None else reading.value


def _kind(reading: Reading) -> str:
    """`sampled 99%`: an interval that holds with a probability says with which."""
    sure = "" if reading.confidence is None else f" {100 * reading.confidence:g}%"
    return reading.kind + sure


def _open_above(reading: Reading) -> bool:
    return reading.kind == "certified" and reading.upper is None


def _sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    text = text.strip()
    if not text:
        return ""
    first = text.split(maxsplit=1)[0]
    head = text[0] if "_" in first else text[0].upper()  # ids stay as they are
    return head + text[1:] + ("" if text[-1] in ".!?…" else ".")
