"""A description of one media file in words: container, length, codecs."""

import subprocess
from typing import Any

from avdf.cache.core.errors import MediaError
from avdf.cache.core.file_facts import FileFacts
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.digest import file_sha256
from avdf.pipeline.media.ffprobe import ask_ffprobe, number_or
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits

_ENTRIES = (
    "stream=index,codec_type,codec_name,width,height,channels,sample_rate"
    ":stream_tags=language:format=format_name,duration"
)


def describe_file(
    info: VideoInfo, limits: Limits, sha256: str = ""
) -> FileFacts | None:
    """What a file says of the streams that preparation uses; None where it cannot be read.

    Args:
        sha256: of its content, where that is known; '': the file is read.
    """
    try:
        media = probe(info.file, limits)
        sha256 = sha256 or file_sha256(info.file)
        answer = ask_ffprobe(
            info.file,
            _ENTRIES,
            limits.probe_timeout,
        )
    except (MediaError, OSError, ValueError, subprocess.SubprocessError):
        return None  # the video's row gives the reason
    streams = {stream.get("index"): stream for stream in answer.get("streams", [])}
    audio_streams = [
        one for one in streams.values() if one.get("codec_type") == "audio"
    ]
    container = answer.get("format", {})
    picture = sound = "none"
    if media.video_stream is not None:
        video = streams.get(media.video_stream, {})
        picture = _describe_video(video, media.video_stream)
    if media.audio_stream is not None:
        audio = streams.get(media.audio_stream, {})
        sound = _describe_audio(audio, media.audio_stream, len(audio_streams))
    return FileFacts(
        path=info.path,
        sha256=sha256,
        container=str(container.get("format_name", "unknown")),
        duration=_duration(container),
        picture=picture,
        sound=sound,
    )


def _describe_video(stream: dict[str, Any], number: int) -> str:
    codec = stream.get("codec_name", "unknown")
    size = f"{stream.get('width', '?')} x {stream.get('height', '?')} pixels"
    return f"{codec}, {size}, stream {number}"


def _describe_audio(
    stream: dict[str, Any],
    number: int,
    count: int,
) -> str:
    """`count`: how many audio streams the file has."""
    parts = [
        str(stream.get("codec_name", "unknown")),
        f"{stream.get('channels', '?')} channels at {stream.get('sample_rate', '?')} Hz",
    ]
    language = str(stream.get("tags", {}).get("language", "und"))
    if language != "und":
        parts.append(language)
    others = "" if count == 1 else f", one of {count} audio streams"
    parts.append(f"stream {number}{others}")
    return ", ".join(parts)


def _duration(container: dict[str, Any]) -> float | None:
    seconds = number_or(container.get("duration"), -1.0)
    return seconds if seconds >= 0 else None
