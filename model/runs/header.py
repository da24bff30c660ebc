"""The header of a checkpoint, checked: kinds and ranges of values, and that nothing is missing."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from avdf.model.backbones import BackboneInfo
from avdf.model.runs.faults import first_fault

_Count = Annotated[int, Field(ge=0, strict=True)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Share = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        allow_inf_nan=False,
    ),
]
_Part = Literal["visual", "audio", "video", "matching"]


@dataclass(frozen=True)
class _Thresholds:
    """All three are needed: a missing threshold is not 0.5."""

    video: _Share
    visual: _Share
    audio: _Share
    origin: str


@dataclass(frozen=True)
class _Protocol:
    sha256: str


@dataclass(frozen=True)
class _Forged:
    forgers: tuple[str, ...]
    genuine_alone: bool
    validation: bool


@dataclass(frozen=True)
class _Data:
    """What is read of the training data; further keys are for people."""

    protocol: _Protocol
    datasets: dict[str, _Count]
    synthetic: dict[str, _Count] = field(default_factory=dict)
    train: _Count = 0
    val: _Count = 0
    forged: _Forged | None = None


@dataclass(frozen=True)
class _Sync:
    slope: _Number
    intercept: _Number
    threshold: _Share
    depth: _Number
    genuine: _Count
    apart: _Count
    auc: _Share | None
    interval: tuple[_Share, _Share] | None
    by_kind: dict[str, _Share]
    genuine_depth: _Number
    segment_depth: _Number


@dataclass(frozen=True)
class _Range:
    count: _Count
    quantiles: tuple[_Number, ...]


@dataclass(frozen=True)
class _Reference:
    videos: _Count
    ranges: dict[str, _Range]


@dataclass(frozen=True)
class _StartedFrom:
    path: str
    sha256: str
    epoch: _Count
    note: str = ""


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
    sync: _Sync | None = None
    reference: _Reference | None = None
    started_from: _StartedFrom | None = None
    planned: tuple[_Count, ...] = ()
    tensors_sha256: str = ""


_ADAPTER = TypeAdapter(_Header)


def check_header(content: Any) -> None:
    """Check that a checkpoint's header is complete, and that each value has the right kind.

    Raises:
        ValueError: it is not; the message says where and what.
    """
    try:
        # Only kinds and ranges of values; whether they fit the tensors is checked with the tensors.
        _ADAPTER.validate_python(content)
    except ValidationError as error:
        location, fault, _ = first_fault(error)
        raise ValueError(f"{location} {fault}") from None
