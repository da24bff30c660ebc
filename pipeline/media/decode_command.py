"""The ffmpeg command that decodes one file."""

from typing import Any

import ffmpeg

from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE
from avdf.pipeline.media.guards import GUARDS
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.settings import Limits

# The pipes that ffmpeg writes to: data, and the times of the data.
PIPES = ("frames", "frame_times", "audio", "audio_times")

# Stands for the file's name, because ffmpeg-python takes names in UTF-8 alone.
_INPUT = "file:INPUT"


def decode_command(
    media: MediaInfo,
    limits: Limits,
    pipes: dict[str, int],
) -> list[str]:
    """The command: frames as yuv4mpeg, audio as 16-bit samples, and the times of both.

    ffmpeg turns frames upright by their rotation metadata and applies edit lists.

    Args:
        pipes: the file descriptor for each of `PIPES`; those of a stream that is not used are not
            written to.
    """
    # Without a seek the word is left out, since it costs ffmpeg a pass over some files.
    seek = {"ss": media.seek} if media.seek else {}
    source = ffmpeg.input(
        _INPUT,
        **GUARDS,
        **seek,
        threads=1,
        max_pixels=limits.pixels,
        t=media.start + _decoded_seconds(media, limits),
    )
    outputs = []
    if media.video_stream is not None:
        outputs.append(_frame_output(source, media, pipes))
    if media.audio_stream is not None:
        outputs.append(_audio_output(source, media, pipes))
    merged = outputs[0] if len(outputs) == 1 else ffmpeg.merge_outputs(*outputs)
    quiet = merged.global_args("-v", "error", "-nostdin", "-filter_threads", "1")
    command: list[str] = quiet.compile(cmd=media.program)
    return [
        f"file:{media.path.resolve()}" if word == _INPUT else word for word in command
    ]


def _decoded_seconds(media: MediaInfo, limits: Limits) -> float:
    """How many seconds after time 0 are decoded."""
    if media.seconds is not None:
        return media.seconds
    # A second more, in which it shows that a file is longer than it may be.
    return limits.seconds + 1


def _kept(media: MediaInfo) -> str:
    """The part of a stream that is kept, as ffmpeg's filters `trim` and `atrim` take it."""
    return "start=0" if media.seconds is None else f"start=0:end={media.seconds}"


def _frame_output(
    source: Any,
    media: MediaInfo,
    pipes: dict[str, int],
) -> Any:
    # `fps` repeats a frame where one is missing and drops frames that are too many, so that the
    # number of a frame stands for its time. Whatever lies before time 0 is trimmed, and whatever
    # lies behind an excerpt.
    filters = [
        f"setpts=PTS-{media.start:.6f}/TB",
        *media.conversion.before,
        f"fps=fps={FRAME_RATE}:round=near",
        f"trim={_kept(media)}",
        *media.conversion.after,
        f"format={media.planes}",
    ]
    return ffmpeg.output(
        source[str(media.video_stream)],
        f"pipe:{pipes['frames']}",
        vf=",".join(filters),
        format="yuv4mpegpipe",
        strict=-1,
        fps_mode="passthrough",
        stats_enc_pre=f"pipe:{pipes['frame_times']}",
        stats_enc_pre_fmt="{pts} {tb}",
    )


def _audio_output(
    source: Any,
    media: MediaInfo,
    pipes: dict[str, int],
) -> Any:
    # The second `aresample` fills gaps of more than 20 ms with silence and drops overlaps, so that
    # the number of a sample stands for its time.
    filters = [
        f"asetpts=PTS-{media.start:.6f}/TB",
        f"aresample={SAMPLE_RATE}",
        f"aresample={SAMPLE_RATE}:async=1:min_hard_comp=0.02",
        f"atrim={_kept(media)}",
    ]
    return ffmpeg.output(
        source[str(media.audio_stream)],
        f"pipe:{pipes['audio']}",
        af=",".join(filters),
        format="s16le",
        ac=media.channels,
        ar=SAMPLE_RATE,
        stats_enc_pre=f"pipe:{pipes['audio_times']}",
        stats_enc_pre_fmt="{pts} {samp}",
    )
