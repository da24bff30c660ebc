"""How the two channels of stereo audio become one."""

import numpy as np

from avdf.cache.core.clock import SAMPLE_RATE
from avdf.pipeline.media.audio import Samples

# After so many samples with a signal it is decided how the channels become one.
_SAMPLES_TO_DECIDE = 30 * SAMPLE_RATE
# The channels cancel where their mean keeps less than this share of the louder channel's energy.
_CANCELLED_SHARE = 0.1


class ChannelMixer:
    """Turns two channels into their mean, or into the louder one where the mean cancels.

    The mean cancels where one channel was recorded inverted. The first half minute that holds a
    signal decides for the whole video, so that nothing changes in the middle of it.
    """

    def __init__(self, channels: int) -> None:
        self.channels_cancel = False
        self._channels = channels
        # 0: the mean, 1: the left channel, 2: the right one; None while it is not decided.
        self._chosen: int | None = None if channels == 2 else 0
        self._undecided: list[Samples] = []  # blocks of (n, 2) samples
        self._samples_judged = 0
        self._energy = np.zeros(3)  # of the mean, of the left, of the right
        self._mixed = bytearray()
        self._incomplete = b""  # bytes of a pair of samples whose end has not come yet

    def feed(self, data: bytes) -> None:
        """Take the next bytes: 16-bit samples, the channels interleaved."""
        if self._channels == 1:
            self._mixed += data
            return
        data = self._incomplete + data
        complete = len(data) // 4 * 4
        self._incomplete = data[complete:]
        pairs = np.frombuffer(data[:complete], np.int16).reshape(-1, 2)
        if self._chosen is None:
            self._judge(pairs)
        else:
            self._mixed += self._mix(pairs).tobytes()

    def finish(self) -> Samples:
        """All samples, as one channel."""
        self._decide()
        samples = len(self._mixed) // 2
        return np.frombuffer(self._mixed, np.int16, samples)

    def _judge(self, pairs: Samples) -> None:
        self._undecided.append(pairs)
        wide = pairs.astype(np.float64)
        left, right = wide.T
        signals = np.stack([wide.mean(axis=1), left, right])
        self._energy += (signals**2).sum(axis=1)
        if self._energy[1:].any():
            self._samples_judged += len(pairs)
        else:
            # All is silent so far, whichever channel is taken: there is nothing to wait for.
            self._mixed += self._mix(pairs).tobytes()
            self._undecided.clear()
        if self._samples_judged >= _SAMPLES_TO_DECIDE:
            self._decide()

    def _decide(self) -> None:
        if self._chosen is not None:
            return
        louder = 1 + int(self._energy[2] > self._energy[1])
        least_energy = _CANCELLED_SHARE * self._energy[louder]
        self.channels_cancel = bool(self._energy[0] < least_energy)
        self._chosen = louder if self.channels_cancel else 0
        for pairs in self._undecided:
            self._mixed += self._mix(pairs).tobytes()
        self._undecided.clear()

    def _mix(self, pairs: Samples) -> Samples:
        if self._chosen:
            return np.ascontiguousarray(pairs[:, self._chosen - 1])
        # Rounded half up, in 32 bits, because a sum of two samples can need 17.
        left, right = pairs.T.astype(np.int32)
        mean = (left + right + 1) >> 1
        return np.asarray(mean, np.int16)
