"""What every document is made of: strict, frozen, without NaN."""

import json
import re
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

# Line ends stand only between values: in a text they are escaped.
NUMBERS = re.compile(r"\[\n\s+[-+.eE0-9]+(?:,\n\s+[-+.eE0-9]+)*\n\s+\]")
LabelField = bool | int | str


class Model(BaseModel):
    """Unknown fields are errors, and no number may be NaN or infinite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class ChosenRows(Model):
    """Options that say which rows of the input there are; what nobody asked for is not written."""

    where: str | None = Field(
        default=None, description="The condition that rows were chosen by; absent: none."
    )

    @model_serializer(mode="wrap")  # of a type of its result, pydantic would make the schema
    def _as_asked(self, whole: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        told: dict[str, Any] = whole(self)
        if told.get("where") is None:
            told.pop("where", None)
        return told


class Document(Model):
    """What is written to a file."""

    def to_json(self) -> str:
        """It as a JSON text: ASCII, so that it survives every locale, and no NaN.

        A list of numbers takes one line.
        """
        data = self.model_dump(mode="json", by_alias=True)
        text = json.dumps(data, indent=2, allow_nan=False)
        return NUMBERS.sub(lambda found: "".join(found[0].split()).replace(",", ", "), text) + "\n"
