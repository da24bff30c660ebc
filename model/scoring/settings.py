"""How videos are scored: everything that a caller may choose, checked when it is built."""

from collections.abc import Callable
from dataclasses import dataclass

from avdf.cache.stream.clips import TrackClip
from avdf.model.inference.decision import Judgement
from avdf.model.inference.timeline import window_starts

Perturb = Callable[[TrackClip], TrackClip]


@dataclass(frozen=True)
class ScorerSettings:
    """How videos are scored.

    protocol      assigns the videos of shards to splits; '': the one the run was trained with
    judgement     thresholds and temperatures; None: what validation found in training
    trim_silence  leave out each video's leading silence, in whole frames, from frames and audio
    stride        frames between the windows of a timeline: 1, 2, 4, 8 or 16; 0: no timelines
    perturb       changes frames and audio before they are scored; None: nothing does

    Raises:
        SettingsError: the stride is none of these.
    """

    protocol: str = ""
    judgement: Judgement | None = None
    trim_silence: bool = False
    stride: int = 0
    perturb: Perturb | None = None

    def __post_init__(self) -> None:
        if self.stride:
            window_starts(0, self.stride)

    @property
    def whole_tracks(self) -> bool:
        """Whether whole face tracks are read, not only the stored segments."""
        return bool(self.stride or self.perturb)
