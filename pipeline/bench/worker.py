"""What the processes of the benchmark do: prepare a file with a detector that is loaded once."""

import time

import cv2
import torch

from avdf.cache.core.video import VideoInfo
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings

_loaded: tuple[PrepSettings, FaceDetector] | None = None


def load(settings: PrepSettings, device: str) -> None:
    """Load the detector, when the process starts."""
    global _loaded  # noqa: PLW0603  # a process' own, set once when it starts
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    _loaded = settings, FaceDetector(settings.face, device)


def wait_a_little(_: int) -> None:
    """Take long enough that each process of the pool gets one of these and has loaded."""
    time.sleep(0.2)


def prepare(info: VideoInfo) -> int:
    """Prepare a file and return its number of tracks."""
    assert _loaded is not None
    settings, detector = _loaded
    return len(prepare_video(info, settings, detector).tracks)
