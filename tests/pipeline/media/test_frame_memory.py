"""Memory of frames is used again, but never while something still refers to it."""

import numpy as np

from avdf.pipeline.media.frame_memory import FrameMemory


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def test_the_memory_of_a_frame_that_is_gone_is_used_again() -> None:
    memory = FrameMemory()
    first = memory.take(100)
    location = address(first)
    del first
    assert address(memory.take(100)) == location


def test_the_memory_of_a_frame_with_a_view_is_not_used_again() -> None:
    memory = FrameMemory()
    first = memory.take(100)
    first[:] = 7
    view = first[10:90].reshape(8, 10)[2:]
    del first
    memory.take(100)[:] = 9
    assert (view == 7).all()


def test_frames_that_are_held_together_have_memory_of_their_own() -> None:
    memory = FrameMemory()
    arrays = [memory.take(100) for _ in range(3)]
    assert len({address(array) for array in arrays}) == 3
