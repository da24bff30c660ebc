"""The naive way, for comparison: MTCNN as it comes, on full-size RGB frames."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from facenet_pytorch import MTCNN

from avdf.pipeline.faces.detection import Box
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import PrepSettings


@dataclass(frozen=True)
class LargestFace:
    """The largest face that MTCNN finds in the frame of a row."""

    row: int
    box: Box
    probability: float


@dataclass
class FullSizeDetections:
    """What MTCNN finds in some frames of a file.

    size     width and height of the frames in pixels
    seconds  that each of the frames took
    """

    size: tuple[int, int] = (0, 0)
    seconds: list[float] = field(default_factory=list)
    faces: list[LargestFace] = field(default_factory=list)


def detect_full_size(
    path: Path,
    settings: PrepSettings,
    rows: set[int],
    device: str,
) -> FullSizeDetections:
    """Run MTCNN on the frames of some rows."""
    network = MTCNN(keep_all=True, device=torch.device(device)).eval()
    found = FullSizeDetections()
    with Decoder(probe(path, settings.limits), settings.limits) as decoder:
        for frame in decoder.frames():
            if frame.row in rows:
                _detect(network, frame, found)
    return found


def _detect(
    network: MTCNN,
    frame: DecodedFrame,
    found: FullSizeDetections,
) -> None:
    found.size = (frame.width, frame.height)
    started = time.perf_counter()
    image, _ = frame.small(max(found.size))
    boxes, probabilities = network.detect(image)
    found.seconds.append(time.perf_counter() - started)
    if boxes is not None:
        sides = [max(box[2] - box[0], box[3] - box[1]) for box in boxes]
        largest = int(np.argmax(sides))
        box = boxes[largest].astype(np.float32)
        probability = float(probabilities[largest])
        found.faces.append(LargestFace(frame.row, box, probability))
