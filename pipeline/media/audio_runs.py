"""When the blocks of samples that the decoder gives begin, and what lies between them."""

from dataclasses import dataclass, field

import numpy as np

from avdf.pipeline.media.audio import DecodedAudio, Samples


@dataclass
class AudioRuns:
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

    def place(self, pcm: Samples, most: int) -> DecodedAudio:
        """The samples on the time line, up to sample `most`: silence in gaps, overlaps dropped."""
        if len(self.runs) < 2:
            return DecodedAudio(self.runs[0][0] if self.runs else 0, pcm)
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
        return DecodedAudio(begins, line)
