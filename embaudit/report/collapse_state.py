"""The collapse state."""

from typing import Literal

from pydantic import ConfigDict, Field

from embaudit.report.base_model import Model

State = Literal["none", "warning", "collapsed"]
STATES: tuple[State, ...] = ("none", "warning", "collapsed")


class Collapse(Model):
    """The collapse state: the worst of the kinds that are known, and the figures that decided."""

    state: State
    point: State
    dimensional: State
    class_: State | None = Field(alias="class", description="null without labels: not known.")
    evidence: dict[str, float]

    model_config = ConfigDict(populate_by_name=True)
