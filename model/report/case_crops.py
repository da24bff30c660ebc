"""`crops/` of a case: face crops as the detector was given them, and a table that lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.video import PreparedVideo
from avdf.cache.files.atomic_file import durable_file
from avdf.cache.files.csv_table import write_rows
from avdf.cache.shards.codec import FrameCodec, decode_frame
from avdf.model.report.evidence import TrackRow, TrackSpan, choose_crops
from avdf.model.scoring.rows import SegmentRow

_MOST_HIGH = 5  # segments with the highest P(fake) whose middle frame is kept
_EVEN, _HIGH = "evenly spaced", "segment with a high P(fake)"
_SUFFIXES = {"jpeg": "jpg", "png": "png"}


@dataclass(frozen=True)
class CropRow:
    """A line of `crops.csv`: one crop.

    file            below `crops/`
    time            seconds of the file's own time
    face            the number of the person in the file, from 1
    track, row      of the prepared video, from 0 on
    why             why this frame was kept
    x1, y1, x2, y2  the square that was cropped, in pixels of the upright frame
    detection       probability of the face detection
    """

    file: str
    time: float
    face: int
    track: int
    row: int
    why: str
    x1: float
    y1: float
    x2: float
    y2: float
    detection: float


def write_crops(
    folder: Path, video: PreparedVideo, segments: Sequence[SegmentRow]
) -> tuple[CropRow, ...]:
    """Write the crops that a case keeps into a new folder `crops`, and `crops.csv`.

    Sound alone has no crops: then there is no folder, and the table has only its header.
    """
    out = folder / "crops"
    rows = []
    for place, why in _chosen(video, segments).items():
        stored = video.tracks[place.track].crops[place.row]
        if not stored:
            continue
        row = _row_of(video, place, why)
        out.mkdir(exist_ok=True)
        with durable_file(out / row.file) as partial:
            partial.write_bytes(_as_image(stored, video))
        rows.append(row)
    rows.sort(key=lambda row: (row.time, row.track))
    write_rows(folder / "crops.csv", CropRow, rows)
    return tuple(rows)


def _chosen(
    video: PreparedVideo, segments: Sequence[SegmentRow]
) -> dict[TrackRow, str]:
    """The rows to keep and why: ten over the whole video, and some where P(fake) is high.

    None of sound alone.
    """
    if not video.has_picture:
        return {}
    spans = [TrackSpan(track.start, len(track)) for track in video.tracks]
    length = max(video.duration, *(span.end for span in spans))
    chosen = {place: _EVEN for place in choose_crops(spans, length) if place}
    high = sorted(segments, key=lambda segment: -_highest(segment))[:_MOST_HIGH]
    for segment in high:
        place = _middle_of(segment, video)
        if place is not None:
            chosen[place] = _HIGH
    return chosen


def _highest(segment: SegmentRow) -> float:
    """The verdict of the frames is what a crop can show; without it, that of the video."""
    probability = segment.probability
    for value in (probability.visual, probability.video, probability.audio):
        if value is not None:
            return value
    return 0.0


def _middle_of(segment: SegmentRow, video: PreparedVideo) -> TrackRow | None:
    """The row in the middle of a segment, of the face that was scored there."""
    second = (segment.start + segment.end) / 2 - video.offset
    for number, track in enumerate(video.tracks):
        # Other persons may be followed at the same time.
        if segment.face not in (None, track.face):
            continue
        # A rounding error must not put the start of a frame into the frame before.
        row = int(np.floor((second - track.start) * FRAME_RATE + 1e-6))
        if 0 <= row < len(track):
            return TrackRow(number, row)
    return None


def _row_of(video: PreparedVideo, place: TrackRow, why: str) -> CropRow:
    track = video.tracks[place.track]
    time = video.offset + track.start + place.row / FRAME_RATE
    x1, y1, x2, y2 = (round(value, 1) for value in track.boxes[place.row].tolist())
    suffix = _SUFFIXES.get(video.frame_codec, "png")
    return CropRow(
        file=f"{time:08.2f}s-track{place.track}.{suffix}",
        time=round(time, 3),
        face=track.face,
        track=place.track,
        row=place.row,
        why=why,
        x1=x1,
        y1=y1,
        x2=x2,
        y2=y2,
        detection=round(float(track.probability[place.row]), 4),
    )


def _as_image(stored: bytes, video: PreparedVideo) -> bytes:
    """The bytes of an image file: those that the detector was given, where they are one."""
    if video.frame_codec in _SUFFIXES:
        return stored
    image = decode_frame(
        np.frombuffer(stored, np.uint8), video.frame_codec, video.frame_size
    )
    return FrameCodec("png").encode(image)
