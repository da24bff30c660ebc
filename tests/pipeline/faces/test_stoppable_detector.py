"""A detector that can be stopped from outside."""

import threading

import numpy as np
import pytest

from avdf.pipeline.faces.stoppable_detector import (
    RowsSeen,
    StoppableDetector,
    Stopped,
)
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.settings import FaceSettings


@pytest.fixture(scope="module")
def frame() -> DecodedFrame:
    """A grey frame without a face."""
    luma = np.full((120, 160), 90, np.uint8)
    chroma = np.full((60, 80), 128, np.uint8)
    return DecodedFrame(0, (luma, chroma, chroma), Colour())


@pytest.fixture
def detector() -> StoppableDetector:
    """A detector that nobody has stopped."""
    detector = StoppableDetector(FaceSettings())
    detector.seen = RowsSeen()
    detector.stop = threading.Event()
    return detector


def test_it_searches_until_it_is_stopped(
    detector: StoppableDetector, frame: DecodedFrame
) -> None:
    assert detector.search([frame]) == [[]]
    detector.stop.set()
    with pytest.raises(Stopped):
        detector.search([frame])


def test_it_refines_nothing_once_it_is_stopped(
    detector: StoppableDetector, frame: DecodedFrame
) -> None:
    detector.stop.set()
    with pytest.raises(Stopped):
        detector.refine([frame], [])
