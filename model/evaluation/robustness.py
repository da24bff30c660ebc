"""How verdicts hold when picture or sound are damaged: the same videos scored at each level."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from avdf.cache.stream.clips import TrackClip
from avdf.model.evaluation.verdict_metrics import metrics_of
from avdf.model.scoring.rows import Probabilities, ScoredVideos
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict


class Damage(Protocol):
    """A perturbation at one level."""

    @property
    def name(self) -> str: ...
    @property
    def level(self) -> int: ...
    @property
    def value(self) -> float: ...
    def __call__(self, clip: TrackClip) -> TrackClip: ...


@dataclass(frozen=True)
class RobustnessRow:
    """A line of `robustness.csv`. Level 0 is the video as it is; `value` is in the perturbation's own unit.

    accuracy  of the video verdict, at the threshold of the undamaged validation videos
    """

    perturbation: str
    level: int
    value: float | None
    videos: int
    auc: PerVerdict[float | None]
    accuracy: float | None


@dataclass(frozen=True)
class PerturbedVideo:
    """A line of `robustness_videos.csv`."""

    perturbation: str
    level: int
    id: str
    probability: Probabilities


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
    damages: Sequence[Damage],
    score: Callable[["Damage"], ScoredVideos],
    thresholds: Thresholds,
) -> Iterator[tuple[RobustnessRow, tuple[PerturbedVideo, ...]]]:
    """A row for the videos as they are, then one for each damage, each with its videos' scores."""
    yield _row("none", 0, None, clean, thresholds)
    for damage in damages:
        yield _row(
            damage.name.partition(":")[0], damage.level, damage.value, score(damage), thresholds
        )


def _row(
    name: str, level: int, value: float | None, scores: ScoredVideos, thresholds: Thresholds
) -> tuple[RobustnessRow, tuple[PerturbedVideo, ...]]:
    # the figures alone: intervals and every category would be drawn anew for each of 56 rows, and shown nowhere
    figures = PerVerdict.of(lambda verdict: metrics_of(scores.scored, verdict, thresholds[verdict]))
    areas = figures.map(lambda metrics: metrics.auc)
    videos = tuple(
        PerturbedVideo(name, level, video.info.id, video.probability) for video in scores.scored
    )
    row = RobustnessRow(name, level, value, len(videos), areas, figures.video.accuracy)
    return row, videos
