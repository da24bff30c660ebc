"""What frames need before faces are searched: square pixels, no interlacing, SDR, bounded size."""

from dataclasses import dataclass
from typing import Any

# Sample aspect ratios beyond these come from damaged headers, not from cameras or discs.
_LEAST_ASPECT, _MOST_ASPECT = 0.25, 4.0
_HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
_INTERLACED = ("tt", "bb", "tb", "bt")
_DEINTERLACE = "bwdif=mode=send_frame:parity=auto:deint=interlaced"

# The way from HDR to BT.709 of ffmpeg's documentation: to linear light in 32-bit floats, other
# primaries, Hable's curve, back to video levels.
_TONE_MAP = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,"
    "tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=limited"
)
TONE_MAP_FILTERS = frozenset({"zscale", "tonemap"})

# Frames with more pixels are decoded smaller: dozens of them are held while faces are followed.
MOST_PIXELS = 4096 * 2304

Size = tuple[int, int]  # width, height


@dataclass(frozen=True)
class Conversion:
    """Filters for ffmpeg, and remarks on them.

    before   filters on the source's own frames
    after    filters on the frames that are kept, 25 a second
    needs    names of filters that not every ffmpeg has
    notes    for the video's row: a few words on each thing that was done
    shrink   pixels of the upright frame with square pixels for each pixel that is decoded
    matrix   YCbCr matrix of the result where it is no longer the source's; else ''
    """

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    shrink: float = 1.0
    matrix: str = ""


@dataclass(frozen=True)
class FrameSizes:
    """Sizes of the upright frame: as coded, with square pixels, and as it is decoded."""

    coded: Size
    square: Size
    decoded: Size


def conversion_of(stream: dict[str, Any]) -> Conversion:
    """What the frames of a stream need, by ffprobe's entries. Most streams need nothing."""
    before: list[str] = []
    after: list[str] = []
    notes: list[str] = []
    if stream.get("field_order") in _INTERLACED:
        before.append(_DEINTERLACE)
        notes.append("deinterlaced")
    transfer = _HDR.get(str(stream.get("color_transfer")), "")
    if transfer:
        after.append(_TONE_MAP)
        notes.append(f"tone-mapped from HDR ({transfer}) to SDR")
    sizes = frame_sizes(stream)
    coded, square, decoded = (
        _words(sizes.coded),
        _words(sizes.square),
        _words(sizes.decoded),
    )
    if square != coded:
        notes.append(f"pixels made square: {coded} to {square}")
    if decoded != square:
        notes.append(f"decoded at {decoded} instead of {square}")
    if decoded != coded:
        width, height = sizes.decoded
        after.append(f"scale={width}:{height}:flags=bicubic,setsar=1")
    return Conversion(
        before=tuple(before),
        after=tuple(after),
        needs=TONE_MAP_FILTERS if transfer else frozenset(),
        notes=tuple(notes),
        shrink=sizes.square[0] / max(1, sizes.decoded[0]),
        matrix="bt709" if transfer else "",
    )


def frame_sizes(stream: dict[str, Any]) -> FrameSizes:
    """The sizes of a stream's upright frames, by ffprobe's entries."""
    width, height = int(stream.get("width", 0)), int(stream.get("height", 0))
    aspect = _pixel_aspect(str(stream.get("sample_aspect_ratio", "")))
    if _is_turned(stream):
        width, height, aspect = height, width, 1 / aspect

    # The shorter direction is stretched, so that no detail is lost.
    square = (width, height)
    if aspect > 1:
        square = (_even(width * aspect), height)
    elif aspect < 1:
        square = (width, _even(height / aspect))

    shrink = max(1.0, (square[0] * square[1] / MOST_PIXELS) ** 0.5)
    decoded = square
    if shrink > 1:
        decoded = (_even(square[0] / shrink), _even(square[1] / shrink))
    return FrameSizes((width, height), square, decoded)


def _pixel_aspect(text: str) -> float:
    """Width of a pixel by its height; 1 where the text is missing or cannot be true."""
    width, _, height = text.partition(":")
    try:
        ratio = int(width) / int(height)
    except (ValueError, ZeroDivisionError):
        return 1.0
    return ratio if _LEAST_ASPECT <= ratio <= _MOST_ASPECT else 1.0


def _is_turned(stream: dict[str, Any]) -> bool:
    """Whether the metadata turns frames by a quarter, so that width and height change places."""
    for data in stream.get("side_data_list", ()):
        if "rotation" in data:
            try:
                return round(float(data["rotation"]) / 90) % 2 == 1
            except (TypeError, ValueError, OverflowError):
                return False
    return False


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _words(size: Size) -> str:
    return f"{size[0]} x {size[1]}"
