"""What every document is made of: strict, frozen, without NaN."""

import json

from pydantic import BaseModel, ConfigDict

LabelField = bool | int | str


class Model(BaseModel):
    """Unknown fields are errors, and no number may be NaN or infinite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Document(Model):
    """What is written to a file."""

    def to_json(self) -> str:
        """It as a JSON text: ASCII, so that it survives every locale, and no NaN."""
        data = self.model_dump(mode="json", by_alias=True)
        return json.dumps(data, indent=2, allow_nan=False) + "\n"
