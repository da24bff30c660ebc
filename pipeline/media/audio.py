"""The sound of one video as it comes from the decoder: one channel, on the common time line."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

_NOISE = 1  # of 32768: what rounding makes of silence


@dataclass(frozen=True)
class DecodedAudio:
    """16 kHz mono from sample `first` of the common time line on."""

    first: int
    pcm: Samples

    @property
    def stop(self) -> int:
        """The sample after the last, on the common time line."""
        return self.first + len(self.pcm)


def has_signal(pcm: Samples) -> bool:
    """Whether there is anything but digital silence."""
    return bool(len(pcm)) and int(np.abs(pcm.astype(np.int32)).max()) > _NOISE
