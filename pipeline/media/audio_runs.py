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

    @property
    def reached(self) -> int:
        """The sample of the time line up to which audio has come."""
        return self._expected_time

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
        begin = self.runs[0].time if self.runs else 0
        if len(self.runs) < 2:
            return DecodedAudio(begin, pcm)
        stops = []
        for run, edge in self._edges(pcm):
            length = max(0, edge - run.offset)
            stops.append(run.time + length)
        # The limit comes before the memory is taken: a damaged file may leap by hours.
        last_stop = min(max(stops), most)
        stop = max(begin, last_stop)
        line = np.zeros(stop - begin, np.int16)
        written = 0
        for run, edge in self._edges(pcm):
            # What an earlier run has written stays: this run begins behind it.
            place = run.time - begin
            overlap = max(0, written - place)
            position = place + overlap
            free = max(0, len(line) - position)
            samples = pcm[run.offset + overlap : edge][:free]
            end = position + len(samples)
            line[position:end] = samples
            written = max(written, end)
        return DecodedAudio(begin, line)

    def _edges(self, pcm: Samples) -> Iterator[tuple[AudioRun, int]]:
        """Each run with the number, in the data, of the sample after its last one."""
        edges = [run.offset for run in self.runs[1:]]
        edges.append(len(pcm))
        return zip(self.runs, edges, strict=True)
