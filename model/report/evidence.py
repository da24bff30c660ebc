"""What a reader looks at beside the figures: the faces that were found, some crops, the sound as a mel picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from avdf.cache.core.clock import FRAME_RATE, MEL_BINS, MELS_PER_FRAME
from avdf.cache.core.errors import SegmentError
from avdf.cache.core.log_mel import log_mel
from avdf.cache.core.video import PreparedVideo
from avdf.cache.shards.codec import decode_frame
from avdf.cache.shards.reader import Shard
from avdf.cache.stream.index import VideoRef, list_shard_videos

_CROPS = 10
_BLANK = 240  # grey of a crop that is not there


@dataclass(frozen=True)
class FaceAppearance:
    """One unbroken run of one face. `box`: the square that was cropped at its start, x1 y1 x2 y2 in source pixels."""

    start: float
    end: float
    probability: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Evidence:
    """Of one video.

    start, end  seconds, in the file's own time: of everything that picture and sound have in common
    times       seconds of the crops; NaN where no face was followed
    crops       (k, S, S, 3) uint8 RGB, one for each of k equal parts of that time; blank where no face was followed
    mel         (80, m) float32 log-mel, 100 columns a second; NaN where no face was followed
    faces       every track that was kept
    people      how many people were followed; None where that is not known
    """

    start: float
    end: float
    times: tuple[float, ...]
    crops: npt.NDArray[np.uint8]
    mel: npt.NDArray[np.float32]
    faces: tuple[FaceAppearance, ...]
    people: int | None = None


EvidenceOf = Callable[[str], Evidence | None]


def shard_evidence(video: VideoRef) -> Evidence:
    """Read from the shard.

    Raises:
        ShardError: it cannot be read.
    """
    with Shard(video.shard) as shard:
        boxes, sure = (shard.column(f"frames/{name}") for name in ("box", "probability"))
        faces = tuple(
            _face(
                video.offset + track.start,
                track.rows,
                boxes[track.row],
                sure[track.row : track.row + track.rows],
            )
            for track in video.tracks
        )
        spans = [(track.start, track.rows) for track in video.tracks]
        number = [info.id for info in shard.videos].index(video.info.id)
        duration = float(shard.column("videos/duration")[number])
        length = max(duration, *(start + rows / FRAME_RATE for start, rows in spans))
        chosen = _spread(spans, length)
        crops = [
            None if place is None else shard.images(video.tracks[place[0]].row + place[1], 1)[0]
            for place in chosen
        ]
        sounds = [shard.pcm(track.row, track.rows) for track in video.tracks]
    return _evidence(video.offset, length, spans, chosen, crops, sounds, faces)


def prepared_evidence(video: PreparedVideo) -> Evidence:
    """Of a video in memory."""
    faces = tuple(
        _face(video.offset + track.start, len(track), track.boxes[0], track.probability)
        for track in video.tracks
    )
    spans = [(track.start, len(track)) for track in video.tracks]
    length = max(video.duration, *(start + rows / FRAME_RATE for start, rows in spans))
    chosen = _spread(spans, length)
    crops = [
        None
        if place is None
        else decode_frame(
            np.frombuffer(video.tracks[place[0]].crops[place[1]], np.uint8),
            video.frame_codec,
            video.frame_size,
        )
        for place in chosen
    ]
    sounds = [track.pcm for track in video.tracks]
    return _evidence(video.offset, length, spans, chosen, crops, sounds, faces, video.faces)


def _face(
    start: float, rows: int, box: npt.NDArray[np.float32], sure: npt.NDArray[np.float32]
) -> FaceAppearance:
    x1, y1, x2, y2 = (round(value, 1) for value in box.tolist())
    return FaceAppearance(
        round(start, 2),
        round(start + rows / FRAME_RATE, 2),
        round(float(sure.mean()), 3),
        (x1, y1, x2, y2),
    )


Span = tuple[float, int]  # of a track: seconds at which it starts, its rows
Place = tuple[int, int]  # a track, and a row of it


def _spread(spans: Sequence[Span], length: float) -> list[Place | None]:
    """For each of equal parts of the time, the row to show: of a track not shown yet, else nearest to the middle."""
    shown: set[int] = set()
    found: list[Place | None] = []
    for part in range(_CROPS):
        first, middle, last = ((part + share) * length / _CROPS for share in (0.0, 0.5, 1.0))
        rows = []
        for track, (start, count) in enumerate(spans):
            nearest = int(np.clip(int((middle - start) * FRAME_RATE), 0, count - 1))
            at = start + nearest / FRAME_RATE
            # The row that covers the middle may begin before this part, where the parts are shorter than a row.
            if first - 1 / FRAME_RATE < at < last:
                rows.append((track in shown, abs(at - middle), track, nearest))
        best = min(rows, default=None)
        found.append(None if best is None else (best[2], best[3]))
        if best is not None:
            shown.add(best[2])
    return found


def _evidence(
    offset: float,
    length: float,
    spans: Sequence[Span],
    chosen: Sequence[Place | None],
    crops: Sequence[npt.NDArray[np.uint8] | None],
    sounds: Sequence[npt.NDArray[np.int16]],
    faces: tuple[FaceAppearance, ...],
    people: int | None = None,
) -> Evidence:
    """Crops and sound of every track at its place in the file's time."""
    columns = FRAME_RATE * MELS_PER_FRAME  # of the mel picture, a second
    mel = np.full((MEL_BINS, round(length * columns)), np.nan, np.float32)
    for (start, rows), pcm in zip(spans, sounds, strict=True):
        own = log_mel(torch.from_numpy(pcm[None].copy()))[0].numpy()[:, : rows * MELS_PER_FRAME]
        place = mel[:, round(start * columns) :][:, : own.shape[1]]
        place[:] = own[:, : place.shape[1]]
    size = next(crop.shape for crop in crops if crop is not None)
    blank = np.full(size, _BLANK, np.uint8)
    times = tuple(
        np.nan if place is None else offset + spans[place[0]][0] + place[1] / FRAME_RATE
        for place in chosen
    )
    pictures = np.stack([blank if crop is None else crop for crop in crops])
    return Evidence(offset, offset + length, times, pictures, mel, faces, people)


def evidence_in(shards: Path) -> EvidenceOf:
    """Crops and sound of any video of a folder of shards, read when asked for."""
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
