"""The strip that shows a genuine clip and a forgery of it."""

import tracemalloc

import numpy as np

from avdf.model.forging.sheet import ForgeryPair, forgery_strip


def pair(changed: slice) -> ForgeryPair:
    """100 grey frames of 224 pixels, of which some are brighter in the forgery."""
    genuine = np.full((100, 224, 224, 3), 100, np.uint8)
    forged = genuine.copy()
    forged[changed] += np.uint8(20)
    pcm = np.zeros(100 * 640, np.int16)
    return ForgeryPair("clip", "bright", genuine, forged, pcm, pcm)


def test_changed_frames_are_shown_with_their_difference() -> None:
    strip = forgery_strip(pair(np.s_[40:44]))
    below = strip[-3 * 112 :].reshape(3, 112, 896, 3)
    assert (below[0] == 100).all() and (below[1] == 120).all()
    assert (below[2] == 80).all()  # four times 20


def test_a_picture_that_is_genuine_is_shown_once() -> None:
    assert forgery_strip(pair(np.s_[:0])).shape == (20 + 112, 896, 3)


def test_no_copy_of_a_clip_is_made() -> None:
    long = pair(np.s_[:])
    assert long.genuine is not None
    tracemalloc.start()
    try:
        forgery_strip(long)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < long.genuine.nbytes / 2
