"""The audio of one video as it comes from the decoder: one channel, on the common time line."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.cache.core.loudness import LOUDEST_SILENCE

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


def has_signal(pcm: Samples) -> bool:
    """Whether any sample is louder than -60 dB.

    A muted microphone leaves noise far below that, in which there is no voice to judge.
    """
    if not len(pcm):
        return False
    return int(np.abs(pcm.astype(np.int32)).max()) > LOUDEST_SILENCE
