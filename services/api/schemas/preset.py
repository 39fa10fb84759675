"""Saved instructions, as a client sends and reads them."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.api.schemas.conversation import StrictModel

PRESET_ID = r"^[A-Za-z0-9_-]{1,64}$"
MAX_TEXT_LENGTH = 50_000


class PresetIn(StrictModel):
    """A developer message and its name."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_LENGTH)]


class PresetOut(BaseModel):
    """A saved developer message."""

    id: str
    name: str
    text: str


class PresetList(BaseModel):
    """The presets of one owner."""

    data: list[PresetOut] = Field(description="By name.")
