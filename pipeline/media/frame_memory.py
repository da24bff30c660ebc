"""Memory of frames, used again when nothing refers to a frame any more."""

import weakref

import numpy as np
import numpy.typing as npt


class FrameMemory:
    """Gives arrays for frames of one size.

    The system clears each page of new memory. For large frames that takes longer than reading
    them, so the memory of a frame that is gone is given to a later one.
    """

    def __init__(self) -> None:
        self._free: list[bytearray] = []

    def take(self, size: int) -> npt.NDArray[np.uint8]:
        """(size,) bytes of any content. They are free again when the array and its views are gone.

        Args:
            size: the same at every call.
        """
        memory = self._free.pop() if self._free else bytearray(size)
        array = np.frombuffer(memory, np.uint8)
        # Each view refers to this array, so that it lives as long as any of them.
        weakref.finalize(array, self._free.append, memory).atexit = False
        return array
