"""What a caller may choose about a case, checked when it is built."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from avdf.arguments import above_zero, between, check_fields, zero_or
from avdf.cache.core.errors import SettingsError
from avdf.pipeline.media.excerpt import MOST_EXCERPTS
from avdf.pipeline.settings import LARGEST_FACE, LEAST_FACE
from avdf.score_options import ScoreOptions

_LONGEST_TEXT = 10_000  # characters of a question


@dataclass(frozen=True)
class CaseOptions:
    """What a case states beside the results, and how the file is scored.

    ask           the question that the examination answers; '': a general one
    examiner      who examined the file; '': not stated
    name          of the file, as the report shows it; '': that under which it is stored
    key           file with a private Ed25519 key (PEM) that signs the case; None: no signature
    copy          put a copy of the examined file into the case
    tested        folder of `avdf score` with the scores of this run on test videos: the case states
                  how the run did there; None: only validation is stated
    smallest_face in pixels; 0: an eighth of the long side of the frame, and a sixteenth beside such
                  a face, or where none is that large
    quick         only so many excerpts of 2.56 s, spread over the file; 0: all of it
    abstain       answer `unsure` within this distance of the threshold
    max_seconds   a longer file is not scored (status `too_long`)

    Raises:
        SettingsError: a value of a wrong type or outside of its range.
    """

    ask: str = ""
    examiner: str = ""
    name: str = ""
    key: Path | str | None = None
    copy: bool = False
    tested: Path | str | None = None
    smallest_face: Annotated[int, zero_or(LEAST_FACE, LARGEST_FACE)] = 0
    quick: Annotated[int, zero_or(1, MOST_EXCERPTS)] = 0
    abstain: Annotated[float, between(0, 1)] = 0.0
    max_seconds: Annotated[float, above_zero()] = 21600.0

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("ask", "examiner", "name"):
            if len(getattr(self, name)) > _LONGEST_TEXT:
                raise SettingsError(
                    f"{name} has more than {_LONGEST_TEXT} characters; shorten it"
                )

    def scoring(self, ratios: bool) -> ScoreOptions:
        """How the file is scored: as `avdf score` does, with the thresholds of the run.

        Args:
            ratios: likelihood ratios too; the run must have validation scores.
        """
        return ScoreOptions(
            lr=ratios,
            abstain=self.abstain,
            smallest_face=self.smallest_face,
            quick=self.quick,
            max_seconds=self.max_seconds,
        )
