"""The audio of one video as it comes from the decoder: one channel, on the common time line."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True)
class DecodedAudio:
    """Mono audio at 16 kHz, from sample `first` of the common time line on."""

    first: int
    pcm: Samples

    @property
    def stop(self) -> int:
        """The sample after the last one, on the common time line."""
        return self.first + len(self.pcm)
