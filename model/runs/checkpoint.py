"""What a checkpoint is: trainable tensors as safetensors, and JSON that explains them.

Never a pickle, which could run code.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

import torch

from avdf.model.backbones import BackboneInfo
from avdf.model.inference.precision import Computing
from avdf.model.likelihood.reference_videos import ReferenceVideos
from avdf.model.runs.config import RunConfig
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.thresholds import Thresholds

FORMAT = "avdf-checkpoint"
FORMAT_VERSION = 4
OPTIMISER_PREFIX = "optimiser/"
VALIDATION_PREFIX = "validation/"
# With training.ema, tensors without a prefix are averages; `last` also keeps what is trained on.
UNAVERAGED_PREFIX = "unaveraged/"


@dataclass(frozen=True)
class StartedFrom:
    """The checkpoint of another run whose trainable tensors a run started with.

    path    of its file
    sha256  of the file
    epoch   that it was saved after
    note    a sentence where that run has seen videos of this one's validation or test; '' otherwise
    """

    path: str
    sha256: str
    epoch: int
    note: str = ""


@dataclass(frozen=True)
class CheckpointInfo:
    """What explains the tensors of a checkpoint.

    epoch           the epoch at work or just ended, counted from 1
    step            steps taken since the run began
    thresholds      of each verdict, from validation
    validation      metrics by name, as in `epochs.jsonl`; empty within an epoch
    data            the protocol, its hash, and counts of the training videos
    trained         of `visual`, `audio`, `video`, `matching`: what the training videos could train;
                    nothing else is reported
    notes           one sentence for each reason why the run may be unreliable
    computed        device and precision of training; None where an older checkpoint does not say
    sync            what validation says of synchrony; None where it says nothing
    reference       what the validation videos look and sound like; None where that was not kept
    started_from    where the run took its first trainable tensors from; None: from the seed
    planned         how many epochs were planned before the run was resumed with more, in order
    tensors_sha256  of all tensors in the file; '' in version 3
    """

    epoch: int
    step: int
    config: RunConfig
    backbones: Mapping[str, BackboneInfo]
    thresholds: Thresholds
    validation: Mapping[str, float | None]
    data: Mapping[str, Any] = field(default_factory=dict)
    trained: tuple[str, ...] = ("visual", "audio", "video", "matching")
    notes: tuple[str, ...] = ()
    computed: Computing | None = None
    sync: SyncCalibration | None = None
    reference: ReferenceVideos | None = None
    started_from: StartedFrom | None = None
    planned: tuple[int, ...] = ()
    tensors_sha256: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The content of the header, without the hash, which is known when the file is written."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "avdf_version": version("avdf"),
            "epoch": self.epoch,
            "step": self.step,
            "config": self.config.as_dict(),
            "backbones": {name: asdict(info) for name, info in self.backbones.items()},
            "thresholds": self.thresholds.as_dict(),
            "validation": dict(self.validation),
            "data": dict(self.data),
            "trained": list(self.trained),
            "notes": list(self.notes),
            "computed": asdict(self.computed) if self.computed else None,
            "sync": self.sync.as_dict() if self.sync else None,
            "reference": self.reference.as_dict() if self.reference else None,
            "started_from": asdict(self.started_from) if self.started_from else None,
            "planned": list(self.planned),
        }


def tensors_sha256(tensors: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 of the names, types, shapes and bytes of all tensors, sorted by name."""
    # Sorted, since the order in which a file lists its tensors is not part of their content.
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        # Types and shapes as well: the same bytes in another shape are other weights.
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)};".encode())
        # As bytes, because numpy has no type for bfloat16.
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
