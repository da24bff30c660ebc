"""What is done to pictures before faces are looked for: square pixels, whole frames, standard range, bounded size."""

from dataclasses import dataclass
from typing import Any

# Sample aspect ratios beyond these come from damaged headers, not from cameras or discs.
_LEAST_ASPECT, _MOST_ASPECT = 0.25, 4.0
_HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
_INTERLACED = ("tt", "bb", "tb", "bt")

# ffmpeg's documented way from HDR to BT.709: light, linear, in 32-bit floats; primaries; Hable's curve; back to video.
_TONE_MAP = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,"
    "tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=limited"
)
TONE_MAP_FILTERS = frozenset({"zscale", "tonemap"})

# Pictures with more pixels are decoded smaller: dozens of them are held while faces are followed.
MOST_PIXELS = 4096 * 2304


@dataclass(frozen=True)
class Conversion:
    """Filters for ffmpeg, and what to say of them.

    before   filters on the source's own frames
    after    filters on the frames that are kept, 25 a second
    needs    names of filters that not every ffmpeg has
    notes    a few words for the video's row on each thing that was done
    shrink   pixels of the upright, square-pixel picture for each pixel that is decoded
    matrix   the YCbCr matrix of what comes out, where that is no longer the source's; else ''
    """

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    shrink: float = 1.0
    matrix: str = ""


def conversion_of(stream: dict[str, Any]) -> Conversion:
    """What the pictures of a stream need, by what ffprobe says of it. Nothing for most."""
    before: list[str] = []
    after: list[str] = []
    notes: list[str] = []
    if stream.get("field_order") in _INTERLACED:
        before.append("bwdif=mode=send_frame:parity=auto:deint=interlaced")
        notes.append("deinterlaced")
    transfer = _HDR.get(str(stream.get("color_transfer")), "")
    if transfer:
        after.append(_TONE_MAP)
        notes.append(f"tone-mapped from HDR ({transfer}) to SDR")
    size, square, decoded = sizes(stream)
    if square != size:
        notes.append(f"pixels made square: {_named(size)} to {_named(square)}")
    if decoded != square:
        notes.append(f"decoded at {_named(decoded)} instead of {_named(square)}")
    if decoded != size:
        after.append(f"scale={decoded[0]}:{decoded[1]}:flags=bicubic,setsar=1")
    return Conversion(
        tuple(before),
        tuple(after),
        TONE_MAP_FILTERS if transfer else frozenset(),
        tuple(notes),
        square[0] / max(1, decoded[0]),
        "bt709" if transfer else "",
    )


def sizes(stream: dict[str, Any]) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """(width, height) of the upright picture: as coded, with square pixels, and as it is decoded."""
    width, height = int(stream.get("width", 0)), int(stream.get("height", 0))
    aspect = _ratio(str(stream.get("sample_aspect_ratio", "")))
    if _quarter_turned(stream):
        width, height, aspect = height, width, 1 / aspect
    # The shorter direction is stretched, so that no detail is lost.
    square = (_even(width * aspect), height) if aspect > 1 else (width, _even(height / aspect))
    if aspect == 1:
        square = (width, height)
    shrink = max(1.0, (square[0] * square[1] / MOST_PIXELS) ** 0.5)
    decoded = square if shrink == 1 else (_even(square[0] / shrink), _even(square[1] / shrink))
    return (width, height), square, decoded


def _ratio(text: str) -> float:
    above, _, below = text.partition(":")
    try:
        ratio = int(above) / int(below)
    except (ValueError, ZeroDivisionError):
        return 1.0
    return ratio if _LEAST_ASPECT <= ratio <= _MOST_ASPECT else 1.0


def _quarter_turned(stream: dict[str, Any]) -> bool:
    turns = [
        data.get("rotation") for data in stream.get("side_data_list", ()) if "rotation" in data
    ]
    try:
        return bool(turns) and round(float(turns[0]) / 90) % 2 == 1
    except (TypeError, ValueError, OverflowError):
        return False


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _named(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
