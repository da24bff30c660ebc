"""What becomes of pixels that are not square, of interlaced pictures, HDR, depth and size: against ffmpeg's filters."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avdf.pipeline.media.conversion import MOST_PIXELS, conversion_of, frame_sizes
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.ffmpeg_builds import program_for
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits
from tests.helpers.media import ffmpeg

TONE = ("-f", "lavfi", "-i", "sine=d=0.4", "-c:a", "aac")


def picture_file(path: Path, source: str, *options: str) -> Path:
    """0.4 s of a generated picture, with a tone."""
    ffmpeg("-f", "lavfi", "-i", source, *TONE, *options, str(path))
    return path


def first_picture(path: Path) -> tuple[DecodedFrame, MediaInfo]:
    limits = Limits()
    with Decoder(probe(path, limits), limits) as decoder:
        pictures = list(decoder.frames())
        decoder.audio()
        assert decoder.damage() == ""
    return pictures[5], decoder.media


def filtered(
    program: str, path: Path, filters: str, pixels: str, shape: tuple[int, ...]
) -> np.ndarray:
    """Picture 5 of ffmpeg's own filters."""
    command = [program, "-v", "error", "-i", str(path), "-vf", f"{filters},format={pixels}"]
    command += ["-an", "-f", "rawvideo", "pipe:1"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return np.asarray(np.frombuffer(data, np.uint8).reshape(-1, *shape)[5])


@pytest.mark.parametrize("turned", [False, True])
def test_pixels_become_square(turned: bool, tmp_path: Path) -> None:
    source = (
        "color=c=black:s=144x144:r=25:d=0.4,drawbox=x=36:y=36:w=72:h=72:c=white:t=fill,setsar=16/9"
    )
    path = picture_file(
        tmp_path / "wide.mp4", source, "-c:v", "libx264", "-qp", "4", "-pix_fmt", "yuv420p"
    )
    if turned:
        ffmpeg(
            "-display_rotation", "90", "-i", str(path), "-c", "copy", str(tmp_path / "turned.mp4")
        )
        path = tmp_path / "turned.mp4"
    picture, media = first_picture(path)
    assert (picture.width, picture.height) == ((144, 256) if turned else (256, 144))
    rows, columns = np.nonzero(picture.planes[0] > 128)
    sides = int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    assert sides == (
        (72, 128) if turned else (128, 72)
    )  # half of each side, as it is meant to be seen
    if not turned:
        own = filtered(
            find_tool("ffmpeg").path, path, "scale=256:144:flags=bicubic", "yuv420p", (216, 256)
        )[:144]
        np.testing.assert_array_equal(picture.planes[0], own)
    assert "pixels made square" in media.notes[0]


def test_interlaced_pictures_become_whole(tmp_path: Path) -> None:
    """A bar that runs: in a woven picture odd and even lines show it in two places."""
    source = "color=c=black:s=128x96:r=50:d=0.8[b];color=c=white:s=16x96:r=50:d=0.8[w];[b][w]overlay=x=4*n"
    path = picture_file(
        tmp_path / "woven.mpg", f"{source},tinterlace=interleave_top,setfield=tff",
        "-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ilme+ildct", "-pix_fmt", "yuv420p", "-c:a", "mp2", "-r", "25",
    )  # fmt: skip

    def combing(luma: np.ndarray) -> float:
        lines = luma.astype(int)
        return float(np.abs(lines[1:-1] - (lines[:-2] + lines[2:]) / 2).mean())

    picture, media = first_picture(path)
    woven = filtered(media.program, path, "null", "yuv420p", (144, 128))[:96]
    own = filtered(media.program, path, "bwdif=mode=send_frame", "yuv420p", (144, 128))[:96]
    assert combing(woven) > 10 and combing(picture.planes[0]) < combing(woven) / 4
    np.testing.assert_array_equal(picture.planes[0], own)
    assert media.notes == ("deinterlaced",)


@pytest.mark.parametrize(("transfer", "name"), [("smpte2084", "PQ"), ("arib-std-b67", "HLG")])
def test_hdr_becomes_sdr(transfer: str, name: str, tmp_path: Path) -> None:
    path = picture_file(
        tmp_path / "hdr.mp4", "testsrc2=s=128x96:r=25:d=0.4,format=yuv420p10le", "-c:v", "libx265", "-x265-params",
        f"log-level=error:pools=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc", "-preset", "ultrafast",
    )  # fmt: skip
    picture, media = first_picture(path)
    assert media.notes == (f"tone-mapped from HDR ({name}) to SDR",) and media.planes == "yuv420p"
    own = filtered(
        media.program, path, "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
        "zscale=t=bt709:m=gbr:r=full", "rgb24", (96, 128, 3),
    )  # fmt: skip
    ours, _ = picture.small(128)
    apart = np.abs(ours.astype(int) - own)
    assert (
        np.median(apart) <= 2 and apart.mean() < 10
    )  # at coloured edges chroma, which is halved on our way, differs
    dark = DecodedFrame(0, picture.planes, picture.colour).thumbnail().astype(float)
    assert np.ptp(dark) > 60  # not washed out


def test_an_ffmpeg_with_the_filters_is_looked_for() -> None:
    assert program_for("hevc", frozenset({"no such filter"})) is None
    assert program_for("hevc", frozenset({"zscale", "tonemap"})) is not None


def test_more_depth_needs_no_more_chroma(tmp_path: Path) -> None:
    """10-bit 4:2:0 stays 4:2:0."""
    path = picture_file(
        tmp_path / "deep.mp4", "testsrc2=s=128x96:r=25:d=0.4,format=yuv420p10le", "-c:v", "libx265", "-x265-params",
        "log-level=error:pools=none", "-preset", "ultrafast",
    )  # fmt: skip
    picture, media = first_picture(path)
    assert media.planes == "yuv420p" and picture.planes[1].shape == (48, 64) and media.notes == ()
    own = filtered(media.program, path, "null", "yuv420p", (144, 128))[:96]
    assert np.abs(picture.planes[0].astype(int) - own).max() <= 1


def test_very_large_pictures_are_decoded_smaller() -> None:
    stream: dict[str, Any] = {"width": 8192, "height": 4320, "sample_aspect_ratio": "1:1"}
    found_sizes = frame_sizes(stream)
    square, decoded = found_sizes.square, found_sizes.decoded
    assert square == (8192, 4320) and decoded[0] * decoded[1] <= MOST_PIXELS * 1.001
    found = conversion_of(stream)
    assert found.shrink == pytest.approx(8192 / decoded[0]) and "decoded at" in found.notes[0]
    assert frame_sizes({**stream, "width": 3840, "height": 2160}).decoded == (3840, 2160)


def test_boxes_are_told_in_the_upright_picture() -> None:
    nothing = conversion_of(
        {"width": 360, "height": 288, "sample_aspect_ratio": "N/A", "field_order": "progressive"}
    )
    assert nothing == type(nothing)()
    for aspect in ("0:1", "1000:1", "x", "1:0"):  # what only damaged headers say
        assert frame_sizes(
            {"width": 360, "height": 288, "sample_aspect_ratio": aspect}
        ).decoded == (360, 288)
