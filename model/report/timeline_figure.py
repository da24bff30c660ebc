"""The figure of one video over time: crops, log-mel, P(fake) and cosine distance on one axis."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from avdf.model.evaluation.time_interval import TimeInterval
from avdf.model.report.evidence import Evidence
from avdf.model.report.mel_image import mel_image
from avdf.model.report.style import COLOURS, DISTANCE_COLOUR, SYNC_COLOUR
from avdf.model.report.svg import Image, Point, box, dashed, image, jpeg, polyline, text
from avdf.model.verdicts import REPORT_ORDER, PerVerdict

Array = npt.NDArray[np.float64]

# Pixels of the figure: a column of labels at the left, and four or five rows below each other.
_WIDTH, _LEFT, _RIGHT = 720, 66, 14
_CROPS, _MEL, _CURVES, _DISTANCE, _SYNC = 72, 64, 84, 42, 42
_GAP, _BARS, _TICKS = 6, 18, 14  # between rows; below the curves; below everything
_BAR, _BAR_STEP = 4, 5
_LINE = 12  # from one line of text to the next
_LABEL_OFFSET = 4

# The row of synchrony reaches from 0 at least so far down.
_LEAST_SYNC = 0.1

_KNOWN_COLOUR = "#0000001a"
# Distances between the marks of the axis, in seconds: at most so many marks are drawn.
_TICK_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300)
_WIDEST_TICK_STEP = 600.0
_MOST_TICKS = 8


@dataclass(frozen=True)
class Curve:
    """Values over time.

    times   (n,) seconds of the file's own time
    values  (n,) NaN where there is none, which breaks the line
    """

    times: Array
    values: Array

    @property
    def is_empty(self) -> bool:
        """Whether there is no value at all."""
        return bool(np.isnan(self.values).all())


NO_CURVE = Curve(np.empty(0), np.empty(0))


@dataclass(frozen=True)
class VideoTimeline:
    """What the figure of one video shows.

    evidence     crops and log-mel
    probability  P(fake) of each verdict
    distance     cosine distance of frames and audio
    sync         D(0) less the median distance over near offsets; empty where it is not to be shown
    sync_line    the `sync` from which a whole video is out of sync: a dashed line
    thresholds   of each verdict: a dashed line
    suspect      where each verdict lies above its threshold: bars below the curves
    known        the manipulated periods that the dataset lists: grey
    """

    evidence: Evidence
    probability: PerVerdict[Curve]
    distance: Curve
    sync: Curve
    thresholds: PerVerdict[float]
    suspect: PerVerdict[tuple[TimeInterval, ...]]
    known: Sequence[TimeInterval]
    sync_line: float | None = None


@dataclass(frozen=True)
class _Axis:
    """The horizontal axis of the figure: seconds -> pixels."""

    start: float
    end: float

    def x(self, second: float) -> float:
        length = max(self.end - self.start, 1e-6)
        share = (second - self.start) / length
        # What lies outside the axis is drawn at its end.
        inside = float(np.clip(share, 0, 1))
        return _LEFT + inside * _WIDTH

    def bar(
        self,
        interval: TimeInterval,
        top: float,
        height: float,
        colour: str,
    ) -> str:
        start = self.x(interval.start)
        width = self.x(interval.end) - start
        return box(start, top, width, height, colour)

    def ticks(self) -> list[float]:
        """Round seconds, at most about eight of them."""
        length = self.end - self.start
        steps = [step for step in _TICK_STEPS if length / step <= _MOST_TICKS]
        step = steps[0] if steps else _WIDEST_TICK_STEP
        # A second that a rounding error puts just outside still gets its mark.
        first = int(np.ceil(self.start / step - 1e-9))
        last = int(self.end / step + 1e-9)
        return [round(step * index, 1) for index in range(first, last + 1)]


def draw_timeline(content: VideoTimeline) -> Markup:
    """The figure as an SVG element."""
    evidence = content.evidence
    axis = _Axis(evidence.start, evidence.end)
    # Sound alone has no crops, and their row takes no place.
    mel_top = _CROPS + _GAP if len(evidence.crops) else 0
    curves_top = mel_top + _MEL + _GAP
    distance_top = curves_top + _CURVES + _BARS
    sync_top = distance_top + _DISTANCE + _GAP
    # Without synchrony its row takes no place.
    ticks_top = sync_top if content.sync.is_empty else sync_top + _SYNC + _GAP
    parts = []
    if len(evidence.crops):
        crops = jpeg(_crops_image(evidence))
        parts.append(image(_LEFT, 0, _WIDTH, _CROPS, crops))
    mel = jpeg(mel_image(evidence, _WIDTH, _MEL * 2))
    parts += [
        image(_LEFT, mel_top, _WIDTH, _MEL, mel),
        *_curve_parts(content, axis, curves_top),
        *_distance_parts(content.distance, axis, distance_top),
        *_sync_parts(content, axis, sync_top),
        _label(mel_top, "audio"),
        _label(mel_top + _LINE, "spectrogram"),
        _label(curves_top, "1"),
        _label(curves_top + (_CURVES - _LINE) / 2, "P(fake)"),
        _label(curves_top + _CURVES - _LINE, "0"),
    ]
    for second in axis.ticks():
        tick = text(axis.x(second), ticks_top + 10, f"{second:g} s", "middle")
        parts.append(tick)
    width = _LEFT + _WIDTH + _RIGHT
    height = ticks_top + _TICKS
    return Markup(
        f'<svg class="time" viewBox="0 0 {width} {height}" role="img" '
        'aria-label="frames, audio and scores over time">'
        f"{''.join(parts)}</svg>"
    )


def legend(with_sync: bool = False) -> Markup:
    """What the colours stand for."""
    items = [(COLOURS[verdict], str(verdict)) for verdict in REPORT_ORDER]
    distance = "cosine distance (how far lips and voice are apart for the detector; 0: together)"
    items.append((DISTANCE_COLOUR, distance))
    if with_sync:
        sync = (
            "synchrony (below its dashed line: picture and sound belong together; single "
            "values are uncertain)"
        )
        items.append((SYNC_COLOUR, sync))
    entry = Markup('<span style="color:{}">■</span> {}')
    entries = [entry.format(colour, word) for colour, word in items]
    return Markup(" ").join(entries)


def _curve_parts(
    content: VideoTimeline,
    axis: _Axis,
    top: float,
) -> Iterator[str]:
    """P(fake) of each verdict with its threshold and its bars, over the known periods."""
    for period in content.known:
        yield axis.bar(period, top, _CURVES, _KNOWN_COLOUR)
    judged = [name for name, curve in content.probability.items() if not curve.is_empty]
    for line, verdict in enumerate(judged):
        colour = COLOURS[verdict]
        threshold = top + _CURVES * (1 - content.thresholds[verdict])
        yield dashed(_LEFT, _LEFT + _WIDTH, threshold, colour)
        yield from _lines(
            content.probability[verdict],
            axis,
            (top, _CURVES, 1.0),
            colour,
        )
        for interval in content.suspect[verdict]:
            bar_top = top + _CURVES + 2 + _BAR_STEP * line
            yield axis.bar(interval, bar_top, _BAR, colour)


def _distance_parts(
    distance: Curve,
    axis: _Axis,
    top: float,
) -> Iterator[str]:
    """The cosine distance, scaled to its largest value; nothing where a modality is missing."""
    if distance.is_empty:
        return
    highest = float(np.nanmax(distance.values))
    scale = (top, _DISTANCE, max(highest, 1e-6) * 1.05)
    yield from _lines(distance, axis, scale, DISTANCE_COLOUR)
    yield _label(top + _LINE, f"≤ {highest:.2f}")
    yield _label(top, "distance")


def _sync_parts(
    content: VideoTimeline,
    axis: _Axis,
    top: float,
) -> Iterator[str]:
    """Synchrony over time, with the value from which a whole video is out of sync."""
    sync, line = content.sync, content.sync_line
    if sync.is_empty:
        return
    # 0 and the line are part of the picture, and a flat curve stays flat.
    shown = [-_LEAST_SYNC, 0.0, *sync.values[~np.isnan(sync.values)].tolist()]
    if line is not None:
        shown.append(line)
    lowest = min(shown)
    most = max(shown) - lowest
    if line is not None:
        y = top + _SYNC * (1 - (line - lowest) / most)
        yield dashed(_LEFT, _LEFT + _WIDTH, y, SYNC_COLOUR)
    above_lowest = Curve(sync.times, sync.values - lowest)
    yield from _lines(above_lowest, axis, (top, _SYNC, most), SYNC_COLOUR)
    for row, words in enumerate(("apart", "synchrony", "together")):
        yield _label(top - 1 + row * (_LINE + 2), words)


def _label(top: float, words: str) -> str:
    return text(_LEFT - _LABEL_OFFSET, top + 11, words, "end")


def _lines(
    curve: Curve,
    axis: _Axis,
    scale: tuple[float, float, float],
    colour: str,
) -> Iterator[str]:
    """Polylines, broken where there is no value; `scale`: top, height, and value at the top."""
    top, height, most = scale
    missing = np.isnan(curve.values)
    # Two points for each pixel are enough. Broken first and thinned out after that, a break of a
    # single point is not lost.
    step = max(1, len(curve.times) // (2 * _WIDTH))
    indices = np.arange(len(curve.values))
    breaks = np.flatnonzero(missing)
    for part in np.split(indices, breaks):
        shown = part[~missing[part]][::step]
        times = curve.times[shown].tolist()
        values = curve.values[shown].tolist()
        points: list[Point] = []
        for second, value in zip(times, values, strict=True):
            # The larger a value, the higher its point: pixels are counted from the top.
            y = top + height * (1 - value / most)
            points.append((axis.x(second), y))
        if points:
            yield polyline(points, colour)


def _crops_image(evidence: Evidence) -> Image:
    """The crops side by side."""
    size = (_WIDTH // len(evidence.crops), _CROPS)
    small = []
    for crop in evidence.crops:
        resized = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
        small.append(np.asarray(resized, np.uint8))
    return np.concatenate(small, axis=1)
