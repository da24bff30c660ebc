"""When in a video: how well the intervals that were found meet the manipulated ones.

Measures and overlaps are those of LAV-DF (Cai et al. 2022) and AV-Deepfake1M (Cai et al. 2024).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.video import Period
from avdf.model.evaluation.proposals import known_curves, proposals
from avdf.model.evaluation.time_interval import TimeInterval, overlap
from avdf.model.evaluation.true_intervals import true_intervals, unexplained
from avdf.model.inference.timeline import Timeline
from avdf.model.metrics import auc
from avdf.model.verdicts import Verdict

# LAV-DF measures AP at 0.5, 0.75 and 0.95; AV-Deepfake1M adds 0.9.
AP_OVERLAPS = (0.5, 0.75, 0.9, 0.95)
# Both average recall over ten overlaps, 0.5, 0.55 ... 0.95, for so many proposals of a video.
AR_OVERLAPS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
AR_PROPOSALS = (100, 50, 30, 20, 10, 5)

# Id of a video -> intervals, the surest first.
ByVideo = Mapping[str, Sequence[TimeInterval]]


@dataclass(frozen=True)
class Localisation:
    """How the proposals of one verdict meet the manipulated periods.

    videos             videos that take part
    unscored           videos with periods but without a timeline: they miss all of them
    periods            manipulated periods in all videos
    average_precision  at each overlap of `AP_OVERLAPS`
    average_recall     of the N surest proposals of each video, for each N of `AR_PROPOSALS`
    frame_auc          AUC of P(fake) of single frames, over all videos; None with one class
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
    """How well a verdict finds the manipulated periods, over all videos.

    None where no period of this verdict is known, or the detector was not trained for it.
    A forged video without a timeline (it could not be scored) misses its periods.

    Args:
        timelines: id of a video -> the timelines of its face tracks.
        periods: id of a video -> its manipulated periods.
    """
    # What is found in a period that does not name its modality is neither right nor wrong for the
    # verdict on that modality: such a video takes no part.
    listed = dict.fromkeys([*timelines, *periods])
    names = [name for name in listed if not unexplained(periods.get(name, ()), verdict)]
    truth = {name: true_intervals(periods.get(name, ()), verdict) for name in names}
    timelines = {name: timelines[name] for name in names if name in timelines}
    found = {name: proposals(own, verdict) for name, own in timelines.items()}
    if not any(truth.values()) or not any(found.values()):
        return None
    precision = {
        f"{level:g}": average_precision(found, truth, level) for level in AP_OVERLAPS
    }
    recall = {str(most): average_recall(found, truth, most) for most in AR_PROPOSALS}
    without_timeline = [name for name in names if name not in timelines]
    return Localisation(
        videos=len(names),
        unscored=sum(bool(truth[name]) for name in without_timeline),
        periods=sum(map(len, truth.values())),
        average_precision=precision,
        average_recall=recall,
        frame_auc=_frame_auc(timelines, truth, verdict),
    )


def average_precision(
    found: ByVideo,
    truth: ByVideo,
    level: float,
) -> float:
    """Area under the interpolated precision-recall curve of all videos' proposals.

    NaN where no interval is true. The program of AV-Deepfake1M leaves out the first step of the
    curve, from recall 0: at most one over the number of true intervals.

    Args:
        level: a proposal finds a true interval where they overlap by more than this.
    """
    wanted = sum(map(len, truth.values()))
    if not wanted:
        return float("nan")

    # Proposals of all videos in one list, the surest first, each with whether it hit.
    hits: list[tuple[float, bool]] = []
    for name, own in found.items():
        taken = _taken(own, truth.get(name, ()), level)
        hits += [(one.score, index in taken) for index, one in enumerate(own)]
    hits.sort(key=lambda hit: -hit[0])

    # Precision and recall after each proposal.
    right = np.cumsum([hit for _, hit in hits])
    precision = right / np.arange(1, len(hits) + 1)
    recall = right / wanted

    # Interpolation as in PASCAL VOC: the best precision at this recall or any larger one.
    from_the_end = precision[::-1]
    best = np.maximum.accumulate(from_the_end)[::-1]
    gains = np.diff(recall, prepend=0.0)
    return float(np.sum(gains * best))


def _taken(
    own: Sequence[TimeInterval],
    truth: Sequence[TimeInterval],
    level: float,
) -> set[int]:
    """Indices of the proposals that hit: each true interval takes the surest one that is free."""
    taken: set[int] = set()
    for true in truth:
        for index, proposal in enumerate(own):
            if index not in taken and overlap(proposal, true) > level:
                taken.add(index)
                break
    return taken


def average_recall(
    found: ByVideo,
    truth: ByVideo,
    most: int,
) -> float:
    """Share of true intervals that a proposal meets, mean over the overlaps of `AR_OVERLAPS`.

    NaN where no interval is true. A video without proposals misses all of its periods; the authors'
    program leaves such videos out.

    Args:
        most: how many of the surest proposals of each video count.
    """
    best = []
    for name, own in truth.items():
        surest = found.get(name, ())[:most]
        for true in own:
            overlaps_of_true = (overlap(one, true) for one in surest)
            best.append(max(overlaps_of_true, default=0.0))
    if not best:
        return float("nan")
    overlaps = np.array(best)
    shares = [(overlaps > level).mean() for level in AR_OVERLAPS]
    return float(np.mean(shares))


def _frame_auc(
    timelines: Mapping[str, Sequence[Timeline]],
    truth: ByVideo,
    verdict: Verdict,
) -> float | None:
    labels, scores = [], []
    for name, own in timelines.items():
        for timeline, p in known_curves(own, verdict):
            labels.append(_frame_labels(timeline, truth[name]))
            scores.append(p)
    if not labels:
        return None
    return auc(np.concatenate(labels), np.concatenate(scores))


def _frame_labels(
    timeline: Timeline, truth: Sequence[TimeInterval]
) -> npt.NDArray[np.int64]:
    """(rows,) 1 where the middle of a frame lies in a true interval."""
    middle = timeline.times + 0.5 / FRAME_RATE
    inside = np.zeros(len(middle), bool)
    for true in truth:
        has_begun = middle >= true.start
        inside |= has_begun & (middle < true.end)
    return inside.astype(np.int64)
