"""What a media file says of itself, before anything is decoded."""

import json
import re
import stat
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from avdf.cache.core.errors import MediaError
from avdf.pipeline.media.audio import has_signal
from avdf.pipeline.media.conversion import Conversion, conversion_of
from avdf.pipeline.media.ffmpeg import find_tool, program_for
from avdf.pipeline.media.guards import guard_words
from avdf.pipeline.media.trailing import unread_behind
from avdf.pipeline.settings import Limits

# 4:2:0 in any depth: what faces are judged by has 8 bits, so that more need not become 4:4:4.
_SUBSAMPLED = ("yuv420p", "yuvj420p", "nv12", "nv21", "p010", "p012", "p016")
# Of these containers ffmpeg counts time from the first timestamp of the streams that it reads; of others, from the
# first of the file.
_COUNTED_BY_STREAM = {"mpeg", "mpegts", "ogg"}
_HEARD_SECONDS = 60  # of each of several audio streams, to find the first that is not silent

_START_BYTES = 256
_PLAYLISTS = (
    b"#extm3u",
    b"ffconcat version",
    b"[playlist]",
    b"<?xml",
    b"<mpd",
    b"<smil",
    b"<asx",
    b"v=0\r",
    b"v=0\n",
)
_MOST_CHANNELS = 24  # ffmpeg knows no arrangement of more loudspeakers


@dataclass(frozen=True)
class MediaInfo:
    """The one video and one audio stream that are used, on the file's own time line.

    program       the ffmpeg that decodes it
    start         seconds of ffmpeg's clock at the first instant that both streams should cover: time 0
    offset        seconds from the file's first timestamp to time 0: what is added to make file time
    planes        the planar 8-bit pixel format to decode to: `yuv420p` where the source is 4:2:0, else `yuv444p`
    matrix        the YCbCr matrix of the decoded pictures: `bt601` (also when it is not said, as ffmpeg assumes),
                  `bt709` or `bt2020`
    channels      of the sound that is decoded: 2 where the source has two, else 1
    conversion    what is done to the pictures
    picture_ends  seconds after time 0 at which the video stream ends by what the file says; 0 where it says nothing
    sound_ends    the same of the audio stream
    notes         what is said of this in the video's row
    """

    path: Path
    program: str
    video_stream: int
    audio_stream: int
    width: int
    height: int
    start: float
    offset: float
    planes: str
    matrix: str
    channels: int = 1
    conversion: Conversion = field(default_factory=Conversion)
    picture_ends: float = 0.0
    sound_ends: float = 0.0
    notes: tuple[str, ...] = ()


def probe(path: Path, limits: Limits) -> MediaInfo:
    """Look into a file.

    Raises:
        MediaError: with a status: `missing`, `unreadable`, `corrupt`, `unsupported`, `timeout`, `no_video`, `no_audio`,
            `too_large`, `too_long`.
    """
    _check_file(path)
    found = _ffprobe(path, limits)
    streams = found.get("streams", [])
    if len(streams) > limits.streams:
        raise MediaError("unsupported", f"{len(streams)} streams, the limit is {limits.streams}")
    video = next(
        _in_order([s for s in streams if s.get("codec_type") == "video" and not _is_cover(s)]), None
    )
    sounds = list(_in_order([s for s in streams if s.get("codec_type") == "audio"]))
    if video is None:
        raise MediaError(
            "no_video",
            "no video stream (a cover picture does not count)" if streams else "no streams",
        )
    if not sounds:
        raise MediaError("no_audio", "no audio stream")
    _check_limits(found, video, limits)
    conversion = conversion_of(video)
    program = _program(str(video.get("codec_name")), conversion)
    audio = _with_sound(path, program, sounds, limits)
    if (channels := int(audio.get("channels") or 0)) > _MOST_CHANNELS:
        raise MediaError(
            "unsupported",
            f"sound of {channels} channels; up to {_MOST_CHANNELS} can be mixed into one",
        )
    notes = conversion.notes
    if audio is not sounds[0]:
        notes = (*notes, f"sound is stream {audio['index']}: stream {sounds[0]['index']} is silent")
    if "mov" in _container_names(found) and (unread := unread_behind(path)):
        notes = (*notes, unread)
    return MediaInfo(
        path=path,
        program=program,
        video_stream=int(video["index"]),
        audio_stream=int(audio["index"]),
        width=int(video.get("width", 0)),
        height=int(video.get("height", 0)),
        planes="yuv420p" if str(video.get("pix_fmt")).startswith(_SUBSAMPLED) else "yuv444p",
        matrix=conversion.matrix or _matrix(video),
        channels=2 if audio.get("channels") == 2 else 1,
        conversion=conversion,
        notes=notes,
        **_times(found, video, audio),
    )


def _times(found: dict[str, Any], video: dict[str, Any], audio: dict[str, Any]) -> dict[str, float]:
    """When both streams have begun, and when each ends."""
    container = found.get("format", {})
    origin = _seconds(container.get("start_time"))
    starts = [_seconds(stream.get("start_time"), origin) for stream in (video, audio)]
    clock = min(starts) if _container_names(found) & _COUNTED_BY_STREAM else origin
    first = max(starts)
    ends = [
        max(0.0, start + _seconds(stream.get("duration")) - first)
        if _seconds(stream.get("duration")) > 0
        else 0.0
        for start, stream in zip(starts, (video, audio), strict=True)
    ]
    return {
        "start": max(0.0, first - clock),
        "offset": max(0.0, first - origin),
        "picture_ends": ends[0],
        "sound_ends": ends[1],
    }


