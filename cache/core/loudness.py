"""From how loud on a sample is sound."""

import numpy as np

from avdf.cache.core.arrays import Pcm

SILENCE_DB = -60  # of full scale: what is not louder is silence
LOUDEST_SILENCE = round(32768 * 10 ** (SILENCE_DB / 20))  # 33, of samples of 16 bits


def is_silent(pcm: Pcm) -> bool:
    """Whether no sample is louder than -60 dB."""
    # int32, because the absolute value of -32768 is no int16.
    return not (np.abs(pcm.astype(np.int32)) > LOUDEST_SILENCE).any()
