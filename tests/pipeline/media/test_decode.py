"""Decoding: video and audio on one time line, against what was put in and against PyAV."""

import subprocess
import time
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache.core.errors import MediaError
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits
from tests.helpers.media import CONTAINERS, FlashAndBeep

LIMITS = Limits()
ROW = 640  # samples
GRID = "grid_s01_bbaf2n.mpg"

Samples = npt.NDArray[np.int16]


def decode(path: Path) -> tuple[list[DecodedFrame], Samples]:
    """All frames, and all samples from time 0 on."""
    with Decoder(probe(path, LIMITS), LIMITS) as decoder:
        frames = list(decoder.frames())
        audio = decoder.audio()
    return frames, np.concatenate([np.zeros(audio.first, np.int16), audio.pcm])


def flash_and_beep(frames: list[DecodedFrame], samples: Samples) -> tuple[int, float]:
    """The first bright row, and the first loud one."""
    bright = [frame.row for frame in frames if frame.planes[0].mean() > 128]
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 8000)
    return bright[0], loud[0] / ROW


@pytest.mark.parametrize("clip", CONTAINERS, ids=lambda clip: clip.name)
def test_flash_and_beep_fall_on_the_same_row(
    clip: FlashAndBeep,
    tmp_path: Path,
) -> None:
    frames, samples = decode(clip.write(tmp_path))
    flash, beep = flash_and_beep(frames, samples)
    assert abs(flash - beep) <= 1.0 + 1e-9

    # Both fall on the row where they were put: a slow video shows its flash a frame later.
    expected = (clip.at - max(clip.video_delay, clip.audio_delay)) * 25
    rows_of_a_frame = 25 / float(clip.fps.split("/")[0])
    assert abs(beep - expected) <= 1.0
    assert abs(flash - expected) <= max(1.0, rows_of_a_frame)
    assert abs(len(frames) - len(samples) / ROW) <= 2.5


def test_rows_are_consecutive(tmp_path: Path) -> None:
    frames, samples = decode(FlashAndBeep("a.mp4").write(tmp_path))
    assert [frame.row for frame in frames] == list(range(60))
    assert abs(len(samples) / ROW - 60) < 1.6  # AAC ends in whole frames of its own


@pytest.mark.parametrize("name", [GRID, "grid_s02_h264.mp4"])
def test_pixels_are_those_of_pyav(name: str, media: Path) -> None:
    path = media / "clips" / name
    frames, _ = decode(path)
    with av.open(str(path)) as container:
        wanted = [
            frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)
        ]
    assert len(frames) == len(wanted)
    for frame, pixels in list(zip(frames, wanted, strict=True))[::10]:
        ours, _ = frame.small(10_000)
        # PyAV interpolates chroma in another way.
        assert np.abs(ours.astype(int) - pixels).mean() < 1.5


def test_luma_is_that_of_pyav_to_the_bit(media: Path) -> None:
    path = media / "clips" / GRID
    frames, _ = decode(path)
    with av.open(str(path)) as container:
        wanted = [frame.to_ndarray() for frame in container.decode(video=0)]
    for frame, planes in zip(frames, wanted, strict=True):
        np.testing.assert_array_equal(frame.planes[0], planes[:288])


def test_samples_are_those_of_pyav(media: Path) -> None:
    path = media / "clips" / GRID
    _, samples = decode(path)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16000)
    parts = []
    with av.open(str(path)) as container:
        for frame in [*container.decode(audio=0), None]:
            parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    wanted = np.concatenate(parts).astype(np.int32)
    shared = min(len(wanted), len(samples))
    assert abs(len(wanted) - len(samples)) < 64
    assert np.abs(wanted[:shared] - samples[:shared]).max() <= 2


def test_a_phone_held_sideways_is_upright(media: Path) -> None:
    frames, _ = decode(media / "odd" / "rotated_phone_1080p.mp4")
    assert (frames[0].width, frames[0].height) == (1080, 1920)


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{clip}\n#EXT-X-ENDLIST\n"
HOSTILE = {
    "concat.mp4": "ffconcat version 1.0\nfile {clip}\n",
    "list.m3u8": PLAYLIST,
    "list.mp4": PLAYLIST,
    "dash.mkv": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_scripts_and_playlists_are_refused_whatever_their_names(
    name: str,
    tmp_path: Path,
) -> None:
    clip = FlashAndBeep("clip.mp4").write(tmp_path)
    path = tmp_path / name
    path.write_text(HOSTILE[name].format(clip=clip), encoding="utf-8")
    with pytest.raises(MediaError) as caught:
        decode(path)
    assert caught.value.status in ("unsupported", "corrupt")


@pytest.mark.parametrize(
    "name", ["-i.mp4", "a:b%03d.mp4", "concat:x|y.mp4", "ünï 'q\".mp4"]
)
def test_a_name_is_only_a_name(name: str, tmp_path: Path) -> None:
    path = FlashAndBeep("clip.mp4").write(tmp_path).rename(tmp_path / name)
    frames, _ = decode(path)
    assert len(frames) == 60


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        (Limits(seconds=1.0), "too_long"),
        (Limits(pixels=64 * 64), "too_large"),
        (Limits(decode_timeout=0.01), "timeout"),
        (Limits(streams=1), "unsupported"),
    ],
)
def test_a_limit_ends_a_video_with_its_status(
    limits: Limits,
    status: str,
    tmp_path: Path,
) -> None:
    path = FlashAndBeep("clip.mp4", seconds=8.0).write(tmp_path)
    with (
        pytest.raises(MediaError) as caught,
        Decoder(probe(path, limits), limits) as decoder,
    ):
        for _ in decoder.frames():
            time.sleep(0.03)  # a slow reader, so that a limit of time is reached
        decoder.audio()
    assert caught.value.status == status


def test_audio_that_is_missing_in_the_middle_is_silence(tmp_path: Path) -> None:
    """A gap in the audio's timestamps must not pull what follows forward."""
    lossless = ("-c:v", "mpeg4", "-c:a", "pcm_s16le")
    path = FlashAndBeep("gap.mkv", at=1.6, codecs=lossless).write(tmp_path)
    cut = tmp_path / "cut.mkv"
    command = [find_tool("ffmpeg").path, "-v", "error", "-i", str(path), "-c", "copy"]
    command += ["-bsf:a", "noise=drop='between(pts*tb,0.4,0.9)'", str(cut)]
    subprocess.run(command, check=True)
    flash, beep = flash_and_beep(*decode(cut))
    assert abs(flash - beep) <= 1
    assert abs(flash - 40) <= 1
