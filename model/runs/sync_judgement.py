"""Whether a run can judge synchrony, and if not, why."""

from avdf.model.inference.outputs import aligns
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.synchrony.calibration import FLAT, LEARNED
from avdf.model.synchrony.judgement import SyncJudgement
from avdf.model.synchrony.made_pairs import LEAST_SECONDS

_ADVICE = "; training.matching=infonce with model.align_from=mouth can learn it"


def sync_judgement(info: CheckpointInfo, abstain: float = 0.0) -> SyncJudgement:
    """How a run judges synchrony, or why it cannot."""
    return SyncJudgement(info.sync, _why_not(info), abstain)


def _why_not(info: CheckpointInfo) -> str:
    """Why the run cannot judge whether picture and sound belong together; '' if it can."""
    if not info.config.model.aligns or not aligns(info.trained):
        return "this run was not trained to compare picture and sound"
    if info.sync is None:
        return (
            "this run was not tested for it: it has no genuine validation videos of at least "
            f"{LEAST_SECONDS:.2f} s, or an older version of avdf trained it"
        )
    if info.sync.has_learned:
        return ""
    if info.sync.is_flat:
        return (
            "this run has not learned it: whether its sound fits or not, the distance of a genuine "
            f"validation video changes by only {info.sync.genuine_depth:.4f} (at least {FLAT} is "
            f"needed){_advice(info)}"
        )
    if info.sync.interval and info.sync.interval[0] >= LEARNED:
        return (
            "this run has not learned it: some validation pairs are so far from the others that "
            "its probabilities would be the wrong way round"
        )
    interval = "unknown, too few persons"
    if info.sync.interval is not None:
        low, high = info.sync.interval
        interval = f"{low:.2f} to {high:.2f}"
    return (
        "this run has not learned it: on validation pairs that do and do not belong together its "
        f"AUC is {info.sync.auc:.2f} (95 % interval {interval}; it must begin at {LEARNED} or "
        f"above){_advice(info)}"
    )


def _advice(info: CheckpointInfo) -> str:
    """What could be done; '' for a run that was trained like that already."""
    config = info.config
    done = config.training.matching == "infonce" and config.model.align_from == "mouth"
    return "" if done else _ADVICE
