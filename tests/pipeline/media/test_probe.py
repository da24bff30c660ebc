"""What is made of ffprobe's answer: streams, times, notes, and reasons to refuse a file."""

from pathlib import Path
from typing import Any

import pytest

from avdf.cache.core.errors import MediaError
from avdf.cache.core.missing import (
    NO_AUDIO,
    NO_PICTURE,
    NO_STREAM,
    NO_VIDEO_STREAM,
)
from avdf.pipeline.media.audio_choice import AudioChoice
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.probe import probe, probe_picture
from avdf.pipeline.settings import Limits

VIDEO: dict[str, Any] = {"index": 0, "codec_type": "video", "codec_name": "h264"}
VIDEO |= {
    "width": 640,
    "height": 480,
    "pix_fmt": "yuv420p",
    "start_time": "0.0",
    "duration": "10",
}
AUDIO: dict[str, Any] = {
    "index": 1,
    "codec_type": "audio",
    "codec_name": "aac",
    "channels": 2,
}
AUDIO |= {"start_time": "0.0", "duration": "9.5"}
DEFAULT = {"disposition": {"default": 1}}
COVER = {"disposition": {"attached_pic": 1}}


class Ffprobe:
    """Stands in for ffprobe: `answer` it with streams, then `probe`."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        path.write_bytes(b"some bytes")
        self.streams: list[dict[str, Any]] = [VIDEO, AUDIO]
        self.format = {
            "format_name": "matroska,webm",
            "start_time": "0.0",
            "duration": "10",
        }
        monkeypatch.setattr("avdf.pipeline.media.probe.ask_ffprobe", self.answer)
        monkeypatch.setattr("avdf.pipeline.media.probe.choose_audio", self.first_audio)

    def answer(self, *_: object) -> dict[str, Any]:
        return {"streams": self.streams, "format": self.format}

    def first_audio(
        self,
        _path: object,
        _program: object,
        streams: Any,
        _limits: object,
    ) -> Any:
        return AudioChoice(streams[0])

    def probe(self, limits: Limits | None = None) -> MediaInfo:
        return probe(self.path, limits or Limits())

    def status(self, limits: Limits | None = None) -> str:
        with pytest.raises(MediaError) as caught:
            self.probe(limits)
        return caught.value.status


@pytest.fixture
def ffprobe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ffprobe:
    return Ffprobe(tmp_path / "a.mkv", monkeypatch)


def test_an_ordinary_file_has_no_notes(ffprobe: Ffprobe) -> None:
    media = ffprobe.probe()
    assert (media.video_stream, media.audio_stream) == (0, 1)
    assert (media.width, media.height, media.planes) == (640, 480, "yuv420p")
    assert media.notes == ()


def test_default_streams_come_first(ffprobe: Ffprobe) -> None:
    ffprobe.streams = [
        VIDEO,
        AUDIO,
        {**VIDEO, "index": 2, **DEFAULT},
        {**AUDIO, "index": 3, **DEFAULT},
    ]
    media = ffprobe.probe()
    assert (media.video_stream, media.audio_stream) == (2, 3)


def test_a_cover_image_is_no_video(ffprobe: Ffprobe) -> None:
    ffprobe.streams = [{**VIDEO, **COVER}]
    assert ffprobe.status() == "no_video"


def test_of_a_file_without_video_the_sound_is_used_alone(ffprobe: Ffprobe) -> None:
    ffprobe.streams = [{**VIDEO, **COVER}, AUDIO]
    found = ffprobe.probe()
    assert (found.video_stream, found.audio_stream) == (None, 1)
    assert found.notes == (f"{NO_PICTURE}: {NO_VIDEO_STREAM}",)


def test_the_picture_alone_says_why(ffprobe: Ffprobe) -> None:
    ffprobe.streams = [VIDEO, {**AUDIO, "start_time": "2.0"}]
    assert ffprobe.probe().offset == 2.0
    alone = probe_picture(ffprobe.path, Limits(), "audio stream 1 (aac) is empty")
    # Time 0 is where the picture begins: nothing waits for audio that is not there.
    assert (alone.audio_stream, alone.offset) == (None, 0.0)
    assert alone.notes == (f"{NO_AUDIO}: audio stream 1 (aac) is empty",)


def test_a_file_without_streams_has_no_video(ffprobe: Ffprobe) -> None:
    ffprobe.streams = []
    assert ffprobe.status() == "no_video"


def test_a_file_without_audio_is_silent(ffprobe: Ffprobe) -> None:
    ffprobe.streams = [VIDEO]
    found = ffprobe.probe()
    assert found.audio_stream is None
    assert found.notes == (NO_STREAM,)


def test_too_many_streams_are_refused(ffprobe: Ffprobe) -> None:
    assert ffprobe.status(Limits(streams=1)) == "unsupported"


def test_too_many_pixels_are_refused(ffprobe: Ffprobe) -> None:
    assert ffprobe.status(Limits(pixels=640 * 480 - 1)) == "too_large"


def test_a_file_that_says_it_is_too_long_is_refused(ffprobe: Ffprobe) -> None:
    assert ffprobe.status(Limits(seconds=9)) == "too_long"


def test_the_length_of_a_matroska_file_counts_from_its_first_time_stamp(
    ffprobe: Ffprobe,
) -> None:
    ffprobe.format |= {"start_time": "36000.0", "duration": "36010.0"}
    ffprobe.streams = [{**stream, "start_time": "36000.0"} for stream in (VIDEO, AUDIO)]
    found = ffprobe.probe(Limits(seconds=11))
    assert (found.offset, found.ends) == (0.0, 10.0)
    # Other containers state a length.
    ffprobe.format["format_name"] = "mov,mp4,m4a,3gp,3g2,mj2"
    assert ffprobe.status(Limits(seconds=11)) == "too_long"


def test_more_channels_than_ffmpeg_can_mix_are_refused(ffprobe: Ffprobe) -> None:
    ffprobe.streams = [VIDEO, {**AUDIO, "channels": 25}]
    assert ffprobe.status() == "unsupported"


def test_a_codec_without_a_decoder_is_refused(
    ffprobe: Ffprobe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("avdf.pipeline.media.probe.program_for", lambda *_: None)
    with pytest.raises(MediaError, match="h264, which no ffmpeg here decodes"):
        ffprobe.probe()


def test_hdr_without_the_filters_is_refused(
    ffprobe: Ffprobe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("avdf.pipeline.media.probe.program_for", lambda *_: None)
    ffprobe.streams = [{**VIDEO, "color_transfer": "smpte2084"}, AUDIO]
    with pytest.raises(MediaError, match="in HDR"):
        ffprobe.probe()


def test_time_0_is_where_both_streams_have_begun(ffprobe: Ffprobe) -> None:
    ffprobe.streams = [{**VIDEO, "start_time": "1.5"}, {**AUDIO, "start_time": "1.0"}]
    ffprobe.format = {"format_name": "matroska", "start_time": "0.5"}
    media = ffprobe.probe()
    assert (media.start, media.offset) == (1.0, 1.0)
    assert (media.video_ends, media.audio_ends) == (10.0, 9.0)


def test_in_a_transport_stream_ffmpeg_counts_from_the_streams_in_use(
    ffprobe: Ffprobe,
) -> None:
    ffprobe.streams = [{**VIDEO, "start_time": "1.5"}, {**AUDIO, "start_time": "1.0"}]
    ffprobe.format = {"format_name": "mpegts", "start_time": "0.5"}
    media = ffprobe.probe()
    assert (media.start, media.offset) == (0.5, 1.0)


def test_times_that_the_file_does_not_give_are_0(ffprobe: Ffprobe) -> None:
    untimed = {"start_time": None, "duration": "N/A"}
    ffprobe.streams = [{**VIDEO, **untimed}, {**AUDIO, **untimed}]
    ffprobe.format = {"format_name": "h264"}
    media = ffprobe.probe()
    assert (media.start, media.offset, media.video_ends, media.audio_ends) == (
        0,
        0,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("pixels", "planes"),
    [
        ("yuv420p10le", "yuv420p"),
        ("nv12", "yuv420p"),
        ("yuv422p", "yuv444p"),
        ("rgb24", "yuv444p"),
    ],
)
def test_chroma_keeps_its_resolution(
    pixels: str,
    planes: str,
    ffprobe: Ffprobe,
) -> None:
    ffprobe.streams = [{**VIDEO, "pix_fmt": pixels}, AUDIO]
    assert ffprobe.probe().planes == planes


@pytest.mark.parametrize(
    ("space", "matrix"),
    [
        ("bt709", "bt709"),
        ("bt2020nc", "bt2020"),
        ("smpte170m", "bt601"),
        (None, "bt601"),
    ],
)
def test_the_matrix_is_the_files(
    space: str | None,
    matrix: str,
    ffprobe: Ffprobe,
) -> None:
    ffprobe.streams = [{**VIDEO, "color_space": space}, AUDIO]
    assert ffprobe.probe().matrix == matrix


@pytest.mark.parametrize(
    ("channels", "decoded"),
    [
        (1, 1),
        (2, 2),
        (6, 1),
        (None, 1),
    ],
)
def test_two_channels_are_decoded_as_two(
    channels: int | None,
    decoded: int,
    ffprobe: Ffprobe,
) -> None:
    ffprobe.streams = [VIDEO, {**AUDIO, "channels": channels}]
    assert ffprobe.probe().channels == decoded
