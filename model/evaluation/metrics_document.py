"""The content of `metrics.json`."""

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from avdf.model.backbones import BackboneInfo
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.inference.decision import Judgement
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.scoring.rows import ScoredVideos


def metrics_document(
    scores: ScoredVideos,
    evaluation: Evaluation,
    checkpoint: CheckpointInfo,
    judgement: Judgement,
) -> dict[str, Any]:
    """The figures of a run's scores, and what they rest on."""
    backbones, sync = checkpoint.backbones, judgement.sync
    return {
        "checkpoint": {
            "epoch": checkpoint.epoch,
            "step": checkpoint.step,
            "data": dict(checkpoint.data),
            "trained": list(checkpoint.trained),
            "notes": list(checkpoint.notes),
            "tensors_sha256": checkpoint.tensors_sha256,
        },
        "backbones": {name: asdict(info) for name, info in backbones.items()},
        "weights_note": weights_note(backbones),
        "rests_on": judgement.rests_on,
        "aggregate": judgement.aggregate,
        "temperatures": dict(judgement.temperatures.items()),
        "abstain": judgement.abstain,
        "sync_calibration": sync.calibration.as_dict() if sync.calibration else None,
        "sync_note": sync.note,
        **figures_document(scores, evaluation),
    }


def figures_document(scores: ScoredVideos, evaluation: Evaluation) -> dict[str, Any]:
    """The figures of any detector's scores."""
    return {
        "avdf_version": version("avdf"),
        "split": scores.split or "all",
        "protocol": scores.assignment.as_dict() if scores.assignment else None,
        "trained_on": scores.trained_on,
        "notes": list(scores.notes),
        **evaluation.as_dict(),
    }


def weights_note(backbones: Mapping[str, BackboneInfo]) -> str:
    """A sentence on weights that are not the foundation models' own; '' where all of them are."""
    names = [
        f"{name} {info.architecture} ({info.weights})"
        for name, info in backbones.items()
        if not info.is_real
    ]
    if not names:
        return ""
    if all(info.weights == "demo" for info in backbones.values()):
        return "These figures come from the small encoders of the demo, not from CLIP and Whisper."
    rest_on = " and ".join(names)
    return f"These figures rest on {rest_on} weights, not on the foundation models of the paper."
