"""What verdicts rest on, in one line: the training videos, the weights, the checkpoint, the validation videos."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avdf.model.runs.checkpoint import CheckpointInfo
    from avdf.model.thresholds import Thresholds


def rests_on(info: "CheckpointInfo", thresholds: "Thresholds") -> str:
    """`Rests on 142 synthetic videos (layout of fakeavceleb); weights ...; checkpoint of epoch 9; ...`."""
    weights = ", ".join(
        f"{name} {one.architecture} ({one.weights})" for name, one in info.backbones.items()
    )
    validated = info.data.get("val")
    parts = [
        f"Rests on {_training(info.data)}",
        f"weights {weights}",
        f"checkpoint of epoch {info.epoch}",
    ]
    if validated is not None:
        parts.append(_validation(validated, thresholds, info.trained))
    return "; ".join(parts)


def _validation(videos: int, thresholds: "Thresholds", trained: Sequence[str]) -> str:
    """Which thresholds come from the validation videos, and which stayed at 0.5."""
    names = [name for name in ("video", "visual", "audio") if name in trained]
    kept = [name for name in names if thresholds.is_default(name)]
    if not videos:
        return "no validation videos: thresholds are the default, 0.5"
    if not kept:
        return f"thresholds from {videos} validation videos"
    told = (
        "could not tell a threshold"
        if len(kept) == len(names)
        else f"could not tell that of {' and '.join(kept)}"
    )
    source = "" if len(kept) == len(names) else "thresholds from "
    return f"{source}{videos} validation videos{'' if not source else ', which'} {told}: the default, 0.5"


def only_synthetic(data: Mapping[str, Any]) -> bool:
    """Whether every training video of a checkpoint's `data` was generated; False where that was not kept."""
    synthetic, everything = (sum(data.get(name, {}).values()) for name in ("synthetic", "datasets"))
    return bool(0 < synthetic == everything)


def _training(data: Mapping[str, Any]) -> str:
    """The training videos by dataset, recorded and synthetic apart."""
    counts: Mapping[str, int] = data.get("datasets", {})
    if not counts:
        return "training videos that this checkpoint does not name"
    if "synthetic" not in data:
        names = ", ".join(
            f"{count} videos of {name or 'no named dataset'}" for name, count in counts.items()
        )
        return f"{names} (this checkpoint does not say whether they are recorded or synthetic)"
    words = []
    for name, count in counts.items():
        synthetic = data["synthetic"].get(name, 0)
        if count - synthetic:
            words.append(f"{count - synthetic} recorded videos of {name or 'no named dataset'}")
        if synthetic:
            words.append(f"{synthetic} synthetic videos (layout of {name or 'no named dataset'})")
    return " and ".join(words)
