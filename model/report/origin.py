"""The run that the scores of a report come from."""

from collections import Counter
from dataclasses import dataclass

from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.inference.decision import Judgement
from avdf.model.report.curves import RunCurves
from avdf.model.report.number_text import percent
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.scoring.rows import ScoredVideos


@dataclass(frozen=True)
class Origin:
    """The run that the scores come from: its checkpoint, how it was trained, and how videos were judged."""

    checkpoint: CheckpointInfo
    curves: RunCurves
    judgement: Judgement


_AGGREGATES = {
    "mean": "the mean of its segments",
    "logit": "the mean of its segments' logits",
    "top": "the mean of the highest quarter of its segments",
    "lse": "log-mean-exp of its segments' logits",
}


def how_judged(judgement: Judgement, evaluation: Evaluation) -> str:
    """Sentences on how a video's score came about."""
    text = f"A video's score is {_AGGREGATES[judgement.aggregate]}."
    if any(heat != 1 for heat in judgement.temperatures):
        heats = ", ".join(f"{name} {heat:.2f}" for name, heat in judgement.temperatures.items())
        text += f" Calibrated on validation videos, temperatures: {heats}."
    if judgement.abstain:
        video = evaluation.decided.video
        text += (
            f" Within {judgement.abstain:g} of the threshold nothing is said: {video.unsure} videos are unsure; of the "
            f"other {video.decided}, {percent(video.accuracy)} are right."
        )
    return text


def withheld_note(scores: ScoredVideos, origin: Origin | None) -> str:
    """Why there is no verdict on some videos, and on how many."""
    if origin is None:
        return ""
    reasons = Counter(origin.judgement.withheld(video.info.synthetic) for video in scores.scored)
    told = [
        f"No verdict on {count} of {len(scores.videos)} videos: {why}."
        for why, count in reasons.items()
        if why
    ]
    return " ".join(told)
