"""What a dataset of pairs is made of: how many persons, which kinds of video, how long."""

from dataclasses import dataclass

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.video import SPLITS
from avdf.pipeline.synthetic.pairing import KINDS

_ROUNDING = 1e-6  # frames: 3.2 s are not quite 80 frames in binary


@dataclass(frozen=True)
class PairOptions:
    """Options of `generate_pairs`. The same options give the same videos.

    persons       how many
    seconds       length of each video: a whole number of frames, that is, of 0.04 s
    seed          of persons and of what they say
    first_person  number of the first person: other numbers are other persons
    kinds         names of the kinds of video (`KINDS` of `pairing.py`); a person has two videos
                  of the kind `genuine` and one of each other kind
    split         of all persons; '': of five persons, three are in train, one in val, one in test
    """

    persons: int = 10
    seconds: float = 3.2
    seed: int = 0
    first_person: int = 0
    kinds: tuple[str, ...] = KINDS
    split: str = ""

    def __post_init__(self) -> None:
        if self.persons < 1:
            raise ValueError(f"persons is {self.persons}, expected at least 1")
        if self.first_person < 0:
            raise ValueError(f"first_person is {self.first_person}, expected 0 or more")
        self._check_seconds()
        self._check_kinds()
        if self.split not in ("", *SPLITS):
            raise ValueError(
                f"split {self.split!r} is not one of {', '.join(SPLITS)} or empty",
            )

    @property
    def frames(self) -> int:
        """How many frames each video has."""
        return round(self.seconds * FRAME_RATE)

    def _check_seconds(self) -> None:
        whole = abs(self.seconds * FRAME_RATE - self.frames) < _ROUNDING
        if self.frames < 1 or not whole:
            raise ValueError(
                f"seconds is {self.seconds}, expected a multiple of 0.04 (one frame)",
            )

    def _check_kinds(self) -> None:
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        if unknown:
            raise ValueError(
                f"kind {unknown[0]!r} is not one of {', '.join(KINDS)}",
            )
        if not self.kinds or len(set(self.kinds)) < len(self.kinds):
            raise ValueError(
                f"kinds is {self.kinds}, expected at least one, and each once",
            )
