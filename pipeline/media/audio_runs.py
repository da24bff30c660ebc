"""Where the decoder's audio lies in time: runs of samples without a gap, put on one time line."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from avdf.pipeline.media.audio import DecodedAudio, Samples


class AudioRun(NamedTuple):
    """A run of samples without a gap.

    time    sample of the common time line at which it begins
    offset  number of its first sample in the decoder's data
    """

    time: int
    offset: int


class AudioRuns:
    """Collects when each block of samples begins, and puts all samples on the time line."""

    def __init__(self) -> None:
        self.runs: list[AudioRun] = []
        # Where the next block begins if there is no gap before it.
        self._expected_time = 0
        self._count = 0  # samples reported so far

    def add(self, start: int, samples: int) -> None:
        """The next block has so many samples and begins at sample `start` of the time line."""
        if not self.runs or start != self._expected_time:
            self.runs.append(AudioRun(start, self._count))
        self._expected_time = start + samples
        self._count += samples

    def place(self, pcm: Samples, most: int) -> DecodedAudio:
        """The samples on the time line, at most up to sample `most`.

        Gaps become silence. Where runs overlap, the earlier run stays.
        """
        if len(self.runs) < 2:
            return DecodedAudio(self.runs[0].time if self.runs else 0, pcm)
        begin = self.runs[0].time
        stops = [run.time + max(0, edge - run.offset) for run, edge in self._edges(pcm)]
        # The limit comes before the memory is taken: a damaged file may leap by hours.
        stop = max(begin, min(max(stops), most))
        line = np.zeros(stop - begin, np.int16)
        written = 0
        for run, edge in self._edges(pcm):
            overlap = max(0, written - (run.time - begin))
            position = run.time - begin + overlap
            free = max(0, len(line) - position)
            samples = pcm[run.offset + overlap : edge][:free]
            line[position : position + len(samples)] = samples
            written = max(written, position + len(samples))
        return DecodedAudio(begin, line)

    def _edges(self, pcm: Samples) -> Iterator[tuple[AudioRun, int]]:
        """Each run with the number, in the data, of the sample after its last one."""
        edges = [run.offset for run in self.runs[1:]] + [len(pcm)]
        return zip(self.runs, edges, strict=True)
