"""Pixels that are not square, interlacing, HDR, depth and size, against ffmpeg's own filters."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from avdf.pipeline.media.conversion import (
    MOST_PIXELS,
    Conversion,
    conversion_of,
    frame_sizes,
)
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits
from tests.helpers.lavfi import file_input, generated, make

DEEP = "testsrc2=s=128x96:r=25:d=0.4,format=yuv420p10le"
X265 = "-c:v libx265 -preset ultrafast -x265-params log-level=error:pools=none"
PLANES_128 = (144, 128)  # Y, Cb and Cr of 128 x 96 pixels, one below the other

Pixels = npt.NDArray[np.uint8]


def video_file(path: Path, source: str, options: str) -> Path:
    """0.4 s of a generated video, with a tone."""
    return make(
        path,
        generated(source),
        generated("sine=d=0.4"),
        options=f"-c:a aac {options}",
    )


def sixth_frame(path: Path) -> tuple[DecodedFrame, MediaInfo]:
    limits = Limits()
    with Decoder(probe(path, limits), limits) as decoder:
        frames = list(decoder.frames())
        decoder.audio()
        assert decoder.damage() == ""
    return frames[5], decoder.media


def filtered(program: str, path: Path, filters: str, shape: tuple[int, ...]) -> Pixels:
    """The sixth frame of ffmpeg's own filters."""
    command = [program, "-v", "error", "-i", str(path), "-vf", filters]
    command += ["-an", "-f", "rawvideo", "pipe:1"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return np.asarray(np.frombuffer(data, np.uint8).reshape(-1, *shape)[5])


def size_of_white(frame: DecodedFrame) -> tuple[int, int]:
    rows, columns = np.nonzero(frame.planes[0] > 128)
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A white square on black; its pixels are meant to be wider than high."""
    black = "color=c=black:s=144x144:r=25:d=0.4"
    source = f"{black},drawbox=x=36:y=36:w=72:h=72:c=white:t=fill,setsar=16/9"
    path = tmp_path_factory.mktemp("wide") / "wide.mp4"
    return video_file(path, source, "-c:v libx264 -qp 4 -pix_fmt yuv420p")


def test_pixels_become_square(wide: Path) -> None:
    frame, media = sixth_frame(wide)
    assert (frame.width, frame.height) == (256, 144)
    assert size_of_white(frame) == (128, 72)
    assert media.notes == ("pixels made square: 144 x 144 to 256 x 144",)


def test_pixels_are_those_of_ffmpegs_scaling(wide: Path) -> None:
    frame, media = sixth_frame(wide)
    filters = "scale=256:144:flags=bicubic,format=yuv420p"
    own = filtered(find_tool("ffmpeg").path, wide, filters, (216, 256))
    np.testing.assert_array_equal(frame.planes[0], own[:144])
    assert media.planes == "yuv420p"


def test_turned_pixels_become_square(wide: Path, tmp_path: Path) -> None:
    turned = ["-display_rotation", "90", *file_input(wide)]
    frame, _ = sixth_frame(make(tmp_path / "turned.mp4", turned, options="-c copy"))
    assert (frame.width, frame.height) == (144, 256)
    assert size_of_white(frame) == (72, 128)


def combing(luma: Pixels) -> float:
    """How much each line differs from the mean of the lines beside it."""
    lines = luma.astype(int)
    beside = (lines[:-2] + lines[2:]) / 2
    return float(np.abs(lines[1:-1] - beside).mean())


def test_interlaced_frames_become_whole(tmp_path: Path) -> None:
    """A bar that runs: in an interlaced frame, odd and even lines show it in two locations."""
    still = "color=c=black:s=128x96:r=50:d=0.8[b];color=c=white:s=16x96:r=50:d=0.8[w]"
    source = f"{still};[b][w]overlay=x=4*n,tinterlace=interleave_top,setfield=tff"
    codecs = "-c:v mpeg2video -q:v 2 -flags +ilme+ildct -pix_fmt yuv420p -c:a mp2 -r 25"
    path = video_file(tmp_path / "woven.mpg", source, codecs)
    frame, media = sixth_frame(path)
    woven = filtered(media.program, path, "format=yuv420p", PLANES_128)[:96]
    filters = "bwdif=mode=send_frame,format=yuv420p"
    own = filtered(media.program, path, filters, PLANES_128)[:96]
    assert combing(woven) > 10
    assert combing(frame.planes[0]) < combing(woven) / 4
    np.testing.assert_array_equal(frame.planes[0], own)
    assert media.notes == ("deinterlaced",)


@pytest.mark.parametrize(
    ("transfer", "name"),
    [
        ("smpte2084", "PQ"),
        ("arib-std-b67", "HLG"),
    ],
)
def test_hdr_becomes_sdr(transfer: str, name: str, tmp_path: Path) -> None:
    colours = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    frame, media = sixth_frame(
        video_file(tmp_path / "hdr.mp4", DEEP, f"{X265}:{colours}")
    )
    assert media.notes == (f"tone-mapped from HDR ({name}) to SDR",)
    assert media.planes == "yuv420p"

    # The same way without halved chroma. At coloured edges, halved chroma differs.
    linear = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709"
    filters = f"{linear},tonemap=hable:desat=0,zscale=t=bt709:m=gbr:r=full,format=rgb24"
    own = filtered(media.program, tmp_path / "hdr.mp4", filters, (96, 128, 3))
    ours, _ = frame.small(128)
    apart = np.abs(ours.astype(int) - own)
    assert np.median(apart) <= 2
    assert apart.mean() < 10


def test_sdr_of_hdr_is_not_washed_out(tmp_path: Path) -> None:
    colours = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    frame, _ = sixth_frame(video_file(tmp_path / "hdr.mp4", DEEP, f"{X265}:{colours}"))
    assert np.ptp(frame.thumbnail().astype(float)) > 60


def test_greater_depth_needs_no_more_chroma(tmp_path: Path) -> None:
    """10-bit 4:2:0 stays 4:2:0."""
    path = video_file(tmp_path / "deep.mp4", DEEP, X265)
    frame, media = sixth_frame(path)
    assert (media.planes, media.notes) == ("yuv420p", ())
    assert frame.planes[1].shape == (48, 64)
    own = filtered(media.program, path, "format=yuv420p", PLANES_128)[:96]
    assert np.abs(frame.planes[0].astype(int) - own).max() <= 1


STREAM_8K: dict[str, Any] = {
    "width": 8192,
    "height": 4320,
    "sample_aspect_ratio": "1:1",
}


def test_very_large_frames_are_decoded_smaller() -> None:
    sizes = frame_sizes(STREAM_8K)
    width, height = sizes.decoded
    assert sizes.square == (8192, 4320)
    assert width * height <= MOST_PIXELS * 1.001
    conversion = conversion_of(STREAM_8K)
    assert conversion.shrink == pytest.approx(8192 / width)
    assert conversion.notes == (
        f"decoded at {width} x {height} instead of 8192 x 4320",
    )


def test_frames_in_4k_are_decoded_as_they_are() -> None:
    assert frame_sizes({**STREAM_8K, "width": 3840, "height": 2160}).decoded == (
        3840,
        2160,
    )


def test_an_ordinary_stream_needs_no_conversion() -> None:
    stream = {"width": 360, "height": 288, "sample_aspect_ratio": "N/A"}
    assert conversion_of({**stream, "field_order": "progressive"}) == Conversion()


@pytest.mark.parametrize("aspect", ["0:1", "1000:1", "x", "1:0"])
def test_an_aspect_that_cannot_be_true_is_ignored(aspect: str) -> None:
    stream = {"width": 360, "height": 288, "sample_aspect_ratio": aspect}
    assert frame_sizes(stream).decoded == (360, 288)


@pytest.mark.parametrize(
    ("rotation", "size"),
    [
        (90, (288, 360)),
        (-270, (288, 360)),
        (180, (360, 288)),
        ("x", (360, 288)),
    ],
)
def test_a_quarter_turn_swaps_width_and_height(
    rotation: object,
    size: tuple[int, int],
) -> None:
    turned = {
        "width": 360,
        "height": 288,
        "side_data_list": [{}, {"rotation": rotation}],
    }
    assert frame_sizes(turned).coded == size
