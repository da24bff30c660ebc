"""Reading what a media file says of itself."""

import math
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import MediaError
from avdf.pipeline.media.ffmpeg_builds import program_for
from avdf.pipeline.media.ffprobe import ask_ffprobe, number_or
from avdf.pipeline.media.input_file import check_input_file
from avdf.pipeline.media.trailing_bytes import trailing_note
from avdf.pipeline.settings import Limits
from avdf.pipeline.statement.credentials import read_credentials
from avdf.pipeline.statement.edit_lists import read_edit_lists
from avdf.pipeline.statement.encoder_mark import read_encoder_mark
from avdf.pipeline.statement.file_statement import (
    EditList,
    FileStatement,
    RepeatedFrames,
    StreamStatement,
    StreamTimes,
)
from avdf.pipeline.statement.frame_hashes import read_repeated_frames
from avdf.pipeline.statement.stream_times import read_stream_times

_ENTRIES = (
    "stream=index,codec_type,codec_name,profile,width,height,pix_fmt,avg_frame_rate,channels"
    ",sample_rate,start_time,duration,nb_frames:stream_disposition=attached_pic:stream_tags"
    ":format=format_name,duration:format_tags"
)
_MOST_TAGS = 60
_LONGEST_TAG = 300  # characters
_TIMED = ("video", "audio")
_LEAST_DIFFERENCE = (
    0.1  # seconds by which the ends or starts of streams differ noticeably
)


def read_statement(path: Path, limits: Limits) -> FileStatement:
    """What a file says of itself. A part that cannot be read becomes a note.

    Raises:
        MediaError: it is no media file that ffprobe can open, or has too many streams.
    """
    check_input_file(path)
    answer = ask_ffprobe(path, _ENTRIES, limits.probe_timeout)
    found = answer.get("streams", [])
    if len(found) > limits.streams:
        raise MediaError(
            "unsupported", f"{len(found)} streams, the limit is {limits.streams}"
        )
    streams = tuple(_stream(one) for one in found)
    container = answer.get("format", {})
    notes: list[str] = []
    times = _read_times(path, streams, limits, notes)
    pictures = [one for one in found if _is_video(one)]
    program = _program(path, pictures, limits, notes)
    video = int(pictures[0]["index"]) if pictures else 0
    encoder, repeated = "", None
    if program:
        encoder = read_encoder_mark(path, program, video, limits.probe_timeout)
        repeated = _read_repeated(path, program, video, limits, notes)
    return FileStatement(
        path=str(path),
        size=path.stat().st_size,
        container=str(container.get("format_name", "unknown")),
        duration=_seconds(container.get("duration")),
        tags=_tags(container),
        streams=streams,
        encoder=encoder,
        edits=_read_edits(path, str(container.get("format_name")), notes),
        times=times,
        repeated=repeated,
        credentials=read_credentials(path, limits.probe_timeout),
        notes=(*_differences(times, streams), *notes),
    )


def _stream(stream: Mapping[str, Any]) -> StreamStatement:
    kind = str(stream.get("codec_type", "unknown"))
    codec = str(stream.get("codec_name", "unknown"))
    profile = stream.get("profile")
    frames = str(stream.get("nb_frames", ""))
    return StreamStatement(
        number=int(stream.get("index", 0)),
        kind=kind,
        codec=f"{codec} ({profile})" if profile else codec,
        format=_format(kind, stream),
        start=_seconds(stream.get("start_time")),
        duration=_seconds(stream.get("duration")),
        frames=int(frames) if frames.isdigit() else None,
        tags=_tags(stream),
    )


def _format(kind: str, stream: Mapping[str, Any]) -> str:
    if kind == "video":
        size = f"{stream.get('width', '?')} x {stream.get('height', '?')} pixels"
        rate = stream.get("avg_frame_rate", "?")
        return f"{size}, {stream.get('pix_fmt', '?')}, {rate} frames per second"
    if kind == "audio":
        rate = stream.get("sample_rate", "?")
        return f"{stream.get('channels', '?')} channels at {rate} Hz"
    return ""


def _tags(part: Mapping[str, Any]) -> dict[str, str]:
    tags = part.get("tags")
    found = tags if isinstance(tags, dict) else {}
    return {
        str(name)[:_LONGEST_TAG]: str(value)[:_LONGEST_TAG]
        for name, value in list(found.items())[:_MOST_TAGS]
    }


def _seconds(text: Any) -> float | None:
    seconds = number_or(text, math.nan)
    return seconds if math.isfinite(seconds) else None


def _is_video(stream: Mapping[str, Any]) -> bool:
    is_cover = bool(stream.get("disposition", {}).get("attached_pic"))
    return stream.get("codec_type") == "video" and not is_cover


def _read_times(
    path: Path,
    streams: tuple[StreamStatement, ...],
    limits: Limits,
    notes: list[str],
) -> tuple[StreamTimes, ...]:
    timed = [stream.number for stream in streams if stream.kind in _TIMED]
    times, is_all = read_stream_times(path, timed, limits.probe_timeout)
    if not is_all:
        notes.append("not all time stamps were read: too many, or the file is damaged")
    return tuple(one for one in times if one.packets)


def _program(
    path: Path, pictures: list[Any], limits: Limits, notes: list[str]
) -> str | None:
    """The ffmpeg that decodes the video stream; None where there is none to decode."""
    if not pictures:
        return None
    video = pictures[0]
    if int(video.get("width", 0)) * int(video.get("height", 0)) > limits.pixels:
        notes.append("frames were not compared: they are larger than is allowed")
        return None
    program = program_for(str(video.get("codec_name")))
    if program is None:
        notes.append("frames were not compared: no ffmpeg here decodes them")
    return program


def _read_repeated(
    path: Path, program: str, stream: int, limits: Limits, notes: list[str]
) -> RepeatedFrames | None:
    try:
        found = read_repeated_frames(path, program, stream, limits)
    except (OSError, ValueError, ZeroDivisionError, subprocess.SubprocessError):
        found = None
    if found is None or not found.examined:
        notes.append("frames were not compared: none could be decoded")
        return None
    return found


def _read_edits(path: Path, container: str, notes: list[str]) -> tuple[EditList, ...]:
    if "mov" not in container.split(","):
        return ()
    note = trailing_note(path)
    if note:
        notes.append(note)
    try:
        return read_edit_lists(path)
    except (OSError, ValueError) as error:
        notes.append(f"edit lists could not be read: {error}")
        return ()


def _differences(
    times: tuple[StreamTimes, ...], streams: tuple[StreamStatement, ...]
) -> list[str]:
    """By how much frames and sound differ in their start and their end."""
    of_kind = {stream.kind: stream for stream in reversed(streams)}
    of_stream = {one.stream: one for one in times}
    if not all(kind in of_kind for kind in _TIMED):
        return []
    video, audio = (of_kind[kind] for kind in _TIMED)
    ends = [_end(of_stream.get(stream.number)) for stream in (video, audio)]
    found = []
    # An audio encoder begins a little before the sound; the stated start does not count that.
    for words, one, other in (
        ("begins", video.start, audio.start),
        ("ends", ends[0], ends[1]),
    ):
        if one is None or other is None or abs(one - other) < _LEAST_DIFFERENCE:
            continue
        order = "after" if other > one else "before"
        found.append(f"the sound {words} {abs(other - one):.2f} s {order} the frames")
    return found


def _end(times: StreamTimes | None) -> float | None:
    """The last time stamp begins the last frame, which lasts about one step."""
    if times is None or times.last is None:
        return None
    return times.last + (times.step or 0.0)
