"""What a reader looks at beside the figures: the faces that were found, some crops, the sound as a mel picture."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from avdf.cache.clock import FRAME_RATE, MELS_PER_FRAME
from avdf.cache.codec import decode_frame
from avdf.cache.log_mel import log_mel
from avdf.cache.shard import Shard
from avdf.cache.stream import VideoRef
from avdf.cache.video import PreparedVideo

_CROPS = 10


@dataclass(frozen=True)
class FaceTrack:
    """One unbroken run of one face. `box`: the square that was cropped at its start, x1 y1 x2 y2 in source pixels."""

    start: float
    end: float
    probability: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Evidence:
    """Of one video.

    start, end  seconds, in the file's own time, of its longest track, of which the rest is
    times       seconds of the crops
    crops       (k, S, S, 3) uint8 RGB, evenly spread
    mel         (80, m) float32 log-mel, 100 columns a second
    faces       every track that was kept
    people      how many people were followed; None where that is not known
    """

    start: float
    end: float
    times: tuple[float, ...]
    crops: npt.NDArray[np.uint8]
    mel: npt.NDArray[np.float32]
    faces: tuple[FaceTrack, ...]
    people: int | None = None


def shard_evidence(video: VideoRef) -> Evidence:
    """Read from the shard.

    Raises:
        ShardError: it cannot be read.
    """
    with Shard(video.shard) as shard:
        boxes, sure = (shard.column(f"frames/{name}") for name in ("box", "probability"))
        faces = tuple(
            _face(video.offset + track.start, track.rows, boxes[track.row], sure[track.row : track.row + track.rows])
            for track in video.tracks
        )
        track = max(video.tracks, key=lambda track: track.rows)
        chosen = _spread(track.rows)
        crops = np.concatenate([shard.images(track.row + row, 1) for row in chosen])
        pcm = shard.pcm(track.row, track.rows)
    return _evidence(video.offset + track.start, track.rows, chosen, crops, pcm, faces)


def prepared_evidence(video: PreparedVideo) -> Evidence:
    """Of a video in memory."""
    faces = tuple(
        _face(video.offset + track.start, len(track), track.boxes[0], track.probability) for track in video.tracks
    )
    track = max(video.tracks, key=len)
    chosen = _spread(len(track))
    crops = np.stack(
        [decode_frame(np.frombuffer(track.crops[row], np.uint8), video.frame_codec, video.frame_size) for row in chosen]
    )
    return _evidence(video.offset + track.start, len(track), chosen, crops, track.pcm, faces, video.faces)


def _face(start: float, rows: int, box: npt.NDArray[np.float32], sure: npt.NDArray[np.float32]) -> FaceTrack:
    x1, y1, x2, y2 = (round(value, 1) for value in box.tolist())
    return FaceTrack(
        round(start, 2), round(start + rows / FRAME_RATE, 2), round(float(sure.mean()), 3), (x1, y1, x2, y2)
    )


def _spread(rows: int) -> list[int]:
    """Rows in the middle of equal parts."""
    return [int((part + 0.5) * rows / _CROPS) for part in range(_CROPS)]


def _evidence(
    start: float,
    rows: int,
    chosen: list[int],
    crops: npt.NDArray[np.uint8],
    pcm: npt.NDArray[np.int16],
    faces: tuple[FaceTrack, ...],
    people: int | None = None,
) -> Evidence:
    mel = log_mel(torch.from_numpy(pcm[None].copy()))[0].numpy()[:, : rows * MELS_PER_FRAME]
    times = tuple(start + row / FRAME_RATE for row in chosen)
    return Evidence(start, start + rows / FRAME_RATE, times, crops, mel, faces, people)
