"""Codecs and rates of the streams that are used, from what ffprobe says of a file."""

from fractions import Fraction
from typing import Any

from avdf.cache.core.stream_facts import StreamFacts
from avdf.pipeline.media.ffprobe import number_or

Entries = dict[str, Any]  # what ffprobe says, of the whole file or of one stream

_HIGHEST = 1e12  # a rate above it is an error of the file


def stated_streams(
    answer: Entries, video: Entries | None, audio: Entries | None
) -> StreamFacts:
    """What the file states of the streams that are used; None for one that is not.

    Some containers state the bit rate of the whole file alone. It is that of a stream only where
    the file has one stream.
    """
    only_stream = len(answer.get("streams", [])) == 1
    whole = _rate(answer.get("format", {}).get("bit_rate")) if only_stream else 0.0
    video, audio = video or {}, audio or {}
    return StreamFacts(
        video_codec=_codec(video),
        audio_codec=_codec(audio),
        frame_rate=_frame_rate(video),
        video_bit_rate=_rate(video.get("bit_rate")) or (whole if video else 0.0),
        audio_bit_rate=_rate(audio.get("bit_rate")) or (whole if audio else 0.0),
    )


def _codec(stream: Entries) -> str:
    """ffmpeg's name of the codec; `pcm` for all of its names of uncompressed sound."""
    name = str(stream.get("codec_name", ""))
    return "pcm" if name.startswith("pcm_") else name


def _rate(stated: Any) -> float:
    """A rate that a file states; 0 for what is none."""
    rate = number_or(stated, 0.0)
    return rate if 0 < rate < _HIGHEST else 0.0


def _frame_rate(video: Entries) -> float:
    """The mean frame rate, which ffprobe gives as a fraction: `30000/1001`, `0/0` if unknown."""
    try:
        return _rate(float(Fraction(str(video.get("avg_frame_rate", "0")))))
    except (ValueError, ZeroDivisionError, OverflowError):
        return 0.0
