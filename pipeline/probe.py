"""What a media file says of itself, before anything is decoded."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avdf.cache.errors import MediaError
from avdf.pipeline.ffmpeg import GUARDS, decoder_of, find_tool
from avdf.pipeline.settings import Limits

_PLAIN_420 = {"yuv420p", "yuvj420p", "nv12", "nv21"}


@dataclass(frozen=True)
class MediaInfo:
    """The one video and one audio stream that are used, on the file's own time line.

    program   the ffmpeg that decodes it
    start     seconds from the file's first timestamp to the first instant that both streams cover: time 0
    planes    the planar 8-bit pixel format to decode to: `yuv420p` where the source is 8-bit 4:2:0, else `yuv444p`
    matrix    the source's YCbCr matrix: `bt601` (also when it is not said, as ffmpeg assumes), `bt709` or `bt2020`
    """

    path: Path
    program: str
    video_stream: int
    audio_stream: int
    width: int
    height: int
    start: float
    planes: str
    matrix: str


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
    video = _pick([s for s in streams if s.get("codec_type") == "video" and not _is_cover(s)])
    audio = _pick([s for s in streams if s.get("codec_type") == "audio"])
    if video is None:
        raise MediaError("no_video", "no video stream (a cover picture does not count)" if streams else "no streams")
    if audio is None:
        raise MediaError("no_audio", "no audio stream")
    _check_limits(found, video, limits)
    program = _decoder(str(video.get("codec_name")))
    origin = _seconds(found.get("format", {}).get("start_time"))
    starts = [_seconds(stream.get("start_time"), origin) for stream in (video, audio)]
    return MediaInfo(
        path=path,
        program=program,
        video_stream=int(video["index"]),
        audio_stream=int(audio["index"]),
        width=int(video.get("width", 0)),
        height=int(video.get("height", 0)),
        start=max(0.0, max(starts) - origin),
        planes="yuv420p" if video.get("pix_fmt") in _PLAIN_420 else "yuv444p",
        matrix=_matrix(video),
    )


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        raise MediaError("missing", "no such file") from None
    except IsADirectoryError:
        raise MediaError("unreadable", "a folder, not a file") from None
    except OSError as error:
        raise MediaError("unreadable", error.strerror or str(error)) from None
    if empty:
        raise MediaError("corrupt", "the file is empty")


def _ffprobe(path: Path, limits: Limits) -> dict[str, Any]:
    options = [item for name, value in GUARDS.items() for item in (f"-{name}", value)]
    fields = (
        "stream=index,codec_type,codec_name,width,height,pix_fmt,color_space,start_time,duration"
        ":stream_disposition=attached_pic,default:format=start_time,duration,format_name"
    )
    command = [
        find_tool("ffprobe").path, "-v", "error", *options, "-show_entries", fields, "-of", "json",
        f"file:{path.resolve()}",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, timeout=limits.probe_timeout, check=False)
    except subprocess.TimeoutExpired:
        raise MediaError("timeout", f"ffprobe did not answer within {limits.probe_timeout:.0f} s") from None
    complaint = done.stderr.decode(errors="replace")
    if done.returncode:
        if "not in allowed list" in complaint or "not on whitelist" in complaint.lower():
            raise MediaError("unsupported", "not one of the allowed container formats")
        raise MediaError("corrupt", f"cannot be opened: {last_line(complaint, path)}")
    answer: dict[str, Any] = json.loads(done.stdout or b"{}")
    return answer


def last_line(complaint: str, path: Path) -> str:
    """The last line that ffmpeg printed, without the path and its own prefix."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    line = lines[-1] if lines else "no reason given"
    return line.replace(f"file:{path.resolve()}: ", "").split("] ", 1)[-1][:200]


def _is_cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _pick(streams: list[dict[str, Any]]) -> dict[str, Any] | None:
    marked = [stream for stream in streams if stream.get("disposition", {}).get("default")]
    return next(iter(marked or streams), None)


def _check_limits(found: dict[str, Any], video: dict[str, Any], limits: Limits) -> None:
    width, height = int(video.get("width", 0)), int(video.get("height", 0))
    if width * height > limits.pixels:
        raise MediaError("too_large", f"{width} x {height} pixels, the limit is {limits.pixels}")
    seconds = _seconds(found.get("format", {}).get("duration"))
    if seconds > limits.seconds:
        raise MediaError("too_long", f"{seconds:.0f} s long, the limit is {limits.seconds:.0f} s (--max-seconds)")


def _decoder(codec: str) -> str:
    program = decoder_of(codec)
    if program is None:
        raise MediaError(
            "unsupported", f"{codec}, which no ffmpeg here decodes; pip install imageio-ffmpeg, or set AVDF_FFMPEG"
        )
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
