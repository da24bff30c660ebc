"""Footage: what a forger changes, and what it may take from around it."""

from dataclasses import dataclass

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import SAMPLES_PER_FRAME


@dataclass(frozen=True, eq=False)
class Footage:
    """Consecutive frames of one face with their sound.

    frames  (n, S, S, 3) uint8 RGB; 16 of them for a training window
    pcm     (640 n,) int16
    around  (m,) int16, m >= 640 n: a longer part of the same recording, which holds `pcm` from
            sample `begin` on; where no more of it is known, `pcm` itself
    begin   the sample of `around` at which `pcm` begins
    other   (640 n,) int16, sound of another genuine video; None where there is none

    Raises:
        ValueError: the lengths do not fit each other.
    """

    frames: UInt8Array
    pcm: Pcm
    around: Pcm
    begin: int
    other: Pcm | None = None

    def __post_init__(self) -> None:
        samples = len(self.frames) * SAMPLES_PER_FRAME
        if self.frames.ndim != 4 or len(self.pcm) != samples:
            raise ValueError(
                f"footage of frames {self.frames.shape} with {len(self.pcm)} samples"
            )
        if not 0 <= self.begin <= len(self.around) - samples:
            raise ValueError(
                f"{samples} samples from sample {self.begin} on do not lie in the "
                f"{len(self.around)} samples around"
            )
        if self.other is not None and len(self.other) != samples:
            raise ValueError(
                f"other sound has {len(self.other)} samples, expected {samples}"
            )
