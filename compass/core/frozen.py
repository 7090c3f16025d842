"""The base of value objects."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value object: never changed after it was made."""

    model_config = ConfigDict(frozen=True)
