"""The three verdicts of the method: on the frames, on the audio, and on the video as a whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from avdf.cache.core.video import VideoInfo

Verdict = Literal["visual", "audio", "video"]
VERDICTS: tuple[Verdict, ...] = ("visual", "audio", "video")

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

    def __getitem__(self, verdict: Verdict) -> T:
        values = {"visual": self.visual, "audio": self.audio, "video": self.video}
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


def labels_of(info: VideoInfo) -> PerVerdict[int]:
    """What each verdict is judged by: 0 real, 1 fake, -1 unknown."""
    return PerVerdict(visual=info.label_visual, audio=info.label_audio, video=info.label)
