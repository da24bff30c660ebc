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
        pipes: the file descriptor for each of `PIPES`; those of the audio are not written to where
            the file has none.
    """
    source = ffmpeg.input(
        _INPUT,
        **GUARDS,
        threads=1,
        max_pixels=limits.pixels,
        t=limits.seconds + media.start + 1,
    )
    outputs = _frame_output(source, media, pipes)
    if media.audio_stream is not None:
        outputs = ffmpeg.merge_outputs(outputs, _audio_output(source, media, pipes))
    quiet = outputs.global_args("-v", "error", "-nostdin", "-filter_threads", "1")
    command: list[str] = quiet.compile(cmd=media.program)
    return [
        f"file:{media.path.resolve()}" if word == _INPUT else word for word in command
    ]


def _frame_output(
    source: Any,
    media: MediaInfo,
    pipes: dict[str, int],
) -> Any:
    # `fps` repeats a frame where one is missing and drops frames that are too many, so that the
    # number of a frame stands for its time. Whatever lies before time 0 is trimmed.
    filters = [
        f"setpts=PTS-{media.start:.6f}/TB",
        *media.conversion.before,
        f"fps=fps={FRAME_RATE}:round=near",
        "trim=start=0",
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
        "atrim=start=0",
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
