"""Types of the arrays that hold frames, audio and log-mel."""

import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]  # encoded bytes (n,), or RGB frames (n, S, S, 3)
Pcm = npt.NDArray[np.int16]  # (samples,) mono, 16 kHz
LogMel = npt.NDArray[np.float16]  # (80, 64) of a segment, or (segments, 80, 64)
