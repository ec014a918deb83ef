"""What the presets of the gate ask, in words, from their own specs."""

import json
from collections.abc import Iterator, Sequence

from rich.console import Console

from embaudit.render.markdown.escapes import code, prose
from embaudit.render.terminal.page import Page
from embaudit.report import GatePreset


def render_preset(preset: GatePreset, console: Console) -> None:
    """Print all there is to know of one."""
    page = Page(console)
    page.line(f"{preset.id}, a preset of the gate", "bold")
    page.line()
    page.line(f"Asks: {preset.asks}.")
    page.line(f"Errs: {preset.errs}.")
    for title, rules in _groups(preset):
        page.heading(title)
        for rule in rules:
            page.line(rule, indent=2)


def preset_json(preset: GatePreset) -> str:
    """The same as data."""
    told = {
        preset.id: {
            "asks": preset.asks,
            "errs": preset.errs,
            "rules": preset.rules,
            "against": preset.against,
        }
    }
    return json.dumps(told, indent=2) + "\n"


def presets_markdown(presets: Sequence[GatePreset]) -> str:
    """The same of several as a section of the reference."""
    return "\n".join(_lines(presets)) + "\n"


def _lines(presets: Sequence[GatePreset]) -> Iterator[str]:
    yield "## Presets of the gate"
    for preset in presets:
        yield from ("", f"### {preset.id}", "", f"- **asks** {prose(preset.asks, 1000)}")
        yield f"- **errs** {prose(preset.errs, 1000)}"
        for title, rules in _groups(preset):
            yield f"- **{title.lower()}** {', '.join(code(rule) for rule in rules)}"


def _groups(preset: GatePreset) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("Rules", preset.rules), ("With a baseline", preset.against)
