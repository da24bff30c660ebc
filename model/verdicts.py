"""The three verdicts of the method: on the frames, on the audio, and on the video as a whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from avdf.cache.core.labels import FAKE, REAL, UNKNOWN

Verdict = Literal["visual", "audio", "video"]
# The order of columns: of `p_visual, p_audio, p_video` in tables, and of stored arrays.
VERDICTS: tuple[Verdict, ...] = ("visual", "audio", "video")
# The order of documents, in which the video comes first: JSON, reports, labels in checkpoints.
REPORT_ORDER: tuple[Verdict, ...] = ("video", "visual", "audio")

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class PerVerdict(Generic[T]):
    """One value for each verdict: a probability, a threshold, a table of metrics.

    visual  on the frames alone
    audio   on the audio alone
    video   on both together
    """

    visual: T
    audio: T
    video: T

    @classmethod
    def of(cls, make: Callable[[Verdict], T]) -> "PerVerdict[T]":
        """The values that a function gives for each verdict, called in the order of `VERDICTS`."""
        return cls(*(make(verdict) for verdict in VERDICTS))

    @classmethod
    def same(cls, value: T) -> "PerVerdict[T]":
        """The same value for each verdict."""
        return cls(value, value, value)

    def __getitem__(self, verdict: Verdict) -> T:
        values = {
            "visual": self.visual,
            "audio": self.audio,
            "video": self.video,
        }
        return values[verdict]

    def __iter__(self) -> Iterator[T]:
        """The values in the order of `VERDICTS`."""
        return iter((self.visual, self.audio, self.video))

    def items(self) -> Iterator[tuple[Verdict, T]]:
        """Pairs of verdict and value, in the order of `VERDICTS`."""
        return zip(VERDICTS, self, strict=True)

    def map(self, change: Callable[[T], U]) -> "PerVerdict[U]":
        """The same, with each value changed."""
        return PerVerdict(*(change(value) for value in self))


class Labelled(Protocol):
    """Whatever has the three labels of a video: 0 real, 1 fake, -1 unknown."""

    @property
    def label(self) -> int: ...
    @property
    def label_visual(self) -> int: ...
    @property
    def label_audio(self) -> int: ...


def labels_of(video: Labelled) -> PerVerdict[int]:
    """The label that each verdict is compared with: 0 real, 1 fake, -1 unknown."""
    return PerVerdict(
        visual=video.label_visual,
        audio=video.label_audio,
        video=video.label,
    )


def sync_label_of(video: Labelled) -> int:
    """Whether picture and sound belong together: 0 they do, 1 they do not, -1 unknown.

    A video that is fake although neither its picture nor its sound is has the sound of something
    else. Of a forged picture or a forged sound, nobody says whether it fits.
    """
    if video.label == REAL:
        return REAL
    both_real = video.label_visual == REAL and video.label_audio == REAL
    return FAKE if video.label == FAKE and both_real else UNKNOWN


def as_columns(values: PerVerdict[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Three arrays (n,) -> one (n, 3), with columns in the order of `VERDICTS`."""
    return np.stack(tuple(values), axis=1)


def from_columns(table: npt.NDArray[Any]) -> PerVerdict[npt.NDArray[Any]]:
    """One array (n, 3), with columns in the order of `VERDICTS` -> three arrays (n,).

    Raises:
        ValueError: the array has another shape.
    """
    if table.ndim != 2 or table.shape[1] != len(VERDICTS):
        raise ValueError(
            f"a table of three verdicts has shape {table.shape}, expected (n, 3)"
        )
    return PerVerdict(*table.T)
