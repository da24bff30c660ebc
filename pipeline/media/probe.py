"""Looking into a media file before it is decoded: its streams, and when they begin and end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from avdf.cache.core.errors import MediaError
from avdf.cache.core.missing import (
    NO_AUDIO,
    NO_PICTURE,
    NO_STREAM,
    NO_VIDEO_STREAM,
)
from avdf.pipeline.media.audio_choice import choose_audio
from avdf.pipeline.media.audio_trial import audio_name
from avdf.pipeline.media.conversion import Conversion, conversion_of
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.ffmpeg_builds import program_for
from avdf.pipeline.media.ffprobe import ask_ffprobe, number_or
from avdf.pipeline.media.input_file import check_input_file
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.stated_streams import stated_streams
from avdf.pipeline.media.trailing_bytes import trailing_note
from avdf.pipeline.settings import Limits

Entries = dict[str, Any]  # what ffprobe says, of the whole file or of one stream

_ENTRIES = (
    "stream=index,codec_type,codec_name,width,height,pix_fmt,color_space,color_transfer"
    ",sample_aspect_ratio,field_order,channels,start_time,duration,avg_frame_rate"
    ",bit_rate"
    ":stream_disposition=attached_pic,default"
    ":stream_side_data=rotation:format=start_time,duration,format_name,bit_rate"
)
# 4:2:0 in any depth. Decoding takes 8 bits of it: a greater depth need not become 4:4:4.
_HALVED_CHROMA = ("yuv420p", "yuvj420p", "nv12", "nv21", "p010", "p012", "p016")
# In these containers ffmpeg counts time from the first timestamp of the streams that it reads; in
# all others from the first timestamp of the file.
_COUNTED_BY_STREAM = {"mpeg", "mpegts", "ogg"}
# In these a decoder that seeks begins anywhere, and waits for the next key frame.
_WITHOUT_INDEX = {"mpeg", "mpegts"}
_MOST_CHANNELS = 24  # ffmpeg knows no arrangement of more loudspeakers


def probe(path: Path, limits: Limits) -> MediaInfo:
    """Look into a file and choose its streams.

    Of a file without a video stream, the sound is used alone.

    Raises:
        MediaError: with a status: `missing`, `unreadable`, `corrupt`, `unsupported`, `timeout`,
            `no_video`, `too_large`, `too_long`.
    """
    answer = _ask(path, limits)
    streams = answer.get("streams", [])
    if not _video_streams(streams):
        return _sound_of(path, answer, limits, NO_VIDEO_STREAM)
    return _picture_of(path, answer, limits)


def probe_sound(path: Path, limits: Limits, why: str) -> MediaInfo:
    """The same of the sound of a file alone.

    Args:
        why: the picture is not used.

    Raises:
        MediaError: as of `probe`.
    """
    return _sound_of(path, _ask(path, limits), limits, why)


def probe_picture(path: Path, limits: Limits, why: str) -> MediaInfo:
    """The same of the picture of a file alone.

    Args:
        why: the audio is not used.

    Raises:
        MediaError: as of `probe`.
    """
    return _picture_of(path, _ask(path, limits), limits, why)


def _ask(path: Path, limits: Limits) -> Entries:
    """What ffprobe says of the file, within the limits.

    Raises:
        MediaError: as of `probe`.
    """
    check_input_file(path)
    answer = ask_ffprobe(path, _ENTRIES, limits.probe_timeout)
    streams = answer.get("streams", [])
    if len(streams) > limits.streams:
        raise MediaError(
            "unsupported", f"{len(streams)} streams, the limit is {limits.streams}"
        )
    answer = _counted_from_start(answer)
    seconds = number_or(answer.get("format", {}).get("duration"), 0.0)
    if seconds > limits.seconds:
        limit = f"the limit is {limits.seconds:.0f} s (raise max_seconds)"
        raise MediaError(
            "too_long", f"the file says that it is {seconds:.0f} s long, {limit}"
        )
    return answer


def _counted_from_start(answer: Entries) -> Entries:
    """The same, with the length of a Matroska file as its duration.

    ffprobe gives the time at which such a file ends. The two differ where the first time stamp is
    not 0.
    """
    stated = answer.get("format", {})
    start = number_or(stated.get("start_time"), 0.0)
    end = number_or(stated.get("duration"), 0.0)
    if "matroska" in _container_names(answer) and 0 < start < end:
        return {**answer, "format": {**stated, "duration": str(end - start)}}
    return answer


def _picture_of(
    path: Path, answer: Entries, limits: Limits, without_audio: str = ""
) -> MediaInfo:
    """The picture with its audio; alone where the file has none, or for the reason given."""
    streams = answer.get("streams", [])
    video = _video_streams(streams)[0]
    _check_pixels(video, limits)
    conversion = conversion_of(video)
    program = _choose_program(str(video.get("codec_name")), conversion)
    audio_streams = [] if without_audio else _of_type(streams, "audio")
    audio, notes = (
        None,
        [f"{NO_AUDIO}: {without_audio}" if without_audio else NO_STREAM],
    )
    if audio_streams:
        audio, notes = _choose_audio(path, program, audio_streams, limits)
    # Without audio, time 0 is where the video begins.
    times = _times_of(answer, video, audio or video)
    return MediaInfo(
        path=path,
        program=program,
        video_stream=int(video["index"]),
        audio_stream=int(audio["index"]) if audio else None,
        width=int(video.get("width", 0)),
        height=int(video.get("height", 0)),
        start=times.start,
        offset=times.offset,
        planes=_planes_of(video),
        matrix=conversion.matrix or _matrix_of(video),
        channels=_channels_of(audio),
        conversion=conversion,
        video_ends=times.video_ends,
        audio_ends=times.audio_ends if audio else 0.0,
        ends=times.ends,
        audio_name=audio_name(audio) if audio else "",
        lists_key_frames=not _container_names(answer) & _WITHOUT_INDEX,
        unused_codecs=() if audio else _codecs_of(streams, "audio"),
        notes=(*conversion.notes, *notes, *_trailing_notes(path, answer)),
        streams=stated_streams(answer, video, audio),
    )


def _sound_of(
    path: Path, answer: Entries, limits: Limits, without_picture: str
) -> MediaInfo:
    """The sound alone, with the reason why there is no picture."""
    streams = answer.get("streams", [])
    audio_streams = _of_type(streams, "audio")
    if not audio_streams:
        raise MediaError("no_video", without_picture if streams else "no streams")
    program = find_tool("ffmpeg").path
    audio, notes = _choose_audio(path, program, audio_streams, limits)
    times = _times_of(answer, audio, audio)
    return MediaInfo(
        path=path,
        program=program,
        video_stream=None,
        audio_stream=int(audio["index"]),
        width=0,
        height=0,
        start=times.start,
        offset=times.offset,
        planes="",
        matrix="",
        channels=_channels_of(audio),
        audio_ends=times.audio_ends,
        ends=times.ends,
        audio_name=audio_name(audio),
        unused_codecs=_codecs_of(streams, "video"),
        notes=(
            f"{NO_PICTURE}: {without_picture}",
            *notes,
            *_trailing_notes(path, answer),
        ),
        streams=stated_streams(answer, None, audio),
    )


def _codecs_of(streams: Sequence[Entries], kind: str) -> tuple[str, ...]:
    return tuple(str(stream.get("codec_name")) for stream in _of_type(streams, kind))


def _video_streams(streams: Sequence[Entries]) -> list[Entries]:
    """The video streams; those that the file marks as default come first. A cover is none."""
    return [
        stream
        for stream in _of_type(streams, "video")
        if not _has_mark(stream, "attached_pic")
    ]


def _choose_audio(
    path: Path, program: str, streams: Sequence[Entries], limits: Limits
) -> tuple[Entries, list[str]]:
    """The audio stream that is used, and a note on those that were passed over."""
    choice = choose_audio(path, program, streams, limits)
    _check_channels(choice.stream)
    return choice.stream, [choice.note] if choice.note else []


def _channels_of(audio: Entries | None) -> int:
    return 2 if audio and audio.get("channels") == 2 else 1


def _of_type(streams: Sequence[Entries], kind: str) -> list[Entries]:
    wanted = [stream for stream in streams if stream.get("codec_type") == kind]
    return sorted(wanted, key=lambda stream: not _has_mark(stream, "default"))


def _has_mark(stream: Entries, mark: str) -> bool:
    return bool(stream.get("disposition", {}).get(mark))


def _check_pixels(video: Entries, limits: Limits) -> None:
    width, height = int(video.get("width", 0)), int(video.get("height", 0))
    if width * height > limits.pixels:
        raise MediaError(
            "too_large", f"{width} x {height} pixels, the limit is {limits.pixels}"
        )


def _check_channels(audio: Entries) -> None:
    channels = int(audio.get("channels") or 0)
    if channels > _MOST_CHANNELS:
        limit = f"at most {_MOST_CHANNELS} can be mixed into one"
        raise MediaError("unsupported", f"audio of {channels} channels; {limit}")


def _choose_program(codec: str, conversion: Conversion) -> str:
    """The ffmpeg that can decode the video and has the filters for it."""
    program = program_for(codec, conversion.needs)
    if program is not None:
        return program
    problem = f"{codec}, which no ffmpeg here decodes"
    if conversion.needs:
        filters = ", ".join(sorted(conversion.needs))
        problem = (
            f"{codec} in HDR, which no ffmpeg here turns into SDR (it takes {filters})"
        )
    raise MediaError(
        "unsupported", f"{problem}; pip install imageio-ffmpeg, or set AVDF_FFMPEG"
    )


class _Times(NamedTuple):
    """Seconds, as `MediaInfo` explains them."""

    start: float
    offset: float
    video_ends: float
    audio_ends: float
    ends: float


def _times_of(answer: Entries, video: Entries, audio: Entries) -> _Times:
    """When both streams have begun, which is time 0, and when each ends."""
    file_start = number_or(answer.get("format", {}).get("start_time"), 0.0)
    video_start = number_or(video.get("start_time"), file_start)
    audio_start = number_or(audio.get("start_time"), file_start)
    both_begun = max(video_start, audio_start)
    counted_by_stream = bool(_container_names(answer) & _COUNTED_BY_STREAM)
    clock_start = min(video_start, audio_start) if counted_by_stream else file_start
    return _Times(
        start=max(0.0, both_begun - clock_start),
        offset=max(0.0, both_begun - file_start),
        video_ends=_end_of(video, video_start, both_begun),
        audio_ends=_end_of(audio, audio_start, both_begun),
        ends=_end_of(answer.get("format", {}), file_start, both_begun),
    )


def _end_of(stream: Entries, start: float, time_zero: float) -> float:
    duration = number_or(stream.get("duration"), 0.0)
    return max(0.0, start + duration - time_zero) if duration > 0 else 0.0


def _planes_of(video: Entries) -> str:
    halved = str(video.get("pix_fmt")).startswith(_HALVED_CHROMA)
    return "yuv420p" if halved else "yuv444p"


def _matrix_of(video: Entries) -> str:
    space = str(video.get("color_space", ""))
    if space.startswith("bt2020"):
        return "bt2020"
    return "bt709" if space == "bt709" else "bt601"


def _trailing_notes(path: Path, answer: Entries) -> list[str]:
    if "mov" not in _container_names(answer):
        return []
    note = trailing_note(path)
    return [note] if note else []


def _container_names(answer: Entries) -> set[str]:
    """ffmpeg's names of the container; MP4 and QuickTime have all of `mov,mp4,m4a,3gp,3g2,mj2`."""
    names = answer.get("format", {}).get("format_name", "")
    return set(str(names).split(","))
