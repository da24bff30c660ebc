"""What a reader can look at beside the scores: the faces, some crops, and the audio as log-mel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from avdf.cache.core.clock import FRAME_RATE, FRAME_SIZE, MEL_BINS, MELS_PER_FRAME
from avdf.cache.core.errors import SegmentError
from avdf.cache.core.log_mel import log_mel
from avdf.cache.core.video import PreparedVideo
from avdf.cache.shards.codec import decode_frame
from avdf.cache.shards.reader import Shard
from avdf.cache.stream.index import VideoRef, list_shard_videos

_CROPS = 10
_BLANK = 240  # grey of a crop that is not there
_MELS_PER_SECOND = FRAME_RATE * MELS_PER_FRAME

Crop = npt.NDArray[np.uint8]  # (S, S, 3) RGB
Pcm = npt.NDArray[np.int16]


@dataclass(frozen=True)
class FaceAppearance:
    """One unbroken run of one face.

    start, end   seconds of the file's own time
    probability  mean of the detections
    box          the square that was cropped at its start: x1 y1 x2 y2 in pixels of the source
    face         the number of the person in the file, from 1; 0 for shards
    """

    start: float
    end: float
    probability: float
    box: tuple[float, float, float, float]
    face: int = 0


@dataclass(frozen=True)
class Evidence:
    """What can be seen and heard of one video.

    start, end  seconds of the file's own time: the part that frames and audio have in common
    times       (k) seconds of the crops; NaN where no face was followed
    crops       (k, S, S, 3) uint8 RGB, one for each of k equal parts of that time; blank where no
                face was followed; k is 0 for sound alone
    mel         (80, m) float32 log-mel, 100 columns a second; NaN where no face was followed
    faces       every face track that was kept; none for sound alone
    faces_at_once  the most faces that were followed at one time; None where that is not known
    by_face     of a file that shows several persons: what is seen of each, by its number
    """

    start: float
    end: float
    times: tuple[float, ...]
    crops: npt.NDArray[np.uint8]
    mel: npt.NDArray[np.float32]
    faces: tuple[FaceAppearance, ...]
    faces_at_once: int | None = None
    by_face: Mapping[int, "Evidence"] = field(default_factory=dict)


EvidenceOf = Callable[[str], Evidence | None]  # by the id of a video


class TrackSpan(NamedTuple):
    """When a face track runs: seconds from the video's time 0 to its first row, and its rows."""

    start: float
    rows: int

    @property
    def end(self) -> float:
        return self.start + self.rows / FRAME_RATE


class TrackRow(NamedTuple):
    """One row of one track of a video."""

    track: int
    row: int


@dataclass(frozen=True)
class _Tracks:
    """The face tracks of a video: when each runs, its audio, and its face.

    offset  seconds of the file's own time at the video's time 0
    length  seconds that frames and audio have in common
    """

    offset: float
    length: float
    spans: Sequence[TrackSpan]
    audio: Sequence[Pcm]
    faces: tuple[FaceAppearance, ...]


def shard_evidence(video: VideoRef) -> Evidence:
    """The evidence of a video in a shard.

    Raises:
        ShardError: the shard cannot be read.
    """
    is_seen = video.has_picture
    with Shard(video.shard) as shard:
        boxes = shard.column("frames/box")
        probabilities = shard.column("frames/probability")
        faces = []
        for track in video.tracks:
            detections = probabilities[track.row : track.row + track.rows]
            start = video.offset + track.start
            if is_seen:
                faces.append(_face(start, boxes[track.row], detections))
        spans = [TrackSpan(track.start, track.rows) for track in video.tracks]
        names = [info.id for info in shard.videos]
        index = names.index(video.info.id)
        duration = float(shard.column("videos/duration")[index])
        length = _length(duration, spans)
        chosen = choose_crops(spans, length) if is_seen else []
        crops: list[Crop | None] = []
        for place in chosen:
            if place is None:
                crops.append(None)
                continue
            row = video.tracks[place.track].row + place.row
            crops.append(shard.images(row, 1)[0])
        audio = [shard.pcm(track.row, track.rows) for track in video.tracks]
    tracks = _Tracks(
        offset=video.offset,
        length=_length(duration, spans),
        spans=spans,
        audio=audio,
        faces=tuple(faces),
    )
    return _evidence(tracks, chosen, crops)


def prepared_evidence(video: PreparedVideo) -> Evidence:
    """The evidence of a video in memory, and of each person where it shows several."""
    whole = _prepared_evidence(video)
    numbers = sorted({track.face for track in video.tracks})
    if len(numbers) == 1:
        return whole
    by_face = {}
    for number in numbers:
        own = tuple(track for track in video.tracks if track.face == number)
        by_face[number] = _prepared_evidence(replace(video, tracks=own))
    return replace(whole, by_face=by_face)


