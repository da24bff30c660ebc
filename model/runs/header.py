"""What the header of a checkpoint says, checked: kinds of values, ranges, and that nothing needed is missing."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from avdf.model.backbones import BackboneInfo

_Count = Annotated[int, Field(ge=0, strict=True)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Part = Literal["visual", "audio", "video", "matching"]


@dataclass(frozen=True)
class _Thresholds:
    """All of them: one that is missing is not 0.5."""

    video: _Share
    visual: _Share
    audio: _Share
    origin: str


@dataclass(frozen=True)
class _Protocol:
    sha256: str


@dataclass(frozen=True)
class _Data:
    """Who was trained on. What else stands there is for people to read."""

    protocol: _Protocol
    datasets: dict[str, _Count]
    synthetic: dict[str, _Count] = field(default_factory=dict)
    train: _Count = 0
    val: _Count = 0


@dataclass(frozen=True)
class _Header:
    epoch: _Count
    step: _Count
    config: dict[str, dict[str, Any]]
    backbones: dict[str, BackboneInfo]
    thresholds: _Thresholds
    validation: dict[str, _Number | None]
    data: _Data
    trained: tuple[_Part, ...] = ()
    notes: tuple[str, ...] = ()
    tensors_sha256: str = ""


_ADAPTER = TypeAdapter(_Header)


def check_header(content: Any) -> None:
    """Whether a checkpoint's header has all that it must have, as it must be.

    Raises:
        ValueError: it has not; the message names the place.
    """
    try:
        _ADAPTER.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}") from None
