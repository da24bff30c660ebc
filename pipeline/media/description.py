"""Codecs, length and streams of one file, for those who read its report."""

import json
import subprocess
from typing import Any

from avdf.cache.core.errors import MediaError
from avdf.cache.core.file_facts import FileFacts
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.digest import file_sha256
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.guards import guard_words
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits

_FIELDS = (
    "stream=index,codec_type,codec_name,width,height,channels,sample_rate"
    ":stream_tags=language:format=format_name,duration"
)


def describe_file(info: VideoInfo, limits: Limits) -> FileFacts | None:
    """What a file says of the streams that preparation takes; None where it cannot be read."""
    try:
        media = probe(info.file, limits)
        sha256 = file_sha256(info.file)
        found = _ask(info, limits)
    except (MediaError, OSError, ValueError, subprocess.SubprocessError):
        return None  # the row of the video says why
    streams = {stream.get("index"): stream for stream in found.get("streams", [])}
    sounds = [index for index, stream in streams.items() if stream.get("codec_type") == "audio"]
    container = found.get("format", {})
    return FileFacts(
        path=info.path,
        sha256=sha256,
        container=str(container.get("format_name", "unknown")),
        duration=_number(container.get("duration")),
        picture=_picture(streams.get(media.video_stream, {}), media.video_stream),
        sound=_sound(streams.get(media.audio_stream, {}), media.audio_stream, len(sounds)),
    )


def _ask(info: VideoInfo, limits: Limits) -> dict[str, Any]:
    command = [
        find_tool("ffprobe").path, "-v", "error", *guard_words(), "-show_entries", _FIELDS, "-of", "json",
        f"file:{info.file.resolve()}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=limits.probe_timeout, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _picture(stream: dict[str, Any], number: int) -> str:
    size = f"{stream.get('width', '?')} x {stream.get('height', '?')} pixels"
    return f"{stream.get('codec_name', 'unknown')}, {size}, stream {number}"


def _sound(stream: dict[str, Any], number: int, of: int) -> str:
    language = stream.get("tags", {}).get("language", "und")
    parts = [
        str(stream.get("codec_name", "unknown")),
        f"{stream.get('channels', '?')} channels at {stream.get('sample_rate', '?')} Hz",
        *([] if language == "und" else [str(language)]),
        f"stream {number}" + ("" if of == 1 else f", one of {of} audio streams"),
    ]
    return ", ".join(parts)


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
