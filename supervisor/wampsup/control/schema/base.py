"""What the models of replies are made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from wampsup.model.state import STATE_NAMES


class Told(BaseModel):
    """Part of a reply: all of its keys are there, and no other ones."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


def sometimes() -> Any:
    """The default of a key that is not there at all where there is nothing to say."""
    return Field(default=None, json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


Time = AwareDatetime
StateName = Annotated[str, Field(json_schema_extra={"enum": list(STATE_NAMES)})]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]
Percent = Annotated[float, Field(ge=0)]
"""100 is a whole processor: threads may use more."""
