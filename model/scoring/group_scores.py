"""Scores of groups of segments: of all segments of a video, or of those of one face in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from avdf.model.inference.aggregate import aggregate, video_distances
from avdf.model.inference.decision import Judgement
from avdf.model.inference.segments import SegmentScores, or_none
from avdf.model.scoring.probabilities import Probabilities
from avdf.model.synchrony.judgement import judge_synchrony
from avdf.model.synchrony.synchrony import Synchrony
from avdf.model.verdicts import PerVerdict, as_columns


@dataclass(frozen=True)
class GroupScore:
    """What the segments of one group say together.

    probability  P(fake) of each verdict; None where none is known
    log10_ratio  log10 of the likelihood ratio of each verdict; None where none is given
    distance     mean cosine distance of frames and audio; None where one of them is missing
    sync         whether picture and sound belong together
    segments     how many there are
    """

    probability: Probabilities
    log10_ratio: Probabilities
    distance: float | None
    sync: Synchrony
    segments: int


def score_groups(
    segments: SegmentScores, groups: int, judgement: Judgement
) -> Sequence[GroupScore]:
    """The scores of groups 0 to `groups` - 1, where `segments.video` numbers the groups."""
    fake = aggregate(segments, groups, judgement.aggregate)
    distances, counts = video_distances(segments, groups)
    probabilities = as_columns(judgement.calibrated(fake)).tolist()
    ratios = as_columns(judgement.log10_ratios(fake)).tolist()
    curves = segments.curves.by_video(segments.video, groups)
    columns = zip(
        probabilities,
        ratios,
        distances.tolist(),
        judge_synchrony(curves, judgement.sync),
        counts.tolist(),
        strict=True,
    )
    return [
        GroupScore(
            probability=PerVerdict(*p_fake).map(or_none),
            log10_ratio=PerVerdict(*ratio).map(or_none),
            distance=or_none(distance),
            sync=sync,
            segments=count,
        )
        for p_fake, ratio, distance, sync, count in columns
    ]
