"""Where the sound of prepared tracks is silent for so long that nothing can be said of it there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.loudness import LOUDEST_SILENCE
from avdf.cache.core.video import Track
from avdf.pipeline.faces.row_span import RowSpan, runs_of

Span = tuple[float, float]  # start and end, in seconds

_TOUCHING = 0.5 / FRAME_RATE  # seconds between spans that are one


@dataclass(frozen=True)
class Silence:
    """The silence of some tracks, in seconds after their time 0.

    spans    in order and apart from each other; each covers a stored segment of some track
    seconds  how long there is any track: where several are at one time, that time counts once
    """

    spans: tuple[Span, ...]
    seconds: float

    @property
    def heard(self) -> float:
        """Seconds of the tracks that lie outside of the spans."""
        return self.seconds - _length(self.spans)

    @property
    def prevails(self) -> bool:
        """Whether less than half of the time has sound."""
        return self.heard < self.seconds / 2


def silence_in(tracks: Sequence[Track]) -> Silence:
    """Where tracks are silent, as far as that concerns at least one of their segments."""
    whole = [(track.start, track.start + len(track) / FRAME_RATE) for track in tracks]
    silent = [
        (
            track.start + run.first / FRAME_RATE,
            track.start + (run.last + 1) / FRAME_RATE,
        )
        for track in tracks
        for run in silent_runs(track.pcm)
    ]
    return Silence(joined_spans(silent), _length(joined_spans(whole)))


def silent_runs(pcm: Pcm) -> list[RowSpan]:
    """The runs of rows that are never louder than -60 dB and cover a segment.

    A pause between two words is often as silent. Only where a whole segment is, a score rests on
    nothing else.

    Args:
        pcm: (640 n,) the audio of n rows, with segments from the first row on.
    """
    return [run for run in runs_of(silent_rows(pcm)) if _covers_segment(run)]


def silent_rows(pcm: Pcm) -> npt.NDArray[np.bool_]:
    """(n,) which rows of audio (640 n,) are never louder than -60 dB."""
    rows = pcm.reshape(-1, SAMPLES_PER_FRAME)
    # Not by absolute values: that of -32768 is no int16, and a copy of six hours is large.
    highest, lowest = rows.max(axis=1), rows.min(axis=1)
    quiet = (highest <= LOUDEST_SILENCE) & (lowest >= -LOUDEST_SILENCE)
    return np.asarray(quiet, np.bool_)


def joined_spans(spans: Sequence[Span]) -> tuple[Span, ...]:
    """What the spans cover together, in order: those that overlap or touch become one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + _TOUCHING:
            earlier, until = found.pop()
            found.append((earlier, max(until, end)))
        else:
            found.append((start, end))
    return tuple(found)


def _covers_segment(run: RowSpan) -> bool:
    first_segment = -(-run.first // SEGMENT_FRAMES) * SEGMENT_FRAMES
    return first_segment + SEGMENT_FRAMES <= run.last + 1


def _length(spans: Sequence[Span]) -> float:
    return sum(end - start for start, end in spans)
