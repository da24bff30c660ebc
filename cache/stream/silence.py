"""Leading silence: how long the audio of a video is silent at its start, and the video without it.

The fakes of some datasets begin with some tens of milliseconds of silence, which a detector learns
instead of the forgery.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import Pcm
from avdf.cache.core.clock import (
    FRAME_RATE,
    SAMPLE_RATE,
    SAMPLES_PER_FRAME,
    SEGMENT_FRAMES,
)
from avdf.cache.core.errors import SegmentError
from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.core.loudness import is_loud
from avdf.cache.core.video import PreparedVideo, Track
from avdf.cache.shards.reader import Shard
from avdf.cache.stream.index import VideoRef, by_shard

_EXAMINED_ROWS = 50  # at the start of a video in a shard: 2 s


def leading_silence(pcm: Pcm) -> int:
    """Samples before the first one that is louder than silence; all of them if none is."""
    loud = np.flatnonzero(is_loud(pcm))
    return int(loud[0]) if len(loud) else len(pcm)


def silence_in_shards(videos: Sequence[VideoRef]) -> npt.NDArray[np.float64]:
    """(videos,) seconds of silence at the start of each video, at most 2 s.

    NaN where the first track begins later than time 0, or where its audio cannot be read.
    """
    seconds = np.full(len(videos), np.nan)
    for members in by_shard(videos):
        with Shard(videos[members[0]].shard) as shard:
            for index in members:
                first = videos[index].tracks[0]
                if first.start > 0:
                    continue
                # Scoring reports audio that cannot be read; here it only has no silence.
                with suppress(SegmentError):
                    pcm = shard.pcm(first.row, min(first.rows, _EXAMINED_ROWS))
                    seconds[index] = leading_silence(pcm) / SAMPLE_RATE
    return seconds


def silence_of(video: PreparedVideo) -> float | None:
    """Seconds of silence at the start of a video; None if its first track begins later."""
    first = video.tracks[0]
    return leading_silence(first.pcm) / SAMPLE_RATE if first.start == 0 else None


def silent_rows(seconds: float) -> int:
    """How many whole rows cover a silence of that length; 0 for NaN."""
    if np.isnan(seconds):
        return 0
    samples = round(seconds * SAMPLE_RATE)
    return int(np.ceil(samples / SAMPLES_PER_FRAME))


def without_silence(video: PreparedVideo) -> PreparedVideo:
    """The video from the first row after its leading silence on.

    The video itself, unchanged, if that would leave its first track no segment, and without audio.
    """
    if not any(track.has_audio for track in video.tracks):
        return video
    first = video.tracks[0]
    skip = silent_rows(silence_of(video) or 0.0)
    if not skip or len(first) - skip < SEGMENT_FRAMES:
        return video
    return replace(video, tracks=(_cut_start(first, skip), *video.tracks[1:]))


def _cut_start(track: Track, skip: int) -> Track:
    pcm = track.pcm[skip * SAMPLES_PER_FRAME :]
    return replace(
        track,
        start=track.start + skip / FRAME_RATE,
        crops=track.crops[skip:],
        boxes=track.boxes[skip:],
        probability=track.probability[skip:],
        pcm=pcm,
        # Other segments than before: their log-mel is computed anew.
        log_mel=segment_log_mel(pcm),
    )
