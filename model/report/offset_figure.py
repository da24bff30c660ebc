"""The figure of one offset curve: how well the sound fits when it is moved against the picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from avdf.model.report.style import GUIDE_COLOUR, SYNC_COLOUR, UNKNOWN_COLOUR
from avdf.model.report.svg import Point, dashed, dashed_down, dot, polyline, text
from avdf.model.synchrony.curve_figures import NEAR
from avdf.model.synchrony.offset_curves import OFFSETS_MS
from avdf.model.synchrony.synchrony import Synchrony

# Pixels of the figure: labels at the left and at the right, one row above the curve, two below.
_LEFT, _WIDTH, _RIGHT = 54, 270, 46
_TOP, _HEIGHT, _BOTTOM = 18, 96, 36
_TICK_LINE, _WORD_LINE = 14, 30  # from the lower end of the curve to each line of text
_LETTER = 3  # from the middle of a letter to its foot
_GAP = 5

_TICKS = (-1000, -500, 0, 500, 1000)  # ms
# The axis of distances covers at least so much: noise is not blown up to look like a dip.
_LEAST_RANGE = 0.2
_MARGIN = 0.08  # of the range, above and below the curve


@dataclass(frozen=True)
class _Axes:
    """Offsets in ms and distances -> pixels.

    lowest, highest  distances at the lower and at the upper end
    """

    lowest: float
    highest: float

    @classmethod
    def around(cls, distances: Sequence[float]) -> "_Axes":
        low, high = min(distances), max(distances)
        value_range = max(high - low, _LEAST_RANGE)
        middle = (low + high) / 2
        half = value_range * (0.5 + _MARGIN)
        return cls(middle - half, middle + half)

    def x(self, offset_ms: float) -> float:
        first, last = OFFSETS_MS[0], OFFSETS_MS[-1]
        return _LEFT + _WIDTH * (offset_ms - first) / (last - first)

    def y(self, distance: float) -> float:
        share = (distance - self.lowest) / (self.highest - self.lowest)
        return _TOP + _HEIGHT * (1 - share)


def draw_offsets(found: Synchrony) -> Markup:
    """The figure as an SVG element; '' where synchrony was not examined.

    Where it was not, the curve says nothing, and nobody should read an offset from it. Where no
    verdict is given, the curve is grey and its least distance is not marked.
    """
    known = [value for value in found.curve if value is not None]
    if not found.examined or not known:
        return Markup("")
    axes = _Axes.around(known)
    colour = SYNC_COLOUR if found.verdict else UNKNOWN_COLOUR
    parts = [*_guides(axes, median(_near(found)))]
    parts += [polyline(points, colour) for points in _unbroken(found, axes)]
    if found.verdict and found.offset_ms is not None:
        parts += _least_parts(found.offset_ms, min(known), axes)
    width = _LEFT + _WIDTH + _RIGHT
    height = _TOP + _HEIGHT + _BOTTOM
    return Markup(
        f'<svg class="offsets" viewBox="0 0 {width} {height}" role="img" '
        'aria-label="distance of picture and sound when the sound is moved">'
        f"{''.join(parts)}</svg>"
    )


def _near(found: Synchrony) -> list[float]:
    """The distances over which `sync` takes the median."""
    middle = len(found.curve) // 2
    near = found.curve[middle - NEAR : middle + NEAR + 1]
    known = [value for value in near if value is not None]
    # Without any of them there is no `sync` either.
    return known or [value for value in found.curve if value is not None]


def _guides(axes: _Axes, middle: float) -> Iterator[str]:
    """The axes with their words, the line at 0 ms, and the median."""
    bottom = _TOP + _HEIGHT
    right = _LEFT + _WIDTH
    yield dashed_down(axes.x(0), _TOP, bottom, GUIDE_COLOUR)
    yield dashed(_LEFT, right, axes.y(middle), GUIDE_COLOUR)
    yield text(right + _GAP, axes.y(middle) + _LETTER, "median", "start")
    yield text(_LEFT - _GAP, _TOP + 2 * _LETTER, f"{axes.highest:.2f}", "end")
    yield text(_LEFT - _GAP, _TOP + _HEIGHT / 2 + _LETTER, "distance", "end")
    yield text(_LEFT - _GAP, bottom, f"{axes.lowest:.2f}", "end")
    for tick in _TICKS:
        words = f"{tick} ms" if tick == 0 else f"{tick}".replace("-", "−")
        yield text(axes.x(tick), bottom + _TICK_LINE, words, "middle")
    yield text(_LEFT, bottom + _WORD_LINE, "← sound early", "start")
    yield text(axes.x(0), bottom + _WORD_LINE, "as it is", "middle")
    yield text(right, bottom + _WORD_LINE, "sound late →", "end")


def _unbroken(found: Synchrony, axes: _Axes) -> Iterator[list[Point]]:
    """The points of each part of the curve that has no gap."""
    points: list[Point] = []
    for offset_ms, distance in zip(OFFSETS_MS, found.curve, strict=True):
        if distance is not None:
            points.append((axes.x(offset_ms), axes.y(distance)))
        elif points:
            yield points
            points = []
    if points:
        yield points


def _least_parts(
    offset_ms: int,
    least: float,
    axes: _Axes,
) -> Iterator[str]:
    """A mark at the least distance, with its offset above the curve."""
    x = axes.x(offset_ms)
    yield dot(x, axes.y(least), SYNC_COLOUR)
    direction = "late" if offset_ms > 0 else "early"
    words = f"best: {abs(offset_ms)} ms {direction}" if offset_ms else "best: as it is"
    yield text(x, _TOP - 2 * _LETTER, words, "middle")
