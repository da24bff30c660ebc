"""Decoding: picture and sound on one time line, against what was put in and against PyAV."""

import subprocess
import time
from pathlib import Path

import av
import numpy as np
import pytest

from avdf.cache.core.errors import MediaError
from avdf.pipeline.media.colour import Colour, rgb_matrix
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits
from tests.helpers.media import CONTAINERS, FlashAndBeep

LIMITS = Limits()


def decode(path: Path, limits: Limits = LIMITS) -> tuple[list[DecodedFrame], np.ndarray]:
    with Decoder(probe(path, limits), limits) as decoder:
        pictures, sound = list(decoder.frames()), decoder.audio()
    return pictures, np.concatenate([np.zeros(sound.first, np.int16), sound.pcm])


@pytest.mark.parametrize("clip", CONTAINERS, ids=lambda clip: clip.name)
def test_flash_and_beep_fall_on_the_same_row(clip: FlashAndBeep, tmp_path: Path) -> None:
    pictures, sound = decode(clip.write(tmp_path))
    bright = [picture.row for picture in pictures if picture.planes[0].mean() > 128]
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > 8000)
    flash, beep = bright[0], loud[0] / 640
    assert abs(flash - beep) <= 1.0 + 1e-9, f"flash at row {flash}, beep at row {beep:.2f}"
    expected = (clip.at - max(clip.video_delay, clip.audio_delay)) * 25
    assert abs(beep - expected) <= 1.0 and abs(flash - expected) <= max(
        1.0, 25 / float(clip.fps.split("/")[0])
    )
    assert abs(len(pictures) - len(sound) / 640) <= 2.5


def test_rows_are_consecutive_and_regular(tmp_path: Path) -> None:
    pictures, sound = decode(FlashAndBeep("a.mp4").write(tmp_path))
    assert [picture.row for picture in pictures] == list(range(60))
    assert abs(len(sound) / 640 - 60) < 1.6  # AAC ends in whole frames


def test_pixels_are_pyavs(media: Path) -> None:
    for name in ("grid_s01_bbaf2n.mpg", "grid_s02_h264.mp4"):
        path = media / "clips" / name
        pictures, _ = decode(path)
        with av.open(str(path)) as container:
            wanted = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert len(pictures) == len(wanted)
        for picture, frame in list(zip(pictures, wanted, strict=True))[::10]:
            ours, _ = picture.small(10_000)
            assert (
                np.abs(ours.astype(int) - frame).mean() < 1.5
            )  # chroma is interpolated differently


def test_luma_is_pyavs_to_the_bit(media: Path) -> None:
    path = media / "clips" / "grid_s01_bbaf2n.mpg"
    pictures, sound = decode(path)
    with av.open(str(path)) as container:
        wanted = [frame.to_ndarray() for frame in container.decode(video=0)]
    for picture, frame in zip(pictures, wanted, strict=True):
        np.testing.assert_array_equal(picture.planes[0], frame[:288])
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=16000)
        parts = [
            part.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        ]
        parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    heard = np.concatenate(parts).astype(np.int32)
    least = min(len(heard), len(sound))
    assert abs(len(heard) - len(sound)) < 64 and np.abs(heard[:least] - sound[:least]).max() <= 2


def test_a_phone_held_sideways_is_upright(media: Path) -> None:
    pictures, _ = decode(media / "odd" / "rotated_phone_1080p.mp4")
    assert (pictures[0].width, pictures[0].height) == (1080, 1920)


@pytest.mark.parametrize("matrix", ["bt601", "bt709", "bt2020"])
@pytest.mark.parametrize("full", [False, True])
def test_colours_go_there_and_back(matrix: str, full: bool) -> None:
    """Against the definition: Y from R, G, B by the standard's weights, chroma as scaled differences."""
    kr, kb = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}[
        matrix
    ]
    rgb = np.random.default_rng(0).uniform(0, 255, (20, 3))
    luma = rgb @ [kr, 1 - kr - kb, kb]
    blue, red = (rgb[:, 2] - luma) / (2 * (1 - kb)), (rgb[:, 0] - luma) / (2 * (1 - kr))
    y, cb, cr = (luma, blue + 128, red + 128) if full else (
        16 + luma * 219 / 255, 128 + blue * 224 / 255, 128 + red * 224 / 255,
    )  # fmt: skip
    found = np.stack([y, cb, cr, np.ones(20)], axis=1) @ rgb_matrix(Colour(matrix, full)).T
    np.testing.assert_allclose(found, rgb, atol=1e-3)


