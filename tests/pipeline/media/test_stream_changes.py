"""Files that change midway, that begin unevenly, or that have several audio streams."""

from pathlib import Path

import numpy as np
import pytest

from avdf.pipeline.media.audio import DecodedAudio
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits
from tests.helpers.lavfi import generated, make

ROW = 640  # samples
VIDEO = "testsrc2=s=96x64:r=25:d=1"


def decoded(path: Path) -> tuple[list[DecodedFrame], DecodedAudio, Decoder]:
    """All frames, and all audio, of a file that is whole."""
    limits = Limits()
    with Decoder(probe(path, limits), limits) as decoder:
        frames = list(decoder.frames())
        audio = decoder.audio()
        assert decoder.damage() == ""
        return frames, audio, decoder


def grey_second(path: Path, grey: int, options: dict[str, str]) -> bytes:
    """One second of one grey and a tone, in MPEG-2."""
    chosen = {"size": "96x64", "fps": "25", "rate": "48000", "channels": "2", **options}
    video = generated(f"color=c=0x{grey:06x}:s={chosen['size']}:r={chosen['fps']}:d=1")
    tone = generated(f"sine=f=440:r={chosen['rate']}:d=1")
    codecs = f"-c:v mpeg2video -c:a mp2 -ac {chosen['channels']}"
    return make(path, video, tone, options=codecs).read_bytes()


CHANGES = {
    "size": {"size": "160x128"},
    "rate of the audio": {"rate": "44100"},
    "channels": {"channels": "1"},
    "frame rate": {"fps": "50"},
    "all of it": {"size": "128x160", "rate": "32000", "channels": "1", "fps": "30"},
}


@pytest.mark.parametrize("container", ["ts", "mpg"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_midway_invents_nothing(
    change: str,
    container: str,
    tmp_path: Path,
) -> None:
    """A dark second, then a bright one that is changed: both keep their rows and their audio."""
    dark = grey_second(tmp_path / f"a.{container}", 0x282828, {})
    bright = grey_second(tmp_path / f"b.{container}", 0xC8C8C8, CHANGES[change])
    path = tmp_path / f"both.{container}"
    path.write_bytes(dark + bright)
    # Decoding runs in several threads: what depends on their order would show now and then.
    for _ in range(6):
        frames, audio, _ = decoded(path)
        assert_consecutive(frames)
        assert_dark_then_bright(frames)
        assert_audible(audio)


def assert_consecutive(frames: list[DecodedFrame]) -> None:
    assert [frame.row for frame in frames] == list(range(len(frames)))
    assert 49 <= len(frames) <= 51


def assert_dark_then_bright(frames: list[DecodedFrame]) -> None:
    is_bright = [frame.planes[0].mean() > 128 for frame in frames]
    assert abs(is_bright.index(True) - 25) <= 1
    assert not any(is_bright[:24])
    assert all(is_bright[26:])


def assert_audible(audio: DecodedAudio) -> None:
    """There is a tone in every row but the first and the last; only the seam may be silent."""
    assert abs(len(audio.pcm) - 32000) < 2 * ROW
    whole = len(audio.pcm) // ROW * ROW
    rows = np.abs(audio.pcm[:whole].astype(int)).reshape(-1, ROW)
    is_loud = rows.max(axis=1) > 500
    assert is_loud[1:-1].sum() >= len(is_loud) - 5


@pytest.mark.parametrize("name", ["early.ts", "early.mkv"])
def test_an_unused_stream_that_begins_earlier_costs_nothing(
    name: str,
    tmp_path: Path,
) -> None:
    """Its start is the file's; the streams in use begin a second later."""
    video = generated("testsrc2=s=96x64:r=25:d=3", delay=1)
    audio = generated("sine=f=440:d=3", delay=1)
    unused = generated("sine=f=300:d=4")
    options = "-map 0:v -map 1:a -map 2:a -c:v mpeg2video -c:a mp2"
    path = make(tmp_path / name, video, audio, unused, options=options)
    frames, decoded_audio, decoder = decoded(path)
    assert (frames[0].row, len(frames)) == (0, 75)
    assert abs(decoded_audio.stop / ROW - 75) < 1
    assert decoder.media.offset == pytest.approx(1.0, abs=0.04)


def test_a_silent_first_audio_stream_is_not_used(tmp_path: Path) -> None:
    inputs = generated(VIDEO), generated("anullsrc=d=1"), generated("sine=d=1")
    path = make(tmp_path / "two.mp4", *inputs, options="-map 0 -map 1 -map 2 -c:a aac")
    _, audio, decoder = decoded(path)
    assert decoder.media.audio_stream == 2
    assert np.abs(audio.pcm).max() > 1000
    assert decoder.media.notes == ("audio is stream 2: stream 1 is silent",)


def test_where_both_channels_cancel_one_is_taken(tmp_path: Path) -> None:
    invert = "-filter_complex '[1:a]pan=stereo|c0=c0|c1=-1*c0[a]' -map 0:v -map '[a]'"
    options = f"{invert} -c:v mpeg4 -c:a pcm_s16le"
    path = make(
        tmp_path / "a.mov",
        generated(VIDEO),
        generated("sine=d=1"),
        options=options,
    )
    _, audio, decoder = decoded(path)
    assert decoder.channels_cancel
    assert np.abs(audio.pcm).max() > 1000
