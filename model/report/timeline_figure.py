"""Small pictures for the report: scores as strips of cells, and one video over time with its crops and its sound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from avdf.model.evaluation.time_interval import TimeInterval
from avdf.model.report.evidence import Evidence
from avdf.model.report.style import COLOURS
from avdf.model.report.svg import box, image, jpeg, text

_WIDTH, _CROP, _MEL, _CURVE, _GAP, _MARGIN = 720, 72, 64, 84, 6, 46
_NOTHING = 240  # grey where no face was followed
_LABELS = {"video": "video", "visual": "picture", "audio": "sound"}


@dataclass(frozen=True)
class Curve:
    """Values over time: `times` (n,) seconds, `values` (n,), NaN where there is none."""

    name: str
    times: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]


def over_time(
    evidence: Evidence,
    curves: Sequence[Curve],
    distance: Curve,
    thresholds: Mapping[str, float],
    suspect: Mapping[str, Sequence[TimeInterval]],
    known: Sequence[TimeInterval],
) -> Markup:
    """One video: crops, mel picture, P(fake) and cosine distance above one axis of seconds, as SVG.

    Shaded: where a verdict lies above its threshold (below the curves, one line each), and, in grey, the manipulated
    periods that the dataset names.
    """
    span = max(evidence.end - evidence.start, 1e-6)
    tops = np.cumsum([0, _CROP + _GAP, _MEL + _GAP, _CURVE + 18, _CURVE // 2 + _GAP]).tolist()

    def x(second: float) -> float:
        return _MARGIN + float(np.clip((second - evidence.start) / span, 0, 1)) * _WIDTH

    parts = [image(_MARGIN, tops[0], _WIDTH, _CROP, jpeg(_crops(evidence)))]
    parts.append(image(_MARGIN, tops[1], _WIDTH, _MEL, jpeg(_mel(evidence))))
    for one in known:
        parts.append(box(x(one.start), tops[2], x(one.end) - x(one.start), _CURVE, "#0000001a"))
    for line, curve in enumerate(curves):
        colour = COLOURS[curve.name]
        parts.append(_level(tops[2] + _CURVE * (1 - thresholds[curve.name]), colour))
        parts.append(_line(curve, x, tops[2], _CURVE, 1.0, colour))
        for one in suspect.get(curve.name, ()):
            place = tops[2] + _CURVE + 2 + 5 * line
            parts.append(box(x(one.start), place, x(one.end) - x(one.start), 4, colour))
    names = ["mel", "P(fake)"]
    if np.isfinite(distance.values).any():  # none without sound
        high = float(np.nanmax(distance.values))
        parts.append(_line(distance, x, tops[3], _CURVE // 2, max(high, 1e-6) * 1.05, "#7b2d8b"))
        parts += [text(_MARGIN - 4, tops[3] + 24, f"≤ {high:.2f}", "end")]
        names.append("dist.")
    parts += [
        text(_MARGIN - 4, top + 11, word, "end")
        for top, word in zip(tops[1:4], names, strict=False)
    ]
    for second in _ticks(evidence.start, evidence.end):
        parts.append(text(x(second), tops[4] + 10, f"{second:g} s", "middle"))
    height = tops[4] + 14
    width = _WIDTH + _MARGIN + 14
    return Markup(
        f'<svg class="time" viewBox="0 0 {width} {height}" role="img" aria-label="crops, sound and scores over time">'
        f"{''.join(parts)}</svg>"
    )


def legend() -> Markup:
    """What the colours stand for."""
    items = [(COLOURS[name], word) for name, word in _LABELS.items()] + [
        ("#7b2d8b", "cosine distance")
    ]
    return Markup(" ").join(
        Markup('<span style="color:{}">■</span> {}').format(colour, word) for colour, word in items
    )


def _crops(evidence: Evidence) -> npt.NDArray[np.uint8]:
    side = _WIDTH // len(evidence.crops)
    small = [
        cv2.resize(crop, (side, _CROP), interpolation=cv2.INTER_AREA) for crop in evidence.crops
    ]
    return np.concatenate([np.asarray(crop, np.uint8) for crop in small], axis=1)


def _mel(evidence: Evidence) -> npt.NDArray[np.uint8]:
    """Low notes below, loud bright; pale where no face was followed, and so nothing was heard."""
    mel = evidence.mel[::-1]
    heard = ~np.isnan(mel[0])
    low, high = float(mel[:, heard].min()), float(mel[:, heard].max())
    grey = (np.nan_to_num((mel - low) / max(high - low, 1e-6)) * 255).astype(np.uint8)
    wide = cv2.resize(grey, (_WIDTH, _MEL * 2), interpolation=cv2.INTER_AREA)
    picture = np.array(cv2.applyColorMap(wide, cv2.COLORMAP_BONE)[..., ::-1], np.uint8)
    columns = np.minimum((np.arange(_WIDTH) + 0.5) * len(heard) / _WIDTH, len(heard) - 1).astype(
        int
    )
    picture[:, ~heard[columns]] = _NOTHING
    return picture


def _level(y: float, colour: str) -> str:
    return (
        f'<line x1="{_MARGIN}" x2="{_MARGIN + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-width="0.8" '
        'stroke-dasharray="3 3"/>'
    )


def _line(curve: Curve, x: object, top: float, height: float, most: float, colour: str) -> str:
    """Polylines, broken where there is no value; at most two points for each pixel."""
    assert callable(x)
    step = max(1, len(curve.times) // (2 * _WIDTH))
    pieces: list[list[str]] = []
    # Broken first, thinned out after: a break of one point is not lost.
    for part in np.split(np.arange(len(curve.values)), np.flatnonzero(np.isnan(curve.values))):
        told = part[~np.isnan(curve.values[part])][::step]
        pairs = zip(curve.times[told].tolist(), curve.values[told].tolist(), strict=True)
        pieces.append(
            [f"{x(second):.1f},{top + height * (1 - value / most):.1f}" for second, value in pairs]
        )
    return "".join(
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="1.4"/>'
        for points in pieces
        if points
    )


def _ticks(start: float, end: float) -> list[float]:
    """About six round seconds."""
    steps = [
        step
        for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300)
        if (end - start) / step <= 8
    ]
    step = steps[0] if steps else 600.0
    return [
        round(step * index, 1)
        for index in range(int(np.ceil(start / step - 1e-9)), int(end / step + 1e-9) + 1)
    ]
