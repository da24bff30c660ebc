"""How videos are scored: everything that a caller may choose, checked when it is built."""

from dataclasses import dataclass
from typing import Annotated, Literal

from avdf.arguments import (
    above_zero,
    between,
    check_fields,
    one_of,
    take_texts,
    zero_or,
)
from avdf.cache.machine.cores import check_worker_count
from avdf.model.inference.aggregate import Aggregate
from avdf.model.inference.timeline import STRIDES
from avdf.pipeline.media.excerpt import MOST_EXCERPTS
from avdf.pipeline.perturbations import Perturbed, parse_perturbations
from avdf.pipeline.settings import (
    LARGEST_FACE,
    LEAST_FACE,
    FaceSettings,
    Limits,
    PrepSettings,
)


@dataclass(frozen=True)
class ScoreOptions:
    """How videos are scored.

    split          of shards: train, val, test or all
    protocol       assigns the videos of shards to splits; '': the one the run was trained with
    aggregate      a video's score from its segments: mean, logit, top (highest quarter) or lse
    calibrate      bring probabilities to scale with the validation videos
    lr             likelihood ratios too, from the validation videos
    abstain        answer `unsure` within this distance of the threshold
    trim_silence   leave out leading silence, from frames and audio
    timeline       also score shards frame by frame (always done for files)
    stride         frames between the windows of a timeline: 1, 2, 4, 8 or 16
    perturb        perturbations to score too: NAME (five levels), NAME:LEVEL, or all
    exports        files for other programs: av-deepfake1m, deepfakebench
    smallest_face  of files: pixels; 0: an eighth of the long side of the frame, and a sixteenth
                   beside such a face, or where none is that large
    quick          of files: only so many excerpts of 2.56 s, spread over each; 0: all of it
    max_seconds    longer files are not scored (status `too_long`)
    executor       `local`, or `ray`: the segments of shards on a Ray cluster
    address        of the Ray cluster; '': one is started on this machine
    workers        of the Ray cluster; 0: one for each processor

    Raises:
        SettingsError: a value that cannot be used, or two that exclude each other.
    """

    split: Literal["train", "val", "test", "all"] = "test"
    protocol: str = ""
    aggregate: Aggregate = "mean"
    calibrate: bool = False
    lr: bool = False
    abstain: Annotated[float, between(0, 1)] = 0.0
    trim_silence: bool = False
    timeline: bool = False
    stride: Annotated[int, one_of(*STRIDES)] = 4
    perturb: tuple[str, ...] = ()
    exports: tuple[Literal["av-deepfake1m", "deepfakebench"], ...] = ()
    smallest_face: Annotated[int, zero_or(LEAST_FACE, LARGEST_FACE)] = 0
    quick: Annotated[int, zero_or(1, MOST_EXCERPTS)] = 0
    max_seconds: Annotated[float, above_zero()] = 21600.0
    executor: Literal["local", "ray"] = "local"
    address: str = ""
    workers: int = 0

    def __post_init__(self) -> None:
        # First, since the check of types expects tuples.
        take_texts(self, "perturb")
        take_texts(self, "exports")
        check_fields(self)
        check_worker_count(self.workers)
        # Each of these refuses a value that it cannot use.
        parse_perturbations(self.perturb)
        self.preparation()

    @property
    def perturbations(self) -> tuple[Perturbed, ...]:
        """The perturbations that `perturb` names, at each of their levels."""
        return parse_perturbations(self.perturb)

    @property
    def on_ray(self) -> bool:
        """Whether a Ray cluster scores."""
        return self.executor == "ray"

    def preparation(self) -> PrepSettings:
        """How files are prepared before they are scored."""
        face = FaceSettings(smallest=self.smallest_face)
        limits = Limits(seconds=self.max_seconds)
        return PrepSettings(faces="people", limits=limits, face=face)
