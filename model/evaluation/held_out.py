"""How a run did on test videos, read from the `metrics.json` of a folder of scores."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SettingsError
from avdf.cache.files.digest import file_sha256
from avdf.model.bootstrap import ConfidenceInterval
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.verdicts import REPORT_ORDER, PerVerdict, Verdict

_AGAIN = "score the test videos again with this run, and name that folder"


@dataclass(frozen=True)
class HeldOutRecord:
    """How one verdict did.

    real, fake  how many videos there were of each class
    auc, accuracy  with their 95 % confidence intervals over persons; None where unknown
    """

    real: int
    fake: int
    auc: float | None
    auc_interval: ConfidenceInterval | None
    accuracy: float | None
    accuracy_interval: ConfidenceInterval | None


@dataclass(frozen=True)
class HeldOut:
    """How a run did on videos that were in neither training nor validation.

    folder          with the scores
    sha256          of its `metrics.json`
    split           that was scored
    protocol        its name and the start of its sha256; '' where there is none
    tensors_sha256  of the checkpoint that gave the scores
    verdicts        None where no labels were known
    """

    folder: Path
    sha256: str
    split: str
    protocol: str
    tensors_sha256: str
    verdicts: PerVerdict[HeldOutRecord | None]

    def as_dict(self) -> dict[str, Any]:
        """Everything as dictionaries; of verdicts, the video first."""
        records = {name: self.verdicts[name] for name in REPORT_ORDER}
        return {
            "sha256": self.sha256,
            "split": self.split,
            "protocol": self.protocol,
            "verdicts": {
                name: None if one is None else asdict(one)
                for name, one in records.items()
            },
        }

    def check_run(self, info: CheckpointInfo) -> None:
        """Refuse figures of another run.

        Raises:
            SettingsError: another checkpoint gave the scores.
        """
        # Old checkpoints have no hash: theirs cannot be told from those of others.
        if not self.tensors_sha256 or self.tensors_sha256 != info.tensors_sha256:
            raise SettingsError(
                f"{self.folder}: another checkpoint gave these scores; {_AGAIN}"
            )


def read_held_out(folder: Path) -> HeldOut:
    """The figures in a folder of scores.

    Raises:
        SettingsError: it has no figures, they are of videos of the training, or they do not say
            which checkpoint gave them.
    """
    path = folder / "metrics.json"
    try:
        document = json.loads(path.read_bytes())
        trained_on = int(document["trained_on"])
        found = HeldOut(
            folder=folder,
            sha256=file_sha256(path),
            split=str(document["split"]),
            protocol=_protocol(document["protocol"]),
            tensors_sha256=str(document["checkpoint"]["tensors_sha256"]),
            verdicts=PerVerdict.of(lambda name: _record(document, name)),
        )
        aggregate = document["aggregate"]
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror or error}); {_AGAIN}"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"{path}: not the figures of a run of this version ({error!r}); {_AGAIN}"
        ) from None
    if trained_on:
        raise SettingsError(
            f"{folder}: {trained_on} of these videos were in training or validation, "
            "so they test nothing; score a split that was in neither"
        )
    if aggregate != "mean":
        raise SettingsError(
            f"{folder}: scored with aggregate {aggregate}, and a case uses mean; {_AGAIN}"
        )
    return found


def _protocol(protocol: Any) -> str:
    if protocol is None:
        return ""
    return f"{protocol['name']}, sha256 {str(protocol['sha256'])[:16]}"


def _record(document: Any, verdict: Verdict) -> HeldOutRecord | None:
    figures = document["verdicts"].get(verdict)
    if figures is None or not figures["videos"]:
        return None
    intervals = figures["interval_95"]
    return HeldOutRecord(
        real=int(figures["real"]),
        fake=int(figures["fake"]),
        auc=figures["auc"],
        auc_interval=_pair(intervals.get("auc")),
        accuracy=figures["accuracy"],
        accuracy_interval=_pair(intervals.get("accuracy")),
    )


def _pair(values: Any) -> ConfidenceInterval | None:
    if values is None:
        return None
    low, high = values
    return float(low), float(high)