def _prepared_evidence(video: PreparedVideo) -> Evidence:
    faces = []
    for track in video.tracks if video.has_picture else ():
        start = video.offset + track.start
        face = _face(start, track.boxes[0], track.probability)
        faces.append(replace(face, face=track.face))
    spans = [TrackSpan(track.start, len(track)) for track in video.tracks]
    length = _length(video.duration, spans)
    chosen = choose_crops(spans, length) if video.has_picture else []
    crops: list[Crop | None] = []
    for place in chosen:
        if place is None:
            crops.append(None)
            continue
        stored = video.tracks[place.track].crops[place.row]
        crops.append(_decoded(stored, video))
    audio = [track.pcm for track in video.tracks]
    tracks = _Tracks(
        offset=video.offset,
        length=_length(video.duration, spans),
        spans=spans,
        audio=audio,
        faces=tuple(faces),
    )
    return _evidence(tracks, chosen, crops, video.faces)


def evidence_in(shards: Path) -> EvidenceOf:
    """The evidence of any video of a folder of shards, read when it is asked for."""
    known: dict[str, VideoRef] = {}

    def find(name: str) -> Evidence | None:
        if not known:
            known.update({video.info.id: video for video in list_shard_videos(shards)})
        try:
            return shard_evidence(known[name]) if name in known else None
        except SegmentError:
            # A crop that no segment needs cannot be read: its video is shown without pictures.
            return None

    return find


def choose_crops(spans: Sequence[TrackSpan], length: float) -> list[TrackRow | None]:
    """The row to show for each of ten equal parts of the time; None where no track runs.

    A track that was not shown yet goes before one that was, so that short tracks are seen too.
    Among those, the row nearest to the middle of the part is taken.
    """
    shown: set[int] = set()
    found: list[TrackRow | None] = []
    for part in range(_CROPS):
        first = part * length / _CROPS
        middle = (part + 0.5) * length / _CROPS
        last = (part + 1) * length / _CROPS
        candidates = []
        for track, (start, rows) in enumerate(spans):
            in_middle = int((middle - start) * FRAME_RATE)
            # A track that does not reach the middle offers its first or its last row.
            nearest = int(np.clip(in_middle, 0, rows - 1))
            second = start + nearest / FRAME_RATE
            # The row that covers the middle may begin before this part, where the parts are
            # shorter than a row.
            if first - 1 / FRAME_RATE < second < last:
                distance = abs(second - middle)
                row = TrackRow(track, nearest)
                candidates.append((track in shown, distance, row))
        _, _, best = min(candidates, default=(False, 0.0, None))
        found.append(best)
        if best is not None:
            shown.add(best.track)
    return found


def _length(duration: float, spans: Sequence[TrackSpan]) -> float:
    """Seconds of the video; the last row of a track may end after what the file says."""
    return max(duration, *(span.end for span in spans))


def _face(
    start: float,
    box: npt.NDArray[np.float32],
    probabilities: npt.NDArray[np.float32],
) -> FaceAppearance:
    x1, y1, x2, y2 = (round(value, 1) for value in box.tolist())
    return FaceAppearance(
        start=round(start, 2),
        end=round(start + len(probabilities) / FRAME_RATE, 2),
        probability=round(float(probabilities.mean()), 3),
        box=(x1, y1, x2, y2),
    )


def _decoded(stored: bytes, video: PreparedVideo) -> Crop:
    data = np.frombuffer(stored, np.uint8)
    return decode_frame(data, video.frame_codec, video.frame_size)


def _evidence(
    tracks: _Tracks,
    chosen: Sequence[TrackRow | None],
    crops: Sequence[Crop | None],
    faces_at_once: int | None = None,
) -> Evidence:
    """Crops and audio of every track at their location in the file's time."""
    sizes = [crop.shape for crop in crops if crop is not None]
    shape = sizes[0] if sizes else (FRAME_SIZE, FRAME_SIZE, 3)
    blank = np.full(shape, _BLANK, np.uint8)
    shown = [blank if crop is None else crop for crop in crops]
    times = []
    for place in chosen:
        second = np.nan
        if place is not None:
            start = tracks.offset + tracks.spans[place.track].start
            second = start + place.row / FRAME_RATE
        times.append(second)
    return Evidence(
        start=tracks.offset,
        end=tracks.offset + tracks.length,
        times=tuple(times),
        crops=np.stack(shown) if shown else np.empty((0, *shape), np.uint8),
        mel=_log_mel(tracks),
        faces=tracks.faces,
        faces_at_once=faces_at_once,
    )


def _log_mel(tracks: _Tracks) -> npt.NDArray[np.float32]:
    """(80, m) log-mel of all tracks on the axis of the whole video; NaN between them."""
    columns = round(tracks.length * _MELS_PER_SECOND)
    whole = np.full((MEL_BINS, columns), np.nan, np.float32)
    for span, pcm in zip(tracks.spans, tracks.audio, strict=True):
        samples = torch.from_numpy(pcm[None].copy())
        own = log_mel(samples)[0].numpy()
        own = own[:, : span.rows * MELS_PER_FRAME]
        # A track may end a little after the axis: what lies behind it is cut off.
        first = round(span.start * _MELS_PER_SECOND)
        target = whole[:, first:][:, : own.shape[1]]
        target[:] = own[:, : target.shape[1]]
    return whole