def test_a_crop_is_placed_exactly() -> None:
    """A ramp stays a ramp: every output pixel is the source's value at its own place."""
    across = np.tile(np.linspace(16, 235, 220), (180, 1))
    planes = (
        across.round().astype(np.uint8),
        *(np.full((90, 110), 128, np.uint8) for _ in range(2)),
    )
    picture = DecodedFrame(0, planes, Colour())  # type: ignore[arg-type]
    for x, side in ((40.3, 112.0), (20.75, 150.0), (60.0, 56.0)):
        crop = picture.crop(np.float32([x, 10, x + side, 10 + side]), 56)  # type: ignore[arg-type]
        centres = x + (np.arange(56) + 0.5) * side / 56 - 0.5
        wanted = (16 + centres * 219 / 219 - 16) * 255 / 219
        np.testing.assert_allclose(crop[28, 4:-4, 0], wanted[4:-4], atol=2.5)


def test_beyond_the_picture_is_black() -> None:
    planes = (
        np.full((60, 60), 200, np.uint8),
        *(np.full((30, 30), 128, np.uint8) for _ in range(2)),
    )
    crop = DecodedFrame(0, planes, Colour()).crop(np.float32([-30, -30, 30, 30]), 60)  # type: ignore[arg-type]
    assert crop[:28, :28].max() == 0 and crop[32:, 32:].min() > 200
    outside = DecodedFrame(0, planes, Colour()).crop(np.float32([500, 500, 600, 600]), 60)  # type: ignore[arg-type]
    assert outside.max() == 0


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_scripts_and_playlists_are_refused_whatever_their_names(tmp_path: Path) -> None:
    clip = FlashAndBeep("clip.mp4").write(tmp_path)
    hostile = {
        "concat.mp4": f"ffconcat version 1.0\nfile {clip}\n",
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{clip}\n#EXT-X-ENDLIST\n",
        "list.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{clip}\n#EXT-X-ENDLIST\n",
        "dash.mkv": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    }
    for name, text in hostile.items():
        with pytest.raises(MediaError) as caught:
            decode(_write(tmp_path / name, text))
        assert caught.value.status in ("unsupported", "corrupt"), name


def test_names_are_only_names(tmp_path: Path) -> None:
    clip = FlashAndBeep("clip.mp4").write(tmp_path)
    for name in ("-i.mp4", "a:b%03d.mp4", "concat:x|y.mp4", "ünï 'q\".mp4"):
        pictures, _ = decode(clip.rename(tmp_path / name))
        clip = tmp_path / name
        assert len(pictures) == 60


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        (Limits(seconds=1.0), "too_long"),
        (Limits(pixels=64 * 64), "too_large"),
        (Limits(decode_timeout=0.01), "timeout"),
        (Limits(streams=1), "unsupported"),
    ],
)
def test_limits_end_a_video_not_the_job(limits: Limits, status: str, tmp_path: Path) -> None:
    path = FlashAndBeep("clip.mp4", seconds=8.0).write(tmp_path)
    with pytest.raises(MediaError) as caught, Decoder(probe(path, limits), limits) as decoder:
        for _ in decoder.frames():
            time.sleep(0.03)  # a slow consumer, so that the clock runs out
        decoder.audio()
    assert caught.value.status == status


def test_missing_sound_in_the_middle_is_silence(tmp_path: Path) -> None:
    """A gap in the sound's timestamps must not pull what follows forward."""
    path = FlashAndBeep("gap.mkv", at=1.6, codecs=("-c:v", "mpeg4", "-c:a", "pcm_s16le")).write(
        tmp_path
    )
    cut = tmp_path / "cut.mkv"
    command = [
        find_tool("ffmpeg").path, "-v", "error", "-i", str(path), "-c", "copy",
        "-bsf:a", "noise=drop='between(pts*tb,0.4,0.9)'", str(cut),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    pictures, sound = decode(cut)
    flash = next(picture.row for picture in pictures if picture.planes[0].mean() > 128)
    beep = np.flatnonzero(np.abs(sound.astype(np.int32)) > 8000)[0] / 640
    assert abs(flash - beep) <= 1 and abs(flash - 40) <= 1