def _container_names(found: dict[str, Any]) -> set[str]:
    """ffmpeg's names of the container: of MP4 and QuickTime all of `mov,mp4,m4a,3gp,3g2,mj2`."""
    return set(str(found.get("format", {}).get("format_name", "")).split(","))


def _with_sound(
    path: Path, program: str, sounds: Sequence[dict[str, Any]], limits: Limits
) -> dict[str, Any]:
    """The first audio stream that is not digital silence, as far as its first minute tells; else the first."""
    if len(sounds) == 1:
        return sounds[0]
    return next(
        (stream for stream in sounds if _is_heard(path, program, int(stream["index"]), limits)),
        sounds[0],
    )


def _is_heard(path: Path, program: str, stream: int, limits: Limits) -> bool:
    command = [
        program, "-v", "quiet", "-nostdin", *guard_words(), "-threads", "1", "-t", str(_HEARD_SECONDS),
        "-i", f"file:{path.resolve()}", "-map", f"0:{stream}", "-ar", "8000", "-f", "s16le", "pipe:1",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=limits.probe_timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return has_signal(np.frombuffer(done.stdout[: len(done.stdout) // 2 * 2], np.int16))


def _check_file(path: Path) -> None:
    try:
        if (
            not stat.S_ISREG(path.stat().st_mode) and not path.is_dir()
        ):  # reading from a pipe could wait for ever
            raise MediaError("unreadable", "a pipe, a socket or a device, not a file")
        with path.open("rb") as file:
            start = file.read(_START_BYTES)
    except FileNotFoundError:
        raise MediaError("missing", "no such file") from None
    except IsADirectoryError:
        raise MediaError("unreadable", "a folder, not a file") from None
    except OSError as error:
        raise MediaError("unreadable", error.strerror or str(error)) from None
    if not start:
        raise MediaError("corrupt", "the file is empty")
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PLAYLISTS):
        raise MediaError("unsupported", "a playlist or a description of media, not media itself")


def _ffprobe(path: Path, limits: Limits) -> dict[str, Any]:
    fields = (
        "stream=index,codec_type,codec_name,width,height,pix_fmt,color_space,color_transfer,sample_aspect_ratio"
        ",field_order,channels,start_time,duration:stream_disposition=attached_pic,default"
        ":stream_side_data=rotation:format=start_time,duration,format_name"
    )
    command = [
        find_tool("ffprobe").path, "-v", "error", *guard_words(), "-show_entries", fields, "-of", "json",
        f"file:{path.resolve()}",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=limits.probe_timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise MediaError(
            "timeout", f"ffprobe did not answer within {limits.probe_timeout:.0f} s"
        ) from None
    complaint = done.stderr.decode(errors="replace")
    if done.returncode:
        if "not in allowed list" in complaint or "not on whitelist" in complaint.lower():
            raise MediaError("unsupported", "not one of the allowed container formats")
        raise MediaError("corrupt", f"cannot be opened: {last_line(complaint, path)}")
    answer: dict[str, Any] = json.loads(done.stdout or b"{}")
    return answer


def last_line(complaint: str, path: Path) -> str:
    """The last line that ffmpeg printed, without the path and its own prefixes."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    line = lines[-1] if lines else "no reason given"
    line = line.replace(f"file:{path.resolve()}: ", "")
    return re.sub(r"^(\[[^\]]*\] )+", "", line)[:200]


def _is_cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _in_order(streams: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those that the file marks as its default come first."""
    for wanted in (True, False):
        yield from (s for s in streams if bool(s.get("disposition", {}).get("default")) is wanted)


def _check_limits(found: dict[str, Any], video: dict[str, Any], limits: Limits) -> None:
    width, height = int(video.get("width", 0)), int(video.get("height", 0))
    if width * height > limits.pixels:
        raise MediaError("too_large", f"{width} x {height} pixels, the limit is {limits.pixels}")
    seconds = _seconds(found.get("format", {}).get("duration"))
    if seconds > limits.seconds:
        raise MediaError(
            "too_long",
            f"{seconds:.0f} s long, the limit is {limits.seconds:.0f} s (raise it with --max-seconds)",
        )


def _program(codec: str, conversion: Conversion) -> str:
    program = program_for(codec, conversion.needs)
    if program is None:
        what = f"{codec}, which no ffmpeg here decodes"
        if conversion.needs:
            what = f"{codec} in HDR, which no ffmpeg here turns into SDR (it takes {', '.join(sorted(conversion.needs))})"
        raise MediaError("unsupported", f"{what}; pip install imageio-ffmpeg, or set AVDF_FFMPEG")
    return program


def _matrix(video: dict[str, Any]) -> str:
    space = str(video.get("color_space", ""))
    if space.startswith("bt2020"):
        return "bt2020"
    return "bt709" if space == "bt709" else "bt601"


def _seconds(text: Any, missing: float = 0.0) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return missing
