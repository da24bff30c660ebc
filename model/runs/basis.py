"""What a run's verdicts are based on: training videos, weights, checkpoint, validation videos."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from avdf.model.verdicts import REPORT_ORDER

if TYPE_CHECKING:
    from avdf.model.runs.checkpoint import CheckpointInfo
    from avdf.model.thresholds import Thresholds


def rests_on(info: "CheckpointInfo", thresholds: "Thresholds") -> str:
    """One line: `Rests on 142 synthetic videos (layout of fakeavceleb); weights ...`."""
    backbones = [
        f"{name} {backbone.architecture} ({backbone.weights})"
        for name, backbone in info.backbones.items()
    ]
    parts = [
        f"Rests on {_describe_training(info.data)}{_describe_forged(info.data)}",
        f"weights {', '.join(backbones)}",
        f"checkpoint of epoch {info.epoch}",
    ]
    validated = info.data.get("val")
    if validated is not None:
        videos = _validation_videos(validated, info.data)
        parts.append(_describe_validation(videos, thresholds, info.trained))
    return "; ".join(parts)


def only_synthetic(data: Mapping[str, Any]) -> bool:
    """Whether every training video of a checkpoint's `data` is synthetic.

    False for older checkpoints, which do not say so.
    """
    # `0 <` as well: no videos at all are not synthetic ones.
    synthetic = sum(data.get("synthetic", {}).values())
    all_videos = sum(data.get("datasets", {}).values())
    return bool(0 < synthetic == all_videos)


def _validation_videos(count: int, data: Mapping[str, Any]) -> str:
    """`20 validation videos`; '' where there are none."""
    if not count:
        return ""
    forged = data.get("forged", {}).get("validation", False)
    apart = " and forgeries made of them" if forged else ""
    return f"{count} validation videos{apart}"


def _describe_validation(
    videos: str, thresholds: "Thresholds", trained: Sequence[str]
) -> str:
    """Which thresholds come from validation videos, and which are the default."""
    # Without validation nothing was searched for; the message must not suggest a search.
    if not videos:
        return "no validation videos: thresholds are the default, 0.5"
    verdicts = [verdict for verdict in REPORT_ORDER if verdict in trained]
    defaults = [verdict for verdict in verdicts if thresholds.is_default(verdict)]
    # Validation with a single class, or no better than chance, gives no threshold.
    if len(defaults) == len(verdicts):
        return f"no threshold could be found on {videos}: all are the default, 0.5"
    found = f"thresholds from {videos}"
    if not defaults:
        return found
    return f"{found}, except for {' and '.join(defaults)}: the default, 0.5"


def _describe_training(data: Mapping[str, Any]) -> str:
    """The training videos by dataset, recorded and synthetic ones apart."""
    counts: Mapping[str, int] = data.get("datasets", {})
    if not counts:
        return "training videos that this checkpoint does not name"
    # Unknown is not the same as recorded: it is said, not guessed.
    if "synthetic" not in data:
        videos = [
            f"{count} videos of {_name_of(dataset)}"
            for dataset, count in counts.items()
        ]
        unknown = "this checkpoint does not say whether they are recorded or synthetic"
        return f"{', '.join(videos)} ({unknown})"
    parts = []
    for dataset, count in counts.items():
        synthetic = data["synthetic"].get(dataset, 0)
        # One dataset can hold both kinds: each part is counted apart.
        if count > synthetic:
            parts.append(f"{count - synthetic} recorded videos of {_name_of(dataset)}")
        if synthetic:
            parts.append(
                f"{synthetic} synthetic videos (layout of {_name_of(dataset)})"
            )
    return " and ".join(parts)


def _describe_forged(data: Mapping[str, Any]) -> str:
    """Which forgeries a run was trained on; '' where it had none."""
    if "forged" not in data:
        return ""
    forged = data["forged"]
    made_of = "these genuine videos" if forged["genuine_alone"] else "the genuine ones"
    return f", and forgeries made of {made_of} ({', '.join(forged['forgers'])})"


def _name_of(dataset: str) -> str:
    return dataset or "no named dataset"
