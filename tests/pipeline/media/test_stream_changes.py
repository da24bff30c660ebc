"""Files that change in their midst, that begin unevenly, or hold several sounds: each gives the rows that it holds."""

from pathlib import Path

import numpy as np
import pytest

from avdf.pipeline.media.audio import DecodedAudio
from avdf.pipeline.media.audio_runs import AudioRuns
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.mixer import ChannelMixer
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits
from tests.helpers.media import ffmpeg

SEED = np.random.default_rng(0)


def decoded(path: Path) -> tuple[list[DecodedFrame], DecodedAudio, Decoder]:
    limits = Limits()
    with Decoder(probe(path, limits), limits) as decoder:
        pictures, sound = list(decoder.frames()), decoder.audio()
        assert decoder.damage() == ""
        return pictures, sound, decoder


def segment(
    path: Path, grey: int, size: str = "96x64", rate: int = 48000, channels: int = 2, fps: int = 25
) -> bytes:
    """One second of one grey and a tone."""
    ffmpeg(
        "-f", "lavfi", "-i", f"color=c=0x{grey:02x}{grey:02x}{grey:02x}:s={size}:r={fps}:d=1",
        "-f", "lavfi", "-i", f"sine=f=440:r={rate}:d=1",
        "-c:v", "mpeg2video", "-c:a", "mp2", "-ac", str(channels), str(path),
    )  # fmt: skip
    return path.read_bytes()


CHANGES: dict[str, dict[str, object]] = {
    "size": {"size": "160x128"},
    "rate of the sound": {"rate": 44100},
    "channels": {"channels": 1},
    "frame rate": {"fps": 50},
    "all of it": {"size": "128x160", "rate": 32000, "channels": 1, "fps": 30},
}


@pytest.mark.parametrize("container", ["ts", "mpg"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_in_mid_stream_invents_nothing(
    change: str, container: str, tmp_path: Path
) -> None:
    parts = [
        segment(tmp_path / f"a.{container}", 40),
        segment(tmp_path / f"b.{container}", 200, **CHANGES[change]),  # type: ignore[arg-type]
    ]
    path = tmp_path / f"both.{container}"
    path.write_bytes(b"".join(parts))
    for _ in range(6):
        pictures, sound, _ = decoded(path)
        rows = [picture.row for picture in pictures]
        assert rows == list(range(len(rows))) and 49 <= len(rows) <= 51
        bright = [picture.planes[0].mean() > 128 for picture in pictures]
        assert abs(bright.index(True) - 25) <= 1 and all(bright[26:]) and not any(bright[:24])
        assert abs(len(sound.pcm) - 32000) < 2 * 640
        loud = (
            np.abs(sound.pcm[: len(sound.pcm) // 640 * 640].astype(int))
            .reshape(-1, 640)
            .max(axis=1)
            > 500
        )
        assert loud[1:-1].sum() >= len(loud) - 5  # at most the seam is silent


def test_an_unused_stream_that_begins_earlier_costs_nothing(tmp_path: Path) -> None:
    """Its start is the file's; the streams that are used begin a second later."""
    for name in ("early.ts", "early.mkv"):
        path = tmp_path / name
        ffmpeg(
            "-f", "lavfi", "-i", "sine=f=300:d=4",
            "-itsoffset", "1", "-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=3",
            "-itsoffset", "1", "-f", "lavfi", "-i", "sine=f=440:d=3",
            "-map", "1:v", "-map", "2:a", "-map", "0:a", "-c:v", "mpeg2video", "-c:a", "mp2", str(path),
        )  # fmt: skip
        pictures, sound, decoder = decoded(path)
        assert (pictures[0].row, len(pictures)) == (0, 75) and abs(sound.stop / 640 - 75) < 1, name
        assert decoder.media.offset == pytest.approx(1.0, abs=0.04)


def test_a_silent_first_sound_does_not_win(tmp_path: Path) -> None:
    path = tmp_path / "two.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=1", "-f", "lavfi", "-i", "anullsrc=d=1",
        "-f", "lavfi", "-i", "sine=d=1", "-map", "0", "-map", "1", "-map", "2", "-c:a", "aac", str(path),
    )  # fmt: skip
    _, sound, decoder = decoded(path)
    assert decoder.media.audio_stream == 2 and np.abs(sound.pcm).max() > 1000
    assert decoder.media.notes == ("audio is stream 2: stream 1 is silent",)


def test_where_both_channels_cancel_one_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "inverted.mov"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1",
        "-filter_complex", "[1:a]pan=stereo|c0=c0|c1=-1*c0[a]", "-map", "0:v", "-map", "[a]",
        "-c:v", "mpeg4", "-c:a", "pcm_s16le", str(path),
    )  # fmt: skip
    _, sound, decoder = decoded(path)
    assert decoder.channels_cancel and np.abs(sound.pcm).max() > 1000


def mixed(pairs: np.ndarray, chunk: int = 1001) -> tuple[np.ndarray, bool]:
    mixer, data = ChannelMixer(2), pairs.astype(np.int16).tobytes()
    for at in range(0, len(data), chunk):
        mixer.feed(data[at : at + chunk])
    return mixer.finish(), mixer.channels_cancel


def test_ordinary_channels_are_averaged() -> None:
    left, right = SEED.integers(-9000, 9000, (2, 40_000))
    for pairs in (
        np.stack([left, right], 1),
        np.stack([left, left], 1),
        np.stack([left, 0 * left], 1),
    ):
        found, cancelled = mixed(pairs)
        assert not cancelled and np.abs(found - pairs.mean(axis=1)).max() <= 0.5


def test_the_choice_of_a_channel_holds_for_the_whole_video() -> None:
    left = SEED.integers(-9000, 9000, 600_000)
    silence = np.zeros((200_000, 2), int)
    found, cancelled = mixed(np.concatenate([silence, np.stack([left, -left], 1)]), 1 << 16)
    assert cancelled and len(found) == 800_000
    np.testing.assert_array_equal(np.abs(found[200_000:]), np.abs(left))


def test_runs_of_sound_are_put_where_they_belong() -> None:
    line, pcm = AudioRuns(), np.arange(1, 31, dtype=np.int16)
    for start, samples in (
        (100, 5),
        (105, 5),
        (120, 10),
        (125, 10),
    ):  # in order, after a gap, overlapping by five
        line.add(start, samples)
    found = line.place(pcm, 10_000)
    wanted = [*range(1, 11), *[0] * 10, *range(11, 21), *range(26, 31)]
    assert found.first == 100 and found.stop == 135
    np.testing.assert_array_equal(found.pcm, wanted)
    assert line.place(pcm, 112).stop == 112  # a leap in time costs no memory
