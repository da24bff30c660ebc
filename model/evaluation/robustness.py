"""How verdicts hold when frames or audio are degraded: the same videos scored at each level."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from avdf.cache.stream.clips import TrackClip
from avdf.model.evaluation.verdict_metrics import metrics_of
from avdf.model.scoring.probabilities import Probabilities
from avdf.model.scoring.rows import ScoredVideos
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict

# The name and the level of the rows of videos that were not perturbed.
CLEAN, CLEAN_LEVEL = "none", 0


class PerturbationLevel(Protocol):
    """One perturbation at one level, ready to be applied."""

    @property
    def name(self) -> str:
        """`NAME:LEVEL`."""
        ...

    @property
    def level(self) -> int:
        """From 1, mild, to 5, severe."""
        ...

    @property
    def value(self) -> float:
        """What the level means, in the perturbation's own unit."""
        ...

    def __call__(self, clip: TrackClip) -> TrackClip: ...


@dataclass(frozen=True)
class RobustnessRow:
    """A line of `robustness.csv`: the figures under one perturbation at one level.

    level     0 for the videos as they are
    value     what the level means, in the perturbation's own unit; None at level 0
    videos    how many were scored
    auc       of each verdict
    accuracy  of the video verdict, at the threshold found on clean validation videos
    """

    perturbation: str
    level: int
    value: float | None
    videos: int
    auc: PerVerdict[float | None]
    accuracy: float | None


@dataclass(frozen=True)
class PerturbedVideo:
    """A line of `robustness_videos.csv`: one video under one perturbation at one level."""

    perturbation: str
    level: int
    id: str
    probability: Probabilities


@dataclass(frozen=True)
class RobustnessResult:
    """What one level of one perturbation gives: its figures, and the scores of its videos."""

    row: RobustnessRow
    videos: tuple[PerturbedVideo, ...]


# The columns of the tables, in their order, and where the value of each stands in a row.
ROBUSTNESS_COLUMNS = {
    "perturbation": "perturbation",
    "level": "level",
    "value": "value",
    "videos": "videos",
    "auc_video": "auc.video",
    "auc_visual": "auc.visual",
    "auc_audio": "auc.audio",
    "accuracy": "accuracy",
}
PERTURBED_COLUMNS = {
    "perturbation": "perturbation",
    "level": "level",
    "id": "id",
    "p_visual": "probability.visual",
    "p_audio": "probability.audio",
    "p_video": "probability.video",
}


def robustness(
    clean: ScoredVideos,
    levels: Sequence[PerturbationLevel],
    score: Callable[[PerturbationLevel], ScoredVideos],
    thresholds: Thresholds,
) -> Iterator[RobustnessResult]:
    """The result of the videos as they are, then that of each perturbation at each level.

    Args:
        clean: scores of the videos as they are.
        score: scores the videos under a perturbation.
        thresholds: found on clean validation videos.
    """
    yield _measured(CLEAN, CLEAN_LEVEL, None, clean, thresholds)
    for level in levels:
        name = level.name.partition(":")[0]
        yield _measured(
            name,
            level.level,
            level.value,
            score(level),
            thresholds,
        )


def _measured(
    name: str,
    level: int,
    value: float | None,
    scores: ScoredVideos,
    thresholds: Thresholds,
) -> RobustnessResult:
    # Figures without confidence intervals: `--perturb all` would draw those of 56 rows anew, and
    # they are shown nowhere.
    figures = PerVerdict.of(
        lambda verdict: metrics_of(scores.scored, verdict, thresholds[verdict])
    )
    videos = tuple(
        PerturbedVideo(name, level, video.info.id, video.probability)
        for video in scores.scored
    )
    row = RobustnessRow(
        perturbation=name,
        level=level,
        value=value,
        videos=len(videos),
        auc=figures.map(lambda metrics: metrics.auc),
        accuracy=figures.video.accuracy,
    )
    return RobustnessResult(row, videos)
