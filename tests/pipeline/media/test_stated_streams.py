"""Codecs and rates of streams, as real files and hostile ones state them."""

from pathlib import Path
from typing import Any

import av
import pytest

from avdf.cache.core.stream_facts import StreamFacts
from avdf.pipeline.media.probe import probe, probe_picture, probe_sound
from avdf.pipeline.media.stated_streams import stated_streams
from avdf.pipeline.settings import Limits
from tests.helpers.media import ffmpeg

VIDEO = {"codec_name": "h264", "avg_frame_rate": "30000/1001", "bit_rate": "912345"}
AUDIO = {"codec_name": "pcm_s16le", "bit_rate": "256000"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 30 frames per second, with sound."""
    path = tmp_path_factory.mktemp("streams") / "clip.mp4"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=30:d=2")
    sound = ("-f", "lavfi", "-i", "sine=r=16000:d=2")
    ffmpeg(*picture, *sound, "-c:v", "mpeg4", "-c:a", "aac", "-b:a", "48k", str(path))
    return path


def test_codecs_and_rates_are_those_that_another_reader_finds(clip: Path) -> None:
    found = probe(clip, Limits()).streams
    with av.open(str(clip)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert found.video_codec == video.codec_context.name == "mpeg4"
        assert found.audio_codec == audio.codec_context.name == "aac"
        assert video.average_rate is not None
        assert found.frame_rate == float(video.average_rate) == 30.0
        assert found.video_bit_rate == video.bit_rate
        assert found.audio_bit_rate == audio.bit_rate


def test_nothing_is_stated_of_a_stream_that_is_not_used(clip: Path) -> None:
    picture = probe_picture(clip, Limits(), "a reason").streams
    sound = probe_sound(clip, Limits(), "a reason").streams
    assert (picture.video_codec, picture.audio_codec) == ("mpeg4", "")
    assert (sound.video_codec, sound.audio_codec) == ("", "aac")
    assert (picture.audio_bit_rate, sound.frame_rate) == (0.0, 0.0)


def test_all_kinds_of_uncompressed_sound_have_one_name() -> None:
    found = stated_streams({"streams": [VIDEO, AUDIO]}, VIDEO, AUDIO)
    assert found == StreamFacts("h264", "pcm", 30000 / 1001, 912345.0, 256000.0)


def test_the_bit_rate_of_the_file_is_that_of_its_only_stream() -> None:
    stream = {"codec_name": "flac"}
    answer: dict[str, Any] = {"streams": [stream], "format": {"bit_rate": "70000"}}
    assert stated_streams(answer, None, stream).audio_bit_rate == 70_000
    answer["streams"] = [VIDEO, stream]
    assert stated_streams(answer, VIDEO, stream).audio_bit_rate == 0


@pytest.mark.parametrize(
    "stated", ["N/A", "", None, "0/0", "1/0", "-5", "nan", "inf", "1e300", "9" * 5000]
)
def test_what_is_no_rate_is_not_stated(stated: str | None) -> None:
    stream = {"codec_name": "vp9", "avg_frame_rate": stated, "bit_rate": stated}
    assert stated_streams({"streams": [stream]}, stream, None) == StreamFacts("vp9")


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_is_finite_and_not_negative(rate: float) -> None:
    with pytest.raises(ValueError, match="frame_rate"):
        StreamFacts(frame_rate=rate)
