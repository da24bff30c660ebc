"""The run that the scores of a report come from, and sentences on how it judged."""

from dataclasses import dataclass

from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.inference.decision import Judgement
from avdf.model.report.curves import RunCurves
from avdf.model.report.number_text import percent
from avdf.model.runs.checkpoint import CheckpointInfo

_AGGREGATES = {
    "mean": "the mean of its segments",
    "logit": "the mean of its segments' logits",
    "top": "the mean of the highest quarter of its segments",
    "lse": "the log-mean-exp of its segments' logits",
}


@dataclass(frozen=True)
class Origin:
    """The run that the scores come from: its checkpoint, its training, and how it judged."""

    checkpoint: CheckpointInfo
    curves: RunCurves
    judgement: Judgement


def how_judged(judgement: Judgement, evaluation: Evaluation) -> str:
    """Sentences on how the score of a video was computed."""
    sentences = [f"The score of a video is {_AGGREGATES[judgement.aggregate]}."]
    temperatures = judgement.temperatures
    if any(value != 1 for value in temperatures):
        named = ", ".join(f"{name} {value:.2f}" for name, value in temperatures.items())
        sentences.append(
            f"It was calibrated on validation videos, with temperatures {named}."
        )
    if judgement.abstain:
        video = evaluation.decided.video
        sentences.append(
            f"Within {judgement.abstain:g} of the threshold no verdict is given: "
            f"{video.unsure} videos are unsure, and of the other {video.decided}, "
            f"{percent(video.accuracy)} are right."
        )
    return " ".join(sentences)
