"""A gate over time: in which frames a forgery is seen, with ramps at both ends."""

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_FRAMES

HOP = FRAME_RATE  # frames: every second a window may begin
WINDOW = 2 * FRAME_RATE  # frames that it lasts
OPEN = 0.6  # probability of each window
RAMP = 6  # frames


def random_gate(frames: int, generator: np.random.Generator) -> npt.NDArray[np.float64]:
    """The share (0 to 1) of the forgery in each frame: (frames,).

    Windows of 2 s, one every second, are open with probability 0.6 and have ramps of 6 frames at
    both ends. One window is always open; it has at least half of the frames, or half of itself. A
    clip that is too short for two ramps is forged throughout. Of a clip that is longer than a
    detector's window (16 frames), no two windows in a row are closed: all of it is as labelled.
    """
    # The window that is always open.
    overlap = min(frames, WINDOW) // 2
    first = int(generator.integers(overlap - WINDOW, frames - overlap, endpoint=True))

    # With it, all windows that meet the frames: whole hops earlier and later.
    earlier = (first + WINDOW) // HOP
    later = (frames - first) // HOP
    starts = first + HOP * np.arange(-earlier, later + 1)
    is_open = generator.random(len(starts)) < OPEN
    is_open[earlier] = True
    if frames > SEGMENT_FRAMES:
        for index in range(1, len(starts)):
            is_open[index] |= not is_open[index - 1]

    if frames < 2 * RAMP:
        return np.ones(frames)
    times = np.arange(frames)
    gate = np.zeros(frames)
    for start in starts[is_open]:
        from_edge = np.minimum(times - start + 1, start + WINDOW - times)
        gate = np.maximum(gate, np.clip(from_edge / RAMP, 0, 1))
    return gate
