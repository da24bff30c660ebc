"""Where in a video: intervals from timelines, and how well they meet the manipulated periods.

Conventions: LAV-DF (Cai et al. 2022) and AV-Deepfake1M (Cai et al. 2024).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.video import Period
from avdf.model.evaluation.proposals import known_curves, proposals
from avdf.model.evaluation.time_interval import TimeInterval, overlap
from avdf.model.evaluation.true_intervals import true_intervals, unexplained
from avdf.model.inference.timeline import Timeline
from avdf.model.metrics import auc
from avdf.model.verdicts import Verdict

AP_OVERLAPS = (0.5, 0.75, 0.9, 0.95)
AR_OVERLAPS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
AR_PROPOSALS = (100, 50, 30, 20, 10, 5)


@dataclass(frozen=True)
class Localisation:
    """How proposals meet the manipulated periods of one verdict.

    unscored           videos with periods but without a timeline: they miss all of them
    average_precision  at overlaps of 0.5, 0.75, 0.9, 0.95
    average_recall     of the N surest proposals of each video, mean over overlaps of 0.5, 0.55 ... 0.95
    frame_auc          of P(fake) of single frames, over all videos
    """

    videos: int
    unscored: int
    periods: int
    average_precision: Mapping[str, float]
    average_recall: Mapping[str, float]
    frame_auc: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def localisation(
    timelines: Mapping[str, Sequence[Timeline]],
    periods: Mapping[str, Sequence[Period]],
    verdict: Verdict,
) -> Localisation | None:
    """Of all videos; None where no period of this verdict is known, or the verdict was not trained.

    A forged video without a timeline (it could not be scored) misses its periods. A video whose periods do not say
    whether this modality is manipulated takes no part: what would be found there is neither right nor wrong.
    """
    names = [
        name
        for name in dict.fromkeys([*timelines, *periods])
        if verdict == "video" or not unexplained(tuple(periods.get(name, ())), verdict)
    ]
    truth = {name: true_intervals(periods.get(name, ()), verdict) for name in names}
    timelines = {name: timelines[name] for name in names if name in timelines}
    found = {name: proposals(own, verdict) for name, own in timelines.items()}
    if not any(truth.values()) or not any(found.values()):
        return None
    return Localisation(
        videos=len(names),
        unscored=sum(bool(truth[name]) for name in names if name not in timelines),
        periods=sum(map(len, truth.values())),
        average_precision={f"{at:g}": average_precision(found, truth, at) for at in AP_OVERLAPS},
        average_recall={str(most): average_recall(found, truth, most) for most in AR_PROPOSALS},
        frame_auc=_frame_auc(timelines, truth, verdict),
    )


def average_precision(
    found: Mapping[str, Sequence[TimeInterval]],
    truth: Mapping[str, Sequence[TimeInterval]],
    at: float,
) -> float:
    """Area under the interpolated precision-recall curve of all videos' proposals, the surest first.

    Each true interval takes the surest proposal of its video that overlaps it by more than `at` and is not taken. (The
    program of AV-Deepfake1M leaves out the curve's first step, from recall 0: at most one over the number of periods.)
    """
    wanted = sum(map(len, truth.values()))
    if not wanted:
        return float("nan")
    hits: list[tuple[float, bool]] = []
    for name, own in found.items():
        taken: set[int] = set()
        for true in truth.get(name, ()):
            free = (
                which
                for which, one in enumerate(own)
                if which not in taken and overlap(one, true) > at
            )
            taken |= {which for which in [next(free, -1)] if which >= 0}
        hits += [(one.score, which in taken) for which, one in enumerate(own)]
    hits.sort(key=lambda hit: -hit[0])
    right = np.cumsum([hit for _, hit in hits])
    precision, recall = right / np.arange(1, len(hits) + 1), right / wanted
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * best))


def average_recall(
    found: Mapping[str, Sequence[TimeInterval]],
    truth: Mapping[str, Sequence[TimeInterval]],
    most: int,
) -> float:
    """Share of true intervals that one of the video's `most` surest proposals meets, mean over the overlaps.

    A video without proposals misses all of its periods. (The authors' program leaves such videos out.)
    """
    best = np.array(
        [
            max((overlap(one, true) for one in found.get(name, ())[:most]), default=0.0)
            for name, own in truth.items()
            for true in own
        ]
    )
    return float(np.mean([(best > at).mean() for at in AR_OVERLAPS])) if len(best) else float("nan")


def _frame_auc(
    timelines: Mapping[str, Sequence[Timeline]],
    truth: Mapping[str, Sequence[TimeInterval]],
    verdict: Verdict,
) -> float | None:
    labels, scores = [], []
    for name, own in timelines.items():
        for timeline, p in known_curves(own, verdict):
            middle = timeline.times + 0.5 / FRAME_RATE
            inside = np.zeros(len(p), bool)
            for true in truth[name]:
                inside |= (middle >= true.start) & (middle < true.end)
            labels.append(inside.astype(np.int64))
            scores.append(p)
    return auc(np.concatenate(labels), np.concatenate(scores)) if labels else None
