"""The fourth score: whether a video's picture and sound belong together, and how late it is."""

from dataclasses import dataclass

from avdf.model.synchrony.offset_curves import OFFSETS_MS

IN_SYNC, OUT_OF_SYNC, UNSURE = "in sync", "out of sync", "unsure"
_ONE_FRAME = 40  # ms
NOTHING_COMPARED = "no picture with sound to compare"


# Slots halve what millions of segments take.
@dataclass(frozen=True, slots=True)
class Synchrony:
    """What is known of picture and sound together, of one segment or one video.

    sync         D(0) less the median of D(k) over near offsets k; below 0 where they fit; None
                 where they were not compared
    depth        the median less the least D(k)
    offset_ms    by how much the sound is late where D(k) is least, in steps of 40 ms; early:
                 negative. None where no offset fits better than chance
    probability  P(they do not belong together); None where that was not examined
    verdict      `in sync`, `out of sync`, `unsure`, or '' where none is given
    note         why it was not examined; '' where it was
    curve        of a video: D(k) at each of `OFFSETS`, None where too little was compared; ()
                 without any, and for segments
    """

    sync: float | None = None
    depth: float | None = None
    offset_ms: int | None = None
    probability: float | None = None
    verdict: str = ""
    note: str = ""
    curve: tuple[float | None, ...] = ()

    @property
    def reach_ms(self) -> int:
        """The largest offset, to either side, at which the sound was compared; 0 without any."""
        compared = zip(OFFSETS_MS, self.curve, strict=False)
        return max((abs(ms) for ms, value in compared if value is not None), default=0)

    @property
    def least_ms(self) -> int | None:
        """The offset of the least distance, however little lower it is; None without a curve."""
        compared = zip(OFFSETS_MS, self.curve, strict=False)
        known = [(value, ms) for ms, value in compared if value is not None]
        return min(known)[1] if known else None

    @property
    def fits_as_it_is(self) -> bool:
        """Whether the distance is least within a frame of where the sound is."""
        least = self.least_ms
        return least is not None and abs(least) <= _ONE_FRAME

    @property
    def examined(self) -> bool:
        """Whether there is a probability."""
        return self.probability is not None


NOT_COMPARED = Synchrony(note=NOTHING_COMPARED)
