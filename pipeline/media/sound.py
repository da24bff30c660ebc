"""The sound of one video as it comes from the decoder: one channel, on the common time line."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SAMPLE_RATE

Samples = npt.NDArray[np.int16]

_JUDGED = (
    30 * SAMPLE_RATE
)  # samples with a signal, after which it is settled how two channels become one
_CANCELLED = (
    0.1  # of the louder channel's energy: less than this in the mean of both means that they cancel
)
_NOISE = 1  # of 32768: what rounding makes of silence


@dataclass(frozen=True)
class Sound:
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


class Mixer:
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


@dataclass
class SoundLine:
    """Where runs of samples lie in time. The decoder says of each block when it begins and how long it is."""

    runs: list[tuple[int, int]] = field(
        default_factory=list
    )  # (time of its first sample, its number in the data)
    _next: int = 0
    _count: int = 0

    def add(self, start: int, samples: int) -> None:
        """The next block begins at sample `start` of the common time line."""
        if not self.runs or start != self._next:
            self.runs.append((start, self._count))
        self._next, self._count = start + samples, self._count + samples

    def place(self, pcm: Samples, most: int) -> Sound:
        """The samples on the time line, up to sample `most`: silence in gaps, overlaps dropped."""
        if len(self.runs) < 2:
            return Sound(self.runs[0][0] if self.runs else 0, pcm)
        begins = self.runs[0][0]
        edges = [number for _, number in self.runs[1:]] + [len(pcm)]
        ends = max(
            time + max(0, edge - number)
            for (time, number), edge in zip(self.runs, edges, strict=True)
        )
        ends = max(begins, min(ends, most))
        line, done = np.zeros(ends - begins, np.int16), 0
        for (time, number), edge in zip(self.runs, edges, strict=True):
            overlap = max(0, done - (time - begins))
            at = time - begins + overlap
            run = pcm[number + overlap : edge][: max(0, len(line) - at)]
            line[at : at + len(run)] = run
            done = max(done, at + len(run))
        return Sound(begins, line)
