"""From how loud on a sample is sound."""

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import Pcm

# Of full scale: what is not louder is silence. A muted microphone leaves noise far below that, in
# which there is no voice to judge.
SILENCE_DB = -60
LOUDEST_SILENCE = round(32768 * 10 ** (SILENCE_DB / 20))  # 33, of samples of 16 bits


def is_loud(pcm: Pcm) -> npt.NDArray[np.bool_]:
    """Whether each sample is louder than silence."""
    # int32, because the absolute value of -32768 is no int16.
    loud: npt.NDArray[np.bool_] = np.abs(pcm.astype(np.int32)) > LOUDEST_SILENCE
    return loud


def is_silent(pcm: Pcm) -> bool:
    """Whether no sample is louder than silence; so it is where there is no sample."""
    return not is_loud(pcm).any()
