"""How the two channels of stereo audio become one."""

import numpy as np

from avdf.cache.core.clock import SAMPLE_RATE
from avdf.pipeline.media.audio import Samples

_JUDGED = (
    30 * SAMPLE_RATE
)  # samples with a signal, after which it is settled how two channels become one


_CANCELLED = (
    0.1  # of the louder channel's energy: less than this in the mean of both means that they cancel
)


class ChannelMixer:
    """Two channels become one: their mean, or the louder one where the mean cancels (a channel recorded inverted).

    The first half minute that holds a signal decides for the whole video, so that nothing changes in its midst.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._waiting: list[Samples] = []  # undecided, both channels
        self._judged = 0
        self._energy = np.zeros(3)  # of the mean, the left, the right
        self._chosen: int | None = None if channels == 2 else 0
        self._mixed = bytearray()
        self._rest = b""
        self.cancelled = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes: 16-bit samples, channels interleaved."""
        if self._channels == 1:
            self._mixed += data
            return
        data = self._rest + data
        whole = len(data) // 4 * 4
        self._rest = data[whole:]
        pairs = np.frombuffer(data[:whole], np.int16).reshape(-1, 2)
        if self._chosen is None:
            self._listen(pairs)
        else:
            self._mixed += self._mix(pairs).tobytes()

    def finish(self) -> Samples:
        """All samples."""
        self._decide()
        return np.frombuffer(self._mixed, np.int16, len(self._mixed) // 2)

    def _listen(self, pairs: Samples) -> None:
        self._waiting.append(pairs)
        wide = pairs.astype(np.float64)
        signals = np.stack([wide.mean(axis=1), wide[:, 0], wide[:, 1]])
        self._energy += (signals**2).sum(axis=1)
        if self._energy[1:].any():
            self._judged += len(pairs)
        else:  # so far all is silent, whichever channel is taken: nothing to wait for
            self._mixed += self._mix(pairs).tobytes()
            self._waiting.clear()
        if self._judged >= _JUDGED:
            self._decide()

    def _decide(self) -> None:
        if self._chosen is not None:
            return
        louder = 1 + int(self._energy[2] > self._energy[1])
        self.cancelled = bool(self._energy[0] < _CANCELLED * self._energy[louder])
        self._chosen = louder if self.cancelled else 0
        for pairs in self._waiting:
            self._mixed += self._mix(pairs).tobytes()
        self._waiting.clear()

    def _mix(self, pairs: Samples) -> Samples:
        if self._chosen:
            return np.ascontiguousarray(pairs[:, self._chosen - 1])
        return ((pairs[:, 0].astype(np.int32) + pairs[:, 1] + 1) >> 1).astype(np.int16)
