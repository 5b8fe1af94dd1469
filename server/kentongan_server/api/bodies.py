"""What requests are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ID_MAX = 2**31 - 1  # PostgreSQL's integer, of which rows' numbers and versions are: it refuses to compare with more
MOMENT_MAX = 2**53 - 1  # what JavaScript holds exactly, and far less than the store does
TEXT_MAX = 4_000  # characters of what a person writes

Id = Annotated[int, Field(ge=0, le=ID_MAX)]
Moment = Annotated[int, Field(ge=0, le=MOMENT_MAX)]  # in milliseconds since 1970
Words = Annotated[str, Field(max_length=TEXT_MAX)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Body(BaseModel):
    """A JSON object with nothing in it that nobody reads, and no input in its errors."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
