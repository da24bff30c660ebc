"""Leading silence: how long a video's sound is silent at its start, and the same video without it.

The fakes of some datasets begin with some tens of milliseconds of silence, which a detector learns instead of forgery.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from avdf.cache.core.clock import (
    FRAME_RATE,
    SAMPLE_RATE,
    SAMPLES_PER_FRAME,
    SEGMENT_FRAMES,
    SEGMENT_SAMPLES,
)
from avdf.cache.core.errors import SegmentError
from avdf.cache.core.log_mel import log_mel
from avdf.cache.core.video import PreparedVideo, Track
from avdf.cache.shards.reader import Shard
from avdf.cache.stream.batches import VideoRef

NO_SOUND = "no sound to judge: all of it is digital silence"

_LEVEL = 33  # of 32768: -60 dB; what is never louder is silence
_LONGEST_ROWS = 50  # of a video's start that are looked at


def leading_silence(pcm: npt.NDArray[np.int16]) -> int:
    """Samples before the first that is louder than -60 dB; all of them where none is."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > _LEVEL)
    return int(loud[0]) if len(loud) else len(pcm)


def silences(videos: Sequence[VideoRef]) -> npt.NDArray[np.float64]:
    """(videos,) seconds of silence at the start of each, as far as 2 s.

    NaN where the first track begins later than the sound, or where its sound cannot be read.
    """
    found = np.full(len(videos), np.nan)
    by_shard: dict[str, list[int]] = {}
    for index, video in enumerate(videos):
        by_shard.setdefault(str(video.shard), []).append(index)
    for members in by_shard.values():
        with Shard(videos[members[0]].shard) as shard:
            for index in members:
                first = videos[index].tracks[0]
                if first.start == 0:
                    with suppress(SegmentError):  # whoever scores the video tells
                        pcm = shard.pcm(first.row, min(first.rows, _LONGEST_ROWS))
                        found[index] = leading_silence(pcm) / SAMPLE_RATE
    return found


def silent_rows(seconds: float) -> int:
    """Whole rows that leave out a silence of that length; 0 for NaN."""
    return (
        0 if np.isnan(seconds) else int(np.ceil(round(seconds * SAMPLE_RATE) / SAMPLES_PER_FRAME))
    )


def without_silence(video: PreparedVideo) -> PreparedVideo:
    """The video from the first row after its leading silence on; itself where that would leave no segment."""
    first = video.tracks[0]
    skip = silent_rows(leading_silence(first.pcm) / SAMPLE_RATE) if first.start == 0 else 0
    if not skip or len(first) - skip < SEGMENT_FRAMES:
        return video
    return replace(video, tracks=(_cut(first, skip), *video.tracks[1:]))


def _cut(track: Track, skip: int) -> Track:
    pcm = track.pcm[skip * SAMPLES_PER_FRAME :]
    segments = len(pcm) // SEGMENT_SAMPLES
    samples = torch.from_numpy(
        pcm[: segments * SEGMENT_SAMPLES].reshape(segments, SEGMENT_SAMPLES).copy()
    )
    return Track(
        start=track.start + skip / FRAME_RATE,
        crops=track.crops[skip:],
        boxes=track.boxes[skip:],
        probability=track.probability[skip:],
        pcm=pcm,
        log_mel=log_mel(samples).numpy().astype(np.float16),
        sound=track.sound,
    )
