"""The timelines of one file as SVG elements: each is stretched by the page to its width.

The pictures have no fixed size and no text: the page gives them colours, labels and marks of time,
so that they fit a narrow window and a dark one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from avdf.cli.page.stored_result import StoredFace, StoredResult

_WIDTH, _HEIGHT = 1000, 100  # units of the pictures, which the page stretches
_MOST_BINS = 800  # of a curve: each is drawn by its least and its greatest value
_LEAST_SYNC = 0.1  # the row of synchrony reaches from 0 at least so far down

Span = tuple[float, float]  # seconds
Column = Sequence[float | None]


@dataclass(frozen=True)
class FigureRow:
    """One row of the figure.

    name      of the column of values: `p_video`, `p_visual`, `p_audio`, `distance` or `sync`
    title     of the row
    top, bottom  what the values at its upper and lower end mean
    picture   an SVG element
    """

    name: str
    title: str
    top: str
    bottom: str
    picture: Markup


@dataclass(frozen=True)
class _Scale:
    """Seconds and values -> units of the picture.

    end            seconds at the right end; the left end is 0
    lowest, highest  values at the lower and the upper end
    """

    end: float
    lowest: float
    highest: float

    def x(self, second: float) -> float:
        share = second / max(self.end, 1e-6)
        return _WIDTH * min(max(share, 0.0), 1.0)

    def y(self, value: float) -> float:
        share = (value - self.lowest) / max(self.highest - self.lowest, 1e-9)
        return _HEIGHT * (1 - min(max(share, 0.0), 1.0))


def figure_rows(
    stored: StoredResult, face: StoredFace, has_verdict: bool
) -> list[FigureRow]:
    """The rows of the figure of one face: P(fake) of each verdict, distance, and synchrony.

    Args:
        has_verdict: without a verdict, no interval is marked: nothing is accused.
    """
    rows = []
    thresholds = stored.result["thresholds"]
    titles = {"video": "P(fake), whole", "visual": "P(fake), picture"}
    titles["audio"] = "P(fake), sound"
    for verdict, title in titles.items():
        above: list[Span] = []
        if has_verdict:
            found = [one for one in face.intervals if one["verdict"] == verdict]
            above = [(one["start"], one["end"]) for one in found]
        picture = _picture(
            face,
            f"p_{verdict}",
            _Scale(stored.end, 0.0, 1.0),
            thresholds[verdict],
            above,
        )
        if picture:
            rows.append(FigureRow(f"p_{verdict}", title, "1", "0", picture))
    return [*rows, *_distance_row(stored, face), *_sync_row(stored, face)]


def gaps_between(tracks: Sequence[dict[str, Any]], last: float) -> list[Span]:
    """Where no track runs from 0 to the last second; gaps of one frame are left out."""
    gaps, reached = [], 0.0
    spans = sorted((track["start"], track["end"]) for track in tracks)
    for start, end in [*spans, (last, last)]:
        if start - reached > 0.05:
            gaps.append((reached, start))
        reached = max(reached, end)
    return gaps


def _distance_row(stored: StoredResult, face: StoredFace) -> Iterator[FigureRow]:
    """The cosine distance of frames and audio, scaled to its largest value."""
    known = _known(face, "distance")
    if known:
        highest = max(*known, 1e-6)
        scale = _Scale(stored.end, 0.0, highest * 1.05)
        picture = _picture(face, "distance", scale, None, ())
        yield FigureRow("distance", "Distance", f"{highest:.2f}", "0", picture)


def _sync_row(stored: StoredResult, face: StoredFace) -> Iterator[FigureRow]:
    """Synchrony over time; of a run that has not learned it, its curve would only mislead."""
    known = _known(face, "sync")
    judged = face.row or stored.video
    if known and judged["p_sync"] is not None:
        # 0 is part of the picture, and a flat curve stays flat.
        scale = _Scale(stored.end, min(*known, -_LEAST_SYNC), max(*known, 0.0))
        picture = _picture(face, "sync", scale, stored.run["sync_threshold"], ())
        yield FigureRow("sync", "Synchrony", "apart", "together", picture)


def _known(face: StoredFace, name: str) -> list[float]:
    """All values of a column that are there."""
    columns = [timeline.get(name, ()) for timeline in face.timelines]
    return [value for column in columns for value in column if value is not None]


def _picture(
    face: StoredFace,
    name: str,
    scale: _Scale,
    threshold: float | None,
    above: Sequence[Span],
) -> Markup:
    """The curve of one column over all tracks; '' where it has no value."""
    lines: list[Markup] = []
    for timeline in face.timelines:
        lines += _lines(timeline, name, scale)
    if not lines:
        return Markup("")
    # Sound without a face, as of a file without picture, has no gaps.
    gaps = gaps_between(face.tracks, scale.end) if face.tracks else []
    parts = [_band(span, scale, "unfollowed") for span in gaps]
    parts += [_band(span, scale, "above") for span in above]
    if threshold is not None and scale.lowest <= threshold <= scale.highest:
        y = scale.y(threshold)
        line = '<line class="threshold" x1="0" x2="{}" y1="{:.2f}" y2="{:.2f}"/>'
        parts.append(Markup(line).format(_WIDTH, y, y))
    return Markup(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(_WIDTH, _HEIGHT, Markup("").join([*parts, *lines]))


def _band(span: Span, scale: _Scale, kind: str) -> Markup:
    left, right = (scale.x(second) for second in span)
    # At least one unit wide, so that it is seen.
    width = max(right - left, 1.0)
    rect = '<rect class="{}" x="{:.2f}" y="0" width="{:.2f}" height="{}"/>'
    return Markup(rect).format(kind, left, width, _HEIGHT)


def _lines(timeline: dict[str, Any], name: str, scale: _Scale) -> Iterator[Markup]:
    """The curve of one track, broken where there is no value."""
    start, rate = timeline["start"], timeline["frames_per_second"]
    for part in _unbroken(timeline.get(name, ())):
        points = [
            f"{scale.x(start + index / rate):.2f},{scale.y(value):.2f}"
            for index, value in thinned(part, _MOST_BINS)
        ]
        # A value holds for its whole frame, so the last one has a width, too.
        last, value = part[-1]
        points.append(f"{scale.x(start + (last + 1) / rate):.2f},{scale.y(value):.2f}")
        yield Markup('<polyline points="{}"/>').format(" ".join(points))


def _unbroken(column: Column) -> Iterator[list[tuple[int, float]]]:
    """Runs of values, each with its index."""
    run: list[tuple[int, float]] = []
    for index, value in enumerate(column):
        if value is not None:
            run.append((index, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def thinned(
    values: Sequence[tuple[int, float]], most_bins: int
) -> list[tuple[int, float]]:
    """At most two values for each of some bins: its least and its greatest, in their order.

    A peak of a single frame stays, however long the file is.
    """
    if len(values) <= 2 * most_bins:
        return list(values)
    found = []
    for number in range(most_bins):
        first = number * len(values) // most_bins
        last = (number + 1) * len(values) // most_bins
        part = values[first:last]
        ends = {
            min(part, key=lambda one: one[1]),
            max(part, key=lambda one: one[1]),
        }
        found += sorted(ends)
    return found
