"""Aligned features of unbroken runs of frames, collected window by window."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.loudness import LOUDEST_SILENCE
from avdf.cache.stream.windows import Window
from avdf.model.output import DetectorOutput


@dataclass(frozen=True)
class AlignedRun:
    """The aligned features of frames that follow each other without a gap.

    video          the number of their video, as the caller counts
    visual, audio  (rows, D_f) f'_v and f'_a of the same frames; NaN where the audio is silent

    Raises:
        ValueError: the two are of different shapes.
    """

    video: int
    visual: Tensor
    audio: Tensor

    def __post_init__(self) -> None:
        if self.visual.shape != self.audio.shape:
            raise ValueError(
                f"visual features {tuple(self.visual.shape)} beside audio features "
                f"{tuple(self.audio.shape)}; expected the same shape"
            )


def heard_features(audio: Tensor, pcm: Tensor) -> Tensor:
    """Audio features (B, 16, D_f) of windows, NaN in frames whose audio is silent.

    Lips cannot be compared with silence: a video of which most is muted would look out of sync.

    Args:
        pcm: (B, 10240) int16, the audio of the windows.
    """
    frames = pcm.to(audio.device).reshape(*audio.shape[:2], SAMPLES_PER_FRAME)
    # int32, because the absolute value of -32768 is no int16.
    loudest = frames.to(torch.int32).abs().amax(dim=-1, keepdim=True)
    return torch.where(loudest > LOUDEST_SILENCE, audio, torch.nan)


class RunCollector:
    """Puts the windows that a detector has seen, in their order, together to runs."""

    def __init__(self) -> None:
        self._windows: list[Window] = []
        self._visual: list[Tensor] = []  # (16, D_f) of each window
        self._audio: list[Tensor] = []

    def add(
        self, windows: Sequence[Window], output: DetectorOutput, pcm: Tensor
    ) -> Iterator[AlignedRun]:
        """Take the next windows; give each run that ended before one of them.

        Args:
            pcm: (windows, 10240) int16, their audio.
        """
        heard = heard_features(output.audio_features, pcm)
        for number, window in enumerate(windows):
            if self._windows and not _follows(self._windows[-1], window):
                yield self._finished()
            self._windows.append(window)
            self._visual.append(output.visual_features[number])
            self._audio.append(heard[number])

    def end(self) -> Iterator[AlignedRun]:
        """The last run, if there was any window."""
        if self._windows:
            yield self._finished()

    def _finished(self) -> AlignedRun:
        run = AlignedRun(
            video=self._windows[0].video,
            visual=torch.cat(self._visual),
            audio=torch.cat(self._audio),
        )
        self._windows, self._visual, self._audio = [], [], []
        return run


def _follows(before: Window, window: Window) -> bool:
    """Whether a window begins in the same track where the one before it ends."""
    same_track = (
        before.video == window.video
        and before.shard == window.shard
        and before.track == window.track
    )
    return same_track and window.row == before.row + SEGMENT_FRAMES
