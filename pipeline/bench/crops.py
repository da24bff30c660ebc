"""Measure the crops of a prepared video."""

import time
from statistics import median

import numpy as np

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.video import PreparedVideo
from avdf.cache.shards.codec import decode_frame
from avdf.pipeline.faces.detection import Box
from avdf.pipeline.settings import PrepSettings

_ENCODED_CROPS = 50  # of each track, about


def share_inside(
    face: Box,
    video: PreparedVideo,
    row: int,
) -> float | None:
    """Share of a face's area that is inside the crop of a row; None where there is no crop."""
    for track in video.tracks:
        index = row - round(track.start * FRAME_RATE)
        if 0 <= index < len(track):
            crop = track.boxes[index]
            # The common rectangle; its sides are negative where the two boxes do not meet.
            start = np.maximum(face[:2], crop[:2])
            stop = np.minimum(face[2:], crop[2:])
            width, height = (max(0.0, float(side)) for side in stop - start)
            face_area = float(np.prod(face[2:] - face[:2]))
            return width * height / face_area
    return None


def jitter(video: PreparedVideo) -> float:
    """How unsteady the crops are, relative to their side; see `FileBench`."""
    steps = []
    for track in video.tracks:
        starts = track.boxes[:, :2]
        stops = track.boxes[:, 2:]
        centre = (starts + stops) / 2
        side = track.boxes[:, 2] - track.boxes[:, 0]
        # The second difference is 0 for steady motion: what is left is the shaking.
        shaking = np.diff(centre, 2, axis=0)
        steps.append(shaking / side[1:-1, None])
    squares = np.concatenate(steps) ** 2
    return float(np.sqrt(np.mean(squares)))


def encoding_seconds(
    video: PreparedVideo,
    settings: PrepSettings,
) -> float:
    """Seconds to encode one of the video's own crops on one core; a median."""
    seconds = []
    for track in video.tracks:
        stride = max(1, len(track) // _ENCODED_CROPS)
        for crop in track.crops[::stride]:
            data = np.frombuffer(crop, np.uint8)
            image = decode_frame(
                data,
                video.frame_codec,
                video.frame_size,
            )
            started = time.perf_counter()
            settings.codec.encode(image)
            seconds.append(time.perf_counter() - started)
    return median(seconds)
